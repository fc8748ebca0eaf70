"""Every example of the help page finds, in a small index, what the page says it finds."""

from __future__ import annotations

import html
import re
import urllib.parse

import pytest

from khub.search.indexing import Rebuild

#: title → (who, action, jenis, classification, language, text)
_DOCUMENTS = {
    "Modul guru": (
        "budi", "1.1.01", "modul", "terbuka", "id",
        "Modul pelatihan guru dan siswa. Guru menumbuhkan toleransi. Dilatih bersama.",
    ),
    "Kajian dosen": (
        "tia", "1.1.02", "kajian", "internal", "id",
        "Dosen meneliti pelatihan daring. Pelatihan menuju toleransi, juga deradikalisasi.",
    ),
    "Laporan deradikal": (
        "budi", "2.1.01", "laporan-kegiatan", "internal", "id",
        "Kegiatan deradikalisasi bagi warga binaan; modul pelatihan guru agama.",
    ),
    "Open report": ("tia", "1.1.01", "laporan-kegiatan", "internal", "en", "The teachers were trained in schools."),
    "Draf kajian": ("budi", "1.1.01", "kajian", "internal", "id", "Kajian ini belum selesai: pelatihan."),
}  # fmt: skip
_ALL = frozenset(_DOCUMENTS)
_FINDS = {
    "pelatihan guru": {"Modul guru", "Kajian dosen", "Laporan deradikal", "Draf kajian"},
    '"modul pelatihan guru"': {"Modul guru", "Laporan deradikal"},
    '"pelatihan toleransi"~2': {"Kajian dosen"},
    "pelatihan -daring": {"Modul guru", "Laporan deradikal", "Draf kajian"},
    "+pelatihan guru": {"Modul guru", "Kajian dosen", "Laporan deradikal", "Draf kajian"},
    "guru OR dosen": {"Modul guru", "Kajian dosen", "Laporan deradikal"},
    "guru AND toleransi": {"Modul guru"},
    "(guru OR dosen) AND toleransi": {"Modul guru", "Kajian dosen"},
    "deradikal*": {"Kajian dosen", "Laporan deradikal"},
    "tolerensi~": {"Modul guru", "Kajian dosen"},
    "judul:kajian": {"Kajian dosen", "Draf kajian"},
    "tahun:2022..2023": _ALL,
    "pilar:1": _ALL - {"Laporan deradikal"},
    "fokus:1.1": _ALL - {"Laporan deradikal"},
    "aksi:1.1.01": {"Modul guru", "Open report", "Draf kajian"},
    'kl:"K/L Contoh 07"': {"Modul guru", "Laporan deradikal", "Draf kajian"},
    "pokja:1": _ALL,
    'periode:"Januari–Oktober 2023"': _ALL,
    'jenis:"laporan kegiatan"': {"Laporan deradikal", "Open report"},
    "status:disetujui": _ALL - {"Draf kajian"},
    "tanggal:2023-10": _ALL,
    "tahun:2023": _ALL,
    "bahasa:en": {"Open report"},
    "klasifikasi:terbuka": {"Modul guru"},
    "judul:modul": {"Modul guru"},
    "-status:draf": _ALL - {"Draf kajian"},
    "pilar:(1 OR 2)": _ALL,
    "deradikalisasi": {"Kajian dosen", "Laporan deradikal"},
    '"modul pelatihan" guru': {"Modul guru", "Laporan deradikal"},
    "toleransi bahasa:id": {"Modul guru", "Kajian dosen"},
    "kajian tahun:2022..2023 -status:draf": {"Kajian dosen"},
}


@pytest.fixture
def library(office, sandbox):
    """An office with the documents of the help page's examples, read and indexed."""
    drafts = {
        title: office.draft(login, title, content=text.encode(), action=action)
        for title, (login, action, _, _, _, text) in _DOCUMENTS.items()
    }
    office.read_files(sandbox)
    for title, (login, _, kind, classification, language, _) in _DOCUMENTS.items():
        office.say(
            login,
            drafts[title],
            title=title,
            kind=kind,
            classification=classification,
            classification_reason="contoh",
            language=language,
        )
        if not title.startswith("Draf"):
            office.submit(login, drafts[title])
            office.services.review.approve(office.people["dewi"], drafts[title], 1)
    Rebuild(office.services.db, office.services.index_writer, lambda *_: None).run()
    return office


def _found(page):
    return {
        html.unescape(title) for title in re.findall(r'<h2><a href="/keluaran/[^"]+">([^<]+)</a></h2>', page)
    }


@pytest.mark.any_database
@pytest.mark.parametrize("language", ["id", "en"])
def test_every_example_finds_what_the_page_says(library, language):
    budi = library.browser("budi")
    budi.get(f"/bahasa/{language}")
    examples = [
        html.unescape(text)
        for text in re.findall(r"<code data-contoh>([^<]+)</code>", budi.get("/bantuan/pencarian").text)
    ]
    assert set(examples) == set(_FINDS)
    for text in examples:
        answer = budi.get(f"/cari?q={urllib.parse.quote(text)}")
        assert answer.status_code == 200, text
        assert _found(answer.text) == _FINDS[text], text
