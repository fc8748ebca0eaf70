"""At least once, practically never twice: a worker that dies at any step, a server that is gone or refuses."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from khub import outbox
from khub.mail.sending import GAVE_UP, LONGEST_PAUSE, NO_ADDRESS, NOTHING_LEFT, PATIENCE
from khub.mail.smtp import SmtpTransport
from khub.mail.terms import MailState
from khub.products.lifecycle import Act
from khub.settings import environment
from tests.browser.site import until
from tests.khub.mail.conftest import PostOffice, with_server
from tests.khub.mail.sink import Sink, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from khub.mail.models import Message
    from khub.settings import Settings
    from tests.khub.conftest import Office


class DiedError(BaseException):
    """The worker is gone: nothing catches it."""


class Dying:
    """Dies on the first letter, before or after the server took it."""

    def __init__(self, inner, *, after: bool) -> None:
        self.inner, self.after, self.died = inner, after, False

    def send(self, envelope):
        if self.died:
            return self.inner.send(envelope)
        self.died = True
        if self.after:
            self.inner.send(envelope)
        raise DiedError


def only(post: PostOffice) -> Message:
    (found,) = [each for each in post.letters() if each.person_id == post.office.people["budi"].person_id]
    return found


@pytest.fixture
def returned(post):
    """Return the office in which a report of budi's K/L was just returned, and only he is written to."""
    copy_id = post.report("kl-07", "1.1.01", Act.SUBMIT)
    give_back(post, copy_id)
    return post


def give_back(post, copy_id):
    from khub.mail import notices  # noqa: PLC0415 - beside its only use
    from khub.reports.models import ReportCopy  # noqa: PLC0415

    post.act(copy_id, Act.RETURN)
    with post.services.db.write() as session:
        copy = session.get_one(ReportCopy, copy_id)
        copy.note, copy.decided_by = "Lengkapi halaman 3", post.office.people["dewi"].person_id
        assert notices.returned(session, copy, post.clock.now()) == 2  # budi, and rani of the same K/L


def test_a_letter_goes_out_once_with_its_message_id(returned):
    returned.address("rani", "rani@contoh.go.id")
    returned.step()
    returned.step()
    assert sorted(returned.sink.recipients) == ["budi@contoh.go.id", "rani@contoh.go.id"]
    message = only(returned)
    assert (message.state, message.tries) == (MailState.SENT, 1)
    assert f"<{message.message_id}>" in returned.sink.ids
    assert message.message_id.endswith("@contoh.go.id")


@pytest.mark.parametrize(("after", "copies"), [(False, 1), (True, 2)])
def test_a_worker_that_dies_around_the_server_sends_the_same_letter_again(returned, after, copies):
    returned.transport = Dying(returned.transport, after=after)
    returned.start()
    with pytest.raises(DiedError):
        returned.step()
    assert only(returned).state == MailState.SENDING
    returned.clock.forward(minutes=5)
    returned.start()
    returned.step()
    assert len(returned.sink.letters) == copies
    assert len(set(returned.sink.ids)) == 1
    assert len({letter["Date"] for letter in returned.sink.letters}) == 1
    assert only(returned).state == MailState.SENT


def test_a_worker_that_dies_before_it_marked_the_letter_sends_it_once(returned, monkeypatch):
    returned.clockwork.tick()
    handler = next(iter(returned.lane.handlers.values()))
    monkeypatch.setattr(handler, "_take", lambda *_: (_ for _ in ()).throw(DiedError))
    with pytest.raises(DiedError):
        returned.lane.step()
    assert only(returned).state == MailState.QUEUED
    returned.clock.forward(minutes=5)
    returned.start()
    returned.step()
    assert len(returned.sink.letters) == 1


def test_a_note_that_could_not_be_written_does_not_make_a_second_letter(returned, monkeypatch):
    """The server took it, then the database failed: this worker remembers, and only notes it."""
    returned.clockwork.tick()
    finish, failed = outbox.finish, []

    def failing(session, claimed):
        if not failed:
            failed.append(claimed)
            raise sa.exc.OperationalError("INSERT", {}, Exception("disk full"))
        return finish(session, claimed)

    monkeypatch.setattr(outbox, "finish", failing)
    returned.lane.step()
    assert only(returned).state == MailState.SENDING
    returned.clock.forward(minutes=1)
    returned.lane.step()
    assert (len(returned.sink.letters), only(returned).state) == (1, MailState.SENT)


def test_a_server_that_is_down_for_two_days_loses_nothing(office, settings):
    with running(Sink()) as gone:
        pass
    chosen = with_server(settings, gone)
    post = PostOffice(office, chosen, gone, SmtpTransport(chosen))
    post.address("budi", "budi@contoh.go.id")
    give_back(post, post.report("kl-07", "1.1.01", Act.SUBMIT))
    began, gaps = post.clock.now(), []
    while post.clock.now() - began < timedelta(hours=48):
        post.step()
        message = only(post)
        assert message.state == MailState.QUEUED
        assert "refused" in message.error.lower()
        gaps.append(message.next_try_at - post.clock.now())
        post.at(message.next_try_at)
    assert gaps[:4] == [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8)]
    assert max(gaps) == LONGEST_PAUSE
    with post.services.db.read() as session:
        assert session.scalars(sa.select(outbox.Job.open).where(outbox.Job.kind == "mail")).all() == [True]
    with running(gone, port=gone.port):
        post.clock.forward(hours=1)
        post.step()
    assert gone.recipients == ["budi@contoh.go.id"]
    assert only(post).error == ""


