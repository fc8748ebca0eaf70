"""Plan → branch (pilar, tema) → fokus → aksi; K/L, pokja, years, periods, commitments."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from khub.db import Base, UTCDateTime


class Institution(Base):
    """A K/L under the name of its time. ``code`` is the stable key; a successor points on."""

    __tablename__ = "institution"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(60), unique=True)
    name: Mapped[str] = mapped_column(sa.String(250))
    abbreviation: Mapped[str] = mapped_column(sa.String(60), default="")
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    successor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("institution.id"), index=True)
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
    """Who answers for an action: ``role`` is "responsible" or "related"."""

    __tablename__ = "action_institution"

    action_id: Mapped[int] = mapped_column(sa.ForeignKey("action.id"), primary_key=True)
    institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institution.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)


class ExpectedOutput(Base):
    """A keluaran that the plan expects of an action; retired ones stay for old links."""

    __tablename__ = "expected_output"

    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(sa.ForeignKey("action.id"), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(sa.Text)
    retired: Mapped[bool] = mapped_column(default=False)


class ActionYear(Base):
    """An action is on the table of a year."""

    __tablename__ = "action_year"

    action_id: Mapped[int] = mapped_column(sa.ForeignKey("action.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, index=True)


class Pokja(Base):
    """A working group; usually one per branch."""

    __tablename__ = "pokja"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(250))
    branch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("branch.id"), index=True)


class Period(Base):
    """A reporting period: a named range, cumulative from January, with a deadline."""

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


class Commitment(Base):
    """A K/L's answer for an action and a year; ``recorded_at`` is when khub learnt it."""

    __tablename__ = "commitment"
    __table_args__ = (sa.UniqueConstraint("action_id", "institution_id", "year", "recorded_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(sa.ForeignKey("action.id"))
    institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institution.id"), index=True)
    year: Mapped[int] = mapped_column(index=True)
    answer: Mapped[str] = mapped_column(sa.String(10))
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    simulated: Mapped[bool] = mapped_column(default=False)
