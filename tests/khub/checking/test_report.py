"""What a report says about a phrase: reasons, the table of tests, candidates, places, JSON."""

from __future__ import annotations

import json

import pytest

from khub.checking.check import check
from khub.checking.model import spoken

NEWS = (
    "Pada periode Januari–Oktober 2023, total aksi yang berkomitmen mencapai 64 aksi dari 79 aksi. Rinciannya, "
    "Pilar 1 sebanyak 41 dari 50 aksi (82 persen), Pilar 2 sebanyak 12 dari 15 aksi (80 persen), dan Pilar 3 "
    "sebanyak 12 dari 14 aksi (79 persen). Total K/L yang terlibat mencapai 36 dari 44."
)


def wrong(text, records=None):
    (finding,) = [finding for finding in check(text, records).findings if finding.mark == "mismatch"]
    return finding


def table(finding):
    return {spoken(row.label): [(spoken(cell.said), cell.fits) for cell in row.cells] for row in finding.rows}


def test_the_news_item_is_caught_without_any_records():
    finding = wrong(NEWS)
    assert finding.text == "12 dari 14 aksi (79 persen)"
    assert [(each.count, each.total) for each in finding.candidates] == [(11, 14)]
    assert table(finding) == {
        "Persen: n/14": [("85,7", False), ("78,6 = 79", True)],
        "Jumlah: 41 + 12 + n, total 64": [("65", False), ("64", True)],
        "Jumlah: 50 + 15 + N, total 79": [("79", True), ("79", True)],
    }
    assert [spoken(reason) for reason in finding.reasons] == [
        "12 dari 14 adalah 85,7 persen, tertulis 79 persen.",
        "Bersama bagian lain jumlahnya 65, total tertulis 64.",
    ]
    report = check(NEWS, None)
    assert (report.matches, report.mismatches, report.unknowns) == (3, 1, 1)


def test_with_records_the_third_test_is_khubs_own_and_the_rest_fits(noted):
    finding = wrong(NEWS, noted)
    assert table(finding)["Catatan khub"] == [("beda", False), ("11 dari 14", True)]
    assert [spoken(column.head) for column in finding.columns] == ["12", "11"]
    report = check(NEWS, noted)
    assert (report.matches, report.mismatches, report.unknowns) == (4, 1, 0)


def test_alone_both_ways_of_mending_are_shown():
    finding = wrong("Pilar 3: 12 dari 14 aksi (79 persen).")
    assert [spoken(column.head) for column in finding.candidates] == [
        "11 dari 14, 79 persen",
        "12 dari 14, 86 persen",
    ]


def test_a_wrong_total_of_parts_can_be_the_total_itself(noted):
    text = (
        "Pada 2023 sebanyak 65 dari 79 aksi berkomitmen: 41 dari 50 aksi pada Pilar 1, 12 dari 15 aksi pada "
        "Pilar 2, dan 11 dari 14 aksi pada Pilar 3."
    )
    assert wrong(text, noted).text.startswith("65 dari 79")
    assert [each.count for each in wrong(text, noted).candidates] == [64]


@pytest.mark.parametrize(
    ("percent", "mark"),
    [("82", "match"), ("82,0", "match"), ("82,00", "match"), ("81", "mismatch"), ("82,1", "mismatch")],
)
def test_a_percent_is_held_against_its_own_decimals(percent, mark):
    (finding,) = check(f"41 dari 50 aksi ({percent} persen)", None).findings
    assert finding.mark == mark


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("5 dari 8 aksi (62 persen)", "match"),  # 62,5: half to even
        ("5 dari 8 aksi (63 persen)", "match"),  # half up
        ("1 dari 8 aksi (12 persen)", "match"),
        ("3 dari 8 aksi (37 persen)", "mismatch"),  # 37,5 is neither
        ("3 dari 8 aksi (38 persen)", "match"),
        ("1 dari 80 aksi (1,2 persen)", "match"),
        ("1 dari 80 aksi (1,3 persen)", "match"),
    ],
)
def test_both_ways_of_rounding_an_exact_half_are_accepted(text, mark):
    assert [finding.mark for finding in check(text, None).findings] == [mark]


def test_the_same_quantity_said_twice_differently():
    text = "Sebanyak 64 dari 79 aksi berkomitmen. Pada akhirnya 63 dari 79 aksi berkomitmen."
    assert [finding.mark for finding in check(text, None).findings] == ["mismatch", "mismatch"]
    firm = "Sebanyak 64 dari 79 aksi (81 persen) berkomitmen. Pada akhirnya 63 dari 79 aksi berkomitmen."
    assert [finding.mark for finding in check(firm, None).findings] == ["match", "mismatch"]


def test_what_is_said_of_another_time_is_no_contradiction():
    text = "Pada Januari 2023, 10 dari 79 aksi berkomitmen. Pada Juli 2023, 30 dari 79 aksi berkomitmen."
    assert [finding.mark for finding in check(text, None).findings] == ["unknown", "unknown"]


def test_nobody_guesses_which_part_is_missing():
    text = (
        "Total 64 dari 79 aksi berkomitmen. Pilar 1 menyumbang 41 dari 50 aksi dan Pilar 2 12 dari 15 aksi."
    )
    assert check(text, None).mismatches == 0


def test_kl_are_never_added_up():
    text = "K/L terlibat: 30 dari 40 K/L pada Pilar 1, 20 dari 30 K/L pada Pilar 2, total 36 dari 70 K/L."
    assert check(text, None).mismatches == 0


def test_khubs_number_stands_beside_what_is_in_doubt(noted):
    (finding,) = check("Di Jawa Timur 12 dari 20 aksi berkomitmen.", noted).findings
    assert "Catatan khub: 64 dari 79. Apakah itu yang dimaksud, belum pasti." in map(spoken, finding.reasons)


def test_offsets_and_pages():
    first, second = "Tanpa angka.\n", "Pilar 1: 41 dari 50 aksi (82 persen)."
    (finding,) = check(first + second, None, page_starts=[0, len(first)]).findings
    assert (first + second)[finding.start : finding.end] == finding.text == "41 dari 50 aksi (82 persen)"
    assert (finding.page, finding.page_start) == (2, 9)


def test_the_json_form_holds_everything_and_is_json():
    facts = json.loads(json.dumps(check(NEWS, None).as_json()))
    assert (facts["match"], facts["mismatch"], facts["unknown"]) == (3, 1, 1)
    (finding,) = [each for each in facts["findings"] if each["mark"] == "mismatch"]
    assert finding["candidates"] == [{"count": 11, "total": 14, "percent": "79"}]
    assert finding["branch"] == "pilar 3"
    assert (finding["year"], finding["subject"], finding["role"]) == (2023, "aksi", "committed")
    assert NEWS[finding["start"] : finding["end"]] == finding["text"]


def test_a_language_is_recognised_or_given():
    assert check("Four of the five actions were in the plan.", None).language == "en"
    assert check("Empat dari lima aksi ada dalam rencana.", None).language == "id"
    assert check("Empat dari lima aksi.", None, language="en").language == "en"
