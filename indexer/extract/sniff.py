"""What a file really is, from its first bytes: cheap and in-process, used when an upload arrives."""

import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from indexer.extract.limits import Limits
from indexer.extract.media import ALIASES, BY_EXTENSION
from indexer.extract.model import ExtractError, FileState
from indexer.extract.names import extension_of
from indexer.extract.zipdir import Container

_HEAD = 4096
_EXECUTABLE = (
    b"MZ", b"\x7fELF", b"#!", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"L\x00\x00\x00\x01\x14\x02\x00",
)  # fmt: skip
_EXECUTABLE_NAME = re.compile(
    r"\.(exe|dll|scr|com|bat|cmd|ps1|psm1|vbs|vbe|jse?|wsf|hta|msi|jar|lnk|pif|cpl|sh|elf|so)$", re.IGNORECASE
)
_CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PDF_SEARCH = 1024
_MAGIC = ((b"\xff\xd8\xff", "jpg"), (b"\x89PNG\r\n\x1a\n", "png"))
_TEXT_EXTENSIONS = frozenset({"txt", "csv", "md", "html"})
_HTML = re.compile(rb"<(!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
# The content type of the main part names the kind; Strict OOXML uses the same ones.
_MAIN_PARTS = (
    (b"ms-word.document.macroEnabled.main+xml", "docm"),
    (b"wordprocessingml.template.main+xml", "dotx"),
    (b"wordprocessingml.document.main+xml", "docx"),
    (b"presentationml.presentation.main+xml", "pptx"),
    (b"spreadsheetml.sheet.main+xml", "xlsx"),
)
_USUAL_PARTS = (("word/document.xml", "docx"), ("ppt/presentation.xml", "pptx"), ("xl/workbook.xml", "xlsx"))
# A container cut off before its directory is still recognised by the names of its first entries.
_FIRST_ENTRIES = ((b"word/", "docx"), (b"ppt/", "pptx"), (b"xl/", "xlsx"))
_CFB_STREAMS = (("WordDocument", "doc"), ("Workbook", "xls"), ("Book", "xls"), ("PowerPoint Document", "ppt"))
_PEEKED_ENTRIES = 200


@dataclass(frozen=True, slots=True)
class Sniff:
    """Verdict on the type. ``allowed`` False means refuse the upload; ``reason`` then says why.

    ``media_type`` and ``extension`` come from the content, never from the name. With ``allowed`` a
    reason may still foretell trouble ("zip.password", "zip.truncated").
    """

    media_type: str
    extension: str
    allowed: bool
    reason: str = ""
    warnings: tuple[str, ...] = ()


def sniff(path: Path, name: str) -> Sniff:
    """Return what ``path`` holds; ``name`` is the name the uploader gave. Raise OSError when unreadable."""
    with path.open("rb") as stream:
        return sniff_stream(stream, name)


def sniff_stream(stream: IO[bytes], name: str) -> Sniff:
    """Return what a seekable ``stream`` holds, see ``sniff``."""
    head = stream.read(_HEAD)
    claimed = extension_of(name)
    claimed = ALIASES.get(claimed, claimed)
    if not head:
        return _refuse("empty")
    if head.startswith(_EXECUTABLE) or _EXECUTABLE_NAME.search(name):
        return _refuse("executable")
    if head.startswith(b"PK\x03\x04"):
        return _zip(stream, head, claimed)
    if head.startswith(_CFB):
        return _compound(stream, head, claimed)
    kind = next((kind for mark, kind in _MAGIC if head.startswith(mark)), "")
    if b"%PDF-" in head[:_PDF_SEARCH]:
        kind = "pdf"
    return _accept(kind, claimed) if kind else _text(head, claimed)


def _refuse(reason: str) -> Sniff:
    return Sniff("application/octet-stream", "", allowed=False, reason=reason)


def _accept(extension: str, claimed: str, *, reason: str = "", warnings: tuple[str, ...] = ()) -> Sniff:
    if claimed != extension:
        warnings = ("wrong_extension", *warnings)
    return Sniff(
        BY_EXTENSION[extension].media_type, extension, allowed=True, reason=reason, warnings=warnings
    )


def _zip(stream: IO[bytes], head: bytes, claimed: str) -> Sniff:
    try:
        container = Container(stream, Limits())
    except ExtractError as exc:
        kind = claimed if claimed in {"docm", "dotx", "odt"} else ""
        kind = kind or next((kind for mark, kind in _FIRST_ENTRIES if mark in head), "")
        kind = kind or (claimed if claimed in {"docx", "pptx", "xlsx"} else "")
        if not kind:
            return _refuse(exc.reason if exc.state is FileState.TOO_RISKY else "unsupported")
        return _accept(kind, claimed, reason=exc.reason)
    if any(_EXECUTABLE_NAME.search(entry) for entry in container.entries) or _hides_program(container):
        return _refuse("zip.executable")
    kind = _kind_of_container(container)
    if not kind:
        return _refuse("unsupported")
    macros = kind == "docm" or any(entry.lower().endswith("vbaproject.bin") for entry in container.entries)
    return _accept(kind, claimed, warnings=("macros",) if macros else ())


def _kind_of_container(container: Container) -> str:
    if container.find("[Content_Types].xml"):
        types = container.read("[Content_Types].xml")
        kind = next((kind for mark, kind in _MAIN_PARTS if mark in types), "")
        # Where the list of types itself is damaged, the usual name of the main part still tells.
        usual = next((kind for part, kind in _USUAL_PARTS if container.find(part)), "")
        return kind or ("" if types else usual)
    mimetype = container.read("mimetype", 200).strip()
    return "odt" if mimetype == BY_EXTENSION["odt"].media_type.encode() else ""


def _hides_program(container: Container) -> bool:
    """Look at the first bytes of embedded objects: a program may bear any name."""
    embedded = [name for name in container.entries if "embeddings/" in name.lower()]
    return any(container.read(name, 4).startswith((b"MZ", b"\x7fELF")) for name in embedded[:_PEEKED_ENTRIES])


def _compound(stream: IO[bytes], head: bytes, claimed: str) -> Sniff:
    """OLE compound file: an encrypted OOXML file or a legacy Office file, by its directory's names."""
    shift, first = struct.unpack_from("<H", head, 30)[0], struct.unpack_from("<L", head, 48)[0]
    size = 4096 if shift == 12 else 512  # noqa: PLR2004 -- sector shift of version 4 files
    stream.seek((first + 1) * size)
    directory = stream.read(16 * size)
    # The directory may be scattered over the file: small files are looked at as a whole.
    stream.seek(0)
    directory += stream.read(1024 * 1024)
    if "EncryptedPackage".encode("utf-16-le") in directory:
        kind = claimed if claimed in {"docx", "docm", "dotx", "pptx", "xlsx"} else "docx"
        return _accept(kind, claimed, reason="ooxml.password")
    for stream_name, legacy in _CFB_STREAMS:
        if stream_name.encode("utf-16-le") in directory:
            return _refuse(f"legacy.{legacy}")
    return _refuse("unsupported")


def _text(head: bytes, claimed: str) -> Sniff:
    if head.startswith(b"{\\rtf"):
        return _refuse("legacy.rtf")
    if not _looks_like_text(head):
        return _refuse("unsupported")
    if claimed in _TEXT_EXTENSIONS - {"html"}:
        return _accept(claimed, claimed)
    if _HTML.search(head):
        return _accept("html", claimed)
    # Known binary types whose content is plain text are accepted as text; programs' sources are not.
    if claimed in BY_EXTENSION or not claimed:
        return _accept("txt", claimed)
    return _refuse("unsupported")


def _looks_like_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    controls = sum(1 for byte in head if byte < 32 and byte not in b"\t\n\r\x0c\x1b")  # noqa: PLR2004 -- ASCII controls
    return b"\x00" not in head and controls <= 2 + len(head) // 50
