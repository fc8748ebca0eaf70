"""What services share when they touch a version's copies: load, freeze, thaw, say it changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.errors import NotFoundError
from khub.plan.models import Institution
from khub.products import lifecycle
from khub.products.models import WORKING, Copy, CopyAction, CopyFile, File, Product, Version

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.policy import Actor


_IN_FORCE = 100_000_000
_PER_VERSION = 10_000
_OUTCOMES = {
    "pending": lifecycle.State.SUBMITTED,
    "returned": lifecycle.State.RETURNED,
    "withdrawn": "withdrawn",
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A version with what an act on it needs."""

    product: Product
    version: Version
    working: Copy
    latest: Copy | None
    subject: policy.Subject

    @property
    def readable_access(self) -> str:
        """Return the access group of the copy that stands for the version now."""
        if self.working.access or self.latest is None:
            return self.working.access
        return self.latest.access


def load(session: Session, actor: Actor, public_id: str, number: int | None = None) -> Loaded:
    """Return version ``number`` (default: the newest) of a keluaran, locked for change.

    Raises ``NotFoundError`` when it is not there or ``actor`` may read no copy of the keluaran; of
    which version makes no difference, so that an answer never tells whether a next draft exists.
    """
    product = session.scalar(
        sa.select(Product)
        .where(Product.public_id == public_id, Product.discarded_at.is_(None))
        .with_for_update()
    )
    if product is None:
        raise NotFoundError
    versions = sa.select(Version).where(Version.product_id == product.id).order_by(Version.number.desc())
    if number is not None:
        versions = versions.where(Version.number == number)
    version = session.scalar(versions.limit(1))
    if version is None:
        raise NotFoundError
    every = session.scalars(
        sa.select(Copy)
        .join(Version, Version.id == Copy.version_id)
        .where(Version.product_id == product.id)
        .order_by(Copy.number)
    ).all()
    if not any(policy.can_read(actor, content_of(product, copy)) for copy in every):
        raise NotFoundError
    working, *snapshots = (copy for copy in every if copy.version_id == version.id)
    latest = snapshots[-1] if snapshots else None
    institution = session.get_one(Institution, product.institution_id)
    subject = policy.Subject(
        institution_id=product.institution_id,
        pokja_id=product.pokja_id,
        submitted_by=latest.submitted_by if latest else None,
        official_submits=institution.official_submits,
    )
    return Loaded(product, version, working, latest, subject)


def content_of(product: Product, copy: Copy) -> policy.Content:
    """Return the policy's facts about a copy."""
    return policy.Content(copy.access, product.classification, product.institution_id, product.pokja_id)


def status_of(copy: Copy, version: Version) -> str:
    """Return what a copy counts as: a version state, or "withdrawn" for a snapshot that was taken back."""
    return status(copy.number, copy.outcome, version.state)


def status(number: int, outcome: str, state: str) -> str:
    """Return what a copy counts as by its number and outcome and the state of its version."""
    if number == WORKING:
        return state
    if outcome == "approved":
        return lifecycle.State.LOCKED if state == lifecycle.State.LOCKED else lifecycle.State.APPROVED
    return _OUTCOMES[outcome]


def rank_of(copy: Copy, version: Version) -> int:
    """Return a copy's rank within its keluaran: readers see the highest that they may read.

    A copy in force or under way outranks every snapshot that was returned or withdrawn.
    """
    place = version.number * _PER_VERSION + (copy.number or _PER_VERSION - 1)
    passed = copy.number != WORKING and copy.outcome in ("returned", "withdrawn")
    return place if passed else _IN_FORCE + place


def new_version(
    session: Session,
    product: Product,
    person_id: int,
    at: datetime,
    *,
    number: int,
    like: Copy | None,
    **facts: object,
) -> tuple[Version, Copy]:
    """Add a draft version with its working copy; ``like`` lends metadata and action links, not files."""
    version = Version(
        product_id=product.id,
        number=number,
        state=lifecycle.State.DRAFT,
        created_by=person_id,
        created_at=at,
    )
    session.add(version)
    session.flush()
    if like is not None:
        facts = {
            "title": like.title,
            "title_typed": True,
            "kind": like.kind,
            "language": like.language,
            "period_id": like.period_id,
            **facts,
        }
    working = Copy(version_id=version.id, number=WORKING, access=policy.Access.DRAFT, saved_at=at, **facts)
    session.add(working)
    session.flush()
    if like is not None:
        _copy_links(session, like.id, working.id)
    return version, working


def freeze(session: Session, loaded: Loaded, at: datetime, person_id: int, receipt_id: int) -> Copy:
    """Take the next numbered snapshot of the working copy and return it."""
    working = loaded.working
    snapshot = Copy(
        version_id=loaded.version.id,
        number=(loaded.latest.number if loaded.latest else 0) + 1,
        access=policy.Access.FROZEN,
        title=working.title,
        title_typed=working.title_typed,
        kind=working.kind,
        language=working.language,
        language_chosen=working.language_chosen,
        period_id=working.period_id,
        personal_data=working.personal_data,
        revision=working.revision,
        saved_at=at,
        submitted_at=at,
        submitted_by=person_id,
        receipt_id=receipt_id,
        outcome="pending",
    )
    session.add(snapshot)
    session.flush()
    _copy_links(session, working.id, snapshot.id)
    for file_id, position in session.execute(
        sa.select(CopyFile.file_id, CopyFile.position).where(CopyFile.copy_id == working.id)
    ).all():
        session.add(CopyFile(copy_id=snapshot.id, file_id=file_id, position=position))
    session.flush()
    return snapshot


def move(loaded: Loaded, act: lifecycle.Act, snapshot: Copy) -> None:
    """Carry out a transition and give both copies the access groups it names."""
    step = lifecycle.move(loaded.version, act)
    loaded.working.access = step.working
    snapshot.access = step.snapshot
    snapshot.outcome = step.outcome


def files_of(session: Session, copy_id: int) -> list[File]:
    """Return the files of a copy in order."""
    return list(
        session.scalars(
            sa.select(File)
            .join(CopyFile, CopyFile.file_id == File.id)
            .where(CopyFile.copy_id == copy_id)
            .order_by(CopyFile.position, File.id)
        )
    )


def add_file(session: Session, copy_id: int, file_id: int) -> None:
    """Put a file at the end of a copy."""
    last = session.scalar(sa.select(sa.func.max(CopyFile.position)).where(CopyFile.copy_id == copy_id))
    session.add(CopyFile(copy_id=copy_id, file_id=file_id, position=(last or 0) + 1))
    session.flush()


def _copy_links(session: Session, source: int, target: int) -> None:
    for link in session.scalars(sa.select(CopyAction).where(CopyAction.copy_id == source)).all():
        session.add(
            CopyAction(
                copy_id=target, action_id=link.action_id, output_id=link.output_id, position=link.position
            )
        )
    session.flush()
