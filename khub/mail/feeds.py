"""What a person subscribes to by a secret address, made with his rights of that moment.

Deadlines come as iCalendar (RFC 5545), approved keluaran as Atom (RFC 4287).
Whoever has the address reads the feed, and feed readers keep what they read elsewhere: so the title of
a *terbatas* keluaran is not in it, only that there is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, tostring

import sqlalchemy as sa

from khub.accounts import sessions
from khub.accounts.models import Person
from khub.clock import WIB
from khub.cycle import ledger as ledgers
from khub.errors import N_, NotFoundError
from khub.mail import links
from khub.mail.models import FeedSecret
from khub.plan.models import Extension, Institution, Period, PeriodStep, Plan, Pokja
from khub.plan.terms import RUNNING, PeriodState
from khub.policy import Access, Classification, Role
from khub.products.models import WORKING, Copy
from khub.products.queries import head_condition, readable_copies
from khub.tongue import Tongue

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from khub.cycle.facts import PeriodFacts, Row
    from khub.cycle.ledger import Ledger
    from khub.policy import Actor
    from khub.settings import Settings

_SHOWN = 50
#: So long past deadlines stay in the calendar.
_KEPT = timedelta(days=370)
_STAMP = "%Y%m%dT%H%M%SZ"
_FOLD = 75
_MOST_WORDS = 500
_ATOM = "http://www.w3.org/2005/Atom"
_MEMBERS = (Role.MEMBER, Role.OFFICIAL)


class FeedKind(StrEnum):
    """What there is to subscribe to."""

    DEADLINES = "deadlines"
    PRODUCTS = "products"


#: Kind → (label, end of the address, media type).
KINDS: dict[str, tuple[str, str, str]] = {
    FeedKind.DEADLINES: (N_("Kalender tenggat (iCal)"), "tenggat.ics", "text/calendar; charset=utf-8"),
    FeedKind.PRODUCTS: (N_("Keluaran yang disetujui (Atom)"), "keluaran.atom", "application/atom+xml"),
}


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who a secret address belongs to, with the rights of now."""

    actor: Actor
    tongue: Tongue


def subscriber(session: Session, token: str, kind: FeedKind, now: datetime, settings: Settings) -> Subscriber:
    """Return whose address it is; ``NotFoundError`` for one that is unknown, revoked, or of a closed account."""
    found = session.execute(
        sa.select(FeedSecret.person_id, Person.language)
        .join(Person, Person.id == FeedSecret.person_id)
        .where(
            FeedSecret.token_hash == sessions.digest(token),
            FeedSecret.kind == kind,
            FeedSecret.revoked_at.is_(None),
        )
    ).one_or_none()
    actor = sessions.rights_of(session, found.person_id, now) if found is not None else None
    if found is None or actor is None:
        raise NotFoundError
    return Subscriber(actor, Tongue(found.language or settings.language))


# -- deadlines -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Event:
    """A deadline in the calendar. ``sequence`` rises with each extension that may have moved it."""

    uid: str
    at: datetime
    summary: str
    description: str
    path: str
    sequence: int
    changed_at: datetime


def calendar_of(session: Session, who: Subscriber, settings: Settings, now: datetime) -> bytes:
    """Return the calendar: a deadline a period and own K/L, and one for each row with a later one."""
    events = [
        event
        for plan_id in session.scalars(sa.select(Plan.id).order_by(Plan.id))
        for event in _events(session, who, plan_id, now)
    ]
    name = who.tongue.gettext("Tenggat %(site)s", site=settings.site_name)
    return _ics(name, events, settings)


