"""Lanes on a real database: effects and finish are one, failures stay with their job."""

from __future__ import annotations

import errno
import logging
import threading

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from indexer.engines import store
from khub import outbox, running, worker
from khub.outbox import MAX_ATTEMPTS, Job
from khub.products.models import Kind
from khub.search.indexing import InterruptedRebuildError


def _ask(db, clock, *refs, kind="kerja"):
    with db.write() as session:
        for ref in refs:
            outbox.enqueue(session, kind, ref, clock.now())


def _mark(ref):
    """Return an effect that leaves a row, so that a second effect would fail or show."""

    def effect(session):
        session.add(Kind(code=f"hasil-{ref}", name="x", name_en="x", position=ref))

    return effect


def _marks(db):
    with db.read() as session:
        return set(session.scalars(sa.select(Kind.code).where(Kind.code.like("hasil-%"))))


def _jobs(db):
    with db.read() as session:
        return {job.ref: job for job in session.scalars(sa.select(Job))}


def test_an_empty_queue_is_no_work(db, clock):
    assert not worker.Lane(db, clock, {"kerja": _mark}).step()


def test_work_is_done_with_its_finish_in_one_transaction(db, clock):
    _ask(db, clock, 1)
    assert worker.Lane(db, clock, {"kerja": _mark}).step()
    assert _marks(db) == {"hasil-1"}
    assert not _jobs(db)[1].open


def test_effects_are_rolled_back_when_the_lease_was_lost(db, clock):
    _ask(db, clock, 1)

    def slow(ref):
        clock.forward(seconds=outbox.LEASE.total_seconds() + 1)
        with db.write() as session:  # another worker takes over meanwhile
            assert outbox.claim(session, clock.now(), ("kerja",)) is not None
        return _mark(ref)

    worker.Lane(db, clock, {"kerja": slow}).step()
    assert _marks(db) == set()
    assert _jobs(db)[1].open


def test_a_renewed_lease_keeps_long_work(db, clock):
    _ask(db, clock, 1)
    lanes = []

    def slow(ref):
        (lane,) = lanes
        for _ in range(4):
            clock.forward(seconds=outbox.LEASE.total_seconds() - 1)
            lane.pulse()
            with db.write() as session:
                assert outbox.claim(session, clock.now(), ("kerja",)) is None
        return _mark(ref)

    lanes.append(worker.Lane(db, clock, {"kerja": slow}))
    lanes[0].step()
    assert _marks(db) == {"hasil-1"}


def test_one_bad_job_does_not_stop_the_others(db, clock):
    _ask(db, clock, 1, 2, 3)

    def handler(ref):
        if ref == 2:
            raise ValueError("berkas rusak")
        return _mark(ref)

    lane = worker.Lane(db, clock, {"kerja": handler})
    for _ in range(MAX_ATTEMPTS + 2):
        while lane.step():
            pass
        clock.forward(hours=1)
    assert _marks(db) == {"hasil-1", "hasil-3"}
    assert not _jobs(db)[2].open
    assert "berkas rusak" in _jobs(db)[2].error


def test_an_effect_that_fails_leaves_nothing_and_is_tried_again(db, clock):
    _ask(db, clock, 1)
    turns = []

    def handler(ref):
        def effect(session):
            _mark(ref)(session)
            session.flush()
            turns.append(ref)
            if len(turns) == 1:
                raise RuntimeError

        return effect

    lane = worker.Lane(db, clock, {"kerja": handler})
    lane.step()
    assert _marks(db) == set()
    clock.forward(minutes=1)
    lane.step()
    assert _marks(db) == {"hasil-1"}


def test_a_batch_commits_once_before_any_of_its_jobs_is_finished(db, clock):
    _ask(db, clock, 1, 2, 3)
    commits = []
    lane = worker.Lane(db, clock, {"kerja": _mark}, commit=lambda: commits.append(_marks(db)), batch=10)
    lane.step()
    assert commits == [set()]
    assert len(_marks(db)) == 3


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "penuh"), OperationalError("", {}, Exception("database is locked"))]
)
def test_a_full_disk_however_long_gives_no_job_up(db, clock, error):
    _ask(db, clock, 1, 2)
    broken = [True]

    def commit():
        if broken[0]:
            raise error

    lane = worker.Lane(db, clock, {"kerja": _mark}, commit=commit, batch=10)
    for _ in range(4 * MAX_ATTEMPTS):
        assert lane.step()
        clock.forward(minutes=1)
    assert _marks(db) == set()
    broken[0] = False
    lane.step()
    assert _marks(db) == {"hasil-1", "hasil-2"}


