"""Damaged and mutated files: whatever is in them, the sandbox answers with a state and lives on."""

from __future__ import annotations

import io
import random
from typing import TYPE_CHECKING

import docx as python_docx
import openpyxl
import pytest
from pptx import Presentation

from indexer.extract import FileState, Limits, Rendered, RenderFailure, Sandbox
from tests.indexer.extract.samples import make_docx, make_pdf, make_scan, p, picture, replace_part

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Put = Callable[[str, bytes], Path]

LIMITS = Limits(wall_seconds=20, cpu_seconds=10)
ROUNDS = 40


def _saved(thing: object) -> bytes:
    out = io.BytesIO()
    thing.save(out)
    return out.getvalue()


def _deck() -> bytes:
    deck = Presentation()
    deck.slides.add_slide(deck.slide_layouts[0]).shapes.title.text = "Judul"
    return _saved(deck)


def _book() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["satu", 2, 3.5])
    return _saved(book)


def _document() -> bytes:
    document = python_docx.Document()
    document.add_heading("Bab 1", 1)
    document.add_paragraph("isi " * 50)
    return _saved(document)


SEEDS = {
    "pdf": make_pdf(["isi halaman " * 5, make_scan, "akhir"], title="Judul"),
    "docx": _document(),
    "pptx": _deck(),
    "xlsx": _book(),
    "html": b"<!doctype html><h1>judul</h1><p>isi <b>tebal</b><table><tr><td>sel",
    "png": picture().getvalue(),
}


def _mutate(data: bytes, rng: random.Random) -> bytes:
    """Flip, cut, repeat or blank a few places."""
    mutant = bytearray(data)
    for _ in range(rng.randint(1, 12)):
        at = rng.randrange(len(mutant))
        match rng.randrange(5):
            case 0:
                mutant[at] = rng.randrange(256)
            case 1:
                del mutant[at : at + rng.randrange(1, 64)]
            case 2:
                mutant[at:at] = mutant[at : at + rng.randrange(1, 64)]
            case 3:
                mutant[at : at + 8] = rng.choice([b"\xff" * 8, bytes(8), b"99999999", b"-1 0 R  "])
            case _ if rng.random() < 0.1:
                del mutant[at:]
        if not mutant:
            break
    return bytes(mutant)


@pytest.mark.parametrize("kind", SEEDS)
def test_every_mutation_ends_in_a_state(sandbox: Sandbox, put: Put, kind: str) -> None:
    rng = random.Random(f"benih-{kind}")  # noqa: S311 -- repeatable, not secret
    media = {"pdf": "application/pdf", "png": "image/png"}.get(kind)
    sandbox.extract(put("awal.txt", b"awal"), name="awal.txt")
    process = sandbox._server._process
    for _ in range(ROUNDS):
        path = put(f"mutan.{kind}", _mutate(SEEDS[kind], rng))
        result = sandbox.extract(path, name=path.name, limits=LIMITS)
        assert isinstance(result.state, FileState)
        assert [page.number for page in result.pages] == list(range(1, len(result.pages) + 1))
        for page in result.pages:
            page.text.encode()
            assert "\x00" not in page.text
        if media:
            assert isinstance(
                sandbox.render(path, media_type=media, page=1, width=100), Rendered | RenderFailure
            )
    assert sandbox._server._process is process
    assert sandbox.extract(put("a.txt", b"halo"), name="a.txt").state is FileState.READ


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("kind", ["pdf", "docx", "pptx", "xlsx", "png"])
def test_a_truncated_file_is_never_called_whole(sandbox: Sandbox, put: Put, kind: str, share: float) -> None:
    data = SEEDS[kind]
    path = put(f"potong.{kind}", data[: int(len(data) * share)])
    result = sandbox.extract(path, name=path.name, limits=LIMITS)
    if kind != "pdf":
        assert result.state in {
            FileState.BROKEN,
            FileState.PARTIAL,
            FileState.UNSUPPORTED,
            FileState.EVIDENCE,
        }


def test_deep_nesting_does_not_break_the_reader(sandbox: Sandbox, put: Put) -> None:
    deep = "<w:sdt>" * 5000 + p("dasar") + "</w:sdt>" * 5000
    assert sandbox.extract(put("a.docx", make_docx(deep)), name="a.docx").state in {
        FileState.BROKEN,
        FileState.PARTIAL,
        FileState.NO_TEXT,
    }
    laughs = "<!DOCTYPE d [<!ENTITY a '" + "ha" * 1000 + "'>" + "".join(
        f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 20}'>" for n in range(8)
    ) + "]>"  # fmt: skip
    data = make_docx(p("&i;"))
    body = laughs + "<w:document xmlns:w='w'><w:body>" + p("&i;") + "</w:body></w:document>"
    result = sandbox.extract(put("b.docx", replace_part(data, "word/document.xml", body)), name="b.docx")
    assert sum(len(page.text) for page in result.pages) < 100_000
