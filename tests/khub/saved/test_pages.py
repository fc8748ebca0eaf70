"""The pages: saving from the results, the list, ticking through everything, hostile input, two worlds."""

from __future__ import annotations

import html
import io
import re

from khub.policy import Grant, Role
from khub.products import ids
from khub.products.uploads import Place
from tests.khub.conftest import PERIOD, PLAN

Q = "/cari?q=pelatihan"


def saved_by(desk, login, **fields):
    """Save the search from the page of results; returns (browser, address of the saved search)."""
    browser = desk.office.browser(login)
    page = browser.get(Q).text
    action = re.search(r'action="(/pencarian-tersimpan\?q=pelatihan)"', page)[1]
    answer = browser.post(action, **{"nama": "Semua pelatihan", "bagi": "", "kabar": "off", **fields})
    assert answer.status_code == 303, answer.text
    return browser, answer.headers["Location"].partition("?")[0]


def test_a_search_is_saved_from_its_results_and_worked_through(desk):
    desk.publish("Pelatihan kedua")
    desk.index()
    browser, address = saved_by(desk, "tia")
    assert address in browser.get(Q).text  # known by now
    assert "Semua pelatihan" in browser.get("/pencarian-tersimpan").text
    for left in (1, 0):
        page = browser.get(f"{address}?tampil=belum&hlm=7").text
        product = re.search(r'name="nilai" value="(K-\w+) ya"', page)[1]
        answer = browser.post(f"{address}/nilai", nilai=f"{product} ya", kembali=f"{address}?tampil=belum")
        assert answer.status_code == 303
        assert page.count(' ya">') == left + 1
    assert "sudah dinilai" in browser.get(f"{address}?tampil=belum").text
    assert "Tia Contoh" in browser.get(f"{address}?tampil=relevan").text
    assert browser.post(address, nama="", bagi="").status_code == 422
    assert browser.post(address, nama="Nama baru", bagi="").status_code == 303
    assert browser.post(f"{address}/hapus").status_code == 303
    assert browser.get(address).status_code == 404


def test_what_is_searched_is_said_in_words(desk):
    desk.publish("Pelatihan kedua", kind="modul")
    desk.index()
    browser = desk.office.browser("tia")
    found = browser.get("/cari?jenis=modul&tanggal=2023-10&versi=semua&urut=tanggal").text
    name = re.search(r'name="nama" value="([^"]*)"', found)[1]
    assert name.startswith("Jenis: Modul")
    assert name.endswith("Tanggal: Oktober 2023, terbaru lebih dahulu, termasuk versi lama")
    answer = browser.post(
        "/pencarian-tersimpan?jenis=modul&tanggal=2023-10&versi=semua", nama=name, bagi="", kabar="off"
    )
    page = browser.get(answer.headers["Location"]).text
    for said in ("Tanggal: Oktober 2023", "termasuk versi lama"):
        assert f"<li>{said}</li>" in page
    assert re.search("<li>Jenis: Modul[^<]*</li>", page)


def test_the_pages_behind_a_hit_are_opened_with_the_words_and_filters_that_were_kept(desk):
    place = Place(batch=ids.batch_token(), action=f"{PLAN}/1.1.01", period=f"{PLAN}/{PERIOD}")
    pages = b"# Bagian\n\npelatihan guru\n\n" * 5
    received = desk.services.uploads.receive(desk.people["tia"], io.BytesIO(pages), "Panjang.md", place)
    desk.office.submit("tia", received.product)
    desk.services.review.approve(desk.people["dewi"], received.product, 1)
    desk.index()
    pairs = [("q", "pelatihan"), ("pilar", "1"), ("sinonim", "0")]
    browser = desk.office.browser("tia")
    page = browser.get(f"/pencarian-tersimpan/{desk.saved.create(desk.people['tia'], 'P', pairs)}").text
    links = {html.unescape(found) for found in re.findall(r'href="(/(?:berkas|cari/)[^"]*)"', page)}
    paths = {link.partition("?")[0] for link in links}
    assert {f"/cari/{received.product}", f"/cari/{received.product}/mengapa"} <= paths
    assert sum("/hlm/" in path for path in paths) == 4
    for link in links:
        answer = browser.get(link)
        assert answer.status_code == 200, link
        assert 'href="/cari?q=pelatihan&amp;pilar=1&amp;sinonim=0"' in answer.text, link  # the way back


def test_hostile_input_is_refused_in_words(desk):
    browser, address = saved_by(desk, "tia")
    for path, fields in (
        ("/pencarian-tersimpan?q=(guru", {"nama": "x"}),
        ("/pencarian-tersimpan?q=guru", {"nama": "x" * 201}),
        ("/pencarian-tersimpan?q=guru", {"nama": "x", "bagi": "institution:1 OR 1"}),
        ("/pencarian-tersimpan?q=guru", {"nama": "x", "kabar": "hourly"}),
        (f"{address}/kabar", {"kabar": "\x07"}),
        (f"{address}/nilai", {"nilai": "K-ZZZZZZZ mungkin"}),
    ):
        assert browser.post(path, **fields).status_code == 422, path
    for path, fields in (
        (f"{address}/nilai", {"nilai": "K-ZZZZZZZ ya"}),
        ("/pencarian-tersimpan/C-X/hapus", {}),
    ):
        assert browser.post(path, **fields).status_code == 404, path
    assert browser.get(f"{address}?tampil=apa&hlm=0").status_code == 422
    assert browser.get("/umpan/salah/pencarian.atom").status_code == 404


def test_pages_and_letters_are_the_same_whether_or_not_there_are_secrets(desk):
    """One world, before and after a secret is put beside it: nothing that a stranger sees may move."""
    desk.office.hire("nina", Grant(Role.MEMBER, desk.office.institutions["kl-12"], desk.office.pokjas["1"]))
    desk.post.address("nina", "nina@contoh.go.id")
    browser, address = saved_by(desk, "nina", kabar="now")
    desk.publish("Pelatihan terbuka")
    desk.index()
    desk.clock.forward(hours=1)
    desk.round()
    desk.opened("nina", address.rpartition("/")[2])
    paths = (address, f"{address}?tampil=baru", "/pencarian-tersimpan", "/pilihan")

    def seen():
        texts = [re.sub(r'name="csrf_token" value="[^"]*"', "", browser.get(path).text) for path in paths]
        return texts, desk.bodies()

    before = seen()
    for title in ("Pelatihan rahasia", "Pelatihan pelatihan pelatihan"):
        desk.publish(title, classification="terbatas")
    desk.index()
    desk.round()
    assert seen() == before
    assert "Pelatihan rahasia" in desk.office.browser("budi").get(Q).text
