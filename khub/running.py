"""What the processes of an installation do: the tree's parent, a web server, the worker."""

from __future__ import annotations

import gc
import logging
import threading
import time
from functools import partial
from typing import TYPE_CHECKING

import click

from indexer.ports import IndexLockedError, IndexUnavailableError
from khub import outbox, wiring, worker
from khub.annual.jobs import MakeExport
from khub.annual.publishing import EXPORT
from khub.kinds import jobs as kinds
from khub.kinds.projection import CATALOGUE, TEXT
from khub.mail.sending import SEND, SendMail
from khub.mail.smtp import SmtpTransport
from khub.products import scans
from khub.products.jobs import ENTRIES, INDEX, ReadFile, RefreshEntries
from khub.products.scanning import ReadScan
from khub.products.scans import OCR
from khub.products.uploads import READ
from khub.search.indexing import (
    REBUILD,
    IndexFile,
    IndexTitles,
    Rebuild,
    heal,
    keep_progress,
)
from khub.search.projection import TITLES
from khub.search.warming import warm
from khub.serving import PortTakenError, Stop, Tree, bind, follow_parent, serve_web
from khub.settings import environment

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from indexer.engines.store import WhooshWriter
    from khub.settings import Settings
    from khub.wiring import Services
    from khub.worker import Handler

#: Seconds between two sweeps of bytes that no row names.
_SWEEP = 3600.0
#: Seconds between two looks at letters that are due.
_TICK = 2.0
_READERS = 2
#: New objects, passes over the youngest, and over the middle ones, before the collector looks at the next older.
_RARELY = (5_000, 10, 20)
#: Seconds that a new tree waits for the worker of an old one.
_PATIENCE = 10.0

log = logging.getLogger("khub")


def run_tree(
    chosen: Settings,
    *,
    worker: bool,
    ready: Callable[[str], None],
    work: Callable[[Stop], None] | None = None,
) -> None:
    """Bind, start the children, tell ``ready`` the address, do ``work``, and watch until told to stop.

    Raises ``click.ClickException`` when the port is taken.
    """
    stop = Stop().listen()
    try:
        sock = bind(chosen.host, chosen.port)
    except PortTakenError as error:
        raise click.ClickException(str(error)) from error
    tree = Tree(environment(chosen), fds=(sock.fileno(),))
    try:
        if worker:
            _await_turn(chosen, stop)
        for _ in range(chosen.web_processes):
            tree.add("web", "--fd", str(sock.fileno()))
        if worker:
            tree.add("worker")
        host, port = sock.getsockname()[:2]
        ready(f"http://{'localhost' if host in ('127.0.0.1', '::1') else host}:{port}/")
        if work is not None:
            threading.Thread(target=work, args=(stop,), daemon=True, name="work").start()
        while not stop.event.wait(0.5):
            tree.watch()
    finally:
        tree.stop()
        sock.close()


def _await_turn(chosen: Settings, stop: Stop) -> None:
    """Wait until no other worker has this installation: one that lost its parent needs a moment to end."""
    limit = time.monotonic() + _PATIENCE
    services = wiring.build(chosen)
    writer = services.index_writer
    told = False
    while not stop.event.is_set():
        try:
            writer.open()
        except IndexLockedError as error:
            if not told:
                click.echo(f"waiting for another khub on {chosen.data} to end", err=True)
                told = True
            if time.monotonic() > limit:
                raise click.ClickException(
                    f"another khub is running on {chosen.data}; end it first, or use another folder"
                ) from error
            stop.event.wait(0.2)
        else:
            break
    services.close()


def run_web(services: Services, sock: socket.socket, lifeline: int | None) -> None:
    """Answer requests until told to stop or the parent is gone."""
    from khub.app import create_app  # noqa: PLC0415 - the worker does not need Flask

    stop = Stop().listen().event
    if lifeline is not None:
        follow_parent(lifeline, stop)
    app = create_app(services.settings, services)
    settle()
    threading.Thread(target=warm, args=(services.search, stop), daemon=True, name="warming").start()
    serve_web(app.wsgi_app, sock, services.settings, stop)
    services.close()


