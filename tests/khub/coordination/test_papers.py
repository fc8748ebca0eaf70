"""Papers: what stands in the recap and the letter, that Word can open them, and the template's life."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile

import docx
import pytest
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st

from khub.coordination import letters
from khub.coordination.letters import TemplateForm
from khub.errors import InvalidError
from khub.plan.models import Institution
from khub.products.lifecycle import State

RECAP, LETTER = "/koordinasi/kl/kl-07/rekap.docx", "/koordinasi/kl/kl-07/surat.docx"
BODY = "Yth. {nama_kl}\n\n{daftar_aksi}\n\nTenggat {tenggat}."


@pytest.fixture
def told(office, cycle):
    for code in ("1.1.01", "1.1.02", "2.1.01"):
        cycle.commit("kl-07", code)
    cycle.report("kl-07", "1.1.01", State.APPROVED, obstacles="Anggaran terlambat.")
    cycle.report("kl-07", "2.1.01", State.SUBMITTED)
    return office


def opened(response):
    assert response.status_code == 200
    assert response.headers["Content-Disposition"].endswith('.docx"')
    return docx.Document(io.BytesIO(response.data))


def words_of(document):
    return [paragraph.text for paragraph in document.paragraphs if paragraph.text]


def save(office, login="dewi", **fields):
    browser = office.browser(login)
    page = browser.get("/koordinasi/surat").text
    seen = re.search(r'name="seen" value="(\d+)"', page)
    typed = {"subject": "Pengingat {periode}", "body": BODY, "seen": seen[1] if seen else "0", **fields}
    return browser.post("/koordinasi/surat", **typed)


# -- recap --------------------------------------------------------------------------------------------


def test_the_recap_says_on_paper_what_the_page_says(told):
    dewi = told.browser("dewi")
    dewi.get("/koordinasi/kl/kl-07/tindak-lanjut")
    dewi.post(
        "/koordinasi/kl/kl-07/tindak-lanjut",
        text="Minta data peserta",
        owner=str(told.people["dewi"].person_id),
        due_on="2023-10-11",
        pokja="",
    )
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", dewi.get("/koordinasi/kl/kl-07/rekap").text))
    document = opened(dewi.client.get(RECAP))
    rows = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert rows[0] == ["Aksi", "Komitmen", "Status", "Kendala", "Tenggat"]
    assert [row[2:4] for row in rows[1:]] == [
        ["Disetujui", "ada"],
        ["Belum lapor", "–"],
        ["Diajukan", "tidak ada"],
        ["Belum lapor", "–"],
    ]
    assert rows[2][4] == "31 Okt 2023 (22 hari lagi)"
    assert "komitmen ya 3/4 · laporan masuk 2/4 · disetujui 1/4 · terlambat 0" in words_of(document)
    assert "Kendala: 1 dari 2 laporan yang dapat Anda lihat." in words_of(document)
    assert "Kendala: 1 dari 2 laporan yang dapat Anda lihat." in page
    assert [cell.text for cell in document.tables[1].rows[1].cells] == [
        "Minta data peserta",
        "Dewi Contoh",
        "11 Okt 2023",
    ]
    assert "Minta data peserta" in page


def test_the_longest_name_of_a_kl_fits_into_its_papers(told):
    with told.services.db.write() as session:
        session.get_one(Institution, told.institutions["kl-07"]).name = "Kementerian " + "x" * 238
    for path in (RECAP, LETTER):
        assert len(opened(told.browser("dewi").client.get(path)).core_properties.title) <= 255


def test_obstacles_of_another_pokja_stay_with_it(told):
    document = opened(told.browser("kiki").client.get(RECAP))
    assert [row.cells[3].text for row in document.tables[0].rows[1:]] == ["ada", "–", "–", "–"]


def test_documents_have_styles_repeated_heads_and_a_proofing_language(told):
    for path, language in ((RECAP, "id-ID"), (LETTER, "id-ID")):
        document = opened(told.browser("dewi").client.get(path))
        assert any(paragraph.style.name in ("Title", "Heading 1") for paragraph in document.paragraphs)
        head = document.tables[0].rows[0]._tr.trPr
        assert head.find(qn("w:tblHeader")) is not None
        assert f'w:val="{language}"' in document.styles.element.xml
        assert document.core_properties.language == language
        assert round(document.sections[0].page_width.mm) == 210
        assert not document.inline_shapes
    english = told.browser("dewi")
    english.get("/bahasa/en")
    document = opened(english.client.get(RECAP))
    assert document.core_properties.language == "en-GB"
    assert document.tables[0].rows[1].cells[2].text == "Approved"


def test_papers_are_for_those_who_coordinate(told):
    for login, status in (("kiki", 200), ("budi", 403), ("sari", 403), ("yoga", 403)):
        browser = told.browser(login)
        for path in (RECAP, LETTER, "/koordinasi/kl/kl-07/rekap"):
            assert browser.client.get(path).status_code == status, (login, path)
    assert told.browser("dewi").get("/koordinasi/kl/tidak-ada/surat.docx").status_code == 404
    assert told.browser("dewi").get(f"{RECAP}?periode=lain").status_code == 404


# -- letter -------------------------------------------------------------------------------------------


def test_the_letter_lists_what_has_not_come_in_in_indonesian_whoever_asks(told):
    dewi = told.browser("dewi")
    dewi.get("/bahasa/en")
    document = opened(dewi.client.get(LETTER))
    said = words_of(document)
    assert said[0] == "Laporan Januari–Oktober 2023 yang belum kami terima"
    assert "Yth. K/L Contoh 07" in said
    assert "Dewi Contoh" in said
    assert any("dari 4 laporan" in each and "2 belum kami terima" in each for each in said)
    assert any("31 Oktober 2023 23.59 WIB" in each for each in said)
    rows = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert [row[0] for row in rows] == ["Kode", "1.1.02", "2.1.02"]
    assert rows[1][2] == "Belum lapor"


def test_the_template_is_edited_previewed_and_every_version_kept(told):
    dewi = told.browser("dewi")
    shown = save(told, act="pratinjau", kl="kl-07", body="Halo {nama_kl}\n{daftar_aksi}")
    assert shown.status_code == 200
    assert "Halo K/L Contoh 07" in shown.text
    assert "belum disimpan" in shown.text
    assert "Teks bawaan" in dewi.get("/koordinasi/surat").text
    assert save(told).status_code == 303
    assert save(told, login="rudi", subject="Kedua").status_code == 303
    page = dewi.get("/koordinasi/surat").text
    assert "Versi 2" in page
    assert "Rudi Contoh" in page
    assert words_of(opened(dewi.client.get(LETTER)))[0] == "Kedua"
    assert 'value="Pengingat {periode}"' in dewi.get("/koordinasi/surat?versi=1").text
    assert "Laporan {periode}" in dewi.get("/koordinasi/surat?versi=0").text
    for odd in ("9", "x", "-1", "9" * 30):
        assert dewi.get(f"/koordinasi/surat?versi={odd}").status_code == 404
    late = save(told, seen="1", subject="Tertinggal")
    assert late.status_code == 409
    assert "Kedua" in late.text
    assert 'value="Tertinggal"' in late.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"body": "Yth. {nama}\n{daftar_aksi}"}, "Baris 1: isian {nama} tidak dikenal."),
        ({"body": "a\nb {Tenggat}"}, "Baris 2: isian {Tenggat} tidak dikenal."),
        ({"body": "{ nama_kl }"}, "isian { nama_kl } tidak dikenal."),
        ({"body": "{__class__}"}, "isian {__class__} tidak dikenal."),
        ({"body": "kurung { saja"}, "ada kurung kurawal tanpa pasangan"),
        ({"body": "Aksi: {daftar_aksi}."}, "harus sendirian dalam barisnya"),
        ({"subject": "{daftar_aksi}"}, "harus sendirian dalam barisnya"),
        ({"subject": ""}, "Isi perihalnya."),
        ({"body": " "}, "Isi teks suratnya."),
        ({"body": "x" * 10_001}, "Paling panjang 10000 huruf."),
        ({"body": "a\u000bb"}, "huruf kendali"),
        ({"act": "pratinjau", "kl": "tidak-ada"}, "Tulis kode K/L untuk contohnya."),
    ],
)
def test_a_wrong_template_is_told_and_kept(told, fields, said):
    answer = save(told, **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert "Teks bawaan" in told.browser("dewi").get("/koordinasi/surat").text
    assert words_of(opened(told.browser("dewi").client.get(LETTER)))[0].startswith("Laporan Januari")


def test_the_template_is_the_secretariats(told):
    for login in ("kiki", "budi", "sari", "yoga"):
        browser = told.browser(login)
        assert browser.get("/koordinasi/surat").status_code == 403
        browser.get("/akun")
        assert browser.post("/koordinasi/surat", subject="x", body="y", seen="0").status_code == 403


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_whatever_is_typed_is_told_or_can_be_filled_in(text):
    form = TemplateForm.of({"subject": "x", "body": text, "seen": "0"})
    try:
        form.check()
    except InvalidError:
        return
    values = dict.fromkeys(letters.FIELDS, "{nama_kl}")
    for line in letters.paragraphs(form.body):
        if line != "{daftar_aksi}":
            letters.fill(line, values)


def test_a_name_with_braces_or_odd_letters_does_no_harm(office):
    with office.services.db.write() as session:
        session.get(Institution, office.institutions["kl-07"]).name = "K/L {tenggat} <b>\ud7ff & \u200b"
    document = opened(office.browser("dewi").client.get(LETTER))
    assert any("K/L {tenggat} <b>" in each for each in words_of(document))


def test_libreoffice_opens_both_and_the_recap_is_one_page(told, tmp_path):
    office_suite = shutil.which("soffice")
    if office_suite is None:
        for path in (RECAP, LETTER):
            data = told.browser("dewi").client.get(path).data
            assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None
        return
    for path, name in ((RECAP, "rekap"), (LETTER, "surat")):
        (tmp_path / f"{name}.docx").write_bytes(told.browser("dewi").client.get(path).data)
        subprocess.run(
            [
                office_suite,
                "--headless",
                f"-env:UserInstallation=file://{tmp_path / 'profile'}",
                "--convert-to",
                "pdf",
                "--outdir",
                str(tmp_path),
                str(tmp_path / f"{name}.docx"),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
        pdf = (tmp_path / f"{name}.pdf").read_bytes()
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
