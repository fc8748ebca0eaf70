"""A saved search as pairs of an address, and as the request that search answers."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from indexer.ports import FACETS
from indexer.query import parse
from khub.errors import N_, FieldError, InvalidError
from khub.products.forms import clean
from khub.search.service import Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Names of an address that say what is searched; everything else in it is about the page.
_FILTERS = (*FACETS, "tanggal")
_SINGLE = ("q", "urut", "versi", "sinonim")
LONGEST_NAME = 200
_VALUES, _LENGTH, _WORDS = 100, 200, 1024


def asked(pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Return what is kept of an address: the parts that say what is searched, each once, in a set order.

    Raises ``QueryError`` for words that cannot be read.
    """
    given = [(name, value) for name, value in pairs if value]
    kept = [[name, value] for name in _SINGLE for value in [v for n, v in given if n == name][:1]]
    for name in _FILTERS:
        values = sorted({value for given_name, value in given if given_name == name})
        kept += [[name, value[:_LENGTH]] for value in values[:_VALUES]]
    parse(words(kept))
    return kept


def request(pairs: Sequence[Sequence[str]]) -> Request:
    """Return the request that ``pairs`` stand for."""
    single = {name: value for name, value in pairs if name in _SINGLE}
    filters = {name: frozenset(v for n, v in pairs if n == name) for name in _FILTERS}
    return Request(
        text=single.get("q", ""),
        filters={name: values for name, values in filters.items() if values},
        sort="date" if single.get("urut") == "tanggal" else "relevance",
        all_versions=single.get("versi") == "semua",
        synonyms=single.get("sinonim") != "0",
    )


def address(pairs: Sequence[Sequence[str]]) -> str:
    """Return the address of the results for ``pairs``, a path of this site."""
    text = urlencode([(name, value) for name, value in pairs])
    return f"/cari?{text}" if text else "/cari"


def words(pairs: Sequence[Sequence[str]]) -> str:
    """Return what ``pairs`` ask in words, "" for filters alone."""
    return next((value for name, value in pairs if name == "q"), "")


def named(text: str) -> str:
    """Return the name of a saved search as it is kept; raises ``InvalidError``."""
    name = " ".join(clean(text).split())
    if not name:
        raise InvalidError([FieldError("nama", N_("Beri pencarian ini nama."))])
    if len(name) > LONGEST_NAME:
        raise InvalidError(
            [FieldError("nama", N_("Nama paling panjang %(most)s huruf."), {"most": LONGEST_NAME})]
        )
    return name
