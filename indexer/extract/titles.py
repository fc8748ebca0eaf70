"""Titles worth showing: metadata is often the name of a template or of the program that printed it."""

import re

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
    r"page ?\d*|halaman ?\d*|lampiran|draft|draf|img[ _-]?\d+|[-\d\s.,/_()]+)$",
    re.IGNORECASE,
)
_FILE_NAME = re.compile(
    r"\.(docx?|docm|dotx?|pdf|pptx?|xlsx?|odt|rtf|indd|pmd|cdr|p65|qxd|pub|tmp|html?|txt)$", re.IGNORECASE
)
_PAGE_MARK = re.compile(
    r"^([-–\s]*\d+[-–\s]*|[-–\s]*[ivxlc]+[-–\s]*|hal(aman)?\.?\s*\d+|www\.\S+|https?://\S+)$", re.IGNORECASE
)
_MIN_TITLE = 4
_MIN_LETTERS = 3
_MAX_TITLE = 200


def usable_title(raw: str, name: str) -> str:
    """Return a metadata title when it looks like one, else ""."""
    title = one_line(_PRINTER.sub("", one_line(raw)), _MAX_TITLE)
    stem = name.removesuffix(f".{extension_of(name)}") if extension_of(name) else name
    if _FILE_NAME.search(title) or title.casefold() in {stem.casefold(), name.casefold()}:
        return ""
    if "_" in title and " " not in title:
        return ""
    return title if _is_title(title) else ""


def first_line(text: str) -> str:
    """Return the first line of ``text`` that reads like a title, joined with capitals that go on."""
    lines = [one_line(line, _MAX_TITLE) for line in text[:4_000].split("\n")]
    for at, line in enumerate(lines):
        if not _is_title(line):
            continue
        title = line
        for following in lines[at + 1 :]:
            joined = f"{title} {following}"
            if not (line.isupper() and following.isupper()) or len(joined) > _MAX_TITLE:
                break
            title = joined
        return title
    return ""


def _is_title(line: str) -> bool:
    letters = sum(1 for c in line if c.isalpha())
    return (
        len(line) >= _MIN_TITLE
        and letters >= _MIN_LETTERS
        and letters * 2 >= len(line.replace(" ", ""))
        and not _JUNK.match(line)
        and not _PAGE_MARK.match(line)
    )
