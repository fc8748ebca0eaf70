"""The index's life: seen on its page and by the doctor, healed when a reader finds damage, resumed after a kill."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from whoosh.codec.whoosh3 import WHOOSH3_HEADER_MAGIC

from indexer.engines import rebuilding, store
from indexer.engines.cache import ByteCache
from indexer.engines.corpus import STRIDE, Corpus
from indexer.engines.fields import TERMS
from indexer.engines.store import WhooshWriter
from khub import doctor, outbox, running, wiring
from khub.outbox import Job
from khub.products import ids
from khub.products.jobs import INDEX, pack
from khub.products.models import File, Page
from khub.search import commands
from khub.search.indexing import REBUILD, Rebuild, Stored
from khub.settings import environment

#: The real worker, with pieces so small that there is something to die in.
_WORKER = "from indexer.engines import rebuilding; rebuilding.CHUNK = 1500; from khub.cli import main; main()"


@pytest.fixture
def library(office, sandbox):
    """The office with an approved keluaran, read, indexed, and seen at once."""
    public_id = office.hand_in("budi", "Laporan", content=b"Pelatihan guru.\n")
    office.services.review.approve(office.people["dewi"], public_id, 1)
    office.read_files(sandbox)
    Rebuild(
        office.services.db,
        office.services.index_writer,
        lambda *_: None,
        clock=office.clock,
        folder=office.services.settings.index,
    ).run()
    office.services.engine.fresh = 0
    with office.services.db.write() as session:  # indexed above
        session.execute(sa.text("UPDATE job SET open = false, done = wanted"))
    return office


def step(services, kind=REBUILD):
    (lane,) = (lane for lane in running.lanes(services) if kind in lane.handlers)
    lane.step()


def jobs(services):
    with services.db.read() as session:
        found = session.execute(sa.select(Job.open, Job.wanted - Job.done).where(Job.kind == REBUILD)).all()
    return [tuple(row) for row in found]


def told(services, *, deep=False):
    return {f.name: f for f in doctor.examine(services, deep=deep)}["index"]


def test_the_page_tells_of_both_indexes_and_takes_one_wish_at_a_time(library):
    dewi, yoga = library.browser("dewi"), library.browser("yoga")
    page = dewi.get("/indeks").text
    assert page.count("Dapat dipakai") == 1  # the other one was never built
    assert page.count("Belum pernah") == 1
    assert store.current(library.services.settings.index).name in page
    assert "data-pantau" not in page
    assert dewi.post("/indeks/documents/bangun-ulang").status_code == 303
    assert yoga.post("/indeks/documents/bangun-ulang").status_code == 409
    assert yoga.post("/indeks/lain/bangun-ulang").status_code == 404
    assert jobs(library.services) == [(True, 1)]
    waiting = yoga.get("/indeks").text
    assert "Menunggu dibangun ulang." in waiting
    assert 'data-pantau="/indeks"' in waiting
    step(library.services)
    assert jobs(library.services) == [(False, 0)]
    assert "berhasil, 2 entri" in dewi.get("/indeks").text
    assert "Meminta indeks dibangun ulang" in yoga.get("/audit?perbuatan=index.rebuild-asked").text
    assert library.browser("budi").get("/indeks").status_code == 403


def test_a_disk_that_is_too_small_is_told_on_the_page_and_by_the_command(library, monkeypatch):
    monkeypatch.setattr(Stored, "size", lambda _: 1 << 60)
    services = library.services
    services.index_writer.close()
    done = CliRunner().invoke(commands.reindex, obj=lambda: wiring.build(services.settings, library.clock))
    assert done.exit_code == 1
    assert "MB are free" in done.output
    dewi = library.browser("dewi")
    dewi.post("/indeks/documents/bangun-ulang")
    dewi.get("/indeks")
    step(services)
    page = dewi.get("/indeks").text
    assert "Ruang simpan tidak cukup: perlu sekitar" in page
    assert "Dicoba lagi sendiri" in page
    assert jobs(services) == [(True, 1)]
    assert dewi.get("/cari?q=pelatihan").status_code == 200


def test_damage_inside_postings_is_told_and_mended_once(library):
    services, tia = library.services, library.browser("tia")
    assert told(services, deep=True).good
    for path in store.current(services.settings.index).glob("*.seg"):
        data = path.read_bytes()
        assert WHOOSH3_HEADER_MAGIC in data
        path.write_bytes(data.replace(WHOOSH3_HEADER_MAGIC, b"\0" * len(WHOOSH3_HEADER_MAGIC)))
    assert not told(services, deep=True).good
    assert "damaged" in told(services, deep=True).text
    for word in ("pelatihan", "guru"):
        assert tia.get(f"/cari?q={word}").status_code == 503
    assert jobs(services) == [(True, 1)]
    step(services)
    assert tia.get("/cari?q=pelatihan").status_code == 200
    assert told(services, deep=True).good


def test_the_doctor_fails_an_index_that_is_missing_or_outdated(library, monkeypatch):
    services = library.services
    assert "built anew" in told(services).text
    monkeypatch.setattr(store, "ANALYZER_VERSION", store.ANALYZER_VERSION + 1)
    assert not told(services).good
    assert told(services).text.startswith("outdated (analyser")
    (services.settings.index / "current").unlink()
    assert told(services).text.startswith("missing")


# -- a worker that is killed -----------------------------------------------------------------------


def fill(services, files):
    """Add files with pages of random words to the database, as if they had been read."""
    rng = random.Random(7)  # noqa: S311 - words only
    words = [f"kata{n}" for n in range(300)]
    with services.db.write() as session:
        known = session.scalars(sa.select(File).order_by(File.id).limit(1)).one()
        for number in range(files):
            file = File(
                public_id=ids.file_id(),
                product_id=known.product_id,
                sha256=f"{number:064x}",
                size=1,
                name="a.txt",
                media_type="text/plain",
                uploaded_by=known.uploaded_by,
                uploaded_at=known.uploaded_at,
                state="ready",
            )
            session.add(file)
            session.flush()
            for page in (1, 2, 3):
                session.add(leaf(file.id, page, " ".join(rng.choices(words, k=200))))


def leaf(file, number, text):
    return Page(
        file_id=file,
        number=number,
        label=str(number),
        kind="page",
        approximate=False,
        heading="",
        error="",
        text=pack(text),
        language="id",
    )


def held(folder):
    """Return all that an index holds: for each term the pages, how often, and where."""
    corpus = Corpus(store.current(folder), ByteCache(0), ByteCache(0))
    name = list(zip(corpus.owners.tolist(), corpus.pages.tolist(), corpus.lengths.tolist(), strict=True))
    found = {}
    for field, places in TERMS.items():
        for term in corpus.expand(field, ""):
            postings = corpus.postings(field, term)
            pages = zip(postings.docs.tolist(), postings.counts.tolist(), strict=True)
            counted = sorted((*name[doc], count) for doc, count in pages if corpus.alive[doc])
            keys = corpus.keys(field, term, corpus.alive).tolist() if places else []
            if counted:
                found[field, term] = counted, sorted((*name[key // STRIDE], key % STRIDE) for key in keys)
    corpus.close()
    return found


def pieces(aside):
    return list(aside.path.glob("*.seg"))


def until(condition, seconds=120):
    pause, limit = threading.Event(), time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "the worker does not get there"
        pause.wait(0.01)


@pytest.mark.kill
def test_a_worker_killed_in_a_rebuild_leaves_what_the_next_one_goes_on_with(library, tmp_path):
    services, folder = library.services, library.services.settings.index
    services.index_writer.close()
    services.engine.close()
    fill(services, 60)
    with services.db.write() as session:
        outbox.enqueue(session, REBUILD, 0, library.clock.now(), priority=1)
    before, aside = store.current(folder), rebuilding.Aside(folder)

    def start():
        return subprocess.Popen([sys.executable, "-c", _WORKER, "worker"], env=environment(services.settings))

    worker = start()
    try:
        until(lambda: len(pieces(aside)) >= 3 or worker.poll() is not None)
    finally:
        worker.kill()
        worker.wait()
    built = aside.refs()
    assert 0 < len(built) < 60
    assert store.current(folder) == before
    begun = (aside.path / rebuilding.SENTINEL).stat().st_ino
    with services.db.write() as session:  # changed while nobody works, though it is built already
        changed = min(int(ref[1:]) for ref in built if ref.startswith("f"))
        session.execute(sa.delete(Page).where(Page.file_id == changed))
        session.add(leaf(changed, 1, "sesudah mati"))
        outbox.enqueue(session, INDEX, changed, library.clock.now())
    worker = start()
    try:
        until(lambda: jobs(services) == [(False, 0)])
    finally:
        worker.terminate()
        assert worker.wait(30) == 0
    with services.db.read() as session:
        assert not session.scalar(sa.select(Job.id).where(Job.kind == INDEX, Job.open))
    fresh = store.current(folder)
    assert fresh != before
    assert (fresh / rebuilding.SENTINEL).stat().st_ino == begun  # not begun anew
    writer = WhooshWriter(tmp_path / "fresh")
    writer.renew(Stored(services.db), lambda *_: None)
    writer.close()
    assert held(folder) == held(tmp_path / "fresh")
    assert ("t", "mati") in held(folder)
