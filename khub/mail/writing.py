"""Writes a letter from what holds now: anew before it leaves, so that it never asks for work already done.

No text of a report or keluaran that is *terbatas* gets into a letter, nor its title: a letter leaves
the house. What a person may no longer read is not told either.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa

from khub import policy
from khub.accounts import sessions
from khub.accounts.models import Person
from khub.clock import wib_date
from khub.coordination.models import FollowUp
from khub.cycle import ledger as ledgers
from khub.errors import N_
from khub.mail import links
from khub.mail.letters import Letter, Line
from khub.mail.models import Message, News
from khub.mail.roster import Roster, debts
from khub.mail.subjects import Decided, answered, decided
from khub.mail.terms import MUTABLE, MailKind
from khub.plan.models import Institution, Period
from khub.plan.running import days_left
from khub.plan.terms import Answer
from khub.policy import Classification
from khub.saved import telling
from khub.tongue import Tongue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.cycle.facts import Row
    from khub.cycle.ledger import Ledger
    from khub.mail.roster import Debt
    from khub.policy import Actor
    from khub.settings import Settings

#: period, action, K/L.
RowKey = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Standing:
    """A period's ledger, what is open in it, and who answers for it."""

    ledger: Ledger
    open: Mapping[RowKey, Debt]
    roster: Roster


class Writer:
    """Writes letters at one instant; what several of them need is read once."""

    def __init__(self, session: Session, settings: Settings, now: datetime) -> None:
        self.session = session
        self.settings = settings
        self.now = now
        self._periods: dict[int, Standing] = {}

    def standing(self, period_id: int) -> Standing:
        """Return what is open in a period and who answers for it."""
        if period_id not in self._periods:
            plan_id = self.session.get_one(Period, period_id).plan_id
            ledger = ledgers.read(self.session, plan_id, self.now, period_ids=[period_id])
            found = {debt.key: debt for debt in debts(ledger, period_id)}
            roster = Roster.read(self.session, wib_date(self.now), ledger)
            self._periods[period_id] = Standing(ledger, found, roster)
        return self._periods[period_id]

    def greeting(self, person_id: int) -> tuple[str, str]:
        """Return a person's name and language."""
        person = self.session.get_one(Person, person_id)
        return person.name, person.language or self.settings.language

    def write(self, message: Message) -> bool:
        """Set address, subject, text and HTML; False, and nothing set, when there is nothing left to say."""
        person = self.session.get_one(Person, message.person_id)
        if not person.active:
            return False
        letter = _Draft(self, message, person).letter()
        if letter is None:
            return False
        message.address = person.email
        message.subject, message.text, message.html = letter.subject, letter.text, letter.html
        return True


