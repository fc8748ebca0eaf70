"""Whether scans can be read on this machine, and with what."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.extract.limits import Limits
from indexer.extract.ocr import LANGUAGES, find_tool

if TYPE_CHECKING:
    from indexer.extract import Tool
    from khub.settings import Settings

#: Seconds after which is looked again: tesseract may be installed while khub runs.
_LOOK = 60.0
#: Seconds of the clock for each second of processor time that a page may take: the machine is shared.
_PATIENCE = 5


@dataclass(frozen=True, slots=True)
class State:
    """``obstacle``: why scans are not read, "off", "no_tool" or "no_language"; "" where they are."""

    obstacle: str
    tool: Tool | None


class Ocr:
    """Finds tesseract when it is needed."""

    def __init__(self, settings: Settings) -> None:
        self.off = settings.ocr == "off"
        self.limits = Limits(
            wall_seconds=float(settings.ocr_page_seconds * _PATIENCE), cpu_seconds=settings.ocr_page_seconds
        )
        self._lock = threading.Lock()
        self._looked = 0.0
        self._tool: Tool | None = None

    def state(self) -> State:
        """Return whether scans are read here, as of at most a minute ago."""
        if self.off:
            return State("off", None)
        with self._lock:
            if not self._looked or time.monotonic() - self._looked > _LOOK:
                self._tool = find_tool()
                self._looked = time.monotonic()
            tool = self._tool
        if tool is None:
            return State("no_tool", None)
        return State("" if LANGUAGES[0] in tool.languages else "no_language", tool)

    def ready(self) -> bool:
        """Tell whether scans are read here."""
        return not self.state().obstacle
