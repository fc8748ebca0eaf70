"""The report room as people see it, over HTTP."""

from __future__ import annotations

from tests.khub.reports.conftest import address


def test_smoke(desk, office):
    budi = office.browser("budi")
    page = budi.get("/laporan-saya")
    assert page.status_code == 200, page.text[:3000]
    assert "Belum lapor" in page.text
    page = budi.get(address())
    assert page.status_code == 200
    saved = budi.post(address(), revision="0", achievement="A", percent="50", no_obstacles="1")
    assert saved.status_code == 303, saved.text[:2000]
    page = budi.get(address())
    assert page.status_code == 200
    draft = office.draft("budi", "Laporan pelatihan")
    field = f"value-{desk.activities['Guru terlatih']}"
    done = budi.post(address(tail="/ajukan"), revision="1", achievement="Capaian kami", percent="50", no_obstacles="1", outputs=draft, listed=draft, **{field: "1.200", f"pages-{draft}": "1"})
    assert done.status_code == 303, done.text
    receipt = budi.get(done.headers["Location"])
    assert receipt.status_code == 200, receipt.text
    report = desk.task("budi").report
    page = budi.get(f"/laporan-aksi/{report}")
    assert page.status_code == 200
    page = budi.get("/laporan-saya")
    assert page.status_code == 200
    assert office.browser("dewi").get(f"/laporan-aksi/{report}").status_code == 200
    assert office.browser("tia").get(f"/laporan-aksi/{report}").status_code == 404
    dewi = office.browser("dewi")
    assert dewi.get("/laporan-saya?kl=kl-12").status_code == 200
    assert dewi.get(address(unit="kl-12", tail="/atas-nama")).status_code == 200
    sheet = budi.client.get("/laporan-saya/lembar.xlsx")
    assert sheet.status_code == 200
    assert budi.get("/laporan-saya/bawa-kembali").status_code == 200
