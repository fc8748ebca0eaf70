"""Puts the demo's people, plan and keluaran into an installation, through the services.

Every step looks first whether it was done, so a demo that was stopped in the middle goes on, and a
second start doubles nothing. Times are simulated and marked so in the trail.
"""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import policy, wiring
from khub.accounts.models import Person
from khub.clock import FixedClock, ShiftedClock
from khub.demo import annual, catalogue, people, year
from khub.demo.contacts import Contacts
from khub.demo.documents import DemoDocument, DemoVersion, Target, documents
from khub.demo.year import Happening
from khub.plan.forms import PeriodForm
from khub.plan.models import Action, Commitment, Institution, Period, Plan, Pokja
from khub.plan.periods import Given
from khub.plan.terms import Answer, PeriodState
from khub.policy import Grant, Role
from khub.products.forms import Metadata
from khub.products.lifecycle import State
from khub.products.models import WORKING, Copy, File, Product, UploadKey, Version
from khub.products.uploads import Place
from khub.review.reserving import RESERVATION

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from khub.policy import Actor
    from khub.settings import Settings
    from khub.wiring import Services

_SYSTEM = replace(policy.SYSTEM, simulated=True)
_REVIEWER = "sekretariat2"
_ANSWERS = {"ya": Answer.YES, "tidak": Answer.NO}


def foundation(present: Services) -> None:
    """Make the plan, its periods and commitments, and the accounts, as far as they are missing.

    It happens at simulated times: the plan at the beginning of 2022, each answer when it was given.
    """
    clock = FixedClock(year.BEGAN)
    services = wiring.build(present.settings, clock)
    services.db.spare_the_disk()
    try:
        _found(services, clock)
    finally:
        services.close()


def _found(services: Services, clock: FixedClock) -> None:
    with services.db.read() as session:
        planned = session.scalar(sa.select(Plan.code).where(Plan.name == catalogue.PLAN))
        known = set(session.scalars(sa.select(Person.login)))
    if planned is None:
        services.plans.apply(_SYSTEM, catalogue.to_csv().encode(), "contoh.csv")
        planned = _plan_code(services)
    services.synonyms.start(_SYSTEM)
    _sources(services)
    _people(services, known)
    year.operators(services, _SYSTEM, known | {person.login for person in people.people()})
    with services.db.write() as session:
        year.plan_activities(session)
    _periods(services, planned, clock)
    _commitments(services, planned, clock)


def _plan_code(services: Services) -> str:
    with services.db.read() as session:
        return session.execute(sa.select(Plan.code).where(Plan.name == catalogue.PLAN)).scalar_one()


def _sources(services: Services) -> None:
    with services.db.write() as session:
        for action in session.scalars(sa.select(Action).where(Action.code.in_(catalogue.sources()))):
            action.source = catalogue.sources()[action.code].note


def _periods(services: Services, plan: str, clock: FixedClock) -> None:
    """Add and open the periods; those of 2022 are closed when the story comes to it."""
    with services.db.read() as session:
        known = set(session.scalars(sa.select(Period.name)))
    for row in catalogue.periods():
        if row.name in known:
            continue
        form = PeriodForm(plan, row.name, row.starts, row.ends, row.deadline)
        clock.at = year.opening(row)
        code = services.periods.create(_SYSTEM, form)
        services.periods.move(_SYSTEM, plan, code, PeriodState.OPEN)


def _commitments(services: Services, plan: str, clock: FixedClock) -> None:
    with services.db.read() as session:
        if session.scalar(sa.select(Commitment.id).limit(1)) is not None:
            return
        codes = dict(session.execute(sa.select(Institution.name, Institution.code)).all())
    for table in (catalogue.YEAR - 1, catalogue.YEAR):
        given = [
            Given(
                plan,
                row.action,
                codes[row.institution],
                table,
                _ANSWERS[row.answer],
                row.reason,
                row.recorded_at,
            )
            for row in catalogue.commitments(table)
            if row.answer is not None and row.recorded_at is not None
        ]
        clock.at = max(each.recorded_at for each in given if each.recorded_at is not None)
        services.periods.record(_SYSTEM, given)


