"""Coordination with K/L: who owes what, contacts, notes, follow-ups, papers for meetings and letters."""
