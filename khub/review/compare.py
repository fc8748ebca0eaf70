"""What a snapshot says differently from an earlier one, and what it says again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.plan.directory import Directory
from khub.plan.models import Period
from khub.products import copies
from khub.products.models import WORKING, Copy, CopyFile, File, Product
from khub.products.queries import actions_of, readable_copies
from khub.reports.models import Report, ReportCopy, ReportOutput
from khub.reports.queries import readable_reports
from khub.review import cases, texts
from khub.review.evidence import files_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.policy import Actor
    from khub.products.models import Version
    from khub.review.cases import Evidence

#: Texts of a report that are compared word by word.
TEXTS = ("achievement", "obstacles", "follow_up", "percent_why")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs: title, period, actions, files, …; what went and what came."""

    name: str
    gone: tuple[str, ...]
    came: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """Differences from an earlier snapshot, with what was decided on that and why."""

    version: int
    snapshot: int
    state: str
    decided_at: datetime | None
    note: str
    changes: tuple[Change, ...]
    kept_files: int


@dataclass(frozen=True, slots=True)
class Rewritten:
    """One text of a report, word by word."""

    name: str
    pieces: tuple[texts.Piece, ...]

    @property
    def changed(self) -> bool:
        """Tell whether anything went or came."""
        return any(piece.kind != texts.SAME for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class ReportChanges:
    """Differences of a report from an earlier snapshot of it, or from the report of an earlier period.

    ``public_id``, ``snapshot``, ``period``: of the earlier one; ``figures``: (kegiatan, before, now).
    """

    public_id: str
    snapshot: int
    period: str
    state: str
    decided_at: datetime | None
    note: str
    percent: tuple[int | None, int | None]
    texts: tuple[Rewritten, ...]
    figures: tuple[tuple[str, float | None, float | None], ...]
    changes: tuple[Change, ...]
    kept_files: int

    @property
    def same(self) -> bool:
        """Tell whether nothing differs."""
        return not (
            self.changes
            or any(text.changed for text in self.texts)
            or any(before != now for _, before, now in self.figures)
            or self.percent[0] != self.percent[1]
        )


@dataclass(frozen=True, slots=True)
class Again:
    """A file of a report that was handed in for an earlier period too: the same bytes."""

    file: str
    name: str
    product: str
    title: str
    period: str


def since_before(
    session: Session, now: sa.Row[Copy, Version, Product], before: sa.Row[Copy, Version, Product]
) -> Changes:
    """Compare the snapshot ``now`` with ``before``, the last earlier one that the reader may read."""
    copy, earlier = now[0], before[0]
    actions = actions_of(session, [copy.id, earlier.id])
    files = files_of(session, [copy.id, earlier.id])
    held, kept = _files(files.get(earlier.id, ()), files.get(copy.id, ()))
    found = [
        _change("title", [earlier.title], [copy.title]),
        _change("period", _period(session, earlier), _period(session, copy)),
        _change(
            "actions",
            [action.code for action in actions.get(earlier.id, ())],
            [action.code for action in actions.get(copy.id, ())],
        ),
        held,
    ]
    return Changes(
        version=before[1].number,
        snapshot=earlier.number,
        state=copies.status_of(earlier, before[1]),
        decided_at=earlier.decided_at,
        note=earlier.note,
        changes=tuple(change for change in found if change.gone or change.came),
        kept_files=kept,
    )


def reports(
    session: Session, now: ReportCopy, before: ReportCopy, report: Report, period: str
) -> ReportChanges:
    """Compare two snapshots of reports; ``report`` and ``period`` are the earlier one's."""
    evidence = cases.evidence_of_many(session, [now.id, before.id])
    files = files_of(
        session, {each.copy.id for held in evidence.values() for each in held if each.copy is not None}
    )
    old, new = evidence.get(before.id, []), evidence.get(now.id, [])
    held, kept = _files(_all(old, files), _all(new, files))
    found = [
        _change("outputs", [_named(each) for each in old], [_named(each) for each in new]),
        _change(
            "pages", [_page(each) for each in old if each.pages], [_page(each) for each in new if each.pages]
        ),
        held,
    ]
    return ReportChanges(
        public_id=report.public_id,
        snapshot=before.number,
        period=period,
        state=before.outcome,
        decided_at=before.decided_at,
        note=before.note,
        percent=(before.percent, now.percent),
        texts=tuple(
            Rewritten(name, texts.difference(getattr(before, name), getattr(now, name)))
            for name in TEXTS
            if getattr(before, name) or getattr(now, name)
        ),
        figures=_figures(before, now),
        changes=tuple(change for change in found if change.gone or change.came),
        kept_files=kept,
    )


def last_period(
    session: Session, actor: Actor, report: Report, period: Period
) -> tuple[ReportCopy, Report, Period] | None:
    """Return the approved report of the latest earlier period on the same aksi by the same K/L.

    A K/L that took another's place goes on from what that one reported.
    """
    family = Directory.load(session).family(report.institution_id)
    found = session.execute(
        readable_reports(actor)
        .add_columns(Period)
        .join(Period, Period.id == Report.period_id)
        .where(
            Report.action_id == report.action_id,
            Report.institution_id.in_(family),
            Report.id != report.id,
            ReportCopy.outcome == "approved",
            Period.plan_id == period.plan_id,
            Period.ends < period.ends,
        )
        .order_by(Period.ends.desc(), ReportCopy.number.desc())
        .limit(1)
    ).first()
    return (found[0], found[1], found[2]) if found is not None else None


def handed_in_before(
    session: Session, actor: Actor, report: Report, period: Period, files: Iterable[File]
) -> tuple[Again, ...]:
    """Return the files whose bytes were handed in for an earlier period, among what ``actor`` may read.

    For an earlier period means: by a keluaran of that period, or as evidence of a report on it.
    """
    names = {file.sha256: file for file in files}
    if not names:
        return ()
    evidence = (
        sa.select(ReportOutput.product_copy_id, Period.name, Period.ends)
        .join(ReportCopy, ReportCopy.id == ReportOutput.copy_id)
        .join(Report, Report.id == ReportCopy.report_id)
        .join(Period, Period.id == Report.period_id)
        .where(
            ReportCopy.number != WORKING,
            ReportCopy.outcome.in_(("approved", "pending")),
            Report.id != report.id,
            Period.plan_id == period.plan_id,
            Period.ends < period.ends,
        )
        .subquery()
    )
    own = sa.orm.aliased(Period)
    found = session.execute(
        readable_copies(actor)
        .join(CopyFile, CopyFile.copy_id == Copy.id)
        .join(File, File.id == CopyFile.file_id)
        .outerjoin(own, sa.and_(own.id == Copy.period_id, own.ends < period.ends))
        .outerjoin(evidence, evidence.c.product_copy_id == Copy.id)
        .where(
            File.sha256.in_(names),
            Copy.number != WORKING,
            Copy.outcome != "withdrawn",
            sa.or_(own.id.is_not(None), evidence.c.product_copy_id.is_not(None)),
        )
        .with_only_columns(
            File.sha256,
            Product.public_id,
            Copy.title,
            sa.func.coalesce(evidence.c.name, own.name).label("period"),
            maintain_column_froms=True,
        )
        .order_by(sa.func.coalesce(evidence.c.ends, own.ends).desc(), Product.id, Copy.id.desc())
    ).all()
    first: dict[str, Again] = {}
    for row in found:
        file = names[row.sha256]
        first.setdefault(row.sha256, Again(file.public_id, file.name, row.public_id, row.title, row.period))
    return tuple(first[sha] for sha in names if sha in first)


def _figures(before: ReportCopy, now: ReportCopy) -> tuple[tuple[str, float | None, float | None], ...]:
    old, new = figures_of(before), figures_of(now)
    named = {key: name for held in (old, new) for key, (name, _) in held.items()}
    return tuple(
        (name, old.get(key, ("", None))[1], new.get(key, ("", None))[1]) for key, name in named.items()
    )


def figures_of(copy: ReportCopy) -> dict[int, tuple[str, float | None]]:
    """Return kegiatan id → (name, total since January) of a snapshot."""
    return {
        int(str(each["activity"])): (str(each.get("name", "")), number(each.get("value")))
        for each in copy.values
    }


def number(value: object) -> float | None:
    """Return a stored figure as a number, None where none was given."""
    return float(value) if isinstance(value, int | float) else None


def _all(held: Iterable[Evidence], files: Mapping[int, Sequence[File]]) -> list[File]:
    return [file for each in held if each.copy is not None for file in files.get(each.copy.id, ())]


def _named(each: Evidence) -> str:
    return f"{each.copy.title} ({each.public_id})" if each.copy is not None else each.public_id


def _page(each: Evidence) -> str:
    return f"{each.public_id}: {each.pages}"


def _files(before: Sequence[File], now: Sequence[File]) -> tuple[Change, int]:
    """Return which files went and came, told apart by their bytes, and how many stayed."""
    old, new = {file.sha256 for file in before}, {file.sha256 for file in now}
    return (
        Change(
            "files",
            tuple(file.name for file in before if file.sha256 not in new),
            tuple(file.name for file in now if file.sha256 not in old),
        ),
        len(old & new),
    )


def _change(name: str, before: Sequence[str], now: Sequence[str]) -> Change:
    return Change(
        name,
        tuple(value for value in before if value not in now),
        tuple(value for value in now if value not in before),
    )


def _period(session: Session, copy: Copy) -> list[str]:
    period = session.get(Period, copy.period_id) if copy.period_id is not None else None
    return [period.name] if period is not None else []