def test_a_job_that_is_told_to_stop_is_no_failure_and_nothing_is_begun_after_it(db, clock, caplog):
    _ask(db, clock, 1, 2)
    stopping = [True]

    def handler(ref):
        if stopping[0]:
            raise InterruptedRebuildError
        return _mark(ref)

    lane = worker.Lane(db, clock, {"kerja": handler}, batch=10)
    for _ in range(2 * MAX_ATTEMPTS):
        lane.step()
        clock.forward(minutes=1)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
    stopping[0] = False
    lane.step()
    assert _marks(db) == {"hasil-1", "hasil-2"}


def test_what_can_wait_is_done_in_pauses_and_gives_way_to_a_job(db, clock):
    done = []

    def tidy(seconds, *, idle):
        assert seconds >= worker.STEP
        done.append("idle" if idle else "busy")

    lane = worker.Lane(db, clock, {"kerja": lambda ref: done.append(ref) or _mark(ref)}, tidy=tidy)
    for _ in range(worker.CALM + 2):
        assert not lane.step()
    assert done == ["busy"] * (worker.CALM - 1) + ["idle"] * 3
    done.clear()
    _ask(db, clock, 1, 2)
    assert lane.step()
    assert lane.step()
    assert done == [1, "busy", 2, "busy"]
    for _ in range(worker.CALM):
        assert not lane.step()
    assert done[4:] == ["busy"] * (worker.CALM - 1) + ["idle"]


def test_a_failing_merge_stops_no_job_and_is_not_tried_all_the_time(db, clock):
    tries = []

    def tidy(seconds, *, idle):
        tries.append(idle)
        raise OSError(errno.ENOSPC, "penuh")

    lane = worker.Lane(db, clock, {"kerja": _mark}, tidy=tidy)
    for number in range(20):
        _ask(db, clock, number)
        assert lane.step()
        assert not lane.step()
    assert len(_marks(db)) == 20
    assert len(tries) == 1
    for _ in range(worker.AFTER_FAILURE):
        lane.step()
    assert len(tries) == 2


def test_the_index_lane_merges_what_single_uploads_left(office, sandbox):
    services = office.services
    services.index_writer.rebuild((), (), lambda _: None)

    def segments():
        return store.describe(store.current(services.settings.index)).segments

    *_, index = running.lanes(services)
    for number in range(6):
        office.draft("budi", f"Laporan {number}")
        office.read_files(sandbox)
        while index.step():
            pass
    before = segments()
    for _ in range(100):
        index.step()
    assert 1 <= segments() < before


def test_two_lanes_share_the_work_and_repeat_none(db, clock):
    _ask(db, clock, *range(20))
    seen, stop = [], threading.Event()

    def handler(ref):
        seen.append(ref)
        if len(seen) == 20:
            stop.set()
        return _mark(ref)

    worker.run([worker.Lane(db, clock, {"kerja": handler}) for _ in range(2)], stop)
    assert sorted(seen) == list(range(20))
    assert len(_marks(db)) == 20


def test_reading_a_file_twice_is_harmless(office, sandbox):
    """The worker died after the effects of one run and before nothing else: the job simply runs again."""
    from khub.products.jobs import ReadFile  # noqa: PLC0415 - only here
    from khub.products.models import File, Page  # noqa: PLC0415 - only here

    office.draft("budi", "Laporan")
    office.read_files(sandbox)

    def state():
        with office.services.db.read() as session:
            file = session.scalars(sa.select(File)).one()
            pages = session.execute(sa.select(Page.number, Page.text).order_by(Page.number)).all()
            return file.id, file.state, file.title, [tuple(page) for page in pages]

    before = state()
    effect = ReadFile(office.services.db, office.services.storage, office.clock, sandbox)(before[0])
    with office.services.db.write() as session:
        effect(session)
    assert state() == before


def test_what_a_person_typed_while_a_file_was_read_stays(office, sandbox):
    from khub.products.jobs import ReadFile  # noqa: PLC0415 - only here
    from khub.products.models import Copy, File  # noqa: PLC0415 - only here

    public_id = office.draft("budi", "Laporan")
    with office.services.db.read() as session:
        file_id = session.scalars(sa.select(File.id)).one()
    effect = ReadFile(office.services.db, office.services.storage, office.clock, sandbox)(file_id)
    office.say("budi", public_id, title="Diketik orang")
    with office.services.db.write() as session:
        effect(session)
    with office.services.db.read() as session:
        assert session.scalars(sa.select(Copy.title)).one() == "Diketik orang"
