"""What extraction hands back: plain immutable values, no parser objects.

Offsets count code points of ``Page.text``. Page numbers are 1-based and dense. Codes (``reason``,
``warnings``, ``Page.error``) are stable machine words; the application translates them.
"""

from dataclasses import dataclass, field
from enum import StrEnum

# Raised whenever the same bytes would give other text, so that stored pages can be told apart.
EXTRACTOR_VERSION = 3


class FileState(StrEnum):
    """How far the text of a file could be read; the file stays downloadable in every state."""

    READ = "read"
    PARTIAL = "partial"
    NEEDS_OCR = "needs_ocr"
    LOCKED = "locked"
    NO_TEXT = "no_text"
    BROKEN = "broken"
    TOO_RISKY = "too_risky"
    TIMEOUT = "timeout"
    UNSUPPORTED = "unsupported"
    EVIDENCE = "evidence"  # images: kept as evidence, preview only


class PageKind(StrEnum):
    """What a page number means in the original file."""

    PAGE = "page"
    SLIDE = "slide"
    SHEET = "sheet"
    SECTION = "section"


class PersonalKind(StrEnum):
    """Patterns of personal data that are counted (never stored)."""

    NIK = "nik"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Page:
    """One place a reader can be sent to.

    ``label`` is what the document itself calls the page ("3", "iv", "Lampiran 3"); ``heading`` is the
    heading path in force ("Bab 3 / Sikap dasar") or ""; ``error`` is "" when the page is fine,
    "ocr.scan" for a page image without text, otherwise why its text is missing. ``language`` is "id",
    "en" or, for a page of few words, ""; it is told with the outcome of the whole file.
    """

    number: int
    label: str
    kind: PageKind
    approximate: bool
    heading: str
    text: str
    error: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class PersonalFinding:
    """How often one pattern of personal data occurs, and on which pages."""

    kind: PersonalKind
    count: int
    pages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Extraction:
    """The whole outcome for one file; always complete, whatever the file did.

    ``page_count`` is the number of pages the file has, which may be more than ``len(pages)`` when a
    limit cut. ``outline`` holds (title, page number). ``language`` is "id", "en" or "".
    """

    state: FileState
    reason: str = ""
    detail: dict[str, int | str] = field(default_factory=dict)
    media_type: str = ""
    extension: str = ""
    pages: tuple[Page, ...] = ()
    page_count: int = 0
    title: str = ""
    language: str = ""
    warnings: tuple[str, ...] = ()
    outline: tuple[tuple[str, int], ...] = ()
    personal: tuple[PersonalFinding, ...] = ()
    version: int = EXTRACTOR_VERSION


@dataclass(frozen=True, slots=True)
class WordBox:
    """One word of a page image: ``text[start:end]`` and its box in fractions 0..1, origin top left."""

    start: int
    end: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page image (WebP) of ``width`` × ``height`` pixels; ``text`` equals the stored page text."""

    image: bytes
    width: int
    height: int
    text: str
    words: tuple[WordBox, ...]


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a page image says, with the boxes of its words and the mean confidence in percent."""

    text: str
    words: tuple[WordBox, ...]
    confidence: int


@dataclass(frozen=True, slots=True)
class RenderFailure:
    """Why there is no image, or nothing read from it: a code such as "no_image", "locked", "limit.time"."""

    reason: str


class ExtractError(Exception):
    """A final verdict on a file, raised by a format module inside the child process."""

    def __init__(self, state: FileState, reason: str, **detail: int | str) -> None:
        super().__init__(reason)
        self.state = state
        self.reason = reason
        self.detail = detail
