"""The queue and the one page of an item, as a browser gets them."""

from __future__ import annotations

import re

import pytest
from lxml import html


def _page(response, status=200):
    assert response.status_code == status, response.text[:2000]
    return html.fromstring(response.text)


def _text(page):
    return " ".join(page.text_content().split())


def _buttons(page):
    return {" ".join(button.text_content().split()) for button in page.xpath("//main//button")}


def _decide(browser, public_id, act, *, snapshot=1, version=1, note=""):
    return browser.post(f"/tinjau/{public_id}/{act}", snapshot=snapshot, version=version, note=note)


def test_from_the_queue_to_approved_in_two_presses(office):
    first, second = office.hand_in("budi", "Laporan satu"), office.hand_in("tia", "Laporan dua")
    dewi = office.browser("dewi")
    assert "Laporan satu" in _text(_page(dewi.get("/tinjau")))
    opened = dewi.post(f"/tinjau/{first}/buka")
    assert (opened.status_code, opened.location) == (303, f"/tinjau/{first}")
    page = _page(dewi.get(opened.location))
    assert {"Kembalikan", "Setujui, buka berikutnya"} <= _buttons(page)
    assert "Disetujui berarti lengkap dan sesuai, bukan benar." in _text(page)
    hidden = {field.get("name"): field.get("value") for field in page.xpath("//form[@class='putus']//input")}
    assert (hidden["version"], hidden["snapshot"]) == ("1", "1")
    approved = _decide(dewi, first, "setujui")
    assert (approved.status_code, approved.location.partition("?")[0]) == (303, f"/tinjau/{second}")
    page = _page(dewi.get(approved.location))
    assert "Setujui, buka berikutnya" in _buttons(page)
    assert page.xpath(f"//*[@role='status']//a[@href='/tinjau/{first}']")[0].text == "Laporan satu"
    last = _page(dewi.get(_decide(dewi, second, "setujui").location))
    assert "Disetujui: Laporan dua Tidak ada lagi yang menunggu keputusan Anda." in _text(last)


def test_looking_reserves_nothing(office):
    public_id = office.hand_in("budi", "Laporan")
    dewi = office.browser("dewi")
    page = _page(dewi.get(f"/tinjau/{public_id}"))
    assert "Buka untuk ditinjau" in _buttons(page)
    assert "Kembalikan" not in _buttons(page)
    office.services.products.withdraw(office.people["budi"], public_id)


def test_another_reviewer_may_read_but_not_decide(office):
    public_id = office.hand_in("budi", "Laporan")
    office.services.review.open(office.people["dewi"], public_id)
    rudi = office.browser("rudi")
    assert rudi.post(f"/tinjau/{public_id}/buka").status_code == 303
    page = _page(rudi.get(f"/tinjau/{public_id}"))
    assert not {"Kembalikan", "Setujui, buka berikutnya", "Buka untuk ditinjau"} & _buttons(page)
    assert "Dewi Contoh sedang meninjau sejak 9 Oktober 2023 09.01 WIB" in _text(page)
    assert "Laporan.txt" in _text(page)
    refused = _page(_decide(rudi, public_id, "setujui"), 409)
    assert "Verifikator lain sedang meninjaunya." in _text(refused)
    assert refused.xpath("//a[@href='/tinjau']")


@pytest.mark.parametrize("login", ["budi", "rani"])
def test_own_and_own_units_keluaran_show_the_reason_instead_of_buttons(office, login):
    public_id = office.hand_in(login, "Laporan")
    page = _page(office.browser("rani").get(f"/tinjau/{public_id}"))
    assert not {"Kembalikan", "Setujui, buka berikutnya", "Buka untuk ditinjau"} & _buttons(page)
    assert "orang lain yang memutuskan" in _text(page)
    assert _decide(office.browser("rani"), public_id, "setujui").status_code == 403


def test_a_missing_note_keeps_the_page_and_says_so(office):
    public_id = office.hand_in("budi", "Laporan")
    dewi = office.browser("dewi")
    dewi.post(f"/tinjau/{public_id}/buka")
    page = _page(_decide(dewi, public_id, "kembalikan"), 422)
    assert page.xpath("//title")[0].text.startswith("Galat:")
    assert page.xpath("//*[contains(@class,'galat-ringkas')]//a/@href") == ["#note"]
    assert page.xpath("//textarea[@id='note']/@aria-invalid") == ["true"]
    long = "x" * 10_001
    page = _page(_decide(dewi, public_id, "kembalikan", note=long), 422)
    assert page.xpath("//textarea[@id='note']")[0].text.strip() == long
    assert _decide(dewi, public_id, "kembalikan", note="Daftar hadir kurang.").status_code == 303


def test_a_stale_page_answers_409_with_the_note_and_a_way_on(office):
    public_id = office.hand_in("budi", "Laporan")
    office.services.review.send_back(office.people["rudi"], public_id, 1, "Perbaiki.")
    office.submit("budi", public_id)
    page = _page(_decide(office.browser("dewi"), public_id, "setujui", note="sudah baik"), 409)
    assert "Pemilik mengajukan cuplikan baru" in _text(page)
    assert "sudah baik" in _text(page)
    assert page.xpath(f"//a[@href='/tinjau/{public_id}']")


@pytest.mark.parametrize("field", ["", "abc", "-1", "9" * 40])
def test_nonsense_in_hidden_fields_is_a_conflict_not_a_crash(office, field):
    public_id = office.hand_in("budi", "Laporan")
    assert _decide(office.browser("dewi"), public_id, "setujui", snapshot=field).status_code == 409
    assert _decide(office.browser("dewi"), public_id, "setujui", version=field).status_code == 409


