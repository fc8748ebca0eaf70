"""One normal form for all extracted text, so that offsets mean the same everywhere."""

import re
import unicodedata

# pdfium writes U+FFFE for a hyphen at a line end, other producers a soft hyphen before the break. It
# becomes "-" and is never deleted: "Undang-Undang" would lose its hyphen. pdfium leaves out the break,
# which ends the line of a word all the same: what follows may be the number of the page.
_BREAK = re.compile("\ufffe(?:\r\n?|\n)?")
_SOFT_BREAK = re.compile("\u00ad(?=[ \t]*(?:[\r\n]|\\Z))")
_NEWLINE = re.compile("\r\n?|[\u2028\u2029\x85\x0b\x0c]")
# NUL (PostgreSQL refuses it), other controls but tab and newline, soft hyphen, zero-width and bidi
# marks, lone surrogates, non-characters.
_DROP = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    "\ufeff\ud800-\udfff\uffff\ufdd0-\ufdef]"
)
_LINE_SPACE = re.compile(r"[ \t\xa0]+(?=\n|$)")
_BLANK_LINES = re.compile(r"\n{3,}")


def clean(raw: str) -> str:
    """Return ``raw`` in NFKC with line feeds as newlines, without characters that no reader sees."""
    text = _NEWLINE.sub("\n", _SOFT_BREAK.sub("-", _BREAK.sub("-\n", raw)))
    text = unicodedata.normalize("NFKC", _DROP.sub("", text))
    return _BLANK_LINES.sub("\n\n", _LINE_SPACE.sub("", text)).strip("\n ")


def one_line(raw: str, limit: int = 300) -> str:
    """Return ``raw`` cleaned and folded to a single line of at most ``limit`` characters."""
    return " ".join(clean(raw[: limit * 4]).split())[:limit].rstrip()
