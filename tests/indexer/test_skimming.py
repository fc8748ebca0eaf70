"""Skimming a text for some words gives what reading all of it gives."""

from __future__ import annotations

import random
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import LANGUAGES, chosen, learn, skim, skimming, stem_token, tokenise

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from indexer.analysis import Token

PIECES = [
    "guru",
    "Guru",
    "guru,",
    "(guru)",
    "keguruan",
    "gurunya",
    "GURU",
    "guru/madrasah",
    "kontra-narasi",
    "kontra-",
    "narasi",
    "perlin-",
    "dungan",
    "perlindungan",
    "anak-anak",
    "anak-",
    "Perpres",
    "UU",
    "No.",
    "Nomor",
    "nomor-",
    "7/2021",
    "7",
    "07",
    "Tahun",
    "tahun",
    "2021",
    "2021/",
    "/",
    "Pilar",
    "II",
    "pilar-",
    "ii",
    "1,250",
    "1,250-",
    "p/" * 30,
    "1.250",
    "25",
    "th",
    "Peraturan",
    "Presiden",
    "peraturan-",
    "presiden",
    "(Perpres)",
    "Jum'at",
    "jum\xadat",
    "umat’s",
    "modul/guru-guru",
    "-----",
    "…",
    "•",
    "e-mail",
    "a.b.c",
    "WHO",
    "who",
]
SPACES = (" ", " ", " ", "\n", "\r\n", "  ", "\n\n", "\t", "\u00a0", "\u2028", " \n ", "- \n", "\x1c")


def read(text: str, among: frozenset[str]) -> list[tuple[int, object]]:
    return [(start, tokens) for start, _, tokens in chosen(text, among) if holds(tokens, among)]


def skimmed(text: str, among: frozenset[str]) -> list[tuple[int, object]]:
    return [(start, tokens) for start, tokens in skim(text, among) if holds(tokens, among)]


def holds(tokens: Sequence[Token], among: frozenset[str]) -> bool:
    return any(
        token.term in among
        or (not token.whole and any(stem_token(token, language) in among for language in LANGUAGES))
        for token in tokens
    )


def keys_of(text: str) -> list[str]:
    tokens = list(tokenise(text))
    return [token.term for token in tokens] + [
        stem_token(token, language) for token in tokens if not token.whole for language in LANGUAGES
    ]


@given(st.integers(0, 2**40))
def test_the_same_words_are_found_as_by_reading_everything(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable
    text = "".join(rng.choice(PIECES) + rng.choice(SPACES) for _ in range(rng.randint(1, 40)))
    text = rng.choice(("", " ", "\n")) + (unicodedata.normalize("NFD", text) if rng.random() < 0.2 else text)
    known = keys_of(text) or ["guru"]
    for _ in range(4):
        among = frozenset(rng.choices([*known, "madrasah", "i:didik"], k=rng.randint(1, 4)))
        assert skimmed(text, among) == read(text, among)


@given(st.text(max_size=200), st.integers(0, 2**40))
def test_any_text_can_be_skimmed(text: str, seed: int) -> None:
    known = keys_of(text) or ["guru"]
    among = frozenset(random.Random(seed).choices(known, k=2))  # noqa: S311 - repeatable
    assert skimmed(text, among) == read(text, among)


def test_more_words_than_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(skimming, "SEEN_LIMIT", 50)
    for number in range(200):
        text = f"kata{number} guru kata{number + 1}\n{'p' * 60}{number} guru"
        among = frozenset(("guru", f"kata{number}", f"{'p' * 60}{number}"))
        assert skimmed(text, among) == read(text, among)
        assert len(skimming._memory.classes) < 60


def test_what_is_passed_over_after_a_number_is_no_word_of_its_own() -> None:
    text = "1,250- \nFokus guru"
    assert skimmed(text, frozenset(("fokus", "guru"))) == read(text, frozenset(("fokus", "guru")))


def test_what_is_too_long_to_be_kept_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(skimming, "_KEYS_LIMIT", 50)
    for number in range(200):
        text = f"{'p' * 60}{number:04}"[-64:]
        assert [start for start, _ in skim(text, frozenset((text,)))] == [0]
        assert len(skimming._memory.holding) < 60


def test_threads_that_meet_a_word_at_once_lose_it_in_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as threads:
            for _ in range(40):
                monkeypatch.setattr(skimming, "_memory", skimming._Memory())
                every = [
                    " ".join(f"guru/kata{number}x{thread}" for number in range(100)) for thread in range(4)
                ]
                list(threads.map(learn, every))
                assert [sum(1 for _ in skim(text, frozenset(("guru",)))) for text in every] == [100] * 4
    finally:
        sys.setswitchinterval(before)
