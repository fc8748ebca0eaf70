"""Reviewing reports in a real browser: two clicks for one, three for many, and every page under axe."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from khub.accounts.models import Person
from khub.plan.models import Activity, Branch, Institution
from khub.policy import Actor, Grant, Role
from khub.review import cases, line, report_item, second_queries
from tests.browser.test_axe import EACH_VIEW, Sweep, data, press
from tests.browser.test_journey import Hand

if TYPE_CHECKING:
    from tests.browser.site import Site, Visit

pytestmark = pytest.mark.browser


def actor(site: Site, login: str) -> Actor:
    with site.services.db.read() as session:
        person = session.scalars(sa.select(Person).where(Person.login == login)).one()
    return Actor(person.id, person.name, (Grant(Role.SECRETARIAT),))


def waiting(site: Site) -> list[line.Waiting]:
    """Return the reports that wait and that nobody holds."""
    with site.services.db.read() as session:
        found = line.waiting(session, actor(site, "sekretariat"), site.services.clock.now())
    return [each for each in found if each.kind == cases.REPORT and each.reviewer_id is None]


@dataclass(frozen=True)
class Looks:
    """Two second looks: one that waits, one on which the reviewers differ; and a report that was approved."""

    open: int
    differing: int
    approved: str


@pytest.fixture(scope="module")
def looks(told: Site) -> Looks:
    review, looks = told.services.review, told.services.second_looks
    drawing, review.sample = review.sample, dataclasses.replace(review.sample, percent=100)
    first, second = actor(told, "sekretariat2"), actor(told, "sekretariat")
    one, two, *_ = waiting(told)
    for each in (one, two):
        review.approve(first, each.public_id, 1, "Lengkap.")
    review.sample = drawing
    with told.services.db.read() as session:
        found = second_queries.listed(
            session, second, told.services.clock.now(), decided=False, offset=0, limit=200
        )[1]
    newest = sorted((row.id for row in found if not row.barred), reverse=True)
    looks.decide(second, newest[0], "return", "Halaman bukti tidak memuat angkanya.")
    return Looks(newest[1], newest[0], one.public_id)


def test_a_report_is_approved_in_two_clicks(told: Site, visit: Visit) -> None:
    page = visit("sekretariat")
    page.goto("/tinjau")
    hand, before = Hand(page), waiting(told)
    row = page.locator("tbody tr", has_text=re.compile(r"· laporan")).filter(
        has=page.get_by_role("button", name="Tinjau")
    )
    hand.click(row.first.get_by_role("button", name="Tinjau"))
    expect(page.locator("h1")).to_contain_text("laporan")
    chosen = page.url.rpartition("/")[2]
    hand.click(page.get_by_role("button", name="Setujui, buka berikutnya"))
    expect(page.locator(".catat.hijau")).to_contain_text("Disetujui:")
    assert page.locator(".catat.hijau a").get_attribute("href") == f"/tinjau/{chosen}"
    assert (hand.clicks, hand.typed) == (2, 0)
    assert chosen in {each.public_id for each in before}
    assert chosen not in {each.public_id for each in waiting(told)}
    # The next one is reserved and open; releasing gives it back.
    expect(page.get_by_role("button", name="Lepaskan")).to_be_visible()
    page.get_by_role("button", name="Lepaskan").click()
    expect(page.locator("h1")).to_have_text("Antrean tinjauan")


def test_many_are_approved_in_at_most_four_clicks(told: Site, visit: Visit) -> None:
    page = visit("sekretariat")
    page.goto("/tinjau")
    hand = Hand(page)
    hand.click(page.get_by_role("link", name="Tinjau massal"))
    hand.click(page.get_by_label("Pilih semua yang bersih"))
    ticked = page.locator("tbody input:checked").count()
    assert ticked > 1
    hand.click(page.get_by_role("button", name="Setujui yang dicentang"))
    expect(page.locator(".catat.hijau")).to_contain_text(f"{ticked} disetujui secara massal.")
    assert (hand.clicks, hand.typed) == (3, 0)


def test_answers_stay_by_themselves_and_by_the_button_without_scripts(told: Site, visit: Visit) -> None:
    report = waiting(told)[0].public_id
    page = visit("sekretariat")
    page.goto(f"/tinjau/{report}")
    page.get_by_role("button", name="Buka untuk ditinjau").click()
    with page.expect_response(re.compile("/jawab$")) as saved:
        page.locator("input[name=signed][value=yes]").check()
    assert saved.value.status == 200
    expect(page.locator("[data-simpan-status]")).to_have_text("1 dari 6 terjawab")
    plain = visit("sekretariat", scripts=False)
    plain.goto(f"/tinjau/{report}")
    assert plain.locator("input[name=signed][value=yes]").is_checked()
    plain.locator("input[name=letterhead][value=no]").check()
    plain.get_by_role("button", name="Simpan jawaban").click()
    assert plain.locator("input[name=letterhead][value=no]").is_checked()
    expect(plain.locator("[data-simpan-status]")).to_have_text("2 dari 6 terjawab")
    told.services.review.release(actor(told, "sekretariat"), report)


@EACH_VIEW
def test_every_page_of_the_room_holds(
    told: Site, visit: Visit, looks: Looks, language: str, width: int
) -> None:
    with told.services.db.read() as session:
        named = [
            text
            for column in (Activity.name, Activity.unit, Institution.name, Branch.name)
            for text in session.scalars(sa.select(column).distinct())
            if text
        ]
    sweep = Sweep([*sorted(named, key=len, reverse=True), *data(told)])
    found = waiting(told)
    compared = next((each.public_id for each in found if _compares(told, each.public_id)), None)
    page = visit("sekretariat", language=language, width=width)
    paths = [
        "/tinjau", "/tinjau?urut=tenggat", "/tinjau-massal", "/tinjau-massal?hlm=90", "/tinjauan-kedua",
        "/tinjauan-kedua?tampil=diputus", f"/tinjauan-kedua/{looks.open}", f"/tinjauan-kedua/{looks.differing}",
        f"/tinjau/{looks.approved}", f"/tinjau/{found[0].public_id}",
        *([f"/tinjau/{compared}/banding"] if compared else []),
    ]  # fmt: skip
    for path in paths:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        sweep.look(page, f"{path} {width} {language}", language)
    page.goto(f"/laporan-aksi/{looks.approved}")
    press(page, "form[action$='/klasifikasi'] button")
    assert page.locator(".galat-ringkas").count() == 1
    sweep.look(page, f"refused classification {width} {language}", language)
    page.goto(f"/tinjau/{found[0].public_id}")
    page.locator("form[action$='/buka'] button").click()
    page.locator("#putus").wait_for()
    sweep.look(page, f"opened {width} {language}", language)
    page.locator("#putus button").first.click()
    page.locator("#note[aria-invalid]").wait_for()
    sweep.look(page, f"return without a note {width} {language}", language)
    page.locator("form[action$='/lepaskan'] button").click()
    page.wait_for_url("**/tinjau")
    sweep.verdict()


def _compares(site: Site, public_id: str) -> bool:
    with site.services.db.read() as session:
        who, now = actor(site, "sekretariat"), site.services.clock.now()
        return bool(report_item.item(session, who, public_id, now).earlier)
