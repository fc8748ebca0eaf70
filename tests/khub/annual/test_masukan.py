"""Masukan: K/L of the plan comment until a day, each gets an answer, nobody else reads the draft."""

from __future__ import annotations

from datetime import timedelta

import pytest

from khub.annual.masukan import ACCEPTED
from khub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from khub.plan.models import Institution
from khub.policy import Grant, Role


@pytest.fixture
def asked(desk):
    """The report of which the plan's K/L are asked for masukan for ten days."""
    desk.annual.open_input(desk.who("dewi"), desk.public_id, desk.office.clock.now() + timedelta(days=10))
    desk.first = desk.paragraphs("pendahuluan")[0].id
    return desk


def test_members_read_and_comment_until_the_day(asked):
    budi = asked.office.browser("budi")
    page = budi.get(asked.path())
    assert page.status_code == 200
    assert "Beri masukan" in page.text
    assert "Ubah<" not in page.text
    answer = budi.post(asked.path(f"/paragraf/{asked.first}/masukan"), text="Sebut jumlah dosen.")
    assert answer.status_code == 303
    assert "Sebut jumlah dosen." in asked.office.browser("tia").get(asked.path("/masukan")).text
    asked.office.clock.forward(days=11)
    budi = asked.office.browser("budi")
    assert budi.get(asked.path()).status_code == 404
    assert budi.post(asked.path(f"/paragraf/{asked.first}/masukan"), text="x").status_code == 404


def test_who_is_of_no_unit_of_the_plan_reads_no_draft(asked):
    for login in ("kiki", "sari", "yoga"):
        assert asked.office.browser(login).get(asked.path()).status_code == 404, login
        with pytest.raises(NotFoundError):
            asked.annual.comment(asked.who(login), asked.public_id, asked.first, "x")


def test_the_secretariat_answers_and_gives_none(asked):
    with pytest.raises(ForbiddenError):
        asked.annual.comment(asked.who("dewi"), asked.public_id, asked.first, "x")
    comment = asked.annual.comment(asked.who("budi"), asked.public_id, asked.first, "Nama unit berubah.")
    with pytest.raises(InvalidError):
        asked.annual.answer(asked.who("dewi"), asked.public_id, comment, "mungkin", "ya")
    with pytest.raises(InvalidError):
        asked.annual.answer(asked.who("dewi"), asked.public_id, comment, ACCEPTED, "")
    asked.annual.answer(asked.who("dewi"), asked.public_id, comment, ACCEPTED, "Sudah diganti.")
    with pytest.raises(ConflictError):
        asked.annual.answer(asked.who("dewi"), asked.public_id, comment, ACCEPTED, "Lagi.")
    assert "Sudah diganti." in asked.office.browser("budi").get(asked.path("/masukan")).text


def test_an_answer_that_lacks_words_comes_back_as_it_was_typed(asked):
    comment = asked.annual.comment(asked.who("budi"), asked.public_id, asked.first, "Nama unit berubah.")
    dewi = asked.office.browser("dewi")
    answer = dewi.post(asked.path(f"/masukan/{comment}/jawab"), answer="accepted", reply="")
    assert answer.status_code == 422
    assert 'value="accepted" checked' in answer.text


def test_masukan_outlives_its_paragraph(asked):
    asked.annual.comment(asked.who("budi"), asked.public_id, asked.first, "Tetap ada.")
    asked.annual.remove(asked.who("dewi"), asked.public_id, asked.first)
    assert "Tetap ada." in asked.office.browser("dewi").get(asked.path("/masukan")).text


def test_it_can_be_closed_at_once_and_not_opened_for_the_past(asked):
    with pytest.raises(InvalidError):
        asked.annual.open_input(
            asked.who("dewi"), asked.public_id, asked.office.clock.now() - timedelta(days=1)
        )
    asked.annual.open_input(asked.who("dewi"), asked.public_id, None)
    asked.office.clock.forward(seconds=1)
    assert asked.office.browser("budi").get(asked.path()).status_code == 404


def test_the_menu_leads_to_reports_only_where_there_is_one_to_read(desk):
    link = 'href="/laporan-pelaksanaan"'
    for login, seen in (("dewi", True), ("sari", True), ("budi", False), ("kiki", False), ("yoga", False)):
        assert (link in desk.office.browser(login).get("/akun").text) is seen, login
    until = desk.office.clock.now() + timedelta(days=1)
    desk.annual.open_input(desk.who("dewi"), desk.public_id, until)
    assert link in desk.office.browser("budi").get("/akun").text
    assert link not in desk.office.browser("kiki").get("/akun").text
    desk.annual.freeze(desk.who("dewi"), desk.public_id)
    assert link in desk.office.browser("kiki").get("/akun").text
    assert link not in desk.office.browser("yoga").get("/akun").text


def test_the_list_shows_each_what_he_may_open(asked):
    asked.office.hire("umi", Grant(Role.MEMBER, asked.office.institutions["kl-07"], None))
    asked.annual.freeze(asked.who("dewi"), asked.public_id)
    draft, edition = f'href="{asked.path()}"', f'href="{asked.path("/edisi/1")}"'
    for login, drafts in (("dewi", True), ("umi", True), ("sari", False), ("kiki", False)):
        page = asked.office.browser(login).get("/laporan-pelaksanaan").text
        assert ((draft in page), (edition in page)) == (drafts, True), login
    assert asked.path() not in asked.office.browser("yoga").get("/laporan-pelaksanaan").text


def test_who_replaced_a_unit_of_the_plan_speaks_for_it(asked):
    with asked.office.services.db.write() as session:
        fresh = Institution(code="kl-99", name="K/L Baru")
        session.add(fresh)
        session.flush()
        asked.office.institutions["kl-99"] = fresh.id
        session.get_one(Institution, asked.office.institutions["kl-12"]).successor_id = fresh.id
    asked.office.hire("eka", Grant(Role.MEMBER, asked.office.institutions["kl-99"], None))
    browser = asked.office.browser("eka")
    assert asked.path() in browser.get("/laporan-pelaksanaan").text
    assert browser.get(asked.path()).status_code == 200
    asked.annual.comment(asked.who("eka"), asked.public_id, asked.first, "Nama kami berubah.")
