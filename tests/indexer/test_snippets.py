"""A snippet cut once is kept, and only for the same text, neighbours, question and language."""

from __future__ import annotations

from indexer import highlight
from indexer.query import parse
from indexer.snippets import Snippets

PAGE = "Guru melatih siswa. Pelatihan modul toleransi bagi guru agama."


def test_what_was_cut_is_kept_and_is_what_would_be_cut() -> None:
    kept, query = Snippets(100_000), parse("guru modul")
    first = kept.cut(PAGE, query, "id")
    assert first == highlight.snippet(PAGE, query, "id")
    assert kept.cut(PAGE, query, "id") is first
    assert kept.stats().hits == 1


def test_another_text_question_language_or_neighbour_is_cut_anew() -> None:
    kept, phrase = Snippets(100_000), parse('"agama damai"')
    for text, query, language, after in (
        (PAGE, parse("guru"), "id", ""),
        (PAGE + " Guru.", parse("guru"), "id", ""),
        (PAGE, parse("latih"), "id", ""),
        (PAGE, parse("latih"), "en", ""),
        (PAGE, phrase, "id", ""),
        (PAGE, phrase, "id", "Damai itu indah."),
        ("", phrase, "id", PAGE),
    ):
        expected = highlight.snippet(text, query, language, after=after)
        assert kept.cut(text, query, language, after=after) == expected
    assert kept.stats().hits == 0
