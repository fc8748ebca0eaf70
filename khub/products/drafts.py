"""Reading for the upload page: the drafts of one visit, their check cards, look-alikes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.errors import NotFoundError
from khub.plan.models import Action, ActionInstitution, ExpectedOutput, Institution, Period, Plan, Pokja
from khub.products import copies, lifecycle, places
from khub.products.models import WORKING, Copy, CopyFile, File, Kind, Product, Version
from khub.products.queries import ActionRef, FileShown, actions_of, file_shown, readable_copies, short_name

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.policy import Actor

_LOOKALIKES = 3


@dataclass(frozen=True, slots=True)
class Lookalike:
    """A keluaran the reader may see that holds the same bytes or bears the same title."""

    public_id: str
    title: str
    version: int
    state: str
    same_bytes: bool
    mine: bool


@dataclass(frozen=True, slots=True)
class Card:
    """The check card of one draft."""

    public_id: str
    revision: int
    saved_at: datetime
    state: str
    version: int
    title: str
    title_typed: bool
    kind: str
    language: str
    period: str
    period_name: str
    actions: tuple[ActionRef, ...]
    classification: str
    needs_reason: bool
    personal_data: str
    personal: tuple[tuple[str, dict[str, object]], ...]
    owner: str
    owner_name: str
    files: tuple[FileShown, ...]
    lookalikes: tuple[Lookalike, ...]
    note: str
    fresh: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a select."""

    value: str
    label: str
    label_en: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the check card can be changed to."""

    kinds: tuple[Choice, ...]
    periods: tuple[Choice, ...]
    actions: tuple[Choice, ...]
    other_actions: tuple[Choice, ...]
    owners: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Context:
    """The action, period and expected output that an upload was started from."""

    action: ActionRef | None
    period: str
    period_name: str
    output: str
    output_name: str


def batch_cards(session: Session, actor: Actor, batch: str) -> list[Card]:
    """Return the check cards of the open drafts that ``actor`` made under ``batch``."""
    return _cards(
        session,
        actor,
        sa.and_(Product.batch == batch, Product.created_by == actor.person_id),
    )


def product_card(session: Session, actor: Actor, public_id: str) -> Card:
    """Return the check card of one keluaran's working copy; 404 where there is none to edit."""
    cards = _cards(session, actor, Product.public_id == public_id)
    if not cards:
        raise NotFoundError
    return cards[0]


def _cards(session: Session, actor: Actor, condition: sa.ColumnElement[bool]) -> list[Card]:
    found = session.execute(
        readable_copies(actor)
        .where(condition, Copy.number == WORKING, Version.state.in_(lifecycle.EDITABLE))
        .order_by(Product.id, Version.number)
    ).all()
    return [
        _card(session, actor, copy, version, product)
        for copy, version, product in found
        if policy.is_owner(actor, product.institution_id, product.pokja_id)
    ]


def _card(session: Session, actor: Actor, copy: Copy, version: Version, product: Product) -> Card:
    files = copies.files_of(session, copy.id)
    period = session.get(Period, copy.period_id) if copy.period_id is not None else None
    plan = session.get(Plan, period.plan_id) if period is not None else None
    owner = places.Owner(product.institution_id, product.pokja_id)
    latest = session.scalar(
        sa.select(Copy)
        .where(Copy.version_id == version.id, Copy.number != WORKING)
        .order_by(Copy.number.desc())
        .limit(1)
    )
    return Card(
        public_id=product.public_id,
        revision=copy.revision,
        saved_at=copy.saved_at,
        state=version.state,
        version=version.number,
        title=copy.title,
        title_typed=copy.title_typed,
        kind=copy.kind,
        language=copy.language,
        period=f"{plan.code}/{period.code}" if plan is not None and period is not None else "",
        period_name=period.name if period is not None else "",
        actions=actions_of(session, [copy.id]).get(copy.id, ()),
        classification=product.classification,
        needs_reason=latest is not None or version.number > 1,
        personal_data=copy.personal_data,
        personal=tuple((file.public_id, finding) for file in files for finding in file.personal),
        owner=owner.key,
        owner_name=_owner_name(session, owner),
        files=tuple(file_shown(file) for file in files),
        lookalikes=lookalikes(session, actor, copy, product, files),
        note=latest.note if latest is not None and version.state == lifecycle.State.RETURNED else "",
        fresh=version.number == 1 and latest is None,
    )


