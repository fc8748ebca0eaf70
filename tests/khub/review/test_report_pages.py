"""The page of a report for a reviewer, bulk approval and the comparison, as a browser gets them."""

from __future__ import annotations

import contextlib

import pytest
import sqlalchemy as sa
from lxml import html

from khub.audit.models import Event
from khub.review.forms import Return


def _page(response, status=200):
    assert response.status_code == status, response.text[:2000]
    return html.fromstring(response.text)


def _text(page):
    return " ".join(page.text_content().split())


def _fields(page):
    """Return the hidden fields of the decision bar as a browser would send them."""
    return {
        "version": page.xpath("//form[@id='putus']//input[@name='version']/@value")[0],
        "snapshot": page.xpath("//form[@id='putus']//input[@name='snapshot']/@value")[0],
        "outputs": page.xpath("//form[@id='putus']//input[@name='outputs']/@value"),
    }


@contextlib.contextmanager
def counted(office):
    """Count the SQL statements of what happens inside."""
    statements: list[str] = []

    def note(connection, cursor, statement, *rest):
        statements.append(statement)

    sa.event.listen(office.services.db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(office.services.db.engine, "before_cursor_execute", note)


def test_a_report_is_approved_in_two_presses_and_the_notice_names_it(office, rows):
    report = rows.hand_in("budi", (office.hand_in("budi", "Daftar hadir"), "1"))
    following = office.hand_in("tia", "Berikutnya")
    dewi = office.browser("dewi")
    assert "1.1.01 · laporan, 1 keluaran" in _text(_page(dewi.get("/tinjau")))
    opened = dewi.post(f"/tinjau/{report}/buka")
    page = _page(dewi.get(opened.location))
    assert page.xpath("//h1")[0].text == "K/L Contoh 07: laporan dan 1 keluaran"
    assert {"Kembalikan", "Setujui", "Setujui, buka berikutnya", "Lepaskan"} <= {
        button.text for button in page.xpath("//button")
    }
    done = dewi.post(f"/tinjau/{report}/setujui", **_fields(page))
    assert (done.status_code, done.location.partition("?")[0]) == (303, f"/tinjau/{following}")
    page = _page(dewi.get(done.location))
    assert _text(page.xpath("//*[@role='status'][contains(@class, 'hijau')]")[0]) == (
        "Disetujui: K/L Contoh 07, 1.1.01"
    )
    assert page.xpath(f"//*[contains(@class, 'hijau')]//a[@href='/tinjau/{report}']")
    # Somebody else's number in the address says nothing.
    assert not _page(office.browser("rudi").get("/tinjau?baru=1")).xpath("//*[contains(@class, 'hijau')]")
    plain = dewi.post(f"/tinjau/{following}/setujui", version=1, snapshot=1, lanjut="antrean")
    assert plain.location.startswith("/tinjau?baru=")


@pytest.mark.parametrize(
    "query", ["baru=x", "baru=-1", "baru=" + "9" * 40, "baru=99999", "urut=x", "habis=x"]
)
def test_odd_addresses_of_the_queue_show_the_queue(office, rows, query):
    rows.hand_in("budi")
    page = _page(office.browser("dewi").get(f"/tinjau?{query}"))
    assert not page.xpath("//*[contains(@class, 'hijau')]")


def test_a_keluaran_of_a_waiting_report_leads_to_the_report(office, rows):
    output = office.hand_in("budi", "Daftar hadir")
    report = rows.hand_in("budi", (output, "1"))
    found = office.browser("dewi").get(f"/tinjau/{output}")
    assert (found.status_code, found.location) == (303, f"/tinjau/{report}")


def test_an_output_called_like_a_part_of_the_page_does_not_take_its_name(office, rows, sandbox):
    output = office.hand_in("budi", "Laporan")
    office.read_files(sandbox)
    page = _page(office.browser("dewi").get(f"/tinjau/{rows.hand_in('budi', (output, '1'))}"))
    parts = [_text(page.get_element_by_id(name)) for name in page.xpath("//section/@aria-labelledby")]
    assert {"Laporan", "Pratinjau: Laporan"} <= set(parts)
    assert len(parts) == len(set(parts))


def test_the_page_shows_the_text_the_figures_and_the_named_page(office, rows, sandbox):
    content = b"Halaman satu. " + b"\x0c" + b"Halaman dua."
    output = office.hand_in("budi", "Daftar hadir", content=content)
    office.read_files(sandbox)
    before = rows.hand_in("budi", period="2023-01-04", value=118)
    office.services.review.approve(office.people["dewi"], before, 1)
    report = rows.hand_in(
        "budi", (output, "1"), value=100, why="Data dibersihkan.", follow_up="Angkatan III."
    )
    page = _page(office.browser("dewi").get(f"/tinjau/{report}"))
    said = _text(page)
    for words in (
        "60 % capaian sejak Januari",
        "Guru terlatih orang",
        "Turun Data dibersihkan.",
        "Bergaris titik: sama dengan Januari–April 2023.",
        "Kendala: tidak ada kendala.",
        "Tindak lanjut: Angkatan III.",
        "Halaman data dukung yang disebut K/L.",
        "Ukuran keberhasilan 1.1.01: Jumlah guru terlatih",
    ):
        assert words in said, words
    assert page.xpath("//span[@class='pernah']")
    assert len(page.xpath("//ul[@class='periksa']/li")) == 6
    compared = _page(office.browser("dewi").get(f"/tinjau/{report}/banding"))
    assert "Januari–Oktober 2023 dibandingkan dengan Januari–April 2023" in _text(compared)
    assert "Guru terlatih" in _text(compared)
    assert office.browser("dewi").get(f"/tinjau/{before}/banding").status_code == 404


def test_what_people_wrote_is_text_and_long_text_is_whole(office, rows):
    evil = '<script>alert(1)</script> & "kutip"\n' + "panjang sekali. " * 6000
    report = rows.hand_in("budi", achievement=evil, obstacles=evil, no_obstacles=False)
    office.services.review.send_back(office.people["dewi"], report, 1, "Ringkas.")
    rows.say(report, achievement=evil + "Akhir.")
    rows.submit("budi", report)
    answer = office.browser("dewi").get(f"/tinjau/{report}")
    assert "<script>alert" not in answer.text
    assert "Akhir." in answer.text


def test_answers_are_saved_by_script_and_without(office, rows):
    report = rows.hand_in("budi")
    dewi = office.browser("dewi")
    dewi.post(f"/tinjau/{report}/buka")
    page = _page(dewi.get(f"/tinjau/{report}"))
    assert page.xpath("//form[@data-simpan-otomatis]/@action") == [f"/tinjau/{report}/jawab"]
    sent = {"version": "0", "snapshot": "1", "signed": "yes", "period": "open"}
    answer = dewi.client.post(
        f"/tinjau/{report}/jawab",
        data={"csrf_token": dewi.csrf, **sent},
        headers={"X-Requested-With": "khub"},
    )
    assert answer.json == {"saved": "1 dari 6 terjawab"}
    again = dewi.post(f"/tinjau/{report}/jawab", **{**sent, "letterhead": "no"})
    assert (again.status_code, again.location) == (303, f"/tinjau/{report}#periksa")
    page = _page(dewi.get(f"/tinjau/{report}"))
    assert page.xpath("//input[@name='letterhead'][@checked]/@value") == ["no"]
    assert "2 dari 6 terjawab" in _text(page)
    assert dewi.post(f"/tinjau/{report}/jawab", **{**sent, "signed": "mungkin"}).status_code == 422
    assert dewi.post(f"/tinjau/{report}/jawab", **{**sent, "snapshot": "7"}).status_code == 409
    # Another reads them, and has nothing to press.
    other = _page(office.browser("rudi").get(f"/tinjau/{report}"))
    assert "Tidak Dewi Contoh" in _text(other)
    assert not other.xpath("//input[@type='radio']")


def test_a_return_keeps_what_was_typed_when_something_is_wrong(office, rows):
    one, two = office.hand_in("budi", "Satu"), office.hand_in("budi", "Dua", content=b"dua")
    report = rows.hand_in("budi", (one, "1"), (two, "1"))
    dewi = office.browser("dewi")
    dewi.post(f"/tinjau/{report}/buka")
    page = _page(dewi.get(f"/tinjau/{report}"))
    assert page.xpath("//input[@name='due']/@value") == ["2023-10-16"]
    assert len(page.xpath("//input[@name='kembali'][@checked]")) == 2
    sent = {**_fields(page), "pilih_keluaran": "1", "kembali": [one], "due": "2023-10-01", "note": ""}
    wrong = _page(dewi.post(f"/tinjau/{report}/kembalikan", **sent), 422)
    assert wrong.xpath("//*[contains(@class,'galat-ringkas')]//a/@href") == ["#note", "#due"]
    assert wrong.xpath("//input[@name='due']/@value") == ["2023-10-01"]
    assert wrong.xpath("//input[@name='kembali'][@checked]/@value") == [one]
    done = dewi.post(f"/tinjau/{report}/kembalikan", **{**sent, "due": "2023-10-20", "note": "Perbaiki."})
    assert done.status_code == 303
    assert (rows.state(report), rows.state(one), rows.state(two)) == ("returned", "returned", "submitted")
    assert "Batas perbaikan 20 Oktober 2023." in _text(_page(dewi.get(f"/tinjau/{report}")))


def test_who_comes_second_gets_a_409_page_with_his_note(office, rows):
    report = rows.hand_in("budi", (office.hand_in("budi", "Satu"), "1"))
    rudi = office.browser("rudi")
    fields = {"version": "0", "snapshot": "1", "outputs": list(rows.item(report).seen)}
    office.services.review.approve(office.people["dewi"], report, 1)
    page = _page(rudi.post(f"/tinjau/{report}/kembalikan", **fields, note="Kurang daftar hadir."), 409)
    assert "Laporan ini tidak sedang menunggu keputusan." in _text(page)
    assert "Kurang daftar hadir." in _text(page)
    closed = rows.hand_in("budi", action="1.1.02")
    rows.close()
    page = _page(rudi.post(f"/tinjau/{closed}/setujui", version="0", snapshot="1", note="Baik."), 409)
    assert "sudah ditutup" in _text(page)
    assert "Baik." in _text(page)
    assert "Periodenya sudah ditutup" in _text(_page(rudi.get(f"/tinjau/{closed}")))


@pytest.mark.parametrize("login", ["budi", "tia", "kiki", "sari", "yoga"])
def test_reports_are_reviewed_by_the_sekretariat_only(office, rows, login):
    report = rows.hand_in("budi")
    browser = office.browser(login)
    for path in (f"/tinjau/{report}", f"/tinjau/{report}/banding", "/tinjau-massal", "/tinjauan-kedua"):
        assert browser.get(path).status_code == 403
    for act in ("buka", "lepaskan", "jawab", "setujui", "kembalikan", "buka-kembali"):
        assert browser.post(f"/tinjau/{report}/{act}", note="x", snapshot=1, version=0).status_code == 403
    assert browser.post("/tinjau-massal", pilih=f"{report}:0:1").status_code == 403


def test_bulk_takes_what_the_machine_finds_clean_and_records_it(office, rows, sandbox):
    clean = rows.hand_in("budi")
    alone = office.hand_in("budi", "Pelatihan", content=b"Rapat 12 September 2023 tentang pelatihan guru.\n")
    dirty = office.hand_in("budi", "Nomor", content=b"Rapat 12 September 2023, hubungi 0812-3456-7890.\n")
    dewi = office.browser("dewi")
    page = _page(dewi.get("/tinjau-massal"))
    assert len(page.xpath("//tbody//input[@name='pilih']")) == 1  # the other files are still being read
    office.read_files(sandbox)
    page = _page(dewi.get("/tinjau-massal"))
    values = page.xpath("//tbody//input[@name='pilih']/@value")
    assert {value.partition(":")[0] for value in values} == {clean, alone}
    assert page.xpath("//input[@data-pilih-semua='pilih']")
    assert "1 nomor berpola data pribadi" in _text(page)
    done = dewi.post("/tinjau-massal", pilih=values)
    assert "2 disetujui secara massal." in _text(_page(dewi.get(done.location)))
    assert (rows.state(clean), rows.state(alone), rows.state(dirty)) == ("approved", "approved", "submitted")
    assert "Disetujui massal" in _text(_page(dewi.get(f"/tinjau/{clean}")))
    assert "Disetujui massal" in _text(_page(dewi.get(f"/tinjau/{alone}")))
    assert "(massal)" in _text(_page(office.browser("budi").get(f"/keluaran/{alone}")))
    trail = _page(dewi.get("/audit"))
    assert _text(trail).count("massal") >= 2
    with office.services.db.read() as session:
        facts = session.scalars(sa.select(Event.facts).where(Event.act == "report.approved")).all()
    assert ['"bulk": true' in fact for fact in facts] == [True]


def test_bulk_is_all_or_nothing(office, rows, sandbox):
    one, two = rows.hand_in("budi"), rows.hand_in("budi", action="1.1.02")
    dirty = office.hand_in("budi", "Nomor", content=b"12 September 2023, hubungi 0812-3456-7890.\n")
    office.read_files(sandbox)
    dewi = office.browser("dewi")
    for wrong, status in (
        ([], 422),
        (["x"], 422),
        ([f"{one}:0:99999999999"], 422),
        ([f"{one}:0:{n}" for n in range(60)], 422),
        ([f"{one}:0:1", f"{two}:0:2"], 409),
        ([f"{one}:0:1", f"{two}:0:1|K-XXXXXXX:1:1"], 409),
        ([f"{one}:0:1", f"{dirty}:1:1"], 409),
        (["L-XXXXXXX:0:1"], 404),
    ):
        assert dewi.post("/tinjau-massal", pilih=wrong).status_code == status, wrong
        assert rows.state(one) == "submitted"
    office.services.review.open(office.people["rudi"], two)
    page = _page(dewi.post("/tinjau-massal", pilih=[f"{one}:0:1", f"{two}:0:1"]), 409)
    assert f"{two}: Verifikator lain sedang meninjaunya. Tidak satu pun disetujui." in _text(page)
    assert page.xpath("//tbody//input[@checked]/@value") == [f"{one}:0:1"]
    assert rows.state(one) == "submitted"
    assert dewi.get("/tinjau-massal?hlm=0").status_code == 422
    assert "Tidak ada apa pun di sini" in dewi.get("/tinjau-massal?hlm=900").text


def test_pages_take_no_more_statements_for_more_rows(office, rows, sandbox):
    def fill(number):
        for place in range(number):
            output = office.hand_in("budi", f"Hasil {number} {place}")
            rows.hand_in(
                "budi" if place % 2 else "tia",
                (output, "1"),
                unit="kl-07" if place % 2 else "kl-12",
                action=("1.1.01", "1.1.02", "2.1.01", "2.1.02")[place // 2 + (0 if number == 2 else 1)],
                value=place,
            )
            office.hand_in("budi", f"Sendiri {number} {place}")

    dewi, counts = office.browser("dewi"), []
    dewi.get("/tinjau")
    for number in (2, 6):
        fill(number)
        office.read_files(sandbox)
        counts.append({})
        for path in ("/tinjau", "/tinjau?urut=tenggat", "/tinjau-massal", "/tinjauan-kedua"):
            with counted(office) as statements:
                assert dewi.get(path).status_code == 200
            counts[-1][path] = len(statements)
    assert counts[0] == counts[1]
    assert counts[1]["/tinjau"] <= 45
    assert counts[1]["/tinjau-massal"] <= 55


def test_the_page_of_a_report_takes_no_more_statements_for_more_outputs(office, rows, sandbox):
    outputs = [(office.hand_in("budi", f"Hasil {n}", content=f"isi {n}".encode()), "1") for n in range(8)]
    few, many = rows.hand_in("budi", outputs[0]), rows.hand_in("budi", *outputs[1:], action="1.1.02")
    office.read_files(sandbox)
    dewi, counts = office.browser("dewi"), []
    dewi.get(f"/tinjau/{few}")
    for report in (few, many):
        with counted(office) as statements:
            assert dewi.get(f"/tinjau/{report}").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1]
    assert counts[1] <= 75


@pytest.mark.parametrize("language", ["id", "en"])
def test_ids_are_unique_and_references_resolve(office, rows, sandbox, language):
    output = office.hand_in("budi", "Laporan", content=b"Sama")
    before = rows.hand_in("budi", (output, "1"), period="2023-01-04", value=118)
    office.services.review.approve(office.people["rudi"], before, 1)
    report = rows.hand_in(
        "budi", (output, "1"), (office.hand_in("budi", "Dua", content=b"Sama"), "1"), value=9
    )
    office.services.review.send_back(office.people["dewi"], report, 1, Return("Perbaiki.", None, frozenset()))
    rows.say(report, achievement="Lain sekali.")
    rows.submit("budi", report)
    office.read_files(sandbox)
    dewi = office.browser("dewi")
    dewi.client.set_cookie("khub_bahasa", language)
    dewi.post(f"/tinjau/{report}/buka")
    for path in (
        "/tinjau",
        f"/tinjau/{report}",
        f"/tinjau/{before}",
        f"/tinjau/{report}/banding",
        "/tinjau-massal",
    ):
        page = _page(dewi.get(path))
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids)), path
        for attribute in ("aria-describedby", "aria-labelledby", "for"):
            for value in page.xpath(f"//@{attribute}"):
                assert set(value.split()) <= set(ids), value
        assert page.xpath("//@style | //@*[starts-with(name(), 'on')]") == []
        assert len(page.xpath("//h1")) == 1
