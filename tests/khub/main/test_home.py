"""The home page by role: what waits, what counts, and nothing that is not for the reader."""

from __future__ import annotations

import io
import re

import pytest
import sqlalchemy as sa
from lxml import html

from khub import outbox
from khub.cycle import commitment_queries, forms, seats
from khub.plan.models import Period
from khub.policy import Grant, Role
from tests.khub.conftest import PLAN


def _page(response, status=200):
    assert response.status_code == status, response.text[:2000]
    return html.fromstring(response.text)


def _text(page):
    return " ".join(" ".join(page.itertext()).split())


def _sheet(page, heading):
    found = page.xpath(f"//section[.//h2[@id='{heading}']]")
    assert found, heading
    return found[0]


def test_an_empty_house_tells_everybody_what_to_do(office):
    for login in office.people:
        page = _page(office.browser(login).get("/"))
        assert len(page.xpath("//h1")) == 1
        assert "Januari–Oktober 2023: 22 hari lagi" in _text(page)
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids)), login


def test_a_person_without_a_role_is_told_so(office):
    office.hire("nano")
    assert "Akun Anda belum punya peran" in _text(_page(office.browser("nano").get("/")))


def test_a_member_sees_the_return_on_top_with_its_note(office):
    public_id = office.hand_in("budi", "Laporan pelatihan")
    office.services.review.send_back(office.people["dewi"], public_id, 1, "Daftar hadir kurang.")
    page = _page(office.browser("budi").get("/"))
    assert "Daftar hadir kurang." in _text(_sheet(page, "kembali-1"))
    assert page.xpath(f"//a[@href='/keluaran/{public_id}/ubah']")
    assert "1 dikembalikan, 0 draf, 0 menunggu Sekretariat." in _text(page)
    assert "Daftar hadir kurang." not in office.browser("tia").get("/").text


def test_a_member_sees_what_a_draft_lacks_and_what_waits(office):
    draft = office.draft("budi", "Draf modul")
    office.say("budi", draft, actions=(), period="")
    waiting = office.hand_in("budi", "Sudah diajukan")
    opened = office.hand_in("budi", "Sudah dibuka")
    office.services.review.open(office.people["dewi"], opened)
    page = _page(office.browser("budi").get("/"))
    said = _text(_sheet(page, "berjalan"))
    assert "Pilih sekurangnya satu aksi." in said
    assert "Pilih periode pelaporan." in said
    assert "Sedang ditinjau" in said
    actions = page.xpath("//form/@action")
    assert f"/keluaran/{waiting}/tarik" in actions
    assert f"/keluaran/{opened}/tarik" not in actions


def test_counts_equal_the_list_behind_them(office):
    for title in ("Satu", "Dua"):
        office.draft("budi", title)
    approved = office.hand_in("budi", "Tiga")
    office.services.review.approve(office.people["dewi"], approved, 1)
    office.hand_in("tia", "Bukan milik budi")
    budi = office.browser("budi")
    sheet = _sheet(_page(budi.get("/")), "keluaran-anda")
    shown = {link.get("href"): int(link.text_content().split()[-1]) for link in sheet.xpath(".//a")}
    assert sorted(shown.values()) == [0, 0, 1, 2]
    for href, count in shown.items():
        assert len(_page(budi.get(href)).xpath("//tbody/tr")) == count


def test_what_a_home_page_leaves_out_is_counted_with_a_link_to_it(office):
    for number in range(12):
        office.draft("budi", f"Draf {number}")
    office.hand_in("budi", "Diajukan")
    budi = office.browser("budi")
    sheet = _sheet(_page(budi.get("/")), "berjalan")
    assert len(sheet.xpath(".//li/div/a[starts-with(., 'Draf ')]")) == 10
    (rest,) = sheet.xpath(".//footer/a")
    assert rest.text_content() == "2 draf lain"
    assert len(_page(budi.get(rest.get("href"))).xpath("//tbody/tr")) == 12


def test_an_empty_action_leads_to_its_upload_and_a_filled_one_is_done(office):
    office.hand_in("budi", "Laporan", action="1.1.01")
    sheet = _sheet(_page(office.browser("budi").get("/")), "aksi-anda")
    assert "1 dari 2 aksi sudah ada keluaran" in _text(sheet)
    assert "Aksi contoh 1.1.02" in _text(sheet)
    assert "Aksi contoh 1.1.01" not in _text(sheet)
    assert "Aksi contoh 2.1.01" not in _text(sheet)
    assert sheet.xpath("//a[@href='/unggah?aksi=ran-pe/1.1.02&periode=ran-pe/2023-01-10']")


