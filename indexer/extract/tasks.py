"""What a child does with one file: pick the reader, stream pages, conclude."""

from collections.abc import Callable
from typing import IO, Protocol

from indexer.extract import docx, html, images, odt, pageimage, pdf, plain, pptx, wire, xlsx
from indexer.extract.collect import Collector, conclude
from indexer.extract.model import ExtractError, FileState
from indexer.extract.request import Request


class Reader(Protocol):
    """Reads a seekable binary stream into a collector. Raises ExtractError for a final verdict."""

    def __call__(self, stream: IO[bytes], found: Collector, *, engine: str = "") -> None:
        """Read."""


_READERS: dict[str, Reader] = {
    "pdf": pdf.read,
    "docx": docx.read,
    "docm": docx.read,
    "dotx": docx.read,
    "pptx": pptx.read,
    "xlsx": xlsx.read,
    "odt": odt.read,
    "txt": plain.read,
    "csv": plain.read,
    "md": plain.read_markdown,
    "html": html.read,
    "jpg": images.read,
    "png": images.read,
}


def run(request: Request, stream: IO[bytes] | None, send: Callable[[bytes], None]) -> None:
    """Do the task and send its frames. Lets through what only the parent can judge (MemoryError, …)."""
    if request.task in {"render", "scan"} and stream is not None:
        _picture(request, stream, send)
        return
    found = Collector(
        request.limits, lambda page: send(wire.pack(wire.PAGE, wire.page_out(page, found.page_count)))
    )
    found.resume(request.pages, request.page_count)
    verdict: ExtractError | None = None
    if request.task == "conclude" or stream is None:
        state, reason = request.verdict
        verdict = ExtractError(FileState(state), reason, read=len(found.pages), pages=found.page_count)
    else:
        try:
            _READERS[request.extension](stream, found, engine=request.engine)
        except ExtractError as exc:
            verdict = exc
    send(wire.pack(wire.RESULT, wire.result_out(conclude(found, request.name, verdict))))


def _picture(request: Request, stream: IO[bytes], send: Callable[[bytes], None]) -> None:
    """Send a page as a picture to look at, or ("scan") as one to be read."""
    pdf_page = request.extension == "pdf"
    try:
        if request.task == "scan":
            rendered = (
                pageimage.scan(stream, request.page, request.limits)
                if pdf_page
                else images.scan(stream, request.limits)
            )
        elif pdf_page:
            rendered = pageimage.render(stream, request.page, request.width, request.limits)
        else:
            rendered = images.render(stream, request.width, request.limits)
    except ExtractError as exc:
        send(wire.pack(wire.VERDICT, exc.reason))
        return
    send(wire.pack(wire.IMAGE, wire.image_out(rendered)))
    send(wire.pack(wire.BYTES, rendered.image))
