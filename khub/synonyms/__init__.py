"""Words that stand for each other: what a search joins, what it only offers, and who said so when."""
