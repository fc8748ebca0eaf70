"""Home, language, help, health."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from khub import i18n, web
from khub.audit import queries as audit
from khub.coordination import queries as coordination
from khub.coordination.words import CONTACTED
from khub.cycle.own_answers import own_answers
from khub.errors import NotFoundError
from khub.i18n import gettext
from khub.links import url_for
from khub.main import health, overview, queries, tasks
from khub.policy import Right, Role, holds
from khub.products import ids
from khub.reports.tasks import own_board

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.audit.queries import ChainState
    from khub.coordination.queries import Waiting
    from khub.cycle.own_answers import OwnAnswers
    from khub.main.health import Disk, FailedJob, Health
    from khub.main.overview import Chaired, Inspected, Overview
    from khub.main.queries import PeriodHead
    from khub.main.tasks import OwnWork
    from khub.policy import Actor
    from khub.reports.tasks import Board
    from khub.settings import Settings

bp = Blueprint("main", __name__)

_YEAR = 365 * 24 * 3600
_PAGE = 25


@dataclass(frozen=True, slots=True)
class StaticPage:
    """A page of words only."""


@dataclass(frozen=True, slots=True)
class HomePage:
    """The home page: a part for each role that the person holds, None for the others."""

    period: PeriodHead | None
    own: OwnWork | None
    batch: str
    limit: int
    overview: Overview | None
    chaired: Chaired | None
    inspected: Inspected | None
    chain: ChainState | None
    health: Health | None
    disks: list[Disk]
    follow_ups: Waiting
    channels: Mapping[str, str]
    reports: Board | None
    answers: OwnAnswers | None


@dataclass(frozen=True, slots=True)
class JobsPage:
    """Background work that was given up."""

    jobs: tuple[FailedJob, ...]
    pager: web.Pager


@bp.get("/")
def home() -> Response:
    """Show what waits for the person, by role."""
    page = web.ask(_home, web.services().clock.now(), web.services().settings)
    if page.overview is not None:
        web.keep_waiting(page.overview.queue.waiting)
    return web.show("main/home.html", page)


def _home(session: Session, who: Actor, now: datetime, settings: Settings) -> HomePage:
    auditor, admin = who.has(Role.AUDITOR), holds(who, Right.ADMIN)
    period = queries.running(session, who, now)
    folders = (("uploads", settings.uploads), ("data", settings.data))
    return HomePage(
        period=period,
        own=tasks.own_work(session, who, now, period) if holds(who, Right.UPLOAD) else None,
        batch=ids.batch_token(),
        limit=settings.max_upload,
        overview=overview.overview(session, who, now, period) if holds(who, Right.REVIEW) else None,
        chaired=overview.chaired(session, who, now, period) if who.has(Role.CHAIR) else None,
        inspected=overview.inspected(session, who, now, period) if auditor else None,
        chain=audit.state(session, who) if auditor or admin else None,
        health=health.health(session, who, now) if admin else None,
        disks=health.disks(folders) if admin else [],
        follow_ups=coordination.waiting(session, who, now),
        channels={key: gettext(word) for key, word in CONTACTED.items()},
        reports=own_board(session, who, now) if holds(who, Right.UPLOAD) else None,
        answers=own_answers(session, who, now, (period.plan, period.year) if period else None)
        if holds(who, Right.UPLOAD)
        else None,
    )


@bp.get("/admin/pekerjaan")
def jobs() -> Response:
    """List the background work that was given up."""
    number = web.page_number()
    total, found = web.ask(health.failed_jobs, offset=(number - 1) * _PAGE, limit=_PAGE)
    return web.show("main/jobs.html", JobsPage(found, web.Pager(number, _PAGE, total)))


@bp.post("/admin/pekerjaan/<int(max=2147483647):job_id>/ulang")
def retry_job(job_id: int) -> Response:
    """Let the worker try a job again."""
    web.services().upkeep.retry(web.actor(), job_id)
    return web.go(url_for("main.jobs"))


@bp.get("/bahasa/<code>")
def language(code: str) -> Response:
    """Remember the language and go back."""
    if code not in i18n.LANGUAGES:
        raise NotFoundError
    response = web.go(web.safe_next(request.args.get("next")))
    response.set_cookie(
        web.LANGUAGE_COOKIE,
        code,
        max_age=_YEAR,
        samesite="Lax",
        secure=web.services().settings.cookies_secure,
        httponly=True,
    )
    return response


@bp.get("/bantuan/pencarian")
def help_search() -> Response:
    """Explain the search grammar."""
    return web.show("main/help_search.html", StaticPage())


@bp.get("/aksesibilitas")
def accessibility() -> Response:
    """Say what was done for access, and what is missing."""
    return web.show("main/accessibility.html", StaticPage())


@bp.get("/healthz")
def healthz() -> Response:
    """Tell that the process answers."""
    return web.answer(status="ok")


@bp.get("/readyz")
def readyz() -> Response:
    """Tell whether the database answers."""
    web.ask(lambda session, _: session.connection().exec_driver_sql("SELECT 1").scalar())
    return web.answer(status="ready")