def lookalikes(
    session: Session, actor: Actor, copy: Copy, product: Product, files: list[File]
) -> tuple[Lookalike, ...]:
    """Return other keluaran with the same bytes or title, only among what ``actor`` may read.

    A warning must not tell of hidden documents.
    """
    same_bytes = sa.exists(
        sa.select(CopyFile.copy_id)
        .join(File, File.id == CopyFile.file_id)
        .where(CopyFile.copy_id == Copy.id, File.sha256.in_([file.sha256 for file in files]))
        .correlate(Copy)
    )
    same_title = sa.func.lower(Copy.title) == copy.title.lower()
    found = session.execute(
        readable_copies(actor)
        .add_columns(same_bytes.label("same"))
        .where(Product.id != product.id, sa.or_(same_bytes, same_title))
        .order_by(Version.number.desc(), Copy.number.desc())
        .limit(50)
    ).all()
    best: dict[int, Lookalike] = {}
    for other, version, its_product, same in sorted(
        found, key=lambda row: copies.rank_of(row[0], row[1]), reverse=True
    ):
        best.setdefault(
            its_product.id,
            Lookalike(
                public_id=its_product.public_id,
                title=other.title,
                version=version.number,
                state=copies.status_of(other, version),
                same_bytes=bool(same),
                mine=policy.is_owner(actor, its_product.institution_id, its_product.pokja_id),
            ),
        )
    return tuple(best.values())[:_LOOKALIKES]


def choices(session: Session, actor: Actor) -> Choices:
    """Return the options of the check card: own actions first."""
    possible = places.owners(session, actor)
    mine = {owner.institution_id for owner in possible}
    tied = set(
        session.scalars(
            sa.select(ActionInstitution.action_id).where(ActionInstitution.institution_id.in_(mine))
        )
    )
    own: list[Choice] = []
    other: list[Choice] = []
    for plan, action in session.execute(
        sa.select(Plan.code, Action).join(Plan, Plan.id == Action.plan_id).order_by(Plan.code, Action.code)
    ):
        option = Choice(f"{plan}/{action.code}", f"{action.code} {action.title}")
        (own if action.id in tied else other).append(option)
    return Choices(
        kinds=tuple(
            Choice(kind.code, kind.name, kind.name_en)
            for kind in session.scalars(sa.select(Kind).order_by(Kind.position))
        ),
        periods=tuple(
            Choice(f"{plan}/{period.code}", period.name)
            for plan, period in session.execute(
                sa.select(Plan.code, Period)
                .join(Plan, Plan.id == Period.plan_id)
                .where(Period.state != "planned")
                .order_by(Period.ends.desc(), Period.starts)
            )
        ),
        actions=tuple(own),
        other_actions=tuple(other),
        owners=tuple(Choice(owner.key, _owner_name(session, owner)) for owner in possible),
    )


def context(session: Session, actor: Actor, action: str, period: str, output: str) -> Context:
    """Return where an upload is to land; unknown keys are refused, an unknown output is dropped."""
    del actor
    actions = places.find_actions(session, [action] if action else [])
    chosen = places.find_period(session, period)
    expected: ExpectedOutput | None = None
    if actions and output.isascii() and output.isdigit() and int(output) < 1 << 31:
        expected = session.scalar(
            sa.select(ExpectedOutput).where(
                ExpectedOutput.id == int(output), ExpectedOutput.action_id == actions[0].id
            )
        )
    plan = session.get(Plan, actions[0].plan_id) if actions else None
    return Context(
        action=ActionRef(action, plan.code, actions[0].code, actions[0].title) if plan is not None else None,
        period=period,
        period_name=chosen.name if chosen is not None else "",
        output=str(expected.id) if expected is not None else "",
        output_name=expected.name if expected is not None else "",
    )


def _owner_name(session: Session, owner: places.Owner) -> str:
    institution = session.get_one(Institution, owner.institution_id)
    return f"{short_name(institution)}, {session.get_one(Pokja, owner.pokja_id).name}"
