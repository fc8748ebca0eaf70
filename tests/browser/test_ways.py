"""The same way without scripts, and with the keyboard alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.browser import papers
from tests.browser.acts import queue_row
from tests.browser.site import reload

if TYPE_CHECKING:
    from tests.browser.site import Site, Visit

pytestmark = pytest.mark.browser

SENTENCE = "Tukang becak bercerita tentang gotong royong di kampungnya"


def booklet(title: str) -> bytes:
    return papers.paper(title, [[title, "Pembuka"], ["Bagian kedua", SENTENCE]])


def test_the_whole_way_without_scripts(site: Site, visit: Visit) -> None:
    title = "Buku Saku Tanpa Skrip"
    member = visit("pokja1b", scripts=False)
    member.goto(site.action("1.3.04"))
    member.locator(".kini a[href^='/unggah']").first.click()
    member.set_input_files("#files", papers.file("saku.pdf", booklet(title)))
    member.get_by_role("button", name="Unggah", exact=True).click()
    expect(member.locator("h1")).to_have_text("Periksa, lalu ajukan")
    site.settled()
    reload(member)
    expect(member.locator("#title")).to_have_value(title)
    member.fill("#title", "")
    member.get_by_role("button", name="Ajukan").click()
    expect(member).to_have_title(re.compile("^Galat:"))
    expect(member.locator(".galat-ringkas a")).to_have_attribute("href", "#title")
    member.fill("#title", title)
    member.locator("#period").select_option(label="Januari–Oktober 2023")
    member.get_by_role("button", name="Ajukan").click()
    expect(member.locator("h1")).to_have_text(re.compile("^TT-"))
    site.settled()

    office = visit("sekretariat", scripts=False)
    office.goto("/tinjau")
    queue_row(office, title).get_by_role("button", name="Tinjau").click()
    office.get_by_role("button", name="Setujui, buka berikutnya").click()
    office.fill("#cari", f'"{SENTENCE}"')
    office.get_by_role("button", name="Cari", exact=True).click()
    office.locator("label.pilih", has_text="Januari–Oktober 2023").locator("input").check()
    office.get_by_role("button", name="Terapkan").click()
    expect(office.locator(".keping")).to_have_text(re.compile("Januari–Oktober 2023"))
    office.locator(".kutip a").click()
    expect(office).to_have_url(re.compile(r"/hlm/2\?"))
    expect(office.locator(".teks-halaman mark").first).to_be_visible()
    assert office.locator(".kertas svg rect").count() == len(SENTENCE.split())


def press_until(page: Page, wanted: str, *, key: str = "Tab", most: int = 80) -> None:
    """Press ``key`` until the element that has the focus matches the selector ``wanted``."""
    for _ in range(most):
        page.keyboard.press(key)
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            shown = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
            assert shown != "none" or wanted.startswith("#files"), wanted
            return
    pytest.fail(f"{wanted} is out of reach of the {key} key")


def test_upload_and_review_with_the_keyboard_alone(site: Site, visit: Visit) -> None:
    title = "Buku Saku Papan Ketik"
    member = visit("pokja1")
    member.on("filechooser", lambda chooser: chooser.set_files(papers.file("ketik.pdf", booklet(title))))
    member.goto(site.action("1.3.02"))
    member.keyboard.press("Tab")
    assert member.evaluate("() => document.activeElement.className") == "skip"
    member.keyboard.press("Enter")
    press_until(member, "a.sel-unggah, td.kini a[href^='/unggah']")
    with member.expect_navigation():
        member.keyboard.press("Enter")
    press_until(member, "#files")
    member.keyboard.press("Enter")
    expect(member.locator("#title")).to_have_value(title, timeout=15_000)
    press_until(member, "button[formaction$='/ajukan']")
    member.keyboard.press("Enter")
    expect(member.locator("h1")).to_have_text(re.compile("^TT-"))
    site.settled()

    office = visit("sekretariat")
    office.goto("/tinjau")
    review = queue_row(office, title).locator("form")
    press_until(office, f"form[action='{review.get_attribute('action')}'] button")
    office.keyboard.press("Enter")
    expect(office.locator("h1")).to_have_text(title)
    press_until(office, "button[formaction$='/setujui']")
    office.keyboard.press("Enter")
    expect(office.locator("h1")).not_to_have_text(title)
    expect(office.locator("main")).not_to_contain_text("Galat")
