"""Plan → branch (pilar, tema) → fokus → aksi; K/L, pokja, years, periods, commitments."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from khub.db import Base, UTCDateTime


class Institution(Base):
    """A K/L under the name of its time. ``code`` is the stable key; a successor points on.

    ``successor_at``: when khub learnt of the successor; ``None`` means it has always known.
    """

    __tablename__ = "institution"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(60), unique=True)
    name: Mapped[str] = mapped_column(sa.String(250))
    abbreviation: Mapped[str] = mapped_column(sa.String(60), default="")
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    successor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("institution.id"), index=True)
    successor_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    official_submits: Mapped[bool] = mapped_column(default=False)


class InstitutionAlias(Base):
    """Another name of a K/L; ``key`` is the folded form that look-ups use."""

    __tablename__ = "institution_alias"

    id: Mapped[int] = mapped_column(primary_key=True)
    institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institution.id"), index=True)
    alias: Mapped[str] = mapped_column(sa.String(250))
    key: Mapped[str] = mapped_column(sa.String(250), unique=True)


class Plan(Base):
    """An action plan over some years. ``branch_label`` is its word for the level below it."""

    __tablename__ = "plan"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(60), unique=True)
    name: Mapped[str] = mapped_column(sa.String(250))
    branch_label: Mapped[str] = mapped_column(sa.String(40), default="Pilar")
    year_from: Mapped[int | None]
    year_to: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Branch(Base):
    """A pilar or tema; ``classification`` is the default of new keluaran under it."""

    __tablename__ = "branch"
    __table_args__ = (sa.UniqueConstraint("plan_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("plan.id"))
    code: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[str] = mapped_column(sa.String(500))
    classification: Mapped[str] = mapped_column(sa.String(20), default="internal")


class Focus(Base):
    """A fokus under a branch."""

    __tablename__ = "focus"
    __table_args__ = (sa.UniqueConstraint("branch_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(sa.ForeignKey("branch.id"))
    code: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[str] = mapped_column(sa.String(500))


class Action(Base):
    """An aksi. ``code`` is a local code, the key of imports within a plan."""

    __tablename__ = "action"
    __table_args__ = (sa.UniqueConstraint("plan_id", "code"), sa.Index("ix_action_focus_id", "focus_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("plan.id"))
    focus_id: Mapped[int] = mapped_column(sa.ForeignKey("focus.id"))
    code: Mapped[str] = mapped_column(sa.String(40))
    title: Mapped[str] = mapped_column(sa.Text)
    measure: Mapped[str] = mapped_column(sa.Text, default="")
    source: Mapped[str] = mapped_column(sa.Text, default="")


class ActionInstitution(Base):
    """Who answers for an action: ``role`` is "responsible" or "related".

    ``recorded_at``: when khub learnt of it; ``None`` means it has always known.
    """

    __tablename__ = "action_institution"

    action_id: Mapped[int] = mapped_column(sa.ForeignKey("action.id"), primary_key=True)
    institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institution.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)
    recorded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ExpectedOutput(Base):
    """A keluaran that the plan expects of an action; retired ones stay for old links."""

    __tablename__ = "expected_output"

    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(sa.ForeignKey("action.id"), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(sa.Text)
    retired: Mapped[bool] = mapped_column(default=False)


class ActionYear(Base):
    """An action is on the table of a year; ``recorded_at``: when khub learnt of it (None: always)."""

    __tablename__ = "action_year"

    action_id: Mapped[int] = mapped_column(sa.ForeignKey("action.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, index=True)
    recorded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class PastFact(Base):
    """What used to hold, so that any past date gives the same number again.

    ``kind``: "year" (subject: action, value: year), "duty" (action, responsible K/L), "successor"
    (K/L, its successor). It held from ``recorded_at`` (None: always) until ``removed_at``.
    """

    __tablename__ = "past_fact"
    __table_args__ = (sa.Index("ix_past_fact_kind_subject_id", "kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    subject_id: Mapped[int]
    value: Mapped[int]
    recorded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    removed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Pokja(Base):
    """A working group; usually one per branch."""

    __tablename__ = "pokja"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(250))
    branch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("branch.id"), index=True)


class Period(Base):
    """A reporting period: a named range, cumulative from January, with a deadline.

    ``parts``: what it asks for, codes of ``terms.Part``. ``reminders``: days around the deadline
    on which reminders are prepared. ``closed_at``: what is expected of whom is as it stood then.
    """

    __tablename__ = "period"
    __table_args__ = (sa.UniqueConstraint("plan_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("plan.id"))
    code: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[str] = mapped_column(sa.String(120))
    year: Mapped[int] = mapped_column(index=True)
    starts: Mapped[date]
    ends: Mapped[date]
    deadline: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[str] = mapped_column(sa.String(20), default="planned")
    parts: Mapped[list[str]] = mapped_column(sa.JSON, default=lambda: ["progress", "obstacles"])
    reminders: Mapped[list[int]] = mapped_column(sa.JSON, default=lambda: [-14, -7, -1, 1, 7])


class PeriodStep(Base):
    """A period stood in ``state`` from ``at`` until ``ended_at`` (None: still)."""

    __tablename__ = "period_step"
    __table_args__ = (sa.Index("ix_period_step_period_id", "period_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    period_id: Mapped[int] = mapped_column(sa.ForeignKey("period.id"))
    state: Mapped[str] = mapped_column(sa.String(20))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(sa.Text, default="")


class Extension(Base):
    """A later deadline for a K/L, for one of its rows (with ``action_id``), or for all (neither)."""

    __tablename__ = "extension"
    __table_args__ = (sa.Index("ix_extension_period_id", "period_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    period_id: Mapped[int] = mapped_column(sa.ForeignKey("period.id"))
    institution_id: Mapped[int | None] = mapped_column(sa.ForeignKey("institution.id"))
    action_id: Mapped[int | None] = mapped_column(sa.ForeignKey("action.id"))
    deadline: Mapped[datetime] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(sa.Text)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Commitment(Base):
    """A K/L's answer for an action and a year; ``recorded_at`` is when khub learnt it.

    ``answer``: yes, no, or "returned" (sent back with ``reason``: it does not count until answered again).
    ``on_behalf``: entered for the K/L by somebody else, with the letter as ``letter_id``.
    """

    __tablename__ = "commitment"
    __table_args__ = (sa.UniqueConstraint("action_id", "institution_id", "year", "recorded_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(sa.ForeignKey("action.id"))
    institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institution.id"), index=True)
    year: Mapped[int] = mapped_column(index=True)
    answer: Mapped[str] = mapped_column(sa.String(10))
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    expected: Mapped[str] = mapped_column(sa.Text, default="")
    contact: Mapped[str] = mapped_column(sa.String(250), default="")
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    on_behalf: Mapped[bool] = mapped_column(default=False)
    letter_id: Mapped[int | None] = mapped_column(sa.ForeignKey("letter.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    confirmed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    simulated: Mapped[bool] = mapped_column(default=False)

    @property
    def waits(self) -> bool:
        """Tell whether it was entered *atas nama* the K/L, which has not confirmed it."""
        return self.on_behalf and self.confirmed_at is None


class CommitmentDraft(Base):
    """What a K/L has typed and not handed in yet; gone once it is.

    ``activities``: the kegiatan planned, list of ``{"id": int | None, "name", "unit", "target"}``.
    """

    __tablename__ = "commitment_draft"
    __table_args__ = (sa.UniqueConstraint("action_id", "institution_id", "year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(sa.ForeignKey("action.id"))
    institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institution.id"), index=True)
    year: Mapped[int]
    answer: Mapped[str] = mapped_column(sa.String(10), default="")
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    expected: Mapped[str] = mapped_column(sa.Text, default="")
    contact: Mapped[str] = mapped_column(sa.String(250), default="")
    activities: Mapped[list[dict[str, object]]] = mapped_column(sa.JSON, default=list)
    revision: Mapped[int] = mapped_column(default=1)
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime)
    saved_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


class Activity(Base):
    """A kegiatan that a K/L plans for an action in a year, with a target (None: none given)."""

    __tablename__ = "activity"
    __table_args__ = (sa.Index("ix_activity_action_id_institution_id", "action_id", "institution_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(sa.ForeignKey("action.id"))
    institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institution.id"), index=True)
    year: Mapped[int]
    position: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(500))
    unit: Mapped[str] = mapped_column(sa.String(60), default="")
    target: Mapped[float | None]
    retired: Mapped[bool] = mapped_column(default=False)


class Letter(Base):
    """A signed letter behind an entry made *atas nama* a K/L: kept bytes, never read or searched."""

    __tablename__ = "letter"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(20), unique=True)
    institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institution.id"), index=True)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    size: Mapped[int] = mapped_column(sa.BigInteger)
    name: Mapped[str] = mapped_column(sa.String(150))
    media_type: Mapped[str] = mapped_column(sa.String(120))
    uploaded_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    uploaded_at: Mapped[datetime] = mapped_column(UTCDateTime)
