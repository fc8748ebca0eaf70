"""What live tables and citations take from report rows: approved ones, and nothing terbatas unasked."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from khub.annual import citations, compose
from khub.annual.citations import Standing
from khub.errors import InvalidError, NotFoundError
from khub.plan.models import Action, Period
from khub.products import lifecycle
from khub.reports import copies
from khub.reports.models import ReportCopy


@dataclass
class Rows:
    """Report rows of the open period, brought into being as the report room does."""

    desk: object

    def add(self, action, unit, *, classification="internal", upto="approved", **said):
        """Add a row with a snapshot in state ``upto``; returns its public id."""
        office = self.desk.office
        now = office.clock.now()
        with office.services.db.write() as session:
            loaded = copies.start(
                session,
                now,
                action_id=session.scalars(sa.select(Action.id).where(Action.code == action)).one(),
                institution_id=office.institutions[unit],
                period_id=session.scalars(sa.select(Period.id)).one(),
                pokja_id=office.pokjas[action[0]],
                classification=classification,
            )
            for name, value in said.items():
                setattr(loaded.working, name, value)
            snapshot = copies.freeze(session, loaded, now, office.people["budi"].person_id, None)
            copies.move(session, loaded, lifecycle.Act.SUBMIT, snapshot, now)
            if upto == "approved":
                copies.move(session, loaded, lifecycle.Act.APPROVE, snapshot, now)
                snapshot.decided_at = now
            public_id = loaded.report.public_id
        office.clock.forward(minutes=1)
        self.desk.annual.set_as_of(self.desk.who("dewi"), self.desk.public_id, office.clock.now())
        return public_id


@pytest.fixture
def rows(desk):
    return Rows(desk)


def tables(desk):
    with desk.office.services.db.read() as session:
        made, _ = compose.document(session, compose.load(session, desk.public_id))
    return {table.token.strip("{}"): table for table in made.tables()}


def test_obstacles_are_those_of_approved_rows_that_every_reader_may_read(desk, rows):
    assert tables(desk)["tabel:kendala"].note == "Tidak ada kendala dalam laporan yang disetujui."
    rows.add("1.1.01", "kl-07", obstacles="Anggaran terlambat.", follow_up="Revisi jadwal.")
    rows.add("1.1.02", "kl-07", obstacles="Masih ditinjau.", upto="submitted")
    rows.add("2.1.01", "kl-12", obstacles="Nama saksi.", classification="terbatas")
    rows.add("1.1.01", "kl-12", no_obstacles=True)
    table = tables(desk)["tabel:kendala"]
    assert [(row[0], *row[2:]) for row in table.rows] == [("1.1.01", "Anggaran terlambat.", "Revisi jadwal.")]
    assert "1 laporan tidak dimuat" in table.note


def test_reports_per_branch_agree_with_the_official_numbers(desk, rows):
    rows.add("1.1.01", "kl-07", achievement="Selesai.")
    rows.add("1.1.02", "kl-07", achievement="Berjalan.", upto="submitted")
    table = tables(desk)["tabel:laporan-per-pilar"]
    assert table.foot[1:4] == ("8", "2", "1")
    assert table.rows[0][1:4] == ("4", "2", "1")


def test_outputs_are_counted_by_kind_without_restricted_ones(desk, sandbox):
    desk.product("Modul satu", sandbox=sandbox)
    desk.product("Modul dua", sandbox=sandbox, classification="terbatas")
    desk.product("Modul tiga", sandbox=sandbox, approve=False)
    desk.annual.set_as_of(desk.who("dewi"), desk.public_id, desk.office.clock.now())
    assert tables(desk)["tabel:keluaran-per-jenis"].foot == ("Jumlah", "1")


def test_a_row_is_quoted_by_its_snapshot_and_re_checked(desk, rows):
    dewi = desk.who("dewi")
    row = rows.add("1.1.01", "kl-07", achievement="Dilatih 120 dosen di tujuh kota.")
    with pytest.raises(InvalidError):
        desk.annual.cite_report(dewi, desk.public_id, row, "130 dosen")
    key = desk.annual.cite_report(dewi, desk.public_id, row, "120 dosen")

    def standing():
        with desk.office.services.db.read() as session:
            return citations.load(session, dewi, compose.load(session, desk.public_id).report.id)[key]

    assert (standing().standing, standing().page) == (Standing.OK, 0)
    with desk.office.services.db.write() as session:
        snapshot = session.scalars(sa.select(ReportCopy).where(ReportCopy.outcome == "approved")).one()
        snapshot.access, snapshot.outcome = "submitted", "returned"
    assert standing().standing is Standing.UNAPPROVED
    page = desk.office.browser("dewi").get(f"/laporan-pelaksanaan/kutip?baris={row}")
    assert "Dilatih 120 dosen di tujuh kota." in page.text


def test_a_restricted_row_asks_for_a_reason_and_a_draft_is_not_there(desk, rows):
    dewi = desk.who("dewi")
    row = rows.add("2.1.01", "kl-12", achievement="Saksi didampingi.", classification="terbatas")
    with pytest.raises(InvalidError):
        desk.annual.cite_report(dewi, desk.public_id, row, "Saksi didampingi")
    desk.annual.cite_report(dewi, desk.public_id, row, "Saksi didampingi", reason="Tanpa nama.")
    with pytest.raises(NotFoundError):
        desk.annual.cite_report(dewi, desk.public_id, "L-ZZZZZZZ", "x")
