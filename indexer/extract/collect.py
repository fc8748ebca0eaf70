"""Pages as they are found, under the document's limits, and the verdict at the end."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from indexer.extract.language import language_of
from indexer.extract.limits import Limits
from indexer.extract.model import ExtractError, Extraction, FileState, Page, PageKind
from indexer.extract.personal import find_personal
from indexer.extract.text import one_line
from indexer.extract.titles import first_line, usable_title

SCAN = "ocr.scan"
_MAX_OUTLINE = 2_000
# The same text on more than this share of at least so many pages is a stamp on a scan.
_STAMP_SHARE = 0.8
_STAMP_PAGES = 3
_MAX_LABEL = 40


class Collector:
    """Takes what a format module finds; ``emit`` sees each page at once, so a later crash loses none."""

    def __init__(self, limits: Limits, emit: Callable[[Page], None] | None = None) -> None:
        self.limits = limits
        self.pages: list[Page] = []
        self.page_count = 0
        self.title = ""
        self.outline: list[tuple[str, int]] = []
        self.warnings: list[str] = []
        self.page_images = False
        self._emit = emit
        self._chars = 0

    @property
    def full(self) -> bool:
        """True once a limit on pages or characters is reached; what follows would be dropped."""
        return len(self.pages) >= self.limits.pages or self._chars >= self.limits.document_chars

    def warn(self, code: str) -> None:
        """Note a warning once."""
        if code not in self.warnings:
            self.warnings.append(code)

    def add(
        self, text: str, kind: PageKind, *, label: str = "", heading: str = "", approximate: bool = False,
        error: str = "",
    ) -> None:  # fmt: skip
        """Append the next page; ``text`` is already clean. Cuts at the limits and warns."""
        if len(self.pages) >= self.limits.pages:
            self.warn("cut.pages")
            return
        room = min(self.limits.page_chars, self.limits.document_chars - self._chars)
        if len(text) > room:
            self.warn("cut.text")
            text = text[:room]
        self._chars += len(text)
        number = len(self.pages) + 1
        label = one_line(label, _MAX_LABEL) or str(number)
        page = Page(number, label, kind, approximate, one_line(heading), text, error)
        self.pages.append(page)
        if self._emit is not None:
            self._emit(page)

    def resume(self, pages: list[Page]) -> None:
        """Start after pages that an earlier attempt delivered; they are not emitted again."""
        self.pages = list(pages)
        self._chars = sum(len(page.text) for page in pages)

    def add_outline(self, title: str, page: int) -> None:
        """Append one entry of the document's own table of contents."""
        if title and len(self.outline) < _MAX_OUTLINE:
            self.outline.append((title, page))


def conclude(found: Collector, name: str, verdict: ExtractError | None = None) -> Extraction:
    """Return the outcome: ``verdict`` when a module gave one and no page was read, else by the pages."""
    pages = found.pages
    if found.page_images:
        pages = _mark_stamped(pages)
    state, reason, detail = _state(pages, found)
    if verdict is not None:
        readable = any(page.text for page in pages)
        state = FileState.PARTIAL if readable else verdict.state
        reason, detail = verdict.reason, dict(verdict.detail)
    outline = tuple((title, page) for title, page in found.outline if 1 <= page <= len(pages))
    return Extraction(
        state=state,
        reason=reason,
        detail=detail,
        pages=tuple(pages),
        page_count=max(found.page_count, len(pages)),
        title=usable_title(found.title, name) or _title_from(pages),
        language=language_of(page.text for page in pages),
        warnings=tuple(found.warnings),
        outline=outline,
        personal=find_personal(pages),
    )


def _title_from(pages: list[Page]) -> str:
    if not pages:
        return ""
    first = pages[0]
    if first.heading and first.approximate:
        return one_line(first.heading.split(" / ")[0])
    return first_line(first.text)


def _mark_stamped(pages: list[Page]) -> list[Page]:
    """Mark pages whose only text is a stamp that most pages share: behind it stands a scan."""
    if len(pages) < _STAMP_PAGES:
        return pages
    texts = Counter(" ".join(page.text.split()) for page in pages if page.text)
    if not texts:
        return pages
    stamp, count = texts.most_common(1)[0]
    if count <= _STAMP_SHARE * len(pages):
        return pages
    return [
        replace(page, error=SCAN) if not page.error and " ".join(page.text.split()) == stamp else page
        for page in pages
    ]


def _state(pages: list[Page], found: Collector) -> tuple[FileState, str, dict[str, int | str]]:
    total = max(found.page_count, len(pages))
    scans = sum(1 for page in pages if page.error == SCAN)
    failed = sum(1 for page in pages if page.error and page.error != SCAN)
    fine = sum(1 for page in pages if not page.error and page.text)
    if failed and not fine and not scans:
        return FileState.BROKEN, "pages.failed", {"failed": failed, "pages": total}
    if scans and not fine:
        return FileState.NEEDS_OCR, SCAN, {"scans": scans, "pages": total}
    if failed:
        return FileState.PARTIAL, "pages.failed", {"failed": failed, "pages": total}
    if "cut.pages" in found.warnings:
        return FileState.PARTIAL, "cut.pages", {"limit": found.limits.pages, "pages": total}
    if "cut.text" in found.warnings:
        return FileState.PARTIAL, "cut.text", {"limit": found.limits.document_chars}
    if "cut.cells" in found.warnings:
        return FileState.PARTIAL, "cut.cells", {"limit": found.limits.cells}
    if "damaged" in found.warnings and fine:
        return FileState.PARTIAL, "damaged", {}
    if "damaged" in found.warnings:
        return FileState.BROKEN, "damaged", {}
    if scans:
        return FileState.PARTIAL, "ocr.some", {"scans": scans, "pages": total}
    if not fine:
        return FileState.NO_TEXT, "no_text", {"pages": total}
    return FileState.READ, "", {}
