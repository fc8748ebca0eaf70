"""What people do with a selection: pick, clear, take out as an archive, quote in the annual report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer import highlight
from indexer.ports import IndexUnavailableError
from indexer.query import QueryError
from khub import policy
from khub.annual import tokens
from khub.annual.records import ANY_READER
from khub.audit import chain
from khub.errors import N_, FieldError, InvalidError, NotFoundError
from khub.picks import archive, queries
from khub.picks.models import Pick
from khub.products import copies, pages
from khub.products.models import Product
from khub.products.queries import head_condition, readable_copies
from khub.search.service import Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from indexer.query import Query
    from khub.annual.service import Annual
    from khub.clock import Clock
    from khub.db import Database
    from khub.policy import Actor
    from khub.products.models import Copy, Version
    from khub.search.service import Search
    from khub.storage import Storage

#: Products that one selection holds, and bytes that one archive may have.
MOST = 500
LARGEST = 1 << 30
#: Products that one page of quotes shows, and the length of a quote that is put forward.
QUOTES = 20
_QUOTE = 240


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A page of a picked product with words to quote from it; ``page`` 0: it has no text to quote.

    ``restricted``: not every reader may read it, so that quoting it asks for a reason.
    """

    product: str
    title: str
    version: int
    snapshot: int
    file: str
    page: int
    kind: str
    label: str
    approximate: bool
    quote: str
    restricted: bool


@dataclass(frozen=True, slots=True)
class Quote:
    """What is to be quoted, as typed."""

    product: str
    file: str
    page: int
    version: int
    snapshot: int
    quote: str
    reason: str


