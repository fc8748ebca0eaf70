"""The keluaran that a report row names as evidence: what they are, what handing in would do to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.errors import N_, FieldError
from khub.products import copies, forms, lifecycle
from khub.products.models import WORKING, Copy, CopyAction, CopyFile, File, Product, Version
from khub.products.queries import COLUMNS as PRODUCT_COLUMNS
from khub.reports.forms import page_spans

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy.orm import Session

    from khub.policy import Actor

#: Outputs that a row's form offers.
OFFERED = 50
_UNREAD = ("waiting", "processing")


@dataclass(frozen=True, slots=True)
class Part:
    """A file of an output."""

    public_id: str
    name: str
    page_count: int


@dataclass(frozen=True, slots=True)
class Output:
    """A keluaran as its owner sees it. ``goes_along``: Ajukan hands its newest version in with the row.

    ``copy_id``: the copy that stands for it. ``missing``: what it lacks before that; ``read``: all its
    files were read, so ``pages`` is known.
    """

    id: int
    copy_id: int
    public_id: str
    title: str
    state: str
    version: int
    classification: str
    goes_along: bool
    mine: bool
    missing: tuple[FieldError, ...]
    files: tuple[Part, ...]
    read: bool

    @property
    def pages(self) -> int:
        """Return the highest page number of any of its files."""
        return max((file.page_count for file in self.files), default=0)

    def file_at(self, page: int) -> str:
        """Return the public id of the first file that has ``page``, "" where none is known to."""
        return next((file.public_id for file in self.files if file.page_count >= page), "")

    def faults(self, pages: str) -> list[FieldError]:
        """Return what stands in the way of handing it in as evidence with ``pages``."""
        found = [FieldError(f"{self.public_id}.{each.name}", each.message) for each in self.missing]
        last = max((last for _, last in page_spans(pages)), default=0)
        if self.read and self.pages and last > self.pages:
            found.append(
                FieldError(
                    f"pages-{self.public_id}",
                    N_("%(id)s tidak punya halaman %(page)s; yang terakhir halaman %(last)s."),
                    {"id": self.public_id, "page": last, "last": self.pages},
                )
            )
        return found


def offered(
    session: Session, actor: Actor, institution_ids: Collection[int], action_id: int, period_id: int
) -> list[int]:
    """Return ids of the keluaran of these K/L for an action, those of the period first, then the newest."""
    newest = sa.func.max(sa.case((Copy.period_id == period_id, 1), else_=0))
    found = session.execute(
        sa.select(Product.id, newest.label("here"))
        .join(Version, Version.product_id == Product.id)
        .join(Copy, Copy.version_id == Version.id)
        .join(CopyAction, CopyAction.copy_id == Copy.id)
        .where(
            CopyAction.action_id == action_id,
            Product.discarded_at.is_(None),
            Product.institution_id.in_(sorted(institution_ids)),
            policy.readable(actor, PRODUCT_COLUMNS),
        )
        .group_by(Product.id)
        .order_by(newest.desc(), Product.id.desc())
        .limit(OFFERED)
    )
    return [product_id for product_id, _ in found]


def described(
    session: Session, actor: Actor, product_ids: Collection[int], period_id: int
) -> dict[int, Output]:
    """Return keluaran by id, in four statements, as far as ``actor`` may read them; no more is ever told.

    Those thrown away are left out.
    """
    if not product_ids:
        return {}
    rows = session.execute(
        sa.select(Product, Version, Copy)
        .join(Version, Version.product_id == Product.id)
        .join(Copy, Copy.version_id == Version.id)
        .where(Product.id.in_(product_ids), Product.discarded_at.is_(None))
        .order_by(Product.id, Version.number, Copy.number)
    ).all()
    grouped: dict[int, list[tuple[Product, Version, Copy]]] = {}
    for product, version, copy in rows:
        if policy.can_read(actor, copies.content_of(product, copy)):
            grouped.setdefault(product.id, []).append((product, version, copy))
    chosen = {key: _stands(found, period_id) for key, found in grouped.items()}
    copy_ids = [copy.id for _, _, copy, _ in chosen.values()]
    files = _files(session, copy_ids)
    counted = session.execute(
        sa.select(CopyAction.copy_id, sa.func.count())
        .where(CopyAction.copy_id.in_(copy_ids))
        .group_by(CopyAction.copy_id)
    )
    actions = {copy_id: number for copy_id, number in counted}  # noqa: C416 - rows are not pairs to a type checker
    return {
        key: _output(actor, product, version, copy, files.get(copy.id, []), actions.get(copy.id, 0), along)
        for key, (product, version, copy, along) in chosen.items()
    }


def _stands(
    found: list[tuple[Product, Version, Copy]], period_id: int
) -> tuple[Product, Version, Copy, bool]:
    """Return the copy that stands for a keluaran in a row of ``period_id``, and whether it goes along."""
    product, newest, _ = found[-1]
    working = next((c for _, version, c in found if version is newest and c.number == WORKING), None)
    approved = any(copy.outcome == "approved" for _, _, copy in found if copy.number != WORKING)
    if (
        working is not None
        and newest.state in lifecycle.EDITABLE
        and (not approved or working.period_id == period_id)
    ):
        return product, newest, working, True
    snapshots = [row for row in found if row[2].number != WORKING] or found
    _, version, copy = max(snapshots, key=lambda row: copies.rank_of(row[2], row[1]))
    return product, version, copy, False


def _files(session: Session, copy_ids: Iterable[int]) -> dict[int, list[File]]:
    found: dict[int, list[File]] = {}
    for copy_id, file in session.execute(
        sa.select(CopyFile.copy_id, File)
        .join(File, File.id == CopyFile.file_id)
        .where(CopyFile.copy_id.in_(copy_ids))
        .order_by(CopyFile.position, File.id)
    ):
        found.setdefault(copy_id, []).append(file)
    return found


def _output(
    actor: Actor,
    product: Product,
    version: Version,
    copy: Copy,
    files: list[File],
    actions: int,
    along: bool,  # noqa: FBT001 - one of a row's facts
) -> Output:
    missing = (
        forms.gaps(
            title=copy.title,
            files=len(files),
            actions=actions,
            period=copy.period_id is not None,
            unanswered=not copy.personal_data and any(file.personal for file in files),
        )
        if along
        else []
    )
    return Output(
        id=product.id,
        copy_id=copy.id,
        public_id=product.public_id,
        title=copy.title,
        state=copies.status_of(copy, version),
        version=version.number,
        classification=product.classification,
        goes_along=along,
        mine=policy.is_owner(actor, product.institution_id, product.pokja_id),
        missing=tuple(missing),
        files=tuple(Part(file.public_id, file.name, file.page_count) for file in files),
        read=not any(file.state in _UNREAD for file in files),
    )
