"""Write side: contacts, notes, follow-ups. Everything is audited; what is personal stays out of the trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy
from khub.accounts.models import Person
from khub.audit import chain
from khub.clock import wib_date
from khub.coordination.models import Contact, FollowUp, Note
from khub.coordination.queries import eligible
from khub.coordination.standing import unit_called
from khub.errors import N_, ConflictError, FieldError, InvalidError, NotFoundError
from khub.plan.models import Institution, Pokja

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sqlalchemy.orm import Session

    from khub.clock import Clock
    from khub.coordination.forms import ContactForm, FollowUpForm, NoteForm
    from khub.coordination.standing import UnitPlace
    from khub.db import Database
    from khub.policy import Actor

#: Contacts that one K/L may have.
MAX_CONTACTS = 50
_EDITED = N_("Orang lain mengubahnya sementara Anda mengisi.")


class Coordination:
    """Use cases of the Sekretariat and of ketua pokja; a K/L keeps its own contacts."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    def add_contact(self, actor: Actor, code: str, form: ContactForm) -> int:
        """Add a contact of a K/L and return its id. Raises ``InvalidError``, ``ConflictError`` when full."""
        now = self.clock.now()
        with self.db.write() as session:
            unit = unit_called(session, code)
            policy.demand(policy.can_know_contacts(actor, unit.family))
            form.check()
            held = sa.select(sa.func.count()).where(Contact.institution_id.in_(unit.family))
            if (session.scalar(held) or 0) >= MAX_CONTACTS:
                raise ConflictError(N_("K/L ini sudah punya %(most)s kontak."), most=MAX_CONTACTS)
            contact = Contact(
                institution_id=unit.id,
                name=form.name,
                role=form.role,
                email=form.email,
                phone=form.phone,
                saved_at=now,
                saved_by=actor.person_id,
            )
            session.add(contact)
            session.flush()
            facts = {"contact": contact.id}
            chain.append(session, actor, "contact.added", "institution", unit.code, now, facts=facts)
            return contact.id

    def change_contact(self, actor: Actor, code: str, contact_id: int, form: ContactForm) -> None:
        """Change a contact; ``ConflictError`` when somebody else has changed it since ``form.revision``."""
        now = self.clock.now()
        with self.db.write() as session:
            unit, contact = self._contact(session, actor, code, contact_id)
            form.check()
            if form.revision != str(contact.revision):
                raise ConflictError(_EDITED)
            typed = {"name": form.name, "role": form.role, "email": form.email, "phone": form.phone}
            changed = [field for field, value in typed.items() if getattr(contact, field) != value]
            if not changed:
                return
            for field in changed:
                setattr(contact, field, typed[field])
            contact.revision += 1
            contact.saved_at, contact.saved_by = now, actor.person_id
            facts = {"contact": contact_id, "changed": changed}
            chain.append(session, actor, "contact.changed", "institution", unit.code, now, facts=facts)

    def remove_contact(self, actor: Actor, code: str, contact_id: int) -> None:
        """Delete a contact's data: what is personal need not be kept."""
        now = self.clock.now()
        with self.db.write() as session:
            unit, contact = self._contact(session, actor, code, contact_id)
            session.delete(contact)
            facts = {"contact": contact_id}
            chain.append(session, actor, "contact.removed", "institution", unit.code, now, facts=facts)

    @staticmethod
    def _contact(session: Session, actor: Actor, code: str, contact_id: int) -> tuple[UnitPlace, Contact]:
        unit = unit_called(session, code)
        policy.demand(policy.can_know_contacts(actor, unit.family))
        contact = session.get(Contact, contact_id, with_for_update=True)
        if contact is None or contact.institution_id not in unit.family:
            raise NotFoundError
        return unit, contact

    def add_note(self, actor: Actor, code: str, form: NoteForm) -> None:
        """Write down what was said with a K/L. Raises ``InvalidError``."""
        now = self.clock.now()
        with self.db.write() as session:
            unit = unit_called(session, code)
            day, pokja_id = form.parse(wib_date(now))
            _demand_pokja(session, actor, pokja_id)
            note = Note(
                institution_id=unit.id,
                pokja_id=pokja_id,
                held_on=day,
                channel=form.channel,
                text=form.text,
                created_by=actor.person_id,
                created_at=now,
            )
            session.add(note)
            session.flush()
            facts = {"note": note.id, "channel": form.channel, "on": day, "pokja": pokja_id}
            chain.append(session, actor, "note.added", "institution", unit.code, now, facts=facts)

    def add_follow_up(self, actor: Actor, code: str, form: FollowUpForm) -> int:
        """Give somebody something to do for a K/L and return its id. Raises ``InvalidError``."""
        now = self.clock.now()
        with self.db.write() as session:
            unit = unit_called(session, code)
            owner_id, day, pokja_id = form.parse(wib_date(now))
            _demand_pokja(session, actor, pokja_id)
            _demand_owner(session, owner_id, unit.family, wib_date(now))
            found = FollowUp(
                institution_id=unit.id,
                pokja_id=pokja_id,
                text=form.text,
                owner_id=owner_id,
                due_on=day,
                created_by=actor.person_id,
                created_at=now,
            )
            session.add(found)
            session.flush()
            facts = {"institution": unit.code, "owner": owner_id, "due": day, "pokja": pokja_id}
            chain.append(session, actor, "follow-up.added", "follow-up", str(found.id), now, facts=facts)
            return found.id

    def change_follow_up(self, actor: Actor, follow_up_id: int, form: FollowUpForm) -> None:
        """Change text, owner, day or audience; ``ConflictError`` when it was changed since or is done."""
        now = self.clock.now()
        with self.db.write() as session:
            found = _follow_up(session, actor, follow_up_id)
            policy.demand(policy.can_oversee(actor, found.pokja_id))
            owner_id, day, pokja_id = form.parse(wib_date(now), found.due_on)
            if form.revision != str(found.revision):
                raise ConflictError(_EDITED)
            if found.done_at is not None:
                raise ConflictError(N_("Tindak lanjut ini sudah selesai; buka lagi untuk mengubahnya."))
            _demand_pokja(session, actor, pokja_id)
            if owner_id != found.owner_id:
                family = unit_called(session, _code(session, found)).family
                _demand_owner(session, owner_id, family, wib_date(now))
            typed = {"text": form.text, "owner_id": owner_id, "due_on": day, "pokja_id": pokja_id}
            changed = [field for field, value in typed.items() if getattr(found, field) != value]
            if not changed:
                return
            for field in changed:
                setattr(found, field, typed[field])
            found.revision += 1
            facts = {"changed": changed, "owner": owner_id, "due": day}
            chain.append(session, actor, "follow-up.changed", "follow-up", str(found.id), now, facts=facts)

    def finish(self, actor: Actor, follow_up_id: int) -> None:
        """Mark a follow-up as done; done already is done. For its owner and those who coordinate."""
        now = self.clock.now()
        with self.db.write() as session:
            found = _follow_up(session, actor, follow_up_id)
            if found.done_at is None:
                found.done_at, found.done_by = now, actor.person_id
                chain.append(session, actor, "follow-up.done", "follow-up", str(found.id), now)

    def reopen(self, actor: Actor, follow_up_id: int) -> None:
        """Take back that a follow-up is done."""
        now = self.clock.now()
        with self.db.write() as session:
            found = _follow_up(session, actor, follow_up_id)
            if found.done_at is not None:
                found.done_at = found.done_by = None
                chain.append(session, actor, "follow-up.reopened", "follow-up", str(found.id), now)


