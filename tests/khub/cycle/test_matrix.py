"""The matrix: random histories, past dates that stay as they were, margins, links, files, statements."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from khub import migrations
from khub.cycle import ledger as ledgers
from khub.cycle import matrix, missing, numbers
from khub.db import Database
from khub.plan import past
from khub.plan.models import (
    Action,
    ActionInstitution,
    ActionYear,
    Branch,
    Commitment,
    Extension,
    Focus,
    Institution,
    Period,
    PeriodStep,
    Plan,
    Pokja,
)
from khub.products.lifecycle import State
from khub.reports.models import Report, ReportStep
from tests.khub.conftest import PERIOD, PLAN

START = datetime(2022, 1, 10, tzinfo=UTC)
YEARS = (2022, 2023)
ACTIONS, UNITS = 5, 4
#: What may happen next, in days after the step before it.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            (
                "table",
                "duty",
                "successor",
                "answer",
                "open",
                "close",
                "reopen",
                "draft",
                "submit",
                "return",
                "approve",
                "extend",
            )
        ),
        st.integers(0, ACTIONS - 1),
        st.integers(0, UNITS - 1),
        st.integers(0, 3),
        st.sampled_from((0, 1, 40)),
    ),
    min_size=5,
    max_size=60,
)
_MOVES = {
    "draft": ((None, State.DRAFT),),
    "submit": ((State.DRAFT, State.SUBMITTED), (State.RETURNED, State.SUBMITTED)),
    "return": ((State.SUBMITTED, State.RETURNED),),
    "approve": ((State.SUBMITTED, State.APPROVED),),
}


class Story:
    """A plan to which things happen one after another, each at its time."""

    def __init__(self, session: Session) -> None:
        self.session, self.at, self.number = session, START, 0
        self.plan = Plan(code="p", name="Contoh", created_at=START)
        session.add(self.plan)
        session.flush()
        self.units = [Institution(code=f"kl-{n}", name=f"K/L {n}") for n in range(UNITS)]
        session.add_all(self.units)
        self.actions = []
        for place in range(ACTIONS):
            code = str(1 + place % 2)
            branch = session.scalar(sa.select(Branch).where(Branch.code == code))
            if branch is None:
                branch = Branch(plan_id=self.plan.id, code=code, name=f"Pilar {code}")
                session.add(branch)
                session.flush()
                session.add_all(
                    [
                        Focus(branch_id=branch.id, code=f"{code}.1", name="Fokus"),
                        Pokja(code=f"pokja-{code}", name=f"Pokja {code}", branch_id=branch.id),
                    ]
                )
                session.flush()
            focus = session.scalars(sa.select(Focus).where(Focus.branch_id == branch.id)).one()
            action = Action(
                plan_id=self.plan.id, focus_id=focus.id, code=f"{code}.1.{place:02}", title="Aksi"
            )
            session.add(action)
            self.actions.append(action)
        self.periods = [
            Period(
                plan_id=self.plan.id,
                code=f"{year}-01-{month:02}",
                name=f"{year} {month}",
                year=year,
                starts=date(year, 1, 1),
                ends=date(year, month, 28),
                deadline=datetime(year, month, 28, tzinfo=UTC),
            )
            for year in YEARS
            for month in (4, 10)
        ]
        session.add_all(self.periods)
        session.flush()
        for period in self.periods:
            session.add(PeriodStep(period_id=period.id, state="planned", at=START))
        session.flush()

    def tell(self, what: str, a: int, u: int, p: int, days: int) -> None:
        """Let one thing happen, as the services write it."""
        self.at += timedelta(days=days, minutes=1)
        action, unit, period = self.actions[a], self.units[u], self.periods[p]
        getattr(self, f"_{what}", self._report)(what, action, unit, period)
        self.session.flush()

    def _table(self, _what, action, _unit, period) -> None:
        rows = self.session.scalars(sa.select(ActionYear.year).where(ActionYear.action_id == action.id)).all()
        wanted = set(rows) ^ {period.year}
        past.set_years(self.session, action.id, wanted, rows, removed_at=self.at, learnt=self.at)

    def _duty(self, _what, action, unit, _period) -> None:
        row = self.session.get(ActionInstitution, (action.id, unit.id, "responsible"))
        if row is None:
            self.session.add(
                ActionInstitution(
                    action_id=action.id, institution_id=unit.id, role="responsible", recorded_at=self.at
                )
            )
            return
        past.keep(self.session, "duty", action.id, unit.id, row.recorded_at, self.at)
        self.session.delete(row)

    def _successor(self, _what, action, unit, _period) -> None:
        later = self.units[(self.units.index(unit) + 1 + self.actions.index(action)) % UNITS]
        if unit.successor_id is not None:
            past.keep(self.session, "successor", unit.id, unit.successor_id, unit.successor_at, self.at)
            unit.successor_id = unit.successor_at = None
        elif later.id != unit.id and later.successor_id is None:
            unit.successor_id, unit.successor_at = later.id, self.at

    def _answer(self, _what, action, unit, period) -> None:
        self.session.add(
            Commitment(
                action_id=action.id,
                institution_id=unit.id,
                year=period.year,
                answer=("yes", "yes", "no", "returned")[(action.id + self.number) % 4],
                recorded_at=self.at,
            )
        )
        self.number += 1

    def _extend(self, _what, action, unit, period) -> None:
        self.session.add(
            Extension(
                period_id=period.id,
                institution_id=unit.id,
                action_id=action.id if self.number % 2 else None,
                deadline=period.deadline + timedelta(days=30),
                reason="x",
                recorded_at=self.at,
            )
        )

    def _step(self, period, state) -> None:
        before = self.session.scalars(
            sa.select(PeriodStep).where(PeriodStep.period_id == period.id, PeriodStep.ended_at.is_(None))
        ).one()
        before.ended_at = self.at
        self.session.add(PeriodStep(period_id=period.id, state=state, at=self.at))
        period.state = state

    def _open(self, _what, _action, _unit, period) -> None:
        if period.state == "planned":
            self._step(period, "open")

    def _close(self, _what, _action, _unit, period) -> None:
        if period.state in ("open", "reopened"):
            self._step(period, "closed")
            for report in self.session.scalars(
                sa.select(Report).where(Report.period_id == period.id, Report.state == State.APPROVED)
            ).all():
                self._move(report, State.LOCKED)

    def _reopen(self, _what, _action, _unit, period) -> None:
        if period.state == "closed":
            self._step(period, "reopened")

    def _report(self, what, action, unit, period) -> None:
        if period.state not in ("open", "reopened"):
            return
        report = self.session.scalar(
            sa.select(Report).where(
                Report.action_id == action.id,
                Report.institution_id == unit.id,
                Report.period_id == period.id,
            )
        )
        for source, target in _MOVES[what]:
            if report is None and source is None:
                self._begin(action, unit, period)
                return
            if report is not None and report.state == source:
                self._move(report, target)
                return

    def _begin(self, action, unit, period) -> None:
        self.number += 1
        report = Report(
            public_id=f"L-{self.number}",
            action_id=action.id,
            institution_id=unit.id,
            period_id=period.id,
            pokja_id=1,
            classification="internal",
            state=State.DRAFT,
            created_at=self.at,
        )
        self.session.add(report)
        self.session.flush()
        self.session.add(ReportStep(report_id=report.id, state=State.DRAFT, at=self.at))

    def _move(self, report, target) -> None:
        step = self.session.scalars(
            sa.select(ReportStep).where(ReportStep.report_id == report.id, ReportStep.ended_at.is_(None))
        ).one()
        step.ended_at = self.at
        report.state = target
        report.pressed_at = report.pressed_at or (self.at if target == State.SUBMITTED else None)
        self.session.add(
            ReportStep(report_id=report.id, state=target, pressed_at=report.pressed_at, at=self.at)
        )

    def ledger(self, at: datetime) -> ledgers.Ledger:
        """Return the ledger as recorded at ``at``."""
        return ledgers.read(self.session, self.plan.id, at)


def _figures(ledger: ledgers.Ledger) -> dict[str, tuple[int, int | None]]:
    found = {}
    for key in numbers.OF_YEAR:
        for year in YEARS:
            number = numbers.compute(ledger, key, year=year)
            found[f"{key} {year}"] = (number.count, number.total)
    for key in numbers.OF_PERIOD:
        for period in ledger.periods:
            number = numbers.compute(ledger, key, period_id=period.id)
            found[f"{key} {period.code}"] = (number.count, number.total)
    return found


def _adds_up(found: matrix.Matrix) -> None:
    columns = range(len(found.columns))
    for at in columns:
        assert found.under[at] == matrix.sums(line.cells[at] for line in found.lines)
    for place, (state, whole) in enumerate(found.whole.counts):
        cells = [cell for line in found.lines for cell in line.cells if cell.state == state]
        assert whole == len(cells)
        assert whole == sum(found.under[at].counts[place][1] for at in columns)
        assert whole == sum(line.sums.counts[place][1] for line in found.lines)
    for field in ("complete", "asked", "done", "of"):
        whole = getattr(found.whole, field)
        assert whole == sum(getattr(sums, field) for sums in found.under)
        assert whole == sum(getattr(line.sums, field) for line in found.lines)


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """Return a migrated SQLite database whose sessions are always rolled back."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('story')}/khub.db")
    migrations.upgrade(database)
    yield database
    database.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_margins_equal_cells_and_the_numbers_and_the_past_stays(empty, steps):
    with Session(empty.engine) as session:
        story = Story(session)
        ids = [period.id for period in story.periods]
        remembered = {}
        for what, *where in steps:
            story.tell(what, *where)
            if story.at not in remembered and len(remembered) < 12:
                remembered[story.at] = _figures(story.ledger(story.at))
        ledger = story.ledger(story.at)
        found = matrix.by_period(ledger, ids, matrix.Narrowed())
        _adds_up(found)
        for at, period_id in enumerate(ids):
            handed_in = numbers.reported(ledger, period_id)
            assert (found.under[at].done, found.under[at].of) == (handed_in.count, handed_in.total)
            units = matrix.by_unit(ledger, period_id, matrix.Narrowed())
            _adds_up(units)
            assert (units.whole.done, units.whole.of) == (handed_in.count, handed_in.total)
            assert units.whole.complete == numbers.approved(ledger, period_id).count
            for branch in ("1", "2"):
                part = matrix.by_period(ledger, [period_id], matrix.Narrowed(branch=branch)).whole
                share = numbers.reported(ledger, period_id, branch)
                assert (part.done, part.of) == (share.count, share.total)
            listed = missing.compute(ledger, ledger.period(period_id), frozenset())
            assert sum(each.missing("realisasi") for each in listed) == sum(
                "progress" in row.asks for row in handed_in.missing
            )
            answered = numbers.answered(ledger, ledger.period(period_id).year)
            assert sum(each.missing("komitmen") for each in listed) == len(answered.missing)
        for moment, figures in remembered.items():
            assert _figures(story.ledger(moment)) == figures, moment
        session.rollback()


