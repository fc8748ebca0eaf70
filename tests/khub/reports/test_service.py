"""What a K/L does with its rows, through the services, on a real database."""

from __future__ import annotations

import io
import os
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from khub.audit import chain
from khub.audit.models import Event
from khub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from khub.mail.models import Message
from khub.mail.terms import MailKind
from khub.mail.writing import Writer
from khub.plan.models import Extension, Institution, Letter, Period
from khub.policy import Grant, Role
from khub.products.detail import detail
from khub.products.lifecycle import Act
from khub.products.models import Copy, Product, Receipt
from khub.products.receipts import receipt as read_receipt
from khub.products.uploads import Place as UploadPlace
from khub.reports.forms import Evidence, Said, Value
from khub.reports.models import Report, ReportOutput
from khub.reports.reading import reading
from khub.reports.service import StaleError
from tests.khub.conftest import PERIOD, PLAN
from tests.khub.reports.conftest import ACHIEVEMENT, place
from tests.khub.reports.test_steps import decide

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def read(office, login, public_id, number=None):
    with office.services.db.read() as session:
        return reading(session, office.people[login], public_id, office.clock.now(), number)


def receipt(office, login, number):
    with office.services.db.read() as session:
        return read_receipt(session, office.people[login], number, office.clock.now())


def acts(office, public_id):
    with office.services.db.read() as session:
        assert chain.verify(session).whole
        return list(
            session.scalars(sa.select(Event.act).where(Event.object_id == public_id).order_by(Event.seq))
        )


def product_state(office, public_id):
    with office.services.db.read() as session:
        return detail(
            session, office.people["budi"], public_id, office.clock.now(), version=None, snapshot=None
        ).state


# -- the task list -----------------------------------------------------------------------------------


def test_a_row_for_each_action_of_the_pokja_and_what_is_asked_of_it(desk):
    board = desk.board("budi")
    assert [task.spot.row.action.code for task in board.tasks] == ["1.1.01", "1.1.02"]
    assert all(task.spot.row.asks == {"progress", "obstacles"} for task in board.tasks)
    assert [task.spot.row.asks for task in desk.board("tia").tasks] == [{"obstacles"}] * 2
    assert board.counts["belum"] == 2
    assert board.tasks[0].days_left == 22
    assert board.tasks[0].activities == 1


def test_a_deadline_extended_for_one_row_counts_there_only(desk, office):
    with office.services.db.write() as session:
        period = session.scalars(sa.select(Period).where(Period.code == PERIOD)).one()
        session.add(
            Extension(
                period_id=period.id,
                institution_id=office.institutions["kl-07"],
                action_id=desk.form("budi").spot.row.action.id,
                deadline=period.deadline + timedelta(days=7),
                reason="Surat",
                recorded_at=office.clock.now(),
            )
        )
    assert [task.days_left for task in desk.board("budi").tasks] == [29, 22]
    report = desk.save("budi")
    office.clock.forward(days=25)
    desk.submit("budi", report)
    assert not desk.task("budi").spot.row.late
    late = desk.save("budi", "1.1.02")
    desk.submit("budi", late)
    assert desk.task("budi", "1.1.02").spot.row.late


def test_statements_of_the_task_list_do_not_grow_with_its_rows(desk, office):
    seen: list[str] = []
    sa.event.listen(office.services.db.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
    desk.board("budi")
    few = len(seen)
    for action in ("1.1.01", "1.1.02"):
        draft = office.draft("budi", f"Laporan {action}", action=action)
        desk.save("budi", action, outputs=(Evidence(draft, "1"),), listed=frozenset({draft}))
    seen.clear()
    desk.board("budi")
    assert len(seen) <= few + 6


# -- writing -----------------------------------------------------------------------------------------


def test_the_first_words_start_the_report_and_two_people_lose_none(desk, office):
    office.hire("nina", Grant(Role.MEMBER, office.institutions["kl-07"], office.pokjas["1"]))
    report = desk.save("budi", achievement="Kata Budi")
    with pytest.raises(StaleError) as stale:
        desk.save("nina", achievement="Kata Nina", revision=0)
    assert desk.form("nina").typed["achievement"] == "Kata Budi"
    assert desk.form("nina").saved_by == "Budi Contoh"
    desk.save("nina", achievement="Kata Budi dan kata Nina", revision=stale.value.revision)
    assert desk.form("budi").typed["achievement"] == "Kata Budi dan kata Nina"
    assert acts(office, report) == ["report.created"]


def test_two_people_who_start_a_row_at_once_make_one_report(desk, office):
    office.hire("nina", Grant(Role.MEMBER, office.institutions["kl-07"], office.pokjas["1"]))
    refused = []

    def start(login):
        try:
            desk.save(login, achievement=login, revision=0)
        except StaleError:
            refused.append(login)

    threads = [threading.Thread(target=start, args=(login,)) for login in ("budi", "nina")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    with office.services.db.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Report)) == 1


