"""A report and its outputs are one item: reserved, approved, returned together."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from khub.audit import chain
from khub.audit.models import Event
from khub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from khub.mail.models import Message
from khub.plan.models import Extension, Period
from khub.reports.models import Report, ReportCopy
from khub.review import forms, line
from khub.review.forms import Return, Seen


def _events(office, public_id):
    with office.services.db.read() as session:
        return list(
            session.scalars(sa.select(Event.act).where(Event.object_id == public_id).order_by(Event.seq))
        )


def _snapshot(office, public_id, number):
    with office.services.db.read() as session:
        return session.scalars(
            sa.select(ReportCopy)
            .join(Report, Report.id == ReportCopy.report_id)
            .where(Report.public_id == public_id, ReportCopy.number == number)
        ).one()


def test_a_report_with_its_outputs_is_one_item_of_the_queue(office, rows):
    along, alone = office.hand_in("budi", "Ikut laporan"), office.hand_in("tia", "Sendiri")
    report = rows.hand_in("budi", (along, "1"))
    queue = rows.queue()
    assert [row.public_id for row in queue.rows] == [alone, report]
    assert queue.waiting == 2
    assert (queue.rows[1].outputs, queue.rows[1].codes, queue.rows[1].files) == (1, ("1.1.01",), 1)


def test_approving_a_report_approves_its_waiting_outputs_at_once(office, rows):
    review, dewi = office.services.review, office.people["dewi"]
    waiting, done = office.hand_in("budi", "Menunggu"), office.hand_in("budi", "Sudah")
    review.approve(dewi, done, 1)
    report = rows.hand_in("budi", (waiting, "1"), (done, ""))
    assert review.open(dewi, report)
    review.approve(dewi, report, 1, version=0, outputs=frozenset(rows.item(report).seen))
    assert {rows.state(each) for each in (report, waiting, done)} == {"approved"}
    assert _events(office, report) == ["report.opened", "report.approved"]
    assert _events(office, waiting)[-1] == "review.approved"
    with office.services.db.read() as session:
        assert chain.verify(session).whole
    assert rows.queue().done_today == 2


def test_a_report_is_not_approved_without_its_outputs(office, rows):
    review, dewi = office.services.review, office.people["dewi"]
    output = office.hand_in("budi", "Kembali")
    report = rows.hand_in("budi", (output, "1"))
    review.send_back(dewi, output, 1, "Tanda tangan kurang.")
    assert [each.public_id for each in rows.item(report).missing] == [output]
    with pytest.raises(ConflictError, match="hanya bersama keluarannya"):
        review.approve(dewi, report, 1)
    assert rows.state(report) == "submitted"
    office.submit("budi", output)
    review.approve(dewi, report, 1)
    assert rows.state(output) == "approved"


def test_an_output_replaced_unseen_stops_the_decision(office, rows):
    review, dewi = office.services.review, office.people["dewi"]
    output = office.hand_in("budi", "Laporan")
    report = rows.hand_in("budi", (output, "1"))
    seen = frozenset(rows.item(report).seen)
    office.services.products.withdraw(office.people["budi"], output)
    office.submit("budi", output)
    with pytest.raises(ConflictError, match="cuplikan baru"):
        review.approve(dewi, report, 1, outputs=seen)
    review.approve(dewi, report, 1, outputs=frozenset(rows.item(report).seen))


@pytest.mark.parametrize("chosen", [None, "first", "none"])
def test_a_return_takes_all_outputs_along_or_those_chosen(office, rows, chosen):
    one, two = office.hand_in("budi", "Satu"), office.hand_in("budi", "Dua")
    report = rows.hand_in("budi", (one, "1"), (two, "1"))
    office.services.review.open(office.people["dewi"], report)
    outputs = {None: None, "first": frozenset({one}), "none": frozenset()}[chosen]
    office.services.review.send_back(office.people["dewi"], report, 1, Return("Perbaiki.", None, outputs))
    assert rows.state(report) == "returned"
    expected = {
        None: ("returned", "returned"),
        "first": ("returned", "submitted"),
        "none": ("submitted",) * 2,
    }
    assert (rows.state(one), rows.state(two)) == expected[chosen]
    left = {row.public_id: row.holder for row in rows.queue("rudi").rows}
    assert left == {each: None for each in (one, two) if rows.state(each) == "submitted"}


def test_a_return_sets_its_own_deadline_and_tells_the_owners(office, rows):
    report = rows.hand_in("budi")
    due = datetime(2023, 10, 16, 16, 59, 59, tzinfo=UTC)
    office.services.review.send_back(office.people["dewi"], report, 1, Return("Perbaiki angka.", due))
    copy = _snapshot(office, report, 1)
    assert (copy.outcome, copy.note, copy.due_at) == ("returned", "Perbaiki angka.", due)
    assert rows.item(report).decision.due_at == due
    with office.services.db.read() as session:
        told = session.scalars(sa.select(Message.person_id)).all()
    assert office.people["budi"].person_id in told
    assert office.people["dewi"].person_id not in told


def test_a_resubmission_is_never_late_if_the_first_was_not(office, rows):
    report = rows.hand_in("budi")
    assert not rows.item(report).late
    office.services.review.send_back(office.people["dewi"], report, 1, "Perbaiki.")
    office.clock.forward(days=60)
    rows.submit("budi", report)
    assert not rows.item(report).late
    assert not rows.queue().rows[0].late


def test_lateness_counts_against_an_extended_deadline(office, rows):
    office.clock.forward(days=30)
    report = rows.hand_in("budi")
    assert rows.item(report).late
    with office.services.db.write() as session:
        period = session.scalars(sa.select(Period).where(Period.state == "open").order_by(Period.id)).first()
        session.add(
            Extension(
                period_id=period.id,
                institution_id=office.institutions["kl-07"],
                deadline=office.clock.now() + timedelta(days=3),
                reason="Banjir",
                recorded_at=office.clock.now(),
            )
        )
    assert not rows.item(report).late
    assert not rows.queue().rows[0].late


def test_opening_ends_the_withdrawal_of_outputs_and_releasing_gives_it_back(office, rows):
    review, people = office.services.review, office.people
    output = office.hand_in("budi", "Laporan")
    report = rows.hand_in("budi", (output, "1"))
    assert review.open(people["dewi"], report)
    with pytest.raises(ConflictError):
        office.services.products.withdraw(people["budi"], output)
    assert not review.open(people["rudi"], report)
    with pytest.raises(ConflictError):
        review.release(people["rudi"], report)
    review.release(people["dewi"], report)
    assert rows.item(report).holder is None
    assert _events(office, report) == ["report.opened", "report.released"]
    assert review.open(people["rudi"], report)
    with pytest.raises(ConflictError, match="Verifikator lain"):
        review.approve(people["dewi"], report, 1)


@pytest.mark.parametrize("act", ["approve", "send_back", "answer", "release"])
def test_nobody_decides_on_his_own_units_report_or_one_he_entered(office, rows, act):
    own = rows.hand_in("budi")
    entered = rows.hand_in("dewi", unit="kl-12", action="1.1.02")
    review = office.services.review

    def do(login, public_id):
        person = office.people[login]
        if act == "answer":
            return review.answer(person, public_id, Seen(1), {"signed": "yes"})
        if act == "release":
            return review.release(person, public_id)
        return getattr(review, act)(person, public_id, 1, "catatan")

    for login, public_id in (("rani", own), ("dewi", entered), ("kiki", own), ("sari", own)):
        with pytest.raises(ForbiddenError):
            do(login, public_id)
    with pytest.raises(NotFoundError):
        do("tia", own)
    assert review.open_next(office.people["rani"]) == entered
    assert rows.item(entered).barred


def test_an_output_somebody_handed_in_himself_bars_him_from_the_report(office, rows):
    own = office.hand_in("rani", "Dari unit sendiri")
    report = rows.hand_in("tia", (own, "1"), unit="kl-12")
    with pytest.raises(ForbiddenError):
        office.services.review.approve(office.people["rani"], report, 1)


def test_a_period_that_closed_meanwhile_stops_every_decision_and_keeps_nothing_half(office, rows):
    review, dewi = office.services.review, office.people["dewi"]
    output = office.hand_in("budi", "Laporan")
    report = rows.hand_in("budi", (output, "1"))
    review.open(dewi, report)
    rows.close()
    for decide in (review.approve, review.send_back):
        with pytest.raises(ConflictError, match="sudah ditutup"):
            decide(dewi, report, 1, "catatan")
    assert (rows.state(report), rows.state(output)) == ("submitted", "submitted")
    # The keluaran is not bound to the period: it can be decided on by itself.
    assert [row.public_id for row in rows.queue().rows] == [output]
    rows.close(state="reopened")
    assert [row.public_id for row in rows.queue().rows] == [report]
    review.approve(dewi, report, 1)


def test_two_reviewers_deciding_at_once_leave_one_decision(office, rows):
    report = rows.hand_in("budi", (office.hand_in("budi", "Laporan"), "1"))
    start, results = threading.Barrier(2), []

    def press(login, act):
        start.wait()
        try:
            getattr(office.services.review, act)(office.people[login], report, 1, "catatan")
            results.append(act)
        except ConflictError:
            results.append("conflict")

    threads = [
        threading.Thread(target=press, args=pair) for pair in (("dewi", "approve"), ("rudi", "send_back"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results.count("conflict") == 1
    done = {"approve": "approved", "send_back": "returned"}[next(r for r in results if r != "conflict")]
    assert rows.state(report) == done


def test_a_resubmitted_report_makes_an_old_page_stale(office, rows):
    review, dewi = office.services.review, office.people["dewi"]
    report = rows.hand_in("budi")
    review.send_back(dewi, report, 1, "Tambah.")
    rows.submit("budi", report)
    for decide in (review.approve, review.send_back):
        with pytest.raises(ConflictError):
            decide(dewi, report, 1, "catatan")
    review.approve(dewi, report, 2)


def test_reopening_a_report_leaves_its_outputs_approved(office, rows):
    output = office.hand_in("budi", "Laporan")
    report = rows.hand_in("budi", (output, "1"))
    office.services.review.approve(office.people["dewi"], report, 1)
    with pytest.raises(InvalidError):
        office.services.review.reopen(office.people["dewi"], report, "")
    with pytest.raises(ConflictError, match="Buka kembali laporannya dahulu"):
        office.services.review.reopen(office.people["rudi"], output, "Berkas tertukar.")
    office.services.review.reopen(office.people["rudi"], report, "Angka tertukar.")
    assert (rows.state(report), rows.state(output)) == ("returned", "approved")
    office.services.review.reopen(office.people["rudi"], output, "Berkas tertukar.")


def test_the_queue_goes_by_age_or_by_deadline(office, rows):
    late = rows.hand_in("budi")
    soon = rows.hand_in("budi", period="2023-01-04", action="1.1.02")
    assert [row.public_id for row in rows.queue().rows] == [late, soon]
    assert [row.public_id for row in rows.queue(by="tenggat").rows] == [soon, late]


@pytest.mark.parametrize("by", [line.BY_AGE, "tenggat"])
def test_pages_of_the_queue_hold_each_item_once_reports_and_keluaran_of_one_moment_too(office, rows, by):
    now = office.clock.now()
    for number in range(3):
        office.clock.at = now
        office.hand_in("budi", f"Keluaran {number}")
    for action in ("1.1.01", "1.1.02"):
        office.clock.at = now
        rows.hand_in("budi", action=action)
    whole = rows.queue(by=by)
    assert whole.waiting == len(whole.rows) == 5
    with office.services.db.read() as session:
        pages = [
            line.queue(session, office.people["dewi"], office.clock.now(), offset=offset, limit=2, by=by)
            for offset in (0, 2, 4)
        ]
    assert [row.public_id for page in pages for row in page.rows] == [row.public_id for row in whole.rows]
    assert {page.waiting for page in pages} == {5}


def test_the_pace_counts_working_days_and_foretells_the_end(office, rows):
    # 10 decisions in the week before Monday 9 October are 2 a day; 5 left end on Thursday the 12th.
    for number in range(10):
        office.clock.at = datetime(2023, 10, 2 + number % 5, 3, 0, tzinfo=UTC)
        office.services.review.approve(office.people["dewi"], office.hand_in("budi", f"Lama {number}"), 1)
    office.clock.at = datetime(2023, 10, 9, 3, 0, tzinfo=UTC)
    for number in range(5):
        office.hand_in("budi", f"Baru {number}")
    queue = rows.queue()
    assert (queue.pace, queue.done_by.isoformat(), queue.done_today) == (2.0, "2023-10-12", 0)
    office.services.review.approve(office.people["dewi"], queue.rows[0].public_id, 1)
    assert rows.queue().done_today == 1


@pytest.mark.parametrize("typed", ["2023-13-01", "16 Okt 2023", "2023-10-08", "2025-10-09", "x" * 5000, "0"])
def test_a_deadline_for_mending_is_a_day_from_today_on(office, typed):
    with pytest.raises(InvalidError):
        forms.returned("Perbaiki.", typed, None, office.clock.now())
    with pytest.raises(InvalidError) as both:
        forms.returned("", typed, None, office.clock.now())
    assert [error.name for error in both.value.errors] == ["note", "due"]
    assert forms.returned("Perbaiki.", "", None, office.clock.now()).due_at is None
    end = forms.returned("Perbaiki.", "2023-10-16", None, office.clock.now()).due_at
    assert end == datetime(2023, 10, 16, 16, 59, 59, tzinfo=UTC)


def test_answers_are_kept_one_by_one_with_who_and_when(office, rows):
    review, people = office.services.review, office.people
    report = rows.hand_in("budi")
    with pytest.raises(ConflictError):
        review.answer(people["dewi"], report, Seen(1), {"signed": "yes"})
    review.open(people["dewi"], report)
    assert review.answer(people["dewi"], report, Seen(1), {"signed": "yes", "period": "open"}) == 1
    assert review.answer(people["dewi"], report, Seen(1), {"signed": "yes", "period": "no"}) == 2
    said = rows.item(report).answers
    assert {item: (a.answer, a.person) for item, a in said.items()} == {
        "signed": ("yes", "Dewi Contoh"),
        "period": ("no", "Dewi Contoh"),
    }
    assert _events(office, report) == ["report.opened", "report.answered", "report.answered"]
    with pytest.raises(ConflictError):
        review.answer(people["rudi"], report, Seen(1), {"signed": "no"})
    review.send_back(people["dewi"], report, 1, "Perbaiki.")
    rows.submit("budi", report)
    assert rows.item(report).answers == {}


def test_what_was_said_before_is_pointed_at(office, rows):
    review, dewi = office.services.review, office.people["dewi"]
    same = b"Daftar hadir yang sama persis, 12 September 2023."
    old = office.hand_in("budi", "Lama", content=same)
    before = rows.hand_in("budi", (old, "1"), period="2023-01-04", value=118)
    review.approve(dewi, before, 1)
    new = office.hand_in("budi", "Baru", content=same)
    said = "Modul pelatihan disusun bersama guru dan dipakai di satuan sasaran. Edisi 2 terbit."
    report = rows.hand_in("budi", (new, "1"), achievement=said, value=100, why="Data dibersihkan.")
    found = rows.item(report)
    assert [(run.text, run.reused) for run in found.achievement] == [(said[:68], True), (said[68:], False)]
    assert found.earlier == "Januari–April 2023"
    (figure,) = found.figures
    assert (figure.target, figure.last, figure.value, figure.fell, figure.why) == (
        240,
        118,
        100,
        True,
        "Data dibersihkan.",
    )
    assert [(each.product, each.period) for each in found.again] == [(old, "Januari–April 2023")]


def test_changes_since_the_return_are_told_word_by_word(office, rows):
    one, two = office.hand_in("budi", "Satu"), office.hand_in("budi", "Dua", content=b"dua")
    report = rows.hand_in(
        "budi", (one, "1"), (two, "2"), no_obstacles=False, obstacles="Jadwal mundur dua minggu.", value=118
    )
    office.services.review.send_back(
        office.people["dewi"], report, 1, Return("Perbaiki jadwal.", None, frozenset())
    )
    rows.say(
        report,
        obstacles="Jadwal mundur tiga minggu.",
        percent=80,
        values=[{"activity": rows.activity, "value": 120, "why": ""}],
    )
    rows.submit("budi", report)
    changes = rows.item(report).changes
    assert (changes.note, changes.state, changes.percent) == ("Perbaiki jadwal.", "returned", (60, 80))
    pieces = next(text.pieces for text in changes.texts if text.name == "obstacles")
    assert [(piece.kind, piece.text) for piece in pieces] == [
        ("same", "Jadwal mundur "),
        ("gone", "dua "),
        ("came", "tiga "),
        ("same", "minggu."),
    ]
    assert changes.figures == (("Guru terlatih", 118.0, 120.0),)
    assert (changes.changes, changes.kept_files) == ((), 2)


def test_opening_a_keluaran_of_a_report_opens_the_report(office, rows):
    output = office.hand_in("budi", "Bukti")
    report = rows.hand_in("budi", (output, "1"))
    assert office.services.review.open(office.people["dewi"], output)
    assert rows.item(report).holder.me
    assert not office.services.review.open(office.people["rudi"], output)
