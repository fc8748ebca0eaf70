"""Which page of which file is shown beside an item: the one asked for, else the one named as evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import request

from khub import web
from khub.products import pages
from khub.review.report_item import ReportItem

if TYPE_CHECKING:
    from khub.products.queries import FileShown
    from khub.review.queries import Item
    from khub.review.report_item import Output


@dataclass(frozen=True, slots=True)
class Preview:
    """One page of one file: its picture where there is one, else its text.

    ``place`` of ``count``: the keluaran's among a report's (0 for a keluaran by itself).
    ``named``: the other (file, page) pairs that the keluaran is named with; ``is_named``: this is one.
    """

    file: FileShown
    number: int
    total: int
    picture: bool
    text: str
    title: str
    product: str
    place: int
    count: int
    named: tuple[tuple[str, int], ...]
    is_named: bool


def shown(item: Item | ReportItem) -> Preview | None:
    """Return the preview that the address asks for (``berkas``, ``hlm``), None for an item without files."""
    if not item.files:
        return None
    outputs = item.outputs if isinstance(item, ReportItem) else ()
    wanted = request.args.get("berkas", "")
    file = next((each for each in item.files if each.public_id == wanted), None)
    first = number(request.args.get("hlm", ""))
    if file is None:
        spot = next((named for output in outputs for named in output.named), None)
        file = next((each for each in item.files if spot and each.public_id == spot[0]), item.files[0])
        first = first if wanted or not spot else spot[1]
    place, output = _output(outputs, file)
    total = max(file.page_count, 1)
    at = min(max(first, 1), total)
    spots = output.named if output is not None else ()
    return Preview(
        file,
        at,
        total,
        *web.ask(pages.preview, file.public_id, at),
        title=output.title if output is not None else "",
        product=output.public_id if output is not None else item.public_id,
        place=place,
        count=len(outputs),
        named=tuple(spot for spot in spots if spot != (file.public_id, at)),
        is_named=(file.public_id, at) in spots,
    )


def number(text: str) -> int:
    """Return a small whole number of an address or form, 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0  # noqa: PLR2004 - fits any column


def _output(outputs: tuple[Output, ...], file: FileShown) -> tuple[int, Output | None]:
    for place, output in enumerate(outputs, 1):
        if file in output.files:
            return place, output
    return 0, None
