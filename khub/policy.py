"""Who may do what: the only place that knows.

Each content rule has three faces that a test holds against one another on every role, relation,
state and classification: a point check (``can_read``), an SQL filter (``readable``) and access
classes for search (``readable_classes``). An empty fold is *nothing*: ``False``, ``sa.false()``,
``frozenset()``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from khub.errors import N_, ForbiddenError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Role(StrEnum):
    """What a membership lets somebody act as."""

    MEMBER = "member"
    OFFICIAL = "official"
    CHAIR = "chair"
    SECRETARIAT = "secretariat"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Access(StrEnum):
    """State group of a copy, as far as reading it goes."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    APPROVED = "approved"
    FROZEN = ""


class Classification(StrEnum):
    """How far an approved keluaran travels."""

    OPEN = "terbuka"
    INTERNAL = "internal"
    RESTRICTED = "terbatas"


@dataclass(frozen=True, slots=True)
class Grant:
    """One membership in force today."""

    role: Role
    institution_id: int | None = None
    pokja_id: int | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. Immutable; read from the database for every request, so a changed right counts at once.

    ``simulated`` marks acts whose recorded time is not the true one (demo, import of old records).
    """

    person_id: int | None
    name: str
    grants: tuple[Grant, ...] = ()
    public_face: bool = False
    system: bool = False
    simulated: bool = False

    def has(self, *roles: Role) -> bool:
        """Tell whether any grant is of one of ``roles``."""
        return any(grant.role in roles for grant in self.grants)

    @property
    def signed_in(self) -> bool:
        """Tell whether this is a person with an account."""
        return self.person_id is not None

    @property
    def institutions(self) -> frozenset[int]:
        """Ids of the K/L this person belongs to in any role."""
        return frozenset(g.institution_id for g in self.grants if g.institution_id is not None)


SYSTEM = Actor(None, "khub", system=True)


def anonymous(*, public_face: bool) -> Actor:
    """Return the actor of a request without a session."""
    return Actor(None, "", public_face=public_face)


@dataclass(frozen=True, slots=True)
class Content:
    """The facts about a copy that decide who reads it; ids are database ids."""

    access: str
    classification: str
    institution_id: int
    pokja_id: int

    @property
    def access_class(self) -> str:
        """Return the class name under which search knows such content."""
        return f"{self.access}:{self.classification}:{self.institution_id}:{self.pokja_id}"

    @classmethod
    def of_class(cls, name: str) -> Content:
        """Return the facts that a class name stands for."""
        access, classification, institution, pokja = name.split(":")
        return cls(access, classification, int(institution), int(pokja))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Yes or no, with the rule that said so."""

    allowed: bool
    why: str

    def __bool__(self) -> bool:
        return self.allowed


_MEMBER_ROLES = (Role.MEMBER, Role.OFFICIAL)
_CONTENT_ROLES = (Role.MEMBER, Role.OFFICIAL, Role.CHAIR, Role.SECRETARIAT, Role.AUDITOR)
_ALL = frozenset({Access.DRAFT, Access.SUBMITTED, Access.WITHDRAWN, Access.APPROVED})
_HANDED_IN = frozenset({Access.SUBMITTED, Access.APPROVED})
_EVERY_SNAPSHOT = frozenset({Access.SUBMITTED, Access.WITHDRAWN, Access.APPROVED})


@dataclass(frozen=True, slots=True)
class _Rule:
    """Content with these values is readable; ``None`` means any. All three faces fold over these."""

    why: str
    access: frozenset[Access]
    classifications: frozenset[Classification] | None = None
    institution_id: int | None = None
    pokja_id: int | None = None

    def covers(self, content: Content) -> bool:
        return (
            content.access in self.access
            and (self.classifications is None or content.classification in self.classifications)
            and (self.institution_id is None or content.institution_id == self.institution_id)
            and (self.pokja_id is None or content.pokja_id == self.pokja_id)
        )

    def clause(self, columns: ContentColumns) -> sa.ColumnElement[bool]:
        parts: list[sa.ColumnElement[bool]] = [columns.access.in_(sorted(self.access))]
        if self.classifications is not None:
            parts.append(columns.classification.in_(sorted(self.classifications)))
        if self.institution_id is not None:
            parts.append(columns.institution_id == self.institution_id)
        if self.pokja_id is not None:
            parts.append(columns.pokja_id == self.pokja_id)
        return sa.and_(*parts)


