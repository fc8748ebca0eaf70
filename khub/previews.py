"""Page images, rendered in the sandbox and cached by content; word boxes beside them."""

from __future__ import annotations

import contextlib
import json
import uuid
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from indexer.extract import EXTRACTOR_VERSION, Rendered, Sandbox, WordBox

if TYPE_CHECKING:
    from pathlib import Path

    from khub.storage import Storage

#: Widths, in pixels, that are rendered; a request gets the next larger one.
WIDTHS = (320, 960)


@dataclass(frozen=True, slots=True)
class Preview:
    """A page image. ``text`` is the page's text, into which the boxes' offsets point."""

    path: Path
    width: int
    height: int
    text: str
    words: tuple[WordBox, ...]


class Previews:
    """Renders on demand. The cache may be deleted at any time."""

    def __init__(self, storage: Storage, sandbox: Sandbox, folder: Path) -> None:
        self.storage = storage
        self.sandbox = sandbox
        self.folder = folder

    def get(self, sha256: str, media_type: str, page: int, width: int) -> Preview | None:
        """Return the image of ``page`` (1-based), or ``None`` where the page has none."""
        width = next((w for w in WIDTHS if w >= width), WIDTHS[-1])
        image = self.folder / sha256[:2] / f"{sha256}-{page}-{width}-{EXTRACTOR_VERSION}.webp"
        facts = image.with_suffix(".json")
        if not (image.is_file() and facts.is_file()):
            rendered = self.sandbox.render(
                self.storage.path(sha256), media_type=media_type, page=page, width=width
            )
            if not isinstance(rendered, Rendered):
                return None
            self._keep(image, facts, rendered)
        found = json.loads(facts.read_text(encoding="utf-8"))
        return Preview(
            image,
            found["width"],
            found["height"],
            found["text"],
            tuple(WordBox(**word) for word in found["words"]),
        )

    @staticmethod
    def _keep(image: Path, facts: Path, rendered: Rendered) -> None:
        image.parent.mkdir(parents=True, exist_ok=True)
        body = {
            "width": rendered.width,
            "height": rendered.height,
            "text": rendered.text,
            "words": [asdict(word) for word in rendered.words],
        }
        for path, data in ((image, rendered.image), (facts, json.dumps(body).encode())):
            tmp = path.with_name(f".{uuid.uuid4().hex}")
            try:
                tmp.write_bytes(data)
                tmp.replace(path)
            finally:
                with contextlib.suppress(FileNotFoundError):
                    tmp.unlink()
