"""The search port: what an engine takes and gives. Engines know no users, only access classes."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

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


class PageHit(NamedTuple):
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


class FacetCount(NamedTuple):
    """How many products ``value`` gives under the choices in other facets.

    Beside selected values of its own facet, a value that is not selected counts only those it adds to
    them: always what the click changes.
    """

    # Tuples, which the garbage collector leaves alone: each kept answer holds two hundred.
    value: str
    count: int  # type: ignore[assignment] # nobody counts in a tuple of three
    selected: bool


@dataclass(frozen=True, slots=True)
class Results:
    """One page of results. Totals are exact and, like all else, of the visible documents only."""

    total_products: int = 0
    total_pages: int = 0
    hits: tuple[ProductHit, ...] = ()
    facets: Mapping[str, tuple[FacetCount, ...]] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    #: (yyyymm, products) under all filters, in order of time.
    months: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a word as the product has it: why it matched, on how many pages, and whether in the title.

    ``cause``: form, stem, synonym, prefix, fuzzy or phrase.
    """

    text: str
    cause: str
    pages: int
    in_title: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """What one part of the query (``asked``, as the grammar writes it) gave a product.

    ``share`` of its score in whole percent.
    """

    asked: str
    forms: tuple[Form, ...]
    pages: int
    in_title: bool
    share: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a product is a hit; ``near`` is the share in percent of words that follow each other closely.

    All shares together are 100; nothing here tells of other documents. Empty when the product is no hit.
    """

    reasons: tuple[Reason, ...] = ()
    near: int = 0


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """State of an index for operators: documents, segments, bytes on disk."""

    documents: int
    deleted: int
    segments: int
    size: int
    generation: str


@dataclass(frozen=True, slots=True)
class Extent:
    """How much an index holds: files, their pages, and titles."""

    files: int
    pages: int
    titles: int


@dataclass(frozen=True, slots=True)
class Versions:
    """Of which analysis and of which format of files an index is."""

    analyzer: int
    schema: int


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

    def count(
        self,
        queries: Sequence[Query],
        *,
        allow: frozenset[str],
        units: UnitTable,
        filters: Mapping[str, frozenset[str]] = NO_FILTERS,
    ) -> tuple[int, ...]:
        """Return how many products each of ``queries`` finds, exactly as ``search`` would."""
        ...

    def spelling(
        self, words: Sequence[str], *, allow: frozenset[str], units: UnitTable
    ) -> Mapping[str, tuple[tuple[str, int], ...]]:
        """Return, for each word hardly found, up to three (word nearly the same, pages that hold it)."""
        ...

    def similar(
        self, product: int, *, allow: frozenset[str], units: UnitTable, limit: int = 5
    ) -> tuple[ProductHit, ...]:
        """Return other products that share the weightiest words of ``product``, the nearest first."""
        ...

    def explain(self, query: Query, product: int, *, allow: frozenset[str], units: UnitTable) -> Explanation:
        """Return why ``query`` finds ``product``."""
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
