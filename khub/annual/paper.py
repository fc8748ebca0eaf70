"""DOCX to PDF through LibreOffice, where it is installed: one process, its own profile, a time limit."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

#: Seconds that a rendering may take.
LIMIT = 120
_NAMES = ("soffice", "libreoffice")


class RenderingError(Exception):
    """LibreOffice gave no PDF; the message is its own, for the log."""


def program() -> str | None:
    """Return the path of LibreOffice, None where it is not installed."""
    return next((found for name in _NAMES if (found := shutil.which(name)) is not None), None)


def render(docx: bytes) -> bytes:
    """Return a DOCX as PDF. Raises ``RenderingError`` when it takes too long, fails, or nothing is installed."""
    found = program()
    if found is None:
        raise RenderingError("LibreOffice is not installed")
    with tempfile.TemporaryDirectory(prefix="khub-pdf-") as name:
        folder = Path(name)
        source = folder / "laporan.docx"
        source.write_bytes(docx)
        command = [
            found,
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            "--norestore",
            "--convert-to",
            "pdf",
            "--outdir",
            name,
            str(source),
        ]
        try:
            done = subprocess.run(  # noqa: S603 - a fixed program on a file of our own making
                command, capture_output=True, timeout=LIMIT, check=False, cwd=name
            )
        except subprocess.TimeoutExpired as error:
            raise RenderingError(f"no PDF after {LIMIT} s") from error
        target = folder / "laporan.pdf"
        if done.returncode or not target.is_file():
            raise RenderingError(done.stderr.decode(errors="replace")[-2000:])
        return target.read_bytes()
