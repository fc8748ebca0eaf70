"""The reporting cycle: years, periods, commitments, and the official numbers that follow from them."""
