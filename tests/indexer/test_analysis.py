"""Words with their places, and stems."""

from __future__ import annotations

import itertools
import random
import threading
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import fold, is_stop_word, stem, stem_token, tokenise
from indexer.analysis.kinds import FULL, SHORT
from indexer.highlight import spans
from indexer.query import parse, terms_of


def terms(text: str) -> list[str]:
    return [token.term for token in tokenise(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("alat-alat tulis", ["alatalat", "alat", "alat", "tulis"]),
        ("I-KHub", ["ikhub", "i", "khub"]),
        ("tanggal 7/2021", ["tanggal", "7/2021", "7", "2021"]),
        ("keluaran 1.3.07", ["keluaran", "1.3.07", "1", "3", "07"]),
        ("pence-\ngahan", ["pencegahan", "pence", "gahan"]),
        ("Jum'at", ["jumat"]),
        ("ＢＮＰＴ ﬁlm é", ["bnpt", "film", "e"]),
        ("satu - dua", ["satu", "dua"]),
        ("a_b", ["a", "b"]),
        ("½", ["12"]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


def test_a_whole_stands_over_its_parts() -> None:
    whole, first, second, after = tokenise("kontra-narasi daring")
    assert (whole.position, whole.places, whole.whole) == (0, 2, True)
    assert (first.position, second.position, after.position) == (0, 1, 2)
    assert (whole.start, whole.end, after.start) == (0, 13, 14)


WRITTEN = list(
    itertools.product(
        ("Perpres", "Peraturan Walikota (Perwali)", "UU RI", "Pilar", ""),
        ("No. 07", "5", "II", "IV/2022"),
        ("Tahun 2021", "th. 2021", "/ 2021", "of 2018", ""),
    )
)
PERPRES = ("peraturan", "presiden", "nomor", "7", "tahun", "2021")


@pytest.mark.parametrize(
    "written",
    [
        "Perpres 7/2021",
        "perpres no. 7 tahun 2021",
        "Perpres No.7/2021",
        "Perpres Nomor 7 Th. 2O21",
        "Peraturan Presiden Nomor 7 Tahun 2021",
        "Peraturan Presiden RI No 7/2021",
        "PERATURAN PRESIDEN\nREPUBLIK INDONESIA\n\nNOMOR 7 TAHUN 2021",
        "Peraturan Presiden (Perpres) Nomor 07 Tahun\n2021",
        "Pera-\nturan Presi-\r\nden Nomor : 7 Tahun 2021",
        "Perpres 7 2021",
    ],
)
def test_a_reference_is_the_same_however_it_is_written(written: str) -> None:
    """Its words by position, for phrases, and the short forms that stand beside them, for words."""
    text = f"sesuai {written} tentang RAN"
    found = list(tokenise(text))
    assert [token.term for token in found if not token.whole] == ["sesuai", *PERPRES, "tentang", "ran"]
    beside = {token.term: text[token.start : token.end] for token in found if token.whole}
    assert beside["perpres"] in written
    assert beside["7/2021"] in written
    assert terms_of(written) == PERPRES


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("UU No.5/2018", "Undang-\nUndang (UU) RI Nomor 5 Tahun 2018"),
        ("PP 28/2025", "Peraturan Pemerintah Nomor 28 Tahun 2025"),
        ("Permendagri 12/2020", "Peraturan Menteri Dalam Negeri Republik Indonesia Nomor 12 Tahun 2020"),
        ("PMK 5/2020", "Permenkeu No. 5 Tahun 2020"),
        ("Perda Jawa Barat No 3/2020", "Peraturan Daerah Jawa Barat Nomor 3 Tahun 2020"),
        ("Perwali Bogor No 3/2020", "Peraturan Walikota Bogor Nomor 3 Tahun 2020"),
        ("Perppu 1/2002", "Peraturan Pemerintah Pengganti Undang-Undang Nomor 1 Tahun 2002"),
        ("Pilar I", "pilar 1"),
        ("BAB Il", "bab dua"),
        ("Pillar One", "pillar 1"),
        ("Semester II/2022", "semester 2/2022"),
        ("1.3.O7", "1.3.07"),
        ("tahun l999 dan 202O", "tahun 1999 dan 2020"),
        ("UU Nomor l5 Tahun 2OO3", "UU 15/2003"),
        ("UU No. 1O Tahun 2020 dan Perpres l/2021", "UU 10/2020 dan Perpres 1/2021"),
        ("Peraturan Presiden Nomor I Tahun 2O2l", "Perpres 1/2021"),
        ("Lembaran Negara Tahun 2021 Nomor 4I, Tambahan", "Lembaran Negara Tahun 2021 Nomor 41 Tambahan"),
        ("Surat No. 3l", "surat no 31"),
    ],
)
def test_ways_to_write_the_same(one: str, other: str) -> None:
    assert terms_of(one) == terms_of(other)


@pytest.mark.parametrize(
    ("text", "wholes"),
    [
        ("1.250 orang", ["1250"]),
        ("1,250.75 people", ["1250"]),
        ("Rp1.250.000,00", ["1250000"]),
        ("1,250 %", []),
        ("31.12.2023", ["31.12.2023"]),
        ("1.3.07", ["1.3.07"]),
        ("0.125", ["0.125"]),
        ("2021,2022", []),
        ("PP Muhammadiyah", []),
        ("bab xyz, pilar, lampiran C", []),
        ("I10 30o 5l B06 CO2", []),
        ("Pasal 43I ayat l, Nomor 43A dan No I atau nomor il", []),
    ],
)
def test_numbers_and_what_only_looks_like_one(text: str, wholes: list[str]) -> None:
    found = list(tokenise(text))
    assert [token.term for token in found if token.whole] == wholes
    if not wholes:
        assert [token.term for token in found] == text.replace(",", " ").replace("%", "").lower().split()


@pytest.mark.parametrize(
    "phrase",
    [
        "perpres 7",
        "7/2021 tentang",
        "presiden nomor 7",
        "7 tahun 2021",
        "peraturan presiden 7/2021",
        "2021 tentang",
    ],
)
@pytest.mark.parametrize("written", ["Perpres 7/2021", "Peraturan Presiden Nomor 7 Tahun 2021"])
def test_any_part_of_a_reference_is_found_as_a_phrase(written: str, phrase: str) -> None:
    assert spans(f"dari {written} tentang", parse(f'"{phrase}"'))


@given(st.integers(0, 2**40))
def test_words_are_the_same_however_a_text_is_broken_and_encoded(seed: int) -> None:
    """Over references, counted things and words: other spaces, halves of words on two lines, other forms."""
    rng = random.Random(seed)  # noqa: S311 - repeatable
    names = [*SHORT, *(" ".join(words) for words in FULL), "Pilar", "lampiran", "Jumât", "ekstremisme"]
    words = [
        word
        for _ in range(4)
        for word in f"{rng.choice(names)} {rng.choice(('No. 7/2021', 'IV', '5 Tahun 2018', ''))}".split()
    ]
    halved = [f"{word[:3]}-\n{word[3:]}" if word.isalpha() and len(word) > 6 else word for word in words]
    plain = terms_of(" ".join(words))
    assert terms_of("\n".join(words)) == plain
    assert terms_of(unicodedata.normalize("NFD", " ".join(words))) == plain
    assert terms_of(" ".join(words).upper()) == plain
    assert terms_of(" ".join(plain)) == plain
    assert set(plain) <= {token.term for token in tokenise(" \n".join(halved))}


@given(st.one_of(st.text(max_size=200), st.sampled_from(WRITTEN).map(" ".join)))
def test_offsets_and_positions_of_any_text(text: str) -> None:
    last = -1
    for token in tokenise(text):
        assert token.term
        assert 0 <= token.start < token.end <= len(text)
        assert token.position in (last, last + 1)
        last = max(last, token.position)
    # No term takes places behind the last word: the next page goes on there.
    assert all(token.position + token.places <= last + 1 for token in tokenise(text))


@given(st.text(max_size=40))
def test_folding_settles(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_acronyms_short_words_and_numbers_are_not_stemmed() -> None:
    assert stem("bnpt", "id") == "bnpt"
    assert stem("aksi", "id") == "aksi"
    assert stem("b06", "id") == "b06"
    assert stem("pelatihan", "id") == stem("latihan", "id")
    assert stem("trained", "en") == stem("training", "en")
    densus, word = tokenise("DENSUS Pelatihan")
    assert stem_token(densus, "id") == "i:densus"
    assert stem_token(word, "en").startswith("e:")


@pytest.mark.parametrize("word", ["tidak", "anti", "kontra", "bukan", "tanpa", "not", "no"])
def test_words_that_turn_the_meaning_are_no_stop_words(word: str) -> None:
    assert not is_stop_word(word)


def test_stems_are_the_same_from_many_threads() -> None:
    words = [
        f"{prefix}ajar{suffix}" for prefix in ("pe", "bel", "meng") for suffix in ("an", "kan", "nya")
    ] * 200
    expected = [stem(word, "id") for word in words]
    wrong: list[str] = []

    def run() -> None:
        if [stem(word, "id") for word in words] != expected:
            wrong.append("different")

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
