"""Pages of results one after another in each process.

Threads that compute at the same time take each other's processor caches away: two pages at once cost half
as much again as one after the other, and neither comes sooner.
"""

from __future__ import annotations

import threading
import time
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")

#: Seconds that a turn lasts at the longest, and that a page waits for its turn at the longest.
PATIENCE = 0.5


class _Turns:
    """Whose turn it is until when, and how many wait; a page that hangs loses its turn to the next one."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.holder: object = None
        self.until = 0.0
        self.waiting = 0

    def take(self) -> object:
        mine = object()
        limit = time.monotonic() + PATIENCE
        with self.changed:
            self.waiting += 1
            try:
                while self.holder is not None:
                    left = min(self.until, limit) - time.monotonic()
                    if left <= 0:
                        break
                    self.changed.wait(left)
            finally:
                self.waiting -= 1
            self.holder, self.until = mine, time.monotonic() + PATIENCE
        return mine

    def give(self, mine: object) -> None:
        with self.changed:
            if self.holder is mine:
                self.holder = None
                self.changed.notify()


_turns = _Turns()


def in_turn(view: Callable[P, T]) -> Callable[P, T]:
    """Let ``view`` wait until no other view in turn computes in this process, but not for long."""

    @wraps(view)
    def waiting(*args: P.args, **kwargs: P.kwargs) -> T:
        mine = _turns.take()
        try:
            return view(*args, **kwargs)
        finally:
            _turns.give(mine)

    return waiting


def busy() -> bool:
    """Tell whether a view waits for its turn; another one would have to wait behind it."""
    return _turns.waiting > 0
