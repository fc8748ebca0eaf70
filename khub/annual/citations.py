"""Citations held against what khub has today: superseded, restricted, or the words no longer there."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.annual.document import Reference
from khub.annual.models import AnnualCitation
from khub.annual.records import ANY_READER
from khub.plan.models import Action, Institution, Period
from khub.products import copies, pages
from khub.products.lifecycle import State
from khub.products.models import Copy, File, Product, Version
from khub.products.queries import short_name
from khub.reports.models import Report, ReportCopy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from khub.policy import Actor


class Standing(StrEnum):
    """What became of a citation since it was made."""

    OK = "ok"
    PENDING = "pending"
    SUPERSEDED = "superseded"
    GONE = "gone"
    RESTRICTED = "restricted"
    UNAPPROVED = "unapproved"


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation and how it stands. ``page`` 0: words of a report row, which ``product`` then names.

    ``blocked``: not every signed-in reader may read it and nobody said why it stands here all the same.
    ``visible``: whether the reader of this list may read what is quoted.
    """

    key: int
    standing: Standing
    blocked: bool
    visible: bool
    product: str
    version: int
    snapshot: int
    file: str
    page: int
    label: str
    title: str
    institution: str
    quote: str
    sha256: str
    newer: int
    allowed_reason: str

    @property
    def source(self) -> str:
        """Return "K-7QX2M4A v2", or the report row's name."""
        return f"{self.product} v{self.version}" if self.page else self.product

    @property
    def restricted(self) -> bool:
        """Tell whether not every signed-in reader may read what is quoted."""
        return self.standing in (Standing.RESTRICTED, Standing.UNAPPROVED)

    def reference(self, number: int) -> Reference:
        """Return the citation as the document's list prints it."""
        return Reference(
            number=number,
            source=self.source,
            title=self.title,
            institution=self.institution,
            place=self.label,
            quote=self.quote,
            sha256=self.sha256,
            restricted=self.restricted,
        )


def fold(text: str) -> str:
    """Return ``text`` as quotes are compared: without white space, soft hyphens, case or quote shapes."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("\u00ad", "")
    for shape, plain in (("“", '"'), ("”", '"'), ("‘", "'"), ("’", "'"), ("–", "-"), ("—", "-")):
        text = text.replace(shape, plain)
    return "".join(text.split())


def holds(text: str, quote: str) -> bool:
    """Tell whether a page's text holds the quoted words."""
    return fold(quote) in fold(text)


def numbered(keys: Iterable[int]) -> dict[int, int]:
    """Return key → number in order of first appearance, from 1."""
    return {key: number for number, key in enumerate(dict.fromkeys(keys), 1)}


def load(
    session: Session, actor: Actor, report_id: int, keys: Sequence[int] | None = None
) -> dict[int, Cited]:
    """Return citations of a report by key, each checked against today; in at most six statements.

    ``keys``: only these (None: all that were not dropped). What ``actor`` may not read is left blank.
    """
    query = sa.select(AnnualCitation).where(
        AnnualCitation.report_id == report_id, AnnualCitation.dropped_at.is_(None)
    )
    if keys is not None:
        query = query.where(AnnualCitation.key.in_(keys))
    rows = session.scalars(query.order_by(AnnualCitation.key)).all()
    found = {
        **_of_pages(session, actor, [row for row in rows if row.copy_id is not None]),
        **_of_reports(session, actor, [row for row in rows if row.report_copy_id is not None]),
    }
    return {key: each if each.visible else _blank(each) for key, each in found.items()}


def _blank(cited: Cited) -> Cited:
    return replace(
        cited, product="", file="", label="", title="", institution="", quote="", sha256="", allowed_reason=""
    )