def _people(services: Services, known: set[str]) -> None:
    with services.db.read() as session:
        institutions = dict(session.execute(sa.select(Institution.name, Institution.id)).all())
        groups = dict(session.execute(sa.select(Pokja.code, Pokja.id)).all())
        pokja_of = {int(code[-1]): pokja_id for code, pokja_id in groups.items()}
    for person in people.people():
        if person.login in known:
            continue
        person_id = services.accounts.create_person(_SYSTEM, person.login, person.name)
        services.accounts.add_membership(
            _SYSTEM,
            person_id,
            person.role,
            institutions[person.institution] if person.institution else None,
            pokja_of[person.pokja] if person.pokja else None,
            valid_from=catalogue.periods()[0].starts,
        )
        if person.listed:
            services.accounts.set_password(_SYSTEM, person_id, people.PASSWORD, checked=False)


def story(chosen: Settings) -> list[Callable[[], None]]:
    """Return what happened to the demo's keluaran, in the order of its simulated times."""
    clock = FixedClock(ShiftedClock(timedelta(seconds=chosen.clock_shift)).now())
    services = wiring.build(chosen, clock)
    services.db.spare_the_disk()  # what a power cut takes away is told again
    told = _Story(services, clock)
    reporting = year.Year(services, told.plan, told.actor)
    events = [
        *(event for document in documents() for event in told.events(document)),
        *reporting.happenings(),
        *Contacts(services, told.actor).happenings(),
    ]
    return [told.at(event) for event in sorted(events, key=lambda event: event.at)]


def close(services: Services) -> None:
    """Write the annual reports; they quote pages, so the worker must have read everything."""
    told = _Story(services, FixedClock(services.clock.now()))
    for step in annual.steps(services, told.actor("sekretariat")):
        step()