def settle() -> None:
    """Take what is loaded out of the garbage collector's sight; it lives as long as the process.

    Looking through it again and again made pages of thousands of rows half as slow again. What searches
    keep stays in its sight: a whole pass then takes 0.1 s, and came every fifty pages of results.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_RARELY)


def lanes(services: Services, stop: threading.Event | None = None) -> list[worker.Lane]:
    """Return the worker's lanes; see ``worker``. A rebuild of the index ends early when ``stop`` is set."""
    writer = services.index_writer
    reading: dict[str, Handler] = {
        READ: ReadFile(services.db, services.storage, services.clock, services.sandbox),
        ENTRIES: RefreshEntries(services.db, services.clock),
    }
    indexing: dict[str, Handler] = {
        INDEX: IndexFile(services.db, writer),
        TITLES: IndexTitles(services.db, writer),
    }
    mailing: dict[str, Handler] = {
        SEND: SendMail(services.db, services.clock, services.settings, SmtpTransport(services.settings))
    }
    exporting: dict[str, Handler] = {
        EXPORT: MakeExport(services.db, services.clock, services.settings.exports, services.sandbox)
    }
    return [
        worker.Lane(services.db, services.clock, mailing, pause=worker.PATIENT),
        worker.Lane(services.db, services.clock, exporting),
        *(worker.Lane(services.db, services.clock, reading) for _ in range(_READERS)),
        _scans(services),
        _kinds(services, stop),
        worker.Lane(
            services.db,
            services.clock,
            {REBUILD: _rebuild(services, stop)},
            pause=worker.PATIENT,
        ),
        worker.Lane(
            services.db,
            services.clock,
            indexing,
            commit=partial(_commit, services, writer, REBUILD),
            batch=worker.BATCH,
            tidy=partial(_tidy, services, writer, REBUILD),
        ),
    ]


def _rebuild(services: Services, stop: threading.Event | None) -> Rebuild:
    """Return what builds the index anew, in a lane of its own: uploads become searchable meanwhile."""
    folder = services.settings.index
    return Rebuild(
        services.db,
        services.index_writer,
        keep_progress(folder),
        clock=services.clock,
        folder=folder,
        stop=stop,
    )


def _scans(services: Services) -> worker.Lane:
    """Return the lane that reads scans, one page at a time: nothing else waits for it."""
    reader = ReadScan(services.db, services.storage, services.clock, services.sandbox, services.ocr)
    return worker.Lane(
        services.db, services.clock, {OCR: reader}, ready=services.ocr.ready, pause=worker.PATIENT
    )


def _kinds(services: Services, stop: threading.Event | None) -> worker.Lane:
    """Return the lane of the index of reports, actions and K/L, which is small and has a writer of its own."""
    writer = services.kind_writer
    return worker.Lane(
        services.db,
        services.clock,
        {
            kinds.REBUILD: kinds.RebuildKinds(
                services.db, services.clock, writer, folder=services.settings.kind_index, stop=stop
            ),
            CATALOGUE: kinds.FollowCatalogue(services.db, services.clock),
            TEXT: kinds.IndexText(services.db, writer),
        },
        commit=partial(_commit, services, writer, kinds.REBUILD),
        batch=worker.BATCH,
        tidy=partial(_tidy, services, writer, kinds.REBUILD),
    )


def _commit(services: Services, writer: WhooshWriter, rebuild: str) -> None:
    """Commit an index; one that is missing or damaged is asked for anew, and takes what was to be committed."""
    try:
        writer.commit()
    except IndexUnavailableError as error:
        if heal(services.db, services.clock, rebuild):  # of one that is asked for already nothing new is told
            log.warning("the index is %s and is built anew", error.reason)
        writer.leave_to_rebuild()


def _tidy(services: Services, writer: WhooshWriter, rebuild: str, seconds: float, *, idle: bool) -> bool:
    """Merge a little; an index found missing or damaged by it is asked for anew."""
    try:
        return writer.tidy(seconds, idle=idle)
    except IndexUnavailableError as error:
        if heal(services.db, services.clock, rebuild):
            log.warning("the index is %s and is built anew", error.reason)
        return False


def run_worker(services: Services, lifeline: int | None) -> None:
    """Work through the outbox until told to stop or the parent is gone."""
    stop = Stop().listen().event
    if lifeline is not None:
        follow_parent(lifeline, stop)
    try:
        usable = services.index_writer.open()
        kinds_usable = services.kind_writer.open()
    except IndexLockedError as error:
        raise click.ClickException("another worker is running on this installation") from error
    if not usable:
        heal(services.db, services.clock, REBUILD)
    if not kinds_usable:
        heal(services.db, services.clock, kinds.REBUILD)
    # The writer's lock is held by this process now, so whoever held these leases is dead.
    with services.db.write() as session:
        if freed := outbox.release_all(session, services.clock.now()):
            log.warning("took over %s jobs of a worker that is gone", freed)
        scans.catch_up(session, services.clock.now())
    threading.Thread(target=_sweep, args=(services, stop), daemon=True, name="sweeper").start()
    threading.Thread(target=_tick, args=(services, stop), daemon=True, name="letters").start()
    worker.run(lanes(services, stop), stop)
    services.close()


def _sweep(services: Services, stop: threading.Event) -> None:
    while not stop.wait(_SWEEP):
        began = time.monotonic()
        try:
            gone = services.uploads.sweep() + services.annual.sweep(services.settings.exports)
            services.asked.forget_old()
        except Exception:
            log.exception("sweep failed")
        else:
            log.info("swept %s objects in %.1f s", gone, time.monotonic() - began)


def _tick(services: Services, stop: threading.Event) -> None:
    """Prepare and queue letters, now and every few seconds."""
    while True:
        try:
            services.clockwork.tick()
        except Exception:
            log.exception("letters could not be prepared")
        if stop.wait(_TICK):
            return
