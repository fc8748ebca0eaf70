"""What crosses the process border: length-prefixed frames of JSON, never pickles.

The child has read hostile bytes, so the parent believes nothing: every value is converted, and a frame
that does not fit raises WireError.
"""

import json
import struct
from dataclasses import replace
from typing import Any

from indexer.extract.model import (
    EXTRACTOR_VERSION,
    Extraction,
    FileState,
    Page,
    PageKind,
    PersonalFinding,
    PersonalKind,
    Rendered,
    WordBox,
)

PAGE, RESULT, IMAGE, BYTES, VERDICT = b"p", b"r", b"i", b"b", b"v"
HEADER = struct.Struct("!cI")
STATUS = struct.Struct("!iq")  # wait status, peak resident KiB
# Exit codes by which a child says what it cannot put into words any more.
EXIT_MEMORY, EXIT_FAILED = 77, 70
_CODE = 2  # letters of a language


class WireError(Exception):
    """A frame that is not what this protocol sends."""


def pack(kind: bytes, value: Any) -> bytes:
    """Return one frame."""
    body = (
        value
        if isinstance(value, bytes)
        else json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    )
    return HEADER.pack(kind, len(body)) + body


def unpack(buffer: bytearray) -> tuple[bytes, bytes] | None:
    """Take one whole frame off the front of ``buffer``; None when there is none yet."""
    if len(buffer) < HEADER.size:
        return None
    kind, length = HEADER.unpack_from(buffer)
    end = HEADER.size + length
    if len(buffer) < end:
        return None
    body = bytes(buffer[HEADER.size : end])
    del buffer[:end]
    return kind, body


def load(body: bytes) -> Any:
    """Return the value of a JSON frame. Raise WireError."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise WireError(str(exc)) from exc


def page_out(page: Page, page_count: int) -> list[Any]:
    """Return the frame value of a page."""
    return [
        page.number, page.label, page.kind.value, page.approximate, page.heading, page.text, page.error,
        page_count,
    ]  # fmt: skip


def page_in(value: Any) -> tuple[Page, int]:
    """Return (page, page count of the document). Raise WireError."""
    try:
        number, label, kind, approximate, heading, text, error, count = value
        page = Page(
            int(number), str(label), PageKind(kind), bool(approximate), str(heading), str(text), str(error)
        )
        return page, int(count)
    except (ValueError, TypeError) as exc:
        raise WireError(str(exc)) from exc


def result_out(result: Extraction) -> dict[str, Any]:
    """Return the frame value of an outcome; pages went ahead, only what was learnt since is told of them."""
    return {
        "state": result.state.value,
        "reason": result.reason,
        "detail": result.detail,
        "page_count": result.page_count,
        "title": result.title,
        "language": result.language,
        "warnings": result.warnings,
        "outline": result.outline,
        "personal": [(item.kind.value, item.count, item.pages) for item in result.personal],
        "errors": {page.number: page.error for page in result.pages if page.error},
        "languages": {page.number: page.language for page in result.pages if page.language},
    }


def result_in(value: Any, pages: list[Page]) -> Extraction:
    """Return the outcome with its pages. Raise WireError."""
    try:
        errors, languages = (
            {int(number): str(code) for number, code in value[name].items()}
            for name in ("errors", "languages")
        )
        return Extraction(
            state=FileState(value["state"]),
            reason=str(value["reason"]),
            detail={str(k): v if isinstance(v, int) else str(v) for k, v in value["detail"].items()},
            pages=tuple(
                replace(
                    page, error=errors.get(page.number, ""), language=languages.get(page.number, "")[:_CODE]
                )
                for page in pages
            ),
            page_count=int(value["page_count"]),
            title=str(value["title"]),
            language=str(value["language"]),
            warnings=tuple(str(code) for code in value["warnings"]),
            outline=tuple((str(title), int(page)) for title, page in value["outline"]),
            personal=tuple(
                PersonalFinding(PersonalKind(kind), int(count), tuple(int(page) for page in found))
                for kind, count, found in value["personal"]
            ),
            version=EXTRACTOR_VERSION,
        )
    except (KeyError, ValueError, TypeError, AttributeError) as exc:
        raise WireError(str(exc)) from exc


def image_out(rendered: Rendered) -> list[Any]:
    """Return the frame value of a page image; its bytes follow in a frame of their own."""
    words = [(w.start, w.end, w.x0, w.y0, w.x1, w.y1) for w in rendered.words]
    return [rendered.width, rendered.height, rendered.text, words]


def image_in(value: Any, image: bytes) -> Rendered:
    """Return the page image. Raise WireError."""
    try:
        width, height, text, words = value
        boxes = tuple(WordBox(int(s), int(e), *(float(edge) for edge in edges)) for s, e, *edges in words)
        return Rendered(image, int(width), int(height), str(text), boxes)
    except (ValueError, TypeError) as exc:
        raise WireError(str(exc)) from exc