def _follow_up(session: Session, actor: Actor, follow_up_id: int) -> FollowUp:
    """Return a follow-up that ``actor`` reads, which is also what lets him finish it; else 404."""
    found = session.get(FollowUp, follow_up_id, with_for_update=True)
    if found is None or not (
        (actor.person_id is not None and found.owner_id == actor.person_id)
        or policy.can_oversee(actor, found.pokja_id)
    ):
        raise NotFoundError
    return found


def _code(session: Session, found: FollowUp) -> str:
    return session.scalars(sa.select(Institution.code).where(Institution.id == found.institution_id)).one()


def _demand_pokja(session: Session, actor: Actor, pokja_id: int | None) -> None:
    if pokja_id is not None and session.get(Pokja, pokja_id) is None:
        raise InvalidError([FieldError("pokja", N_("Pokja ini tidak ada."))])
    policy.demand(policy.can_oversee(actor, pokja_id))


def _demand_owner(session: Session, owner_id: int, family: Iterable[int], today: date) -> None:
    fits = sa.select(Person.id).where(
        Person.id == owner_id, Person.active.is_(True), Person.id.in_(eligible(family, today))
    )
    if session.scalar(fits) is None:
        raise InvalidError(
            [FieldError("owner", N_("Pilih orang Sekretariat, ketua pokja, atau orang K/L ini."))]
        )