def _of_pages(session: Session, actor: Actor, rows: Sequence[AnnualCitation]) -> dict[int, Cited]:
    if not rows:
        return {}
    sources = {
        copy.id: (copy, version, product, institution)
        for copy, version, product, institution in session.execute(
            sa.select(Copy, Version, Product, Institution)
            .join(Version, Version.id == Copy.version_id)
            .join(Product, Product.id == Version.product_id)
            .join(Institution, Institution.id == Product.institution_id)
            .where(Copy.id.in_({row.copy_id for row in rows}))
        )
    }
    files = {
        row.id: row.public_id
        for row in session.execute(
            sa.select(File.id, File.public_id).where(File.id.in_({row.file_id for row in rows}))
        )
    }
    texts = pages.page_texts(session, {(row.file_id or 0, row.page) for row in rows})
    others = _snapshots(session, {product.id for _, _, product, _ in sources.values()})
    found = {}
    for row in rows:
        copy, version, product, institution = sources[row.copy_id or 0]
        content = copies.content_of(product, copy)
        text = texts.get((row.file_id or 0, row.page))
        newer = [
            (other, its)
            for other, its in others[product.id]
            if copies.rank_of(other, its) % _RANK > copies.rank_of(copy, version) % _RANK
        ]
        approved = [its.number for other, its in newer if other.outcome == "approved"]
        waiting = [its.number for other, its in newer if other.outcome == "pending"]
        standing = _standing(
            content,
            holds_words=text is not None and holds(text.text, row.quote),
            superseded=bool(approved),
            waiting=bool(waiting),
        )
        open_ = standing not in (Standing.RESTRICTED, Standing.UNAPPROVED)
        found[row.key] = Cited(
            key=row.key,
            standing=standing,
            blocked=not open_ and not row.allowed_reason,
            visible=bool(policy.can_read(actor, content)),
            product=product.public_id,
            version=version.number,
            snapshot=copy.number,
            file=files[row.file_id or 0],
            page=row.page,
            label=_place(text) if text is not None else f"hlm. {row.page}",
            title=copy.title,
            institution=short_name(institution),
            quote=row.quote,
            sha256=row.sha256,
            newer=max(approved or waiting, default=0),
            allowed_reason=row.allowed_reason,
        )
    return found


def _place(page: pages.PageText) -> str:
    """Return how the report, which is in Indonesian, names a page: "hlm. 3", "salindia 9", "lembar Rekap"."""
    return pages.page_phrase(page.kind, approximate=page.approximate) % {"label": page.label}


#: Takes from a rank whether the copy was passed by: a later snapshot is newer than an earlier one.
_RANK = 100_000_000


def _snapshots(session: Session, product_ids: set[int]) -> Mapping[int, list[tuple[Copy, Version]]]:
    found: dict[int, list[tuple[Copy, Version]]] = {product_id: [] for product_id in product_ids}
    for copy, version in session.execute(
        sa.select(Copy, Version)
        .join(Version, Version.id == Copy.version_id)
        .where(Version.product_id.in_(product_ids), Copy.outcome.in_(("approved", "pending")))
    ):
        found[version.product_id].append((copy, version))
    return found


def _of_reports(session: Session, actor: Actor, rows: Sequence[AnnualCitation]) -> dict[int, Cited]:
    if not rows:
        return {}
    newest = (
        sa.select(ReportCopy.report_id, sa.func.max(ReportCopy.number).label("number"))
        .where(ReportCopy.outcome == "approved")
        .group_by(ReportCopy.report_id)
        .subquery()
    )
    sources = {
        copy.id: (copy, report, institution, action, period, latest)
        for copy, report, institution, action, period, latest in session.execute(
            sa.select(ReportCopy, Report, Institution, Action, Period, newest.c.number)
            .join(Report, Report.id == ReportCopy.report_id)
            .join(Institution, Institution.id == Report.institution_id)
            .join(Action, Action.id == Report.action_id)
            .join(Period, Period.id == Report.period_id)
            .outerjoin(newest, newest.c.report_id == Report.id)
            .where(ReportCopy.id.in_({row.report_copy_id for row in rows}))
        )
    }
    found = {}
    for row in rows:
        copy, report, institution, action, period, latest = sources[row.report_copy_id or 0]
        content = policy.Content(copy.access, report.classification, report.institution_id, report.pokja_id)
        said = f"{copy.achievement}\n{copy.obstacles}\n{copy.follow_up}"
        standing = _standing(
            content,
            holds_words=holds(said, row.quote),
            superseded=latest is not None and latest > copy.number,
            waiting=report.state == State.SUBMITTED and copy.outcome != "pending",
        )
        open_ = standing not in (Standing.RESTRICTED, Standing.UNAPPROVED)
        found[row.key] = Cited(
            key=row.key,
            standing=standing,
            blocked=not open_ and not row.allowed_reason,
            visible=bool(policy.can_read(actor, content)),
            product=report.public_id,
            version=copy.number,
            snapshot=copy.number,
            file="",
            page=0,
            label=f"cuplikan {copy.number}",
            title=f"Laporan {action.code}, {period.name}",
            institution=short_name(institution),
            quote=row.quote,
            sha256="",
            newer=latest if latest is not None and latest > copy.number else 0,
            allowed_reason=row.allowed_reason,
        )
    return found


def _standing(content: policy.Content, *, holds_words: bool, superseded: bool, waiting: bool) -> Standing:
    if content.access != policy.Access.APPROVED:
        return Standing.UNAPPROVED
    if not policy.can_read(ANY_READER, content):
        return Standing.RESTRICTED
    if not holds_words:
        return Standing.GONE
    if superseded:
        return Standing.SUPERSEDED
    return Standing.PENDING if waiting else Standing.OK
