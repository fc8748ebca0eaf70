"""PowerPoint: slides in the order they are shown, with notes, comments, charts and SmartArt."""

from typing import IO

from indexer.extract.collect import Collector
from indexer.extract.model import ExtractError, FileState, PageKind
from indexer.extract.ooxml import DrawingText, core_title, drawing_text, main_part, relationships
from indexer.extract.text import one_line
from indexer.extract.xml import Walker, walk_part
from indexer.extract.zipdir import Container

_TITLES = frozenset({"title", "ctrTitle"})
# Placeholders whose text is furniture: numbers, dates, and on notes pages the slide's picture.
_FURNITURE = frozenset({"sldNum", "dt", "sldImg", "hdr"})
_DRAWN = frozenset({"chart", "chartEx", "diagramData", "comments", "tags"})
_MAX_SLIDES_LISTED = 5_000


class _Order(Walker):
    def __init__(self) -> None:
        self.ids: list[str] = []

    def start(self, name: str, names: dict[str, str], /) -> None:
        # sldId carries id (a number) and r:id; by local name the later one, r:id, remains.
        if name == "sldId" and len(self.ids) < _MAX_SLIDES_LISTED:
            self.ids.append(names.get("id", ""))


class _Slide(DrawingText):
    """Shapes in reading order; the title placeholder names the slide."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self._shapes: list[int] = []
        self._placeholder = ""

    def start(self, name: str, names: dict[str, str], /) -> None:
        if name == "sp":
            self._shapes.append(len(self.lines))
            self._placeholder = ""
        elif name == "ph":
            self._placeholder = names.get("type", "body")
        super().start(name, names)

    def end(self, name: str, /) -> None:
        super().end(name)
        if name == "sp" and self._shapes:
            start = self._shapes.pop()
            if self._placeholder in _TITLES and not self.title:
                self.title = one_line(" ".join(self.lines[start:]), 200)
            elif self._placeholder in _FURNITURE:
                del self.lines[start:]
            self._placeholder = ""


def read(stream: IO[bytes], found: Collector, *, engine: str = "") -> None:  # noqa: ARG001 -- one engine
    """Read a .pptx into ``found``: one page for each slide."""
    container = Container(stream, found.limits)
    deck = main_part(container, "ppt/presentation.xml")
    if not container.find(deck):
        raise ExtractError(FileState.BROKEN, "ooxml.no_body")
    order = _Order()
    if not walk_part(container, deck, order):
        found.warn("damaged")
    links = relationships(container, deck)
    slides = [links[identifier][1] for identifier in order.ids if identifier in links]
    found.page_count = len(slides)
    found.title = core_title(container)
    for part in slides:
        if found.stop_when_full():
            break
        _read_slide(container, part, found)


def _read_slide(container: Container, part: str, found: Collector) -> None:
    slide = _Slide()
    error = "" if container.find(part) and walk_part(container, part, slide) else "page.failed"
    texts = [slide.result()]
    for kind, target in relationships(container, part).values():
        if kind == "notesSlide":
            notes = _Slide()
            walk_part(container, target, notes)
            texts.append(notes.result())
        elif kind in _DRAWN:
            texts.append(drawing_text(container, target))
    text = "\n".join(text for text in texts if text)
    found.add(text, PageKind.SLIDE, heading=slide.title, error=error if not text else "")
    if error and text:
        found.warn("damaged")
