"""Commitments: drafts nobody loses, one receipt, returns, entries atas nama a K/L, what everybody reads."""

from __future__ import annotations

import io
import re

import pytest
import sqlalchemy as sa

from khub.cycle import commitment_queries, forms, numbers, seats
from khub.cycle.commitments import StaleAnswerError
from khub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from khub.mail.models import Message
from khub.mail.terms import MailKind
from khub.mail.writing import Writer
from khub.plan.models import Activity, Commitment, CommitmentDraft, Institution, Plan
from khub.plan.terms import Answer
from tests.khub.conftest import PLAN

HERE = seats.Place(PLAN, 2023, "kl-07", "1.1.01")
NEXT = seats.Place(PLAN, 2023, "kl-07", "1.1.02")
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def typed(answer, revision=0, **more):
    return forms.answer({"answer": answer, "revision": str(revision), **more})


def full(office, login, place=HERE):
    with office.services.db.read() as session:
        return commitment_queries.one(session, office.people[login], place, office.clock.now())


def counted(office):
    with office.services.db.read() as session:
        plan_id = session.scalars(sa.select(Plan.id)).one()
        ledger = numbers.of_year(session, plan_id, office.clock.now())
        return numbers.committed(ledger, 2023).count, numbers.answered(ledger, 2023).count


def test_a_draft_counts_only_once_it_is_handed_in_and_one_press_hands_in_all(office):
    commitments, budi = office.services.commitments, office.people["budi"]
    revision, _ = commitments.save(budi, HERE, typed("yes", expected="Modul", contact="Ibu Rina"))
    commitments.save(budi, NEXT, typed("no", reason="tanpa anggaran"))
    assert counted(office) == (0, 0)
    assert full(office, "budi").draft.revision == revision
    number = commitments.submit(budi, PLAN, 2023, "kl-07")
    assert counted(office) == (1, 2)
    with office.services.db.read() as session:
        assert session.scalars(sa.select(CommitmentDraft)).all() == []
    page = office.browser("tia").get(f"/komitmen/tanda-terima/{number}").text
    assert "1.1.01" in page
    assert "tanpa anggaran" in page
    assert full(office, "tia").given.contact == "Ibu Rina"


def test_no_needs_a_reason_and_nothing_is_handed_in_until_then(office):
    commitments, budi = office.services.commitments, office.people["budi"]
    with pytest.raises(InvalidError):
        commitments.submit(budi, PLAN, 2023, "kl-07")
    commitments.save(budi, HERE, typed("yes"))
    commitments.save(budi, NEXT, typed("no"))
    browser = office.browser("budi")
    browser.get("/komitmen/saya")
    refused = browser.post(f"/komitmen/{PLAN}/2023/kl-07/ajukan")
    assert refused.status_code == 422
    assert 'href="#reason-1.1.02"' in refused.text
    assert counted(office) == (0, 0)


def test_two_people_on_one_draft_keep_both_texts(office):
    commitments = office.services.commitments
    first, _ = commitments.save(office.people["budi"], HERE, typed("yes", expected="Modul guru"))
    browser = office.browser("rani")
    browser.get("/komitmen/saya")
    path = f"/komitmen/{PLAN}/2023/kl-07/1.1.01/simpan"
    answer = browser.post(path, answer="no", reason="kata Rani", revision="0")
    assert answer.status_code == 409
    assert "kata Rani" in answer.text
    assert "Modul guru" in answer.text
    again = re.search(r'name="revision" value="(\d+)"', answer.text)
    assert again is not None
    assert int(again[1]) == first
    script = browser.client.post(
        path,
        data={"csrf_token": browser.csrf, "answer": "no", "revision": "0"},
        headers={"X-Requested-With": "khub"},
    )
    assert (script.status_code, "error" in script.json) == (409, True)
    saved = browser.client.post(
        path,
        data={"csrf_token": browser.csrf, "answer": "no", "revision": str(first)},
        headers={"X-Requested-With": "khub"},
    )
    assert saved.json["fields"]["revision"] == str(first + 1)
    assert full(office, "budi").draft.expected == "Modul guru"
    with pytest.raises(StaleAnswerError):
        commitments.save(office.people["budi"], HERE, typed("yes", first))


