"""What people do on khub's pages in the course of a year, and what its figures say."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from typing import TYPE_CHECKING

import sqlalchemy as sa
from playwright.sync_api import expect

from khub.accounts.models import Membership, Person
from khub.demo import catalogue, year
from khub.plan.models import Action, Institution
from khub.policy import Actor, Grant, Role
from khub.reports.models import Report

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from khub.demo import reporting
    from khub.wiring import Services
    from tests.khub.mail.sink import Sink

PLAN = "contoh-ran-pe"
PERIOD = "2023-01-10"


def queue_row(page: Page, title: str) -> Locator:
    """Return the row of an item in the review queue, which shows the oldest first, page by page."""
    row = page.locator("tr", has_text=title)
    while not row.count():
        page.locator(".pager a[rel=next]").focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")
    return row


def figure(page: Page, label: str) -> tuple[int, int]:
    """Return (count, total) of an official number as its page says it."""
    page.goto("/angka?tahun=2023")
    row = page.locator("tr", has=page.get_by_role("link", name=label, exact=True))
    found = re.search(r"(\d+)/\s*dari\s*(\d+)", row.locator(".angka").text_content() or "")
    assert found is not None, row.text_content()
    return int(found[1]), int(found[2])


def counted(page: Page, key: str, **filters: str) -> int:
    """Return how many rows the CSV of a number holds."""
    query = "&".join(f"{name}={value}" for name, value in {"tahun": "2023", **filters}.items())
    answer = page.request.get(f"/angka/{key}.csv?{query}")
    assert answer.ok
    return len(list(csv.DictReader(io.StringIO(answer.body().decode("utf-8-sig")))))


def imports_the_plan(page: Page) -> None:
    page.goto("/rencana/impor")
    page.set_input_files(
        "#file", {"name": "rencana.csv", "mimeType": "text/csv", "buffer": catalogue.to_csv().encode()}
    )
    page.get_by_role("button", name="Periksa berkas").click()
    page.get_by_role("button", name="Terapkan").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def opens_the_period(page: Page) -> None:
    page.goto("/rencana/periode")
    page.fill("#ends", "2023-10-31")
    page.fill("#deadline", "2023-10-31")
    page.get_by_role("button", name="Tambah periode").click()
    page.goto(f"/rencana/periode/{PLAN}/{PERIOD}")
    page.get_by_role("button", name="Buka periode").click()
    page.goto("/")
    expect(page.get_by_text("Januari–Oktober 2023").first).to_be_visible()


def commits(page: Page, rows: list[catalogue.CommitmentRow]) -> None:
    page.goto("/komitmen/saya")
    for row in rows:
        item = page.locator(f"[id='aksi-{row.action}']")
        word = "Ya" if row.answer == "ya" else "Tidak"
        if word == "Tidak":
            item.locator("summary").click()
            item.locator("textarea").fill(row.reason)
        item.get_by_label(word, exact=True).check()
        expect(item.get_by_text("Tersimpan")).to_be_visible()
    page.get_by_role("button", name="Ajukan", exact=True).click()
    expect(page.get_by_text("Tanda terima").first).to_be_visible()


def reports(page: Page, row: reporting.DemoReport, unit: str) -> None:
    page.goto(f"/laporan-aksi/{PLAN}/{PERIOD}/{unit}/{row.action}")
    page.fill("#achievement", row.achievement)
    page.fill("#percent", str(row.percent))
    page.check("#no_obstacles")
    page.get_by_role("button", name="Ajukan baris ini").click()
    expect(page.get_by_text("Tanda terima").first).to_be_visible()


def letters(post: Sink, institution: str) -> list[str]:
    """Return the plain texts of what reached the operator of a K/L."""
    address = f"{year.operator(institution)}@"
    found = []
    for letter in list(post.letters):
        body = letter.get_body(("plain",))
        if address in str(letter["To"]) and body is not None:
            found.append(str(body.get_content()))
    return found


def owed_by(page: Page, institution: str) -> int:
    """Return how many report rows of a K/L are missing, as the CSV behind the number says."""
    answer = page.request.get("/angka/reported.csv?tahun=2023&sisi=belum")
    rows = csv.DictReader(io.StringIO(answer.body().decode("utf-8-sig")))
    return sum(row["K/L"] == institution for row in rows)


def opened(page: Page, services: Services, action: str) -> None:
    with services.db.read() as session:
        public_id = session.scalar(
            sa.select(Report.public_id)
            .join(Action, Action.id == Report.action_id)
            .join(Institution, Institution.id == Report.institution_id)
            .where(Action.code == action, Institution.name == catalogue.institution_name(7))
        )
    page.goto(f"/tinjau/{public_id}")
    page.get_by_role("button", name="Buka untuk ditinjau").click()


def returns(page: Page, services: Services, action: str, note: str) -> None:
    opened(page, services, action)
    page.fill("[name=note]", note)
    page.get_by_role("button", name="Kembalikan").click()


def approves(page: Page, services: Services, action: str) -> None:
    opened(page, services, action)
    page.get_by_role("button", name="Setujui", exact=True).click()


def person(services: Services, login: str) -> Actor:
    with services.db.read() as session:
        person = session.execute(sa.select(Person).where(Person.login == login)).scalar_one()
        roles = session.scalars(sa.select(Membership.role).where(Membership.person_id == person.id))
        return Actor(person.id, person.name, tuple(Grant(Role(role)) for role in roles))


def words(file: Path) -> str:
    """Return the text of a DOCX, paragraphs apart."""
    with zipfile.ZipFile(file) as archive:
        xml = archive.read("word/document.xml").decode()
    return re.sub(r"<[^>]+>", "", xml.replace("</w:p>", "\n"))