# -- on the page -----------------------------------------------------------------------------------


def _sent(office, path, login="dewi"):
    browser = office.browser(login)
    browser.get(path)
    seen: list[str] = []
    engine = office.services.db.engine
    note = lambda *args: seen.append(args[2])  # noqa: E731 - removed again below
    sa.event.listen(engine, "before_cursor_execute", note)
    answer = browser.get(path)
    sa.event.remove(engine, "before_cursor_execute", note)
    return answer, [text for text in seen if text.lstrip().upper().startswith("SELECT")]


@pytest.mark.parametrize(
    "path", ["/matriks", "/matriks/kl", f"/matriks/baris?aksi={PLAN}/1.1.01&periode={PERIOD}"]
)
def test_a_page_costs_few_statements_however_much_it_shows(office, path):
    answer, sent = _sent(office, path)
    assert answer.status_code == 200
    assert len(sent) <= 32


def test_my_own_empty_cell_is_where_i_report(office):
    for login, own in (("budi", True), ("tia", True), ("dewi", False), ("kiki", False), ("sari", False)):
        page = office.browser(login).get("/matriks").text
        # budi and tia are of pokja 1, so the two actions of pilar 2 are not theirs to fill in
        assert page.count('class="sel-unggah') == (2 if own else 0), login


def test_filters_narrow_and_refuse_what_they_do_not_know(office):
    dewi = office.browser("dewi")
    assert "2.1.01" not in dewi.get("/matriks?pilar=1").text
    assert "1.1.01" not in dewi.get("/matriks?pokja=2").text
    assert "Tidak ada yang cocok" in dewi.get("/matriks?status=locked").text
    assert "1.1.01" in dewi.get("/matriks?status=not_reported&tanda=not_reported").text
    assert "Tidak ada yang cocok" in dewi.get("/matriks/kl?kl=lain").text
    for path, status in (
        ("/matriks?status=lain", 422),
        ("/matriks?tanda=lain", 422),
        ("/matriks?periode=lain", 404),
        ("/matriks?hingga=lain", 404),
        ("/matriks?cetak=a5", 404),
        ("/matriks?hlm=0", 422),
        ("/matriks/kl?periode=lain", 404),
        ("/matriks?rencana=lain", 404),
        ("/matriks/baris", 404),
        (f"/matriks/baris?aksi={PLAN}/9.9.99&periode={PERIOD}", 404),
        ("/matriks.exe", 404),
    ):
        assert dewi.get(path).status_code == status, path


