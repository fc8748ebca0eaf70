"""Pieces of text with what was asked for marked, as pages show them; thirty on a page of results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from khub.search.reading import cause

if TYPE_CHECKING:
    from collections.abc import Iterable

    from indexer.highlight import Fragment, Snippet

#: Causes that are told: the word is another one than was asked for.
_TOLD = ("synonym", "fuzzy", "prefix")
_MARK = Markup("<mark>%s</mark>")
_TOLD_MARK = Markup('<mark title="%s">%s</mark><span class="sr"> (%s)</span>')


def marked(fragments: Iterable[Fragment]) -> Markup:
    """Return text cut into fragments with the matches marked, and told why where that is not plain."""
    return Markup("").join(map(_piece, fragments))


def _piece(fragment: Fragment) -> Markup:
    if not fragment.is_match:
        return escape(fragment.text)
    if fragment.cause not in _TOLD:
        return _MARK % fragment.text
    why = cause(fragment.cause)
    return _TOLD_MARK % (why, fragment.text, why)


def snippet(found: Snippet) -> Markup:
    """Return a piece of a page, with signs where the page goes on before or after it."""
    text = marked(found.fragments)
    return Markup("%s%s%s") % ("… " if found.starts else "", text, " …" if found.ends else "")