def _events(session: Session, who: Subscriber, plan_id: int, now: datetime) -> Iterable[Event]:
    states = (*RUNNING, PeriodState.CLOSED)
    ids = session.scalars(
        sa.select(Period.id)
        .where(Period.plan_id == plan_id, Period.state.in_(states), Period.deadline > now - _KEPT)
        .order_by(Period.deadline, Period.id)
    ).all()
    if not ids:
        return
    plan = session.get_one(Plan, plan_id).code
    ledger = ledgers.read(session, plan_id, now, period_ids=ids)
    own = {
        ledger.head(grant.institution_id)
        for grant in who.actor.grants
        if grant.role in _MEMBERS and grant.institution_id is not None
    }
    extensions = session.scalars(
        sa.select(Extension).where(Extension.period_id.in_(ids)).order_by(Extension.recorded_at, Extension.id)
    ).all()
    opened: dict[int, datetime] = {
        row[0]: row[1]
        for row in session.execute(
            sa.select(PeriodStep.period_id, sa.func.min(PeriodStep.at, type_=PeriodStep.at.type))
            .where(PeriodStep.period_id.in_(ids))
            .group_by(PeriodStep.period_id)
        )
    }
    for period_id in ids:
        period = ledger.period(period_id)
        book = _Book(
            who.tongue, plan, period, ledger, extensions, opened.get(period_id, _midnight(period.starts))
        )
        if own:
            yield from book.of_units(own)
        else:
            yield book.of_everybody()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), tzinfo=WIB)


@dataclass(frozen=True, slots=True)
class _Book:
    """One period's deadlines."""

    tongue: Tongue
    plan: str
    period: PeriodFacts
    ledger: Ledger
    extensions: Sequence[Extension]
    opened_at: datetime

    def of_everybody(self) -> Event:
        """Return the deadline for who belongs to no K/L: the one that holds for all."""
        granted = [each for each in self._granted(None) if each.action_id is None]
        deadline = max((self.period.deadline, *(each.deadline for each in granted[-1:])))
        return self._event("", deadline, self.period.name, "", granted)

    def of_units(self, units: set[int]) -> Iterable[Event]:
        """Return the deadline of each K/L, and one for each of its rows that has a later one."""
        rows: dict[int, list[Row]] = {}
        for row in self.ledger.rows(self.period.id):
            if row.unit.id in units and row.asks:
                rows.setdefault(row.unit.id, []).append(row)
        for unit_id, own in sorted(rows.items()):
            unit, granted = own[0].unit, self._granted(unit_id)
            deadline = min(row.deadline for row in own)
            name = f"{self.period.name} · {unit.short}"
            codes = ", ".join(row.action.code for row in own if row.deadline == deadline)
            yield self._event(unit.code, deadline, name, codes, granted)
            for row in own:
                if row.deadline > deadline:
                    code = row.action.code
                    place, title = f"{unit.code}-{code}", f"{name} · {code}"
                    yield self._event(place, row.deadline, title, code, granted)

    def _granted(self, unit: int | None) -> list[Extension]:
        """Return the extensions that may have moved a deadline of a K/L (None: of everybody), oldest first."""
        return [
            each
            for each in self.extensions
            if each.period_id == self.period.id
            and (each.institution_id is None or (unit and self.ledger.head(each.institution_id) == unit))
        ]

    def _event(self, place: str, at: datetime, name: str, codes: str, granted: Sequence[Extension]) -> Event:
        about = self.tongue.gettext("Aksi %(codes)s.", codes=codes) + " " if codes else ""
        moment = self.tongue.moment(at)
        return Event(
            uid="-".join(filter(None, ("tenggat", self.plan, self.period.code, place))) + "@khub",
            at=at,
            summary=self.tongue.gettext("Tenggat laporan %(name)s", name=name),
            description=about + self.tongue.gettext("Tenggat %(deadline)s.", deadline=moment),
            path=links.HOME,
            sequence=len(granted),
            changed_at=max((self.opened_at, *(each.recorded_at for each in granted))),
        )


