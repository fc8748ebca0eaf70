"""From hits to what is shown of them: the database asked again, pages with their pieces of text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from indexer import highlight
from indexer.query import Joined, Phrase, Word
from khub.products import pages
from khub.products.models import Copy
from khub.products.queries import ProductNamed, heads, heads_of, named, readable_copies

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from indexer.highlight import Snippet
    from indexer.ports import PageHit, ProductHit
    from indexer.query import Query
    from indexer.snippets import Snippets
    from khub.policy import Actor
    from khub.products.pages import CopysFile, PageText
    from khub.products.queries import Head


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A matching page with the piece of it to show."""

    file: str
    file_name: str
    number: int
    label: str
    kind: str
    approximate: bool
    heading: str
    snippet: Snippet
    scanned: bool = False
    confidence: int = 0
    #: Label of the next page where a phrase or a word of this one ends there.
    goes_on: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A product with its best pages; ``length``: how many pages its files have."""

    product: ProductNamed
    pages: tuple[FoundPage, ...]
    more: int
    preview: tuple[str, int] | None
    media_type: str
    length: int


def found(
    session: Session,
    actor: Actor,
    query: Query,
    hits: Sequence[ProductHit],
    now: datetime,
    snippets: Snippets,
) -> list[Found]:
    """Return the hits that the database, asked again, lets ``actor`` read."""
    copies = readable(session, actor, hits)
    kept = [hit for hit in hits if hit.unit in copies]
    shown = named(session, [copies[hit.unit] for hit in kept], now)
    texts = texts_of(session, [page for hit in kept for page in hit.pages], query)
    of_copies = pages.files_of(session, [hit.unit for hit in kept])
    found = []
    for hit, row in zip(kept, shown, strict=True):
        files = of_copies.get(hit.unit, [])
        names = {each.id: (each.public_id, each.name, each.media_type, each.language) for each in files}
        found.append(
            Found(
                product=row,
                pages=tuple(cut(hit.pages, texts, names, query, snippets)),
                more=hit.more,
                preview=_preview(hit, files),
                media_type=files[0].media_type if files else "",
                length=sum(each.page_count for each in files),
            )
        )
    return found


def readable(session: Session, actor: Actor, hits: Sequence[ProductHit]) -> dict[int, Head]:
    """Return the copies of ``hits`` that the database, asked again, lets ``actor`` read."""
    ids = [hit.unit for hit in hits]
    return {head.id: head for head in heads(session, _readable_among(actor), {"ids": ids})}


@lru_cache(maxsize=256)
def _readable_among(actor: Actor) -> sa.Select[*tuple[Any, ...]]:
    return heads_of(readable_copies(actor).where(Copy.id.in_(sa.bindparam("ids", expanding=True))))


def _preview(hit: ProductHit, files: Sequence[CopysFile]) -> tuple[str, int] | None:
    """Return (file, page) of the picture beside a hit: its best page, else the first page it has."""
    drawn = [file for file in files if file.media_type in pages.WITH_PICTURES]
    for page in hit.pages[:1]:
        for file in drawn:
            if file.id == page.file:
                return file.public_id, page.number
    return (files[0].public_id, 1) if files and files[0].pictured and files[0] in drawn else None


def cut(
    hits: Sequence[PageHit],
    texts: Mapping[tuple[int, int], PageText],
    names: Mapping[int, tuple[str, str, str, str]],
    query: Query,
    snippets: Snippets,
) -> list[FoundPage]:
    """Return pages with the pieces of them that show what was asked; those not readable are left out."""
    found = []
    for hit in hits:
        text, name = texts.get((hit.file, hit.number)), names.get(hit.file)
        if text is None or name is None:
            continue
        language, after = text.language or name[3], _beside(texts, hit, 1)
        snippet = snippets.cut(text.text, query, language, before=_beside(texts, hit, -1), after=after)
        found.append(
            FoundPage(
                file=name[0],
                file_name=name[1],
                number=hit.number,
                label=text.label,
                kind=text.kind,
                approximate=text.approximate,
                heading=_above(text.heading, snippet),
                snippet=snippet,
                scanned=text.scanned,
                confidence=text.confidence,
                goes_on=texts[(hit.file, hit.number + 1)].label
                if after and highlight.goes_on(text.text, query, language, after)
                else "",
            )
        )
    return found


def _above(heading: str, snippet: Snippet) -> str:
    """Return a path of headings without those that the snippet begins with."""
    if not heading:
        return ""
    said = " ".join("".join(each.text for each in snippet.fragments).split()).casefold()
    path = heading.split(" / ")
    rests = (" ".join(" ".join(path[at:]).split()).casefold() for at in range(len(path)))
    return " / ".join(path[: next((at for at, rest in enumerate(rests) if said.startswith(rest)), len(path))])


def has_phrases(query: Query) -> bool:
    """Tell whether ``query`` asks for words that follow each other, which a page's end may part."""
    nodes = [clause.node for clause in query.nodes()]
    asked = [each for node in nodes if isinstance(node, Joined) for each in (node.asked, *node.others)]
    return any(
        (isinstance(node, Phrase) and len(node.terms) > 1) or (isinstance(node, Word) and bool(node.parts))
        for node in (*nodes, *asked)
    )


def texts_of(session: Session, hits: Sequence[PageHit], query: Query) -> dict[tuple[int, int], PageText]:
    """Return the texts that ``cut`` wants: also of the pages beside a hit, but only where these may matter.

    That is for phrases, and after a page that may cut a word.
    """
    steps = (0, -1, 1) if has_phrases(query) else (0,)
    found = pages.page_texts(
        session, dict.fromkeys((hit.file, hit.number + step) for hit in hits for step in steps)
    )
    if len(steps) == 1 and query:
        going_on = [key for key, text in found.items() if highlight.may_go_on(text.text)]
        following = ((file, number + 1) for file, number in going_on)
        found |= pages.page_texts(session, [key for key in following if key not in found])
    return found


def _beside(texts: Mapping[tuple[int, int], PageText], hit: PageHit, step: int) -> str:
    beside = texts.get((hit.file, hit.number + step))
    return beside.text if beside is not None else ""


def names(session: Session, actor: Actor, hits: Sequence[PageHit]) -> dict[int, tuple[str, str, str, str]]:
    """Return what ``pages.readable_files`` tells of the files of ``hits``."""
    return pages.readable_files(session, actor, {hit.file for hit in hits})
