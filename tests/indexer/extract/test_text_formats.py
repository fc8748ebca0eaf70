from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.extract import FileState, PersonalKind, Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Put = Callable[[str, bytes], Path]


@pytest.mark.parametrize(
    "data",
    [
        "Café “kutip” – naskah".encode(),
        "\ufeffCafé “kutip” – naskah".encode(),
        "Café “kutip” – naskah".encode("cp1252"),
        "Café “kutip” – naskah".encode("utf-16"),
        b"\xfe\xff" + "Café “kutip” – naskah".encode("utf-16-be"),
    ],
)
def test_text_is_read_in_the_encodings_people_use(sandbox: Sandbox, put: Put, data: bytes) -> None:
    assert sandbox.extract(put("a.txt", data), name="a.txt").pages[0].text == "Café “kutip” – naskah"


def test_no_invisible_or_forbidden_character_survives(sandbox: Sandbox, put: Put) -> None:
    data = "peng\u200betahuan\u202e \x07te\u00adks \ufb01nal\r\nbaris".encode()
    assert sandbox.extract(put("a.txt", data), name="a.txt").pages[0].text == "pengetahuan teks final\nbaris"


def test_markdown_headings_are_places_but_not_in_code(sandbox: Sandbox, put: Put) -> None:
    data = b"# Panduan\n\npembuka\n\n```\n# bukan judul\n```\n\n## Langkah\n\nisi langkah\n"
    result = sandbox.extract(put("a.md", data), name="a.md")
    assert [page.heading for page in result.pages] == ["Panduan", "Panduan / Langkah"]
    assert result.title == "Panduan"


def test_html_shows_what_a_reader_sees(sandbox: Sandbox, put: Put) -> None:
    data = (
        "<!doctype html><meta charset=windows-1252><title>Laman Pengetahuan Indonesia</title><style>a{}</style>"
        "<script>rahasia()</script><h1>Bab &amp; satu</h1><p>Isi <b>te</b>bal caf\xe9<br>baris<template>x</template>"
        "<table><tr><td>kiri<td>kanan</table><p>belum ditutup"
    ).encode("cp1252")
    result = sandbox.extract(put("a.html", data), name="a.html")
    assert result.title == "Laman Pengetahuan Indonesia"
    assert result.pages[0].text == "Bab & satu\nIsi tebal café\nbaris\nkiri\tkanan\nbelum ditutup"


def test_form_feeds_end_sections(sandbox: Sandbox, put: Put) -> None:
    result = sandbox.extract(put("a.txt", b"satu\x0cdua\n\x0ctiga"), name="a.txt")
    assert [page.text for page in result.pages] == ["satu", "dua", "tiga"]


INDONESIAN = """Peraturan ini mengatur tata kelola pengetahuan serta pelaporan hasil kegiatan oleh setiap
kementerian dan lembaga yang bertanggung jawab atas rencana aksi nasional setiap triwulan"""
ENGLISH = """This regulation governs the management of knowledge and the reporting of results by every
ministry and agency that is responsible for the national action plan each quarter"""


@pytest.mark.parametrize(
    ("text", "language"), [(INDONESIAN, "id"), (ENGLISH, "en"), ("Terlalu pendek untuk ditebak", "")]
)
def test_language_is_told_on_enough_words(sandbox: Sandbox, put: Put, text: str, language: str) -> None:
    found = sandbox.extract(put("a.txt", text.encode()), name="a.txt")
    assert (found.language, found.pages[0].language) == (language, language)


def test_personal_data_is_counted_by_page(sandbox: Sandbox, put: Put) -> None:
    text = (
        "NIK 3174055203910003\x0cHubungi 0812-3456-7890 atau +62 813 9876 5432\x0c"
        "3174055203910003 dan 1111222233334444, nomor 123/456/0812, rekening 9900112233445566"
    )
    found = sandbox.extract(put("a.txt", text.encode()), name="a.txt").personal
    assert [(item.kind, item.count, item.pages) for item in found] == [
        (PersonalKind.NIK, 2, (1, 3)),
        (PersonalKind.PHONE, 2, (2,)),
    ]


def test_whitespace_alone_is_no_text(sandbox: Sandbox, put: Put) -> None:
    assert sandbox.extract(put("a.txt", b" \n\n\t "), name="a.txt").state is FileState.NO_TEXT
