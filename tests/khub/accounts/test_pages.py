"""The room through its pages, as a browser without scripts sees it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from flask_login import current_user

from khub.app import create_app

if TYPE_CHECKING:
    from flask import Flask

    from khub.clock import FixedClock
    from tests.khub.accounts.conftest import Browser, House

NEW = "kuda baterai staples benar"


@pytest.mark.parametrize(
    ("language", "words"), [("id", ("Masuk", "Kata sandi")), ("en", ("Sign in", "Password"))]
)
def test_the_sign_in_page_speaks_both_languages(
    browser: Browser, language: str, words: tuple[str, str]
) -> None:
    browser.client.set_cookie("khub_bahasa", language)
    page = browser.get("/masuk").text
    assert f'<html lang="{language}">' in page
    assert f"<h1>{words[0]}</h1>" in page
    assert words[1] in page
    wrong = browser.post("/masuk", {"login": "dewi", "password": "x"})
    assert wrong.status_code == 422
    assert ("Nama pengguna atau kata sandi tidak cocok." in wrong.text) == (language == "id")
    assert ("User name or password does not match." in wrong.text) == (language == "en")
    assert 'value="dewi"' in wrong.text


def test_signing_in_sets_a_cookie_that_scripts_and_other_sites_do_not_get(browser: Browser) -> None:
    browser.get("/masuk")
    response = browser.post("/masuk", {"login": "dewi", "password": "empat kata yang panjang"})
    cookie = next(
        value for value in response.headers.getlist("Set-Cookie") if value.startswith("khub_session=")
    )
    assert response.status_code == 303
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie, "only production runs behind TLS"


def test_cookies_are_secure_in_production_and_logins_are_shown_in_the_demo_only(
    house: House, browser: Browser
) -> None:
    assert "contoh-khub" not in browser.get("/masuk").text
    for mode in ("production", "demo"):
        settings = replace(house.services.settings, mode=mode, secret_key="k" * 40)
        client = create_app(settings, replace(house.services, settings=settings)).test_client()
        page = client.get("/masuk", base_url="https://localhost").text
        assert ("contoh-khub" in page) == ("sekretariat" in page) == (mode == "demo")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token
        fields = {"csrf_token": token[1], "login": "dewi", "password": house.password}
        response = client.post("/masuk", data=fields, base_url="https://localhost")
        cookies = " ".join(response.headers.getlist("Set-Cookie"))
        assert "khub_session=" in cookies
        assert ("Secure" in cookies) == (mode == "production")


def test_flask_login_serves_the_person_of_the_session(browser: Browser, app: Flask) -> None:
    browser.sign_in("dewi")
    with browser.client:
        browser.get("/akun")
        assert current_user.login == "dewi"
        assert current_user.is_authenticated


def test_signing_in_again_gives_a_new_token_and_ends_the_old_one(browser: Browser, house: House) -> None:
    browser.sign_in("dewi")
    old = browser.cookie("khub_session")
    browser.sign_in("dewi")
    assert browser.cookie("khub_session") != old
    assert house.services.accounts.identify(old) is None


def test_signing_out_ends_the_session_on_the_server(browser: Browser, other_browser: Browser) -> None:
    browser.sign_in("dewi")
    other_browser.client.set_cookie("khub_session", browser.cookie("khub_session"))
    assert other_browser.get("/akun").status_code == 200
    assert browser.post("/keluar").headers["Location"] == "/masuk"
    assert browser.cookie("khub_session") == ""
    assert other_browser.get("/akun").status_code == 303


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/\tevil",
        "",
        "evil",
    ],
)
def test_no_address_leads_out_of_the_site_after_signing_in(browser: Browser, target: str) -> None:
    browser.get("/masuk", query_string={"next": target})
    response = browser.post(
        "/masuk", {"login": "dewi", "password": "empat kata yang panjang", "next": target}
    )
    assert response.headers["Location"] == "/"


def test_a_page_asked_for_before_signing_in_comes_after_it(browser: Browser) -> None:
    asked = browser.get("/akun?hlm=1")
    assert asked.status_code == 303
    assert asked.headers["Location"] == "/masuk?next=/akun?hlm%3D1"
    page = browser.get(asked.headers["Location"]).text
    assert 'name="next" value="/akun?hlm=1"' in page
    assert "Sesi Anda berakhir" not in page


def test_scripts_are_told_instead_of_redirected(browser: Browser) -> None:
    response = browser.get("/akun", headers={"X-Requested-With": "khub"})
    assert response.status_code == 401
    assert response.json == {
        "error": "Sesi Anda berakhir. Masuk lagi untuk melanjutkan.",
        "label": "Masuk",
        "login": "/masuk",
    }


def test_a_throttled_sign_in_says_how_long_to_wait(browser: Browser) -> None:
    browser.get("/masuk")
    for _ in range(10):
        assert browser.post("/masuk", {"login": "dewi", "password": "x"}).status_code == 422
    response = browser.post("/masuk", {"login": "dewi", "password": "x"})
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) <= 301
    assert "Coba lagi dalam 5 menit." in response.text


@pytest.mark.parametrize("login", ["d" * 10_000, "<script>alert(1)</script>", "\ud7ff\U000e0001"])
def test_hostile_logins_get_the_form_again(browser: Browser, login: str) -> None:
    browser.get("/masuk")
    response = browser.post("/masuk", {"login": login, "password": "x"})
    assert response.status_code == 422
    assert "<script>alert" not in response.text


def test_a_form_without_its_token_does_nothing(browser: Browser, house: House) -> None:
    browser.sign_in("dewi")
    browser.page = ""
    assert browser.post("/keluar").status_code == 400
    assert house.services.accounts.identify(browser.cookie("khub_session"))


# -- one's own account -----------------------------------------------------------------------------


def test_the_account_shows_roles_and_sessions_and_ends_them(browser: Browser, other_browser: Browser) -> None:
    agent = "Mozilla/5.0 (Windows NT 10.0; rv:130.0) Gecko/20100101 Firefox/130.0"
    other_browser.client.environ_base["HTTP_USER_AGENT"] = agent
    other_browser.sign_in("dewi")
    browser.sign_in("dewi")
    page = browser.get("/akun").text
    assert "K/L Contoh 07, Pokja 1" in page
    assert "sejak 9 Okt 2023" in page
    assert "Firefox, Windows" in page
    found = re.search(r"/akun/sesi/\d+/cabut", page)
    assert found
    assert browser.post(found[0]).status_code == 303
    assert other_browser.get("/akun").status_code == 303
    assert browser.get("/akun").status_code == 200


def test_the_password_is_changed_on_the_account_page(browser: Browser, other_browser: Browser) -> None:
    other_browser.sign_in("dewi")
    browser.sign_in("dewi")
    wrong = browser.post("/akun/sandi", {"old_password": "salah", "new_password": NEW})
    assert wrong.status_code == 422
    assert "<title>Galat:" in wrong.text
    assert NEW not in wrong.text
    done = browser.post(
        "/akun/sandi", {"old_password": "empat kata yang panjang", "new_password": NEW}, follow_redirects=True
    )
    assert "Kata sandi diganti." in done.text
    assert other_browser.get("/akun").status_code == 303


def test_the_language_of_the_account_is_used_at_once(browser: Browser) -> None:
    browser.sign_in("dewi")
    page = browser.post("/akun/bahasa", {"language": "en"}, follow_redirects=True).text
    assert '<html lang="en">' in page
    assert "Your account" in page
    assert "Pokja member" in page
    assert browser.post("/akun/bahasa", {"language": "xx"}).status_code == 422


def test_someone_else_s_session_is_not_there(browser: Browser, house: House) -> None:
    other = house.identify("yoga").sign_in_id
    browser.sign_in("dewi")
    assert browser.post(f"/akun/sesi/{other}/cabut").status_code == 404
    assert browser.post(f"/akun/sesi/{10**30}/cabut").status_code == 404


# -- the admin's pages -----------------------------------------------------------------------------


def test_an_admin_makes_an_account_that_can_sign_in(
    browser: Browser, other_browser: Browser, house: House
) -> None:
    browser.sign_in("yoga")
    assert 'href="/admin/orang"' in browser.page
    browser.get("/admin/orang/baru")
    wrong = browser.post("/admin/orang/baru", {"login": "a b", "name": "", "email": "x"})
    assert wrong.status_code == 422
    assert 'value="a b"' in wrong.text
    made = browser.post("/admin/orang/baru", {"login": "sari", "name": "Sari Contoh"})
    address = made.headers["Location"]
    assert "Belum ada peran" in browser.get(address).text
    incomplete = browser.post(f"{address}/peran", {"role": "member", "institution": str(house.institution)})
    assert incomplete.status_code == 422
    assert "pilih pokjanya" in incomplete.text
    assert f'<option value="{house.institution}" selected>' in incomplete.text
    assert (
        browser.post(
            f"{address}/peran",
            {"role": "member", "institution": str(house.institution), "pokja": str(house.pokja)},
        ).status_code
        == 303
    )
    assert "Sari Contoh" in browser.get("/admin/orang?orang=sari").text

    link = re.search(r"http://localhost(/atur-ulang/[\w-]+)", browser.post(f"{address}/tautan").text)
    assert link
    assert "/atur-ulang/" not in browser.get(address).text, "shown once"
    page = other_browser.get(link[1])
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert other_browser.post(link[1], {"new_password": "pendek"}).status_code == 422
    done = other_browser.post(link[1], {"new_password": NEW}, follow_redirects=True)
    assert "Kata sandi baru tersimpan." in done.text
    assert other_browser.get(link[1]).status_code == 404
    assert other_browser.sign_in("sari", NEW).status_code == 303
    assert "K/L Contoh 07, Pokja 1" in other_browser.page


def test_two_admins_edit_at_once_and_both_versions_are_seen(
    browser: Browser, other_browser: Browser, house: House
) -> None:
    browser.sign_in("yoga")
    other_browser.sign_in("yoga")
    address = f"/admin/orang/{house.member}"
    seen = re.search(r'name="seen" value="(\w+)"', browser.get(address).text)
    other_browser.get(address)
    assert seen
    first = {"name": "Dewi Satu", "email": "", "language": "", "seen": seen[1]}
    assert other_browser.post(address, first).status_code == 303
    conflict = browser.post(address, first | {"name": "Dewi Dua"})
    assert conflict.status_code == 409
    assert "Dewi Satu" in conflict.text
    assert 'value="Dewi Dua"' in conflict.text
    again = re.search(r'name="seen" value="(\w+)"', conflict.text)
    assert again
    assert browser.post(address, first | {"name": "Dewi Dua", "seen": again[1]}).status_code == 303


def test_a_role_is_ended_and_an_account_closed_and_opened(browser: Browser, house: House) -> None:
    browser.sign_in("yoga")
    address = f"/admin/orang/{house.member}"
    end = re.search(rf"{address}/peran/\d+/akhiri", browser.get(address).text)
    assert end
    assert browser.post(end[0], {"last_day": "kemarin"}).status_code == 422
    assert browser.post(end[0], {"last_day": ""}).status_code == 303
    assert "dicabut sebelum berlaku" in browser.get(address).text
    assert browser.post(end[0], {"last_day": ""}).status_code == 409
    assert browser.post(f"{address}/aktif", {"active": "0"}).status_code == 303
    assert "nonaktif" in browser.get(address).text
    assert browser.post(f"{address}/tautan").status_code == 409
    assert browser.post(f"{address}/aktif", {"active": "1"}).status_code == 303
    last = browser.post(f"/admin/orang/{house.admin}/aktif", {"active": "0"})
    assert last.status_code == 409
    assert "Harus ada paling sedikit satu admin yang aktif" in last.text


@pytest.mark.parametrize("address", ["/admin/orang", "/admin/orang/baru", "/admin/orang/1"])
def test_the_admin_s_pages_are_the_admin_s(browser: Browser, address: str) -> None:
    browser.sign_in("dewi")
    assert browser.get(address).status_code == 403


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/admin/orang/4711", 404),
        (f"/admin/orang/{10**30}", 404),
        ("/admin/orang/-1", 404),
        ("/admin/orang?hlm=0", 422),
        ("/admin/orang?hlm=x", 422),
        ("/admin/orang?orang=%00%25", 400),
        (f"/admin/orang?orang={'x' * 5000}", 200),
        ("/atur-ulang/x", 404),
        ("/tersimpan", 303),
    ],
)
def test_odd_addresses_get_a_clear_answer(browser: Browser, address: str, status: int) -> None:
    browser.sign_in("yoga")
    assert browser.get(address).status_code == status


@pytest.mark.parametrize(
    "fields",
    [
        {"role": "tsar"},
        {"role": "member", "institution": "x", "pokja": "-1"},
        {"role": "member", "institution": str(10**30), "pokja": "999999"},
        {"role": "auditor", "valid_from": "2023-13-01"},
        {"role": "auditor", "valid_from": "0001-01-01", "valid_to": "\u2028"},
        {},
    ],
)
def test_hostile_memberships_get_the_form_again(
    browser: Browser, house: House, fields: dict[str, object]
) -> None:
    browser.sign_in("yoga")
    browser.get(f"/admin/orang/{house.member}")
    assert browser.post(f"/admin/orang/{house.member}/peran", fields).status_code == 422


def test_pages_speak_english_too(browser: Browser, house: House, clock: FixedClock) -> None:
    browser.client.set_cookie("khub_bahasa", "en")
    browser.sign_in("yoga")
    for address, words in (
        ("/akun", "Sessions still open"),
        ("/admin/orang", "Roles today"),
        ("/admin/orang/baru", "New account"),
        (f"/admin/orang/{house.member}", "Pokja member"),
    ):
        assert words in browser.get(address).text
