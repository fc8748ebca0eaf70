"""The room as people use it: who owes what, contacts, notes, follow-ups, and who sees which of them."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from khub.audit.models import Event
from khub.coordination.models import Contact, FollowUp, Note
from khub.mail.models import Message, MessageUnit
from khub.plan import forms
from khub.plan.models import Extension, Institution
from khub.policy import Grant, Role
from khub.products.lifecycle import State
from tests.khub.conftest import PLAN

UNIT = "/koordinasi/kl/kl-07"


def text_of(response):
    """Return the words of a page, tags dropped."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.text))


def add_note(browser, **fields):
    typed = {
        "held_on": "2023-10-06",
        "channel": "meeting",
        "pokja": "",
        "text": "Sepakat minggu depan",
        **fields,
    }
    browser.get(f"{UNIT}/catatan")
    return browser.post(f"{UNIT}/catatan", **typed)


def add_todo(office, login="dewi", owner="dewi", unit="kl-07", **fields):
    browser = office.browser(login)
    path = f"/koordinasi/kl/{unit}/tindak-lanjut"
    browser.get(path)
    typed = {
        "text": "Minta nama pengganti narahubung",
        "owner": str(office.people[owner].person_id) if owner in office.people else owner,
        "due_on": "2023-10-11",
        "pokja": "",
        **fields,
    }
    return browser.post(path, **typed)


# -- figures -----------------------------------------------------------------------------------------


def test_a_unit_shows_what_it_owes_promised_and_delivered(office, cycle):
    cycle.commit("kl-07", "1.1.01")
    cycle.commit("kl-07", "1.1.02", "no")
    cycle.report("kl-07", "1.1.01", State.APPROVED)
    page = text_of(office.browser("tia").get(UNIT))
    assert "Komitmen 2023 1 / dari 4" in page
    assert "Jawaban 2023 2 / dari 4" in page
    assert "Laporan masuk 1 / dari 4" in page
    assert "1 disetujui, 0 terlambat" in page
    assert "22 hari lagi" in page
    # A period that is only planned asks nothing of anybody yet.
    planned = {"plan": PLAN, "ends": "2023-12-31", "deadline": "2024-01-20"}
    office.services.periods.create(office.people["dewi"], forms.period(planned))
    page = text_of(office.browser("tia").get(UNIT))
    assert "2023 4 2 1 – – – Januari–Oktober 2023 4 – – 1 1 0" in page
    assert "Januari–Desember 2023" not in page


def test_an_extension_counts_for_the_row_and_a_missed_deadline_is_told(office, cycle):
    cycle.report("kl-07", "1.1.01", at=office.clock.now())
    with office.services.db.write() as session:
        session.add(
            Extension(
                period_id=1,
                institution_id=office.institutions["kl-07"],
                action_id=1,
                deadline=office.clock.now().replace(month=11, day=20),
                reason="banjir",
                recorded_at=office.clock.now(),
            )
        )
    office.clock.forward(days=27)
    page = text_of(office.browser("dewi").get(UNIT))
    assert "20 Nov 2023" in page
    assert "lewat 5 hari" in page


def test_the_list_finds_by_old_names_and_tells_those_who_miss_something(office, cycle):
    with office.services.db.write() as session:
        old = Institution(
            code="lama",
            name="Lembaga Lama",
            successor_id=office.institutions["kl-12"],
            valid_to=date(2022, 12, 31),
        )
        session.add_all([old, Institution(code="lain", name="Tanpa Tugas")])
    for code in ("1.1.01", "1.1.02", "2.1.01", "2.1.02"):
        cycle.commit("kl-07", code)
        cycle.report("kl-07", code)
    dewi = office.browser("dewi")
    assert "K/L Contoh 07" in dewi.get("/koordinasi").text
    missing = dewi.get("/koordinasi?tampil=kurang").text
    assert "K/L Contoh 12" in missing
    assert "K/L Contoh 07" not in missing
    assert "K/L Contoh 12" in dewi.get("/koordinasi?cari=lembaga+lama").text
    everybody = dewi.get("/koordinasi?tampil=semua").text
    assert "Tanpa Tugas" in everybody
    assert "Lembaga Lama" not in everybody
    assert dewi.get("/koordinasi/kl/lama").headers["Location"] == "/koordinasi/kl/kl-12"


