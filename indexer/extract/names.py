"""File names are display data: cleaned once, never used as a path."""

import re
import unicodedata

MAX_NAME = 150
_SEPARATORS = re.compile(r"[/\\]+")
_SPACES = re.compile(r"\s+")
# The longest extension worth keeping when a name has to be cut.
_MAX_EXTENSION = 10


def clean_name(name: str) -> str:
    """Return ``name`` as NFC without directories, bidi, zero-width and control characters.

    At most 150 characters, the extension kept. An empty result becomes "berkas".
    """
    last = _SEPARATORS.split(unicodedata.normalize("NFC", name).rstrip("/\\"))[-1]
    # Category C covers control, format (bidi, zero-width), surrogate, private use and unassigned.
    kept = "".join(
        " " if c.isspace() else c
        for c in last
        if c.isspace() or (unicodedata.category(c)[0] != "C" and c not in "\u115f\u1160\u3164\uffa0\u2800")
    )
    kept = _SPACES.sub(" ", kept).strip(" .")
    if not kept:
        return "berkas"
    if len(kept) <= MAX_NAME:
        return kept
    stem, dot, extension = kept.rpartition(".")
    if not dot or not stem or len(extension) > _MAX_EXTENSION:
        return kept[:MAX_NAME].rstrip()
    return f"{stem[: MAX_NAME - len(extension) - 1].rstrip()}.{extension}"


def extension_of(name: str) -> str:
    """Return the lower-case extension without its dot, "" when there is none."""
    stem, dot, extension = name.rpartition(".")
    return extension.lower().strip() if dot and stem and len(extension) <= _MAX_EXTENSION else ""