@dataclass(frozen=True, slots=True)
class ContentColumns:
    """The SQL columns that hold the facts of ``Content``."""

    access: sa.ColumnElement[str] | sa.orm.InstrumentedAttribute[str]
    classification: sa.ColumnElement[str] | sa.orm.InstrumentedAttribute[str]
    institution_id: sa.ColumnElement[int] | sa.orm.InstrumentedAttribute[int]
    pokja_id: sa.ColumnElement[int] | sa.orm.InstrumentedAttribute[int]


def _rules(actor: Actor) -> Iterable[_Rule]:
    if actor.system:
        yield _Rule("system", _ALL)
        return
    for grant in actor.grants:
        if grant.role in _MEMBER_ROLES and grant.institution_id is not None:
            yield _Rule("owner", _ALL, None, grant.institution_id, grant.pokja_id)
        elif grant.role is Role.CHAIR and grant.pokja_id is not None:
            yield _Rule("chair", _HANDED_IN, None, None, grant.pokja_id)
        elif grant.role is Role.SECRETARIAT:
            yield _Rule("secretariat", _HANDED_IN)
        elif grant.role is Role.AUDITOR:
            yield _Rule("auditor", _EVERY_SNAPSHOT)
    if actor.has(*_CONTENT_ROLES):
        yield _Rule(
            "approved",
            frozenset({Access.APPROVED}),
            frozenset({Classification.OPEN, Classification.INTERNAL}),
        )
    if actor.public_face:
        yield _Rule("public", frozenset({Access.APPROVED}), frozenset({Classification.OPEN}))


def can_read(actor: Actor, content: Content) -> Verdict:
    """Return whether ``actor`` may read ``content``, and by which rule."""
    for rule in _rules(actor):
        if rule.covers(content):
            return Verdict(allowed=True, why=rule.why)
    return Verdict(allowed=False, why="no-rule")


def readable(actor: Actor, columns: ContentColumns) -> sa.ColumnElement[bool]:
    """Return the SQL condition for content that ``actor`` may read."""
    clauses = [rule.clause(columns) for rule in _rules(actor)]
    return sa.or_(*clauses) if clauses else sa.false()


def readable_classes(actor: Actor, classes: Iterable[str]) -> frozenset[str]:
    """Return those of ``classes`` (see ``Content.access_class``) that ``actor`` may read."""
    return _covered(tuple(_rules(actor)), tuple(classes))


@lru_cache(maxsize=256)
def _covered(rules: tuple[_Rule, ...], classes: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name for name in classes if any(rule.covers(Content.of_class(name)) for rule in rules))


def reads_content(actor: Actor) -> bool:
    """Tell whether ``actor`` reads what people wrote at all; being admin alone does not."""
    return actor.system or actor.has(*_CONTENT_ROLES)


def oversees(
    actor: Actor, pokja_id: sa.ColumnElement[int] | sa.orm.InstrumentedAttribute[Any]
) -> sa.ColumnElement[bool]:
    """Return the SQL condition for what is in the Sekretariat's view, and a ketua's; of drafts not the content."""
    if actor.has(Role.SECRETARIAT):
        return sa.true()
    chaired = sorted({g.pokja_id for g in actor.grants if g.role is Role.CHAIR and g.pokja_id is not None})
    return pokja_id.in_(chaired) if chaired else sa.false()


# --- acts on a keluaran -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Subject:
    """What an act on a version needs to know of it; ids are database ids."""

    institution_id: int
    pokja_id: int
    submitted_by: int | None = None
    official_submits: bool = False


def is_owner(actor: Actor, institution_id: int, pokja_id: int) -> bool:
    """Tell whether ``actor`` belongs to the owning K/L within the pokja."""
    return any(
        grant.role in _MEMBER_ROLES
        and grant.institution_id == institution_id
        and grant.pokja_id in (None, pokja_id)
        for grant in actor.grants
    )


