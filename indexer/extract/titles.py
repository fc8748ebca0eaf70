"""Titles worth showing: metadata is often the name of a template or of the program that printed it."""

import re
from collections.abc import Sequence

from indexer.extract.model import Page, PageKind
from indexer.extract.names import extension_of
from indexer.extract.text import one_line

_PRINTER = re.compile(
    r"^(microsoft (office )?(word|powerpoint|excel)|pdf(creator| document)?|adobe|layout \d*|print)\s*[-:–]\s*",
    re.IGNORECASE,
)
_JUNK = re.compile(
    r"^(untitled|tanpa judul|powerpoint presentation|presentasi powerpoint|slide \d*|presentation ?\d*|"
    r"document ?\d*|dokumen ?\d*|book ?\d*|worksheet|sheet ?\d*|word document|doc ?\d*|salinan|scan(ned)?.{0,20}|"
    r"title|judul|new document|template|layout \d*|\(?anonymous\)?|unspecified|normal|noname|"
    r"page ?\d*|halaman ?\d*|lampiran|draft|draf|rancangan|daftar isi|kata pengantar|cover|sampul|img[ _-]?\d+|[-\d\s.,/_()]+)$",
    re.IGNORECASE,
)
_FILE_NAME = re.compile(
    r"\.(docx?|docm|dotx?|pdf|pptx?|xlsx?|odt|rtf|indd|pmd|cdr|p65|qxd|pub|tmp|html?|txt)$", re.IGNORECASE
)
_PAGE_MARK = re.compile(
    r"^([-–\s]*\d+[-–\s]*|[-–\s]*[ivxlc]+[-–\s]*|hal(aman)?\.?\s*\d+|www\.\S+|https?://\S+)$", re.IGNORECASE
)
# Indonesian regulations begin below the letterhead and end before the invocation.
_REGULATION = re.compile(
    r"^(SALINAN )?(PERATURAN|KEPUTUSAN|UNDANG[- ]UNDANG|INSTRUKSI|SURAT EDARAN|RANCANGAN|LAMPIRAN)\b"
)
_INVOCATION = re.compile(r"\s*(DENGAN RAHMAT TUHAN|MENIMBANG|MENGINGAT)\b.*$", re.IGNORECASE)
_NUMBERED = re.compile(r"\b(NOMOR|NO\.?)\b.{1,40}\bTENTANG\b", re.IGNORECASE)
#: A word over two lines: a title has it on one.
_PARTED = re.compile(r"(?<=[^\W\d_])-\n(?=[^\W\d_])")
_LETTERHEAD_LINES = 12
# A letter is named by what it is about, not by its letterhead.
_LETTER = re.compile(r"^(nomor|no)\b\.?\s*[:;]", re.IGNORECASE)
_SUBJECT = re.compile(r"^(perihal|hal)\b\.?\s*[:;]\s*(?P<subject>.+)$", re.IGNORECASE)
_ADDRESSEE = re.compile(r"^(kepada|yth|yang terhormat|lampiran|sifat|di\b)", re.IGNORECASE)
_LETTER_LINES = 20
_SUBJECT_LINES = 3
_MIN_TITLE = 4
_MIN_LETTERS = 3
_MAX_TITLE = 300


def usable_title(raw: str, name: str) -> str:
    """Return a metadata title when it looks like one, else ""."""
    title = one_line(_PRINTER.sub("", one_line(raw)), _MAX_TITLE)
    extension = extension_of(name)
    stem = name.removesuffix(f".{extension}") if extension else name
    if _FILE_NAME.search(title) or title.casefold() in {stem.casefold(), name.casefold()}:
        return ""
    if "_" in title and " " not in title:
        return ""
    return title if _is_title(title) else ""


def better_title(metadata: str, opening: str) -> str:
    """Return the metadata title, unless the document itself says more."""
    numbered = _NUMBERED.search(opening) and not _NUMBERED.search(metadata)
    longer = opening.casefold().startswith(metadata.casefold())
    return opening if not metadata or numbered or longer else metadata


def opening_title(pages: Sequence[Page]) -> str:
    """Return the first heading, else the line of the first page with text that reads like a title."""
    first = next((page for page in pages if page.text and not page.error), None)
    if first is None:
        return ""
    if first.heading and (first.approximate or first.kind is PageKind.SLIDE):
        return first.heading.split(" / ")[0]
    opening = _PARTED.sub("-", first.text[:4_000])
    lines = [one_line(line, _MAX_TITLE) for line in opening.split("\n")]
    lines = [line for line in lines if line and not _PAGE_MARK.match(line)]
    for at, line in enumerate(lines[:_LETTERHEAD_LINES]):
        if _REGULATION.match(line):
            return _capitals(lines[at:])
    if subject := _subject(lines[:_LETTER_LINES]):
        return subject
    at = next((at for at, line in enumerate(lines) if _is_title(line)), -1)
    if at < 0:
        return ""
    return _capitals(lines[at:]) if first.kind is PageKind.PAGE else lines[at]


def _subject(lines: list[str]) -> str:
    """Return what a letter with a number says it is about, "" where ``lines`` are no head of a letter."""
    if not any(_LETTER.match(line) for line in lines):
        return ""
    found = next(((at, match) for at, line in enumerate(lines) if (match := _SUBJECT.match(line))), None)
    if found is None:
        return ""
    subject = found[1]["subject"]
    for line in lines[found[0] + 1 : found[0] + _SUBJECT_LINES]:
        if not line[0].islower() or _ADDRESSEE.match(line):
            break
        subject = f"{subject} {line}"
    return subject if _is_title(subject) else ""


def _capitals(lines: list[str]) -> str:
    """Join a first line in capitals with those that go on in capitals."""
    title = lines[0]
    for line in lines[1:]:
        joined = f"{title} {line}"
        if not (lines[0].isupper() and line.isupper()) or _INVOCATION.match(line) or len(joined) > _MAX_TITLE:
            break
        title = joined
    return _INVOCATION.sub("", title).removeprefix("SALINAN ")


def _is_title(line: str) -> bool:
    letters = sum(1 for c in line if c.isalpha())
    return (
        len(line) >= _MIN_TITLE
        and letters >= _MIN_LETTERS
        and letters * 2 >= len(line.replace(" ", ""))
        and not _JUNK.match(line)
        and not _PAGE_MARK.match(line)
    )