class _Draft:
    """One letter while it is written."""

    def __init__(self, writer: Writer, message: Message, person: Person) -> None:
        self.writer = writer
        self.message = message
        self.person = person
        self.facts = cast("dict[str, Any]", message.facts)
        self.tongue = Tongue(person.language or writer.settings.language)
        self.site = writer.settings.site_name

    def letter(self) -> Letter | None:
        """Return the letter, None when there is nothing left to say."""
        self.paper = Letter(self.tongue.code)
        self.paper.say(self.tongue.gettext("Yth. %(name)s,", name=self.person.name))
        if "answer" in self.facts:
            subject = self._answer()
        elif self.message.kind == MailKind.UNCONFIRMED:
            subject = self._refusal()
        else:
            subject = self._decision() if "copy" in self.facts else self._digest()
        if not subject:
            return None
        self.paper.subject = f"[{self.site}] {subject}"
        self._small_print()
        return self.paper

    def _link(self, path: str) -> str:
        return f"{self.writer.settings.address}{path}"

    # -- one decision --------------------------------------------------------------------------

    def _decision(self) -> str:
        kind, copy_id = self.facts["copy"]
        found = decided(self.writer.session, kind, copy_id)
        wanted = "returned" if self.message.kind == MailKind.RETURNED else "approved"
        if found is None or found.outcome != wanted or not self._may_know(found):
            return ""
        name = self._name(found)
        if wanted == "approved":
            self.paper.say(self.tongue.gettext("Sekretariat menyetujui %(what)s.", what=name))
            self.paper.say(self.tongue.gettext("Lihat di khub"), self._link(found.path))
            return self.tongue.gettext("Disetujui: %(what)s", what=self._short(found))
        self.paper.say(self.tongue.gettext("Sekretariat mengembalikan %(what)s untuk diperbaiki.", what=name))
        if found.note and found.classification != Classification.RESTRICTED:
            self.paper.say(self.tongue.gettext("Catatannya:"))
            self.paper.quote(found.note)
        elif found.note:
            self.paper.say(
                self.tongue.gettext("Catatannya dapat dibaca di khub, karena klasifikasinya terbatas.")
            )
        if found.due_at is not None:
            due = self.tongue.moment(found.due_at)
            self.paper.say(self.tongue.gettext("Mohon ajukan lagi paling lambat %(due)s.", due=due))
        self.paper.say(self.tongue.gettext("Buka dan perbaiki"), self._link(found.mending))
        return self.tongue.gettext("Dikembalikan: %(what)s", what=self._short(found))

    def _refusal(self) -> str:
        """Say that a K/L did not confirm what this person entered for it; that is official, its text is not."""
        found = decided(self.writer.session, *self.facts["copy"])
        if found is None or found.outcome != "withdrawn" or self._actor is None:
            return ""
        if not policy.can_stand_in(self._actor, found.content.institution_id, found.content.pokja_id):
            return ""
        tongue, what = self.tongue, self._short(found)
        says = N_("%(unit)s tidak membenarkan %(what)s yang Anda masukkan atas namanya. Isian itu ditarik.")
        self.paper.say(tongue.gettext(says, unit=found.unit, what=what))
        self.paper.say(tongue.gettext("Bicarakan dengan K/L itu, atau masukkan suratnya yang lain."))
        self.paper.say(tongue.gettext("Buka barisnya"), self._link(found.mending))
        return tongue.gettext("Tidak dibenarkan: %(what)s", what=what)

    def _answer(self) -> str:
        """Say that a komitmen was returned, or that a K/L answered otherwise than was entered for it."""
        found = answered(self.writer.session, self.facts["answer"])
        if found is None or self._actor is None:
            return ""
        tongue = self.tongue
        what = tongue.gettext("komitmen aksi %(code)s tahun %(year)s", code=found.action, year=found.year)
        if self.message.kind == MailKind.UNCONFIRMED:
            says = N_("%(unit)s tidak membenarkan %(what)s yang Anda masukkan atas namanya.")
            self.paper.say(tongue.gettext(says, unit=found.unit, what=what))
            says = (
                N_("Ia menjawab sendiri: ya.")
                if found.answer == Answer.YES
                else N_("Ia menjawab sendiri: tidak.")
            )
            self.paper.say(tongue.gettext(says))
            self.paper.say(tongue.gettext("Lihat di khub"), self._link(found.path))
            return tongue.gettext("Tidak dibenarkan: %(what)s", what=what)
        says = N_("Sekretariat mengembalikan %(what)s untuk diperbaiki.")
        self.paper.say(tongue.gettext(says, what=f"{what} ({found.unit})"))
        self.paper.say(tongue.gettext("Catatannya:"))
        self.paper.quote(found.note)
        self.paper.say(tongue.gettext("Jawaban yang dikembalikan tidak dihitung sampai dijawab lagi."))
        self.paper.say(tongue.gettext("Buka dan perbaiki"), self._link(found.path))
        return tongue.gettext("Dikembalikan: %(what)s", what=what)

    def _may_know(self, found: Decided) -> bool:
        actor = self._actor
        if actor is None or not policy.can_read(actor, found.content):
            return False
        return policy.is_owner(actor, found.content.institution_id, found.content.pokja_id)

    @cached_property
    def _actor(self) -> Actor | None:
        return sessions.rights_of(self.writer.session, self.person.id, self.writer.now)

    def _short(self, found: Decided) -> str:
        codes = ", ".join(found.actions)
        if found.report:
            words = N_("laporan aksi %(codes)s, %(period)s")
            return self.tongue.gettext(words, codes=codes, period=found.period)
        return self.tongue.gettext("keluaran aksi %(codes)s", codes=codes or "–")

    def _name(self, found: Decided) -> str:
        name = self._short(found)
        if found.title and found.classification != Classification.RESTRICTED:
            name = f"{name} “{found.title}”"
        return f"{name} ({found.unit})"

    # -- what is open, and what is new ---------------------------------------------------------

    def _digest(self) -> str:
        open_rows = self._open_rows()
        due = self._follow_ups()
        told = self._news()
        found = self._finds()
        if not (open_rows or due or told or found):
            return ""
        if intro := str(self.facts.get("intro", "")):
            self.paper.say(intro)
        for group in open_rows.values():
            self._owed(group)
        if open_rows:
            self.paper.say(self.tongue.gettext("Buka daftar tugas Anda"), self._link(links.TASKS))
        if due:
            self.paper.head(self.tongue.gettext("Tindak lanjut yang jatuh tempo"))
            self.paper.items(due)
        if told:
            self.paper.head(self.tongue.gettext("Disetujui sejak surat terakhir"))
            self.paper.items(told)
        for each in found:
            self._found(each)
        owed = [debt for group in open_rows.values() for debt in group]
        return self._subject(owed, len(due), len(told), sum(each.count for each in found))

    def _open_rows(self) -> dict[tuple[int, int, datetime], list[Debt]]:
        """Return what is still open of the rows named, and still this person's, by period, K/L, deadline."""
        found: dict[tuple[int, int, datetime], list[Debt]] = defaultdict(list)
        for key in self.facts.get("rows", ()):
            standing = self.writer.standing(key[0])
            debt = standing.open.get(tuple(key))
            if debt is None or not debt.row.period.running:
                continue
            if any(each.id == self.person.id for each in standing.roster.of(debt.row)):
                found[debt.row.period.id, debt.row.unit.id, debt.row.deadline].append(debt)
        return found

    def _owed(self, group: list[Debt]) -> None:
        row = group[0].row
        self.paper.head(f"{row.period.name} · {row.unit.name}")
        self.paper.say(self._deadline(row))
        returned = [debt for debt in group if debt.report and debt.returned]
        missing = [debt for debt in group if debt.report and not debt.returned]
        answers = [debt for debt in group if debt.answer]
        tongue = self.tongue
        lines = [
            tongue.ngettext(one, many, len(debts_), codes=", ".join(debt.row.action.code for debt in debts_))
            for debts_, one, many in (
                (
                    returned,
                    N_("%(num)s laporan dikembalikan, menunggu perbaikan: aksi %(codes)s"),
                    N_("%(num)s laporan dikembalikan, menunggu perbaikan: aksi %(codes)s"),
                ),
                (
                    missing,
                    N_("%(num)s laporan belum masuk: aksi %(codes)s"),
                    N_("%(num)s laporan belum masuk: aksi %(codes)s"),
                ),
                (
                    answers,
                    N_("%(num)s komitmen belum dijawab: aksi %(codes)s"),
                    N_("%(num)s komitmen belum dijawab: aksi %(codes)s"),
                ),
            )
            if debts_
        ]
        self.paper.items([Line(line) for line in lines])

    def _deadline(self, row: Row) -> str:
        left, deadline = days_left(row.deadline, self.writer.now), self.tongue.moment(row.deadline)
        if left > 0:
            one = many = N_("Tenggat %(deadline)s: %(num)s hari lagi.")
            return self.tongue.ngettext(one, many, left, deadline=deadline)
        if left == 0:
            return self.tongue.gettext("Tenggat %(deadline)s: hari ini.", deadline=deadline)
        one = many = N_("Tenggat %(deadline)s: lewat %(num)s hari.")
        return self.tongue.ngettext(one, many, -left, deadline=deadline)

    def _follow_ups(self) -> list[Line]:
        ids = self.facts.get("follow_ups", ())
        if not ids:
            return []
        rows = self.writer.session.execute(
            sa.select(Institution.name, FollowUp.due_on)
            .join(Institution, Institution.id == FollowUp.institution_id)
            .where(FollowUp.id.in_(ids), FollowUp.owner_id == self.person.id, FollowUp.done_at.is_(None))
            .order_by(FollowUp.due_on, FollowUp.id)
        )
        return [Line(f"{name}, {self.tongue.day(due)}", self._link(links.FOLLOW_UPS)) for name, due in rows]

    def _news(self) -> list[Line]:
        lines = []
        ids = self.facts.get("news", ())
        for kind, copy_id in self._told(ids) if ids else ():
            found = decided(self.writer.session, kind, copy_id)
            if found is not None and found.outcome == "approved" and self._may_know(found):
                lines.append(Line(self._name(found), self._link(found.path)))
        return lines

    def _told(self, ids: Iterable[int]) -> list[tuple[str, int]]:
        rows = self.writer.session.scalars(
            sa.select(News).where(News.id.in_(list(ids)), News.person_id == self.person.id).order_by(News.id)
        )
        return [cast("tuple[str, int]", tuple(cast("list[object]", row.subject["copy"]))) for row in rows]

    def _finds(self) -> list[telling.News]:
        """Return what was newly found for this person's saved searches and he may still be told."""
        finds = self.facts.get("finds", ())
        if not finds or self._actor is None:
            return []
        return telling.news(self.writer.session, self._actor, finds)

    def _found(self, news: telling.News) -> None:
        tongue = self.tongue
        self.paper.head(tongue.gettext("Hasil baru: %(name)s", name=news.name))
        lines = [Line(title, self._link(links.product(public_id))) for title, public_id in news.titles]
        if news.more:
            lines.append(Line(tongue.ngettext("dan %(num)s lagi", "dan %(num)s lagi", news.more)))
        if news.hidden:
            one = many = N_("%(num)s hasil terbatas: buka khub")
            lines.append(Line(tongue.ngettext(one, many, news.hidden)))
        self.paper.items(lines)
        self.paper.say(tongue.gettext("Buka pencarian ini"), self._link(links.saved(news.search)))

    def _subject(self, owed: list[Debt], due: int, told: int, found: int) -> str:
        if owed:
            deadline = min(debt.row.deadline for debt in owed)
            count = len(owed)
            if deadline < self.writer.now:
                one = many = N_("%(num)s hal belum masuk, tenggat %(day)s sudah lewat")
            else:
                one = many = N_("%(num)s hal menunggu Anda, tenggat %(day)s")
            return self.tongue.ngettext(one, many, count, day=self.tongue.day(deadline))
        if due:
            one = many = N_("%(num)s tindak lanjut jatuh tempo")
            return self.tongue.ngettext(one, many, due)
        if not told:
            one = many = N_("%(num)s hasil baru untuk pencarian tersimpan")
            return self.tongue.ngettext(one, many, found)
        one = many = N_("%(num)s hal disetujui")
        return self.tongue.ngettext(one, many, told)

    def _small_print(self) -> None:
        lines = [Line(self.tongue.gettext("Surat ini ditulis otomatis oleh khub %(site)s.", site=self.site))]
        lines.append(Line(self.tongue.gettext("Atur surat untuk Anda"), self._link(links.SETTINGS)))
        self.paper.end(lines)


def may_be_muted(message: Message) -> bool:
    """Tell whether a person can switch off letters like this one: it asks for nothing that is owed."""
    if message.kind == MailKind.DIGEST:
        return not message.facts.get("rows")
    return message.kind in MUTABLE
