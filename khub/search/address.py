"""The address is the state: what of it goes along from the results to a page and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import urlencode

from flask import request

from indexer.ports import FACETS
from khub.links import url_for
from khub.search.service import Request

if TYPE_CHECKING:
    from collections.abc import Iterable

Pairs: TypeAlias = list[tuple[str, str]]

#: Names of filters in an address: the facets, and when a keluaran was handed in.
FILTERS: Final = (*FACETS, "tanggal")
_ALONG = ("q", *FILTERS, "urut", "versi", "sinonim")
#: On the pages behind a result: which page of the results led there.
ORIGIN = "asal"
_VALUES = 100
_LENGTH = 200


def filters() -> dict[str, frozenset[str]]:
    """Return the filters that the address sets."""
    args = request.args
    found = {
        name: frozenset(value.strip()[:_LENGTH] for value in args.getlist(name)[:_VALUES])
        for name in FILTERS
        if name in args
    }
    if "tanggal" in found:  # one field of a form, in which several may be written
        found["tanggal"] = frozenset(part for value in found["tanggal"] for part in value.split())
    return {name: values - {""} for name, values in found.items() if values - {""}}


def asked(page: int = 1, size: int = 10) -> Request:
    """Return the search that the address asks for."""
    return Request(
        text=request.args.get("q", ""),
        filters=filters(),
        sort="date" if request.args.get("urut") == "tanggal" else "relevance",
        page=page,
        size=size,
        all_versions=request.args.get("versi") == "semua",
        synonyms=request.args.get("sinonim") != "0",
    )


def here() -> Pairs:
    """Return the search as pairs of an address, one a value, without the page of the results."""
    args, chosen = request.args, filters()
    # Asked for in vain, a value costs the framework an error; a page asks a hundred times.
    values = {
        name: sorted(chosen.get(name, ())) if name in FILTERS else [args[name]]
        for name in _ALONG
        if name in args
    }
    return [(name, value) for name, of_name in values.items() for value in of_name if value]


def behind(page: int) -> Pairs:
    """Return what the links to the pages behind page ``page`` of the results carry."""
    return [*here(), *([(ORIGIN, str(page))] if page > 1 else [])]


def carried() -> Pairs:
    """Return what a page behind a result was given along, for its own links."""
    origin = _origin()
    return [*here(), *([(ORIGIN, origin)] if origin else [])]


def _origin() -> str:
    origin = request.args.get(ORIGIN, "")
    return origin if origin.isascii() and origin.isdigit() and len(origin) < 5 else ""  # noqa: PLR2004


def back() -> str:
    """Return the address of the results that led to the present page, "" when none did."""
    pairs = here()
    if not any(name in ("q", *FILTERS) for name, _ in pairs):
        return ""
    origin = _origin()
    return results([*pairs, *([("hlm", origin)] if origin else [])])


def results(pairs: Iterable[tuple[str, str]]) -> str:
    """Return the address of the results for ``pairs``."""
    return url_for("search.results") + tail(pairs)


def tail(pairs: Iterable[tuple[str, str]]) -> str:
    """Return ``pairs`` as the end of an address."""
    text = urlencode(list(pairs))
    return f"?{text}" if text else ""


def changed(pairs: Iterable[tuple[str, str]], name: str, *values: str) -> Pairs:
    """Return ``pairs`` with ``name`` set to ``values``, none takes it out."""
    return [*(pair for pair in pairs if pair[0] != name), *((name, value) for value in values)]
