"""The hit page: a page of a file with what matches on it; its picture; downloads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Response, request, send_file, url_for

from indexer import highlight
from indexer.ports import IndexUnavailableError
from indexer.query import QueryError, parse
from khub import web
from khub.errors import NotFoundError
from khub.products import pages, wording
from khub.search.views import bp

__all__ = ["bp"]

if TYPE_CHECKING:
    from indexer.highlight import Fragment
    from indexer.query import Query
    from khub.products.pages import FileRef, PageText


@dataclass(frozen=True, slots=True)
class Step:
    """A page to go to."""

    number: int
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class HitPage:
    """A page of a file with what matches on it."""

    file: FileRef
    page: PageText | None
    number: int
    text: str
    fragments: tuple[Fragment, ...]
    matches: int
    image: str
    width: int
    height: int
    boxes: list[tuple[float, float, float, float, bool]]
    hits: list[Step]
    previous: Step | None
    following: Step | None
    outline: list[tuple[str, Step, int]]
    back: str


@bp.get("/berkas/<public_id>/hlm/<int:number>")
def page(public_id: str, number: int) -> Response:
    """Show one page: picture with the matches marked, text below."""
    file = web.ask(pages.file_ref, public_id)
    count = max(file.page_count, 1)
    if not 1 <= number <= count:
        raise NotFoundError
    stored = web.ask(pages.page_text, file.file_id, number)
    text = request.args.get("q", "")
    query = _lenient(text)
    hits = _hits(file, text) if query is not None else []
    spans = (
        highlight.spans(stored.text, query, file.language) if stored is not None and query is not None else ()
    )
    preview = (
        web.services().previews.get(file.sha256, file.media_type, number, 960)
        if wording.has_image(file.media_type)
        else None
    )
    boxes = []
    if preview is not None and query is not None:
        marked = highlight.spans(preview.text, query, file.language)
        boxes = [
            (word.x0, word.y0, word.x1, word.y1, False)
            for word in preview.words
            if any(start < word.end and word.start < end for start, end in marked)
        ]
    names = web.ask(pages.labels, file.file_id)
    steps = [_step(file, each, text, names) for each in hits]
    before = [step for step in steps if step.number < number]
    after = [step for step in steps if step.number > number]
    return web.show(
        "search/page.html",
        HitPage(
            file=file,
            page=stored,
            number=number,
            text=text,
            fragments=highlight.fragments(stored.text, spans) if stored is not None else (),
            matches=len(spans),
            image=url_for("search.image", public_id=public_id, number=number, lebar=960) if preview else "",
            width=preview.width if preview else 0,
            height=preview.height if preview else 0,
            boxes=boxes,
            hits=steps,
            previous=before[-1]
            if before
            else (_step(file, number - 1, text, names) if not steps and number > 1 else None),
            following=after[0]
            if after
            else (_step(file, number + 1, text, names) if not steps and number < count else None),
            outline=[
                (title, _step(file, at, text, names), sum(1 for hit in hits if at <= hit < until))
                for (title, at), until in zip(
                    file.outline, [*(at for _, at in file.outline), count + 1][1:], strict=True
                )
            ],
            back=f"{url_for('search.results')}?q={quote(text)}" if text else "",
        ),
    )


def _lenient(text: str) -> Query | None:
    """Return the query of a hit link; one that cannot be read marks nothing."""
    try:
        return parse(text) if text else None
    except QueryError:
        return None


def _hits(file: FileRef, text: str) -> list[int]:
    try:
        _, found = web.services().search.matches(web.actor(), text, file.product_id)
    except (QueryError, IndexUnavailableError):
        return []
    return [hit.number for hit in found if hit.file == file.file_id]


def _step(file: FileRef, number: int, text: str, names: dict[int, tuple[str, str]]) -> Step:
    href = url_for("search.page", public_id=file.public_id, number=number, **({"q": text} if text else {}))  # type: ignore[arg-type]
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
