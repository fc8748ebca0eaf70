"""Searching other things than documents: texts of reports, actions, K/L; each a tab of the results."""