def test_the_last_periods_words_are_offered_and_marked_until_changed(desk, office):
    first = desk.save("budi", where={"period": "2023-01-04"}, achievement="Sampai April", percent=80)
    desk.submit("budi", first)
    assert desk.task("budi").start == "Januari–April 2023"
    form = desk.form("budi")
    assert form.offered == "Januari–April 2023"
    assert form.typed["achievement"] == "Sampai April"
    assert form.typed["percent"] == ""
    assert form.last_percent == 80
    assert form.figures[0].last == 120
    report = desk.save(
        "budi", achievement="Sampai April", percent=60, values=(Value(form.figures[0].id, 100, ""),)
    )
    form = desk.form("budi")
    assert form.offered == "Januari–April 2023"
    assert form.percent_fallen
    assert form.figures[0].fallen
    assert {question.name for question in form.questions} == {"percent_why", f"why-{form.figures[0].id}"}
    assert not form.missing
    desk.save("budi", achievement="Sampai Oktober", percent=60)
    assert desk.form("budi").offered == ""
    handed = desk.submit("budi", report)  # a falling figure asks and never blocks
    assert handed.reports == (report,)


def test_words_of_a_hundred_thousand_letters_come_back_whole(desk, office):
    text = "Capaian ke-" + "x" * 99_980 + " selesai"
    report = desk.save("budi", achievement=text)
    desk.submit("budi", report)
    assert read(office, "dewi", report).achievement == text


def test_figures_of_kegiatan_that_are_not_the_rows_own_are_not_taken(desk):
    report = desk.save(
        "budi", values=(Value(2_000_000_000, 5, ""), Value(desk.activities["Guru terlatih"], 1, ""))
    )
    assert [each["activity"] for each in desk.copies(report)[0].values] == [desk.activities["Guru terlatih"]]


def test_only_the_kls_own_keluaran_for_the_action_becomes_evidence(desk, office):
    foreign = office.draft("tia", "Milik K/L lain")
    elsewhere = office.draft("budi", "Aksi lain", action="1.1.02")
    for public_id in (foreign, elsewhere, "K-ZZZZZZZ"):
        with pytest.raises(InvalidError):
            desk.save("budi", outputs=(Evidence(public_id, ""),), listed=frozenset({public_id}))
    with pytest.raises(NotFoundError):
        office.services.reports.attach(office.people["budi"], place(), foreign)


def test_what_a_form_did_not_show_stays_named(desk, office):
    shown, unseen = office.draft("budi", "Terlihat"), office.draft("budi", "Tak terlihat")
    desk.save("budi", outputs=(Evidence(shown, "2"),), listed=frozenset({shown}))
    revision = desk.form("budi").revision
    office.services.reports.attach(office.people["budi"], place(), unseen)
    desk.save("budi", outputs=(), listed=frozenset({shown}), revision=revision)
    assert desk.form("budi").chosen == {unseen}


def test_evidence_goes_along_when_a_draft_becomes_a_version_of_another(desk, office):
    old = office.hand_in("budi", "Modul")
    office.services.review.approve(office.people["dewi"], old, 1)
    draft = office.draft("budi", "Modul edisi 2")
    report = desk.save("budi", outputs=(Evidence(draft, "4"),), listed=frozenset({draft}))
    office.services.products.become_version(office.people["budi"], draft, old)
    assert desk.form("budi").chosen == {old}
    desk.submit("budi", report)
    page = read(office, "budi", report)
    assert [(each.public_id, each.version, each.pages[0][0]) for each in page.outputs] == [(old, 2, "4")]


