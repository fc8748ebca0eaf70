"""Demo content: a plan with the figures of 2023, people and generated documents. Pure data, no database."""
