"""The CSV tables that the demo is made from."""

from __future__ import annotations

import csv
from importlib import resources


def read_table(name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV table that lies in this package."""
    text = resources.files("khub.demo").joinpath(name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
