"""Saved searches: a question that is kept, shared and watched; its answers are always the reader's own."""
