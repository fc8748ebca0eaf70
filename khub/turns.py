"""Pages of results one after another in each process.

Threads that compute at the same time take each other's processor caches away: two pages at once cost half
as much again as one after the other, and neither comes sooner.
"""

from __future__ import annotations

import threading
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")

#: Seconds after which a page waits no longer for the one before it.
_PATIENCE = 0.5
_turn = threading.Lock()
#: One entry for each view that computes or waits.
_here: list[object] = []


def in_turn(view: Callable[P, T]) -> Callable[P, T]:
    """Let ``view`` wait until no other view in turn computes in this process, but not for long."""

    @wraps(view)
    def waiting(*args: P.args, **kwargs: P.kwargs) -> T:
        _here.append(view)
        mine = _turn.acquire(timeout=_PATIENCE)
        try:
            return view(*args, **kwargs)
        finally:
            if mine:
                _turn.release()
            _here.pop()

    return waiting


def busy() -> bool:
    """Tell whether another view in turn would have to wait behind one that waits already."""
    return len(_here) > 1