def test_pages_ask_a_bounded_number_of_statements(office, cycle):
    def count(path):
        asked = []
        listen = lambda *facts: asked.append(facts[2])  # noqa: E731 - removed again below
        sa.event.listen(office.services.db.engine, "before_cursor_execute", listen)
        try:
            assert dewi.get(path).status_code == 200
        finally:
            sa.event.remove(office.services.db.engine, "before_cursor_execute", listen)
        return len([each for each in asked if not each.startswith(("PRAGMA", "BEGIN"))])

    dewi = office.browser("dewi")
    paths = ("/koordinasi", UNIT, f"{UNIT}/rekap", f"{UNIT}/catatan", "/koordinasi/tindak-lanjut")
    before = {path: count(path) for path in paths}
    with office.services.db.write() as session:
        for number in range(20):
            session.add(Institution(code=f"x-{number}", name=f"K/L X {number}"))
            session.add(
                Note(
                    institution_id=office.institutions["kl-07"],
                    held_on=date(2023, 9, 1),
                    channel="phone",
                    text=f"catatan {number}",
                    created_at=office.clock.now(),
                )
            )
            session.add(
                FollowUp(
                    institution_id=office.institutions["kl-07"],
                    text=f"tugas {number}",
                    owner_id=office.people["dewi"].person_id,
                    due_on=date(2023, 10, 20),
                    created_at=office.clock.now(),
                )
            )
    for code in ("1.1.01", "1.1.02", "2.1.01"):
        cycle.commit("kl-12", code)
        cycle.report("kl-12", code)
    after = {path: count(path) for path in paths}
    assert max(after.values()) <= 45, after
    assert all(after[path] <= before[path] + 1 for path in paths), (before, after)


# -- contacts ----------------------------------------------------------------------------------------


def test_contacts_are_read_and_kept_by_their_own_and_by_those_who_coordinate(office):
    office.hire("nina", Grant(Role.MEMBER, office.institutions["kl-07"], office.pokjas["2"]))
    fields = {
        "name": "Ibu Sekar",
        "role": "Kepala Bagian",
        "email": "sekar@kl07.go.id",
        "phone": "+62 21 555 0123",
    }
    budi = office.browser("budi")
    budi.get(f"{UNIT}/kontak/baru")
    assert budi.post(f"{UNIT}/kontak/baru", **fields).status_code == 303
    for login in ("budi", "nina", "dewi", "kiki"):
        page = office.browser(login).get(UNIT).text
        assert "Ibu Sekar" in page
        assert "sekar@kl07.go.id" in page
    for login in ("tia", "sari", "yoga"):
        browser = office.browser(login)
        page = browser.get(UNIT)
        assert page.status_code == 200
        assert "Sekar" not in page.text
        assert browser.get(f"{UNIT}/kontak/1").status_code == 403
        browser.get("/akun")
        for path in ("kontak/1", "kontak/1/hapus", "kontak/baru"):
            assert browser.post(f"{UNIT}/{path}", **fields, revision="1").status_code == 403, (login, path)
    with office.services.db.read() as session:
        events = session.scalars(sa.select(Event).where(Event.act == "contact.added")).all()
    assert len(events) == 1
    assert "sekar" not in json.dumps([event.facts for event in events]).lower()


