"""Handing the report on: frozen, numbered editions kept for ever, and files that the worker makes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub import outbox, policy
from khub.annual import compose
from khub.annual.desk import NOTE, Desk, limited
from khub.annual.document import canonical, digest
from khub.annual.inspection import Inspection
from khub.annual.models import AnnualEdition, AnnualExport, AnnualReport
from khub.audit import chain
from khub.errors import N_, FieldError, InvalidError, NotFoundError
from khub.plan.models import Plan
from khub.policy import Annual
from khub.products import ids

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from khub.annual.compose import Draft, Trouble
    from khub.policy import Actor

#: How long the file of a draft is kept; files of editions are kept for ever.
KEPT = timedelta(days=90)
_SWEPT = 200
#: Outbox kind: make the file of an ``AnnualExport``.
EXPORT = "annual-export"


def path_of(folder: Path, export: str, form: str) -> Path:
    """Return where the file of an export lies."""
    return folder / f"{export}.{form}"


class Format(StrEnum):
    """What a report can be exported as; the value is the file's suffix."""

    DOCX = "docx"
    PDF = "pdf"
    XLSX = "xlsx"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Readiness:
    """What keeps a report from being handed on, and what a freeze would say of it."""

    trouble: Trouble
    mismatches: int

    @property
    def faults(self) -> tuple[FieldError, ...]:
        """Return every reason to refuse, as words."""
        found = []
        if self.trouble.blocked:
            count = len(self.trouble.blocked)
            text = N_("%(count)s kutipan dari sumber terbatas atau belum disetujui belum diberi alasan.")
            found.append(FieldError("kutipan", text, {"count": count}))
        if self.trouble.missing:
            text = N_("%(count)s tanda kutipan tidak menunjuk kutipan mana pun.")
            found.append(FieldError("kutipan", text, {"count": len(self.trouble.missing)}))
        if self.trouble.broken:
            text = N_("%(count)s angka atau tabel hidup tidak menunjuk apa pun.")
            found.append(FieldError("angka", text, {"count": len(self.trouble.broken)}))
        return tuple(found)

    @property
    def frozen_faults(self) -> tuple[FieldError, ...]:
        """Return every reason to refuse a freeze: figures that do not fit count too."""
        if not self.mismatches:
            return self.faults
        text = N_("%(count)s angka tidak cocok: ganti, atau biarkan dengan alasan.")
        return (*self.faults, FieldError("angka", text, {"count": self.mismatches}))


def readiness(draft: Draft, trouble: Trouble, inspection: Inspection) -> Readiness:
    """Return what keeps a report from being handed on."""
    return Readiness(trouble, sum(inspection.open_faults(part) for part in draft.sections))


