"""What Word, PowerPoint and Excel files share: content types, relationships, properties, drawings."""

import posixpath
from urllib.parse import unquote

from indexer.extract.text import clean
from indexer.extract.xml import Walker, walk_part
from indexer.extract.zipdir import Container

_MAX_FIELD = 10_000


class _Types(Walker):
    def __init__(self) -> None:
        self.parts: dict[str, str] = {}

    def start(self, name: str, names: dict[str, str], /) -> None:
        if name == "Override":
            self.parts[names.get("PartName", "").lstrip("/")] = names.get("ContentType", "")


class _Relationships(Walker):
    def __init__(self, base: str) -> None:
        self._base = base
        self.targets: dict[str, tuple[str, str]] = {}

    def start(self, name: str, names: dict[str, str], /) -> None:
        if name != "Relationship" or names.get("TargetMode") == "External":
            return
        target = unquote(names.get("Target", "").partition("#")[0])
        path = target.lstrip("/") if target.startswith("/") else posixpath.join(self._base, target)
        kind = names.get("Type", "").rpartition("/")[2]
        self.targets[names.get("Id", "")] = (kind, posixpath.normpath(path))


class _Properties(Walker):
    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self._name = ""

    def start(self, name: str, _names: dict[str, str], /) -> None:
        self._name = name

    def end(self, _name: str, /) -> None:
        self._name = ""

    def data(self, text: str, /) -> None:
        if self._name:
            self.values[self._name] = (self.values.get(self._name, "") + text)[:_MAX_FIELD]


class DrawingText(Walker):
    """Paragraphs of DrawingML: shapes, tables, SmartArt data, and cached labels of charts."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._line: list[str] = []
        self._taking = ""
        self._skip = 0

    def start(self, name: str, _names: dict[str, str], /) -> None:
        """Begin an element."""
        if name == "Fallback":
            self._skip += 1
        elif name in {"t", "v", "text"}:
            self._taking = name
        elif name == "br":
            self._line.append("\n")
        elif name == "tab":
            self._line.append("\t")

    def end(self, name: str, /) -> None:
        """End an element."""
        if name == "Fallback":
            self._skip -= 1
        elif name in {"t", "v", "text"}:
            self._taking = ""
            if name == "v":
                self._flush()
        elif name == "p":
            self._flush()

    def data(self, text: str, /) -> None:
        """Take character data."""
        if self._taking and not self._skip:
            self._line.append(text)

    def _flush(self) -> None:
        line = "".join(self._line).strip()
        self._line = []
        if line:
            self.lines.append(line)

    def result(self) -> str:
        """Return the text so far."""
        self._flush()
        return clean("\n".join(self.lines))


def content_types(container: Container) -> dict[str, str]:
    """Return part name → content type."""
    types = _Types()
    walk_part(container, "[Content_Types].xml", types)
    return types.parts


def relationships(container: Container, part: str) -> dict[str, tuple[str, str]]:
    """Return relationship id → (kind, part name) of internal relationships."""
    folder, name = posixpath.split(part)
    found = _Relationships(folder)
    walk_part(container, posixpath.join(folder, "_rels", f"{name}.rels"), found)
    return found.targets


def related(container: Container, part: str, kind: str) -> list[str]:
    """Return parts that ``part`` refers to by a kind of relationship."""
    return [target for found, target in relationships(container, part).values() if found == kind]


def main_part(container: Container, fallback: str) -> str:
    """Return the part that holds the document's body."""
    parts = related(container, "", "officeDocument")
    return next((part for part in parts if container.find(part)), fallback)


def core_title(container: Container) -> str:
    """Return the title of the core properties, "" when there is none."""
    found = _Properties()
    part = next(iter(related(container, "", "core-properties")), "docProps/core.xml")
    walk_part(container, part, found)
    return found.values.get("title", "")


def drawing_text(container: Container, part: str) -> str:
    """Return the text of a chart, SmartArt or drawing part; lines that repeat are kept once."""
    walker = DrawingText()
    walk_part(container, part, walker)
    return "\n".join(dict.fromkeys(walker.result().split("\n")))
