"""The search port: what an engine takes and gives. Engines know no users, only access classes."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from indexer.query import Query
    from indexer.units import UnitTable

#: Pages that a result list shows of one product.
PAGES_PER_PRODUCT = 3
#: Fields that are counted and filtered.
FACETS = (
    "pilar",
    "fokus",
    "aksi",
    "kl",
    "pokja",
    "periode",
    "jenis",
    "status",
    "tahun",
    "bahasa",
    "klasifikasi",
)
NO_FILTERS: Final[Mapping[str, frozenset[str]]] = MappingProxyType({})


class IndexUnavailableError(Exception):
    """There is no index that can be read; ``reason``: missing, version, damaged."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class IndexLockedError(Exception):
    """Another process is the writer."""


@dataclass(frozen=True, slots=True)
class PageText:
    """The text of page ``number`` (1-based) of a file; ``language`` "id", "en" or ""."""

    number: int
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Title:
    """The title of one unit (copy) of a product."""

    unit: int
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class PageHit:
    """A matching page."""

    file: int
    number: int
    score: float


@dataclass(frozen=True, slots=True)
class ProductHit:
    """A product with its best pages; ``more`` pages match besides."""

    product: int
    unit: int
    score: float
    pages: tuple[PageHit, ...]
    more: int


@dataclass(frozen=True, slots=True)
class FacetCount:
    """How many products ``value`` gives under the choices in other facets.

    Beside selected values of its own facet, a value that is not selected counts only those it adds to
    them: always what the click changes.
    """

    value: str
    count: int
    selected: bool


@dataclass(frozen=True, slots=True)
class Results:
    """One page of results. Totals are exact and, like all else, of the visible documents only."""

    total_products: int = 0
    total_pages: int = 0
    hits: tuple[ProductHit, ...] = ()
    facets: Mapping[str, tuple[FacetCount, ...]] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """State of an index for operators: documents, segments, bytes on disk."""

    documents: int
    deleted: int
    segments: int
    size: int
    generation: str


class SearchEngine(Protocol):
    """Answers queries over the index and the columns of a ``UnitTable``."""

    def search(
        self,
        query: Query,
        *,
        allow: frozenset[str],
        units: UnitTable,
        filters: Mapping[str, frozenset[str]] = NO_FILTERS,
        sort: str = "relevance",
        offset: int = 0,
        limit: int = 10,
        all_versions: bool = False,
    ) -> Results:
        """Return one page of products. ``allow`` holds access classes; empty means nothing.

        ``filters``: facet → values, OR within and AND between. ``sort``: relevance (equal scores by
        newest date, then lowest product) or date. With ``all_versions`` every readable copy of a product
        is a hit of its own, not only the newest. Raises ``IndexUnavailableError``.
        """
        ...

    def pages(
        self,
        query: Query,
        *,
        allow: frozenset[str],
        units: UnitTable,
        product: int,
        all_versions: bool = False,
    ) -> tuple[PageHit, ...]:
        """Return every matching page of ``product``, in order of file and page."""
        ...


class IndexWriter(Protocol):
    """The one writer of an index. Changes count after ``commit``, which syncs to disk."""

    def replace_file(self, file: int, pages: Sequence[PageText]) -> None:
        """Set the pages of a file; none takes it out."""
        ...

    def replace_titles(self, product: int, titles: Sequence[Title]) -> None:
        """Set the titles of a product's units."""
        ...

    def commit(self) -> None:
        """Make what was replaced visible and durable."""
        ...

    def tidy(self, seconds: float, *, idle: bool = True) -> bool:
        """Do, for about so many seconds, what keeps searches fast; False when there is nothing to do.

        Answers stay the same. When not ``idle``, only what cannot wait.
        """
        ...

    def rebuild(
        self,
        files: Iterable[tuple[int, Sequence[PageText]]],
        titles: Iterable[tuple[int, Sequence[Title]]],
        progress: Callable[[int], None],
    ) -> IndexInfo:
        """Build a new generation aside from scratch, verify it, swap it in; searches go on meanwhile."""
        ...
