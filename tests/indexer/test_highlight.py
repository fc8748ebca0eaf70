"""What is marked on a page, and the piece of it that is shown."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import highlight
from indexer.engines.memory import MemoryEngine
from indexer.ports import PageText
from indexer.query import parse, widen
from indexer.units import Unit, UnitTable
from tests.indexer import worlds

if TYPE_CHECKING:
    from indexer.query import Query


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


def causes(text: str, query: Query, language: str = "id") -> list[tuple[str, str]]:
    return [(text[mark.start : mark.end], mark.cause) for mark in highlight.marks(text, query, language)]


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("pelatihan latihan", "pelatihan", [("pelatihan", "form"), ("latihan", "stem")]),
        ("modul modular", "modul*", [("modul", "prefix"), ("modular", "prefix")]),
        ("pelatihan pelatihn", "pelatihan~", [("pelatihan", "form"), ("pelatihn", "fuzzy")]),
        ("melatih", "pelatihan~", [("melatih", "stem")]),
        ("modul guru", '"modul guru" modul', [("modul guru", "phrase")]),
        ("modul ajar baru guru", '"modul guru"~2', [("modul", "phrase"), ("guru", "phrase")]),
        ("modul ajar baru untuk guru", '"modul guru"~2', []),
        ("Pilar II dan pilar 2", '"pilar 2"', [("Pilar II", "phrase"), ("pilar 2", "phrase")]),
        (
            "Perpres No. 7\nTahun 2021",
            '"peraturan presiden nomor 7 tahun 2021"',
            [("Perpres No. 7\nTahun 2021", "phrase")],
        ),
        ("Nomor 7 Tahun 2O21", "perpres 7/2021", [("Nomor 7 Tahun 2O21", "form")]),
    ],
)
def test_each_mark_tells_its_cause(text: str, query: str, expected: list[tuple[str, str]]) -> None:
    assert causes(text, parse(query)) == expected


def test_what_means_the_same_is_marked_as_such() -> None:
    same = {("pelindungan",): (("proteksi",), ("rasa", "aman")), ("bnpt",): (("badan", "nasional"),)}
    query = widen(parse("pelindungan BNPT"), same)
    assert causes("Pelindungan, perlindungan, proteksi; rasa aman. Badan\nNasional", query) == [
        ("Pelindungan", "form"),
        ("perlindungan", "stem"),
        ("proteksi", "synonym"),
        ("rasa aman", "synonym"),
        ("Badan\nNasional", "synonym"),
    ]


def test_a_phrase_over_a_page_break_is_marked_on_both_pages() -> None:
    query = parse('"kontra narasi daring"')
    first, second = "Ini kontra-\n", "\nnarasi daring. Itu"
    assert highlight.spans(first, query, "id") == ()
    [(start, end)] = highlight.spans(first, query, "id", after=second)
    assert first[start:end] == "kontra-"
    [(start, end)] = highlight.spans(second, query, "id", before=first)
    assert second[start:end] == "narasi daring"
    assert highlight.snippet(first, query, "id", after=second).fragments[-2].is_match


@pytest.mark.parametrize("asked", ['"kontra narasi daring"', '"kontra daring"~1', "kontra-narasi"])
def test_what_runs_between_two_pages_is_not_marked_with_a_phrase(asked: str) -> None:
    first, second = "Laporan 3\nIni kontra\nhlm. 3", "Laporan 4\nnarasi daring. Itu\nhlm. 4"
    (one,) = highlight.spans(first, parse(asked), "id", after=second)
    other = highlight.spans(second, parse(asked), "id", before=first)
    assert first[slice(*one)] == "kontra"
    assert second[other[0][0] : other[-1][1]] in ("narasi daring", "narasi", "daring")
    assert highlight.spans(second, parse(asked), "id") == ()


def test_a_number_and_its_year_are_marked_on_both_pages() -> None:
    for first, second in (("dalam Nomor 37", "Tahun 2019 tentang"), ("Perpres 37/\n- 2 -", "2019\n- 3 -")):
        (one,) = highlight.spans(first, parse("37/2019"), "id", after=second)
        (other,) = highlight.spans(second, parse("37/2019"), "id", before=first)
        assert "37" in first[slice(*one)]
        assert second[slice(*other)] in ("Tahun 2019", "2019")
    assert highlight.spans("37 dan 2019", parse("37/2019"), "id") == ()


@pytest.mark.parametrize(
    ("asked", "one", "other", "cause"),
    [
        ("perlindungan", "perlin-", "dungan", "form"),
        ("pelindungan", "perlin-", "dungan", "stem"),
        ("perlind*", "perlin-", "dungan", "prefix"),
        ('"perlindungan"', "perlin-", "dungan", "phrase"),
        ('"tentang perlindungan"', "tentang perlin-", "dungan", "phrase"),
        ('"perlindungan anak"', "perlin-", "dungan anak", "phrase"),
        ('"tentang perlindungan anak"', "tentang perlin-", "dungan anak", "phrase"),
        ('"tentang anak"~2', "tentang", "anak", "phrase"),
    ],
)
@pytest.mark.parametrize(("head", "foot"), [("", ""), ("Laporan {}\n", "\nhlm. {}")])
def test_a_word_cut_by_the_end_of_a_page_is_marked_on_both_pages(
    head: str, foot: str, asked: str, one: str, other: str, cause: str
) -> None:
    first, second = head.format(3) + "Ini tentang perlin-" + foot.format(3), head.format(4) + "dungan anak"
    query = parse(asked)
    (mark,) = highlight.marks(first, query, "id", after=second)
    assert (first[mark.start : mark.end], mark.cause) == (one, cause)
    (mark,) = highlight.marks(second, query, "id", before=first)
    assert (second[mark.start : mark.end], mark.cause) == (other, cause)
    assert highlight.goes_on(first, query, "id", second)
    assert highlight.may_go_on(first)
    assert not highlight.may_go_on(second)
    shown = highlight.snippet(first, query, "id", after=second).fragments
    assert [part.text for part in shown if part.is_match] == [one]


def test_a_capital_begins_a_word_of_its_own_on_the_next_page() -> None:
    assert highlight.marks("negara non-", parse("nonasia"), "id", after="Asia lain") == ()
    assert not highlight.goes_on("tentang perlin-", parse("anak"), "id", "dungan anak")


def test_a_snippet_shows_two_places_where_one_answers_less() -> None:
    text = "modul pelatihan " + "kata lain " * 80 + "guru toleransi " + "kata lain " * 80
    found = highlight.snippet(text, parse("modul guru pelatihan"), "id")
    assert [part.text for part in found.fragments if part.is_match] == ["modul", "pelatihan", "guru"]
    assert highlight.GAP in found.fragments
    assert sum(len(part.text) for part in found.fragments) < 280
    single = highlight.snippet(text, parse("modul guru pelatihan"), "id", whole=True)
    assert highlight.GAP not in single.fragments


@given(st.integers(0, 2**40))
def test_a_snippet_is_made_of_pieces_of_its_page_in_whole_words(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable
    before, text, after = (worlds.text(rng, rng.randint(0, words)) for words in (20, 120, 20))
    query = parse(worlds.query(rng))
    found = highlight.snippet(text, query, "id", width=80, before=before, after=after)
    pieces: list[str] = [""]
    for part in found.fragments:
        if part is highlight.GAP:
            pieces.append("")
        else:
            pieces[-1] += part.text
        assert bool(part.cause) == part.is_match
    at = 0
    for piece in pieces:
        place = next(
            place
            for place in range(at, len(text) + 1)
            if text.startswith(piece, place)
            and (not text[:place] or text[place - 1].isspace())
            and (not (rest := text[place + len(piece) :]) or rest[0].isspace())
        )
        at = place + len(piece)
    marks = highlight.marks(text, query, "id", before=before, after=after)
    assert all(one.end <= other.start for one, other in itertools.pairwise(marks))
    whole = highlight.fragments(text, marks)
    assert "".join(part.text for part in whole) == text
    assert [part.text for part in whole if part.is_match] == [text[each.start : each.end] for each in marks]


@given(st.integers(0, 2**40))
def test_a_page_is_marked_exactly_when_the_engine_finds_its_text(seed: int) -> None:
    """Over queries of every kind of words, widened or not; what is not text (fields, -) marks nothing."""
    rng = random.Random(seed)  # noqa: S311 - repeatable
    language = rng.choice(("id", "en", ""))
    text = worlds.text(rng, 6)
    word = rng.choice(worlds.WORDS)
    other = rng.choice(worlds.WORDS)
    beginning = "".join(filter(str.isalnum, word))[:3]
    query = parse(
        rng.choice(
            [word, f'"{word} {other}"', f'"{word} {other}"~2', f"{beginning}*", f"{worlds.misspelt(rng)}~"]
        )
    )
    if rng.random() < 0.5:
        query = widen(query, worlds.SAME)
    engine = MemoryEngine()
    engine.replace_file(1, [PageText(1, text, language)])
    engine.commit()
    units = UnitTable.empty().apply({1: [Unit(1, 1, 1, "all", (1,), 20230101, {})]}, 1)
    hits = engine.search(query, allow=frozenset({"all"}), units=units).total_pages
    assert bool(highlight.spans(text, query, language)) == bool(hits)
