"""What somebody had typed when the session ended, kept until the same person is back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.accounts import sessions
from khub.accounts.models import ParkedForm, Person, SignIn
from khub.accounts.part import Part
from khub.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from khub.policy import Actor

LIFE = timedelta(hours=24)
#: After it was sent on, a form stays so long, in case the sending failed.
_SENT_LIFE = timedelta(minutes=15)
_MAX_BYTES = 200_000
_MAX_PATH = 500
_PER_PERSON = 20


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it was sent: ``path`` with its query, (name, value) pairs, how many files came along."""

    path: str
    fields: tuple[tuple[str, str], ...]
    files: int = 0


@dataclass(frozen=True, slots=True)
class Parked:
    """A kept form; ``at`` is when it was sent."""

    id: int
    at: datetime
    typed: Typed


class ParkedForms(Part):
    """Use cases on kept forms."""

    def park(self, session_token: str, typed: Typed) -> str | None:
        """Keep ``typed`` for the person whose ended session ``session_token`` names.

        Returns the token that finds it again; None when no person is named, there is nothing to
        keep, or it is larger than 200 KB.
        """
        size = sum(len(part.encode(errors="replace")) for field in typed.fields for part in field)
        if not (typed.fields or typed.files) or size > _MAX_BYTES or len(typed.path) > _MAX_PATH:
            return None
        now = self.clock.now()
        kept = json.dumps({"at": now.isoformat(), "fields": typed.fields, "files": typed.files})
        token = sessions.new_token()
        with self.db.write() as session:
            person_id = session.scalar(
                sa.select(SignIn.person_id)
                .join(Person, Person.id == SignIn.person_id)
                .where(SignIn.token_hash == sessions.digest(session_token), Person.active.is_(True))
            )
            if person_id is None:
                return None
            newest = (
                sa.select(ParkedForm.id)
                .where(ParkedForm.person_id == person_id)
                .order_by(ParkedForm.id.desc())
                .limit(_PER_PERSON - 1)
            )
            session.execute(
                sa.delete(ParkedForm).where(
                    ParkedForm.person_id == person_id,
                    sa.or_(
                        ParkedForm.ends_at <= now,
                        ParkedForm.id.not_in(session.scalars(newest).all()),
                    ),
                )
            )
            session.add(
                ParkedForm(
                    token_hash=sessions.digest(token),
                    person_id=person_id,
                    path=typed.path,
                    fields=kept,
                    ends_at=now + LIFE,
                )
            )
        return token

    def parked(self, actor: Actor, tokens: Sequence[str]) -> list[Parked]:
        """Return those forms behind ``tokens`` that are the actor's own, the newest first."""
        with self.db.read() as session:
            rows = session.scalars(
                sa.select(ParkedForm)
                .where(
                    ParkedForm.token_hash.in_([sessions.digest(token) for token in tokens]),
                    ParkedForm.person_id == actor.person_id,
                    ParkedForm.ends_at > self.clock.now(),
                )
                .order_by(ParkedForm.id.desc())
            ).all()
        return [_read(row) for row in rows]

    def unpark(self, actor: Actor, tokens: Sequence[str], parked_id: int) -> Parked:
        """Return one of ``parked`` to be sent on; it goes soon after. ``NotFoundError`` if not theirs."""
        found = {form.id: form for form in self.parked(actor, tokens)}
        if parked_id not in found:
            raise NotFoundError
        soon = self.clock.now() + _SENT_LIFE
        with self.db.write() as session:
            session.execute(
                sa.update(ParkedForm)
                .where(ParkedForm.id == parked_id, ParkedForm.ends_at > soon)
                .values(ends_at=soon)
            )
        return found[parked_id]

    def discard(self, actor: Actor, tokens: Sequence[str], parked_id: int) -> None:
        """Throw one of ``parked`` away; ``NotFoundError`` if it is not theirs."""
        if parked_id not in {form.id for form in self.parked(actor, tokens)}:
            raise NotFoundError
        with self.db.write() as session:
            session.execute(sa.delete(ParkedForm).where(ParkedForm.id == parked_id))


def _read(row: ParkedForm) -> Parked:
    kept = json.loads(row.fields)
    fields = tuple((str(name), str(value)) for name, value in kept["fields"])
    return Parked(row.id, datetime.fromisoformat(kept["at"]), Typed(row.path, fields, int(kept["files"])))