def _ics(name: str, events: Iterable[Event], settings: Settings) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//khub//tenggat//ID", "CALSCALE:GREGORIAN"]
    lines += ["METHOD:PUBLISH", f"X-WR-CALNAME:{_text(name)}", "X-WR-TIMEZONE:Asia/Jakarta"]
    for event in events:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_text(event.uid)}",
            f"DTSTAMP:{_instant(event.changed_at)}",
            f"LAST-MODIFIED:{_instant(event.changed_at)}",
            f"SEQUENCE:{event.sequence}",
            f"DTSTART:{_instant(event.at)}",
            f"SUMMARY:{_text(event.summary)}",
            f"DESCRIPTION:{_text(event.description)}",
            f"URL:{settings.address}{event.path}",
            "TRANSP:TRANSPARENT",
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            "TRIGGER:-P1D",
            f"DESCRIPTION:{_text(event.summary)}",
            "END:VALARM",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines).encode()


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime(_STAMP)


def _text(words: str) -> str:
    plain = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    return plain[:_MOST_WORDS].replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> str:
    """Fold a line so that no part is longer than 75 octets, never inside a character."""
    parts, room = [""], _FOLD
    for character in line:
        size = len(character.encode())
        if size > room:
            parts.append(" ")
            room = _FOLD - 1
        parts[-1] += character
        room -= size
    return "\r\n".join(parts)


# -- keluaran ------------------------------------------------------------------------------------


def atom_of(session: Session, who: Subscriber, settings: Settings) -> bytes:
    """Return the feed of the approved keluaran that the person may read now, the latest decided first."""
    found = session.execute(
        readable_copies(who.actor)
        .where(Copy.access == Access.APPROVED, Copy.number != WORKING, head_condition(who.actor))
        .order_by(Copy.decided_at.desc(), Copy.id.desc())
        .limit(_SHOWN)
    ).all()
    units = {
        row.id: row.name
        for row in session.scalars(
            sa.select(Institution).where(Institution.id.in_({p.institution_id for _, _, p in found}))
        )
    }
    groups = {
        row.id: row.name
        for row in session.scalars(sa.select(Pokja).where(Pokja.id.in_({p.pokja_id for _, _, p in found})))
    }
    feed = Element("feed", {"xmlns": _ATOM, "xml:lang": who.tongue.code})
    title = who.tongue.gettext("Keluaran yang disetujui · %(site)s", site=settings.site_name)
    _add(feed, "title", title)
    _add(feed, "id", f"tag:khub,2023:{settings.address}/keluaran")
    decided = [copy.decided_at or copy.saved_at for copy, _, _ in found]
    _add(feed, "updated", _zulu(max(decided, default=datetime(2023, 1, 1, tzinfo=WIB))))
    SubElement(feed, "link", {"rel": "alternate", "href": f"{settings.address}/keluaran"})
    for (copy, version, product), at in zip(found, decided, strict=True):
        hidden = product.classification == Classification.RESTRICTED
        name = who.tongue.gettext("Keluaran terbatas") if hidden else copy.title
        href = f"{settings.address}{links.product(product.public_id)}"
        entry = SubElement(feed, "entry")
        _add(entry, "title", f"{_clean(name)} (v{version.number})")
        _add(entry, "id", f"tag:khub,2023:keluaran/{product.public_id}/v{version.number}")
        _add(entry, "updated", _zulu(at))
        SubElement(entry, "link", {"rel": "alternate", "href": href})
        author = SubElement(entry, "author")
        _add(author, "name", units.get(product.institution_id, ""))
        _add(
            entry, "summary", f"{units.get(product.institution_id, '')} · {groups.get(product.pokja_id, '')}"
        )
    return bytes(tostring(feed, encoding="utf-8", xml_declaration=True))


def _add(parent: Element, tag: str, words: str) -> None:
    SubElement(parent, tag).text = _clean(words)


def _clean(words: str) -> str:
    """Leave out what XML 1.0 cannot carry."""
    return "".join(c for c in words if c.isprintable() or c == "\n")


def _zulu(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
