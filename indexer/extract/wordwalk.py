"""The event walk over WordprocessingML, by local names."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from indexer.extract.sections import Block, Break
from indexer.extract.text import clean
from indexer.extract.xml import Walker

if TYPE_CHECKING:
    from collections.abc import Callable

# Deleted and moved-away text is no longer part of the document; a field's code is no text.
_SKIPPED = frozenset({"del", "moveFrom", "instrText", "delText", "delInstrText", "rPrChange", "pPrChange"})
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
        self._starts: dict[str, Callable[[dict[str, str]], None]] = {
            "AlternateContent": lambda _: self._choices.append(False),
            "Choice": lambda _: self._before.append(self._seen),
            "p": lambda _: self._stack.append(_Paragraph()),
            "t": lambda _: self._take(on=True),
            "tr": lambda _: self._rows.append(len(self._story.blocks)),
            **dict.fromkeys(("chart", "relIds", "altChunk"), self._drawing),
        }
        self._ends: dict[str, Callable[[], None]] = {
            "AlternateContent": self._end_alternatives,
            "Choice": self._end_choice,
            "p": self._end_paragraph,
            "r": lambda: self._run(on=False),
            "t": lambda: self._take(on=False),
            "tabs": self._end_tabs,
            "tr": self._end_row,
        }
        if collect_notes:
            self._starts |= dict.fromkeys(_NOTE_ELEMENTS, self._start_note)
            self._ends |= dict.fromkeys(_NOTE_ELEMENTS, self._end_note)
        self._inside: dict[str, Callable[[_Paragraph, dict[str, str]], None]] = {
            "r": lambda _, __: self._run(on=True),
            "b": self._bold,
            "pStyle": self._style,
            "outlineLvl": self._outline_level,
            "pageBreakBefore": self._break_before,
            "lastRenderedPageBreak": lambda paragraph, _: self._page_break(paragraph, Break.RENDERED),
            "br": self._line_break,
            "cr": self._line_break,
            "tabs": lambda _, __: self._start_tabs(),
            "tab": self._tab,
            "ptab": self._tab,
            "noBreakHyphen": lambda paragraph, _: paragraph.parts.append("-"),
            "footnoteReference": lambda paragraph, names: self._note(paragraph, "footnotes", names),
            "endnoteReference": lambda paragraph, names: self._note(paragraph, "endnotes", names),
            "commentReference": lambda paragraph, names: self._note(paragraph, "comments", names),
        }

    def start(self, name: str, names: dict[str, str], /) -> None:
        """Begin an element."""
        # "del" also marks a deleted row or paragraph mark: an empty element, harmless here.
        gave = name == "Fallback" and bool(self._choices) and self._choices[-1]
        too_deep = name == "p" and len(self._stack) >= _MAX_NESTING
        if self._skip or name in _SKIPPED or gave or too_deep:
            self._skip += 1
            return
        handle = self._starts.get(name)
        if handle is not None:
            handle(names)
        if self._stack:
            inside = self._inside.get(name)
            if inside is not None:
                inside(self._stack[-1], names)

    def end(self, name: str, /) -> None:
        """End an element."""
        if self._skip:
            self._skip -= 1
            return
        handle = self._ends.get(name)
        if handle is not None:
            handle()

    def data(self, text: str, /) -> None:
        """Take character data."""
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

    def _take(self, *, on: bool) -> None:
        self._taking = on

    def _run(self, *, on: bool) -> None:
        self._in_run, self._bold_run = on, False

    def _bold(self, _paragraph: _Paragraph, names: dict[str, str]) -> None:
        if self._in_run:
            self._bold_run = names.get("val", "") not in _FALSE

    def _style(self, paragraph: _Paragraph, names: dict[str, str]) -> None:
        paragraph.level = self._story.levels.get(names.get("val", ""), 0)

    def _outline_level(self, paragraph: _Paragraph, names: dict[str, str]) -> None:
        value = names.get("val", "")
        if value.isdecimal() and int(value) < _MAX_LEVEL:
            paragraph.level = int(value) + 1

    def _break_before(self, paragraph: _Paragraph, names: dict[str, str]) -> None:
        if names.get("val", "") not in _FALSE:
            paragraph.breaks.append(Break.HARD)

    def _line_break(self, paragraph: _Paragraph, names: dict[str, str]) -> None:
        if names.get("type") == "page":
            self._page_break(paragraph, Break.HARD)
        else:
            paragraph.parts.append("\n")

    def _start_tabs(self) -> None:
        self._in_tabs += 1

    def _end_tabs(self) -> None:
        self._in_tabs = max(0, self._in_tabs - 1)

    def _tab(self, paragraph: _Paragraph, _names: dict[str, str]) -> None:
        # Within "tabs" a tab defines a stop and is no text.
        if not self._in_tabs:
            paragraph.parts.append("\t")

    def _end_choice(self) -> None:
        if self._choices and self._before:
            self._choices[-1] = self._seen > self._before.pop() or self._choices[-1]

    def _end_alternatives(self) -> None:
        if self._choices:
            self._choices.pop()

    def _end_paragraph(self) -> None:
        if self._stack:
            self._emit(self._stack.pop())

    def _start_note(self, names: dict[str, str]) -> None:
        special = names.get("type", "normal") not in {"normal", ""}
        self._note_id = None if special else names.get("id", "")
        self._note_start = len(self._story.blocks)

    def _page_break(self, paragraph: _Paragraph, kind: Break) -> None:
        """Cut the paragraph in two when text stands before the break."""
        if "".join(paragraph.parts).strip():
            self._emit(paragraph)
            paragraph.parts, paragraph.notes, paragraph.breaks = [], [], []
            paragraph.level = 0
        paragraph.breaks.append(kind)

    def _note(self, paragraph: _Paragraph, kind: str, names: dict[str, str]) -> None:
        text = self._story.notes.get(kind, {}).pop(names.get("id", ""), "")
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

    def _end_row(self) -> None:
        """Make one line of a table row, unless a page ends within it."""
        if not self._rows:
            return
        start = self._rows.pop()
        cells = self._story.blocks[start:]
        if len(cells) > 1 and not any(cell.breaks for cell in cells[1:]):
            text = "\t".join(cell.text for cell in cells if cell.text.strip())
            notes = [note for cell in cells for note in cell.notes]
            self._story.blocks[start:] = [Block(text, breaks=cells[0].breaks, notes=notes)]

    def _end_note(self) -> None:
        blocks = self._story.blocks[self._note_start :]
        del self._story.blocks[self._note_start :]
        if self._note_id is not None:
            lines = [text for block in blocks for text in (block.text, *block.notes)]
            self.notes[self._note_id] = clean("\n".join(lines))
        self._note_id = None
