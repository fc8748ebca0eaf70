"""Days read from text, and the findings built on them."""

from __future__ import annotations

from datetime import date, datetime
from types import SimpleNamespace

import pytest

from khub import workdays
from khub.clock import WIB
from khub.review import checks
from khub.review.checks import Result

PERIOD = checks.Range("Januari–Oktober 2023", date(2023, 1, 1), date(2023, 10, 31))


def _file(**facts):
    known = {"public_id": "B-1", "name": "a.pdf", "state": "read", "page_count": 2, "personal": ()}
    return SimpleNamespace(**{**known, **facts})


def _page(text, number=1):
    return checks.PageRead(_file(), number, text)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("pada 12–14 September 2023 di Jakarta", [date(2023, 9, 12)]),
        ("Jakarta, 9 Okt 2023", [date(2023, 10, 9)]),
        ("on October 9, 2023 and 1 May 2022", [date(2023, 10, 9), date(2022, 5, 1)]),
        ("31 Februari 2023, 0 Mei 2023, 32 Mei 2023", []),
        ("tahun 2023, Oktober 2023, 9/10/2023, 112 Mei 20234", []),
        ("AGUSTUS 17, 2023", [date(2023, 8, 17)]),
    ],
)
def test_days_in_words_are_read_in_both_languages(text, days):
    assert list(checks.dates_in(text)) == days


def test_one_day_within_the_period_is_proof_enough():
    found = checks.of_period(PERIOD, [_page("SK 3 Mei 2019"), _page("12 September 2023", 2)])
    assert (found.result, found.proofs[0].pages) == (Result.MATCH, (2,))


def test_a_month_within_the_period_will_do_where_no_day_is_named():
    found = checks.of_period(PERIOD, [_page("SK 3 Mei 2019"), _page("Periode: Januari–Oktober 2023", 2)])
    assert (found.result, found.params["month"], found.proofs[0].pages) == (
        Result.MATCH,
        "Oktober 2023",
        (2,),
    )
    assert checks.of_period(PERIOD, [_page("November 2023")]).result is Result.UNKNOWN


def test_only_days_outside_ask_for_a_look_and_none_says_nothing():
    assert checks.of_period(PERIOD, [_page("1 November 2023")]).result is Result.ATTENTION
    assert checks.of_period(PERIOD, [_page("tanpa tanggal")]).result is Result.UNKNOWN
    assert checks.of_period(None, []).result is Result.MISMATCH


@pytest.mark.parametrize(
    ("files", "read", "result"),
    [
        ([_file()], {"B-1": 2}, Result.MATCH),
        ([_file(state="partial")], {"B-1": 1}, Result.ATTENTION),
        ([_file(state="needs_ocr")], {}, Result.ATTENTION),
        ([_file(state="waiting", page_count=0)], {}, Result.UNKNOWN),
        ([_file(), _file(public_id="B-2", state="evidence", page_count=1)], {"B-1": 2}, Result.ATTENTION),
    ],
)
def test_reading_counts_pages_with_text(files, read, result):
    assert checks.of_reading(files, read, {}).result is result


def test_personal_patterns_never_pass_by_themselves():
    finding = {"kind": "nik", "count": 3, "pages": [2, 5]}
    for answer in ("", "yes", "no"):
        found = checks.of_personal_data([_file(personal=(finding,))], answer)
        assert (found.result, found.proofs[0].pages, found.params) == (Result.ATTENTION, (2, 5), {"count": 3})
    assert checks.of_personal_data([_file(state="needs_ocr")], "no").result is Result.UNKNOWN
    assert checks.of_personal_data([_file()], "").result is Result.MATCH


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        ("2023-10-09T23:59", "2023-10-10T00:01", 1),
        ("2023-10-06T10:00", "2023-10-08T10:00", 0),  # Friday to Sunday
        ("2023-10-06T10:00", "2023-10-09T10:00", 1),
        ("2023-10-07T10:00", "2023-10-21T10:00", 10),
        ("2023-10-09T10:00", "2023-10-02T10:00", 0),
    ],
)
def test_working_days_skip_weekends(since, until, days):
    at = [datetime.fromisoformat(text).replace(tzinfo=WIB) for text in (since, until)]
    assert workdays.elapsed(*at) == days


def test_words_of_an_electronic_signature_are_found_and_not_judged():
    found = checks.of_signature([_page("Halaman satu"), _page("Ditandatangani secara elektronik oleh", 38)])
    assert (found.result, found.proofs[0].pages) == (checks.Result.MATCH, (38,))
    assert "Keabsahannya tidak diperiksa" in found.text
    for text in ("Jakarta, ttd. Kepala", "T.T.D."):
        assert checks.of_signature([_page(text)]).result is checks.Result.UNKNOWN
        assert checks.of_signature([_page(text)]).proofs
    assert checks.of_signature([_page("ttdak")]).proofs == ()


def test_a_letterhead_names_the_unit_at_the_top_of_a_first_page():
    names = ("K/L Contoh 12", "KLC12")
    top = "K/L CONTOH 12\nJalan Contoh\n" + "isi\n" * 20
    assert checks.of_letterhead(names, [_page(top)]).result is checks.Result.MATCH
    assert checks.of_letterhead(names, [_page(top, 2)]).result is checks.Result.UNKNOWN
    assert (
        checks.of_letterhead(names, [_page("isi\n" * 20 + "K/L Contoh 12")]).result is checks.Result.UNKNOWN
    )
    assert checks.of_letterhead(("", ""), [_page(top)]).result is checks.Result.UNKNOWN