def test_after_five_days_a_person_decides(office, settings):
    with running(Sink()) as gone:
        pass
    chosen = with_server(settings, gone)
    post = PostOffice(office, chosen, gone, SmtpTransport(chosen))
    post.address("budi", "budi@contoh.go.id")
    give_back(post, post.report("kl-07", "1.1.01", Act.SUBMIT))
    post.step()
    post.clock.forward(seconds=PATIENCE.total_seconds())
    post.step()
    assert (only(post).state, only(post).error) == (MailState.REFUSED, GAVE_UP)
    with running(gone, port=gone.port):
        post.mail.retry(office.people["dewi"], only(post).id)
        post.start()
        post.step()
    assert only(post).state == MailState.SENT


def test_a_permanent_refusal_is_not_tried_again_and_is_seen(returned):
    returned.sink.replies["RCPT"] = "550 5.1.1 Mailbox <b> does not exist"
    returned.step()
    returned.clock.forward(days=1)
    returned.step()
    message = only(returned)
    assert (message.state, message.code, message.tries) == (MailState.REFUSED, 550, 1)
    page = returned.office.browser("dewi").get("/surat-keluar?keadaan=refused").text
    assert "Mailbox &lt;b&gt; does not exist" in page


def test_a_temporary_refusal_of_one_letter_does_not_hold_up_others(returned):
    returned.address("rani", "rani@contoh.go.id")
    returned.sink.replies["RCPT"] = "451 4.2.2 Mailbox full"
    returned.clockwork.tick()
    returned.lane.step()
    del returned.sink.replies["RCPT"]
    returned.step()
    assert len(returned.sink.recipients) == 1
    returned.clock.forward(minutes=2)
    returned.step()
    assert sorted(returned.sink.recipients) == ["budi@contoh.go.id", "rani@contoh.go.id"]


def test_what_was_mended_meanwhile_is_not_asked_for(returned):
    returned.clockwork.tick()
    with returned.services.db.read() as session:
        copy_id = only(returned).facts["copy"][1]
        assert session is not None
    returned.act(copy_id, Act.SUBMIT)
    returned.step()
    assert returned.sink.letters == []
    assert (only(returned).state, only(returned).error) == (MailState.DROPPED, NOTHING_LEFT)


def test_somebody_without_an_address_is_shown_as_not_reached(returned):
    returned.address("budi", "")
    returned.step()
    assert returned.sink.letters == []
    assert (only(returned).state, only(returned).error) == (MailState.REFUSED, NO_ADDRESS)


def test_whoever_left_gets_nothing(returned):
    returned.services.accounts.set_active(
        returned.office.people["yoga"], returned.office.people["budi"].person_id, active=False
    )
    returned.step()
    assert returned.sink.letters == []
    assert only(returned).state == MailState.DROPPED


@contextlib.contextmanager
def working(chosen: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """Run a real worker; it is told to stop at the end, unless it was killed."""
    env = {**os.environ, **environment(chosen)}
    process = subprocess.Popen([sys.executable, "-m", "khub", "worker"], env=env, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def shift(office: Office, after: timedelta = timedelta(minutes=1)) -> int:
    """Return what sets a worker's clock to so long after the test's, in seconds."""
    return round((office.clock.now() + after - datetime.now(tz=UTC)).total_seconds())


@pytest.mark.kill
def test_a_worker_killed_while_the_server_holds_the_letter(office, settings):
    """kill -9 of a real worker after DATA, before its answer: the next one sends the same letter again."""
    with running(Sink()) as sink:
        chosen = with_server(settings, sink, clock_shift=shift(office))
        post = PostOffice(office, chosen, sink, SmtpTransport(chosen))
        post.address("budi", "budi@contoh.go.id")
        give_back(post, post.report("kl-07", "1.1.01", Act.SUBMIT))
        sink.go_on.clear()
        with working(chosen) as first:
            assert sink.taken.wait(60)
            first.kill()
        assert only(post).state == MailState.SENDING
        sink.go_on.set()
        with working(chosen):
            until(lambda: only(post).state == MailState.SENT, "the letter is sent again", 60)
    assert len(sink.ids) == 2
    assert len(set(sink.ids)) == 1


@pytest.mark.kill
def test_a_day_without_a_server_and_a_killed_worker_cost_no_letter(office, settings):
    """Real workers: one is killed while the server is down, the next one sends when it is back a day later."""
    with running(Sink()) as gone:
        pass
    chosen = with_server(settings, gone, clock_shift=shift(office))
    post = PostOffice(office, chosen, gone, SmtpTransport(chosen))
    post.address("budi", "budi@contoh.go.id")
    give_back(post, post.report("kl-07", "1.1.01", Act.SUBMIT))
    with working(chosen) as first:
        until(lambda: only(post).error, "the worker tries", 60)
        first.kill()
    assert only(post).state == MailState.QUEUED
    later = with_server(settings, gone, clock_shift=shift(office, timedelta(days=1)))
    with running(gone, port=gone.port), working(later):
        until(lambda: only(post).state == MailState.SENT, "the letter is sent", 60)
    assert gone.recipients == ["budi@contoh.go.id"]


def test_the_worker_has_a_lane_for_letters(services):
    from khub.running import lanes  # noqa: PLC0415 - beside its only use

    assert any("mail" in lane.handlers for lane in lanes(services))
