"""Engines behind the search port."""
