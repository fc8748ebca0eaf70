"""What a person has picked out of results: kept for him until he cites, downloads or lists it."""
