"""Lines that run over pages are passed over by who reads on, and nothing else is."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.running import Edge, cut_word, edges, may_cut, seam
from tests.indexer import worlds

BODY = "{0} Pasal 5\nSetiap orang wajib {0}"


def parted(first: str, second: str) -> tuple[str, str]:
    end, begin = seam(first, second)
    return first[end:], second[:begin]


@pytest.mark.parametrize(
    ("head", "foot"),
    [
        ("", "\n{}"),
        ("- {} -\n", ""),
        ("2019, No.{}\n", "\nwww.contoh.go.id"),
        ("Laporan Tahunan 2023 | {}\n", "\nhalaman {} dari 9\n"),
        ("PRESIDEN\nREPUBLIK INDONESIA\n- {} -\n", "\n\n  Salinan  sesuai aslinya\n{}\n"),
    ],
)
def test_running_lines_end_the_one_page_and_begin_the_other(head: str, foot: str) -> None:
    first, second = (
        head.format(n) + BODY.format(word) + foot.format(n) for n, word in ((9, "yang"), (10, "lain"))
    )
    assert tuple(map(str.strip, parted(first, second))) == (foot.format(9).strip(), head.format(10).strip())


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Pasal 5", "Pasal 6"),  # nothing would be left
        ("Isi yang pertama\ndiatur dalam Nomor 37", "Tahun 2019 tentang\nhal lain"),
        ("Nilai rata-rata\n2023", "Jumlah peserta\ndi dua kota"),  # a year is no number of a page
        ("Isi pertama\nPasal 7", "Isi kedua\nPasal 9"),
        ("Isi pertama\n(3) ayat", "(4) ayat ini\nIsi kedua"),
        ("", "12\nisi"),
    ],
)
def test_what_is_read_is_not_taken_for_running_lines(first: str, second: str) -> None:
    end, begin = seam(first, second)
    assert (first[:end], second[begin:].strip()) == (first, second.removeprefix("12\n"))


def test_a_number_alone_runs_though_the_other_page_has_none() -> None:
    assert parted("Judul\nisi kalimat", "2\nyang berlanjut\nke sini") == ("", "2")
    assert parted("kalimat yang\nberlanjut\niv", "ke sini\ndan habis") == ("iv", "")


@pytest.mark.parametrize("said", ["Pasal 7 ...", "(3) Setiap . . .", "wajib…"])
def test_the_next_pages_first_words_said_at_a_foot_are_passed_over(said: str) -> None:
    begins = said.rstrip(" .…")
    second = f"- 4 -\n{begins} orang dapat"
    assert parted(f"- 3 -\nisi kalimat\n{said}\n", second) == (f"{said}\n", "- 4 -")
    assert parted("- 3 -\nisi kalimat\nselain itu ...", second) == ("", "- 4 -")
    assert parted(said, second) == ("", "- 4 -")


def test_positions_are_counted_between_neighbours_only() -> None:
    words = {1: "pertama", 2: "kedua", 4: "keempat"}
    texts = [(n, f"Buku Contoh {n}\nisi halaman {word}\nsatu dua {n}") for n, word in words.items()]
    assert edges(texts) == [Edge(foot=3), Edge(head=3), Edge()]


@pytest.mark.parametrize(
    ("first", "second", "word"),
    [
        ("tentang perlin-", "dungan anak", "perlindungan"),
        ("tentang perlin-\nhlm. 3", "hlm. 4\ndungan anak", "perlindungan"),
        ("tentang perlin-\ndungan ...\n", "- 4 -\n\ndungan anak", "perlindungan"),
        ("TENTANG PERLIN- \n", " DUNGAN ANAK", "perlindungan"),
        ("tentang anak-", "anak", "anakanak"),
        ("kontra-perlin‐", "dungan/anak", "perlindungan"),
        ("negara-negara non-", "Asia", ""),
        ("tahun 2020-", "an", ""),
        ("tahun 2020-", "2021", ""),
        ("kata yang -", "dungan", ""),
        ("tentang perlin-", "- dungan", ""),
        ("tentang perlin", "dungan", ""),
        ("-", "dungan", ""),
        (f"{'a' * 40}-", f"{'b' * 40}", ""),
        ("perlin-", "", ""),
    ],
)
def test_which_words_a_hyphen_at_a_pages_end_cuts(first: str, second: str, word: str) -> None:
    cut = cut_word(first, second, *seam(first, second))
    assert (cut.term if cut else "") == word
    assert may_cut(first) or cut is None


@given(st.integers(0, 2**40))
def test_a_page_is_never_thought_whole_that_cuts_a_word(seed: int) -> None:
    texts = [page.text for page in worlds.pages(random.Random(seed))]  # noqa: S311 - repeatable
    for first, second in itertools.pairwise(texts):
        assert may_cut(first) or cut_word(first, second, *seam(first, second)) is None


@given(st.integers(0, 2**40))
def test_something_is_left_of_every_page(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable
    first, second = (worlds.text(rng, rng.randint(0, 12)) for _ in range(2))
    end, begin = seam(first, second)
    assert first[:end].strip() or not first.strip() or end == len(first)
    assert second[begin:].strip() or begin == 0