def test_files_hold_the_cells_and_no_formula(office):
    with office.services.db.write() as session:
        session.scalars(sa.select(Action).where(Action.code == "1.1.01")).one().title = "=HYPERLINK(1)"
    dewi = office.browser("dewi")
    table = list(csv.reader(io.StringIO(dewi.get("/matriks.csv").data.decode("utf-8-sig"))))
    assert table[1][:3] == ["1.1.01", "'=HYPERLINK(1)", "Belum lapor 0/2"]
    assert table[-1][2] == "0/8"
    book = openpyxl.load_workbook(io.BytesIO(dewi.client.get("/matriks.xlsx").data))
    cell = book.worksheets[0]["B2"]
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")
    units = list(csv.reader(io.StringIO(dewi.get("/matriks.csv?bentuk=kl").data.decode("utf-8-sig"))))
    assert units[0][2:6] == ["1.1.01", "1.1.02", "2.1.01", "2.1.02"]
    assert units[1][1] == "K/L Contoh 07"


def test_an_action_without_fresh_evidence_is_stale(office):
    with office.services.db.write() as session:
        plan_id = session.scalars(sa.select(Plan.id)).one()
        action = session.scalars(sa.select(Action).where(Action.code == "1.1.01")).one()
        old = Period(
            plan_id=plan_id,
            code="2022-01-12",
            name="Januari–Desember 2022",
            year=2022,
            starts=date(2022, 1, 1),
            ends=date(2022, 12, 31),
            deadline=datetime(2023, 1, 20, tzinfo=UTC),
            state="closed",
        )
        session.add(old)
        session.flush()
        report = Report(
            public_id="L-1",
            action_id=action.id,
            institution_id=office.institutions["kl-07"],
            period_id=old.id,
            pokja_id=office.pokjas["1"],
            classification="internal",
            state=State.LOCKED,
            pressed_at=datetime(2022, 12, 5, tzinfo=UTC),
            created_at=datetime(2022, 12, 1, tzinfo=UTC),
        )
        session.add(report)
        session.flush()
        session.add(
            ReportStep(
                report_id=report.id, state=State.LOCKED, pressed_at=report.pressed_at, at=report.created_at
            )
        )
    dewi = office.browser("dewi")
    page = dewi.get("/matriks?tanda=stale").text
    assert re.findall(r'class="kode-l"[^>]*>([\d.]+)', page) == ["1.1.01"]
    with office.services.db.write() as session:  # handed in when the new year had begun: still of the old one
        session.scalars(sa.select(Report)).one().pressed_at = datetime(2023, 1, 5, tzinfo=UTC)
    assert "Tidak ada yang cocok" not in dewi.get("/matriks?tanda=stale").text
    with office.services.db.write() as session:
        running = session.scalars(sa.select(Period.id).where(Period.code == PERIOD)).one()
        session.scalars(sa.select(Report)).one().period_id = running
    assert "Tidak ada yang cocok" in dewi.get("/matriks?tanda=stale").text
