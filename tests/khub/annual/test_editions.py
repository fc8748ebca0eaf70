"""Frozen editions: numbered, hashed, kept for ever, told apart; terbatas ones for few."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from khub.annual import document, editions
from khub.annual.models import AnnualEdition
from khub.annual.tokens import citation
from khub.audit.models import Event
from khub.errors import InvalidError
from khub.plan.terms import Answer
from tests.khub.annual.conftest import WORDS


def freeze(desk, note=""):
    return desk.annual.freeze(desk.who("dewi"), desk.public_id, note)


def test_an_edition_has_its_number_and_the_hash_of_its_content(desk):
    assert freeze(desk, "Untuk rapat.") == 1
    with desk.office.services.db.read() as session:
        row = session.scalars(sa.select(AnnualEdition)).one()
        event = session.scalars(sa.select(Event).where(Event.act == "annual.frozen")).one()
    assert row.sha256 == document.digest(row.content)
    assert row.sha256 in event.facts
    page = desk.office.browser("sari").get(desk.path("/edisi/1?bagian=capaian"))
    assert page.status_code == 200
    assert "1 dari 4 aksi berkomitmen (25 persen)" in page.text
    assert page.text.count("kosong") == 1  # Rekomendasi, and no chapter whose parts hold something
    whole = desk.office.browser("sari").get(desk.path("/edisi/1")).text
    assert row.sha256 in whole
    assert "Untuk rapat." in whole


def test_what_was_frozen_stays_whatever_comes_after(desk):
    freeze(desk)
    desk.office.clock.forward(days=1)
    desk.commit(("2.1.01", "kl-12", Answer.YES))
    desk.annual.set_as_of(desk.who("dewi"), desk.public_id, desk.office.clock.now())
    assert "1 dari 4 aksi" in desk.office.browser("budi").get(desk.path("/edisi/1?bagian=capaian")).text
    assert ">2 dari 4<" in desk.office.browser("dewi").get(desk.path("?bagian=capaian")).text


@pytest.mark.parametrize("statement", ["UPDATE annual_edition SET note = 'x'", "DELETE FROM annual_edition"])
def test_the_database_refuses_to_change_or_delete_an_edition(desk, statement):
    freeze(desk)
    with pytest.raises(DBAPIError, match="kept for ever"), desk.office.services.db.write() as session:
        session.execute(sa.text(statement))


def test_a_later_edition_tells_what_changed(desk):
    changed = desk.write("rekomendasi", "Perkuat pelatihan guru.")
    gone = desk.write("rekomendasi", "Kalimat lama.")
    freeze(desk)
    dewi = desk.who("dewi")
    desk.office.clock.forward(days=1)
    desk.commit(("2.1.01", "kl-12", Answer.YES))
    desk.annual.set_as_of(dewi, desk.public_id, desk.office.clock.now())
    desk.annual.save(dewi, desk.public_id, changed, "Perkuat pelatihan guru dan dosen.", 1)
    desk.annual.remove(dewi, desk.public_id, gone)
    desk.write("rekomendasi", "Kalimat baru.")
    assert freeze(desk) == 2
    with desk.office.services.db.read() as session:
        found = editions.compared(session, dewi, desk.public_id, 2, 1)
    said = {
        (each.kind, "".join(f"{c.sign}{c.text}|" for c in each.changes if c.sign))
        for each in found.differences
    }
    assert ("figure", "-1 dari 4|+2 dari 4|") in said
    assert ("changed", "-guru.|+guru dan dosen.|") in said
    assert ("added", "+Kalimat baru.|") in said
    assert ("removed", "-Kalimat lama.|") in said
    assert any(kind == "table" for kind, _ in said)
    page = desk.office.browser("kiki").get(desk.path("/edisi/2/perubahan"))
    assert page.status_code == 200
    assert "<ins>2 dari 4</ins>" in page.text
    assert desk.office.browser("kiki").get(desk.path("/edisi/1/perubahan")).status_code == 404


def test_an_edition_with_a_restricted_citation_is_for_secretariat_and_auditors(desk, sandbox):
    _, secret = desk.product("Data Nama", sandbox=sandbox, classification="terbatas")
    key = desk.annual.cite_page(desk.who("dewi"), desk.public_id, secret, 1, WORDS, reason="Perlu.")
    freeze(desk)
    desk.write("rekomendasi", f"Kata {citation(key)}.")
    freeze(desk)
    for login, first, second in (
        ("dewi", 200, 200),
        ("sari", 200, 200),
        ("budi", 200, 404),
        ("kiki", 200, 404),
        ("yoga", 404, 404),
    ):
        browser = desk.office.browser(login)
        assert browser.get(desk.path("/edisi/1")).status_code == first, login
        assert browser.get(desk.path("/edisi/2")).status_code == second, login
        assert browser.get(desk.path("/edisi/2/perubahan")).status_code == second, login


def test_a_freeze_says_everything_that_is_in_the_way(desk):
    desk.write("rekomendasi", "Sebanyak 3 dari 4 aksi (75 persen) berkomitmen pada tahun 2023.")
    desk.write("rekomendasi", "Angka {{angka:tidak-ada}}.")
    with pytest.raises(InvalidError) as refused:
        freeze(desk)
    assert len(refused.value.errors) == 2
    dewi = desk.office.browser("dewi")
    page = dewi.get(desk.path("/bekukan")).text
    assert "3 dari 4 aksi (75 persen)" in page
    assert "{{angka:tidak-ada}}" in page
    answer = dewi.post(desk.path("/bekukan"), note="Catatan saya")
    assert answer.status_code == 422
    assert "Catatan saya" in answer.text