class Publishing(Desk):
    """Use cases on editions and exports. Every method is one transaction with its event."""

    def freeze(self, actor: Actor, public_id: str, note: str = "") -> int:
        """Freeze the report as it stands as the next edition and return its number.

        Raises ``InvalidError`` with everything in the way (see ``Readiness``).
        """
        note = limited(note, "note", longest=NOTE)
        now = self.clock.now()
        with self.db.write() as session:
            report = self.opened(session, actor, public_id)
            last = session.scalar(
                sa.select(sa.func.max(AnnualEdition.number)).where(AnnualEdition.report_id == report.id)
            )
            number = (last or 0) + 1
            draft = compose.load(session, public_id)
            made, trouble = compose.document(session, draft, edition=number)
            ready = readiness(draft, trouble, Inspection.load(session, draft))
            if ready.frozen_faults:
                raise InvalidError(ready.frozen_faults)
            content = canonical(made)
            sha256 = digest(content)
            session.add(
                AnnualEdition(
                    report_id=report.id,
                    number=number,
                    as_of=report.as_of,
                    revision=report.revision,
                    restricted=trouble.restricted,
                    content=content,
                    sha256=sha256,
                    note=note,
                    frozen_by=actor.person_id,
                    frozen_at=now,
                )
            )
            facts = {"edition": number, "sha256": sha256, "restricted": trouble.restricted}
            self.tell(session, actor, "annual.frozen", report, now, reason=note, facts=facts)
            return number

    def export(self, actor: Actor, public_id: str, form: Format, *, edition: int | None = None) -> str:
        """Ask the worker for a file of the draft, or of an edition; returns the export's public id.

        Raises ``InvalidError`` where the draft must not be handed on.
        """
        now = self.clock.now()
        with self.db.write() as session:
            report = self.opened(session, actor, public_id)
            frozen = self._edition(session, report, edition) if edition is not None else None
            restricted = frozen.restricted if frozen is not None else False
            if frozen is None:
                draft = compose.load(session, public_id)
                _, trouble = compose.document(session, draft)
                if faults := Readiness(trouble, 0).faults:
                    raise InvalidError(faults)
                restricted = trouble.restricted
            row = AnnualExport(
                public_id=ids.export_id(),
                report_id=report.id,
                edition_id=frozen.id if frozen is not None else None,
                format=form,
                restricted=restricted,
                name=_file_name(session, report, edition, form),
                requested_by=actor.person_id,
                requested_at=now,
            )
            session.add(row)
            session.flush()
            facts = {"export": row.public_id, "format": form, "edition": edition or 0}
            self.tell(session, actor, "annual.export-asked", report, now, facts=facts)
            outbox.enqueue(session, EXPORT, row.id, now)
            return row.public_id

    def downloaded(self, actor: Actor, public_id: str, export: str) -> tuple[str, str]:
        """Record a download and return (format, file name). 404 where ``actor`` may not have the file."""
        with self.db.write() as session:
            row = session.scalar(
                sa.select(AnnualExport)
                .join(AnnualReport, AnnualReport.id == AnnualExport.report_id)
                .where(
                    AnnualReport.public_id == public_id,
                    AnnualExport.public_id == export,
                    AnnualExport.state == "done",
                )
            )
            if row is None:
                raise NotFoundError
            subject = Annual(frozen=row.edition_id is not None, restricted=row.restricted)
            policy.demand(policy.can_read_annual(actor, subject), visible=False)
            facts = {"export": export, "format": row.format, "sha256": row.sha256}
            chain.append(
                session, actor, "annual.downloaded", "annual", public_id, self.clock.now(), facts=facts
            )
            return row.format, row.name

    def sweep(self, folder: Path) -> int:
        """Delete the files of drafts that are older than ``KEPT``, of editions none; returns how many."""
        old = sa.select(AnnualExport).where(
            AnnualExport.edition_id.is_(None),
            AnnualExport.state == "done",
            AnnualExport.finished_at < self.clock.now() - KEPT,
        )
        with self.db.write() as session:
            rows = session.scalars(old.order_by(AnnualExport.id).limit(_SWEPT)).all()
            for row in rows:  # the file first: a sweep that dies in between is done again
                path_of(folder, row.public_id, row.format).unlink(missing_ok=True)
                row.state = "expired"
            return len(rows)

    @staticmethod
    def _edition(session: Session, report: AnnualReport, number: int) -> AnnualEdition:
        found = session.scalar(
            sa.select(AnnualEdition).where(
                AnnualEdition.report_id == report.id, AnnualEdition.number == number
            )
        )
        if found is None:
            raise NotFoundError
        return found


def _file_name(session: Session, report: AnnualReport, edition: int | None, form: Format) -> str:
    plan = session.get_one(Plan, report.plan_id)
    which = f"edisi-{edition}" if edition is not None else f"draf-{report.revision}"
    stem = "kutipan-laporan" if form is Format.CSV else "laporan-pelaksanaan"
    return re.sub(r"[^\w.-]+", "-", f"{stem}-{plan.code}-{report.year}-{which}")[:120] + f".{form}"
