"""The two tables of the domain, and the three faces of each rule held against one another."""

from __future__ import annotations

import itertools
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from khub import policy
from khub.policy import SYSTEM, Access, Actor, Classification, Content, ContentColumns, Grant, Right, Role

if TYPE_CHECKING:
    from khub.db import Database

HOME, OTHER = 7, 12
POKJA, OTHER_POKJA = 1, 2

WORLD = [
    Content(access, classification, institution, pokja)
    for access, classification, institution, pokja in itertools.product(
        Access, Classification, (HOME, OTHER), (POKJA, OTHER_POKJA)
    )
]


def _actor(*grants: Grant, public: bool = False) -> Actor:
    return Actor(1 if grants else None, "x", grants, public_face=public)


ACTORS = {
    "nobody": _actor(),
    "public": _actor(public=True),
    "member": _actor(Grant(Role.MEMBER, HOME, POKJA)),
    "official of all pokja": _actor(Grant(Role.OFFICIAL, HOME, None)),
    "chair": _actor(Grant(Role.CHAIR, None, POKJA)),
    "secretariat": _actor(Grant(Role.SECRETARIAT)),
    "auditor": _actor(Grant(Role.AUDITOR)),
    "admin": _actor(Grant(Role.ADMIN)),
    "admin and member": _actor(Grant(Role.ADMIN), Grant(Role.MEMBER, OTHER, OTHER_POKJA)),
    "system": SYSTEM,
}

D, S, W, A = Access.DRAFT, Access.SUBMITTED, Access.WITHDRAWN, Access.APPROVED
OPEN, INTERNAL, RESTRICTED = Classification


def _expected(who: str, content: Content) -> bool:  # noqa: C901, PLR0911 - one case a role
    """The table of domain.md, written out once more, by hand."""
    own = content.institution_id == HOME
    within = content.pokja_id == POKJA
    if content.access == Access.FROZEN:
        return False
    shared = content.access == A and content.classification in (OPEN, INTERNAL)
    match who:
        case "nobody" | "admin":
            return False
        case "public":
            return content.access == A and content.classification == OPEN
        case "member":
            return (own and within) or shared
        case "official of all pokja":
            return own or shared
        case "chair":
            return (within and content.access in (S, A)) or shared
        case "secretariat":
            return content.access in (S, A)
        case "auditor":
            return content.access in (S, W, A)
        case "admin and member":
            return (content.institution_id == OTHER and content.pokja_id == OTHER_POKJA) or shared
        case "system":
            return True
    raise AssertionError(who)


@pytest.mark.parametrize("who", ACTORS)
def test_three_faces_agree_with_the_table(who: str, db: Database) -> None:
    actor = ACTORS[who]
    world = sa.Table(
        "world",
        sa.MetaData(),
        sa.Column("id", sa.Integer),
        *(sa.Column(name, sa.String) for name in ("access", "classification")),
        *(sa.Column(name, sa.Integer) for name in ("institution_id", "pokja_id")),
    )
    columns = ContentColumns(world.c.access, world.c.classification, world.c.institution_id, world.c.pokja_id)
    with db.write() as session:
        world.create(session.connection())
        session.execute(world.insert(), [{"id": n, **asdict(content)} for n, content in enumerate(WORLD)])
        by_sql = set(session.scalars(sa.select(world.c.id).where(policy.readable(actor, columns))))
    by_class = policy.readable_classes(actor, [w.access_class for w in WORLD])
    for number, content in enumerate(WORLD):
        expected = _expected(who, content)
        assert bool(policy.can_read(actor, content)) is expected, content
        assert (number in by_sql) is expected, content
        assert (content.access_class in by_class) is expected, content


def test_nobody_gets_the_empty_fold_not_everything() -> None:
    assert policy.readable_classes(ACTORS["nobody"], [w.access_class for w in WORLD]) == frozenset()
    columns = ContentColumns(sa.column("a"), sa.column("c"), sa.column("i"), sa.column("p"))
    assert policy.readable(ACTORS["nobody"], columns).compare(sa.false())


def test_nobody_decides_on_his_own() -> None:
    subject = policy.Subject(HOME, POKJA, submitted_by=1)
    assert not policy.can_review(_actor(Grant(Role.SECRETARIAT)), subject)
    own_unit = Actor(2, "y", (Grant(Role.SECRETARIAT, HOME),))
    assert not policy.can_review(own_unit, subject)
    assert policy.can_review(Actor(3, "z", (Grant(Role.SECRETARIAT, OTHER),)), subject)
    assert not policy.can_review(ACTORS["auditor"], policy.Subject(OTHER, POKJA))


