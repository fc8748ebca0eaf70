"""The report room as people use it, over HTTP, without JavaScript."""

from __future__ import annotations

import html
import io
import re

import pytest

from khub.products.lifecycle import Act
from khub.reports import offline
from tests.khub.conftest import PERIOD, PLAN
from tests.khub.reports.conftest import ACHIEVEMENT, address
from tests.khub.reports.test_offline import taken, write
from tests.khub.reports.test_service import PDF
from tests.khub.reports.test_steps import decide

JSON = {"X-Requested-With": "khub"}


def fields(desk, **changes):
    return {
        "revision": "0",
        "achievement": ACHIEVEMENT,
        "percent": "60",
        "no_obstacles": "1",
        f"value-{desk.activities['Guru terlatih']}": "1.200",
        **changes,
    }


def seen(text):
    """Return what a page says, without markup."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def test_from_the_task_list_to_the_receipt(desk, office):
    budi = office.browser("budi")
    page = budi.get("/laporan-saya")
    assert "0 dari 2 baris sudah diajukan" in seen(page.text)
    form = budi.get(address()).text
    assert "Modul pelatihan" in form
    assert "240" in form
    draft = office.draft("budi", "Laporan pelatihan")
    done = budi.post(
        address(tail="/ajukan"), **fields(desk, outputs=draft, listed=draft, **{f"pages-{draft}": "1"})
    )
    assert done.status_code == 303
    receipt = budi.get(done.headers["Location"])
    text = seen(receipt.text)
    assert "1 baris laporan · 1 keluaran" in text
    assert "1.1.01" in text
    assert "Teks untuk percakapan" in text
    report = desk.task("budi").report
    page = seen(office.browser("dewi").get(f"/laporan-aksi/{report}").text)
    assert ACHIEVEMENT in page
    assert "1.200" in page
    assert "hlm. 1" in page
    assert budi.get(address()).status_code == 303  # a handed-in row leads to its page
    assert budi.post(f"/laporan-aksi/{report}/tarik").status_code == 303
    assert desk.report(report).state == "draft"


def test_a_row_offers_an_output_that_nobody_has_ticked_yet(desk, office):
    draft = office.draft("budi", "Laporan pelatihan")
    budi = office.browser("budi")
    for said in (None, fields(desk)):  # before anything was saved, and after
        if said:
            assert budi.post(address(), **said).status_code == 303
        page = budi.get(address())
        assert page.status_code == 200
        assert re.search(rf'name="pages-{draft}"[^>]* value=""', page.text)


def test_all_ready_rows_go_in_with_one_press(desk, office):
    budi = office.browser("budi")
    budi.post(address(), **fields(desk))
    budi.post(address("1.1.02"), revision="0", achievement="Separuh", percent="", no_obstacles="1")
    page = budi.get("/laporan-saya").text
    assert "Ajukan yang siap (1)" in page
    assert f'href="{address("1.1.02")}#percent"' in page
    reports = [task.report for task in desk.board("budi").tasks]
    done = budi.post("/laporan-saya/ajukan", pilih=reports, menyusul="1")
    assert done.status_code == 303
    assert "1 baris belum diajukan" in seen(budi.get(done.headers["Location"]).text)
    refused = budi.post("/laporan-saya/ajukan", pilih=reports[1:], periode=f"{PLAN}/{PERIOD}")
    assert refused.status_code == 422
    assert "Persentase capaian belum diisi." in refused.text
    assert budi.post("/laporan-saya/ajukan", periode=f"{PLAN}/{PERIOD}").status_code == 422
    assert budi.post("/laporan-saya/ajukan", pilih="L-ZZZZZZZ").status_code == 404


def test_what_is_missing_keeps_the_draft_and_everything_typed(desk, office):
    budi = office.browser("budi")
    page = budi.post(address(tail="/ajukan"), **fields(desk, percent="", achievement="Hanya kata"))
    assert page.status_code == 422
    assert "Persentase capaian belum diisi." in page.text
    assert desk.form("budi").typed["achievement"] == "Hanya kata"
    page = budi.post(address(), **fields(desk, revision="1", percent="101", achievement="Kata <lain>"))
    assert page.status_code == 422
    assert "Kata &lt;lain&gt;" in page.text
    assert 'value="101"' in page.text
    assert desk.form("budi").typed["achievement"] == "Hanya kata"


def test_autosave_answers_json_and_stops_at_a_conflict(desk, office):
    budi = office.browser("budi")
    budi.get("/laporan-saya")
    sent = {"csrf_token": budi.csrf, **fields(desk)}
    answer = budi.client.post(address(), data=sent, headers=JSON)
    assert answer.status_code == 200
    assert answer.json["fields"] == {"revision": 1}
    again = budi.client.post(address(), data=sent, headers=JSON)
    assert again.status_code == 409
    assert again.json["href"] == address()
    wrong = budi.client.post(address(), data={**sent, "percent": "x"}, headers=JSON)
    assert wrong.status_code == 422
    assert wrong.json["error"]


def test_two_people_on_one_row_both_see_both_texts(desk, office):
    budi = office.browser("budi")
    desk.save("budi", achievement="Kata yang tersimpan", percent=45)
    page = budi.post(address(), **fields(desk, achievement="Kata yang diketik", percent=""))
    assert page.status_code == 409
    assert "Kata yang tersimpan" in page.text
    assert "Kata yang diketik" in page.text
    assert 'name="revision" value="1"' in page.text
    assert re.search(r'name="percent"[^>]* value="45"|value="45"[^>]* name="percent"', page.text)
    assert desk.form("budi").typed["achievement"] == "Kata yang tersimpan"


def test_a_tick_of_the_one_does_not_outdo_the_kendala_of_the_other(desk, office):
    budi = office.browser("budi")
    desk.save("budi", obstacles="Anggaran terlambat turun", no_obstacles=False)
    page = budi.post(address(), **fields(desk, obstacles="", no_obstacles="1"))
    assert page.status_code == 409
    assert re.search(r"<textarea[^>]* name=\"obstacles\"[^>]*>\s*Anggaran terlambat turun", page.text)
    assert not re.search(r'<input[^>]* name="no_obstacles"[^>]* checked', page.text)
    desk.save("budi", obstacles="", no_obstacles=True, revision=1)
    page = budi.post(address(), **fields(desk, obstacles="", no_obstacles="", revision="1"))
    assert re.search(r'<input[^>]* name="no_obstacles"[^>]* checked', page.text)


def test_a_period_that_closes_while_somebody_writes_keeps_the_words_and_says_why(desk, office):
    budi = office.browser("budi")
    budi.post(address(), **fields(desk))
    budi.get(address())
    desk.move_period("closed")
    page = budi.post(address(), **fields(desk, revision="1", achievement="Kata terakhir"))
    assert page.status_code == 409
    assert "Kata terakhir" in page.text
    assert "ditutup" in page.text
    report = desk.task("budi").report
    shown = budi.get(f"/laporan-aksi/{report}")
    assert "Kata terakhir" in shown.text
    assert "Periode ini sudah ditutup." in shown.text
    assert budi.post(address(tail="/ajukan"), **fields(desk, revision="2")).status_code == 409
    assert "Periode ini sudah ditutup." in budi.get(f"/laporan-saya?periode={PLAN}/{PERIOD}").text


def test_words_for_a_row_handed_in_meanwhile_are_shown_whole(desk, office):
    budi = office.browser("budi")
    report = desk.save("budi")
    desk.submit("budi", report)
    page = budi.post(address(), **fields(desk, revision="1", achievement="Terlalu lambat"))
    assert page.status_code == 409
    assert "Terlalu lambat" in page.text


def test_files_dropped_on_a_row_become_its_evidence(desk, office):
    budi = office.browser("budi")
    budi.get(address())
    batch = "a" * 24

    def drop(name, **headers):
        return budi.client.post(
            address(tail="/berkas"),
            data={"csrf_token": budi.csrf, "batch": batch, "files": (io.BytesIO(b"Laporan\n"), name)},
            headers=headers,
        )

    assert drop("laporan.txt").status_code == 303
    answer = drop("lampiran.txt", **JSON, **{"Idempotency-Key": "k1"})
    assert answer.status_code == 200
    assert answer.json["card"] == address()
    drop("lampiran.txt", **JSON, **{"Idempotency-Key": "k1"})
    assert len(desk.form("budi").chosen) == 2
    page = budi.get(address()).text
    assert page.count('name="outputs"') == 2
    refused = budi.client.post(
        address(tail="/berkas"),
        data={"csrf_token": budi.csrf, "batch": batch, "files": (io.BytesIO(b""), "kosong.txt")},
    )
    assert refused.status_code == 422
    # what was typed before the drop still saves: naming evidence is no change of the words
    assert budi.post(address(), **fields(desk)).status_code == 303


def test_a_second_press_leads_to_the_receipt_of_the_first(desk, office):
    budi = office.browser("budi")
    first = budi.post(address(tail="/ajukan"), **fields(desk))
    again = budi.post(address(tail="/ajukan"), **fields(desk))
    assert (again.status_code, again.headers["Location"]) == (303, first.headers["Location"])
    other = budi.post(address(tail="/ajukan"), **fields(desk, achievement="Kata lain"))
    assert other.status_code == 409
    assert "Kata lain" in other.text


def test_files_follow_over_http(desk, office):
    budi = office.browser("budi")
    done = budi.post(address(tail="/ajukan"), **fields(desk, menyusul="1"))
    report = desk.task("budi").report
    assert "Berkas susulan" in budi.get(f"/laporan-aksi/{report}").text
    sent = budi.client.post(
        f"/laporan-aksi/{report}/menyusul",
        data={"csrf_token": budi.csrf, "batch": "a" * 24, "files": (io.BytesIO(b"Isi\n"), "susulan.txt")},
    )
    assert sent.status_code == 303
    assert "susulan" in budi.get(done.headers["Location"]).text


def test_atas_nama_with_a_letter_then_confirmed_by_the_kl(desk, office):
    dewi = office.browser("dewi")
    assert "Pilih K/L" in dewi.get("/laporan-saya").text
    assert "Isi atas nama" in dewi.get("/laporan-saya?kl=kl-07").text
    page = dewi.get(address(tail="/atas-nama"))
    assert page.status_code == 200
    sent = {"csrf_token": dewi.csrf, **fields(desk)}
    refused = dewi.client.post(address(tail="/atas-nama"), data=sent)
    assert refused.status_code == 422
    assert ACHIEVEMENT in refused.text
    done = dewi.client.post(
        address(tail="/atas-nama"), data={**sent, "letter": (io.BytesIO(PDF), "surat.pdf")}
    )
    assert done.status_code == 303
    again = dewi.client.post(
        address(tail="/atas-nama"), data={**sent, "letter": (io.BytesIO(PDF), "surat.pdf")}
    )
    assert again.headers["Location"] == done.headers["Location"]
    late = dewi.client.post(
        address(tail="/atas-nama"),
        data={**sent, "achievement": "Kata lain", "letter": (io.BytesIO(PDF), "surat.pdf")},
    )
    assert (late.status_code, "Kata lain" in late.text) == (409, True)
    budi = office.browser("budi")
    assert "Baca dan benarkan" in budi.get("/laporan-saya").text
    assert "Baca dan benarkan" in budi.get("/").text
    report = desk.task("budi").report
    page = budi.get(f"/laporan-aksi/{report}")
    letter = re.search(r'href="(/surat/[^"]+)"', page.text)
    assert letter
    with budi.client.get(letter[1]) as file:
        assert file.data == PDF
    assert budi.post(f"/laporan-aksi/{report}/benarkan").status_code == 409
    assert budi.post(f"/laporan-aksi/{report}/benarkan", snapshot="1").status_code == 303
    assert "Dibenarkan Budi Contoh" in seen(budi.get(f"/laporan-aksi/{report}").text)
    assert office.browser("tia").client.get(address(tail="/atas-nama")).status_code == 404


def test_the_offline_sheet_over_http(desk, office):
    budi = office.browser("budi")
    assert budi.client.get("/laporan-saya/lembar.xlsx").status_code == 200
    book = taken(office)
    write(book, 1, "capaian", "Diisi luring")
    out = io.BytesIO()
    book.save(out)
    budi.get("/laporan-saya/bawa-kembali")
    sent = budi.client.post(
        "/laporan-saya/bawa-kembali",
        data={"csrf_token": budi.csrf, "file": (io.BytesIO(out.getvalue()), "lembar.xlsx")},
    )
    assert sent.status_code == 303
    preview = budi.get(sent.headers["Location"])
    assert "Diisi luring" in preview.text
    assert desk.board("budi").counts["draf"] == 0
    fingerprint = re.search(r'name="seen" value="([0-9a-f]+)"', preview.text)
    assert budi.post(f"{sent.headers['Location']}/terapkan", seen="x").status_code == 409
    assert budi.post(f"{sent.headers['Location']}/terapkan", seen=fingerprint[1]).status_code == 303
    assert desk.form("budi").typed["achievement"] == "Diisi luring"
    assert office.browser("tia").get(sent.headers["Location"]).status_code == 404
    book = taken(office)
    write(book, 1, "persen", "=1+1")
    out = io.BytesIO()
    book.save(out)
    sent = budi.client.post(
        "/laporan-saya/bawa-kembali",
        data={"csrf_token": budi.csrf, "file": (io.BytesIO(out.getvalue()), "=cmd.xlsx")},
    )
    assert "rumus" in budi.get(sent.headers["Location"]).text
    assert budi.post("/laporan-saya/bawa-kembali").status_code == 422
    assert offline.SHEET in book.sheetnames


def test_the_action_and_the_home_page_tell_of_reports(desk, office):
    report = desk.save("budi", achievement="Capaian yang dilaporkan")
    home = seen(office.browser("budi").get("/").text)
    assert "Ajukan yang siap (1)" in home
    assert "Belum lapor" in home
    path = f"/aksi/{PLAN}/1.1.01"
    assert "Capaian yang dilaporkan" not in office.browser("dewi").get(path).text
    desk.submit("budi", report)
    assert "Capaian yang dilaporkan" in office.browser("dewi").get(path).text
    assert "Capaian yang dilaporkan" not in office.browser("tia").get(path).text
    decide(office, report, Act.APPROVE)
    assert "Capaian yang dilaporkan" in office.browser("tia").get(path).text
    assert "Capaian yang dilaporkan" not in office.browser("yoga").get(path).text


def test_a_returned_row_shows_its_note_and_asks_for_mending(desk, office):
    report = desk.save("budi")
    desk.submit("budi", report)
    with office.services.db.write() as session:
        from khub.reports import copies  # noqa: PLC0415

        loaded = copies.load_any(session, report)
        loaded.latest.note = "Sebut halaman data dukung."
        copies.move(session, loaded, Act.RETURN, loaded.latest, office.clock.now())
    budi = office.browser("budi")
    for path in ("/", "/laporan-saya", "/laporan-saya?status=dikembalikan", address()):
        assert "Sebut halaman data dukung." in budi.get(path).text, path


@pytest.mark.parametrize(
    "path",
    [
        "/laporan-saya?periode=x",
        "/laporan-saya?periode=%00/%00",
        "/laporan-saya?status=hantu",
        "/laporan-saya?hlm=0",
        "/laporan-saya?kl=' OR 1=1 --",
        f"/laporan-aksi/{PLAN}/{PERIOD}/kl-07/..%2f..",
        f"/laporan-aksi/{PLAN}/{PERIOD}/kl-07/{'9' * 3000}",
        f"/laporan-aksi/{PLAN}/{PERIOD}/kl-12/1.1.01",
        "/laporan-aksi/L-ZZZZZZZ",
        "/laporan-aksi/L-ZZZZZZZ?c=99999999999999",
        "/laporan-aksi/%F0%9F%92%A9",
        "/laporan-saya/bawa-kembali/bukan-token",
        "/laporan-saya/lembar.xlsx?periode=a/b",
    ],
)
def test_hostile_addresses_are_answered_plainly(desk, office, path):
    assert office.browser("budi").client.get(path).status_code in (200, 400, 404, 422), path


def test_hostile_forms_are_answered_plainly(desk, office):
    budi = office.browser("budi")
    for changes in (
        {"revision": "-1"},
        {"revision": "9" * 40},
        {"outputs": "K-ZZZZZZZ"},
        {"outputs": ["x"] * 200},
        {"value-999999999": "1"},
        {"value-x": "1"},
        {"value-²": "1"},
        {"percent": "١٢"},
        {"achievement": "x" * 100_001},
        {"achievement": "a\x00b\x1b\u202e"},
        {"follow_up": "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")},
    ):
        status = budi.post(address(), **{**fields(desk), **changes}).status_code
        assert status in (303, 400, 409, 422), changes
