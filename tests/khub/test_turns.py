"""Pages of results are computed one after another, and none can hold the others up."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from khub import turns

#: Seconds in which anything that is not held up is done.
_SOON = 20


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody's patience end while a test lasts."""
    monkeypatch.setattr(turns, "PATIENCE", 10.0 * _SOON)


@pytest.mark.usefixtures("patient")
def test_pages_asked_for_at_once_are_all_answered_one_after_another() -> None:
    computing, most = threading.Semaphore(1), list[bool]()

    @turns.in_turn
    def view(number: int) -> int:
        alone = computing.acquire(blocking=False)
        most.append(alone)
        found = sum(n % 7 for n in range(20_000)) and number
        if alone:
            computing.release()
        return found

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(view, range(1, 41))) == list(range(1, 41))
    assert all(most)
    assert not turns.busy()


def test_a_page_that_hangs_keeps_no_other_from_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.05)
    hanging, end = threading.Barrier(3), threading.Event()

    @turns.in_turn
    def hangs() -> str:
        hanging.wait(_SOON)
        end.wait(10 * _SOON)
        return "at last"

    view = turns.in_turn(lambda: "soon")
    with ThreadPoolExecutor(3) as threads:
        late = [threads.submit(hangs) for _ in range(2)]
        try:
            hanging.wait(_SOON)
            assert threads.submit(view).result(_SOON) == "soon"
            assert not turns.busy()
            # Who hangs has no turn any more: the next one need not wait, however patient he is.
            monkeypatch.setattr(turns, "PATIENCE", 10.0 * _SOON)
            assert threads.submit(view).result(_SOON) == "soon"
        finally:
            end.set()
        assert [each.result(_SOON) for each in late] == ["at last", "at last"]


@pytest.mark.usefixtures("patient")
def test_a_page_that_fails_gives_its_turn_back() -> None:
    @turns.in_turn
    def fails() -> None:
        raise SystemExit

    with ThreadPoolExecutor(1) as thread:
        with pytest.raises(SystemExit):
            fails()
        assert thread.submit(turns.in_turn(lambda: "answer")).result(_SOON) == "answer"


@pytest.mark.usefixtures("patient")
def test_a_process_is_busy_while_a_page_waits_for_another() -> None:
    begun, end = threading.Event(), threading.Event()

    @turns.in_turn
    def view() -> bool:
        begun.set()
        return end.wait(_SOON)

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(view)
        assert begun.wait(_SOON)
        assert not turns.busy()
        second = threads.submit(view)
        while not turns.busy():
            assert not second.done()
        end.set()
        assert first.result(_SOON)
        assert second.result(_SOON)
    assert not turns.busy()
