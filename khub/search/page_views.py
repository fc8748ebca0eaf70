"""The hit page: a page of a file with what matches on it; its picture; downloads."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flask import Response, request, send_file

from indexer import highlight
from indexer.ports import IndexUnavailableError
from indexer.query import QueryError, parse
from khub import web
from khub.errors import NotFoundError
from khub.links import url_for
from khub.products import pages, wording
from khub.search import address, hits
from khub.search.views import bp

__all__ = ["bp"]

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from indexer.highlight import Fragment
    from indexer.query import Query
    from khub.previews import Preview
    from khub.products.pages import FileRef, PageText
    from khub.search.address import Pairs
    from khub.search.service import Request

#: Which match of the page is meant, by number or the last; also where the page scrolls to.
_MARK, _LAST = "cocok", "akhir"


@dataclass(frozen=True, slots=True)
class Step:
    """A page to go to."""

    number: int
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the page's text; ``mark`` counts the matches from 1, 0 is none, with their ``cause``."""

    text: str
    mark: int
    cause: str


@dataclass(frozen=True, slots=True)
class HitPage:
    """A page of a file with what matches on it. ``current``: the match that was stepped to."""

    file: FileRef
    page: PageText | None
    number: int
    text: str
    parts: list[Part]
    matches: int
    current: int
    image: str
    width: int
    height: int
    boxes: list[tuple[float, float, float, float, bool]]
    hits: list[Step]
    previous: str
    following: str
    outline: list[tuple[str, Step, int]]
    back: str
    all_matches: str


@bp.get("/berkas/<public_id>/hlm/<int:number>")
def page(public_id: str, number: int) -> Response:
    """Show one page: picture with the matches marked, text below."""
    file = web.ask(pages.file_ref, public_id)
    count = max(file.page_count, 1)
    if not 1 <= number <= count:
        raise NotFoundError
    stored = web.ask(pages.page_text, file.file_id, number)
    asked = address.asked()
    query, matching = _found(file, asked)
    language = (stored.language if stored is not None else "") or file.language
    near = _near(file, number, stored.text, query) if stored is not None and query else {}
    marks = highlight.marks(stored.text, query, language, **near) if stored is not None and query else ()
    if stored is not None and query:
        matching = _running_over(stored.text, query, language, near, marks, number, matching)
    current = _current(len(marks))
    scanned = stored if stored is not None and stored.scanned else None
    preview = (
        web.services().previews.get(file.sha256, file.media_type, number, 960)
        if wording.has_image(file.media_type)
        else None
    )
    if preview is not None and scanned is not None:
        words = web.ask(pages.words, file.file_id, number)
        preview = replace(preview, text=scanned.text, words=words)
    tail = address.carried()
    names = web.ask(pages.labels, file.file_id)
    steps = [_step(file, each, tail, names) for each in matching]
    return web.show(
        "search/page.html",
        HitPage(
            file=file,
            page=stored,
            number=number,
            text=asked.text,
            parts=_parts(highlight.fragments(stored.text, marks)) if stored is not None else [],
            matches=len(marks),
            current=current,
            image=url_for("search.image", public_id=public_id, number=number, lebar=960) if preview else "",
            width=preview.width if preview else 0,
            height=preview.height if preview else 0,
            boxes=_boxes(preview, highlight.spans(preview.text, query, language, **near), current)
            if preview is not None and query
            else [],
            hits=steps,
            previous=_previous(file, number, matching, current),
            following=_following(file, number, matching, current, len(marks)),
            outline=[
                (title, _step(file, at, tail, names), sum(1 for hit in matching if at <= hit < until))
                for (title, at), until in zip(
                    file.outline, [*(at for _, at in file.outline), count + 1][1:], strict=True
                )
            ],
            back=address.back(),
            all_matches=url_for("search.matches", product=file.product) + address.tail(tail)
            if matching
            else "",
        ),
    )


def _found(file: FileRef, asked: Request) -> tuple[Query | None, list[int]]:
    """Return what to mark and the pages of the file that match; a query that cannot be read marks nothing."""
    try:
        if not asked.text:
            return None, []
        query, found = web.services().search.matches(web.actor(), asked, file.product_id)
    except QueryError:
        return None, []
    except IndexUnavailableError:
        return parse(asked.text), []
    return query, [hit.number for hit in found if hit.file == file.file_id]


