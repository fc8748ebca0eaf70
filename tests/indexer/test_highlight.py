"""What is marked on a page, and the piece of it that is shown."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import highlight
from indexer.engines.memory import MemoryEngine
from indexer.ports import PageText
from indexer.query import parse
from indexer.units import Unit, UnitTable
from tests.indexer import worlds


def marked(text: str, query: str, language: str = "id") -> list[str]:
    return [text[start:end] for start, end in highlight.spans(text, parse(query), language)]


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("Pelatihan guru dan latihan", "pelatihan", ["Pelatihan", "latihan"]),
        ("trained teachers", "training", []),
        ("BNPT, BPNT", "bnpt", ["BNPT"]),
        ("kontra\nnarasi; narasi", '"kontra narasi"', ["kontra\nnarasi"]),
        ("pence-\ngahan ekstremisme", '"pencegahan ekstremisme"', ["pence-\ngahan ekstremisme"]),
        ("kontra-narasi, kontranarasi", "kontranarasi", ["kontra-narasi", "kontranarasi"]),
        ("modul modular moda", "modul*", ["modul", "modular"]),
        ("apa yang baru", "apa yang baru", ["baru"]),
        ("guru dan draf", "guru -draf", ["guru"]),
        ("guru dan dosen", "(guru OR dosen) pilar:2", ["guru", "dosen"]),
        ("Guru", "judul:guru", []),
    ],
)
def test_marks(text: str, query: str, expected: list[str]) -> None:
    assert marked(text, query) == expected


def test_english_stems_on_english_pages() -> None:
    assert marked("trained teachers", "training teacher", "en") == ["trained", "teachers"]


def test_a_snippet_shows_most_words_of_the_query() -> None:
    text = "modul " + "kata lain " * 60 + "modul pelatihan guru toleransi " + "kata lain " * 60
    found = highlight.snippet(text, parse("modul pelatihan guru"), "id")
    shown = "".join(part.text for part in found.fragments)
    assert "modul pelatihan guru" in shown
    assert (found.starts, found.ends) == (True, True)
    assert [part.text for part in found.fragments if part.is_match] == ["modul", "pelatihan", "guru"]
    assert len(shown) < 260


def test_a_page_without_match_shows_its_beginning() -> None:
    found = highlight.snippet("Bab I. " + "isi " * 200, parse("guru"), "id")
    assert found.fragments[0].text.startswith("Bab I.")
    assert (found.starts, found.ends) == (False, True)


@given(st.integers(0, 2**40))
def test_a_snippet_is_a_piece_of_its_page_in_whole_words(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable
    text = worlds.text(rng, rng.randint(0, 120))
    query = parse(worlds.query(rng))
    found = highlight.snippet(text, query, "id", width=80)
    shown = "".join(part.text for part in found.fragments)
    place = text.find(shown)
    assert place >= 0
    assert not text[:place] or text[:place][-1].isspace()
    rest = text[place + len(shown) :]
    assert not rest or rest[0].isspace()
    spans = highlight.spans(text, query, "id")
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))


@given(st.integers(0, 2**40))
def test_a_page_is_marked_exactly_when_the_engine_finds_its_text(seed: int) -> None:
    """Over queries of words, phrases and beginnings; what is not text (fields, -) marks nothing."""
    rng = random.Random(seed)  # noqa: S311 - repeatable
    language = rng.choice(("id", "en", ""))
    text = worlds.text(rng, 6)
    word = rng.choice(worlds.WORDS)
    asked = rng.choice(
        [word, f'"{word} {rng.choice(worlds.WORDS)}"', f"{''.join(filter(str.isalnum, word))[:3]}*"]
    )
    query = parse(asked)
    engine = MemoryEngine()
    engine.replace_file(1, [PageText(1, text, language)])
    engine.commit()
    units = UnitTable.empty().apply({1: [Unit(1, 1, 1, "all", (1,), 20230101, {})]}, 1)
    hits = engine.search(query, allow=frozenset({"all"}), units=units).total_pages
    assert bool(highlight.spans(text, query, language)) == bool(hits)
