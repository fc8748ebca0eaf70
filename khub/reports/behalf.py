"""Rows entered *atas nama* a K/L by the Sekretariat or a ketua pokja, with the signed letter."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from khub import policy
from khub.audit import chain
from khub.errors import N_, ConflictError, FieldError, InvalidError, NotFoundError
from khub.plan import letters
from khub.products import lifecycle
from khub.products import service as products
from khub.products.models import WORKING
from khub.reports import copies, gaps, handing, outputs, rows
from khub.reports.models import ReportCopy
from khub.reports.service import Reports
from khub.reports.writing import write

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.clock import Clock
    from khub.db import Database
    from khub.policy import Actor
    from khub.reports.forms import Said
    from khub.reports.rows import Place, Scene, Spot
    from khub.storage import Storage


class Behalf:
    """Use cases of those who enter for others."""

    def __init__(self, db: Database, clock: Clock, storage: Storage) -> None:
        self.db = db
        self.clock = clock
        self.storage = storage

    def enter(self, actor: Actor, place: Place, said: Said, letter: IO[bytes] | None, name: str) -> str:
        """Hand a row in for a K/L and return the receipt's number; the K/L then confirms it.

        A draft that the K/L has stays its own, word for word. Raises ``InvalidError`` for a letter that
        is missing or not taken and for everything the row lacks, ``ConflictError`` when it was handed
        in already or the period is closed.
        """
        now = self.clock.now()
        with self.db.read() as session:  # before taking the body
            self._spot(session, actor, place, now)
        errors: list[FieldError] = []
        try:
            stored = letters.store(self.storage, letter, name)
        except InvalidError as error:
            errors += error.errors
        with self.db.write() as session:
            scene, spot = self._spot(session, actor, place, now)
            report = rows.report_of(session, spot, lock=True)
            rows.demand_free(spot, report)
            if report is not None and report.state not in lifecycle.EDITABLE:
                raise ConflictError(N_("Laporan ini sudah diajukan dan beku."))
            entry = _entry(session, actor, scene, spot, said, now, errors)
            if errors:
                raise InvalidError(errors)
            loaded = (
                copies.load_any(session, report.public_id)
                if report is not None
                else Reports.begin(session, actor, spot, now)
            )
            kept = letters.add(session, actor, stored, spot.institution_id, now)
            receipt = products.open_receipt(session, actor, spot.institution_id, now)
            if not loaded.working.revision and not copies.outputs_of(session, loaded.working.id):
                _fill(session, loaded.working, entry)
            snapshot = Reports.hand_over(session, actor, loaded, receipt, now, entry=entry)
            snapshot.on_behalf, snapshot.letter_id = True, kept.id
            event = chain.append(
                session,
                actor,
                "report.entered",
                "report",
                loaded.report.public_id,
                now,
                facts={"snapshot": snapshot.number, "letter": kept.public_id, "sha256": kept.sha256},
            )
            receipt.event_seq = event.seq
            return receipt.number

    @staticmethod
    def _spot(session: Session, actor: Actor, place: Place, now: datetime) -> tuple[Scene, Spot]:
        scene = rows.scene(session, place.plan, place.period, now)
        spot = scene.at(actor, place)
        if spot.pokja_id is None:
            raise NotFoundError
        policy.demand(policy.can_stand_in(actor, spot.institution_id, spot.pokja_id))
        handing.demand_running(session, scene.period.id)
        if not spot.row.asks:
            raise ConflictError(N_("Baris ini tidak diminta pada periode ini."))
        return scene, spot


def _entry(
    session: Session,
    actor: Actor,
    scene: Scene,
    spot: Spot,
    said: Said,
    now: datetime,
    errors: list[FieldError],
) -> copies.Entry:
    """Return what the letter says as a copy of its own, noting in ``errors`` what it lacks."""
    key = (spot.row.action.id, spot.row.unit.id)
    family = scene.family(spot.row.unit.id)
    activities = gaps.activities_of(session, [key], scene.period.year, family).get(key, [])
    entered = ReportCopy(number=WORKING, access=policy.Access.FROZEN, values=[], saved_at=now)
    write(entered, said, activities, None)
    named = []
    try:
        named = outputs.named_for(session, actor, spot, family, said)
    except InvalidError as error:
        errors += error.errors
    errors += gaps.missing(entered, spot.row.asks, activities, named)
    return copies.Entry(entered, named)


def _fill(session: Session, working: ReportCopy, entry: copies.Entry) -> None:
    """Put the letter's words and outputs into a working copy in which the K/L has written nothing."""
    entered = entry.copy
    working.achievement = entered.achievement
    working.percent, working.percent_why = entered.percent, entered.percent_why
    working.obstacles, working.no_obstacles = entered.obstacles, entered.no_obstacles
    working.follow_up = entered.follow_up
    working.values = entered.values
    working.revision = 1
    for output, pages in entry.outputs:
        outputs.add(session, working.id, output.id, pages)
