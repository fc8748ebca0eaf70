"""An office whose people have addresses, a mail server to send to, and report rows in any state."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from khub import outbox, worker
from khub.accounts.models import Person
from khub.app import create_app
from khub.clock import WIB
from khub.mail.clockwork import Clockwork
from khub.mail.models import Message
from khub.mail.sending import SEND, SendMail
from khub.mail.service import Mail
from khub.mail.smtp import SmtpTransport
from khub.plan.models import Action, Commitment, Extension, Period
from khub.policy import Grant, Role
from khub.products import ids
from khub.reports import steps
from khub.reports.models import Report, ReportCopy
from tests.khub.mail.sink import Sink, running

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from khub.mail.smtp import Transport
    from khub.products.lifecycle import Act
    from khub.settings import Settings
    from tests.khub.conftest import Office

BASE = "https://khub.contoh.go.id"


def wib(day: int, hour: int = 7, minute: int = 0, month: int = 10) -> datetime:
    """Return a moment of 2023 in WIB."""
    return datetime(2023, month, day, hour, minute, tzinfo=WIB)


def with_server(settings: Settings, sink: Sink, **more: object) -> Settings:
    """Return settings that send to ``sink``."""
    chosen: dict[str, object] = {
        "smtp_host": "127.0.0.1",
        "smtp_port": sink.port,
        "smtp_tls": "none",
        "mail_from": "khub RAN PE <khub@contoh.go.id>",
        "base_url": BASE,
        **more,
    }
    return replace(settings, **chosen)


@dataclass
class PostOffice:
    """The office with its letters; ``step`` is what the worker does in a few seconds."""

    office: Office
    settings: Settings
    sink: Sink
    transport: Transport

    def __post_init__(self) -> None:
        self.services = self.office.services
        self.clock = self.office.clock
        self.mail = Mail(self.services.db, self.clock, self.settings)
        self.clockwork = Clockwork(self.services.db, self.clock, self.settings)
        self.start()

    def start(self) -> None:
        """Start a worker anew, as after a crash: nothing of the old one's memory is left."""
        handler = SendMail(self.services.db, self.clock, self.settings, self.transport)
        self.lane = worker.Lane(self.services.db, self.clock, {SEND: handler})
        with self.services.db.write() as session:
            outbox.release_all(session, self.clock.now())

    def step(self) -> None:
        """Prepare what is due and send until nothing is."""
        self.clockwork.tick()
        while self.lane.step():
            pass

    def at(self, moment: datetime) -> None:
        """Set the clock."""
        self.clock.at = moment.astimezone(UTC)

    def letters(self, **where: object) -> Sequence[Message]:
        """Return letters in the order in which they were prepared."""
        with self.services.db.read() as session:
            return session.scalars(sa.select(Message).filter_by(**where).order_by(Message.id)).all()

    def address(self, login: str, email: str) -> None:
        """Give a person an address."""
        with self.services.db.write() as session:
            session.execute(sa.update(Person).where(Person.login == login).values(email=email))

    def commit(self, institution: str, answer: str = "yes", codes: Sequence[str] = ()) -> None:
        """Record a K/L's answers for 2023, to every action or to ``codes``."""
        with self.services.db.write() as session:
            actions = sa.select(Action.id)
            for action_id in session.scalars(actions.where(Action.code.in_(codes)) if codes else actions):
                session.add(
                    Commitment(
                        action_id=action_id,
                        institution_id=self.office.institutions[institution],
                        year=2023,
                        answer=answer,
                        recorded_at=datetime(2023, 1, 2, tzinfo=UTC),
                    )
                )

    def extend(self, day: datetime, institution: str | None = None, code: str | None = None) -> None:
        """Grant a later deadline."""
        with self.services.db.write() as session:
            session.add(
                Extension(
                    period_id=session.scalars(sa.select(Period.id)).one(),
                    institution_id=self.office.institutions[institution] if institution else None,
                    action_id=session.scalars(sa.select(Action.id).where(Action.code == code)).one()
                    if code
                    else None,
                    deadline=day.astimezone(UTC),
                    reason="diminta",
                    recorded_at=self.clock.now(),
                )
            )

    def report(self, institution: str, code: str, *acts: Act, classification: str = "internal") -> int:
        """Bring a new report row through ``acts``; returns the id of its snapshot."""
        now = self.clock.now()
        branch = code.split(".", maxsplit=1)[0]
        with self.services.db.write() as session:
            report = Report(
                public_id=ids.product_id(),
                action_id=session.scalars(sa.select(Action.id).where(Action.code == code)).one(),
                institution_id=self.office.institutions[institution],
                period_id=session.scalars(sa.select(Period.id)).one(),
                pokja_id=self.office.pokjas[branch],
                classification=classification,
                created_at=now,
            )
            steps.begin(session, report, now)
            session.add(ReportCopy(report_id=report.id, number=0, access="draft", saved_at=now))
            copy = ReportCopy(
                report_id=report.id, number=1, access="submitted", saved_at=now, outcome="pending"
            )
            session.add(copy)
            session.flush()
            for act in acts:
                step = steps.move(session, report, act, now)
                copy.access, copy.outcome = step.snapshot, step.outcome
            session.flush()
            return copy.id

    def act(self, copy_id: int, act: Act) -> ReportCopy:
        """Carry an act on a report out."""
        with self.services.db.write() as session:
            copy = session.get_one(ReportCopy, copy_id)
            step = steps.move(session, session.get_one(Report, copy.report_id), act, self.clock.now())
            copy.access, copy.outcome = step.snapshot, step.outcome
        return copy


@pytest.fixture
def sink() -> Iterator[Sink]:
    """Return a running mail server without encryption."""
    with running(Sink()) as found:
        yield found


@pytest.fixture
def post(office: Office, settings: Settings, sink: Sink) -> PostOffice:
    """Return the office with a mail server and people for pokja 2; both K/L have said yes to everything."""
    chosen = with_server(settings, sink)
    found = PostOffice(office, chosen, sink, SmtpTransport(chosen))
    office.app = create_app(chosen, replace(office.services, settings=chosen, mail=found.mail))
    for login in ("budi", "tia", "dewi", "kiki"):
        found.address(login, f"{login}@contoh.go.id")
    for login, unit in (("dodi", "kl-07"), ("duta", "kl-12")):
        office.hire(login, Grant(Role.MEMBER, office.institutions[unit], office.pokjas["2"]))
    found.commit("kl-07")
    found.commit("kl-12")
    return found


@pytest.fixture
def shown(office: Office, settings: Settings, sink: Sink) -> PostOffice:
    """Return the office without a mail server: letters are only shown."""
    found = PostOffice(office, settings, sink, SmtpTransport(settings))
    found.address("budi", "budi@contoh.go.id")
    found.commit("kl-07")
    found.commit("kl-12")
    return found