def test_activities_are_planned_kept_for_reports_and_offered_next_year(office):
    commitments, budi = office.services.commitments, office.people["budi"]
    fields = {
        "kegiatan": "1",
        "name-0": "Pelatihan guru",
        "target-0": "1.250,5",
        "unit-0": "orang",
        "name-1": "Modul",
    }
    commitments.save(budi, HERE, typed("yes", **fields))
    assert full(office, "tia").activities == ()
    commitments.submit(budi, PLAN, 2023, "kl-07")
    first, second = full(office, "tia").activities
    assert (first.name, first.target, first.unit, second.target) == ("Pelatihan guru", 1250.5, "orang", None)
    office.clock.forward(minutes=1)
    commitments.save(budi, HERE, typed("yes", kegiatan="1", **{"id-0": str(first.id), "name-0": "Pelatihan"}))
    commitments.submit(budi, PLAN, 2023, "kl-07")
    assert [(each.id, each.name) for each in full(office, "tia").activities] == [(first.id, "Pelatihan")]
    with office.services.db.read() as session:
        assert session.get_one(Activity, second.id).retired
    table = "/rencana/tahun/ran-pe/2024"
    browser = office.browser("dewi")
    mark = re.search(r'name="seen" value="(\w+)"', browser.get(table).text)[1]
    assert browser.post(table, aksi=["1.1.01"], seen=mark).status_code == 303
    later = seats.Place(PLAN, 2024, "kl-07", "1.1.01")
    assert full(office, "budi", later).last_year[0].name == "Pelatihan"
    commitments.start(budi, later, 0)
    assert [each.name for each in full(office, "budi", later).draft.activities] == ["Pelatihan"]
    assert full(office, "budi", later).activities == ()


@pytest.mark.parametrize("bad", ["1,2,3", "dua", "-4", "1e99", "9" * 30, "12 orang"])
def test_a_target_is_a_number_or_told(bad):
    with pytest.raises(InvalidError) as caught:
        typed("yes", kegiatan="1", **{"name-0": "Pelatihan", "target-0": bad})
    assert caught.value.errors[0].name == "target-0"


def test_a_returned_answer_does_not_count_until_it_is_given_again(office):
    commitments, budi = office.services.commitments, office.people["budi"]
    commitments.save(budi, HERE, typed("yes"))
    commitments.submit(budi, PLAN, 2023, "kl-07")
    office.clock.forward(minutes=1)
    dewi = office.browser("dewi")
    page = dewi.get(f"/komitmen/{PLAN}/2023/kl-07/1.1.01").text
    seen = re.search(r'name="seen" value="(\d+)"', page)[1]
    path = f"/komitmen/{PLAN}/2023/kl-07/1.1.01/kembalikan"
    assert dewi.post(path, seen=seen, note=" ").status_code == 422
    assert dewi.post(path, seen="999999", note="perjelas").status_code == 409
    assert dewi.post(path, seen=seen, note="perjelas targetnya").status_code == 303
    assert counted(office) == (0, 0)
    assert "perjelas targetnya" in office.browser("budi").get("/komitmen/saya").text
    # rani is of the Sekretariat, but of the same K/L: she does not decide on it
    with pytest.raises(ForbiddenError):
        commitments.send_back(office.people["rani"], HERE, 1, "x")
    office.clock.forward(minutes=1)
    commitments.save(budi, HERE, typed("yes"))
    commitments.submit(budi, PLAN, 2023, "kl-07")
    assert counted(office) == (1, 1)


def test_an_entry_for_a_unit_carries_its_letter_and_waits_for_its_word(office):
    path = f"/komitmen/{PLAN}/2023/kl-07/1.1.01"
    dewi = office.browser("dewi")
    assert "atas-nama" in dewi.get(path).text
    for fields in (
        {"answer": "yes"},
        {"answer": "yes", "letter": (io.BytesIO(b"PK\x03\x04"), "surat.docx")},
        {"answer": "", "letter": (io.BytesIO(PDF), "surat.pdf")},
        {"answer": "no", "letter": (io.BytesIO(PDF), "surat.pdf")},
    ):
        assert dewi.post(f"{path}/atas-nama", **fields).status_code == 422
    sent = dewi.post(f"{path}/atas-nama", answer="yes", letter=(io.BytesIO(PDF), "surat.pdf"))
    assert sent.status_code == 303
    assert counted(office) == (1, 1)
    given = full(office, "tia").given
    assert (given.on_behalf, given.waits) == (True, True)
    for login, status in (
        ("budi", 200),
        ("dewi", 200),
        ("kiki", 200),
        ("sari", 200),
        ("tia", 404),
        ("yoga", 404),
    ):
        with office.browser(login).client.get(f"/surat/{given.letter}") as answer:
            assert answer.status_code == status, login
    assert office.services.uploads.sweep() == 0
    with pytest.raises(ForbiddenError):
        office.services.commitments.confirm(office.people["tia"], HERE, given.id)
    office.services.commitments.confirm(office.people["budi"], HERE, given.id)
    assert not full(office, "tia").given.waits
    with pytest.raises(ConflictError):
        office.services.commitments.confirm(office.people["budi"], HERE, given.id)
    with pytest.raises(ForbiddenError):
        office.services.commitments.stand_in(
            office.people["rani"], HERE, typed("yes"), 0, io.BytesIO(PDF), "a.pdf"
        )


