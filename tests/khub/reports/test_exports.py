"""Every export of the house, where whatever people wrote or named begins as a formula would."""

from __future__ import annotations

import csv
import io
import re

import docx
import openpyxl
import pytest
import sqlalchemy as sa
from docx.oxml.ns import qn

from khub import worker
from khub.annual.jobs import MakeExport
from khub.annual.publishing import EXPORT, Format
from khub.asked.models import AskedQuery
from khub.coordination.forms import FollowUpForm
from khub.coordination.models import FollowUp
from khub.cycle.numbers import KEYS
from khub.plan.models import (
    Action,
    Activity,
    Branch,
    Commitment,
    ExpectedOutput,
    Focus,
    Institution,
    Period,
    Plan,
)
from khub.products.models import Copy, File, Kind
from khub.reports.forms import Evidence
from khub.reports.models import ReportCopy
from tests.khub.conftest import PLAN

#: What people write and name. Codes are checked where they are made.
WRITTEN = (
    Action.title, Action.measure, Action.source, Activity.name, Activity.unit, Branch.name, Focus.name, Plan.name,
    Institution.name, Institution.abbreviation, Period.name, ExpectedOutput.name, Commitment.expected,
    Copy.title, File.name, Kind.name, Kind.name_en, ReportCopy.achievement, ReportCopy.obstacles,
    ReportCopy.follow_up, FollowUp.text, AskedQuery.text,
)  # fmt: skip
DANGEROUS = re.compile(r"\s*[=+\-@＝＋－＠]")
#: Every field that a document of ours may hold.
FIELDS = re.compile(r"(TOC \\o|PAGEREF _|PAGE$|NUMPAGES$|SEQ [A-Z]\w+ \\\*|REF _|HYPERLINK \\l)")
TABLES = {
    "numbers.download": [f"/angka/{key}.csv?sisi={side}" for key in (*KEYS, "outputs") for side in ("dihitung", "belum")],
    "catalogue.export": ["/rencana/ekspor.csv", "/rencana/ekspor.xlsx"],
    "catalogue.template": ["/rencana/templat.csv", "/rencana/templat.xlsx"],
    "matrix.export": [f"/matriks.{kind}{form}" for kind in ("csv", "xlsx") for form in ("", "?bentuk=kl")],
    "missing.export_csv": ["/belum-lapor.csv"],
    "analysis.table": [
        f"/analisis/{name}.csv?kelompok={by}"
        for name in ("capaian", "kendala", "kendala-baris", "keluaran", "tinjauan")
        for by in ("pilar", "fokus", "kl")
    ],
    "picks.table": ["/pilihan/daftar.csv", "/pilihan/daftar.xlsx"],
    "asked.table": ["/yang-dicari.csv"],
    "reports.sheet": ["/laporan-saya/lembar.xlsx"],
    "papers.recap_file": ["/koordinasi/kl/kl-07/rekap.docx"],
    "papers.letter": ["/koordinasi/kl/kl-07/surat.docx"],
}  # fmt: skip


def put(office, lead: str) -> None:
    """Let everything that is written or named begin with ``lead``."""
    with office.services.db.write() as session:
        for column in WRITTEN:
            session.execute(
                sa.update(column.class_)
                .where(column != "")
                .values({column: lead + "1+cmd|' /C calc'!A0 " + column})
            )


def dangerous(data: bytes, kind: str) -> list[str]:
    """Return the cells and fields of a file that a program could run."""
    if kind == "csv":
        rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        return [cell for row in rows for cell in row if DANGEROUS.match(cell)]
    if kind == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(data))
        cells = (cell for sheet in book for row in sheet.iter_rows() for cell in row)
        return [str(cell.value) for cell in cells if cell.data_type == "f" or cell.hyperlink]
    parts = docx.Document(io.BytesIO(data))
    roots = [
        parts.element,
        *(each.footer._element for each in parts.sections),
        *(each.header._element for each in parts.sections),
    ]
    said = [e.text for root in roots for e in root.iter(qn("w:instrText"))]
    said += [e.get(qn("w:instr")) for root in roots for e in root.iter(qn("w:fldSimple"))]
    return [each for each in said if not FIELDS.match(each.strip())]


@pytest.fixture
def written(desk, office):
    """An office in which there is something to export of everything."""
    output = office.hand_in("budi", "Modul")
    office.services.review.approve(office.people["dewi"], output, 1)
    report = desk.save(
        "budi",
        no_obstacles=False,
        obstacles="Anggaran",
        follow_up="Rapat",
        outputs=(Evidence(output, "1"),),
    )
    desk.submit("budi", report)
    office.services.review.approve(office.people["dewi"], report, 1)
    desk.save("budi", "1.1.02")
    dewi = office.people["dewi"]
    office.services.coordination.add_follow_up(
        dewi, "kl-07", FollowUpForm(text="Hubungi", owner=str(dewi.person_id), due_on="2023-11-01")
    )
    office.services.picks.choose(dewi, [output], [output])
    now = office.clock.now()
    with office.services.db.write() as session:
        for person in ("budi", "tia", "rani"):
            session.add(
                AskedQuery(
                    person_id=office.people[person].person_id, text="guru", key="guru", total=0, asked_at=now
                )
            )
    return office


@pytest.mark.parametrize("lead", ["=", "-", "\t@", "＋"])
def test_no_export_holds_anything_that_runs(written, sandbox, monkeypatch, lead):
    monkeypatch.setenv("PATH", "")  # LibreOffice only tells page numbers, and slowly
    put(written, lead)
    found = {}
    for login in ("dewi", "budi"):
        browser = written.browser(login)
        for path in (path for paths in TABLES.values() for path in paths):
            answer = browser.client.get(path)
            if answer.status_code == 200:
                kind = path.partition("?")[0].rpartition(".")[2]
                found[path] = dangerous(answer.get_data(), kind)
    annual, dewi = written.services.annual, written.people["dewi"]
    report = annual.create(dewi, PLAN, 2023)
    handler = MakeExport(
        written.services.db, written.services.clock, written.services.settings.exports, sandbox
    )
    for form in (Format.DOCX, Format.XLSX, Format.CSV):
        export = annual.export(dewi, report, form)
        worker.Lane(written.services.db, written.services.clock, {EXPORT: handler}).step()
        path = f"/laporan-pelaksanaan/{report}/ekspor/{export}/unduh"
        with written.browser("dewi").client.get(path) as answer:
            assert answer.status_code == 200
            found[form] = dangerous(answer.get_data(), form.value)
    assert {path: cells for path, cells in found.items() if cells} == {}
    assert len(found) == 3 + sum(map(len, TABLES.values()))


def test_every_route_that_hands_out_a_table_or_a_paper_is_looked_at(app):
    kinds = re.compile(r"\.(csv|xlsx|docx|<kind>)$")
    handing_out = {rule.endpoint for rule in app.url_map.iter_rules() if kinds.search(rule.rule)}
    assert handing_out - {"mail.sample_holidays"} == TABLES.keys()