def _near(file: FileRef, number: int, text: str, query: Query) -> dict[str, str]:
    """Return the texts of the pages before and after, from which a phrase or a word may come or where it ends."""
    phrases = hits.has_phrases(query)
    before = web.ask(pages.page_text, file.file_id, number - 1)
    found = {}
    if before is not None and (phrases or highlight.may_go_on(before.text)):
        found["before"] = before.text
    if phrases or highlight.may_go_on(text):
        after = web.ask(pages.page_text, file.file_id, number + 1)
        found |= {"after": after.text} if after is not None else {}
    return found


def _running_over(
    text: str,
    query: Query,
    language: str,
    near: dict[str, str],
    marks: Sequence[highlight.Mark],
    number: int,
    matching: list[int],
) -> list[int]:
    """Return the ``matching`` pages and those onto which a phrase or word of this page goes on, or began on.

    ``marks``: those of this page with both its neighbours.
    """
    found = set(matching)
    for side, step in (("before", -1), ("after", 1)):
        if side in near:
            rest = {other: page for other, page in near.items() if other != side}
            if highlight.marks(text, query, language, **rest) != marks:
                found |= {number, number + step}
    return sorted(found)


def _parts(fragments: Iterable[Fragment]) -> list[Part]:
    numbers = itertools.count(1)
    return [Part(each.text, next(numbers) if each.is_match else 0, each.cause) for each in fragments]


def _boxes(
    preview: Preview, spans: Sequence[tuple[int, int]], current: int
) -> list[tuple[float, float, float, float, bool]]:
    """Return the boxes of the words on the picture that match, and which belong to the current match."""
    marked = list(enumerate(spans, 1))
    found = []
    for word in preview.words:
        number = next((at for at, (start, end) in marked if start < word.end and word.start < end), 0)
        if number:
            found.append((word.x0, word.y0, word.x1, word.y1, number == current))
    return found


# -- from match to match -----------------------------------------------------------------------------


def _current(matches: int) -> int:
    """Return which match of the page is the current one: the one in the address, else the first."""
    text = request.args.get(_MARK, "")
    if text == _LAST:
        return matches
    wanted = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1  # noqa: PLR2004
    return min(max(wanted, 1), matches)


def _previous(file: FileRef, number: int, matching: list[int], current: int) -> str:
    """Return the address of the match before, on whichever page; of the page before where nothing matches."""
    if current > 1:
        return _match(file, number, str(current - 1))
    if matching:
        before = [hit for hit in matching if hit < number]
        return _match(file, before[-1], _LAST) if before else ""
    return _match(file, number - 1, "") if number > 1 else ""


def _following(file: FileRef, number: int, matching: list[int], current: int, matches: int) -> str:
    if current < matches:
        return _match(file, number, str(current + 1))
    if matching:
        return next((_match(file, hit, "1") for hit in matching if hit > number), "")
    return _match(file, number + 1, "") if number < file.page_count else ""


def _match(file: FileRef, number: int, mark: str) -> str:
    pairs = [*address.carried(), *([(_MARK, mark)] if mark else [])]
    where = url_for("search.page", public_id=file.public_id, number=number) + address.tail(pairs)
    return where + (f"#{_MARK}" if mark else "")


def _step(file: FileRef, number: int, pairs: Pairs, names: dict[int, tuple[str, str]]) -> Step:
    href = url_for("search.page", public_id=file.public_id, number=number) + address.tail(pairs)
    return Step(number, names.get(number, (str(number), ""))[0], href)


@bp.get("/berkas/<public_id>/hlm/<int:number>/gambar")
def image(public_id: str, number: int) -> Response:
    """Send the picture of a page."""
    file = web.ask(pages.file_ref, public_id)
    if not 1 <= number <= max(file.page_count, 1):
        raise NotFoundError
    width = request.args.get("lebar", "")
    wanted = int(width) if width.isascii() and width.isdigit() and len(width) < 6 else 320  # noqa: PLR2004
    preview = web.services().previews.get(file.sha256, file.media_type, number, wanted)
    if preview is None:
        raise NotFoundError
    response = send_file(preview.path, mimetype="image/webp", max_age=0)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@bp.get("/berkas/<public_id>/unduh")
def download(public_id: str) -> Response:
    """Send a file as it was received; the download is recorded."""
    file = web.ask(pages.file_ref, public_id)
    path = web.services().uploads.path(file.sha256)
    web.services().uploads.downloaded(web.actor(), file.product, public_id)
    response = send_file(
        path,
        mimetype=file.media_type,
        as_attachment=True,
        download_name=file.name,
        max_age=0,
        etag=file.sha256,
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-cache"
    return response
