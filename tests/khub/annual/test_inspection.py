"""Periksa angka: what a report says is held against khub's records, replaced, or left with a reason."""

from __future__ import annotations

import pytest

from khub.annual import compose, tokens
from khub.annual.inspection import Inspection
from khub.errors import ConflictError, InvalidError

WRONG = "Sebanyak 3 dari 4 aksi (75 persen) berkomitmen pada tahun 2023."


def found(desk, key):
    with desk.office.services.db.read() as session:
        draft = compose.load(session, desk.public_id)
        section = next(row for row in draft.sections if row.key == key)
        return Inspection.load(session, draft).of(section)


def test_what_khub_writes_itself_fits(desk):
    assert {each.finding.mark for each in found(desk, "komitmen")} == {"match"}


def test_a_wrong_figure_is_replaced_by_the_live_one(desk):
    paragraph = desk.write("rekomendasi", WRONG)
    (wrong,) = found(desk, "rekomendasi")
    assert wrong.open
    assert wrong.token == tokens.figure("committed", form="lengkap")
    desk.annual.swap(
        desk.who("dewi"), desk.public_id, paragraph, phrase=wrong.raw, start=wrong.start, token=wrong.token
    )
    assert desk.paragraphs("rekomendasi")[0].text == (
        "Sebanyak {{angka:committed|lengkap}} berkomitmen pada tahun 2023."
    )
    assert not [each for each in found(desk, "rekomendasi") if each.open]
    with pytest.raises(ConflictError):
        desk.annual.swap(
            desk.who("dewi"),
            desk.public_id,
            paragraph,
            phrase=wrong.raw,
            start=wrong.start,
            token=wrong.token,
        )


def test_a_wrong_figure_may_stay_for_a_reason_until_it_is_written_anew(desk):
    paragraph = desk.write("rekomendasi", WRONG)
    (wrong,) = found(desk, "rekomendasi")
    with pytest.raises(InvalidError):
        desk.annual.keep_phrase(desk.who("dewi"), desk.public_id, paragraph, wrong.raw, " ")
    desk.annual.keep_phrase(desk.who("dewi"), desk.public_id, paragraph, wrong.raw, "Kutipan pidato.")
    (kept,) = found(desk, "rekomendasi")
    assert not kept.open
    assert kept.kept == "Kutipan pidato."
    desk.annual.save(desk.who("dewi"), desk.public_id, paragraph, WRONG.replace("3", "2"), 1)
    assert [each.open for each in found(desk, "rekomendasi")] == [True]


def test_a_typed_part_is_held_against_a_live_one(desk):
    """The phrase holds a live figure among typed words: replacing it takes the whole token."""
    text = "Sebanyak 3 dari {{angka:on-table}} aksi berkomitmen pada tahun 2023."
    desk.write("rekomendasi", text)
    (wrong,) = found(desk, "rekomendasi")
    assert wrong.open
    assert text[wrong.start :].startswith(wrong.raw)
    assert wrong.raw.startswith("3 dari {{angka:on-table}}")


def test_the_page_shows_the_fault_where_it_stands_and_what_fits(desk):
    paragraph = desk.write("rekomendasi", WRONG)
    dewi = desk.office.browser("dewi")
    page = dewi.get(desk.path("?bagian=rekomendasi")).text
    assert 'class="hidup salah">3 dari 4 aksi (75 persen)<sup>1</sup>' in page
    (wrong,) = found(desk, "rekomendasi")
    answer = dewi.post(
        desk.path(f"/paragraf/{paragraph}/angka"),
        frasa=wrong.raw,
        mulai=str(wrong.start),
        angka=wrong.token,
        bagian="rekomendasi",
    )
    assert answer.status_code == 303
    assert "hidup salah" not in dewi.get(answer.headers["Location"]).text
    refused = dewi.post(
        desk.path(f"/paragraf/{paragraph}/biarkan"), frasa="3 dari 4", reason="", bagian="rekomendasi"
    )
    assert refused.status_code == 422
