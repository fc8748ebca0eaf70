"""The audit page for auditor, Sekretariat and admin: what each sees, filters, check, export."""

from __future__ import annotations

import json

import pytest
from flask import url_for
from lxml import html

from khub.audit import chain, verify_jsonl
from tests.khub.test_routes_matrix import AUDITOR_MAY_POST

NOTE = "Lampiran C memuat nama saksi"
FILE = "Daftar saksi.txt"


@pytest.fixture
def told(office):
    """Return an office where a keluaran came back with a note that only readers of content may see."""
    public_id = office.hand_in("budi", FILE.removesuffix(".txt"))
    office.services.review.open(office.people["dewi"], public_id)
    office.services.review.send_back(office.people["dewi"], public_id, 1, NOTE)
    office.draft("tia", "Draf rahasia dapur")
    return office, public_id


def _page(response, status=200):
    assert response.status_code == status, response.text[:2000]
    return html.fromstring(response.text)


def _text(page):
    return " ".join(page.text_content().split())


def _numbers(page):
    return [int(cell.text.replace(".", "")) for cell in page.xpath("//table[@class='rantai']/tbody/tr/td[1]")]


@pytest.mark.parametrize(
    ("login", "status"),
    [("sari", 200), ("dewi", 200), ("yoga", 200), ("budi", 403), ("kiki", 403)],
)
def test_who_may_see_the_trail(told, login, status):
    browser = told[0].browser(login)
    for path in ("/audit", "/audit/jejak.jsonl", "/audit/verify_jsonl.py"):
        assert browser.get(path).status_code == status
    assert browser.post("/audit/periksa").status_code == (303 if status == 200 else status)


@pytest.mark.parametrize("login", ["sari", "dewi"])
def test_readers_of_content_see_why_but_never_a_drafts_files(told, login):
    office, _ = told
    browser = office.browser(login)
    for answer in (browser.get("/audit"), browser.get("/audit/jejak.jsonl")):
        assert NOTE in answer.text
        assert FILE in answer.text
        assert "Draf rahasia dapur" not in answer.text


@pytest.mark.parametrize("login", ["sari", "dewi"])
def test_how_a_draft_was_classified_is_told_to_its_owner_alone(told, login):
    """Whatever became of it: what was done before it was first handed in stays the owner's."""
    office, _ = told
    public_id = office.draft("budi", "Draf berjenis")
    office.say("budi", public_id, classification="terbatas", classification_reason="rahasia dapur")
    browser = office.browser(login)

    def rows():
        assert "rahasia dapur" not in browser.get("/audit/jejak.jsonl").text
        found = _page(browser.get(f"/audit?objek={public_id}&perbuatan=product.classified"))
        return [row.text_content() for row in found.xpath("//table[@class='rantai']/tbody/tr")]

    assert [("Isi tidak ditampilkan" in row, "terbatas" in row) for row in rows()] == [(True, False)]
    office.submit("budi", public_id)
    assert [("Isi tidak ditampilkan" in row, "terbatas" in row) for row in rows()] == [(True, False)]
    office.services.products.classify(office.people["budi"], public_id, "internal", "sudah disunting")
    assert [("Isi tidak ditampilkan" in row, "sudah disunting" in row) for row in rows()] == [
        (False, True),
        (True, False),
    ]
    for reader, told_of_draft in ((login, False), ("budi", True)):
        said = office.browser(reader).get(f"/keluaran/{public_id}").text
        assert "sudah disunting" in said
        assert ("rahasia dapur" in said) is told_of_draft


def test_an_admin_sees_that_it_happened_but_no_content(told):
    office, public_id = told
    yoga = office.browser("yoga")
    page = yoga.get("/audit")
    assert "Mengembalikan" in page.text
    assert public_id in page.text
    assert "Isi tidak ditampilkan untuk Anda." in page.text
    for answer in (page, yoga.get("/audit/jejak.jsonl"), yoga.get(f"/audit?objek={public_id}")):
        for secret in (NOTE, FILE, "Daftar saksi", "Draf rahasia dapur"):
            assert secret not in answer.text


@pytest.mark.parametrize("login", ["sari", "dewi", "yoga"])
def test_every_export_can_be_checked_by_anybody(told, login):
    office, _ = told
    text = office.browser(login).get("/audit/jejak.jsonl").text
    report = verify_jsonl.verify(text.splitlines())
    assert report.broken == 0
    assert report.events == len(text.splitlines())
    assert bool(report.withheld)
    with office.services.db.read() as session:
        assert report.head == chain.verify(session).head