def test_a_letter_never_outdoes_a_word_that_came_meanwhile(office):
    path = f"/komitmen/{PLAN}/2023/kl-07/1.1.01"
    dewi, commitments, budi = office.browser("dewi"), office.services.commitments, office.people["budi"]
    assert 'name="seen" value="0"' in dewi.get(path).text
    commitments.save(budi, HERE, typed("yes"))
    commitments.submit(budi, PLAN, 2023, "kl-07")
    office.clock.forward(minutes=1)
    sent = {"answer": "no", "reason": "Kata surat", "seen": "0"}
    refused = dewi.post(f"{path}/atas-nama", **sent, letter=(io.BytesIO(PDF), "surat.pdf"))
    assert (refused.status_code, "Kata surat" in refused.text) == (409, True)
    assert counted(office) == (1, 1)
    own = full(office, "budi").given
    commitments.stand_in(
        office.people["dewi"], HERE, typed("no", reason="x"), own.id, io.BytesIO(PDF), "surat.pdf"
    )
    with pytest.raises(ConflictError):  # what the K/L had read is not what it would confirm
        commitments.confirm(budi, HERE, own.id)
    assert full(office, "budi").given.waits
    page = office.browser("budi")
    assert page.get(path).text.count(f'name="seen" value="{full(office, "budi").given.id}"') == 1
    assert page.post(f"{path}/konfirmasi", seen=str(own.id)).status_code == 409


def told(office, settings, kind):
    """Return (login, subject, text) of the letters of a kind, as they would leave now."""
    logins = {actor.person_id: login for login, actor in office.people.items()}
    with office.services.db.write() as session:
        writer = Writer(session, settings, office.clock.now())
        found = session.scalars(sa.select(Message).where(Message.kind == kind).order_by(Message.id))
        return [(logins[each.person_id], each.subject, each.text) for each in found if writer.write(each)]


def test_who_entered_an_answer_is_told_when_the_kl_answers_otherwise(office, settings):
    commitments, budi = office.services.commitments, office.people["budi"]
    commitments.stand_in(office.people["dewi"], HERE, typed("yes"), 0, io.BytesIO(PDF), "surat.pdf")
    commitments.stand_in(office.people["dewi"], NEXT, typed("yes"), 0, io.BytesIO(PDF), "surat.pdf")
    assert (
        "ajukan jawaban K/L Anda sendiri"
        in office.browser("budi").get(f"/komitmen/{PLAN}/2023/kl-07/1.1.01").text
    )
    office.clock.forward(minutes=1)
    for place, form in ((HERE, {"answer": "no", "reason": "tanpa anggaran"}), (NEXT, {"answer": "yes"})):
        revision = full(office, "budi", place).draft.revision
        commitments.save(budi, place, typed(**form, revision=revision))
    commitments.submit(budi, PLAN, 2023, "kl-07")
    ((login, subject, text),) = told(office, settings, MailKind.UNCONFIRMED)
    assert login == "dewi"
    assert subject.endswith("Tidak dibenarkan: komitmen aksi 1.1.01 tahun 2023")
    assert "K/L Contoh 07 tidak membenarkan" in text
    assert "menjawab sendiri: tidak" in text
    (path,) = (line.partition("8000")[2] for line in text.split() if line.endswith("/1.1.01"))
    assert office.browser("dewi").get(path).status_code == 200

    # Another letter settles it: nothing is left to tell.
    office.clock.forward(minutes=1)
    seen = full(office, "dewi").given.id
    commitments.stand_in(office.people["dewi"], HERE, typed("no", reason="x"), seen, io.BytesIO(PDF), "b.pdf")
    assert told(office, settings, MailKind.UNCONFIRMED) == []


def test_a_confirmed_entry_that_the_kl_changes_later_is_no_refusal(office, settings):
    commitments, budi = office.services.commitments, office.people["budi"]
    commitments.stand_in(office.people["dewi"], HERE, typed("yes"), 0, io.BytesIO(PDF), "surat.pdf")
    commitments.confirm(budi, HERE, full(office, "budi").given.id)
    office.clock.forward(minutes=1)
    revision = full(office, "budi").draft.revision
    commitments.save(budi, HERE, typed("no", revision, reason="batal"))
    commitments.submit(budi, PLAN, 2023, "kl-07")
    assert told(office, settings, MailKind.UNCONFIRMED) == []