def test_who_may_write_in_a_row(desk, office):
    office.hire("dodi", Grant(Role.MEMBER, office.institutions["kl-07"], office.pokjas["2"]))
    for login in ("dewi", "kiki", "rani", "tia", "dodi", "sari", "yoga"):
        with pytest.raises((ForbiddenError, NotFoundError)):
            office.services.reports.save(
                office.people[login] if login != "rani" else office.people["sari"], place(), Said()
            )
    with pytest.raises(NotFoundError):
        office.services.reports.save(office.people["budi"], place("9.9.99"), Said())
    with pytest.raises(NotFoundError):
        office.services.reports.save(office.people["budi"], place(period="tidak-ada"), Said())


# -- handing in --------------------------------------------------------------------------------------


def test_a_row_and_its_draft_outputs_go_in_under_one_receipt(desk, office):
    draft = office.draft("budi", "Laporan pelatihan")
    report = desk.save("budi", outputs=(Evidence(draft, "1"),), listed=frozenset({draft}))
    handed = desk.submit("budi", report)
    assert product_state(office, draft) == "submitted"
    found = receipt(office, "budi", handed.receipt)
    assert [row.public_id for row in found.reports] == [report]
    assert [item.public_id for item in found.items] == [draft]
    assert found.days_before == 22
    with office.services.db.read() as session:
        link = session.scalars(sa.select(ReportOutput).where(ReportOutput.product_copy_id.is_not(None))).one()
        snapshot = session.get_one(Copy, link.product_copy_id)
        assert snapshot.number == 1
        assert session.scalar(sa.select(sa.func.count()).select_from(Receipt)) == 1
    assert acts(office, report) == ["report.created", "report.submitted"]
    page = read(office, "dewi", report)
    assert [(output.public_id, output.pages[0][0]) for output in page.outputs] == [(draft, "1")]


def test_all_rows_at_once_and_what_is_missing_holds_only_its_own_row(desk, office):
    ready = desk.save("budi")
    empty = desk.save("budi", "1.1.02", achievement="", percent=None, no_obstacles=False)
    handed = desk.submit("budi", ready, empty)
    assert handed.reports == (ready,)
    assert handed.held == (empty,)
    assert desk.report(empty).state == "draft"
    with pytest.raises(InvalidError) as refused:
        desk.submit("budi", empty)
    assert {error.name for error in refused.value.errors} == {
        f"{empty}.achievement",
        f"{empty}.percent",
        f"{empty}.no_obstacles",
    }


def test_a_page_the_keluaran_does_not_have_is_told_and_holds_the_row(desk, office, sandbox):
    draft = office.draft("budi", "Laporan pelatihan")
    office.read_files(sandbox)
    report = desk.save("budi", outputs=(Evidence(draft, "99"),), listed=frozenset({draft}))
    with pytest.raises(InvalidError) as refused:
        desk.submit("budi", report)
    assert refused.value.errors[0].name == f"{report}.pages-{draft}"
    assert product_state(office, draft) == "draft"


def test_a_kl_that_said_no_reports_obstacles_only(desk):
    report = desk.save("tia", where={"unit": "kl-12"}, achievement="", percent=None, values=())
    assert desk.submit("tia", report).reports == (report,)


def test_an_approved_keluaran_stands_while_its_next_version_is_a_draft_of_another_period(desk, office):
    public_id = office.hand_in("budi", "Modul")
    office.services.review.approve(office.people["dewi"], public_id, 1)
    office.services.products.add_version(office.people["budi"], public_id)
    with office.services.db.write() as session:
        other = session.scalars(sa.select(Period.id).where(Period.code != PERIOD)).one()
        session.execute(sa.update(Copy).where(Copy.number == 0).values(period_id=other))
    report = desk.save("budi", outputs=(Evidence(public_id, ""),), listed=frozenset({public_id}))
    desk.submit("budi", report)
    assert [output.version for output in read(office, "dewi", report).outputs] == [1]
    with office.services.db.read() as session:
        assert session.scalars(sa.select(Copy.outcome).where(Copy.number > 0)).all() == ["approved"]


