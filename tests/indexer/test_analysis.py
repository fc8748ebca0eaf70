"""Words with their places, and stems."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import fold, is_stop_word, stem, stem_token, tokenise


def terms(text: str) -> list[str]:
    return [token.term for token in tokenise(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("alat-alat tulis", ["alatalat", "alat", "alat", "tulis"]),
        ("I-KHub", ["ikhub", "i", "khub"]),
        ("Perpres 7/2021", ["perpres", "7/2021", "7", "2021"]),
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


@given(st.text(max_size=200))
def test_offsets_and_positions_of_any_text(text: str) -> None:
    last = -1
    for token in tokenise(text):
        assert token.term
        assert 0 <= token.start < token.end <= len(text)
        assert token.position in (last, last + 1)
        last = max(last, token.position)


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
