"""``khub doctor``: is this installation whole? One line a check; exit code 1 when one fails."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click
import sqlalchemy as sa

from indexer.extract.ocr import INSTALL
from khub import db as database
from khub.audit import chain
from khub.errors import NotFoundError
from khub.kinds import jobs as kinds
from khub.outbox import Job
from khub.plan.models import Letter
from khub.products.jobs import unpack
from khub.products.models import File, Page, Product
from khub.search import life, projection
from khub.search.models import Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from khub.wiring import Services

_CHUNK = 1 << 20
_LOW_DISK = 1 << 30
_REASONS = {"missing": "missing", "version": "outdated", "damaged": "damaged"}


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of one check; ``grave`` ones make the exit code 1."""

    name: str
    good: bool
    text: str
    grave: bool = True


def examine(services: Services, *, deep: bool = False) -> Iterator[Finding]:
    """Run every check; ``deep`` hashes every stored file and reads all of the indexes as well."""
    yield _sqlite(services)
    yield _disk(services)
    with services.db.read() as session:
        report = chain.verify(session)
    text = f"{report.events} events, head {report.head[:16]}"
    yield Finding(
        "audit chain", report.whole, text if report.whole else f"broken at {report.broken}: {report.why}"
    )
    yield _files(services, deep=deep)
    yield _columns(services)
    yield _documents(services, deep=deep)
    yield _kinds(services, deep=deep)
    yield _jobs(services)
    yield _ocr(services)


def _sqlite(services: Services) -> Finding:
    if not services.db.is_sqlite:
        return Finding("database", good=True, text=services.db.url.get_backend_name())
    version = database.sqlite_module().sqlite_version
    safe = tuple(map(int, version.split("."))) >= database.SAFE_SQLITE
    with services.db.read() as session:
        whole = session.connection().exec_driver_sql("PRAGMA quick_check").scalar() == "ok"
    text = f"SQLite {version}{'' if safe else ', has a rare WAL bug: use a newer one'}"
    return Finding("database", whole, text if whole else f"{text}: damaged pages")


def _disk(services: Services) -> Finding:
    free = min(
        shutil.disk_usage(_existing(path)).free
        for path in (services.settings.data, services.settings.uploads)
    )
    return Finding("disk", free > _LOW_DISK, f"{free >> 20} MB free", grave=False)


def _existing(path: Path) -> Path:
    return path if path.exists() else _existing(path.parent)


def _files(services: Services, *, deep: bool) -> Finding:
    with services.db.read() as session:
        rows = session.execute(
            sa.select(File.sha256, File.size).union(sa.select(Letter.sha256, Letter.size))
        ).all()
    missing = bad = 0
    for sha256, size in rows:
        try:
            path = services.storage.path(sha256)
        except NotFoundError:
            missing += 1
            continue
        if path.stat().st_size != size or (deep and _hash(path) != sha256):
            bad += 1
    known = {row.sha256 for row in rows}
    spare = sum(1 for key in services.storage.keys() if key not in known)  # noqa: SIM118 - not a mapping
    text = f"{len(rows)} stored, {missing} missing, {bad} damaged, {spare} without a row (swept after a day)"
    return Finding("files", not missing and not bad, text)


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _columns(services: Services) -> Finding:
    stale = 0
    with services.db.read() as session:
        ids = session.scalars(sa.select(Product.id).order_by(Product.id)).all()
        for product_id in ids:
            entry = session.get(Entry, product_id)
            if (entry.copies if entry is not None else None) != projection.describe(session, product_id):
                stale += 1
    return Finding("search columns", not stale, f"{len(ids)} products, {stale} out of step")


def _documents(services: Services, *, deep: bool) -> Finding:
    with services.db.read() as session:
        pages = sum(
            1 for (text,) in session.execute(sa.select(Page.text)).yield_per(500) if _says_something(text)
        )
        titles = sum(len(copies) for (copies,) in session.execute(sa.select(Entry.copies)))
    return _index(services, "index", life.indexes(services.settings)[0], pages + titles, deep=deep)


def _kinds(services: Services, *, deep: bool) -> Finding:
    index = life.indexes(services.settings)[1]
    return _index(
        services, "index of reports, actions, K/L", index, kinds.Texts(services.db).documents(), deep=deep
    )


def _index(services: Services, name: str, index: life.Index, expected: int, *, deep: bool) -> Finding:
    with services.db.read() as session:
        told = life.condition(session, index, services.clock.now(), deep=deep)
    parts = []
    if told.info is None:
        held = f" (analyser {told.held.analyzer}, format {told.held.schema})" if told.held else ""
        parts.append(f"{_REASONS[told.reason]}{held}, run `khub reindex`")
    else:
        info = told.info
        parts.append(f"{info.documents} of {expected} documents, {info.segments} segments")
        parts.append(f"{info.size >> 10} KB, generation {info.generation}")
    parts.append(f"analyser {told.wanted.analyzer}, format {told.wanted.schema}")
    if told.last is None:
        parts.append("never built anew")
    else:
        outcome = told.last.error or "good"
        parts.append(f"built anew {told.last.at:%Y-%m-%d %H:%M} UTC in {told.last.seconds} s: {outcome}")
    if told.rebuild:
        done = f" ({told.percent} %)" if told.percent is not None else ""
        parts.append(f"rebuild {told.rebuild}{done}")
    since = f" since {told.oldest:%Y-%m-%d %H:%M} UTC" if told.oldest is not None else ""
    parts.append(f"{told.waiting} changes waiting{since}")
    behind = bool(told.waiting) or told.rebuild in ("waiting", "running")
    good = told.info is not None and (told.info.documents == expected or behind)
    return Finding(name, good, "; ".join(parts))


def _says_something(packed: bytes) -> bool:
    return bool(unpack(packed).strip())


def _jobs(services: Services) -> Finding:
    with services.db.read() as session:
        given_up = session.scalar(
            sa.select(sa.func.count()).select_from(Job).where(Job.open.is_(False), Job.wanted > Job.done)
        )
    return Finding("jobs", not given_up, f"{given_up} given up", grave=False)


def _ocr(services: Services) -> Finding:
    state = services.ocr.state()
    if state.obstacle == "off":
        return Finding("ocr", good=True, text="off by KHUB_OCR")
    if state.tool is None:
        return Finding(
            "ocr", good=False, text=f"no tesseract: scans cannot be searched; {INSTALL}", grave=False
        )
    text = f"tesseract {state.tool.version}, {'+'.join(state.tool.languages) or 'no language'}"
    if state.tool.missing:
        text += f"; without {', '.join(state.tool.missing)}: {INSTALL}"
    return Finding("ocr", not state.tool.missing, text, grave=False)


@click.command()
@click.option(
    "--deep", is_flag=True, help="Hash every stored file and compare; read every posting of the indexes."
)
@click.pass_obj
def doctor(services: Callable[[], Services], *, deep: bool) -> None:
    """Check database, disk, audit chain, files, search columns, indexes, jobs and OCR."""
    built = services()
    failed = False
    try:
        for finding in examine(built, deep=deep):
            word = "ok  " if finding.good else ("FAIL" if finding.grave else "note")
            failed = failed or (finding.grave and not finding.good)
            click.echo(f"{word} {finding.name}: {finding.text}")
    finally:
        built.close()
    if failed:
        raise click.exceptions.Exit(1)
