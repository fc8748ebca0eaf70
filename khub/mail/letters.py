"""A letter as plain text and as simple HTML, from one list of blocks."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

_PAGE = (
    '<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title></head>'
    '<body style="margin:0;padding:24px;background:#FAF8F4;color:#14213A;'
    'font:16px/1.55 Arial,Helvetica,sans-serif">'
    '<div style="max-width:600px;border-top:6px solid #B3131B;background:#FFFFFF;padding:24px">{body}</div>'
    "</body></html>\n"
)
_HEAD = '<h2 style="font-size:17px;line-height:1.3;margin:24px 0 4px">{}</h2>'
_PARAGRAPH = '<p style="margin:0 0 12px">{}</p>'
_QUIET = '<p style="margin:0 0 8px;font-size:13px;color:#4A5568">{}</p>'
_LIST = '<ul style="margin:0 0 12px;padding-left:20px">{}</ul>'
_QUOTE = '<blockquote style="margin:0 0 12px;padding-left:12px;border-left:3px solid #D9D4C9">{}</blockquote>'
_LINK = '<a href="{}" style="color:#1B4F9C">{}</a>'


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence; with ``href`` (absolute) it is a link, in plain text followed by the address."""

    words: str
    href: str = ""

    def plain(self) -> str:
        """Return the sentence as text."""
        return f"{self.words}: {self.href}" if self.href else self.words

    def html(self) -> str:
        """Return the sentence as HTML."""
        words = escape(self.words).replace("\n", "<br>\n")
        return _LINK.format(escape(self.href), words) if self.href else words


@dataclass
class Letter:
    """What one person is told. Blocks are added in reading order."""

    language: str
    subject: str = ""
    _plain: list[str] = field(default_factory=list)
    _html: list[str] = field(default_factory=list)

    def head(self, words: str) -> None:
        """Begin a part."""
        self._plain += ["", words, "-" * min(len(words), 72)]
        self._html.append(_HEAD.format(escape(words)))

    def say(self, words: str, href: str = "") -> None:
        """Add a paragraph; line breaks stay."""
        line = Line(words, href)
        self._plain += ["", line.plain()]
        self._html.append(_PARAGRAPH.format(line.html()))

    def items(self, lines: list[Line]) -> None:
        """Add a list."""
        self._plain += [f"- {line.plain()}" for line in lines]
        self._html.append(_LIST.format("".join(f"<li>{line.html()}</li>" for line in lines)))

    def quote(self, words: str) -> None:
        """Add what somebody wrote."""
        self._plain += ["", *(f"> {line}" for line in words.splitlines())]
        self._html.append(_QUOTE.format(Line(words).html()))

    def end(self, lines: list[Line]) -> None:
        """Add the small print."""
        self._plain += ["", "-- ", *(line.plain() for line in lines)]
        self._html += [_QUIET.format(line.html()) for line in lines]

    @property
    def text(self) -> str:
        """Return the plain text."""
        return "\n".join(self._plain).strip("\n") + "\n"

    @property
    def html(self) -> str:
        """Return the HTML page."""
        return _PAGE.format(language=self.language, title=escape(self.subject), body="\n".join(self._html))