class _Story:
    """Acts in the name of the demo's people at simulated times."""

    def __init__(self, services: Services, clock: FixedClock) -> None:
        self.services = services
        self.today = clock.at
        self.clock = clock
        self.plan = _plan_code(services)
        self.actor = cache(self._actor)
        with services.db.read() as session:
            self.periods = {period.name: period for period in session.scalars(sa.select(Period))}

    def at(self, event: Happening) -> Callable[[], None]:
        def run() -> None:
            self.clock.at = event.at
            event.run()

        return run

    def events(self, document: DemoDocument) -> list[Happening]:
        found = []
        for number, version in enumerate(document.versions, 1):
            found.append(Happening(version.uploaded_at, partial(self._upload, document, number, version)))
            if version.submitted_at is not None:
                found.append(Happening(version.submitted_at, partial(self._submit, document, number)))
            if version.acted_at is not None:
                found.append(Happening(version.acted_at, partial(self._act, document, number)))
        return found

    def _upload(self, document: DemoDocument, number: int, version: DemoVersion) -> None:
        actor = self.actor(document.uploader)
        product = self._product(document)
        if product is not None and self._state(product, number) is None:
            self.services.products.add_version(actor, product)
        for position, file in enumerate(version.files):
            key = f"{document.key}-v{number}-{position}"
            if self._known(actor, key):
                continue
            place = Place(
                batch=f"d{document.key.replace('-', '')}000000"[:20],
                action=f"{self.plan}/{document.actions[0]}" if product is None else "",
                period=f"{self.plan}/{self.periods[version.period].code}" if product is None else "",
                product=product or "",
            )
            received = self.services.uploads.receive(
                actor, io.BytesIO(file.build()), file.filename, place, key=key
            )
            product = received.product
        if product is not None and self._state(product, number) == State.DRAFT:
            self._describe(actor, document, version, product)

    def _describe(self, actor: Actor, document: DemoDocument, version: DemoVersion, product: str) -> None:
        with self.services.db.read() as session:
            row = session.execute(
                sa.select(Copy.revision, Product.classification)
                .join(Version, Version.id == Copy.version_id)
                .join(Product, Product.id == Version.product_id)
                .where(Product.public_id == product, Copy.number == WORKING)
                .order_by(Version.number.desc())
                .limit(1)
            ).one()
        self.services.products.save(
            actor,
            product,
            Metadata(
                title=version.title,
                kind=document.kind,
                language=document.language,
                period=f"{self.plan}/{self.periods[version.period].code}",
                actions=tuple(f"{self.plan}/{code}" for code in document.actions),
                classification=document.classification,
                classification_reason="",
                personal_data="yes" if document.personal_data else "no",
                owner="",
                revision=row.revision,
            ),
        )

    def _submit(self, document: DemoDocument, number: int) -> None:
        product = self._product(document)
        if (
            product is not None
            and self._state(product, number) == State.DRAFT
            and not self._handed_in(product, number)
        ):
            self.services.products.submit(self.actor(document.uploader), [product])

    def _act(self, document: DemoDocument, number: int) -> None:
        product = self._product(document)
        if product is None or self._state(product, number) != State.SUBMITTED:
            return
        if document.target is Target.WITHDRAWN:
            self.services.products.withdraw(self.actor(document.uploader), product)
            return
        reviewer = self.actor(_REVIEWER)
        if document.target is Target.IN_REVIEW:
            # Opened just now, so that the reservation is still in force on the demo's first day.
            self.clock.at = self.today - RESERVATION / 8
        self.services.review.open(reviewer, product)
        if document.target is Target.RETURNED:
            self.services.review.send_back(reviewer, product, 1, document.note)
        elif document.target is not Target.IN_REVIEW:
            self.services.review.approve(reviewer, product, 1)

    def _actor(self, login: str) -> Actor:
        """Return one of the demo's people, with the role that the demo lists."""
        with self.services.db.read() as session:
            person = session.execute(sa.select(Person).where(Person.login == login)).scalar_one()
            facts = next(entry for entry in people.people() if entry.login == login)
            return policy.Actor(person.id, person.name, (self._grant(session, facts),), simulated=True)

    @staticmethod
    def _grant(session: Session, facts: people.DemoPerson) -> Grant:
        institution = session.scalar(sa.select(Institution.id).where(Institution.name == facts.institution))
        pokja = None
        if facts.pokja is not None:
            codes = session.execute(sa.select(Pokja.id, Pokja.code))
            pokja = next(pokja_id for pokja_id, code in codes if int(code[-1]) == facts.pokja)
        return Grant(Role(facts.role), institution, pokja)

    def _known(self, actor: Actor, key: str) -> bool:
        with self.services.db.read() as session:
            return session.get(UploadKey, (actor.person_id, key)) is not None

    def _product(self, document: DemoDocument) -> str | None:
        with self.services.db.read() as session:
            return session.scalar(
                sa.select(Product.public_id)
                .join(File, File.product_id == Product.id)
                .join(UploadKey, UploadKey.file_id == File.id)
                .where(UploadKey.key == f"{document.key}-v1-0")
            )

    def _state(self, product: str, number: int) -> str | None:
        with self.services.db.read() as session:
            return session.scalar(
                sa.select(Version.state)
                .join(Product, Product.id == Version.product_id)
                .where(Product.public_id == product, Version.number == number)
            )

    def _handed_in(self, product: str, number: int) -> bool:
        with self.services.db.read() as session:
            return (
                session.scalar(
                    sa.select(Copy.id)
                    .join(Version, Version.id == Copy.version_id)
                    .join(Product, Product.id == Version.product_id)
                    .where(Product.public_id == product, Version.number == number, Copy.number != WORKING)
                    .limit(1)
                )
                is not None
            )