def test_checking_shows_and_records_the_outcome(told):
    office, _ = told
    sari = office.browser("sari")
    assert "Belum pernah diperiksa" in _text(_page(sari.get("/audit")))
    done = sari.post("/audit/periksa")
    assert (done.status_code, done.location) == (303, "/audit#rantai")
    page = _page(sari.get("/audit"))
    assert "Utuh" in _text(page)
    assert "oleh Sari Contoh" in _text(page)
    with office.services.db.engine.connect() as connection:
        if office.services.db.is_sqlite:
            connection.exec_driver_sql("DROP TRIGGER event_no_UPDATE")
        else:
            connection.exec_driver_sql("ALTER TABLE event DISABLE TRIGGER ALL")
        connection.exec_driver_sql("UPDATE event SET reason = 'lain' WHERE seq = 2")
        connection.commit()
    sari.post("/audit/periksa")
    said = _text(_page(sari.get("/audit")))
    assert "Terputus" in said
    assert "Pada kejadian 2. Isi kejadian ini diubah. Sebelum itu utuh." in said


def test_a_noted_head_is_held_against_the_chain(told):
    office, _ = told
    sari = office.browser("sari")
    head = _page(sari.get("/audit")).xpath("//p[@id='kepala-kini']")[0].text_content().strip()
    office.hand_in("tia", "Sesudahnya")
    assert "Cocok dengan kepala yang Anda simpan" in sari.get(f"/audit?kepala={head}").text
    seq, _, sha = head.partition(":")
    assert "Tidak cocok" in sari.get(f"/audit?kepala={seq}:{'0' * 64}").text
    assert "ekor rantai dipotong" in sari.get(f"/audit?kepala=99999:{sha}").text
    page = _page(sari.get("/audit?kepala=enam"), 422)
    assert page.xpath("//input[@id='kepala']/@aria-invalid") == ["true"]
    assert page.xpath("//input[@id='kepala']/@value") == ["enam"]


def test_filters_narrow_and_paging_goes_by_number(told):
    office, public_id = told
    for number in range(30):
        office.hand_in("tia", f"Laporan {number}")
    sari = office.browser("sari")
    newest = _numbers(_page(sari.get("/audit")))
    assert newest == sorted(newest, reverse=True)
    assert len(newest) == 25
    page = _page(sari.get("/audit"))
    older = _numbers(_page(sari.get(page.xpath("//a[@rel='next']/@href")[0])))
    assert older[0] == newest[-1] - 1
    assert "Mengembalikan" in _text(_page(sari.get(f"/audit?objek={public_id.lower()}")))
    rows = _page(sari.get(f"/audit?objek={public_id}")).xpath("//table[@class='rantai']/tbody/tr")
    assert all(public_id in row.text_content() for row in rows)
    assert len(_numbers(_page(sari.get("/audit?perbuatan=review.returned")))) == 1
    assert {
        row.xpath("string(td[3])") for row in _page(sari.get("/audit?orang=dewi")).xpath("//tbody/tr")
    } == {"Dewi Contoh"}
    for nothing in (
        "/audit?orang=%25",
        "/audit?orang=_",
        "/audit?objek=K-2222222",
        "/audit?sejak=2024-01-01",
    ):
        assert "Tidak ada kejadian yang cocok" in _text(_page(sari.get(nothing)))
    assert _numbers(_page(sari.get("/audit?sejak=2023-10-09")))


@pytest.mark.parametrize(
    "query",
    [
        "sejak=kemarin",
        "sejak=2023-02-30",
        "perbuatan=apa.saja",
        "objek=" + "x" * 81,
        "orang=" + "x" * 81,
        "sebelum=-1",
        "sebelum=" + "9" * 40,
    ],
)
def test_an_odd_filter_is_refused_with_what_was_typed(told, query):
    office, _ = told
    page = _page(office.browser("sari").get(f"/audit?{query}"), 422)
    assert page.xpath("//*[contains(@class,'galat-ringkas')]")


def test_an_auditor_changes_nothing(told):
    """Whatever an auditor may post to answers 403 or 404, except what changes nothing but his own affairs."""
    office, public_id = told
    sari = office.browser("sari")
    for rule in office.app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or rule.endpoint in AUDITOR_MAY_POST:
            continue
        values = dict.fromkeys(rule.arguments, "1") | (
            {"public_id": public_id} if "public_id" in rule.arguments else {}
        )
        with office.app.test_request_context():
            path = url_for(rule.endpoint, **values)
        assert sari.post(path, note="x", reason="x", classification="terbuka").status_code in (403, 404), path


def test_the_export_says_every_field(told):
    office, _ = told
    line = json.loads(office.browser("sari").get("/audit/jejak.jsonl").text.splitlines()[0])
    assert set(line) == {
        "seq",
        "at",
        "person_id",
        "person",
        "act",
        "object_type",
        "object_id",
        "reason",
        "facts",
        "content",
        "previous",
        "hash",
    }