def test_a_returned_answer_is_told_to_its_kl_at_once_until_it_answers_again(office, settings):
    commitments, budi = office.services.commitments, office.people["budi"]
    commitments.save(budi, HERE, typed("yes"))
    commitments.submit(budi, PLAN, 2023, "kl-07")
    office.clock.forward(minutes=1)
    commitments.send_back(office.people["dewi"], HERE, full(office, "dewi").given.id, "perjelas targetnya")
    letters = told(office, settings, MailKind.RETURNED)
    assert "budi" in {login for login, _, _ in letters}
    assert "tia" not in {login for login, _, _ in letters}
    assert all("perjelas targetnya" in text for _, _, text in letters)
    assert letters[0][1].endswith("Dikembalikan: komitmen aksi 1.1.01 tahun 2023")
    office.clock.forward(minutes=1)
    commitments.save(budi, HERE, typed("yes"))
    commitments.submit(budi, PLAN, 2023, "kl-07")
    assert told(office, settings, MailKind.RETURNED) == []


def test_a_chair_stands_in_only_within_the_pokja(office):
    commitments, kiki = office.services.commitments, office.people["kiki"]
    commitments.stand_in(kiki, HERE, typed("yes"), 0, io.BytesIO(PDF), "surat.pdf")
    with pytest.raises(ForbiddenError):
        commitments.stand_in(
            kiki, seats.Place(PLAN, 2023, "kl-07", "2.1.01"), typed("yes"), 0, io.BytesIO(PDF), "surat.pdf"
        )


def test_others_neither_see_nor_touch_a_draft(office):
    commitments = office.services.commitments
    commitments.save(office.people["budi"], HERE, typed("no", reason="masih dibahas"))
    for login in ("tia", "dewi", "kiki", "sari", "yoga"):
        browser = office.browser(login)
        assert "masih dibahas" not in browser.get(f"/komitmen/{PLAN}/2023/kl-07/1.1.01").text
        assert "masih dibahas" not in browser.get("/komitmen").text
    with pytest.raises(ForbiddenError):
        commitments.save(office.people["tia"], HERE, typed("yes"))
    with pytest.raises(NotFoundError):
        commitments.save(office.people["budi"], seats.Place(PLAN, 2024, "kl-07", "1.1.01"), typed("yes"))
    # budi works in pokja 1: what pokja 2 is asked is not on his list
    assert "2.1.01" not in office.browser("budi").get("/komitmen/saya").text


def test_only_the_official_hands_in_where_the_unit_named_one(office):
    with office.services.db.write() as session:
        session.get_one(Institution, office.institutions["kl-07"]).official_submits = True
    office.services.commitments.save(office.people["budi"], HERE, typed("yes"))
    with pytest.raises(ForbiddenError):
        office.services.commitments.submit(office.people["budi"], PLAN, 2023, "kl-07")


def test_a_successor_answers_for_its_predecessor(office):
    with office.services.db.write() as session:
        seven = session.get_one(Institution, office.institutions["kl-07"])
        seven.successor_id = office.institutions["kl-12"]
    office.services.commitments.save(office.people["tia"], HERE, typed("yes"))
    office.services.commitments.submit(office.people["tia"], PLAN, 2023, "kl-07")
    with office.services.db.read() as session:
        assert session.scalars(sa.select(Commitment.institution_id)).one() == office.institutions["kl-12"]
    assert counted(office) == (1, 1)


def test_the_reading_list_narrows_and_counts(office):
    commitments, budi = office.services.commitments, office.people["budi"]
    commitments.save(budi, HERE, typed("no", reason="tanpa anggaran"))
    commitments.submit(budi, PLAN, 2023, "kl-07")
    sari = office.browser("sari")
    assert "tanpa anggaran" in sari.get("/komitmen?jawaban=tidak").text
    assert "tanpa anggaran" not in sari.get("/komitmen?jawaban=belum").text
    assert "tanpa anggaran" not in sari.get("/komitmen?kl=kl-12").text
    assert sari.get("/komitmen?jawaban=lain").status_code == 404
    assert sari.get("/komitmen?tahun=x").status_code == 422
    assert sari.get("/komitmen?tahun=1999").status_code == 200
    assert Answer.NO in [row.answer for row in full(office, "sari").history]
