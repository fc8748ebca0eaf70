"""``python -m tests.wheel``: build the wheel, install it in a fresh environment, serve, fetch ``/``.

Exit code 0 when the page comes with its style sheet and its English, 1 otherwise.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent.parent
_PATIENCE = 60.0


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="khub wheel ") as folder:
        place = Path(folder)
        subprocess.run(
            [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, str(ROOT)],
            check=True,
        )
        (wheel,) = place.glob("khub-*.whl")
        subprocess.run([sys.executable, "-m", "venv", place / "venv"], check=True)
        python = place / "venv" / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", str(wheel)], check=True)
        serve(place)
    print("wheel: ok")


def serve(place: Path) -> None:
    """Run ``khub demo`` from the installed wheel and look at its first page."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("KHUB_", "PYTHON"))}
    with (place / "out.txt").open("w+", encoding="utf-8") as out:
        process = subprocess.Popen(
            [place / "venv" / "bin" / "khub", "demo", "--port", "0"],
            cwd=place,
            env=environ,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            address = _address(place / "out.txt", process)
            for path, wanted in (
                ("masuk", "Kata sandi"),
                ("bahasa/en?next=/masuk", "Password"),
                ("static/css/khub.css", "--ink"),
            ):
                body = _fetch(address + path)
                if wanted not in body:
                    sys.exit(f"wheel: {path} does not say {wanted!r}")
        finally:
            process.send_signal(signal.SIGINT)
            code = process.wait(30)
    text = (place / "out.txt").read_text(encoding="utf-8")
    if code or "Traceback" in text:
        sys.exit(f"wheel: khub demo ended with {code}\n{text[-2000:]}")


def _address(file: Path, process: subprocess.Popen[bytes]) -> str:
    limit = time.monotonic() + _PATIENCE
    while time.monotonic() < limit and process.poll() is None:
        for word in file.read_text(encoding="utf-8").split():
            if word.startswith("http://"):
                return word
        time.sleep(0.1)
    sys.exit(f"wheel: no address\n{file.read_text(encoding='utf-8')}")


def _fetch(url: str) -> str:
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    limit = time.monotonic() + _PATIENCE
    while True:
        try:
            return opener.open(url, timeout=10).read().decode()
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > limit:
                raise
            time.sleep(0.2)


if __name__ == "__main__":
    main()