def test_two_people_on_one_contact_lose_no_word(office):
    dewi, rudi = office.browser("dewi"), office.browser("rudi")
    dewi.get(f"{UNIT}/kontak/baru")
    dewi.post(f"{UNIT}/kontak/baru", name="Ibu Sekar")
    rudi.get(f"{UNIT}/kontak/1")
    assert dewi.post(f"{UNIT}/kontak/1", name="Ibu Sekar A", revision="1").status_code == 303
    late = rudi.post(f"{UNIT}/kontak/1", name="Ibu Sekar B", revision="1")
    assert late.status_code == 409
    assert "Ibu Sekar A" in late.text
    assert 'value="Ibu Sekar B"' in late.text
    assert 'name="revision" value="2"' in late.text
    rudi.post(f"{UNIT}/kontak/1/hapus")
    with office.services.db.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Contact)) == 0


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"email": "bukan surel"}, "email"),
        ({"phone": "javascript:1"}, "phone"),
        ({"role": "x" * 201}, "role"),
        ({"name": "a\u0007"}, "name"),
    ],
)
def test_a_wrong_contact_is_told_field_by_field(office, fields, field):
    dewi = office.browser("dewi")
    dewi.get(f"{UNIT}/kontak/baru")
    answer = dewi.post(f"{UNIT}/kontak/baru", **{"name": "Ibu", **fields})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert "<title>Galat:" in answer.text


# -- notes -------------------------------------------------------------------------------------------


def test_a_note_is_read_by_the_ketua_it_is_shared_with_and_by_no_member(office):
    office.hire("koko", Grant(Role.CHAIR, None, office.pokjas["2"]))
    dewi = office.browser("dewi")
    assert add_note(dewi, text="Rahasia Sekretariat").status_code == 303
    assert add_note(dewi, text="Untuk pokja satu", pokja=str(office.pokjas["1"])).status_code == 303
    seen = {login: office.browser(login).get(UNIT).text for login in ("rudi", "kiki", "koko", "budi", "sari")}
    assert {login for login, page in seen.items() if "Rahasia Sekretariat" in page} == {"rudi"}
    assert {login for login, page in seen.items() if "Untuk pokja satu" in page} == {"rudi", "kiki"}


def test_a_ketua_writes_for_his_own_pokja_only(office):
    kiki = office.browser("kiki")
    assert add_note(kiki, pokja=str(office.pokjas["1"])).status_code == 303
    assert add_note(kiki, pokja="").status_code == 403
    assert add_note(kiki, pokja=str(office.pokjas["2"])).status_code == 403
    assert "Sekretariat saja" not in kiki.get(f"{UNIT}/catatan").text


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"held_on": "2023-10-10"}, "held_on"),
        ({"held_on": "kemarin"}, "held_on"),
        ({"channel": "telepati"}, "channel"),
        ({"text": "  "}, "text"),
        ({"text": "x" * 5001}, "text"),
        ({"pokja": "satu"}, "pokja"),
        ({"pokja": "999999"}, "pokja"),
    ],
)
def test_a_wrong_note_is_told_and_kept(office, fields, field):
    answer = add_note(office.browser("dewi"), **fields)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text


# -- follow-ups --------------------------------------------------------------------------------------


def test_a_follow_up_comes_home_to_its_owner_is_marked_overdue_and_can_be_done_and_reopened(office):
    assert add_todo(office, owner="budi").status_code == 303
    assert add_todo(office, owner="rudi", text="Kirim ulang surat").status_code == 303
    budi = office.browser("budi")
    home = budi.get("/").text
    assert "Minta nama pengganti narahubung" in home
    assert "Kirim ulang surat" not in home
    assert "Perlu tindakan Anda" in home
    assert "Kirim ulang surat" in office.browser("rudi").get("/").text
    assert "Minta nama" not in office.browser("tia").get("/").text
    office.clock.forward(days=3)
    budi = office.browser("budi")
    assert "Lewat 11 Okt 2023" in budi.get("/").text
    assert "Minta nama" in budi.get("/koordinasi/tindak-lanjut?status=lewat").text
    assert budi.post("/koordinasi/tindak-lanjut/1/selesai", kembali="/").headers["Location"] == "/"
    assert "Minta nama" not in budi.get("/").text
    assert "Minta nama" in budi.get("/koordinasi/tindak-lanjut?status=selesai").text
    budi.post("/koordinasi/tindak-lanjut/1/buka", kembali="//jahat.example")
    assert "Minta nama" in budi.get("/").text
    with office.services.db.read() as session:
        acts = session.scalars(
            sa.select(Event.act).where(Event.object_type == "follow-up").order_by(Event.seq)
        ).all()
    assert acts == ["follow-up.added", "follow-up.added", "follow-up.done", "follow-up.reopened"]


