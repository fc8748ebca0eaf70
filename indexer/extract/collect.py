"""Pages as they are found, under the document's limits, and the verdict at the end."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from indexer.extract.language import language_of, language_of_page
from indexer.extract.limits import Limits
from indexer.extract.model import ExtractError, Extraction, FileState, Page, PageKind
from indexer.extract.personal import find_personal
from indexer.extract.text import one_line
from indexer.extract.titles import better_title, opening_title, usable_title

SCAN, GARBLED = "ocr.scan", "ocr.garbled"
_MAX_OUTLINE = 2_000
# The same text on more than this share of at least so many pages is a stamp on a scan.
_STAMP_SHARE = 0.8
_STAMP_PAGES = 3
_STAMP_CHARS = 500
_MAX_LABEL = 40


class Collector:
    """Takes what a format module finds; ``emit`` sees each page at once, so a later crash loses none."""

    def __init__(self, limits: Limits, emit: Callable[[Page], None] | None = None) -> None:
        self.limits = limits
        self.pages: list[Page] = []
        self.page_count = 0
        self.title = ""
        self.chapter = ""  # the last chapter heading of a document without an outline
        self.outline: list[tuple[str, int]] = []
        self.warnings: list[str] = []
        self._emit = emit
        self._chars = 0

    def stop_when_full(self) -> bool:
        """Return whether a limit on pages or characters is reached, warning that the rest is cut."""
        if len(self.pages) >= self.limits.pages:
            self.warn("cut.pages")
            return True
        if self._chars >= self.limits.document_chars:
            self.warn("cut.text")
            return True
        return False

    def warn(self, code: str) -> None:
        """Note a warning once."""
        if code not in self.warnings:
            self.warnings.append(code)

    def add(
        self,
        text: str,
        kind: PageKind,
        *,
        label: str = "",
        heading: str = "",
        approximate: bool = False,
        error: str = "",
    ) -> None:
        """Append the next page; ``text`` is already clean. Cuts at the limits and warns."""
        if self.stop_when_full():
            return
        room = min(self.limits.page_chars, self.limits.document_chars - self._chars)
        if len(text) >= room:
            self.warn("cut.text")
            text = text[:room]
        self._chars += len(text)
        number = len(self.pages) + 1
        label = one_line(label, _MAX_LABEL) or str(number)
        page = Page(number, label, kind, approximate, one_line(heading), text, error)
        self.pages.append(page)
        if self._emit is not None:
            self._emit(page)

    def add_sections(self, pages: list[Page]) -> None:
        """Append pages of flowing text, whose numbers are only approximate."""
        self.page_count = len(pages)
        for page in pages:
            self.add(page.text, page.kind, heading=page.heading, approximate=True)

    def resume(self, pages: list[Page], page_count: int) -> None:
        """Start after pages that an earlier attempt delivered; they are not emitted again."""
        self.pages = list(pages)
        self.page_count = page_count
        self._chars = sum(len(page.text) for page in pages)
        self.chapter = pages[-1].heading if pages else ""

    def add_outline(self, title: str, page: int) -> None:
        """Append one entry of the document's own table of contents."""
        if title and len(self.outline) < _MAX_OUTLINE:
            self.outline.append((title, page))

    def mark_stamped(self) -> None:
        """Mark pages whose only text is a stamp that most pages share: behind it stands a scan."""
        texts = Counter(" ".join(page.text.split()) for page in self.pages if page.text)
        if len(self.pages) < _STAMP_PAGES or not texts:
            return
        stamp, count = texts.most_common(1)[0]
        if len(stamp) <= _STAMP_CHARS and count > _STAMP_SHARE * len(self.pages):
            self.pages = [
                replace(page, error=SCAN) if not page.error and " ".join(page.text.split()) == stamp else page
                for page in self.pages
            ]


def conclude(found: Collector, name: str, verdict: ExtractError | None = None) -> Extraction:
    """Return the outcome: by the pages, or ``verdict`` (softened to PARTIAL where pages have text)."""
    pages = [replace(page, language=language_of_page(page.text)) for page in found.pages]
    state, reason, detail = _state(pages, found)
    if verdict is not None:
        state = FileState.PARTIAL if any(page.text for page in pages) else verdict.state
        reason, detail = verdict.reason, dict(verdict.detail)
    return Extraction(
        state=state,
        reason=reason,
        detail=detail,
        pages=tuple(pages),
        page_count=max(found.page_count, len(pages)),
        title=better_title(usable_title(found.title, name), opening_title(pages)),
        language=language_of(page.text for page in pages),
        warnings=tuple(found.warnings),
        outline=tuple((title, page) for title, page in found.outline if 1 <= page <= len(pages)),
        personal=find_personal(pages),
    )


def _state(pages: list[Page], found: Collector) -> tuple[FileState, str, dict[str, int | str]]:
    """Return the first rule that fits, from what hurts most to what hurts least."""
    total = max(found.page_count, len(pages))
    scans = sum(page.error == SCAN for page in pages)
    garbled = sum(page.error == GARBLED for page in pages)
    ocr = scans + garbled
    failed = sum(bool(page.error) for page in pages) - ocr
    fine = sum(not page.error and bool(page.text) for page in pages)
    limits, cut = found.limits, found.warnings
    rules: list[tuple[bool, FileState, str, dict[str, int | str]]] = [
        (not fine and ocr > 0, FileState.NEEDS_OCR, SCAN if scans >= garbled else GARBLED, {"scans": ocr}),
        (not fine and failed > 0, FileState.BROKEN, "pages.failed", {"failed": failed}),
        (not fine and "damaged" in cut, FileState.BROKEN, "damaged", {}),
        (failed > 0, FileState.PARTIAL, "pages.failed", {"failed": failed}),
        ("cut.pages" in cut, FileState.PARTIAL, "cut.pages", {"limit": limits.pages}),
        ("cut.text" in cut, FileState.PARTIAL, "cut.text", {"limit": limits.document_chars}),
        ("cut.cells" in cut, FileState.PARTIAL, "cut.cells", {"limit": limits.cells}),
        ("damaged" in cut, FileState.PARTIAL, "damaged", {}),
        (ocr > 0, FileState.PARTIAL, "ocr.some", {"scans": ocr}),
        (not fine, FileState.NO_TEXT, "no_text", {}),
    ]
    for holds, state, reason, detail in rules:
        if holds:
            return state, reason, {**detail, "pages": total}
    return FileState.READ, "", {}
