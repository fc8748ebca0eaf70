"""tesseract from outside: where it is, which languages it knows, and what its answer says.

It runs as a confined child of its own (see ``Sandbox.recognise``) and sees nothing but pixels.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from indexer.extract.model import Recognised, WordBox
from indexer.extract.text import clean

#: What pages are read in, the first is needed; and how to get what is missing.
LANGUAGES = ("ind", "eng")
INSTALL = "apt-get install tesseract-ocr tesseract-ocr-ind"
_SECONDS = 20.0
_COLUMNS = 12
_PAGE_ROW, _WORD_ROW = "1", "5"
_MAX_WORDS = 20_000


@dataclass(frozen=True, slots=True)
class Tool:
    """An installed tesseract; ``languages`` are those of ``LANGUAGES`` that it has."""

    program: str
    version: str
    languages: tuple[str, ...]
    tessdata: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the languages it lacks."""
        return tuple(name for name in LANGUAGES if name not in self.languages)


def find_tool() -> Tool | None:
    """Return the tesseract on PATH, or None where there is none that answers."""
    found = shutil.which("tesseract")
    if found is None:
        return None
    program = str(Path(found).resolve())
    try:
        version, languages = (_ask(program, option) for option in ("--version", "--list-langs"))
    except (OSError, subprocess.SubprocessError):
        return None
    known = {line.strip() for line in languages.splitlines()[1:]}
    return Tool(
        program,
        " ".join(version.split()[1:2]),
        tuple(name for name in LANGUAGES if name in known),
        os.environ.get("TESSDATA_PREFIX", ""),
    )


def _ask(program: str, option: str) -> str:
    answer = subprocess.run(  # noqa: S603 -- the program that PATH names, with a fixed option
        [program, option], capture_output=True, text=True, errors="replace", timeout=_SECONDS, check=True
    )
    return answer.stdout or answer.stderr


def read_tsv(answer: str) -> Recognised | None:
    """Return the words of tesseract's TSV in reading order, None where it is no such thing.

    Lines and paragraphs are kept. The confidence is the mean over letters, in percent.
    """
    rows = [line.split("\t") for line in answer.splitlines()]
    page = next((row for row in rows if row[0] == _PAGE_ROW and len(row) == _COLUMNS), None)
    if page is None:
        return None
    try:
        width, height = int(page[8]), int(page[9])
        return _laid_out(list(_words(rows)), width, height) if width > 0 and height > 0 else None
    except ValueError:
        return None


def turned(picture: bytes) -> bytes:
    """Return a grey picture (PGM, one byte a pixel) turned by half a circle."""
    head, line, pixels = picture.partition(b"\n")
    return head + line + pixels[::-1]


def turned_back(found: Recognised) -> Recognised:
    """Return what was read from a ``turned`` picture, with the boxes where they stand on the picture itself."""
    boxes = (WordBox(w.start, w.end, 1 - w.x1, 1 - w.y1, 1 - w.x0, 1 - w.y0) for w in found.words)
    return Recognised(found.text, tuple(boxes), found.confidence)


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    paragraph: tuple[str, ...]
    line: tuple[str, ...]
    box: tuple[int, int, int, int]
    confidence: float


def _words(rows: list[list[str]]) -> Iterator[_Word]:
    count = 0
    for row in rows:
        if row[0] != _WORD_ROW or len(row) != _COLUMNS or count >= _MAX_WORDS:
            continue
        text = "".join(clean(row[11]).split())
        if text:
            left, top, width, height = (int(field) for field in row[6:10])
            count += 1
            yield _Word(
                text,
                tuple(row[2:4]),
                tuple(row[2:5]),
                (left, top, left + width, top + height),
                min(100.0, max(0.0, float(row[10]))),
            )


def _laid_out(words: list[_Word], width: int, height: int) -> Recognised:
    pieces: list[str] = []
    boxes: list[WordBox] = []
    at = letters = 0
    weight = 0.0
    before: _Word | None = None
    for word in words:
        if before is not None:
            gap = " " if word.line == before.line else "\n" if word.paragraph == before.paragraph else "\n\n"
            pieces.append(gap)
            at += len(gap)
        end = at + len(word.text)
        x0, y0, x1, y1 = word.box
        boxes.append(
            WordBox(
                at, end, *(min(1.0, max(0.0, v)) for v in (x0 / width, y0 / height, x1 / width, y1 / height))
            )
        )
        pieces.append(word.text)
        letters += len(word.text)
        weight += word.confidence * len(word.text)
        at, before = end, word
    return Recognised("".join(pieces), tuple(boxes), round(weight / letters) if letters else 0)
