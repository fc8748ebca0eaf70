from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import openpyxl
import pytest
from pptx import Presentation

from indexer.extract import MEDIA_TYPES, sniff
from tests.indexer.extract.samples import make_docx, make_pdf, make_zip, p, picture, replace_part

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _pptx() -> bytes:
    out = io.BytesIO()
    Presentation().save(out)
    return out.getvalue()


def _xlsx() -> bytes:
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    return out.getvalue()


ODT = make_zip({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<a/>"})
ACCEPTED = {
    "pdf": make_pdf(["satu"]),
    "docx": make_docx(p("satu")),
    "docm": make_docx(p("satu"), main="ms-word.document.macroEnabled.main+xml"),
    "dotx": make_docx(p("satu"), main="wordprocessingml.template.main+xml"),
    "pptx": _pptx(),
    "xlsx": _xlsx(),
    "odt": ODT,
    "txt": b"halo",
    "csv": b"a,b\n1,2\n",
    "md": b"# Judul\n",
    "html": b"<!doctype html><p>halo",
    "jpg": b"\xff\xd8\xff\xe0" + bytes(20),
    "png": picture().getvalue(),
}


def test_every_type_of_the_list_is_recognised_by_content(put: Callable[[str, bytes], Path]) -> None:
    assert {media.extension for media in MEDIA_TYPES} == set(ACCEPTED)
    for media in MEDIA_TYPES:
        name = f"berkas.{media.extension}"
        found = sniff(put(name, ACCEPTED[media.extension]), name)
        assert (found.allowed, found.extension, found.media_type) == (True, media.extension, media.media_type)
        assert "wrong_extension" not in found.warnings


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("kosong.pdf", b"", "empty"),
        ("laporan.pdf", b"MZ\x90\x00" + bytes(100) + b"%PDF-1.4", "executable"),
        ("laporan.docx", b"\x7fELF" + bytes(100), "executable"),
        ("jalankan.sh", b"echo halo", "executable"),
        ("jalankan.txt", b"#!/bin/sh\necho halo", "executable"),
        ("skrip.py", b"print('halo')", "unsupported"),
        ("gambar.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported"),
        ("arsip.zip", make_zip({"a.txt": "a"}), "unsupported"),
        ("surat.rtf", b"{\\rtf1 halo}", "legacy.rtf"),
        ("acak.txt", bytes(range(256)) * 4, "unsupported"),
        ("laporan.docx", make_docx(p("a"), extra={"word/embeddings/a.exe": b"x"}), "zip.executable"),
        ("laporan.docx", make_docx(p("a"), extra={"word/embeddings/a.bin": b"MZ\x90"}), "zip.executable"),
    ],
)
def test_what_is_refused_says_why(
    put: Callable[[str, bytes], Path], name: str, data: bytes, reason: str
) -> None:
    found = sniff(put(name, data), name)
    assert (found.allowed, found.reason) == (False, reason)


def _compound(stream: str) -> bytes:
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(22) + b"\x09\x00" + bytes(16) + bytes(4)
    return header.ljust(512, b"\0") + stream.encode("utf-16-le").ljust(512, b"\0")


@pytest.mark.parametrize(
    ("stream", "reason"),
    [("WordDocument", "legacy.doc"), ("Workbook", "legacy.xls"), ("Lain", "unsupported")],
)
def test_legacy_office_files_are_named(put: Callable[[str, bytes], Path], stream: str, reason: str) -> None:
    assert sniff(put("lama.doc", _compound(stream)), "lama.doc").reason == reason


def test_a_password_protected_office_file_is_kept_and_known(put: Callable[[str, bytes], Path]) -> None:
    found = sniff(put("a.xlsx", _compound("EncryptedPackage")), "a.xlsx")
    assert (found.allowed, found.extension, found.reason) == (True, "xlsx", "ooxml.password")


def test_a_wrong_extension_and_macros_are_warnings(put: Callable[[str, bytes], Path]) -> None:
    assert sniff(put("a.docx", ACCEPTED["pdf"]), "a.docx").warnings == ("wrong_extension",)
    assert sniff(put("a.jpeg", ACCEPTED["jpg"]), "a.jpeg").warnings == ()
    macros = make_docx(p("a"), extra={"word/vbaProject.bin": b"x"})
    assert sniff(put("m.docx", macros), "m.docx").warnings == ("macros",)
    assert sniff(put("m.docm", ACCEPTED["docm"]), "m.docm").warnings == ("macros",)


@pytest.mark.parametrize(
    "data",
    [
        make_zip({"[Content_Types].xml": "a"}, compression=zipfile.ZIP_LZMA),
        make_docx(p("a"))[:-30],
        make_docx(p("a"))[:200],
    ],
)
def test_a_damaged_container_is_kept_under_its_name(put: Callable[[str, bytes], Path], data: bytes) -> None:
    found = sniff(put("a.docx", data), "a.docx")
    assert (found.allowed, found.extension) == (True, "docx")
    assert found.reason in {"zip.damaged", "zip.truncated"}


def test_a_damaged_list_of_types_leaves_the_usual_names(put: Callable[[str, bytes], Path]) -> None:
    data = replace_part(make_docx(p("isi")), "[Content_Types].xml", "")
    assert sniff(put("a.docx", data), "a.docx").extension == "docx"
