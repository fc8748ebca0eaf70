"""The grammar: what is read, how it prints, and that nothing but QueryError is ever raised."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexer.query import (
    MAX_BYTES,
    Clause,
    Field,
    Group,
    Occur,
    Phrase,
    Prefix,
    Query,
    QueryError,
    Range,
    Word,
    misnamed,
    parse,
    to_text,
    without_stop_words,
)
from tests.indexer import worlds


def nodes(text: str) -> list[object]:
    return [clause.node for clause in parse(text).clauses]


def occurs(text: str) -> list[str]:
    return [clause.occur.value for clause in parse(text).clauses]


def test_words_rank_and_all_else_is_required() -> None:
    assert occurs('modul guru "kontra narasi" pilar:2 (a OR b)') == ["", "", "+", "+", "+"]
    assert nodes("Modul GURU") == [Word("modul"), Word("guru")]


def test_joined_words_keep_their_parts() -> None:
    assert nodes("Kontra-Narasi") == [Word("kontranarasi", ("kontra", "narasi"), "kontra-narasi")]
    perpres = Word("perpres", ("peraturan", "presiden"), "perpres")
    number = Word("7/2021", ("nomor", "7", "tahun", "2021"), "no.7/2021")
    for written in ("Perpres 7/2021", "perpres no. 7 tahun 2021", "Perpres No.7/2021"):
        assert nodes(written)[:2] == [perpres, number]


def test_the_first_of_counted_things_is_no_common_word() -> None:
    assert nodes("Pilar I guru") == nodes("pilar 1 guru")
    assert without_stop_words(parse("Pilar I guru"))[1] == ()
    assert without_stop_words(parse("schools i visited"))[1] == ("i",)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("guru -draf", "guru -draf"),
        ("NOT draf guru", "-draf guru"),
        ("NOT NOT draf", "+draf"),
        ("- guru", "guru"),
        ("guru - modul", "guru modul"),
        ("*", ""),
        ("? ! ...", ""),
        ("guru,modul", "guru modul"),
        ("-guru,modul", "-(guru OR modul)"),
        ("a OR b OR c", "(a OR b OR c)"),
        ("a OR b AND c", "(a OR (+b +c))"),
        ("(a OR b) AND c", "(a OR b) +c"),
        ("a OR NOT b", "(a OR (-b))"),
        ("a b OR c", "a (b OR c)"),
        ("guru ATAU dosen", "(guru OR dosen)"),
        ("RENCANA AKSI DAN BUKAN YANG LAIN", "rencana aksi dan bukan yang lain"),
        ("((((guru))))", "guru"),
        ("modul*", "modul*"),
        ("pillar:2 institution:BNPT", "pilar:2 kl:bnpt"),
        ('k/l:"Kementerian Agama"', 'kl:"kementerian agama"'),
        ("kl:(bnpt OR polri)", "kl:(bnpt OR polri)"),
        ("tahun:2022..2023", "tahun:2022..2023"),
        ("tahun:>2022", "tahun:2023.."),
        ("tanggal:2023-02", "tanggal:2023-02-01..2023-02-28"),
        ("tanggal:>2023-01-31", "tanggal:2023-02-01.."),
        ("tanggal:<2023", "tanggal:..2022-12-31"),
        ("tanggal:<=2023", "tanggal:..2023-12-31"),
        ("tahun:(2021 OR 2023..2024)", "(tahun:2021 OR tahun:2023..2024)"),
        ("“kontra narasi”", '"kontra narasi"'),
        ("http://contoh.go.id", "http contoh.go.id"),
    ],
)
def test_canonical_text(text: str, canonical: str) -> None:
    assert to_text(parse(text)) == canonical
    assert parse(canonical) == parse(text)


@pytest.mark.parametrize(
    ("text", "code", "marked"),
    [
        ('guru "modul', "unbalanced-quotes", '"modul'),
        ("guru (modul", "unbalanced-parenthesis", "("),
        ("guru) modul", "unbalanced-parenthesis", ")"),
        ("pilar: guru", "empty-field", "pilar:"),
        ("kl:()", "empty-field", "kl:()"),
        ("guru OR", "operator-without-operand", "OR"),
        ("OR guru", "operator-without-operand", "OR"),
        ("guru AND OR modul", "operator-without-operand", "OR"),
        ("guru NOT", "operator-without-operand", "NOT"),
        ("m*", "short-prefix", "m*"),
        ("tahun:2023..2022", "range-backwards", "tahun:2023..2022"),
        ("tanggal:2023-02-30", "bad-date", "tanggal:2023-02-30"),
        ("tanggal:>9999-12-31", "bad-date", "tanggal:>9999-12-31"),
        ("tahun:>dua", "bad-year", "tahun:>dua"),
        ("(((((((((a)))))))))", "too-deep", "("),
        (" ".join(f"k{n}" for n in range(65)), "too-many-terms", "k64"),
    ],
)
def test_errors_point_at_the_place(text: str, code: str, marked: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    error = caught.value
    assert error.code == code
    assert text[error.position : error.position + error.length].strip().startswith(marked)


def test_forty_thousand_characters_are_refused_at_once() -> None:
    began = time.process_time()
    with pytest.raises(QueryError, match="too-long"):
        parse("a" * 40_000)
    assert time.process_time() - began < 0.1


def test_the_longest_query_is_read_quickly() -> None:
    began = time.process_time()
    for text in ("a" * MAX_BYTES, "-" * MAX_BYTES, "a-" * (MAX_BYTES // 2), '"' * MAX_BYTES, "'" * MAX_BYTES):
        try:
            parse(text)
        except QueryError:
            continue
    assert time.process_time() - began < 1


@settings(max_examples=400)
@given(st.text(max_size=60))
@example("tanggal:>9999-12-31")
@example("\ud800 a\x00b")
@example("⑴-½ kl:＂ab＂")
@example("ʼ-ʼ 'a'")
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        query = parse(text)
    except QueryError as error:
        assert error.position <= len(text)  # noqa: PT017 - either outcome is right
        return
    printed = to_text(query)
    if len(printed.encode()) <= MAX_BYTES:
        assert parse(printed) == query


_PIECES = [
    "guru",
    "Modul",
    "kontra-narasi",
    "7/2021",
    "I-KHub",
    "OR",
    "AND",
    "NOT",
    "ATAU",
    "DAN",
    "BUKAN",
    "-",
    "+",
    "(",
    ")",
    "(",
    ")",
    '"',
    '"',
    "*",
    "mo*",
    "pilar:",
    "pilar:2",
    "tahun:2021..2022",
    "tahun:(",
    "tanggal:>=2023-01",
    "tanggal:<",
    "judul:",
    ",",
    ";",
    "kl:(a",
    "OR",
    "kl:bnpt",
    "é",
    "½",
    "ﬁ",
    "：1",
    "a:b",
    "-(",
    "NOT(",
]


@settings(max_examples=400)
@given(st.lists(st.tuples(st.sampled_from(_PIECES), st.sampled_from(["", " ", " "])), max_size=14))
def test_signs_and_words_in_any_order(pieces: list[tuple[str, str]]) -> None:
    try:
        query = parse("".join(piece + space for piece, space in pieces))
    except QueryError:
        return
    assert parse(to_text(query)) == query


@given(st.integers(0, 2**40))
def test_queries_of_all_kinds_print_as_they_are_read(seed: int) -> None:
    query = parse(worlds.query(random.Random(seed)))  # noqa: S311 - repeatable
    assert parse(to_text(query)) == query


@pytest.mark.parametrize(
    "text", ["undang-undang-7/2021", "-undang-undang-7/2021", "guru AND undang-undang-7/2021 modul"]
)
def test_a_number_keeps_its_meaning_without_the_word_it_hung_on(text: str) -> None:
    query = parse(text)
    assert any("nomor" in clause.node.parts for clause in query.nodes() if isinstance(clause.node, Word))
    assert parse(to_text(query)) == query


def test_stop_words_stay_when_nothing_else_is_asked() -> None:
    assert without_stop_words(parse("apa yang dimaksud")) == (parse("dimaksud"), ("apa", "yang"))
    assert without_stop_words(parse("apa itu")) == (parse("apa itu"), ())
    assert without_stop_words(parse("apa pilar:2"))[1] == ()
    assert without_stop_words(parse("+yang modul"))[1] == ()
    assert without_stop_words(parse("tidak anti kontra bukan tanpa not no modul"))[1] == ()


def test_a_query_can_be_built_and_walked() -> None:
    query = Query(
        (
            Clause(
                Occur.MUST, Group((Clause(Occur.SHOULD, Word("a")), Clause(Occur.SHOULD, Phrase(("b", "c")))))
            ),
            Clause(Occur.NOT, Prefix("dr")),
            Clause(Occur.MUST, Field("pilar", ("2",))),
            Clause(Occur.MUST, Range("tahun", 2021, 0)),
        )
    )
    assert to_text(query) == '(a OR "b c") -dr* pilar:2 tahun:2021..'
    assert len(list(query.nodes())) == 6
    assert not Query()


@pytest.mark.parametrize(
    ("text", "names", "right"),
    [
        ("pilr:2 guru", {"pilr": "pilar"}, "pilar:2 guru"),
        ('-(tahn:2023 +Judl:"a b")', {"tahn": "tahun", "Judl": "judul"}, '-(tahun:2023 +judul:"a b")'),
        ("klasifkasi:terbuka OR pilr:2 pilr:3", None, "klasifikasi:terbuka OR pilar:2 pilar:3"),
        ("actions:1.1.01", {"actions": "action"}, "action:1.1.01"),
    ],
)
def test_a_misspelt_name_of_a_filter_is_known(text, names, right):
    found = misnamed(text)
    assert found.text == right
    assert names in (None, found.names)
    assert misnamed(right) is None
    assert parse(right) != parse(text)


@pytest.mark.parametrize(
    "text",
    ["", "pilar:2", "K/L:x kl:y", '"pilr:2" guru', "“tahn:2” x", "https://khub.id", "Nomor: 7", "catatan:rapat",
     "pilr: 2", "pilr", 'guru "tahn:2', "x:y", "12:30", "apilr2:2"],
)  # fmt: skip
def test_what_names_no_filter_is_left_alone(text):
    assert misnamed(text) is None


@given(st.text(alphabet='pilr:2 "()-“é\n', max_size=30))
def test_any_text_can_be_looked_through_for_names(text):
    found = misnamed(text)
    assert found is None or (found.names and found.text != text)
