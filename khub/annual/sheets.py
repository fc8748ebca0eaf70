"""The report's tables and citations as XLSX, and its citations as CSV."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from khub.plan import workbook
from khub.plan.export import as_csv

if TYPE_CHECKING:
    from collections.abc import Sequence

    from khub.annual.document import Document, Table

_WIDTHS = (28, 40, 28, 40, 18, 40, 68, 12)
_COUNT = re.compile(r"\d{1,3}(?:\.\d{3})*")
#: What Excel allows no sheet to be called, and how long a name may be.
_UNFIT, _LONGEST = re.compile(r"[\[\]:*?/\\]"), 31
_HEAD = ("Nomor", "Sumber", "Halaman", "Judul", "K/L", "Kutipan", "SHA-256", "Terbatas")


def as_xlsx(document: Document) -> bytes:
    """Return a workbook with a sheet for each table, figures as numbers, and one of all citations."""
    sheets: list[tuple[str, Sequence[Sequence[str | int]]]] = [
        (_name(table), _rows(table)) for table in document.tables()
    ]
    return workbook.write([*sheets, ("Kutipan", citations(document))], _WIDTHS)


def citations_csv(document: Document) -> bytes:
    """Return the list of citations as CSV that is safe to open in a spreadsheet."""
    return as_csv(citations(document))


def citations(document: Document) -> list[tuple[str, ...]]:
    """Return a head and a row for each citation, in order of number."""
    rows = [
        (
            str(each.number),
            each.source,
            each.place,
            each.title,
            each.institution,
            each.quote,
            each.sha256,
            "ya" if each.restricted else "tidak",
        )
        for each in document.references
    ]
    return [_HEAD, *rows]


def _name(table: Table) -> str:
    return _UNFIT.sub(" ", f"{table.number} {table.caption}")[:_LONGEST].strip()


def _rows(table: Table) -> list[Sequence[str | int]]:
    lines = (*table.rows, *((table.foot,) if table.foot else ()))
    return [
        table.head,
        *(
            [_value(cell) if place in table.numeric else cell for place, cell in enumerate(line)]
            for line in lines
        ),
    ]


def _value(text: str) -> str | int:
    return int(text.replace(".", "")) if _COUNT.fullmatch(text) else text
