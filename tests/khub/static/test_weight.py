"""The first view stays light: what every page loads, gzipped, and what the upload page adds."""

import gzip
from pathlib import Path

STATIC = Path(__file__).parents[3] / "khub" / "static"
KB = 1024


def packed(path: str) -> int:
    return len(gzip.compress((STATIC / path).read_bytes(), 9))


def test_stylesheet_and_scripts_keep_their_budgets() -> None:
    assert packed("css/khub.css") <= 11 * KB
    assert packed("js/khub.js") <= 6 * KB
    assert packed("js/upload.js") <= 6 * KB


def test_what_every_page_loads_is_under_eighty_kilobytes() -> None:
    font = next((STATIC / "vendor").rglob("*.woff2")).stat().st_size
    assert packed("css/khub.css") + packed("js/khub.js") + packed("favicon.svg") + font <= 80 * KB
