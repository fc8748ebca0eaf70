"""What people type in a row: read kindly, refused plainly."""

from __future__ import annotations

import pytest

from khub.errors import InvalidError
from khub.reports import forms


def form(**fields):
    return {"revision": "1", **fields}


@pytest.mark.parametrize(
    ("typed", "read"),
    [("", None), ("0", 0), ("12", 12), ("1.200", 1200), ("1.200.000", 1_200_000), ("12,5", 12.5), (" 7 ", 7)],
)
def test_figures_as_indonesians_write_them(typed, read):
    errors: list = []
    assert forms.figure(typed, "x", errors) == read
    assert not errors


@pytest.mark.parametrize("typed", ["-1", "1.2", "1,2,3", "dua", "1e9", "١٢", "9" * 30, "=1+1", "NaN", "1.20"])
def test_figures_that_are_none_are_refused(typed):
    errors: list = []
    assert forms.figure(typed, "x", errors) is None
    assert errors


@pytest.mark.parametrize(
    ("typed", "read"), [("6", "6"), ("28-30", "28–30"), ("6; 28 – 30,31", "6, 28–30, 31"), ("", "")]
)
def test_pages_take_one_form(typed, read):
    errors: list = []
    assert forms.pages(typed, "x", errors) == read
    assert not errors


@pytest.mark.parametrize("typed", ["0", "30-28", "enam", "1-", "6,,7", "999999", "²"])
def test_pages_that_are_none_are_refused(typed):
    errors: list = []
    forms.pages(typed, "x", errors)
    assert errors


def test_every_fault_is_named_at_once():
    with pytest.raises(InvalidError) as refused:
        forms.said(
            form(
                percent="101",
                achievement="x" * 100_001,
                **{"value-7": "banyak", "why-7": "x" * 2_001, "pages-K-1": "enam"},
            ),
            ["K-1"],
            ["K-1"],
        )
    assert {error.name for error in refused.value.errors} == {
        "percent",
        "achievement",
        "value-7",
        "why-7",
        "pages-K-1",
    }


@pytest.mark.parametrize("revision", ["", "x", "-1", "99999999999", "1.0"])
def test_a_form_without_a_sound_revision_is_refused(revision):
    with pytest.raises(InvalidError):
        forms.said({"revision": revision}, (), ())
