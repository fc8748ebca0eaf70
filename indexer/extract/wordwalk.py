"""The event walk over WordprocessingML, by local names."""

from dataclasses import dataclass, field

from indexer.extract.sections import Block, Break
from indexer.extract.text import clean
from indexer.extract.xml import Walker

# Deleted and moved-away text is no longer part of the document; a field's code is no text.
_SKIPPED = frozenset({"del", "moveFrom", "instrText", "delText", "delInstrText", "rPrChange", "pPrChange"})
_NOTE_REFERENCES = {
    "footnoteReference": "footnotes",
    "endnoteReference": "endnotes",
    "commentReference": "comments",
}
_NOTE_ELEMENTS = frozenset({"footnote", "endnote", "comment"})
_FALSE = frozenset({"0", "false", "off"})
_MAX_LEVEL = 9
_MAX_NESTING = 40


@dataclass(slots=True)
class Story:
    """What one walk needs and yields. ``notes``: kind → id → text; ``drawings``: relationship id → text."""

    levels: dict[str, int]
    notes: dict[str, dict[str, str]] = field(default_factory=dict)
    drawings: dict[str, str] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    used: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Paragraph:
    parts: list[str] = field(default_factory=list)
    level: int = 0
    breaks: list[Break] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    bold: int = 0  # characters in bold runs
    plain: int = 0


class WordWalker(Walker):
    """Turns one story part into blocks; with ``collect_notes`` into texts of its notes by id."""

    def __init__(self, story: Story, *, collect_notes: bool = False) -> None:
        self._story = story
        self._collect = collect_notes
        self.notes: dict[str, str] = {}
        self._note_id: str | None = None
        self._note_start = 0
        self._skip = 0
        self._stack: list[_Paragraph] = []
        self._taking = False
        self._in_tabs = 0
        self._in_run = False
        self._bold_run = False
        self._rows: list[int] = []  # number of blocks at the start of each open table row
        self._choices: list[bool] = []  # per open AlternateContent: whether a Choice gave text
        self._before: list[int] = []  # characters seen before each open Choice
        self._seen = 0

    def start(self, name: str, names: dict[str, str]) -> None:
        if self._skip or name in _SKIPPED:
            # "del" also marks a deleted row or paragraph mark: an empty element, harmless here.
            self._skip += 1
        elif name == "Fallback" and self._choices and self._choices[-1]:
            self._skip += 1
        elif name == "AlternateContent":
            self._choices.append(False)
        elif name == "Choice":
            self._before.append(self._seen)
        elif name == "p":
            if len(self._stack) < _MAX_NESTING:
                self._stack.append(_Paragraph())
            else:
                self._skip += 1
        elif name in _NOTE_ELEMENTS and self._collect:
            special = names.get("type", "normal") not in {"normal", ""}
            self._note_id = None if special else names.get("id", "")
            self._note_start = len(self._story.blocks)
        elif name == "t":
            self._taking = True
        elif name == "tr":
            self._rows.append(len(self._story.blocks))
        elif self._stack:
            self._in_paragraph(self._stack[-1], name, names)
        if name in {"chart", "relIds", "altChunk"} and not self._skip:
            self._drawing(names)

    def _in_paragraph(self, paragraph: _Paragraph, name: str, names: dict[str, str]) -> None:
        value = names.get("val", "")
        if name == "r":
            self._in_run, self._bold_run = True, False
        elif name == "b" and self._in_run:
            self._bold_run = value not in _FALSE
        elif name == "pStyle":
            paragraph.level = self._story.levels.get(value, 0)
        elif name == "outlineLvl" and value.isdecimal() and int(value) < _MAX_LEVEL:
            paragraph.level = int(value) + 1
        elif name == "pageBreakBefore" and value not in _FALSE:
            paragraph.breaks.append(Break.HARD)
        elif name == "lastRenderedPageBreak":
            self._page_break(paragraph, Break.RENDERED)
        elif name in {"br", "cr"}:
            if names.get("type") == "page":
                self._page_break(paragraph, Break.HARD)
            else:
                self._put("\n")
        elif name == "tabs":
            self._in_tabs += 1
        elif name in {"tab", "ptab"} and not self._in_tabs:
            self._put("\t")
        elif name == "noBreakHyphen":
            self._put("-")
        elif name in _NOTE_REFERENCES:
            self._note(paragraph, _NOTE_REFERENCES[name], names.get("id", ""))

    def end(self, name: str) -> None:
        if self._skip:
            self._skip -= 1
            return
        if name == "t":
            self._taking = False
        elif name == "p" and self._stack:
            self._emit(self._stack.pop())
        elif name == "r":
            self._in_run = self._bold_run = False
        elif name == "tabs" and self._in_tabs:
            self._in_tabs -= 1
        elif name == "tr" and self._rows:
            self._join_row(self._rows.pop())
        elif name == "Choice" and self._choices and self._before:
            self._choices[-1] = self._seen > self._before.pop() or self._choices[-1]
        elif name == "AlternateContent" and self._choices:
            self._choices.pop()
        elif name in _NOTE_ELEMENTS and self._collect:
            self._finish_note()

    def data(self, text: str) -> None:
        if self._taking and not self._skip:
            self._put(text)
            self._seen += len(text.strip())
            if self._stack and text.strip():
                if self._bold_run:
                    self._stack[-1].bold += len(text)
                else:
                    self._stack[-1].plain += len(text)

    def _put(self, text: str) -> None:
        if self._stack:
            self._stack[-1].parts.append(text)

    def _page_break(self, paragraph: _Paragraph, kind: Break) -> None:
        """Cut the paragraph in two when text stands before the break."""
        if "".join(paragraph.parts).strip():
            self._emit(paragraph)
            paragraph.parts, paragraph.notes, paragraph.breaks = [], [], []
            paragraph.level = 0
        paragraph.breaks.append(kind)

    def _note(self, paragraph: _Paragraph, kind: str, identifier: str) -> None:
        text = self._story.notes.get(kind, {}).pop(identifier, "")
        if text:
            paragraph.notes.append(text)

    def _drawing(self, names: dict[str, str]) -> None:
        for identifier in (names.get("id", ""), names.get("dm", "")):
            text = self._story.drawings.get(identifier, "")
            if text and identifier not in self._story.used:
                self._story.used.add(identifier)
                self._seen += len(text)
                if self._stack:
                    self._stack[-1].notes.append(text)
                else:
                    self._story.blocks.append(Block(text))

    def _emit(self, paragraph: _Paragraph) -> None:
        bold = paragraph.bold > 0 and not paragraph.plain
        text = "".join(paragraph.parts)
        self._story.blocks.append(Block(text, paragraph.level, bold, paragraph.breaks, paragraph.notes))

    def _join_row(self, start: int) -> None:
        """Make one line of a table row, unless a page ends within it."""
        cells = self._story.blocks[start:]
        if len(cells) > 1 and not any(cell.breaks for cell in cells[1:]):
            text = "\t".join(cell.text for cell in cells if cell.text.strip())
            notes = [note for cell in cells for note in cell.notes]
            self._story.blocks[start:] = [Block(text, 0, False, cells[0].breaks, notes)]  # noqa: FBT003 -- bold

    def _finish_note(self) -> None:
        blocks = self._story.blocks[self._note_start :]
        del self._story.blocks[self._note_start :]
        if self._note_id is not None:
            lines = [text for block in blocks for text in (block.text, *block.notes)]
            self.notes[self._note_id] = clean("\n".join(lines))
        self._note_id = None