def test_where_a_kl_names_who_submits_only_the_official_does(desk, office):
    with office.services.db.write() as session:
        session.get_one(Institution, office.institutions["kl-07"]).official_submits = True
    office.hire("pak", Grant(Role.OFFICIAL, office.institutions["kl-07"], office.pokjas["1"]))
    report = desk.save("budi")
    assert not desk.board("budi").ready
    with pytest.raises(ForbiddenError):
        desk.submit("budi", report)
    assert desk.submit("pak", report).reports == (report,)
    with pytest.raises(ForbiddenError):
        office.services.reports.withdraw(office.people["budi"], report)


def test_a_row_cannot_be_handed_in_twice_nor_changed_meanwhile(desk, office):
    report = desk.save("budi")
    desk.submit("budi", report)
    with pytest.raises(ConflictError):
        desk.submit("budi", report)
    with pytest.raises(ConflictError):
        desk.save("budi", achievement="Lain")
    assert desk.copies(report)[1].achievement == ACHIEVEMENT


def test_taking_back_returns_the_outputs_that_came_along_until_a_reviewer_opened(desk, office):
    draft = office.draft("budi", "Laporan pelatihan")
    report = desk.save("budi", outputs=(Evidence(draft, ""),), listed=frozenset({draft}))
    desk.submit("budi", report)
    assert desk.task("budi").withdrawable
    office.services.reports.withdraw(office.people["budi"], report)
    assert desk.report(report).state == "draft"
    assert product_state(office, draft) == "draft"
    desk.submit("budi", report)
    with office.services.db.write() as session:
        found = session.scalars(sa.select(Report)).one()
        found.reviewer_id, found.reserved_at = office.people["dewi"].person_id, office.clock.now()
    assert not desk.task("budi").withdrawable
    with pytest.raises(ConflictError):
        office.services.reports.withdraw(office.people["budi"], report)


def test_a_keluaran_that_another_row_stands_on_is_not_taken_back(desk, office):
    draft = office.draft("budi", "Laporan bersama")
    office.say("budi", draft, actions=(f"{PLAN}/1.1.01", f"{PLAN}/1.1.02"))
    first = desk.save("budi", outputs=(Evidence(draft, ""),), listed=frozenset({draft}))
    second = desk.save("budi", "1.1.02", outputs=(Evidence(draft, ""),), listed=frozenset({draft}))
    handed = desk.submit("budi", first, second)
    assert len(receipt(office, "budi", handed.receipt).items) == 1
    office.services.reports.withdraw(office.people["budi"], first)
    assert product_state(office, draft) == "submitted"
    office.services.reports.withdraw(office.people["budi"], second)
    assert product_state(office, draft) == "draft"


# -- files that follow -------------------------------------------------------------------------------


def follow(office, report, title):
    action, period = office.services.reports.may_follow(office.people["budi"], report)
    received = office.services.uploads.receive(
        office.people["budi"],
        io.BytesIO(title.encode()),
        f"{title}.txt",
        UploadPlace(batch="0" * 24, action=action, period=period),
    )
    office.services.reports.follow(office.people["budi"], report, received.product)
    return received.product


def test_files_may_follow_for_a_day_under_the_same_press(desk, office):
    office.clock.at = office.clock.at.replace(day=31, hour=16, minute=59)  # 23.59 WIB on the last day
    report = desk.save("budi")
    handed = desk.submit("budi", report, following=True)
    office.clock.forward(hours=20)
    product = follow(office, report, "Menyusul")
    found = receipt(office, "dewi", handed.receipt)
    assert [item.public_id for item in found.items] == [product]
    assert not desk.task("budi").spot.row.late
    with office.services.db.read() as session:
        shown = detail(
            session, office.people["dewi"], product, office.clock.now(), version=None, snapshot=None
        )
    assert shown.state == "submitted"
    assert not shown.late
    assert [output.public_id for output in read(office, "dewi", report).outputs] == [product]
    assert acts(office, report)[-1] == "report.followed"
    office.clock.forward(hours=5)
    with pytest.raises(ConflictError):
        office.services.reports.may_follow(office.people["budi"], report)


