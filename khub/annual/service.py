"""The write side of the annual report, whole."""

from __future__ import annotations

from khub.annual.citing import Citing
from khub.annual.masukan import Masukan
from khub.annual.narrative import Narrative
from khub.annual.publishing import Publishing


class Annual(Narrative, Citing, Masukan, Publishing):
    """Every use case on annual reports; each method is one transaction with its audit event."""
