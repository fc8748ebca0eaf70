"""The six items of the checklist, and what a person answered to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.accounts.models import Person
from khub.errors import N_, InvalidError
from khub.reports.models import ReportCopy
from khub.review.models import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.products.models import Copy

#: Keys of the items, in order; the machine's checks carry the same keys.
ITEMS: dict[str, str] = {
    "actions": N_("Sesuai aksi dan ukuran keberhasilan"),
    "period": N_("Periode benar"),
    "signed": N_("Bertanda tangan"),
    "letterhead": N_("Berkop surat"),
    "reading": N_("Terbaca dan dapat dicari"),
    "personal": N_("Data pribadi diperiksa"),
}
YES, NO, OPEN = "yes", "no", "open"
ANSWERS: dict[str, str] = {YES: N_("Ya"), NO: N_("Tidak"), OPEN: N_("Belum")}


@dataclass(frozen=True, slots=True)
class Answered:
    """What somebody answered to one item, and when."""

    answer: str
    person: str
    at: datetime


def parse(form: Mapping[str, str]) -> dict[str, str]:
    """Return item → answer of a form; items that are not in it are left out. Raises ``InvalidError``."""
    found = {item: form[item] for item in ITEMS if form.get(item, "")}
    for item, answer in found.items():
        if answer not in ANSWERS:
            raise InvalidError.one(item, N_("Pilih salah satu jawaban yang ada."))
    return found


def stored(session: Session, snapshot: Copy | ReportCopy, *, second: bool = False) -> dict[str, Answered]:
    """Return item → answer about a snapshot, the first reviewer's or the second's."""
    rows = session.execute(
        sa.select(Answer, Person.name)
        .outerjoin(Person, Person.id == Answer.person_id)
        .where(_about(snapshot), Answer.second.is_(second))
    )
    return {row.item: Answered(row.answer, name or "", row.at) for row, name in rows}


def save(
    session: Session,
    snapshot: Copy | ReportCopy,
    answers: Mapping[str, str],
    person_id: int | None,
    at: datetime,
    *,
    second: bool = False,
) -> dict[str, str]:
    """Keep the answers that differ from what is kept; returns those."""
    rows = {
        row.item: row
        for row in session.scalars(sa.select(Answer).where(_about(snapshot), Answer.second.is_(second)))
    }
    changed = {
        item: answer
        for item, answer in answers.items()
        if answer != (rows[item].answer if item in rows else OPEN)
    }
    for item, answer in changed.items():
        row = rows.get(item)
        if row is None:
            row = Answer(item=item, second=second, **_named(snapshot))
            session.add(row)
        row.answer, row.person_id, row.at = answer, person_id, at
    session.flush()
    return changed


def answered(answers: Mapping[str, Answered]) -> int:
    """Return how many items have a yes or a no."""
    return sum(each.answer in (YES, NO) for each in answers.values())


def _about(snapshot: Copy | ReportCopy) -> sa.ColumnElement[bool]:
    if isinstance(snapshot, ReportCopy):
        return Answer.report_copy_id == snapshot.id
    return Answer.copy_id == snapshot.id


def _named(snapshot: Copy | ReportCopy) -> dict[str, int]:
    return {("report_copy_id" if isinstance(snapshot, ReportCopy) else "copy_id"): snapshot.id}
