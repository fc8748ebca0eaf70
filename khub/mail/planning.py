"""Planned letters: once a day at 07.00 WIB, on working days, one digest a person.

What a day owes is found from the table of days already prepared: after a standstill the missed days
are caught up in one letter a person, and preparing a day twice is impossible.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.clock import WIB, wib_date
from khub.coordination.models import FollowUp
from khub.mail import notices
from khub.mail.holidays import calendar
from khub.mail.models import MailDay, Message, MessageUnit, News, Preference
from khub.mail.terms import MailKind, Rhythm
from khub.mail.writing import Writer
from khub.plan.models import Period
from khub.plan.terms import RUNNING
from khub.saved import telling
from khub.saved.terms import Alert

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from khub.mail.holidays import Calendar
    from khub.mail.roster import Debt
    from khub.saved.models import SavedFind
    from khub.settings import Settings

#: Planned letters leave at this time in WIB.
HOUR = time(7, 0)
#: Days before today whose reminders are still sent after a standstill.
LOOK_BACK = timedelta(days=14)
_DAY = timedelta(days=1)


@dataclass
class _Share:
    """What one person is to be told."""

    debts: list[Debt] = field(default_factory=list)
    news: list[News] = field(default_factory=list)
    follow_ups: list[int] = field(default_factory=list)
    finds: list[SavedFind] = field(default_factory=list)


def due_day(session: Session, now: datetime) -> date | None:
    """Return today (WIB) when it is a working day, 07.00 has passed, and its letters are not prepared."""
    today = wib_date(now)
    if now.astimezone(WIB).time() < HOUR or session.get(MailDay, today) is not None:
        return None
    return today if calendar(session).is_workday(today) else None


def prepare(session: Session, settings: Settings, now: datetime) -> int:
    """Prepare the letters of today and of the days since the last prepared; returns how many."""
    today = due_day(session, now)
    if today is None:
        return 0
    last = session.scalar(sa.select(sa.func.max(MailDay.day)))
    session.add(MailDay(day=today, at=now))
    session.flush()  # a day that another process has begun fails here, before anything is written
    first = max(last + _DAY, today - LOOK_BACK) if last is not None else today
    writer = Writer(session, settings, now)
    shares = _shares(writer, calendar(session), first, today)
    chosen = {
        row.person_id: row
        for row in session.scalars(sa.select(Preference).where(Preference.person_id.in_(shares)))
    }
    return sum(
        _write(writer, person_id, share, chosen.get(person_id), today)
        for person_id, share in sorted(shares.items())
    )


def _shares(writer: Writer, days: Calendar, first: date, today: date) -> dict[int, _Share]:
    """Return what there is to tell of the days ``first`` to ``today``, by person."""
    session = writer.session
    shares: dict[int, _Share] = defaultdict(_Share)
    for period in session.scalars(sa.select(Period).where(Period.state.in_(RUNNING)).order_by(Period.id)):
        standing = writer.standing(period.id)
        for debt in standing.open.values():
            deadline = wib_date(debt.row.deadline)
            if any(first <= days.reminder_day(deadline, offset) <= today for offset in period.reminders):
                for person in standing.roster.of(debt.row):
                    shares[person.id].debts.append(debt)
    for news in session.scalars(sa.select(News).where(News.told_at.is_(None)).order_by(News.id)):
        shares[news.person_id].news.append(news)
    due = (FollowUp.done_at.is_(None), FollowUp.due_on >= first, FollowUp.due_on <= today)
    for follow_up, owner in session.execute(
        sa.select(FollowUp.id, FollowUp.owner_id).where(*due).order_by(FollowUp.due_on, FollowUp.id)
    ):
        shares[owner].follow_ups.append(follow_up)
    for person_id, finds in telling.waiting(session, Alert.DAILY).items():
        shares[person_id].finds = finds
    return shares


def _write(writer: Writer, person_id: int, share: _Share, chosen: Preference | None, today: date) -> int:
    """Prepare a person's letters of the day: one, or one a period for who wants them single."""
    muted = chosen.muted if chosen is not None else ()
    for news in share.news:
        news.told_at = writer.now
    for find in share.finds:
        find.told_at = writer.now
    finds = [] if MailKind.ALERT in muted else telling.named(share.finds)
    facts: dict[str, object] = {
        "news": [news.id for news in share.news if news.kind not in muted],
        "follow_ups": [] if MailKind.FOLLOW_UP in muted else share.follow_ups,
    }
    if chosen is None or chosen.rhythm != Rhythm.SINGLE:
        facts |= {"rows": [list(debt.key) for debt in share.debts], "finds": finds}
        key = f"{MailKind.DIGEST}:{today}:{person_id}"
        return _add(writer, MailKind.DIGEST, key, person_id, facts, share.debts)
    written = _add(
        writer, MailKind.FOLLOW_UP, f"{MailKind.FOLLOW_UP}:{today}:{person_id}", person_id, facts, []
    )
    key = f"{MailKind.ALERT}:{today}:{person_id}"
    written += _add(writer, MailKind.ALERT, key, person_id, {"finds": finds}, [])
    by_period: dict[int, list[Debt]] = defaultdict(list)
    for debt in share.debts:
        by_period[debt.row.period.id].append(debt)
    for period_id, debts in by_period.items():
        key = f"{MailKind.REMINDER}:{period_id}:{today}:{person_id}"
        rows: dict[str, object] = {"rows": [list(debt.key) for debt in debts]}
        written += _add(writer, MailKind.REMINDER, key, person_id, rows, debts)
    return written


def _add(
    writer: Writer, kind: MailKind, key: str, person_id: int, facts: dict[str, object], debts: list[Debt]
) -> int:
    if not any(facts.values()):
        return 0
    periods = {debt.row.period.id for debt in debts}
    message = Message(
        key=key,
        kind=kind,
        person_id=person_id,
        period_id=periods.pop() if len(periods) == 1 else None,
        facts=facts,
        send_after=writer.now,
    )
    return int(keep(writer, message, {debt.row.unit.id for debt in debts}))


def keep(writer: Writer, message: Message, units: set[int]) -> bool:
    """Add a letter, written as of now, with the K/L it speaks of; False when there is nothing to add."""
    if notices.add(writer.session, message, writer.now) is None:
        return False
    if not writer.write(message):
        writer.session.delete(message)
        writer.session.flush()
        return False
    writer.session.add_all(MessageUnit(message_id=message.id, institution_id=unit) for unit in sorted(units))
    writer.session.flush()
    return True
