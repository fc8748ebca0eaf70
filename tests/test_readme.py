"""The README's tables say what the code does."""

from __future__ import annotations

from tests import readme


def test_tables_are_those_of_the_code() -> None:
    text = readme.README.read_text(encoding="utf-8")
    assert readme.written(text) == text, "run: python -m tests.readme"