def test_withdrawn_and_never_there_answer_alike(office):
    public_id = office.hand_in("budi", "Laporan")
    office.services.products.withdraw(office.people["budi"], public_id)
    draft = office.draft("budi", "Draf")
    dewi = office.browser("dewi")
    answers = set()
    for wanted in (public_id, draft, "K-2222222", "x" * 300):
        for answer in (
            dewi.get(f"/tinjau/{wanted}"),
            dewi.post(f"/tinjau/{wanted}/buka"),
            _decide(dewi, wanted, "setujui"),
        ):
            assert answer.status_code == 404
            answers.add(_text(_page(answer, 404).xpath("//main")[0]))
    assert len(answers) == 1
    assert "Ke antrean" in answers.pop()


@pytest.mark.parametrize("login", ["budi", "kiki", "sari", "yoga"])
def test_the_room_is_the_sekretariats(office, login):
    public_id = office.hand_in("tia", "Laporan")
    browser = office.browser(login)
    assert browser.get("/tinjau").status_code == 403
    assert browser.get(f"/tinjau/{public_id}").status_code == 403
    for act in ("buka", "setujui", "kembalikan", "buka-kembali"):
        assert browser.post(f"/tinjau/{public_id}/{act}", note="x", snapshot=1, version=1).status_code == 403


def test_machine_checks_come_with_their_proof(office, sandbox):
    public_id = office.hand_in(
        "budi",
        "Pelatihan",
        content="Pelatihan guru berlangsung 12–14 September 2023.\nNarahubung 0812-3456-7890.\n".encode(),
    )
    dewi = office.browser("dewi")
    assert "Berkas masih dibaca" in _text(_page(dewi.get(f"/tinjau/{public_id}")))
    office.read_files(sandbox)
    page = _page(dewi.get(f"/tinjau/{public_id}"))
    said = _text(page)
    assert "Tanggal 12 September 2023 ada dalam Januari–Oktober 2023." in said
    assert "1 dari 1 halaman berteks." in said
    assert "1 nomor berpola data pribadi; pemilik belum menjawab." in said
    assert "Ada dalam daftar tahun 2023." in said
    assert "Jumlah guru terlatih" in said
    proofs = page.xpath("//ul[@class='periksa']//a/@href")
    assert all(re.fullmatch(rf"/tinjau/{public_id}\?berkas=B-\w+&hlm=1#pratinjau", proof) for proof in proofs)
    assert len(proofs) == 2
    assert "Pelatihan guru berlangsung" in _text(_page(dewi.get(proofs[0])))


@pytest.mark.parametrize(
    "query", ["?hlm=0", "?hlm=99", "?hlm=abc", "?berkas=B-XXXXXXXXXX&hlm=-2", "?hlm=" + "9" * 50]
)
def test_an_odd_page_in_the_address_shows_a_page_that_exists(office, sandbox, query):
    public_id = office.hand_in("budi", "Laporan")
    office.read_files(sandbox)
    assert "hlm. 1" in _text(_page(office.browser("dewi").get(f"/tinjau/{public_id}{query}")))


def test_reopening_from_the_page_needs_a_reason(office):
    public_id = office.hand_in("budi", "Laporan")
    office.services.review.approve(office.people["dewi"], public_id, 1)
    rudi = office.browser("rudi")
    assert "Buka kembali untuk diperbaiki" in _buttons(_page(rudi.get(f"/tinjau/{public_id}")))
    page = _page(rudi.post(f"/tinjau/{public_id}/buka-kembali", note=""), 422)
    assert page.xpath("//textarea[@id='note']/@aria-invalid") == ["true"]
    done = rudi.post(f"/tinjau/{public_id}/buka-kembali", note="Tertukar.")
    assert (done.status_code, done.location) == (303, f"/keluaran/{public_id}")
    assert _page(rudi.post(f"/tinjau/{public_id}/buka-kembali", note="Lagi."), 409) is not None


def test_the_queue_is_paged(office):
    for number in range(27):
        office.hand_in("budi", f"Laporan nomor {number}")
    dewi = office.browser("dewi")
    first, second = (_page(dewi.get(f"/tinjau?hlm={number}")) for number in (1, 2))
    assert [len(page.xpath("//tbody/tr")) for page in (first, second)] == [25, 2]
    assert dewi.get("/tinjau?hlm=0").status_code == 422
    assert dewi.get("/tinjau?hlm=400").status_code == 200


@pytest.mark.parametrize("language", ["id", "en"])
def test_ids_are_unique_and_references_resolve(office, sandbox, language):
    public_id = office.hand_in("budi", "Laporan", content=b"Sama")
    office.hand_in("tia", "Lain", content=b"Sama")
    office.services.review.send_back(office.people["dewi"], public_id, 1, "Perbaiki.")
    office.submit("budi", public_id)
    office.read_files(sandbox)
    dewi = office.browser("dewi")
    dewi.client.set_cookie("khub_bahasa", language)
    dewi.post(f"/tinjau/{public_id}/buka")
    for path in ("/tinjau", f"/tinjau/{public_id}"):
        page = _page(dewi.get(path))
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids))
        for attribute in ("aria-describedby", "aria-labelledby", "for"):
            for value in page.xpath(f"//@{attribute}"):
                assert set(value.split()) <= set(ids), value
        assert page.xpath("//@style | //@*[starts-with(name(), 'on')]") == []
        assert len(page.xpath("//h1")) == 1
