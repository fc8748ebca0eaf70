"""A selection as one ZIP, made while it is sent: no copy on disk, little memory."""

from __future__ import annotations

import hashlib
import re
import unicodedata
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from khub.picks.queries import PickedFile

_CHUNK = 1 << 18
_LONGEST = 120
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
#: Read by ``sha256sum -c`` in the unpacked folder.
MANIFEST = "SHA256SUMS"


class BrokenFileError(Exception):
    """Stored bytes are not those that were received: the archive breaks off rather than hold them."""


class _Pipe:
    """Takes what ``zipfile`` writes and gives it on; it cannot be wound back, so sizes follow the data."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        found = b"".join(self._parts)
        self._parts.clear()
        return found


def named(files: Sequence[PickedFile]) -> list[str]:
    """Return where each file lies in the archive: a folder a product, safe names, none twice."""
    found: list[str] = []
    for number, file in enumerate(files, 1):
        folder = f"{file.product}-v{file.version}"
        name = f"{folder}/{safe(file.name)}"
        taken = name.casefold() in {each.casefold() for each in found[-200:]}
        found.append(f"{folder}/{number}-{safe(file.name)}" if taken else name)
    return found


def safe(name: str) -> str:
    """Return a file name that every system can unpack: no path, no control characters, not too long."""
    plain = "".join(
        " " if unicodedata.category(c)[0] in "CZ" else c for c in unicodedata.normalize("NFC", name)
    )
    plain = " ".join(_FORBIDDEN.sub("_", plain).split()).strip(". ")
    stem, dot, ending = plain.rpartition(".")
    if not dot or len(ending) > 10:  # noqa: PLR2004 - no ending of a type is longer
        stem, ending = plain, ""
    plain = f"{stem[:_LONGEST].rstrip('. ')}.{ending}" if ending else stem[:_LONGEST].rstrip(". ")
    return f"_{plain}" if not plain.strip("._") or _RESERVED.match(plain) else plain


def stream(files: Sequence[PickedFile], path: Callable[[str], Path], now: datetime) -> Iterator[bytes]:
    """Yield the archive. Raises ``BrokenFileError`` where stored bytes have changed."""
    pipe = _Pipe()
    lines: list[str] = []
    stamp = now.timetuple()[:6]
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]
        for name, file in zip(named(files), files, strict=True):
            digest = hashlib.sha256()
            entry = zipfile.ZipInfo(name, stamp)
            with path(file.sha256).open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
                while chunk := source.read(_CHUNK):
                    digest.update(chunk)
                    target.write(chunk)
                    yield pipe.take()
            if digest.hexdigest() != file.sha256:
                raise BrokenFileError(file.public_id)
            lines.append(f"{file.sha256} *{name}\n")
        archive.writestr(zipfile.ZipInfo(MANIFEST, stamp), "".join(lines))
    yield pipe.take()
