"""Holds database, disk, index and trail against what was acknowledged."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.audit import chain
from khub.outbox import Job
from khub.products.models import Copy, CopyFile, File, Page, Product, UploadKey, Version
from khub.search.models import Entry
from khub.settings import environment

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.kill.client import Acknowledged
    from tests.kill.site import Installation

#: Rows that only half of an upload would leave.
_ORPHANS = {
    "file without a copy": sa.select(File.id).where(File.id.not_in(sa.select(CopyFile.file_id))),
    "keluaran without a version": sa.select(Product.id).where(
        Product.id.not_in(sa.select(Version.product_id))
    ),
    "version without a copy": sa.select(Version.id).where(Version.id.not_in(sa.select(Copy.version_id))),
    "keluaran without search columns": sa.select(Product.id).where(
        Product.id.not_in(sa.select(Entry.product_id))
    ),
    "file without a key": sa.select(File.id).where(File.id.not_in(sa.select(UploadKey.file_id))),
    "lease": sa.select(Job.id).where(Job.lease_until.is_not(None)),
    "key used twice": sa.select(UploadKey.file_id).group_by(UploadKey.file_id).having(sa.func.count() > 1),
}


def count(site: Installation, acknowledged: list[Acknowledged]) -> list[str]:
    """Return everything that is not as promised."""
    with site.services.db.read() as session:
        found = [
            f"{name}: {rows[:5]}"
            for name, query in _ORPHANS.items()
            if (rows := session.scalars(query).all())
        ]
        if not chain.verify(session).whole:
            found.append("the audit chain is broken")
        if session.scalar(sa.select(sa.func.count() - sa.func.count(sa.distinct(File.sha256)))):
            found.append("an upload was stored twice")
        found += [
            f"{done.file}: {trouble}" for done in acknowledged if (trouble := _trouble(site, session, done))
        ]
    return [*found, *_doctor(site), *_log(site)]


def _trouble(site: Installation, session: Session, done: Acknowledged) -> str:
    row = session.scalar(sa.select(File).where(File.public_id == done.file))
    if row is None or row.sha256 != done.sha256:
        return "acknowledged, and not in the database"
    if hashlib.sha256(site.services.storage.path(done.sha256).read_bytes()).hexdigest() != done.sha256:
        return "other bytes on disk"
    keys = session.scalars(sa.select(UploadKey.key).where(UploadKey.file_id == row.id)).all()
    if keys != [f"{done.key}-0"]:
        return f"stored under {keys}"
    pages = session.scalar(sa.select(sa.func.count()).where(Page.file_id == row.id))
    return "" if row.state == "read" and pages else f"{row.state} {row.reason}, {pages} pages"


def _doctor(site: Installation) -> list[str]:
    checked = subprocess.run(
        [sys.executable, "-m", "khub", "doctor", "--deep"],
        env=environment(site.settings),
        capture_output=True,
        text=True,
        check=False,
    )
    return [f"khub doctor: {checked.stdout}{checked.stderr}"] if checked.returncode else []


def _log(site: Installation) -> list[str]:
    """Return tracebacks, but those of jobs whose helper was killed while it started: they are tried again."""
    lines = site.log.read_text(errors="replace").splitlines()
    return [
        "in the log: " + "\n".join(lines[number - 1 : number + 60])
        for number, line in enumerate(lines)
        if line.startswith("Traceback")
        and not (number and lines[number - 1].startswith("ERROR khub.worker: job read/"))
    ][:3]
