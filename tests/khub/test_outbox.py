"""Jobs: asked for in the change's own transaction, one at a time, never lost, never twice."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from khub import outbox
from khub.outbox import LEASE, MAX_ATTEMPTS, MAX_DEATHS, Job

KINDS = ("read", "index")


def _enqueue(db, clock, kind="read", ref=1, **more):
    with db.write() as session:
        outbox.enqueue(session, kind, ref, clock.now(), **more)


def _claim(db, clock, kinds=KINDS):
    with db.write() as session:
        return outbox.claim(session, clock.now(), kinds)


def _finish(db, claimed):
    with db.write() as session:
        return outbox.finish(session, claimed)


def _fail(db, clock, claimed, error="ValueError: rusak"):
    with db.write() as session:
        return outbox.fail(session, claimed, error, clock.now())


def _job(db, kind="read", ref=1):
    with db.read() as session:
        return session.scalars(sa.select(Job).where(Job.kind == kind, Job.ref == ref)).one()


def test_a_change_that_is_rolled_back_asks_for_nothing(db, clock):
    def change():
        with db.write() as session:
            outbox.enqueue(session, "read", 1, clock.now())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change()
    assert _claim(db, clock) is None


def test_ten_changes_before_the_worker_looks_are_one_job(db, clock):
    for _ in range(10):
        _enqueue(db, clock)
    assert _finish(db, _claim(db, clock))
    assert _claim(db, clock) is None
    assert (_job(db).wanted, _job(db).done) == (10, 10)


def test_a_change_while_the_job_runs_is_served_by_a_second_run(db, clock):
    _enqueue(db, clock)
    first = _claim(db, clock)
    _enqueue(db, clock)
    assert _claim(db, clock) is None  # the lease holds
    assert _finish(db, first)
    second = _claim(db, clock)
    assert (second.ref, second.wanted) == (1, 2)
    assert _finish(db, second)
    assert _claim(db, clock) is None


def test_urgent_work_first_then_oldest(db, clock):
    _enqueue(db, clock, ref=1, priority=5)
    _enqueue(db, clock, ref=2, priority=5)
    _enqueue(db, clock, ref=3, priority=1)
    assert [_claim(db, clock).ref for _ in range(3)] == [3, 1, 2]


def test_only_the_kinds_asked_for(db, clock):
    _enqueue(db, clock, kind="index")
    assert _claim(db, clock, ("read",)) is None
    assert _claim(db, clock, ("read", "index")).kind == "index"


def test_a_lease_that_ran_out_lets_another_take_over_and_fences_the_first_off(db, clock):
    _enqueue(db, clock)
    lost = _claim(db, clock)
    clock.forward(seconds=LEASE.total_seconds() + 1)
    taken = _claim(db, clock)
    assert taken.id == lost.id
    assert not _finish(db, lost)
    assert not _fail(db, clock, lost)
    assert _finish(db, taken)


def test_a_renewed_lease_is_not_taken_over(db, clock):
    _enqueue(db, clock)
    held = _claim(db, clock)
    clock.forward(seconds=LEASE.total_seconds() - 1)
    with db.write() as session:
        assert outbox.extend(session, held, clock.now())
    clock.forward(seconds=LEASE.total_seconds() - 1)
    assert _claim(db, clock) is None
    assert _finish(db, held)


def test_failures_wait_longer_each_time_and_end_where_a_person_sees_them(db, clock):
    _enqueue(db, clock)
    waits = []
    for attempt in range(1, MAX_ATTEMPTS + 1):
        claimed = _claim(db, clock)
        assert claimed.attempts == attempt
        assert _fail(db, clock, claimed) is (attempt == MAX_ATTEMPTS)
        waits.append((_job(db).run_at - clock.now()).total_seconds())
        assert _claim(db, clock) is None
        clock.forward(seconds=waits[-1])
    assert waits == sorted(set(waits))
    clock.forward(days=30)
    assert _claim(db, clock) is None
    assert (_job(db).open, _job(db).error) == (False, "ValueError: rusak")


def test_a_given_up_job_runs_again_when_a_person_or_a_change_asks(db, clock):
    for ask in ("person", "change"):
        _enqueue(db, clock)
        for _ in range(MAX_ATTEMPTS):
            _fail(db, clock, _claim(db, clock))
            clock.forward(hours=1)
        if ask == "person":
            with db.write() as session:
                outbox.retry(session, _job(db).id, clock.now())
        else:
            _enqueue(db, clock)
        claimed = _claim(db, clock)
        assert claimed.attempts == 1
        assert _finish(db, claimed)


def test_a_job_that_never_failed_is_not_retried(db, clock):
    _enqueue(db, clock)
    _finish(db, _claim(db, clock))
    with db.write() as session:
        outbox.retry(session, _job(db).id, clock.now())
    assert _claim(db, clock) is None


def test_a_failure_of_the_machine_uses_up_no_try(db, clock):
    _enqueue(db, clock)
    for _ in range(3 * MAX_ATTEMPTS):
        claimed = _claim(db, clock)
        assert claimed.attempts == 1
        with db.write() as session:
            outbox.put_back(session, claimed, "OSError: no space", clock.now())
        assert _claim(db, clock) is None
        clock.forward(minutes=1)
    assert _finish(db, _claim(db, clock))


def test_a_new_worker_takes_over_at_once_what_a_dead_one_held(db, clock):
    for ref in (1, 2, 3):
        _enqueue(db, clock, ref=ref)
    held = [_claim(db, clock), _claim(db, clock)]
    with db.write() as session:
        assert outbox.release_all(session, clock.now()) == 2
    assert {_claim(db, clock).ref for _ in range(3)} == {1, 2, 3}
    assert not any(_finish(db, claimed) for claimed in held)


def test_a_job_that_kills_every_worker_waits_longer_and_is_given_up(db, clock):
    _enqueue(db, clock)
    waits = []
    for _ in range(MAX_DEATHS):
        assert _claim(db, clock) is not None
        with db.write() as session:
            outbox.release_all(session, clock.now())
        waits.append(max(timedelta(), _job(db).run_at - clock.now()))
        clock.forward(seconds=waits[-1].total_seconds())
    assert waits[0] == timedelta()
    assert waits == sorted(waits)
    clock.forward(days=1)
    assert _claim(db, clock) is None
    assert str(MAX_DEATHS) in _job(db).error


def test_many_claim_at_once_and_none_gets_what_another_has(db, clock):
    for ref in range(30):
        _enqueue(db, clock, ref=ref)
    got, lock, start = [], threading.Lock(), threading.Barrier(4)

    def work():
        start.wait()
        while (claimed := _claim(db, clock)) is not None:
            with lock:
                got.append(claimed.ref)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == list(range(30))


def test_two_who_ask_for_the_same_at_once_make_one_job(db, clock):
    for ref in range(10):
        start, wrong = threading.Barrier(4), []

        def ask(start=start, wrong=wrong, ref=ref):
            start.wait()
            try:
                _enqueue(db, clock, ref=ref)
            except Exception as error:  # noqa: BLE001 - the test shows whatever came
                wrong.append(error)

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
        assert _job(db, ref=ref).wanted == 4
