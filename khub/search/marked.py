"""Pieces of text with what was asked for marked, as pages show them; thirty on a page of results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from khub.markup import escaped
from khub.search.reading import cause

if TYPE_CHECKING:
    from collections.abc import Iterable

    from indexer.highlight import Fragment, Snippet

#: Causes that are told: the word is another one than was asked for.
_TOLD = ("synonym", "fuzzy", "prefix")


def marked(fragments: Iterable[Fragment]) -> Markup:
    """Return text cut into fragments with the matches marked, and told why where that is not plain."""
    return Markup("".join(map(_piece, fragments)))  # noqa: S704 - its pieces are escaped


def _piece(fragment: Fragment) -> str:
    text = escaped(fragment.text)
    if not fragment.is_match:
        return text
    if fragment.cause not in _TOLD:
        return f"<mark>{text}</mark>"
    why = escaped(cause(fragment.cause))
    return f'<mark title="{why}">{text}</mark><span class="sr"> ({why})</span>'


def snippet(found: Snippet) -> Markup:
    """Return a piece of a page, with signs where the page goes on before or after it."""
    text = marked(found.fragments)
    return Markup(f"{'… ' if found.starts else ''}{text}{' …' if found.ends else ''}")  # noqa: S704 - as above
