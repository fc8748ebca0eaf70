"""The search box as a combobox: by keys, by mouse, read aloud, and a plain form without JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.browser.site import Site, Visit

pytestmark = pytest.mark.browser


def test_suggestions_are_walked_by_keys_and_opened(told: Site, visit: Visit) -> None:
    page = visit("sekretariat")
    page.goto("/aksi")
    box, listed = page.locator("#cari"), page.locator("#cari-saran")
    expect(box).to_have_attribute("role", "combobox")
    box.focus()
    page.keyboard.type("modul")
    expect(listed).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.locator(".saran-kotak [role=status]")).to_contain_text("saran")
    options = listed.locator("[role=option]")
    page.keyboard.press("ArrowUp")  # to the last, then over the field to the first
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(box).not_to_have_attribute("aria-activedescendant", "cari-saran-0")
    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "cari-saran-0")
    page.keyboard.press("Escape")
    expect(listed).to_be_hidden()
    expect(box).to_have_value("modul")
    page.keyboard.press("ArrowDown")  # opens it again
    expect(listed).to_be_visible()
    page.keyboard.type(" ")
    expect(listed).to_be_visible()
    page.keyboard.press("Enter")  # nothing is marked: the form is sent
    page.wait_for_url("**/cari?q=modul*")
    page.locator("#cari").fill("modul p")
    page.keyboard.type("e")
    target = page.locator("#cari-saran [role=option]", has_text="Keluaran").first
    address = target.get_attribute("data-ke")
    target.click()
    page.wait_for_url(f"**{address}")


def test_what_is_typed_after_a_mark_is_what_enter_asks(told: Site, visit: Visit) -> None:
    page = visit("sekretariat")
    page.goto("/aksi")
    box, listed = page.locator("#cari"), page.locator("#cari-saran")
    box.focus()
    page.keyboard.type("mod")
    expect(listed).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "cari-saran-0")
    page.keyboard.type("ul")
    page.keyboard.press("Enter")  # at once, before the suggestions of "modul" are there
    page.wait_for_url("**/cari?q=modul")


def test_a_page_that_is_gone_back_to_shows_no_list(told: Site, visit: Visit) -> None:
    page = visit("sekretariat")
    page.goto("/aksi")
    page.locator("#cari").focus()
    page.keyboard.type("modul")
    expect(page.locator("#cari-saran")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: not address.endswith("/aksi"))
    page.go_back()
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("#cari-saran")).to_be_hidden()
    expect(page.locator("#cari")).to_have_attribute("aria-expanded", "false")


def test_without_javascript_the_box_is_a_plain_form(told: Site, visit: Visit) -> None:
    page = visit("sekretariat", scripts=False)
    page.goto("/aksi")
    page.locator("#cari").fill("modul")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cari?q=modul")
    for tab in ("/cari/laporan", "/cari/aksi", "/cari/kl", "/cari"):
        link = page.locator(f".lompat a[href^='{tab}?']")
        count = int(link.locator(".n").inner_text().replace(".", ""))
        link.click()
        page.wait_for_url(f"**{tab}?q=modul")
        expect(page.locator(".hasil > li")).to_have_count(min(count, 10 if tab == "/cari" else 20))
