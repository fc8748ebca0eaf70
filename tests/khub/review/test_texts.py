"""Differences word by word, and sentences that were said before."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khub.review import texts

WORDS = st.lists(st.sampled_from(["guru", "modul.", "dan", "\n", "61", "selesai;", "di"]), max_size=30).map(
    " ".join
)


@given(WORDS, WORDS)
def test_pieces_make_up_both_texts(before, now):
    pieces = texts.difference(before, now)
    assert "".join(piece.text for piece in pieces if piece.kind != texts.GONE) == now
    old = "".join(piece.text for piece in pieces if piece.kind != texts.CAME)
    assert old.split() == before.split()
    if before == now:
        assert all(piece.kind == texts.SAME for piece in pieces)


@given(st.text(max_size=200))
def test_runs_make_up_the_text(text):
    assert "".join(run.text for run in texts.reused(text, [text])) == text
    assert "".join(texts.sentences(text)) == text


def test_a_sentence_said_before_is_marked_and_a_short_one_is_not():
    earlier = "Modul pelatihan disusun  bersama guru. Tidak ada."
    runs = texts.reused(
        "MODUL pelatihan disusun bersama guru. Tidak ada. Edisi 2 terbit bulan ini juga.", [earlier]
    )
    assert [(run.text, run.reused) for run in runs] == [
        ("MODUL pelatihan disusun bersama guru. ", True),
        ("Tidak ada. Edisi 2 terbit bulan ini juga.", False),
    ]


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("a b. " * 20_000, "b a. " * 20_000),
        ("." * 100_000, "!" * 100_000),
        ("satu dua tiga " * 7_000, "tiga dua satu " * 7_000),
        ("\n".join(str(n % 97) for n in range(30_000)), "\n".join(str(n % 89) for n in range(30_000))),
    ],
)
def test_a_hundred_thousand_characters_are_compared_at_once(before, now):
    start = time.process_time()
    texts.difference(before, now)
    texts.reused(now, [before])
    assert time.process_time() - start < 5
