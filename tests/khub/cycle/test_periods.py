"""Years and periods: what the Sekretariat keeps, and what stays of what it changes."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from khub.audit.models import Event
from khub.cycle import ledger as ledgers
from khub.cycle import numbers
from khub.errors import ConflictError, InvalidError
from khub.plan import forms
from khub.plan.models import (
    Action,
    ActionInstitution,
    ActionYear,
    Extension,
    Institution,
    PastFact,
    Period,
    PeriodStep,
    Plan,
)
from khub.plan.terms import PeriodState
from khub.policy import SYSTEM
from khub.products.lifecycle import Act, State
from khub.reports import steps
from khub.reports.models import Report
from tests.khub.conftest import PERIOD, PLAN

BASE = f"/rencana/periode/{PLAN}/{PERIOD}"


def ledger(office, at=None):
    with office.services.db.read() as session:
        plan_id = session.scalars(sa.select(Plan.id)).one()
        return ledgers.read(session, plan_id, at or office.clock.now())


def mark(page):
    return re.search(r'name="seen" value="(\w+)"', page.text)[1]


def report(office, code="1.1.01", *, acts=(Act.SUBMIT, Act.APPROVE)):
    with office.services.db.write() as session:
        row = Report(
            public_id=f"L-{code}",
            action_id=session.scalars(sa.select(Action.id).where(Action.code == code)).one(),
            institution_id=office.institutions["kl-07"],
            period_id=session.scalars(sa.select(Period.id)).one(),
            pokja_id=office.pokjas["1"],
            classification="internal",
            created_at=office.clock.now(),
        )
        steps.begin(session, row, office.clock.now())
        for act in acts:
            office.clock.forward(minutes=1)
            steps.move(session, row, act, office.clock.now())
        return row.id


def state_of(office, report_id):
    with office.services.db.read() as session:
        return session.get_one(Report, report_id).state


# -- the table of a year ---------------------------------------------------------------------------


def test_a_year_changes_and_its_past_stays(office):
    before = office.clock.now()
    dewi = office.browser("dewi")
    path = f"/rencana/tahun/{PLAN}/2023"
    seen = mark(dewi.get(path))
    office.clock.forward(minutes=5)
    assert dewi.post(path, aksi=["1.1.01", "2.1.01"], seen=seen).status_code == 303
    assert [each.code for each in ledger(office).on_table(2023)] == ["1.1.01", "2.1.01"]
    assert len(ledger(office, before).on_table(2023)) == 4
    with office.services.db.read() as session:
        gone = session.scalars(sa.select(PastFact).where(PastFact.kind == "year")).all()
        assert {(fact.value, fact.removed_at) for fact in gone} == {(2023, office.clock.now())}
        event = session.scalars(sa.select(Event).where(Event.act == "year.set")).one()
        assert '"removed": ["1.1.02", "2.1.02"]' in event.facts
    office.clock.forward(minutes=5)
    stale = dewi.post(path, aksi=["1.1.02"], seen=seen)
    assert stale.status_code == 409
    assert re.search(r'value="1\.1\.02" checked', stale.text)
    assert dewi.post(path, aksi=["9.9.99"], seen=mark(dewi.get(path))).status_code == 422
    assert dewi.post(path, aksi=["1.1.02", "1.1.01", "2.1.01"], seen=mark(dewi.get(path))).status_code == 303
    with office.services.db.read() as session:
        back = session.scalars(
            sa.select(ActionYear)
            .join(Action, Action.id == ActionYear.action_id)
            .where(Action.code == "1.1.02")
        ).one()
        assert back.recorded_at == office.clock.now()
    assert len(ledger(office, before).on_table(2023)) == 4


def test_last_years_table_is_offered_and_nothing_is_written_by_looking(office):
    dewi = office.browser("dewi")
    page = dewi.get(f"/rencana/tahun/{PLAN}/2024?salin=lalu")
    assert page.text.count(" checked>") == 4
    assert ledger(office).on_table(2024) == ()
    assert dewi.get(f"/rencana/tahun/{PLAN}/12").status_code == 404
    assert dewi.get("/rencana/tahun/lain/2024").status_code == 404


def test_an_import_keeps_what_it_replaces(office):
    apply = office.services.plans.apply

    def sheet(duty, years):
        head = "plan,pilar_kode,pilar,fokus_kode,fokus,aksi_kode,aksi,penanggung_jawab,instansi_terkait,keluaran,ukuran_keberhasilan,tahun"
        return f"{head}\nRAD contoh,1,P,1.1,F,1.1.01,Aksi,{duty},,,,{years}\n".encode()

    apply(SYSTEM, sheet("kl-07;kl-12", "2022;2023"), "a.csv")
    first = office.clock.now()
    office.clock.forward(days=1)
    apply(SYSTEM, sheet("kl-12", "2023;2024"), "b.csv")
    with office.services.db.read() as session:
        plan_id = session.scalars(sa.select(Plan.id).where(Plan.code == "rad-contoh")).one()
        kept = session.execute(sa.select(PastFact.kind, PastFact.value, PastFact.removed_at)).all()
        assert {tuple(row) for row in kept} == {
            ("duty", office.institutions["kl-07"], office.clock.now()),
            ("year", 2022, office.clock.now()),
        }
        duties = session.scalars(
            sa.select(ActionInstitution)
            .join(Action, Action.id == ActionInstitution.action_id)
            .where(Action.plan_id == plan_id)
        ).all()
        assert [(row.institution_id, row.recorded_at) for row in duties] == [
            (office.institutions["kl-12"], None)
        ]
        then, now = (ledgers.read(session, plan_id, at, period_ids=()) for at in (first, office.clock.now()))
    assert (len(then.owed(2022)), len(then.owed(2023)), len(then.owed(2024))) == (2, 2, 0)
    assert (len(now.owed(2022)), len(now.owed(2023)), len(now.owed(2024))) == (0, 1, 1)


def test_a_successor_counts_only_since_it_was_recorded(office):
    def edit(successor, valid_to):
        with office.services.db.read() as session:
            from khub.plan.institution_queries import institution  # noqa: PLC0415 - only here

            seen = institution(session, SYSTEM, "kl-07", office.clock.now()).seen
        form = forms.institution({"name": "K/L Contoh 07", "successor": successor, "valid_to": valid_to})
        office.services.institutions.edit(SYSTEM, "kl-07", form, seen)

    before = office.clock.now()
    office.clock.forward(days=1)
    edit("kl-12", "2023-09-30")
    merged = office.clock.now()
    office.clock.forward(days=1)
    edit("", "")
    with office.services.db.read() as session:
        fact = session.scalars(sa.select(PastFact).where(PastFact.kind == "successor")).one()
        assert (fact.recorded_at, fact.removed_at) == (merged, office.clock.now())
        assert session.get_one(Institution, office.institutions["kl-07"]).successor_at is None
    assert [
        numbers.involved(ledger(office, at), 2023).total for at in (before, merged, office.clock.now())
    ] == [2, 1, 2]


# -- a period's life -------------------------------------------------------------------------------


def test_the_life_of_a_period_in_steps(office):
    create, move = office.services.periods.create, office.services.periods.move
    form = forms.period(
        {"plan": PLAN, "ends": "2023-12-31", "deadline": "2024-01-15", "deadline_time": "12.30"}
    )
    assert form.deadline.astimezone(UTC) == datetime(2024, 1, 15, 5, 30, 59, tzinfo=UTC)
    code = create(SYSTEM, form)
    planned = office.clock.now()
    office.clock.forward(days=1)
    move(SYSTEM, PLAN, code, PeriodState.OPEN)
    opened = office.clock.now()
    office.clock.forward(days=1)
    move(SYSTEM, PLAN, code, PeriodState.CLOSED)
    office.clock.forward(days=1)
    move(SYSTEM, PLAN, code, PeriodState.REOPENED, "Surat K/L Contoh 01")
    with office.services.db.read() as session:
        found = session.scalars(
            sa.select(PeriodStep).join(Period, Period.id == PeriodStep.period_id).where(Period.code == code)
        ).all()
    assert [step.state for step in found] == ["planned", "open", "closed", "reopened"]
    assert [step.ended_at for step in found] == [step.at for step in found[1:]] + [None]
    assert found[-1].reason == "Surat K/L Contoh 01"
    then = {
        at: next(each for each in ledger(office, at).periods if each.code == code).state
        for at in (planned, opened)
    }
    assert then == {planned: "planned", opened: "open"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts": "2023-02-01"}, "starts"),
        ({"ends": ""}, "ends"),
        ({"deadline": "31-10-2023"}, "deadline"),
        ({"deadline_time": "24.00"}, "deadline"),
        ({"deadline": "2022-12-31"}, "deadline"),
        ({"deadline": "2023-12-30"}, "early"),
        ({"reminders": "-14; 7"}, "reminders"),
        ({"reminders": "-400"}, "reminders"),
        ({"asks": "1"}, "asks"),
        ({"name": "a\u202eb"}, "name"),
    ],
)
def test_a_period_form_tells_what_is_wrong(changes, field):
    typed = {"plan": PLAN, "ends": "2023-12-31", "deadline": "2024-01-15"} | changes
    with pytest.raises(InvalidError) as caught:
        forms.period(typed)
    assert [error.name for error in caught.value.errors] == [field]


def test_a_deadline_before_the_end_of_the_range_is_asked_about_and_shown(office):
    dewi = office.browser("dewi")
    typed = {"plan": PLAN, "ends": "2023-12-31", "deadline": "2023-12-30", "deadline_time": "23.59"}
    dewi.get("/rencana/periode")
    assert 'id="early"' not in dewi.get("/rencana/periode").text
    asked = dewi.post("/rencana/periode", **typed)
    assert asked.status_code == 422
    assert 'id="early"' in asked.text
    made = dewi.post("/rencana/periode", **typed, early="1")
    assert made.status_code == 303
    assert "sebelum akhir periode" in dewi.get(made.location).text
    assert 'name="early" value="1" checked' in dewi.get(f"{made.location}/ubah").text
    last_day = dewi.post(f"{made.location}/ubah", **typed | {"deadline": "2023-12-31"})
    assert "sebelum akhir periode" not in dewi.get(last_day.location).text


def test_what_decides_who_is_late_is_fixed_once_a_period_was_open(office):
    dewi = office.browser("dewi")
    typed = {
        "ends": "2023-10-31",
        "deadline": "2023-10-31",
        "deadline_time": "23.59",
        "name": "Jan–Okt",
        "asks": "1",
        "ask_progress": "1",
        "ask_obstacles": "1",
        "reminders": "-3",
    }
    dewi.get(f"{BASE}/ubah")
    assert dewi.post(f"{BASE}/ubah", **typed).status_code == 303
    with office.services.db.read() as session:
        period = session.scalars(sa.select(Period)).one()
        assert (period.name, period.reminders) == ("Jan–Okt", [-3])
    assert dewi.post(f"{BASE}/ubah", **typed | {"deadline": "2023-11-30"}).status_code == 409
    assert dewi.post(f"{BASE}/ubah", **typed | {"ask_obstacles": ""}).status_code == 409
    assert dewi.post(f"{BASE}/ubah", **typed | {"name": "x" * 200}).status_code == 422


def test_deadlines_are_extended_for_one_unit_one_row_or_all(office):
    dewi = office.browser("dewi")
    dewi.get(BASE)

    def extend(**fields):
        return dewi.post(
            f"{BASE}/perpanjang", **{"deadline": "2023-11-10", "reason": "Surat", **fields}
        ).status_code

    assert extend(deadline="2023-10-01") == 422
    assert extend(reason=" ") == 422
    assert extend(institution="tidak-ada") == 422
    assert extend(action=f"{PLAN}/1.1.01") == 422
    assert extend(institution="kl-07", action=f"{PLAN}/9.9.99") == 422
    assert extend(institution="kl-07", action=f"{PLAN}/1.1.01", deadline="2023-11-20") == 303
    assert extend(institution="kl-12") == 303
    at = office.clock.now()
    rows = ledger(office).rows(ledger(office).periods[0].id)
    due = {(row.unit.code, row.action.code): row.deadline.date().isoformat() for row in rows}
    assert due["kl-07", "1.1.01"] == "2023-11-20"
    assert due["kl-07", "1.1.02"] == "2023-10-31"
    assert due["kl-12", "1.1.02"] == "2023-11-10"
    page = dewi.get(BASE).text
    assert "K/L Contoh 12" in page
    assert "Dewi Contoh" in page
    office.clock.forward(minutes=1)
    assert extend() == 303
    assert {row.deadline.date().isoformat() for row in ledger(office).rows(ledger(office).periods[0].id)} == {
        "2023-11-10",
        "2023-11-20",
    }
    then = ledger(office, at)
    assert any(row.deadline.date().isoformat() == "2023-10-31" for row in then.rows(then.periods[0].id))
    office.services.periods.move(SYSTEM, PLAN, PERIOD, PeriodState.CLOSED)
    assert extend() == 409
    with office.services.db.read() as session:
        assert len(session.scalars(sa.select(Extension)).all()) == 3


def test_what_was_granted_is_taken_back_only_when_that_is_meant(office):
    dewi = office.browser("dewi")
    dewi.get(BASE)

    def extend(day, **fields):
        office.clock.forward(minutes=1)
        given = {"institution": "kl-07", "deadline": f"2023-11-{day}", "reason": "Surat", **fields}
        return dewi.post(f"{BASE}/perpanjang", **given)

    def due():
        rows = ledger(office).rows(ledger(office).periods[0].id)
        return {row.action.code: row.deadline.day for row in rows if row.unit.code == "kl-07"}

    assert extend(20).status_code == 303
    asked = extend(10)
    assert asked.status_code == 422
    assert 'href="#shorter"' in asked.text
    assert 'name="shorter"' in asked.text
    assert due()["1.1.01"] == 20
    assert extend(10, shorter="1").status_code == 303
    assert due()["1.1.01"] == 10
    assert dewi.get(BASE).text.count("diganti") == 1
    # The whole K/L has until the 10th, so that a row cannot get less by being "extended".
    silent = extend("05", action=f"{PLAN}/1.1.01", shorter="1")
    assert (silent.status_code, "tidak mengubah apa pun" in silent.text) == (422, True)
    assert extend(12, action=f"{PLAN}/1.1.01").status_code == 303
    assert (due()["1.1.01"], due()["1.1.02"]) == (12, 10)


def test_closing_shows_what_is_left_then_locks_what_is_approved(office):
    approved = report(office)
    waiting = report(office, "1.1.02", acts=(Act.SUBMIT,))
    dewi = office.browser("dewi")
    dewi.get(BASE)
    assert dewi.post(f"{BASE}/tutup").headers["Location"].endswith("/tutup")
    page = dewi.get(f"{BASE}/tutup")
    assert "1.1.02" in page.text
    assert "1 baris disetujui akan dikunci" in page.text
    opened = re.search(r'href="([^"]+)">Tinjau<span', page.text)
    assert opened
    assert "1.1.02" in dewi.get(opened[1]).text
    assert "2.1.01" in dewi.get(f"{BASE}/tutup?status=belum").text
    assert dewi.get(f"{BASE}/tutup?status=lain").status_code == 404
    seen = mark(page)
    with office.services.db.write() as session:
        steps.move(session, session.get_one(Report, waiting), Act.RETURN, office.clock.now())
    changed = dewi.post(f"{BASE}/tutup", seen=seen)
    assert changed.status_code == 409
    assert dewi.post(f"{BASE}/tutup", seen=mark(changed)).status_code == 303
    assert state_of(office, approved) == State.LOCKED
    assert state_of(office, waiting) == State.RETURNED
    office.clock.forward(minutes=1)
    assert dewi.post(f"{BASE}/buka-kembali", reason="").status_code == 422
    assert dewi.post(f"{BASE}/buka-kembali", reason="Surat").status_code == 303
    assert state_of(office, approved) == State.APPROVED
    assert dewi.post(f"{BASE}/buka").status_code == 409
    assert dewi.post(f"{BASE}/lain").status_code == 404


def test_members_do_not_enter(office):
    budi = office.browser("budi")
    for path in (BASE, f"{BASE}/tutup", f"{BASE}/ubah", f"/rencana/tahun/{PLAN}/2023"):
        assert budi.get(path).status_code == 403
    with pytest.raises(ConflictError):
        office.services.periods.move(SYSTEM, PLAN, PERIOD, PeriodState.OPEN)
