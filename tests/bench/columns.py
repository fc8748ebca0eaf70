"""Judge the order of reading on random pages: `python -m tests.bench.columns [--seeds N] [--first SEED]`.

Pages of columns are "whole" when every column is read from head to foot, "partly" when some are, "as drawn"
when nothing changed. Of all other pages only those are told apart that were changed: none should be.
"""

from __future__ import annotations

import argparse
import io
import random
from collections import Counter
from typing import TYPE_CHECKING

import pypdfium2

from indexer.extract.pdfium import Pdfium
from tests.indexer.extract import layouts, lookalikes

if TYPE_CHECKING:
    from tests.indexer.extract.layouts import Sheet

_LIMIT = 1_000_000


def read(sheet: Sheet) -> str:
    """Return the letters of a page in the order in which khub reads them."""
    return letters(Pdfium(io.BytesIO(sheet.pdf)).text(0, _LIMIT).replace("\ufffe", "-"))


def drawn(sheet: Sheet) -> str:
    """Return the letters of a page in the order in which pdfium finds them."""
    with pypdfium2.PdfDocument(sheet.pdf) as document:
        return letters(str(document[0].get_textpage().get_text_range()).replace("\ufffe", "-"))


def letters(text: str) -> str:
    """Return ``text`` without blanks."""
    return "".join(text.split())


def is_whole(text: str, sheet: Sheet) -> bool:
    """Tell whether the parts of a page stand one after the other in the letters read."""
    at = 0
    for part in map(letters, sheet.parts):
        at = text.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True


def main() -> None:
    """Print how many pages of each kind are read how."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=300)
    parser.add_argument("--first", type=int, default=0)
    args = parser.parse_args()
    for name, make in {**layouts.COLUMNS, **lookalikes.OTHERS}.items():
        found: Counter[str] = Counter()
        for seed in range(args.first, args.first + args.seeds):
            sheet = make(random.Random(seed))  # noqa: S311 - the same pages each time
            text = read(sheet)
            if text == drawn(sheet):
                found["as drawn"] += 1
            elif name in layouts.COLUMNS:
                found["whole" if is_whole(text, sheet) else "partly"] += 1
            else:
                found["changed"] += 1
        print(f"{name:16}", ", ".join(f"{count} {what}" for what, count in found.most_common()), flush=True)


if __name__ == "__main__":
    main()
