"""2023 as it went, played through the browser with a steered clock and a real mail server.

At each step the figures on the screen, in the mail, in the CSV and in the DOCX are the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from khub import policy
from khub.accounts.models import Membership, Person
from khub.clock import WIB
from khub.cycle.forms import AnswerForm
from khub.cycle.seats import Place as Seat
from khub.demo import catalogue, people, reporting, year
from khub.plan.models import Institution
from khub.policy import Actor, Grant, Role
from khub.reports.forms import Said
from khub.reports.rows import Place
from tests.browser.acts import (
    PERIOD,
    PLAN,
    approves,
    commits,
    counted,
    figure,
    imports_the_plan,
    letters,
    opens_the_period,
    owed_by,
    person,
    reports,
    returns,
    words,
)
from tests.browser.site import Site, Visit, serving, until
from tests.khub.mail.sink import Sink, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from khub.wiring import Services

_SYSTEM = replace(policy.SYSTEM, simulated=True)


@dataclass
class Calendar:
    """The clock of every process: moved by writing into its file."""

    file: Path

    def at(self, month: int, day: int, hour: int = 9, minute: int = 0) -> None:
        moment = datetime(2023, month, day, hour, minute, tzinfo=WIB)
        self.file.write_text(moment.isoformat(), encoding="ascii")


def _accounts(services: Services) -> None:
    for login, name, role in (
        ("sekretariat", "Ratna Contoh", Role.SECRETARIAT),
        ("sekretariat2", "Wawan Contoh", Role.SECRETARIAT),
        ("auditor", "Maya Contoh", Role.AUDITOR),
    ):
        person = services.accounts.create_person(_SYSTEM, login, name, f"{login}@contoh.example")
        services.accounts.add_membership(_SYSTEM, person, role, None, None, valid_from=year.BEGAN.date())
        services.accounts.set_password(_SYSTEM, person, people.PASSWORD, checked=False)


@pytest.fixture
def post() -> Iterator[Sink]:
    with running(Sink()) as sink:
        yield sink


@pytest.fixture
def calendar(tmp_path: Path) -> Calendar:
    found = Calendar(tmp_path / "jam")
    found.at(1, 9)
    return found


@pytest.fixture
def played(tmp_path: Path, calendar: Calendar, post: Sink) -> Iterator[Site]:
    """Return a site with nothing but three people in it, whose clock and mail server are ours."""
    with serving(
        tmp_path / "situs",
        _accounts,
        clock_shift=0,
        clock_file=str(calendar.file),
        smtp_host="127.0.0.1",
        smtp_port=post.port,
        smtp_tls="none",
        mail_from="khub@contoh.example",
        base_url="http://khub.contoh.example",
    ) as site:
        yield site


@pytest.fixture
def visiting(played: Site, browser: Browser) -> Iterator[Visit]:
    opened = Visit(played, browser)
    yield opened
    for context in opened.contexts:
        context.close()
    assert opened.complaints == []


@dataclass
class Office:
    """What the forty K/L do in bulk, through the services and under the same clock."""

    site: Site
    units: dict[str, str]

    def operator(self, institution: str) -> Actor:
        with self.site.services.db.read() as session:
            person = session.execute(
                sa.select(Person).where(Person.login == year.operator(institution))
            ).scalar_one()
            grants = tuple(
                Grant(Role(each.role), each.institution_id, each.pokja_id)
                for each in session.scalars(sa.select(Membership).where(Membership.person_id == person.id))
            )
            return Actor(person.id, person.name, grants)

    def answer(self, institution: str, rows: list[catalogue.CommitmentRow]) -> None:
        actor, commitments = self.operator(institution), self.site.services.commitments
        unit = self.units[institution]
        for row in rows:
            said = "yes" if row.answer == "ya" else "no"
            form = AnswerForm(said, row.reason, None, None, None, 0)
            commitments.save(actor, Seat(PLAN, 2023, unit, row.action), form)
        commitments.submit(actor, PLAN, 2023, unit)

    def report(self, institution: str, rows: list[reporting.DemoReport]) -> list[str]:
        actor, reports = self.operator(institution), self.site.services.reports
        made = []
        for row in rows:
            place = Place(PLAN, PERIOD, self.units[institution], row.action)
            said = Said(
                achievement=row.achievement,
                percent=row.percent,
                obstacles=row.obstacles,
                no_obstacles=row.no_obstacles,
                follow_up=row.follow_up,
            )
            made.append(reports.save(actor, place, said).report)
        return list(reports.submit(actor, made).reports)


#: The K/L that is seen in the browser; the others act through the services under the same clock.
OWN = catalogue.institution_name(7)


class Play:
    """The year, season by season."""

    def __init__(self, site: Site, visit: Visit, calendar: Calendar, post: Sink, folder: Path) -> None:
        self.site, self.visit, self.calendar, self.post, self.folder = site, visit, calendar, post, folder
        self.services = site.services
        imports_the_plan(self.enter("sekretariat"))
        year.operators(self.services, _SYSTEM, set())
        with self.services.db.write() as session:
            for person in session.scalars(sa.select(Person).where(Person.email == "")):
                person.email = f"{person.login}@contoh.example"
            seven = session.execute(sa.select(Person.id).where(Person.login == "operator07")).scalar_one()
            self.units = dict(session.execute(sa.select(Institution.name, Institution.code)).all())
        self.services.accounts.set_password(_SYSTEM, seven, people.PASSWORD, checked=False)
        self.office = Office(site, self.units)

    def enter(self, login: str) -> Page:
        """Sign in anew: the clock has moved past every session."""
        self.site.cookies.clear()
        return self.visit(login)

    def january(self) -> None:
        """36 of 44 K/L commit to 64 of 79 actions."""
        self.calendar.at(1, 24)
        answers: dict[str, list[catalogue.CommitmentRow]] = {}
        for row in catalogue.commitments():
            if row.answer is not None:
                answers.setdefault(row.institution, []).append(row)
        commits(self.enter("operator07"), answers.pop(OWN))
        for institution, rows in answers.items():
            self.office.answer(institution, rows)
        page = self.enter("sekretariat")
        assert figure(page, "Aksi berkomitmen 2023") == (64, 79)
        assert figure(page, "K/L terlibat 2023") == (36, 44)
        assert [counted(page, "committed", pilar=each) for each in "123"] == [41, 12, 11]
        assert [counted(page, "on-table", pilar=each) for each in "123"] == [50, 15, 14]
        assert counted(page, "involved") == 36
        assert counted(page, "committed", per="2023-01-20") == 0

    def september(self) -> None:
        """The period opens."""
        self.calendar.at(9, 18)
        page = self.enter("sekretariat")
        opens_the_period(page)
        self.expected = figure(page, "Laporan masuk")[1]
        assert figure(page, "Laporan masuk") == (0, self.expected)

    def october(self) -> None:
        """Half of the K/L report; a week before the deadline the others are reminded."""
        self.calendar.at(10, 20)
        begun: dict[str, list[reporting.DemoReport]] = {}
        for report in reporting.reports():
            if report.period == "Januari–Oktober 2023":
                begun.setdefault(report.institution, []).append(report)
        self.mine = [row for row in begun.pop(OWN) if row.progress]
        self.handed = [
            (row, public_id)
            for institution, rows in begun.items()
            for row, public_id in zip(rows, self.office.report(institution, rows), strict=False)
        ]
        self.already = len(self.handed)
        page = self.enter("sekretariat")
        assert figure(page, "Laporan masuk") == (self.already, self.expected)
        owed = counted(page, "reported", sisi="belum")
        assert owed == self.expected - self.already
        self.post.letters.clear()
        self.calendar.at(10, 24, 7, 5)
        until(lambda: letters(self.post, OWN), "the reminder of 24 October does not arrive", 60)
        text = letters(self.post, OWN)[0]
        assert "7 hari lagi" in text
        page = self.enter("sekretariat")
        assert owed_by(page, OWN) == int(re.search(r"(\d+) laporan belum masuk", text)[1])  # type: ignore[index]

    def return_and_approval(self) -> None:
        """One K/L reports in the browser; it comes back with a note, is mended, and approved in two clicks."""
        self.calendar.at(10, 26)
        unit = self.units[OWN]
        page = self.enter("operator07")
        reports(page, self.mine[0], unit)
        page = self.enter("sekretariat2")
        returns(page, self.services, self.mine[0].action, "Contoh catatan: sebut jumlah pesertanya.")
        assert figure(page, "Laporan masuk") == (self.already + 1, self.expected)
        until(
            lambda: [each for each in letters(self.post, OWN) if "sebut jumlah" in each],
            "the return is not told",
            60,
        )
        page = self.enter("operator07")
        page.goto(f"/laporan-aksi/{PLAN}/{PERIOD}/{unit}/{self.mine[0].action}")
        expect(page.get_by_text("sebut jumlah pesertanya").first).to_be_visible()
        page.fill("#achievement", f"{self.mine[0].achievement} Pesertanya 40 orang.")
        page.get_by_role("button", name="Ajukan baris ini").click()
        expect(page.get_by_text("Tanda terima").first).to_be_visible()
        page = self.enter("sekretariat2")
        approves(page, self.services, self.mine[0].action)
        assert figure(page, "Laporan disetujui") == (1, self.expected)

    def closing(self) -> None:
        """The rest is decided; the deadline passes, one comes late, the period closes."""
        reviewer = person(self.services, "sekretariat2")
        for row, public_id in self.handed:
            if row.stage is reporting.Stage.APPROVED:
                self.services.review.open(reviewer, public_id)
                self.services.review.approve(reviewer, public_id, 1)
        self.calendar.at(11, 1, 8)
        page = self.enter("operator07")
        reports(page, self.mine[1], self.units[OWN])
        page = self.enter("sekretariat2")
        approves(page, self.services, self.mine[1].action)
        assert figure(page, "Laporan terlambat") == (1, self.already + 2)
        approved = figure(page, "Laporan disetujui")
        self.calendar.at(11, 14, 16)
        page = self.enter("sekretariat")
        page.goto(f"/rencana/periode/{PLAN}/{PERIOD}")
        page.get_by_role("link", name="Tutup periode").click()
        page.get_by_role("button", name="Tutup").click()
        assert figure(page, "Laporan disetujui") == approved
        page = self.enter("operator07")
        page.goto(f"/laporan-aksi/{PLAN}/{PERIOD}/{self.units[OWN]}/{self.mine[2].action}")
        expect(page.get_by_role("button", name="Ajukan baris ini")).to_have_count(0)

    def annual_report(self) -> None:
        """The annual report is frozen and exported; its figures are those of the screen."""
        self.calendar.at(12, 4)
        page = self.enter("sekretariat")
        page.goto("/laporan-pelaksanaan")
        page.get_by_role("button", name="Mulai laporan").click()
        draft = page.url.partition("?")[0]
        page.goto(f"{draft}?bagian=capaian")
        expect(page.locator("main")).to_contain_text("64 dari 79")
        page.goto(f"{draft}/bekukan")
        page.locator("main form [type=submit]").click()
        page.goto(f"{draft}/ekspor")
        page.get_by_role("button", name="Buat berkas").click()
        link = page.locator("#daftar-ekspor a.nama")
        expect(link).to_be_visible(timeout=60_000)
        with page.expect_download() as waiting:
            link.click()
        file = self.folder / "laporan.docx"
        waiting.value.save_as(file)
        said = words(file)
        reported = figure(page, "Laporan masuk")
        for sentence in (
            "64 dari 79 aksi berkomitmen",
            "41 dari 50",
            "12 dari 15",
            "11 dari 14",
            "36 dari 44",
        ):
            assert sentence in said
        for pilar in "123":
            handed, owed = (
                counted(page, "reported", pilar=pilar, sisi=side) for side in ("dihitung", "belum")
            )
            assert f"{handed} dari {handed + owed}" in said
        assert reported == (self.already + 2, self.expected)
        assert self.services.audit.verify(person(self.services, "auditor")).whole


def test_the_year_2023(played: Site, visiting: Visit, calendar: Calendar, post: Sink, tmp_path: Path) -> None:
    play = Play(played, visiting, calendar, post, tmp_path)
    play.january()
    play.september()
    play.october()
    play.return_and_approval()
    play.closing()
    play.annual_report()