def test_new_in_the_pokja_shows_only_what_the_reader_may_read(office):
    open_one, closed = office.hand_in("tia", "Terbuka bagi semua"), office.hand_in("tia", "Terbatas sekali")
    for public_id in (open_one, closed):
        office.services.review.approve(office.people["dewi"], public_id, 1)
    office.services.products.classify(office.people["dewi"], closed, "terbatas", "nama saksi")
    page = office.browser("budi").get("/").text
    assert "Terbuka bagi semua" in page
    assert "Terbatas sekali" not in page


def test_the_drop_area_goes_on_to_the_upload_page(office):
    budi = office.browser("budi")
    form = _page(budi.get("/")).xpath("//form[contains(@class,'takik')]")[0]
    fields = {field.get("name"): field.get("value") for field in form.xpath(".//input[@type='hidden']")}
    answer = budi.client.post(
        form.get("action"),
        data={**fields, "files": (io.BytesIO(b"Isi laporan."), "laporan.txt")},
        headers={"X-Requested-With": "khub"},
    )
    assert answer.json["location"].startswith(f"/unggah/{fields['batch']}")
    assert "Periksa, lalu ajukan" in budi.get(answer.json["location"]).text


def test_the_sekretariat_sees_queue_figures_and_that_drafts_exist(office):
    for title in ("Rahasia dapur", "Rahasia gudang"):
        office.draft("budi", title)
    office.clock.forward(days=3)
    office.hand_in("tia", "Laporan")
    page = _page(office.browser("dewi").get("/"))
    assert page.xpath("//h1")[0].text == "Januari–Oktober 2023"
    drafts = _text(_sheet(page, "draf-ada"))
    assert "K/L Contoh 07 2 tertua 3 hari" in drafts
    assert "Rahasia" not in _text(page)
    assert "K/L Contoh 12" in _text(_sheet(page, "antrean"))
    assert "Aksi berkomitmen 2023 0 / dari 4 0 %" in _text(page).replace("\xa0", " ")
    assert page.xpath("//nav//a[@href='/tinjau']/span[@class='n']")[0].text == "1"


def test_a_chair_sees_which_actions_of_the_pokja_lack_an_output(office):
    office.hand_in("budi", "Laporan", action="1.1.01")
    office.draft("tia", "Rahasia dapur", action="1.1.02")
    page = _page(office.browser("kiki").get("/"))
    said = _text(_sheet(page, "pokja-1"))
    assert "Aksi contoh 1.1.02" in said
    assert "Aksi contoh 1.1.01" not in said
    assert "Aksi contoh 2.1.01" not in said
    assert "K/L Contoh 12 1 sejak hari ini" in _text(_sheet(page, "draf-ada"))
    assert "Rahasia" not in _text(page)


def test_a_chair_knows_nothing_of_drafts_in_other_pokja(office):
    office.hire("luar", Grant(Role.MEMBER, office.institutions["kl-07"], office.pokjas["2"]))
    office.draft("luar", "Di pokja dua", action="2.1.01")
    assert "Tidak ada draf" in _text(_sheet(_page(office.browser("kiki").get("/")), "draf-ada"))


def test_an_auditor_sees_snapshots_withdrawn_ones_too_and_no_working_copy(office):
    public_id = office.hand_in("budi", "Ditarik lagi")
    office.services.products.withdraw(office.people["budi"], public_id)
    office.say("budi", public_id, title="Naskah baru yang rahasia")
    page = _page(office.browser("sari").get("/"))
    sheet = _sheet(page, "cuplikan")
    assert "Ditarik lagi" in _text(sheet)
    assert "Ditarik kembali" in _text(sheet)
    assert "Naskah baru" not in _text(page)
    href = sheet.xpath(".//li//a/@href")[0]
    assert "Ditarik lagi" in office.browser("sari").get(href).text


def test_roles_add_up(office):
    office.hand_in("tia", "Laporan")
    page = _page(office.browser("rani").get("/"))
    assert page.xpath("//h1")[0].text == "Perlu tindakan Anda"
    for heading in ("keluaran-anda", "antrean", "draf-ada"):
        _sheet(page, heading)


def _break_a_job(office):
    with office.services.db.write() as session:
        outbox.enqueue(session, "read", 12345, office.clock.now())
        job = session.scalar(sa.select(outbox.Job).where(outbox.Job.ref == 12345))
        job.open, job.attempts, job.error = (
            False,
            5,
            "Traceback (most recent call last):\n  x\nOSError: disk full",
        )
        return job.id


def test_an_admin_sees_failed_work_and_lets_it_run_again(office):
    job_id = _break_a_job(office)
    yoga = office.browser("yoga")
    page = _page(yoga.get("/"))
    assert "1 pekerjaan gagal" in _text(page)
    listed = _text(_page(yoga.get("/admin/pekerjaan")))
    assert "OSError: disk full" in listed
    assert "Traceback" not in listed
    assert yoga.post(f"/admin/pekerjaan/{job_id}/ulang").status_code == 303
    with office.services.db.read() as session:
        job = session.get(outbox.Job, job_id)
        assert (job.open, job.attempts) == (True, 0)
    assert "Tidak ada pekerjaan yang gagal" in _text(_page(yoga.get("/admin/pekerjaan")))
    assert yoga.post(f"/admin/pekerjaan/{job_id}/ulang").status_code == 303
    assert "Mengulang pekerjaan yang gagal" in yoga.get("/audit?perbuatan=job.retried").text
    for odd in ("999999", "0", str(1 << 40), "x"):
        assert yoga.post(f"/admin/pekerjaan/{odd}/ulang").status_code == 404


