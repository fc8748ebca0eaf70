"""The demo's keluaran: what ``documents.csv`` lists, each with factories that make its files.

A row of the table is one file. The first row of a ``produk`` holds what is true of the whole; rows that
follow add files to the same version, or a second version, and leave empty what stays the same.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from khub.clock import WIB
from khub.demo import pdf, pictures, plain, sheets, slides, word
from khub.demo.catalogue import institution_name, periods
from khub.demo.compose import Script, compose
from khub.demo.people import owner
from khub.demo.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from khub.demo.blocks import Manuscript


class Target(StrEnum):
    """The state that a demo keluaran should end in."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    APPROVED = "approved"
    APPROVED_V2_DRAFT = "approved-with-v2-draft"
    APPROVED_V2_SUBMITTED = "approved-v1+v2-submitted"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class DemoFile:
    """A file by name; ``build`` makes its bytes, the same each time."""

    filename: str
    build: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class DemoVersion:
    """One version with its simulated times (WIB); those that its state does not reach are None.

    ``acted_at`` is when it was approved, returned, withdrawn or, in review, first opened.
    """

    title: str
    period: str
    files: tuple[DemoFile, ...]
    uploaded_at: datetime
    submitted_at: datetime | None
    acted_at: datetime | None


@dataclass(frozen=True, slots=True)
class DemoDocument:
    """A keluaran of the demo; ``versions`` holds one or two, ``note`` is the reviewer's on a return."""

    key: str
    kind: str
    language: str
    institution: str
    pokja: int
    uploader: str
    actions: tuple[str, ...]
    classification: str
    target: Target
    personal_data: bool
    note: str
    versions: tuple[DemoVersion, ...]

    @property
    def title(self) -> str:
        """Return the title of the first version."""
        return self.versions[0].title


_WRITERS: dict[str, Callable[[Manuscript], bytes]] = {
    "pdf": pdf.typeset,
    "docx": word.write,
    "odt": plain.odt,
    "txt": plain.text,
    "html": plain.html,
}
#: Sorts that no manuscript of the same name exists for. A report that went wrong on its way is a report.
_SPECIAL: dict[str, Callable[[Script], bytes]] = {
    "paparan": slides.present,
    "hadir": sheets.attendance,
    "pribadi": sheets.personal,
    "data": sheets.figures,
    "foto": pictures.photo,
    "pindaian": lambda script: pdf.scanned(pictures.scan(_report(script), script.size)),
    "rusak": lambda script: pdf.truncated(_report(script)),
    "terkunci": lambda script: pdf.typeset(_report(script), locked=True),
}


def _report(script: Script) -> Manuscript:
    return compose(replace(script, sort="laporan"))


def _written(script: Script, suffix: str) -> bytes:
    return _WRITERS[suffix](compose(script))


def _file(row: dict[str, str], first: dict[str, str], period: str) -> DemoFile:
    sort, filename = row["naskah"], row["berkas"]
    script = Script(
        sort=sort,
        language=first["bahasa"],
        topic=row["topik"],
        title=row["judul"],
        institution=institution_name(first["kl"]),
        period=period,
        insert=row["sisipan"],
        size=int(row["ukuran"]),
        seed=filename,
        people=int(row["peserta"] or 0),
    )
    if sort in _SPECIAL:
        return DemoFile(filename, partial(_SPECIAL[sort], script))
    return DemoFile(filename, partial(_written, script, filename.rpartition(".")[2]))


def _reached(target: Target, number: int) -> tuple[bool, bool]:
    """Return whether version ``number`` was submitted, and whether anything was done with it after."""
    if number == 1:
        return target is not Target.DRAFT, target not in {Target.DRAFT, Target.SUBMITTED}
    return target is Target.APPROVED_V2_SUBMITTED, False


def _version(rows: list[dict[str, str]], first: dict[str, str], target: Target) -> DemoVersion:
    head = rows[0]
    code = head["periode"]
    period = next(item for item in periods() if item.code == code)
    rng = random.Random(f"khub/waktu/{head['berkas']}")  # noqa: S311 - repeatable, not secret
    uploaded = datetime.strptime(head["diunggah"], "%Y-%m-%d %H:%M").replace(tzinfo=WIB)
    submitted = uploaded + timedelta(minutes=rng.randint(4, 55))
    wait = timedelta(hours=2) if target is Target.WITHDRAWN else timedelta(days=rng.randint(1, 6))
    acted = submitted + wait + timedelta(minutes=rng.randint(0, 50))
    was_submitted, was_acted_on = _reached(target, int(head["versi"]))
    return DemoVersion(
        title=head["judul"],
        period=period.name,
        files=tuple(_file(row, first, period.name) for row in rows),
        uploaded_at=uploaded,
        submitted_at=submitted if was_submitted else None,
        acted_at=acted if was_acted_on else None,
    )


def documents() -> Iterator[DemoDocument]:
    """Yield the demo's keluaran; no file is made before its ``build`` is called."""
    for key, group in groupby(read_table("documents.csv"), key=lambda row: row["produk"]):
        rows = list(group)
        first = rows[0]
        target = Target(first["keadaan"])
        institution, pokja = institution_name(first["kl"]), int(first["pokja"])
        versions = (list(part) for _, part in groupby(rows, key=lambda row: row["versi"]))
        yield DemoDocument(
            key=f"demo-{key}",
            kind=first["jenis"],
            language=first["bahasa"],
            institution=institution,
            pokja=pokja,
            uploader=owner(institution, pokja),
            actions=tuple(first["aksi"].split(";")),
            classification=first["klasifikasi"],
            target=target,
            personal_data=any(row["naskah"] == "pribadi" for row in rows),
            note=first["catatan"],
            versions=tuple(_version(part, first, target) for part in versions),
        )