def can_edit(actor: Actor, subject: Subject) -> Verdict:
    """Return whether ``actor`` may change, split, join or throw away a working copy."""
    if is_owner(actor, subject.institution_id, subject.pokja_id):
        return Verdict(allowed=True, why="owner")
    return Verdict(allowed=False, why=N_("Hanya anggota K/L pemilik yang dapat mengubah keluaran ini."))


def can_submit(actor: Actor, subject: Subject) -> Verdict:
    """Return whether ``actor`` may press Ajukan or Tarik kembali."""
    if not can_edit(actor, subject):
        return Verdict(allowed=False, why=N_("Hanya anggota K/L pemilik yang dapat mengajukan keluaran ini."))
    if subject.official_submits and not any(
        g.role is Role.OFFICIAL and g.institution_id == subject.institution_id for g in actor.grants
    ):
        return Verdict(allowed=False, why=N_("K/L ini menunjuk pejabat yang mengajukan atas namanya."))
    return Verdict(allowed=True, why="owner")


def can_review(actor: Actor, subject: Subject) -> Verdict:
    """Return whether ``actor`` may open for review and decide."""
    if not actor.has(Role.SECRETARIAT):
        return Verdict(allowed=False, why=N_("Peninjauan dilakukan oleh Sekretariat."))
    if subject.submitted_by is not None and subject.submitted_by == actor.person_id:
        return Verdict(allowed=False, why=N_("Anda yang mengajukannya; orang lain yang memutuskan."))
    if subject.institution_id in actor.institutions:
        return Verdict(allowed=False, why=N_("Ini dari unit Anda sendiri; orang lain yang memutuskan."))
    return Verdict(allowed=True, why="secretariat")


def can_classify(actor: Actor, subject: Subject) -> Verdict:
    """Return whether ``actor`` may change the classification of a keluaran."""
    if actor.has(Role.SECRETARIAT) or is_owner(actor, subject.institution_id, subject.pokja_id):
        return Verdict(allowed=True, why="owner-or-secretariat")
    return Verdict(allowed=False, why=N_("Klasifikasi diubah oleh K/L pemilik atau Sekretariat."))


def can_stand_in(actor: Actor, institution_id: int, pokja_id: int) -> Verdict:
    """Return whether ``actor`` may enter something *atas nama* a K/L, with a letter it then confirms.

    That is for the Sekretariat and the ketua of the pokja; the K/L itself answers in its own name.
    """
    if is_owner(actor, institution_id, pokja_id):
        return Verdict(allowed=False, why=N_("K/L Anda sendiri menjawab atas namanya sendiri."))
    if actor.has(Role.SECRETARIAT):
        return Verdict(allowed=True, why="secretariat")
    if any(grant.role is Role.CHAIR and grant.pokja_id == pokja_id for grant in actor.grants):
        return Verdict(allowed=True, why="chair")
    return Verdict(
        allowed=False, why=N_("Atas nama K/L hanya Sekretariat atau ketua pokja yang dapat mengisi.")
    )


def can_fill(actor: Actor, subject: Subject) -> Verdict:
    """Return whether ``actor`` may write a report row of this K/L in its own name."""
    if is_owner(actor, subject.institution_id, subject.pokja_id):
        return Verdict(allowed=True, why="owner")
    return Verdict(
        allowed=False, why=N_("Laporan ini diisi oleh anggota K/L penanggung jawab dalam pokjanya.")
    )


def can_report(actor: Actor, subject: Subject) -> Verdict:
    """Return whether ``actor`` may hand a report row in, take it back, or confirm one entered for the K/L."""
    if not can_fill(actor, subject):
        return can_fill(actor, subject)
    return can_submit(actor, subject)


@dataclass(frozen=True, slots=True)
class Annual:
    """An annual report: K/L of its plan (database ids), whether they may comment now.

    ``frozen``: an edition, not the draft; ``restricted``: it quotes what not every reader may read.
    """

    institutions: frozenset[int] = frozenset()
    input_open: bool = False
    frozen: bool = False
    restricted: bool = False