@pytest.mark.parametrize("login", ["budi", "dewi", "sari", "kiki"])
def test_failed_work_is_the_admins(office, login):
    job_id = _break_a_job(office)
    browser = office.browser(login)
    assert browser.get("/admin/pekerjaan").status_code == 403
    assert browser.post(f"/admin/pekerjaan/{job_id}/ulang").status_code == 403


def test_an_admin_sees_no_content(office):
    office.hand_in("budi", "Judul yang rahasia")
    approved = office.hand_in("budi", "Sudah disetujui")
    office.services.review.approve(office.people["dewi"], approved, 1)
    page = office.browser("yoga").get("/").text
    assert "Judul yang rahasia" not in page
    assert "Sudah disetujui" not in page


@pytest.mark.parametrize(
    ("days", "words"), [(22, "tenggat hari ini"), (23, "tenggat lewat"), (21, "1 hari lagi")]
)
def test_the_deadline_is_counted_in_days_of_jakarta(office, days, words):
    office.clock.forward(days=days)
    assert f"Januari–Oktober 2023: {words}" in _text(_page(office.browser("budi").get("/")))


def test_without_a_running_period_every_home_still_stands(office):
    with office.services.db.write() as session:
        session.execute(sa.update(Period).values(state="planned"))
    for login in office.people:
        page = _page(office.browser(login).get("/"))
        assert "hari lagi" not in _text(page)


def test_commitments_that_wait_come_home_returned_ones_first(office):
    commitments = office.services.commitments
    here, there = (seats.Place(PLAN, 2023, "kl-07", code) for code in ("1.1.01", "1.1.02"))

    def shown():
        sheets = _page(office.browser("budi").get("/")).xpath("//section[.//h2[@id='komitmen-kl']]")
        return [_text(row) for row in sheets[0].xpath(".//li")] if sheets else []

    assert all("Belum menjawab" in row for row in shown())
    asked = len(shown())
    for place in (here, there):
        commitments.save(office.people["budi"], place, forms.answer({"answer": "yes"}))
    commitments.submit(office.people["budi"], PLAN, 2023, "kl-07")
    assert len(shown()) == asked - 2
    office.clock.forward(minutes=1)
    given = commitment_queries.one
    with office.services.db.read() as session:
        one, other = (
            given(session, office.people["dewi"], each, office.clock.now()).given for each in (here, there)
        )
    commitments.send_back(office.people["dewi"], there, other.id, "Perjelas targetnya.")
    pdf = io.BytesIO(b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n")
    answer = forms.answer({"answer": "no", "reason": "Kata surat"})
    commitments.stand_in(office.people["dewi"], here, answer, one.id, pdf, "surat.pdf")
    first, second, *_ = shown()
    assert "Dikembalikan 1.1.02" in first
    assert "Perjelas targetnya." in first
    assert "Baca dan benarkan 1.1.01" in second
    assert _page(office.browser("tia").get("/")).xpath("//h2[@id='komitmen-kl']/text()") != []
    assert _page(office.browser("dewi").get("/")).xpath("//h2[@id='komitmen-kl']/text()") == []


def test_the_menu_costs_two_statements(office):
    dewi = office.browser("dewi")
    seen: list[str] = []
    engine = office.services.db.engine
    dewi.get("/bantuan/pencarian")  # counts what is missing once, and again only after something is recorded
    sa.event.listen(engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
    dewi.get("/bantuan/pencarian")
    counted = [text for text in seen if re.search(r"\b(FROM period|count\(\*\))", text)]
    assert len(counted) == 2
    assert len(seen) <= 8


def test_the_home_pages_cost_a_bounded_number_of_statements(office):
    for number in range(12):
        public_id = office.hand_in("budi", f"Laporan {number}")
        if number % 3 == 0:
            office.services.review.approve(office.people["dewi"], public_id, 1)
        elif number % 3 == 1:
            office.services.review.send_back(office.people["dewi"], public_id, 1, "Perbaiki.")
        office.draft("budi", f"Draf {number}")
    browsers = {login: office.browser(login) for login in office.people}
    seen: list[str] = []
    sa.event.listen(office.services.db.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
    for login, browser in browsers.items():
        seen.clear()
        assert browser.get("/").status_code == 200
        assert len([text for text in seen if text.lstrip().upper().startswith("SELECT")]) <= 105, login