def test_only_owner_and_those_who_coordinate_touch_a_follow_up(office):
    add_todo(office, owner="budi", pokja=str(office.pokjas["1"]))
    office.hire("koko", Grant(Role.CHAIR, None, office.pokjas["2"]))
    for login in ("tia", "koko", "sari", "yoga"):
        browser = office.browser(login)
        assert browser.get("/koordinasi/tindak-lanjut/1").status_code == 404
        browser.get("/akun")
        for act in ("", "/selesai", "/buka"):
            assert browser.post(f"/koordinasi/tindak-lanjut/1{act}").status_code == 404, (login, act)
    budi = office.browser("budi")
    assert "Minta nama" in budi.get("/koordinasi/tindak-lanjut/1").text
    assert budi.post("/koordinasi/tindak-lanjut/1", text="lain").status_code == 403
    kiki = office.browser("kiki")
    kiki.get("/koordinasi/tindak-lanjut/1")
    typed = {
        "owner": str(office.people["kiki"].person_id),
        "due_on": "2023-10-20",
        "pokja": str(office.pokjas["1"]),
    }
    answer = kiki.post("/koordinasi/tindak-lanjut/1", text="Telepon saja", revision="1", **typed)
    assert answer.status_code == 303
    late = kiki.post("/koordinasi/tindak-lanjut/1", text="Surati", revision="1", **typed)
    assert late.status_code == 409
    assert "Telepon saja" in late.text
    assert 'value="Surati"' in late.text


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "x" * 501}, "text"),
        ({"owner": ""}, "owner"),
        ({"owner": "99999"}, "owner"),
        ({"owner": "x"}, "owner"),
        ({"due_on": "2023-10-08"}, "due_on"),
        ({"due_on": "0001-01-01"}, "due_on"),
        ({"pokja": "-1"}, "pokja"),
    ],
)
def test_a_wrong_follow_up_is_told(office, fields, field):
    answer = add_todo(office, **fields)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text


def test_a_member_of_another_unit_cannot_be_given_a_follow_up(office):
    assert add_todo(office, owner="tia").status_code == 422
    assert add_todo(office, owner="sari").status_code == 422


# -- last contact -------------------------------------------------------------------------------------


def test_last_contact_is_the_newest_note_whatever_its_audience(office):
    dewi = office.browser("dewi")
    add_note(dewi, held_on="2023-10-05", channel="phone")
    add_note(dewi, held_on="2023-09-20", channel="letter")
    row = text_of(office.browser("kiki").get("/koordinasi"))
    assert "5 Okt 2023, telepon" in row
    assert "belum pernah" in row


@pytest.mark.parametrize(("state", "said"), [("sent", "pengingat lewat surel"), ("refused", "surel ditolak")])
def test_a_newer_letter_of_khubs_counts_as_contact_and_a_refused_one_says_so(office, state, said):
    add_note(office.browser("dewi"), held_on="2023-10-05", channel="phone")
    at = office.clock.now() - timedelta(days=1)
    with office.services.db.write() as session:
        for number, (unit, days) in enumerate((("kl-07", 0), ("kl-07", 20), ("kl-12", 3))):
            moment = at - timedelta(days=days)
            letter = Message(
                key=f"k{number}",
                kind="reminder",
                person_id=office.people["budi"].person_id,
                address="a@b.example",
                subject="s",
                text="t",
                html="h",
                state=state if days == 0 else "sent",
                prepared_at=moment,
                send_after=moment,
                sent_at=moment if state == "sent" or days else None,
                sending_at=moment,
            )
            session.add(letter)
            session.flush()
            session.add(MessageUnit(message_id=letter.id, institution_id=office.institutions[unit]))
    row = text_of(office.browser("dewi").get("/koordinasi"))
    assert f"8 Okt 2023, {said}" in row
    assert "5 Okt 2023, pengingat lewat surel" in row
    assert "telepon" not in row
