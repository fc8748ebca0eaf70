"""What is typed when the session has ended comes back to the same person, and to nobody else."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.accounts.models import ParkedForm
from khub.accounts.parked import Typed

if TYPE_CHECKING:
    from khub.clock import FixedClock
    from tests.khub.accounts.conftest import Browser, House

ADDRESS = "/admin/orang/baru"
TYPED = {"login": "sari", "name": "Sari & <b>Contoh</b>\r\nbaris dua", "email": ""}


def expire_and_send(browser: Browser, clock: FixedClock, login: str = "yoga") -> str:
    browser.sign_in(login)
    browser.get(ADDRESS)
    clock.forward(hours=1)
    response = browser.post(ADDRESS, TYPED)
    assert response.status_code == 303
    return response.headers["Location"]


def test_the_text_is_shown_after_signing_in_and_sent_on(browser: Browser, clock: FixedClock) -> None:
    ask = expire_and_send(browser, clock)
    assert ask == "/masuk?next=/tersimpan"
    assert "Yang Anda ketik tersimpan; masuk untuk melanjutkan." in browser.get(ask).text
    back = browser.post(
        "/masuk", {"login": "yoga", "password": "empat kata yang panjang", "next": "/tersimpan"}
    )
    page = browser.get(back.headers["Location"]).text
    assert "Sari &amp; &lt;b&gt;Contoh&lt;/b&gt;" in page
    assert "csrf_token" not in re.sub(r'<input type="hidden" name="csrf_token"[^>]+>', "", page)
    action = re.search(r"/tersimpan/\d+/kirim", page)
    assert action
    fields = {**TYPED, "name": "Sari Contoh"}
    sent = browser.post(action[0], fields)
    assert sent.status_code == 307, "a browser sends the same fields again to the address it is given"
    assert sent.headers["Location"] == ADDRESS
    assert "<h1>Sari Contoh</h1>" in browser.post(ADDRESS, fields, follow_redirects=True).text
    clock.forward(minutes=16)
    assert browser.get("/tersimpan").status_code == 303, "sent forms go"


def test_another_person_on_the_same_machine_never_sees_it(
    browser: Browser, clock: FixedClock, house: House
) -> None:
    expire_and_send(browser, clock)
    browser.sign_in("dewi")
    answer = browser.get("/tersimpan")
    assert answer.status_code == 303
    with house.services.db.read() as session:
        number = session.scalars(sa.select(ParkedForm.id)).one()
    assert browser.post(f"/tersimpan/{number}/kirim", TYPED).status_code == 404
    assert browser.post(f"/tersimpan/{number}/buang").status_code == 404
    browser.sign_in("yoga")
    assert "Sari" in browser.get("/tersimpan").text, "but its owner still does"


def test_the_same_person_elsewhere_needs_the_cookie(
    browser: Browser, other_browser: Browser, clock: FixedClock
) -> None:
    expire_and_send(browser, clock)
    other_browser.sign_in("yoga")
    assert other_browser.get("/tersimpan").status_code == 303


def test_two_forms_left_open_both_come_back_and_one_can_be_thrown_away(
    browser: Browser, clock: FixedClock
) -> None:
    expire_and_send(browser, clock)
    browser.post(ADDRESS, TYPED | {"login": "kedua"})
    browser.sign_in("yoga")
    page = browser.get("/tersimpan").text
    assert "kedua" in page
    assert "sari" in page
    throw = re.search(r"/tersimpan/\d+/buang", page)
    assert throw
    browser.post(throw[0])
    page = browser.get("/tersimpan").text
    assert "kedua" not in page
    assert "sari" in page


def test_a_form_left_open_in_a_second_tab_still_works_after_signing_in_again(
    browser: Browser, clock: FixedClock
) -> None:
    browser.sign_in("yoga")
    tab = browser.get(ADDRESS).text
    clock.forward(hours=1)
    browser.sign_in("yoga")
    browser.page = tab
    assert browser.post(ADDRESS, {"login": "sari", "name": "Sari"}).status_code == 303


def test_another_person_s_sign_in_voids_the_forms_left_open(browser: Browser) -> None:
    browser.sign_in("yoga")
    tab = browser.page
    browser.sign_in("dewi")
    browser.page = tab
    assert browser.post("/akun/bahasa", {"language": "en"}).status_code == 400


def test_it_is_kept_for_a_day(browser: Browser, clock: FixedClock, house: House) -> None:
    expire_and_send(browser, clock)
    clock.forward(hours=24)
    browser.sign_in("yoga")
    assert browser.get("/tersimpan").status_code == 303


def test_passwords_are_not_kept_and_files_are_told_missing(
    browser: Browser, clock: FixedClock, house: House
) -> None:
    browser.sign_in("yoga")
    clock.forward(hours=1)
    browser.post("/akun/sandi", {"old_password": "rahasia lama", "new_password": "rahasia baru"})
    browser.post(
        ADDRESS,
        {"login": "sari", "file": (io.BytesIO(b"isi"), "surat.pdf")},
        content_type="multipart/form-data",
    )
    with house.services.db.read() as session:
        kept = session.scalars(sa.select(ParkedForm.fields)).all()
    assert len(kept) == 1
    assert "rahasia" not in kept[0]
    browser.sign_in("yoga")
    assert "1 berkas tidak ikut tersimpan" in browser.get("/tersimpan").text


def test_nobody_large_and_empty_forms_are_not_kept(house: House, clock: FixedClock) -> None:
    accounts, token = house.services.accounts, house.token()
    fields = (("name", "isi"),)
    assert accounts.park("unknown", Typed("/x", fields)) is None
    assert accounts.park(token, Typed("/x", ())) is None
    assert accounts.park(token, Typed("/" + "x" * 500, fields)) is None
    assert accounts.park(token, Typed("/x", (("name", "é" * 100_000),))) is None
    assert accounts.park(token, Typed("/x", (("na\0me", "i\0si\ud800" + "é" * 90_000),))) is not None


def test_a_flood_of_forms_leaves_the_newest_twenty(house: House, clock: FixedClock) -> None:
    token = house.token()
    for number in range(25):
        assert house.services.accounts.park(token, Typed("/x", (("n", str(number)),)))
    with house.services.db.read() as session:
        kept = session.scalars(sa.select(ParkedForm.fields).order_by(ParkedForm.id)).all()
    assert len(kept) == 20
    assert '"24"' in kept[-1]


def test_a_form_without_a_known_person_leads_back_to_its_page(browser: Browser) -> None:
    browser.get("/masuk")
    response = browser.post(
        "/akun/bahasa", {"language": "en"}, headers={"Referer": "http://localhost/akun?hlm=1"}
    )
    assert response.headers["Location"] == "/masuk?next=/akun?hlm%3D1"
    foreign = browser.post("/akun/bahasa", {"language": "en"}, headers={"Referer": "http://evil.example/x"})
    assert foreign.headers["Location"] == "/masuk"