def test_who_stands_in_for_a_unit() -> None:
    assert policy.can_stand_in(_actor(Grant(Role.SECRETARIAT)), HOME, POKJA)
    assert policy.can_stand_in(_actor(Grant(Role.CHAIR, None, POKJA)), HOME, POKJA)
    assert not policy.can_stand_in(_actor(Grant(Role.CHAIR, None, POKJA + 1)), HOME, POKJA)
    own = (Grant(Role.SECRETARIAT), Grant(Role.MEMBER, HOME, POKJA))
    assert not policy.can_stand_in(_actor(*own), HOME, POKJA)
    for who in ("member", "auditor", "admin", "public", "nobody"):
        assert not policy.can_stand_in(ACTORS[who], HOME, POKJA)


def test_coordination_is_kept_between_the_secretariat_and_the_ketua_concerned() -> None:
    column: sa.ColumnElement[int] = sa.column("p", sa.Integer)
    chair, secretariat = _actor(Grant(Role.CHAIR, None, POKJA)), _actor(Grant(Role.SECRETARIAT))
    assert policy.can_oversee(secretariat, None)
    assert policy.can_oversee(chair, POKJA)
    assert not policy.can_oversee(chair, None)
    assert not policy.can_oversee(chair, OTHER_POKJA)
    assert policy.oversees(secretariat, column).compare(sa.true())
    assert policy.oversees(chair, column).compare(column.in_([POKJA]))
    for who in ("member", "auditor", "admin", "public", "nobody"):
        assert not policy.can_oversee(ACTORS[who], POKJA)
        assert policy.oversees(ACTORS[who], column).compare(sa.false())


def test_contacts_are_known_to_their_own_and_to_those_who_coordinate() -> None:
    for who in ("secretariat", "chair", "member", "official of all pokja"):
        assert policy.can_know_contacts(ACTORS[who], {HOME, 99}), who
    assert not policy.can_know_contacts(ACTORS["member"], {OTHER})
    for who in ("auditor", "admin", "public", "nobody"):
        assert not policy.can_know_contacts(ACTORS[who], {HOME}), who


def test_a_named_official_submits_alone() -> None:
    subject = policy.Subject(HOME, POKJA, official_submits=True)
    assert not policy.can_submit(ACTORS["member"], subject)
    assert policy.can_submit(_actor(Grant(Role.OFFICIAL, HOME, POKJA)), subject)
    assert policy.can_edit(ACTORS["member"], subject)


@pytest.mark.parametrize(
    ("who", "rights"),
    [
        ("nobody", {Right.ANYONE}),
        ("public", {Right.ANYONE, Right.READER}),
        ("member", {Right.ANYONE, Right.READER, Right.SIGNED_IN, Right.UPLOAD, Right.REPORT}),
        (
            "secretariat",
            {
                Right.ANYONE,
                Right.READER,
                Right.SIGNED_IN,
                Right.REVIEW,
                Right.AUDIT,
                Right.PLAN,
                Right.COMPILE,
                Right.COORDINATE,
                Right.ANALYSE,
                Right.REPORT,
            },
        ),
        ("auditor", {Right.ANYONE, Right.READER, Right.SIGNED_IN, Right.AUDIT, Right.ANALYSE}),
        ("admin", {Right.ANYONE, Right.READER, Right.SIGNED_IN, Right.ADMIN, Right.AUDIT, Right.PLAN}),
    ],
)
def test_rooms(who: str, rights: set[Right]) -> None:
    assert {right for right in Right if policy.holds(ACTORS[who], right)} == rights


# --- the annual report --------------------------------------------------------------------------------

_PLAN = frozenset({HOME})
ANNUAL = {
    "draft": policy.Annual(_PLAN),
    "draft, masukan open": policy.Annual(_PLAN, input_open=True),
    "edition": policy.Annual(_PLAN, frozen=True),
    "edition, masukan open": policy.Annual(_PLAN, input_open=True, frozen=True),
    "restricted edition": policy.Annual(_PLAN, frozen=True, restricted=True),
}
_MEMBERS = {"member", "official of all pokja"}
_EVERYBODY = {*_MEMBERS, "chair", "secretariat", "auditor", "admin and member"}
#: Who reads what of an annual report; "admin and member" belongs to a K/L outside the plan.
READS_ANNUAL = {
    "draft": {"secretariat"},
    "draft, masukan open": {"secretariat", *_MEMBERS},
    "edition": _EVERYBODY,
    "edition, masukan open": _EVERYBODY,
    "restricted edition": {"secretariat", "auditor"},
}


@pytest.mark.parametrize("what", ANNUAL)
def test_the_annual_report_is_read_by_exactly_those_of_the_table(what: str) -> None:
    assert {who for who, actor in ACTORS.items() if policy.can_read_annual(actor, ANNUAL[what])} == (
        READS_ANNUAL[what]
    )


def test_masukan_comes_from_the_plans_units_while_it_is_asked_for() -> None:
    for what, subject in ANNUAL.items():
        given = {who for who, actor in ACTORS.items() if policy.can_comment_annual(actor, subject)}
        assert given == (_MEMBERS if what == "draft, masukan open" else set()), what
