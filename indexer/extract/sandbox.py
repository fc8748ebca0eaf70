"""The door to extraction: every file is read in a confined process of its own."""

import os
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from indexer.extract import wire
from indexer.extract.forkserver import Fate, ForkServer, Outcome
from indexer.extract.limits import MB, Limits
from indexer.extract.model import Extraction, FileState, Page, Recognised, Rendered, RenderFailure
from indexer.extract.ocr import Tool, read_tsv, turned, turned_back
from indexer.extract.request import Request
from indexer.extract.sniff import Sniff, sniff

# One retry with the other engine where there is one; the same reader is not asked twice.
_ENGINES = {"pdf": ("", "pypdf"), "docx": ("", "walk"), "docm": ("", "walk"), "dotx": ("", "walk")}
_FATES = {
    Fate.TIMEOUT: (FileState.TIMEOUT, "limit.time"),
    Fate.MEMORY: (FileState.TOO_RISKY, "limit.memory"),
    # Each time it was read: this machine has no memory for it.
    Fate.KILLED: (FileState.TOO_RISKY, "limit.memory"),
    Fate.CRASH: (FileState.BROKEN, "reader.crash"),
    Fate.ENDED: (FileState.BROKEN, "reader.crash"),
    Fate.LOST: (FileState.BROKEN, "reader.crash"),
}
#: Not the doing of the file: it is read again, so often in all.
_INTERRUPTED = {Fate.LOST, Fate.KILLED}
_TRIES = 3
_REFUSED = {
    "empty": FileState.BROKEN,
    "executable": FileState.TOO_RISKY,
    "zip.executable": FileState.TOO_RISKY,
}
_FORETOLD = {"zip.truncated": FileState.BROKEN, "zip.damaged": FileState.BROKEN}
_RENDERABLE = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
RENDER_LIMITS = Limits(wall_seconds=20.0, cpu_seconds=15)
_MAX_WIDTH = 4_000
#: A page read with less confidence, in percent, may stand on its head: one that does gives some 45.
_DOUBTFUL = 70


