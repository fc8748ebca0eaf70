"""What must hold for any text: figures that are written are found, nothing crashes, time grows with length."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from khub.checking import numerals
from khub.checking.check import check
from khub.checking.tokens import tokens

FORMS = (
    "Sebanyak {n} dari {t} aksi ({p} persen) berkomitmen.",
    "Sebanyak {n} aksi dari total {t} aksi ({p}%) berkomitmen.",
    "Capaiannya {p} persen ({n} dari {t} aksi).",
    "Capaiannya {p} persen atau {n} dari {t} aksi.",
    "Dari {t} aksi, {n} telah berkomitmen ({p} persen).",
    "{n} of the {t} actions ({p} percent) were committed.",
    "Of the {t} actions, {n} ({p}%) were committed.",
    "{n}/{t} aksi ({p}%)",
    "{n} aksi ({p} persen) dari {t} aksi.",
)
UNITS = "nol satu dua tiga empat lima enam tujuh delapan sembilan".split()  # noqa: SIM905
PIECES = st.sampled_from(
    [
        *"0123456789.,%()/+=-–—|:;[]*¹²\n\t ",
        "dari",
        "of",
        "aksi",
        "persen",
        "Pilar",
        "1",
        "III",
        "ke",
        "dan",
        "tahun",
        "sebelas",
        "puluh",
        "hundred",
        "and",
        "masing-masing",
        "Oktober",
        "2023",
        "total",
        "K/L",
        "atau",
        "\xad",
        "\x0c",
    ]
)


def indonesian(number):
    """Say a number below 1000 in Indonesian."""
    hundreds, rest = divmod(number, 100)
    words = [] if not hundreds else ["seratus"] if hundreds == 1 else [UNITS[hundreds], "ratus"]
    if rest in (10, 11):
        words.append("sepuluh" if rest == 10 else "sebelas")
    elif 11 < rest < 20:
        words += [UNITS[rest - 10], "belas"]
    elif rest:
        tens, unit = divmod(rest, 10)
        words += ([UNITS[tens], "puluh"] if tens else []) + ([UNITS[unit]] if unit else [])
    return " ".join(words) or "nol"


@given(st.integers(0, 500), st.integers(1, 500), st.sampled_from(FORMS), st.booleans())
def test_what_is_written_is_read_and_only_the_right_percent_fits(count, total, form, wrong):
    count = min(count, total)
    right = (200 * count + total) // (2 * total)
    percent = (right + 7) % 100 if wrong else right
    (finding,) = check(form.format(n=count, t=total, p=percent), None).findings
    assert (finding.figure.count, finding.figure.total) == (count, total)
    assert finding.figure.percent is not None
    assert finding.mark == ("mismatch" if wrong and percent != right else "match")


@given(st.integers(0, 999))
def test_numbers_in_words_are_read(number):
    words = indonesian(number).split()
    assert numerals.read(words) == (len(words), number)


@given(st.integers(2, 999), st.integers(2, 999))
def test_pairs_in_words_are_the_pairs_in_digits(count, total):
    (finding,) = check(f"Ada {indonesian(count)} dari {indonesian(total)} aksi.", None).findings
    assert (finding.figure.count, finding.figure.total) == (count, total)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PIECES, max_size=120), st.sampled_from(["", " "]))
def test_any_text_is_read_and_phrases_stand_where_they_say(pieces, between):
    text = between.join(pieces)
    report = check(text, None)
    end = 0
    for finding in report.findings:
        assert end <= finding.start < finding.end <= len(text)
        assert finding.text == text[finding.start : finding.end]
        assert finding.reasons
        end = finding.end


@given(st.text(max_size=300))
def test_any_characters_are_read(text):
    check(text, None)
    for token in tokens(text):
        assert token.start < token.end <= len(text)


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 60), st.integers(-3, 3))
def test_candidates_pass_every_test(first, second, third, slip):
    total = first + second + third
    text = (
        f"Total {total} dari {2 * total} aksi: Pilar 1 {first} dari {2 * first} aksi (50 persen), "
        f"Pilar 2 {second} dari {2 * second} aksi (50 persen), "
        f"Pilar 3 {max(0, third + slip)} dari {2 * third} aksi (50 persen)."
    )
    report = check(text, None)
    for finding in report.findings:
        for place in range(1, len(finding.columns)):
            assert all(row.cells[place].fits for row in finding.rows)
        assert (finding.mark == "mismatch") == any(not row.fits for row in finding.rows)
    third_is_off = report.findings[3].mark == "mismatch"
    percent_is_off = abs(100 * max(0, third + slip) / (2 * third) - 50) > 0.5
    assert third_is_off or not percent_is_off


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "1 + ",
            "5% ",
            "(",
            "[1,",
            "1/",
            "a-\n",
            "seratus ",
            "Pilar 1, ",
            "41 dari 50 aksi, ",
            "dari total ",
            "1 ",
        ),
        *("¹", "Januari ", "K/L ", "Total 64 dari 79 aksi berkomitmen. ", "Pilar 1 41 dari 50 aksi, "),
        *("7 aksi pada 2022, 8 aksi pada 2023, ", "- Pilar 1: 41 aksi\n- Pilar 2: 12 aksi\n- 53 aksi\n"),
    ],
)
def test_time_grows_with_length_and_not_faster(unit):
    limit = 8 * 4 * min(_seconds(unit, 3_000) for _ in range(3)) + 0.5
    # What grows faster is too slow each time; the garbage collector passes once.
    assert any(_seconds(unit, 24_000) < limit for _ in range(3))


@pytest.mark.parametrize("unit", ["9", "9 ", "dari ", "12 dari ", "9.dari,"])
def test_a_hundred_thousand_characters_of_digits_and_dari_take_seconds(unit):
    assert _seconds(unit, 100_000) < 20


def test_numbers_behind_a_share_are_no_parts_of_it_for_ever():
    lead = "Dari 79 aksi, 64 berkomitmen (81 persen), "
    limit = 3 * _seconds("9, ", 60_000) + 1
    assert any(_seconds("9, ", 60_000, lead) < limit for _ in range(3))


def _seconds(unit, length, lead=""):
    text = lead + (unit * (length // len(unit) + 1))[:length]
    started = time.process_time()
    check(text, None)
    return time.process_time() - started