def test_nothing_follows_a_row_that_did_not_ask_for_it_or_was_decided_on(desk, office):
    report = desk.save("budi")
    desk.submit("budi", report)
    with pytest.raises(ConflictError):
        office.services.reports.may_follow(office.people["budi"], report)
    other = desk.save("budi", "1.1.02")
    desk.submit("budi", other, following=True)
    decide(office, other, Act.APPROVE)
    with pytest.raises(ConflictError):
        office.services.reports.may_follow(office.people["budi"], other)


# -- closing -----------------------------------------------------------------------------------------


def test_words_typed_while_the_period_closes_are_kept_but_not_handed_in(desk, office):
    report = desk.save("budi", achievement="Sebelum")
    revision = desk.form("budi").revision
    desk.move_period("closed")
    saved = office.services.reports.save(
        office.people["budi"], place(), Said(achievement="Sementara ditutup", revision=revision)
    )
    assert saved.closed
    assert read(office, "budi", report).achievement == "Sementara ditutup"
    with pytest.raises(ConflictError):
        desk.submit("budi", report)
    assert not desk.task("budi").editable
    desk.move_period("reopened")
    assert desk.task("budi").editable


# -- atas nama ---------------------------------------------------------------------------------------


def enter(office, login, where=None, letter=PDF, **said):
    known = {"achievement": "Dari surat", "percent": 70, "no_obstacles": True, **said}
    return office.services.behalf.enter(
        office.people[login], where or place(), Said(**known), io.BytesIO(letter), "surat.pdf"
    )


def test_the_sekretariat_enters_a_row_with_its_letter_and_the_kl_confirms(desk, office):
    values = (Value(desk.activities["Guru terlatih"], 12, ""),)
    number = enter(office, "dewi", values=values)
    task = desk.task("budi")
    assert task.spot.row.state == "submitted"
    assert task.to_confirm
    page = read(office, "budi", task.report)
    assert page.current.on_behalf
    assert page.current.letter
    assert receipt(office, "dewi", number).reports[0].on_behalf
    office.services.reports.confirm(office.people["budi"], task.report, 1)
    assert not desk.task("budi").to_confirm
    assert read(office, "budi", task.report).current.confirmed_by == "Budi Contoh"
    assert acts(office, task.report) == [
        "report.created",
        "report.submitted",
        "report.entered",
        "report.confirmed",
    ]
    with office.services.db.read() as session:
        kept = office.services.storage.path(session.scalars(sa.select(Letter.sha256)).one())
    os.utime(kept, (0, 0))
    office.services.uploads.sweep()
    assert kept.exists()


def test_a_confirmation_is_of_the_letter_that_was_read(desk, office):
    values = (Value(desk.activities["Guru terlatih"], 12, ""),)
    enter(office, "dewi", values=values)
    report = desk.task("budi").report
    office.services.reports.withdraw(office.people["dewi"], report)
    enter(office, "dewi", values=values, achievement="Surat lain")
    with pytest.raises(ConflictError):
        office.services.reports.confirm(office.people["budi"], report, 1)
    assert desk.task("budi").to_confirm
    office.services.reports.confirm(office.people["budi"], report, 2)
    assert not desk.task("budi").to_confirm


def test_what_the_kl_takes_back_of_a_letter_is_told_as_its_refusal(desk, office):
    number = enter(office, "dewi", place("1.1.02"))
    report = desk.task("budi", "1.1.02").report
    assert read(office, "budi", report).refuses
    assert not read(office, "dewi", report).refuses
    office.services.reports.withdraw(office.people["budi"], report)
    refused = read(office, "budi", report, 1).current
    assert (refused.outcome, refused.decided_by) == ("withdrawn", "Budi Contoh")
    assert receipt(office, "budi", number).reports[0].refused
    assert acts(office, report)[-1] == "report.refused"

    enter(office, "dewi", place("1.1.02"), achievement="Surat lain")
    office.services.reports.withdraw(office.people["dewi"], report)
    assert read(office, "budi", report, 2).current.decided_at is None
    assert acts(office, report)[-1] == "report.withdrawn"