def can_read_annual(actor: Actor, subject: Annual) -> Verdict:
    """Return whether ``actor`` may read the draft of an annual report, or one of its editions."""
    if actor.has(Role.SECRETARIAT) or (subject.frozen and actor.has(Role.AUDITOR)):
        return Verdict(allowed=True, why="secretariat-or-auditor")
    if subject.frozen:
        return Verdict(allowed=not subject.restricted and actor.has(*_CONTENT_ROLES), why="edition")
    return can_comment_annual(actor, subject)


def can_comment_annual(actor: Actor, subject: Annual) -> Verdict:
    """Return whether ``actor`` may give masukan: members of the plan's K/L, while it is asked for."""
    mine = {grant.institution_id for grant in actor.grants if grant.role in _MEMBER_ROLES}
    asked = subject.input_open and not subject.frozen
    return Verdict(allowed=asked and bool(mine & subject.institutions), why="masukan")


# --- coordination with K/L ----------------------------------------------------------------------


def can_oversee(actor: Actor, pokja_id: int | None) -> Verdict:
    """Return whether ``actor`` may write what ``oversees`` lets him read; None: the Sekretariat's own."""
    if actor.has(Role.SECRETARIAT):
        return Verdict(allowed=True, why="secretariat")
    if pokja_id is not None and any(g.role is Role.CHAIR and g.pokja_id == pokja_id for g in actor.grants):
        return Verdict(allowed=True, why="chair")
    return Verdict(allowed=False, why=N_("Ini untuk Sekretariat dan ketua pokja yang bersangkutan."))


def can_know_contacts(actor: Actor, institution_ids: Iterable[int]) -> Verdict:
    """Return whether ``actor`` may read and keep the contacts of a K/L (with the ids of its former names)."""
    if actor.has(Role.SECRETARIAT, Role.CHAIR):
        return Verdict(allowed=True, why="coordinates")
    mine = {g.institution_id for g in actor.grants if g.role in _MEMBER_ROLES}
    if mine & set(institution_ids):
        return Verdict(allowed=True, why="own")
    return Verdict(allowed=False, why=N_("Kontak K/L lain hanya untuk Sekretariat dan ketua pokja."))


# --- whole rooms --------------------------------------------------------------------------------


class Right(StrEnum):
    """What a route asks of the person, before any object is looked at."""

    ANYONE = "anyone"
    SIGNED_IN = "signed-in"
    READER = "reader"
    UPLOAD = "upload"
    REVIEW = "review"
    AUDIT = "audit"
    ADMIN = "admin"
    PLAN = "plan"
    COMPILE = "compile"
    COORDINATE = "coordinate"
    REPORT = "report"
    ANALYSE = "analyse"


_RIGHTS: dict[Right, Callable[[Actor], bool]] = {
    Right.ANYONE: lambda _: True,
    Right.SIGNED_IN: lambda a: a.signed_in,
    Right.READER: lambda a: a.signed_in or a.public_face,
    Right.UPLOAD: lambda a: a.has(*_MEMBER_ROLES),
    Right.REVIEW: lambda a: a.has(Role.SECRETARIAT),
    Right.AUDIT: lambda a: a.has(Role.AUDITOR, Role.SECRETARIAT, Role.ADMIN),
    Right.ADMIN: lambda a: a.has(Role.ADMIN),
    Right.PLAN: lambda a: a.has(Role.ADMIN, Role.SECRETARIAT),
    Right.COMPILE: lambda a: a.has(Role.SECRETARIAT),
    Right.COORDINATE: lambda a: a.has(Role.SECRETARIAT, Role.CHAIR),
    Right.REPORT: lambda a: a.has(*_MEMBER_ROLES, Role.SECRETARIAT, Role.CHAIR),
    Right.ANALYSE: lambda a: a.has(Role.SECRETARIAT, Role.CHAIR, Role.AUDITOR),
}


def holds(actor: Actor, right: Right) -> bool:
    """Tell whether ``actor`` holds ``right``."""
    return _RIGHTS[right](actor)


def demand(verdict: Verdict, *, visible: bool = True) -> None:
    """Raise unless ``verdict`` allows: 404 where the thing is not visible, else 403 with the reason."""
    if verdict:
        return
    if not visible:
        raise NotFoundError
    raise ForbiddenError(verdict.why)
