"""Letters in a real browser: reminding step by step, one's own letters, holidays; every page under axe."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from khub.accounts.models import Person
from tests.browser.test_axe import EACH_VIEW, Sweep, data, press

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def addressed(told):
    """Return the site in which one person of a K/L has an address."""
    with told.services.db.write() as session:
        session.execute(sa.update(Person).where(Person.login == "pokja1").values(email="pokja1@contoh.go.id"))
    return told


@EACH_VIEW
def test_every_page_on_letters_holds(addressed, visit, language, width):
    sweep, where = Sweep(data(addressed)), f"{width} {language}"
    page = visit("sekretariat", language=language, width=width)
    page.goto("/pengingat")
    sweep.look(page, f"whom to remind {where}", language)
    page.locator("[name=kl][value=k-l-contoh-07]").check()
    press(page, "main form [type=submit]")
    sweep.look(page, f"reminders before they are sent {where}", language)
    page.fill("#teks", "")
    press(page, "[value=siapkan]")
    assert page.title().startswith(("Galat:", "Error:"))
    sweep.look(page, f"reminders without a text {where}", language)
    page.fill("#teks", "Rapat koordinasi Senin depan.")
    page.locator("[name=orang]").first.check()
    press(page, "[value=siapkan]")
    expect(page.locator("main p[role=status]")).to_be_visible()
    sweep.look(page, f"letters {where}", language)
    page.locator("tbody th a").first.click()
    expect(page.locator("#isi-surat")).to_be_visible()
    expect(page.get_by_text("Rapat koordinasi Senin depan.")).to_be_visible()
    sweep.data.append("Rapat koordinasi Senin depan.")
    page.goto("/hari-libur?tahun=2023")
    sweep.look(page, f"holidays {where}", language)
    page.fill("#tanggal", "2023-12-25")
    press(page, "main form[action^='/hari-libur?'] [type=submit]")
    sweep.look(page, f"holidays without a name {where}", language)
    page.fill("#nama", "Natal")
    press(page, "main form[action^='/hari-libur?'] [type=submit]")
    sweep.data.append("Natal")
    sweep.look(page, f"a holiday {where}", language)

    page = visit("pokja1", language=language, width=width)
    page.goto("/akun/surat")
    sweep.look(page, f"one's own letters {where}", language)
    press(page, "form[action$='/umpan/deadlines'] button")
    expect(page.locator("#alamat-deadlines")).to_contain_text("/tenggat.ics")
    sweep.look(page, f"a new secret address {where}", language)
    page.locator("#email").evaluate("field => { field.type = 'text'; field.value = 'salah'; }")
    press(page, "form[action$='/akun/surat/alamat'] button")
    sweep.look(page, f"a wrong address {where}", language)
    sweep.verdict()


def test_reminding_without_scripts(addressed, visit):
    page = visit("sekretariat", scripts=False)
    page.goto("/pengingat")
    page.locator("[name=kl][value=k-l-contoh-07]").check()
    page.locator("main form [type=submit]").click()
    page.locator("[name=orang]").first.check()
    page.locator("[value=siapkan]").click()
    expect(page.locator("main p[role=status]")).to_be_visible()
