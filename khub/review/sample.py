"""Which approvals a second reviewer looks at: reproducible, and not to be foreseen by the first."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

_WIDTH = 8
_WHOLE = 100


@dataclass(frozen=True, slots=True)
class Sample:
    """Draws ``percent`` of the approvals by a keyed hash of what was approved.

    The same secret draws the same snapshots again; without it nobody can tell which.
    """

    secret: str
    percent: int

    def draws(self, snapshot: str) -> bool:
        """Tell whether the approval of ``snapshot`` ("report:12", "product:7") is drawn."""
        digest = hmac.new(self.secret.encode(), f"second-look:{snapshot}".encode(), hashlib.sha256).digest()
        return int.from_bytes(digest[:_WIDTH]) * _WHOLE < self.percent << (8 * _WIDTH)