class Picks:
    """Use cases of the room."""

    def __init__(self, db: Database, clock: Clock, storage: Storage, search: Search, annual: Annual) -> None:
        self.db = db
        self.clock = clock
        self.storage = storage
        self.search = search
        self.annual = annual

    # -- picking ---------------------------------------------------------------------------------

    def choose(self, actor: Actor, shown: Iterable[str], chosen: Iterable[str], query: str = "") -> int:
        """Keep of ``shown`` (public ids on one page) those that are ``chosen``; returns how many are picked in all.

        What ``actor`` may not read is passed over. Raises ``InvalidError`` above ``MOST``.
        """
        person_id, now = _own(actor), self.clock.now()
        wanted = frozenset(chosen)
        with self.db.write() as session:
            ids: dict[str, int] = {
                row[0]: row[1]
                for row in session.execute(
                    readable_copies(actor)
                    .where(Product.public_id.in_(wanted | frozenset(shown)))
                    .with_only_columns(Product.public_id, Product.id, maintain_column_froms=True)
                )
            }
            held = frozenset(
                session.scalars(
                    sa.select(Pick.product_id).where(
                        Pick.person_id == person_id, Pick.product_id.in_(ids.values())
                    )
                )
            )
            gone = [number for public_id, number in ids.items() if public_id not in wanted and number in held]
            session.execute(sa.delete(Pick).where(Pick.person_id == person_id, Pick.product_id.in_(gone)))
            session.add_all(
                Pick(person_id=person_id, product_id=number, query=query[:1024], at=now)
                for public_id, number in ids.items()
                if public_id in wanted and number not in held
            )
            session.flush()
            total = session.scalar(
                sa.select(sa.func.count()).select_from(Pick).where(Pick.person_id == person_id)
            )
            if (total or 0) > MOST:
                raise InvalidError.one(
                    "pilih", N_("Pilihan memuat paling banyak %(most)s produk."), most=MOST
                )
            return queries.count(session, actor)

    def clear(self, actor: Actor) -> None:
        """Let go of the whole selection."""
        person_id = _own(actor)
        with self.db.write() as session:
            session.execute(sa.delete(Pick).where(Pick.person_id == person_id))

    # -- taking out ------------------------------------------------------------------------------

    def archive(self, actor: Actor) -> Iterator[bytes]:
        """Return the selection's files as a ZIP; each product's download is recorded before the first byte.

        Raises ``InvalidError`` for one that is empty or too large.
        """
        now = self.clock.now()
        with self.db.write() as session:
            files = queries.archived(session, actor)
            if not files:
                raise InvalidError.one("zip", N_("Belum ada berkas yang dipilih."))
            if sum(file.size for file in files) > LARGEST:
                raise InvalidError.one(
                    "zip",
                    N_("Berkas yang dipilih melebihi %(limit)s MB. Kurangi pilihan, lalu unduh bertahap."),
                    limit=LARGEST >> 20,
                )
            by_product: dict[str, list[str]] = {}
            for file in files:
                by_product.setdefault(file.product, []).append(file.public_id)
            for product, taken in by_product.items():
                facts = {"files": taken, "archive": True}
                chain.append(session, actor, "file.downloaded", "product", product, now, facts=facts)
        return archive.stream(files, self.storage.path, now)

    # -- quoting ---------------------------------------------------------------------------------

    def suggestions(self, actor: Actor, page: int) -> tuple[int, list[Suggestion]]:
        """Return how many products there are to quote and one page of them, each with its likeliest words."""
        with self.db.read() as session:
            total = queries.count(session, actor)
            found = session.execute(
                readable_copies(actor)
                .add_columns(Pick.query)
                .join(Pick, Pick.product_id == Product.id)
                .where(Pick.person_id == actor.person_id, head_condition(actor))
                .order_by(Pick.at, Product.id)
                .offset((page - 1) * QUOTES)
                .limit(QUOTES)
            ).all()
            return total, [self._suggest(session, actor, *row) for row in found]

    def _suggest(
        self, session: Session, actor: Actor, copy: Copy, version: Version, product: Product, text: str
    ) -> Suggestion:
        files = {file.id: file for file in copies.files_of(session, copy.id)}
        query, best = self._best(actor, text, product.id, files)
        file_id, number = best or (next(iter(files), 0), 1)
        page = pages.page_texts(session, [(file_id, number)]).get((file_id, number))
        return Suggestion(
            product=product.public_id,
            title=copy.title,
            version=version.number,
            snapshot=copy.number,
            file=files[file_id].public_id if files else "",
            page=number if page is not None and page.text.strip() else 0,
            kind=page.kind if page is not None else "",
            label=page.label if page is not None else "",
            approximate=page is not None and page.approximate,
            quote=_words(page.text, query) if page is not None else "",
            restricted=not policy.can_read(ANY_READER, copies.content_of(product, copy)),
        )

    def _best(
        self, actor: Actor, text: str, product_id: int, files: Mapping[int, object]
    ) -> tuple[Query | None, tuple[int, int] | None]:
        """Return what was asked and (file, number) of the page that answers it best, where there is one."""
        if not text:
            return None, None
        try:
            query, hits = self.search.matches(actor, Request(text), product_id)
        except (QueryError, IndexUnavailableError):
            return None, None
        best = max((hit for hit in hits if hit.file in files), key=lambda hit: hit.score, default=None)
        return query, (best.file, best.number) if best is not None else None

    def cite(self, actor: Actor, chapter: str, quotes: Sequence[Quote]) -> int:
        """Quote in an annual report and put the quotes, as one paragraph, at the end of a chapter.

        ``chapter`` is a value of ``queries.chapters``. Who may and what needs a reason is the annual report's
        own rule. Returns how many; raises ``InvalidError`` naming the products that could not be quoted, and
        then the others stand quoted.
        """
        report, _, section = chapter.partition("/")
        with self.db.read() as session:
            if chapter not in dict(queries.chapters(session, actor)):
                raise InvalidError.one("bab", N_("Pilih bab yang ada."))
        if not quotes:
            raise InvalidError.one("pilih", N_("Pilih sekurangnya satu kutipan."))
        kept: list[str] = []
        faults: list[FieldError] = []
        for each in quotes:
            try:
                key = self.annual.cite_page(
                    actor,
                    report,
                    each.file,
                    each.page,
                    each.quote,
                    version=each.version,
                    snapshot=each.snapshot,
                    reason=each.reason,
                )
            except InvalidError as error:
                faults += [
                    FieldError(f"{one.name}-{each.product}", one.message, one.params) for one in error.errors
                ]
            except NotFoundError as error:
                faults.append(FieldError(f"quote-{each.product}", error.message))
            else:
                kept.append(f"“{' '.join(each.quote.split())}” {tokens.citation(key)}")
        if kept:
            self.annual.add(actor, report, section, text="\n".join(kept))
        if faults:
            raise InvalidError(faults)
        return len(kept)


def _words(text: str, query: Query | None) -> str:
    """Return words of a page to put forward as a quote: around what was looked for, else its beginning."""
    if query is not None:
        return "".join(part.text for part in highlight.snippet(text, query, whole=True).fragments).strip()
    plain = " ".join(text.split())
    return plain if len(plain) <= _QUOTE else plain[:_QUOTE].rpartition(" ")[0]


def _own(actor: Actor) -> int:
    if actor.person_id is None:
        raise NotFoundError
    return actor.person_id