class Sandbox:
    """Reads and renders hostile files; thread-safe. At most ``parallel`` children run at once.

    The helper process starts with the first call and ends with ``close`` or with this process.
    """

    def __init__(self, *, parallel: int = 4) -> None:
        self._server = ForkServer()
        self._slots = threading.BoundedSemaphore(parallel)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the helper process and every child. A later call starts it again."""
        self._server.close()

    def extract(self, path: Path, *, name: str, limits: Limits | None = None) -> Extraction:
        """Return what ``path`` holds; ``name`` is the name its uploader gave.

        Never raises for the file's content. Raises OSError when the file cannot be opened or the helper
        process cannot be started.
        """
        limits = limits or Limits()
        kind = sniff(path, name)
        early = _early_verdict(kind)
        if early is not None:
            return _labelled(early, kind)
        with self._slots:
            return _labelled(
                self._attempts(path, kind, Request("extract", kind.extension, name, limits)), kind
            )

    def _attempts(self, path: Path, kind: Sniff, request: Request) -> Extraction:
        pages: list[Page] = []
        fate: Fate | None = None
        for engine in _ENGINES.get(kind.extension, ("",)):
            if kind.extension != "pdf":
                # Only PDF pages can be told apart beforehand; other readers start over.
                pages = []
                request = replace(request, pages=[])
            outcome = self._run(path, replace(request, engine=engine))
            pages += outcome.pages
            if outcome.result is not None:
                try:
                    result = wire.result_in(outcome.result, pages)
                except wire.WireError:
                    outcome.fate = Fate.CRASH
                else:
                    # "No text" from the second engine says less than how the first one ended.
                    if fate is None or result.state is not FileState.NO_TEXT:
                        return result
                    break
            fate = outcome.fate
            request = replace(request, pages=list(pages), page_count=outcome.page_count or request.page_count)
        state, reason = _FATES[fate or Fate.CRASH]
        # The pages that were read before are worth a language and a title; no parser runs for that.
        last = self._run(None, replace(request, task="conclude", verdict=(state.value, reason)))
        try:
            return wire.result_in(last.result, pages)
        except wire.WireError:
            return Extraction(
                state, reason, pages=tuple(pages), page_count=max(request.page_count, len(pages))
            )

    def render(
        self, path: Path, *, media_type: str, page: int, width: int, limits: Limits = RENDER_LIMITS
    ) -> Rendered | RenderFailure:
        """Return page ``page`` (from 1) as an image ``width`` pixels wide, or why there is none.

        Raises OSError like ``extract``.
        """
        extension = _RENDERABLE.get(media_type)
        if extension is None:
            return RenderFailure("no_image")
        width = min(max(width, 16), _MAX_WIDTH)
        with self._slots:
            outcome = self._run(path, Request("render", extension, "", limits, page=page, width=width))
        if outcome.verdict:
            return RenderFailure(outcome.verdict)
        if outcome.result is not None and outcome.image:
            try:
                return wire.image_in(outcome.result, outcome.image)
            except wire.WireError:
                return RenderFailure("reader.crash")
        return RenderFailure(_FATES[outcome.fate][1])

    def recognise(
        self, path: Path, *, media_type: str, page: int, tool: Tool, limits: Limits
    ) -> Recognised | RenderFailure:
        """Return what OCR reads on page ``page`` (from 1), or why it could not; ``limits`` hold for each step.

        One child makes the picture and never runs a program; the program, in another, never sees the file.
        What makes little sense is read once more upside down, in what is left of the time: tesseract reads
        lines that run upwards by itself, but takes every line to begin at its left.
        Raises OSError like ``extract``.
        """
        extension = _RENDERABLE.get(media_type)
        if extension is None:
            return RenderFailure("no_image")
        with self._slots:
            made = self._run(path, Request("scan", extension, "", limits, page=page))
            if made.verdict or made.result is None or not made.image:
                return RenderFailure(made.verdict or _FATES[made.fate][1])
            began = time.monotonic()
            found = self._read_picture(made.image, tool, limits)
            left = limits.wall_seconds - (time.monotonic() - began)
            if isinstance(found, Recognised) and found.words and found.confidence < _DOUBTFUL and left > 0:
                other = self._read_picture(turned(made.image), tool, replace(limits, wall_seconds=left))
                if isinstance(other, Recognised) and _sense(other) > _sense(found):
                    return turned_back(other)
        return found

    def _read_picture(self, picture: bytes, tool: Tool, limits: Limits) -> Recognised | RenderFailure:
        command = (tool.program, "+".join(tool.languages), tool.tessdata)
        with tempfile.TemporaryFile() as image:
            image.write(picture)
            image.flush()

            def attempt() -> Outcome:
                image.seek(0)
                return self._server.run(Request("recognise", "", "", limits, tool=command), image.fileno())

            read = _undisturbed(attempt)
        found = read_tsv(read.result) if isinstance(read.result, str) else None
        return found or RenderFailure(_FATES[read.fate][1])

    def _run(self, path: Path | None, request: Request) -> Outcome:
        """Run one task; again when the helper itself was lost, or its child killed from outside."""

        def attempt() -> Outcome:
            fd = -1 if path is None else os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                return self._server.run(request, fd)
            finally:
                if fd >= 0:
                    os.close(fd)

        return _undisturbed(attempt)


def _undisturbed(attempt: Callable[[], Outcome]) -> Outcome:
    """Return what came of the first attempt that nothing interrupted, else of the last."""
    for _ in range(_TRIES):
        outcome = attempt()
        if outcome.fate not in _INTERRUPTED:
            break
    return outcome


def _sense(found: Recognised) -> int:
    """Return how much was made out, and how surely."""
    return found.confidence * len(found.text)


def _early_verdict(kind: Sniff) -> Extraction | None:
    """Return the outcome where the first bytes already decide it."""
    if kind.reason.endswith(".password"):
        return Extraction(FileState.LOCKED, kind.reason)
    state = _FORETOLD.get(kind.reason) if kind.allowed else _REFUSED.get(kind.reason, FileState.UNSUPPORTED)
    if kind.reason.startswith("zip.") and state in {None, FileState.UNSUPPORTED}:
        return Extraction(FileState.TOO_RISKY, kind.reason, _zip_limit(kind.reason))
    return None if state is None else Extraction(state, kind.reason)


def _zip_limit(reason: str) -> dict[str, int | str]:
    limits = Limits()
    figures = {
        "zip.entries": limits.zip_entries,
        "zip.size": limits.zip_bytes // MB,
        "zip.part": limits.zip_part_bytes // MB,
        "zip.ratio": limits.zip_ratio,
    }
    return {"limit": figures[reason]} if reason in figures else {}


def _labelled(result: Extraction, kind: Sniff) -> Extraction:
    warnings = tuple(dict.fromkeys((*kind.warnings, *result.warnings)))
    return replace(result, media_type=kind.media_type, extension=kind.extension, warnings=warnings)