def letters(office, settings):
    """Return (login, subject, text) of the letters about entries that were not confirmed, as they would leave."""
    logins = {actor.person_id: login for login, actor in office.people.items()}
    with office.services.db.write() as session:
        writer = Writer(session, settings, office.clock.now())
        found = session.scalars(sa.select(Message).where(Message.kind == MailKind.UNCONFIRMED))
        return [(logins[each.person_id], each.subject, each.text) for each in found if writer.write(each)]


def test_who_entered_a_letter_is_told_that_the_kl_did_not_confirm_it(desk, office, settings):
    enter(office, "dewi", place("1.1.02"), achievement="Kata surat")
    report = desk.task("budi", "1.1.02").report
    office.services.reports.withdraw(office.people["budi"], report)
    ((login, subject, text),) = letters(office, settings)
    assert login == "dewi"
    assert subject.endswith("Tidak dibenarkan: laporan aksi 1.1.02, Januari–Oktober 2023")
    assert "K/L Contoh 07 tidak membenarkan" in text
    assert "Kata surat" not in text
    (path,) = (line.partition("8000")[2] for line in text.split() if line.endswith("/atas-nama"))
    assert office.browser("dewi").get(path).status_code == 200

    # Once the K/L has reported itself there is nothing left to settle.
    desk.save("budi", "1.1.02", achievement="Kata K/L", percent=40, no_obstacles=True)
    desk.submit("budi", report)
    assert letters(office, settings) == []


def test_who_takes_back_his_own_entry_is_told_nothing(desk, office, settings):
    enter(office, "dewi", place("1.1.02"))
    office.services.reports.withdraw(office.people["dewi"], desk.task("budi", "1.1.02").report)
    assert letters(office, settings) == []


def test_the_ketua_enters_for_his_own_pokja_only(desk, office):
    enter(office, "kiki", place("1.1.02"))
    with pytest.raises(NotFoundError):
        enter(office, "kiki", place("2.1.01"))
    for login in ("budi", "tia", "rani", "sari", "yoga"):
        with pytest.raises((ForbiddenError, NotFoundError)):
            enter(office, login)


def test_a_draft_of_the_kl_stays_word_for_word_beside_a_letter(desk, office):
    draft = office.draft("budi", "Draf keluaran", action="1.1.02")
    report = desk.save(
        "budi", "1.1.02", achievement="Kata K/L", outputs=(Evidence(draft, ""),), listed=frozenset({draft})
    )
    enter(office, "dewi", place("1.1.02"), achievement="Kata surat")
    assert read(office, "dewi", report).achievement == "Kata surat"
    assert not read(office, "dewi", report).outputs
    assert product_state(office, draft) == "draft"
    decide(office, report, Act.RETURN)
    assert desk.form("budi", "1.1.02").typed["achievement"] == "Kata K/L"
    with pytest.raises(NotFoundError):
        read(office, "dewi", report, 0)


def test_a_letter_names_what_the_kl_has_handed_in_and_none_of_its_drafts(desk, office):
    output, draft = office.hand_in("budi", "Modul"), office.draft("budi", "Draf")
    foreign = office.hand_in("tia", "Punya K/L lain", action="2.1.01")
    values = (Value(desk.activities["Guru terlatih"], 12, ""),)
    assert [each.public_id for each in desk.form("dewi").outputs] == [output]
    for other in (draft, foreign):
        with pytest.raises(InvalidError) as refused:
            enter(office, "dewi", values=values, outputs=(Evidence(other, ""),))
        assert [error.name for error in refused.value.errors] == ["outputs"]
    enter(office, "dewi", values=values, outputs=(Evidence(output, "1"),), listed=frozenset({output}))
    report = desk.task("budi").report
    page = read(office, "budi", report, 1)
    assert [(each.public_id, each.pages[0][0]) for each in page.outputs] == [(output, "1")]
    office.services.reports.withdraw(office.people["budi"], report)
    assert product_state(office, output) == "submitted"
    assert desk.form("budi").chosen == {output}


def test_a_letter_is_compulsory_and_must_be_one(desk, office):
    with pytest.raises(InvalidError) as refused:
        enter(office, "dewi", letter=b"", percent=None)
    assert {error.name for error in refused.value.errors} >= {"letter", "percent"}
    with pytest.raises(InvalidError):
        enter(office, "dewi", letter=b"MZ\x90\x00" + b"\0" * 100)
    assert desk.task("budi").spot.row.state == ""


def test_a_next_draft_of_the_kls_other_pokja_is_never_told(desk, office):
    office.hire("dodi", Grant(Role.MEMBER, office.institutions["kl-07"], office.pokjas["2"]))
    public_id = office.hand_in("dodi", "Judul lama")
    office.services.review.approve(office.people["dewi"], public_id, 1)
    office.services.products.add_version(office.people["dodi"], public_id)
    office.say("dodi", public_id, title="Judul rahasia")
    titles = [output.title for output in desk.form("budi").outputs]
    assert "Judul rahasia" not in titles


def test_a_kl_that_was_merged_keeps_its_old_name_on_its_report(desk, office):
    report = desk.save("budi")
    desk.submit("budi", report)
    draft = desk.save("budi", "1.1.02", achievement="Draf lama")
    with office.services.db.write() as session:
        old = session.get_one(Institution, office.institutions["kl-07"])
        old.successor_id, old.successor_at = office.institutions["kl-12"], office.clock.now()
    office.clock.forward(minutes=1)
    assert read(office, "dewi", report).institution == "K/L Contoh 07"
    assert [task.spot.row.state for task in desk.board("tia").tasks] == ["submitted", "draft"]
    assert not any(task.report for task in desk.board("tia").tasks)
    with pytest.raises(ConflictError):
        desk.save("tia", where={"unit": "kl-12"}, achievement="Kedua kali")
    kept = desk.form("budi", "1.1.02", unit="kl-12")
    assert kept.typed["achievement"] == "Draf lama"
    assert desk.save("budi", "1.1.02", {"unit": "kl-12"}, achievement="Draf lama, dilanjutkan") == draft
    assert desk.report(draft).institution_id == office.institutions["kl-07"]


# -- classification ----------------------------------------------------------------------------------


def test_a_report_changes_its_classification_with_a_reason_and_at_once(desk, office):
    report = desk.save("budi")
    desk.submit("budi", report)
    decide(office, report, Act.APPROVE)
    assert read(office, "tia", report).classification == "internal"
    classify = office.services.reports.classify
    for classification, reason in (("terbatas", " "), ("rahasia", "alasan")):
        with pytest.raises(InvalidError):
            classify(office.people["budi"], report, classification, reason)
    for login in ("tia", "sari", "kiki"):
        with pytest.raises(ForbiddenError):
            classify(office.people[login], report, "terbuka", "x")
    with pytest.raises(NotFoundError):
        classify(office.people["yoga"], report, "terbuka", "x")
    classify(office.people["budi"], report, "terbatas", "memuat nama saksi")
    with pytest.raises(NotFoundError):
        read(office, "tia", report)
    assert desk.board("budi").tasks[0].spot.row.state == "approved"  # the state stays official
    assert acts(office, report)[-1] == "report.classified"
    dewi = office.browser("dewi")
    page = dewi.get(f"/laporan-aksi/{report}")
    refused = dewi.post(f"/laporan-aksi/{report}/klasifikasi", classification="terbuka", reason="")
    assert (refused.status_code, "Ubah klasifikasi" in page.text) == (422, True)
    dewi.post(f"/laporan-aksi/{report}/klasifikasi", classification="internal", reason="permintaan K/L")
    assert read(office, "tia", report).classification == "internal"
    assert "Ubah klasifikasi" not in office.browser("tia").get(f"/laporan-aksi/{report}").text


# -- who reads ---------------------------------------------------------------------------------------


def test_content_follows_the_policy_and_the_state_is_official(desk, office):
    report = desk.save("budi")
    for login in ("dewi", "kiki", "tia", "sari", "yoga"):
        with pytest.raises(NotFoundError):
            read(office, login, report)
    desk.submit("budi", report)
    for login in ("dewi", "kiki", "sari"):
        assert read(office, login, report).achievement == ACHIEVEMENT
    for login in ("tia", "yoga"):
        with pytest.raises(NotFoundError):
            read(office, login, report)
    decide(office, report, Act.APPROVE)
    assert read(office, "tia", report).achievement == ACHIEVEMENT
    with office.services.db.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Product)) == 0
