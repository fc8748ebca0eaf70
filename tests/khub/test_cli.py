"""The command line as people and scripts meet it: real processes, exit codes, one clear line."""

from __future__ import annotations

import io
import json
import os
import re
import socket
import subprocess
import sys
import threading

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from indexer.engines.store import WhooshWriter
from indexer.ports import IndexLockedError
from khub import cli
from khub.kinds.jobs import RebuildKinds
from khub.products import ids
from khub.products.models import File
from khub.products.uploads import Place
from khub.search.indexing import Rebuild
from khub.settings import environment


def _khub(settings, *words, **more):
    """Run ``khub WORDS`` on the installation of ``settings``."""
    return subprocess.run(
        [sys.executable, "-m", "khub", *words],
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **more,
    )


@pytest.fixture
def site(office, sandbox):
    """The office with one approved, one secret and one draft keluaran, read and indexed."""
    for title, classification in (("Pelatihan terbuka", "terbuka"), ("Pelatihan terbatas", "terbatas")):
        public_id = office.draft("budi", title)
        office.say("budi", public_id, classification=classification)
        office.submit("budi", public_id)
        office.services.review.approve(office.people["dewi"], public_id, 1)
    office.services.uploads.receive(
        office.people["budi"], io.BytesIO(b"Pelatihan draf\n"), "draf.txt", Place(batch=ids.batch_token())
    )
    office.read_files(sandbox)
    Rebuild(office.services.db, office.services.index_writer, lambda *_: None).run()
    office.services.index_writer.close()
    RebuildKinds(
        office.services.db,
        office.clock,
        office.services.kind_writer,
        folder=office.services.settings.kind_index,
    ).run()
    office.services.kind_writer.close()
    with office.services.db.write() as session:  # indexed above
        session.execute(sa.text("UPDATE job SET open = false, done = wanted"))
    return office


def test_init_twice_is_harmless_and_says_what_comes_next(settings):
    for _ in range(2):
        done = _khub(settings, "init")
        assert (done.returncode, done.stderr) == (0, "")
        assert "create-user" in done.stdout


@pytest.mark.any_database
def test_without_init_every_command_says_so(settings):
    for words in (("doctor",), ("reindex",), ("search", "x", "--as", "budi"), ("serve",)):
        done = _khub(settings, *words)
        assert done.returncode == 1
        assert done.stderr.strip().splitlines() == [
            "Error: the database is empty or older than this khub: run `khub init`"
        ]


@pytest.mark.parametrize(
    ("name", "value"), [("KHUB_PORT", "delapan"), ("KHUB_TYPO", "1"), ("KHUB_SECRET_KEY", "pendek")]
)
def test_a_wrong_setting_is_one_line_that_names_it(name, value, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "khub", "init"],
        env={"PATH": os.environ["PATH"], name: value},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert name in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "khub-data").exists()


@pytest.mark.any_database
def test_wrong_calls_exit_with_two(settings):
    for words in (
        ("tidak-ada",),
        ("search",),
        ("serve", "--port", "99999"),
        ("extract",),
        ("extract", "/tidak/ada.pdf"),
    ):
        done = _khub(settings, *words)
        assert done.returncode == 2, words
        assert "Traceback" not in done.stderr


def test_every_command_helps():
    cli._rooms()
    expected = {
        "demo",
        "init",
        "serve",
        "worker",
        "create-user",
        "import",
        "reindex",
        "doctor",
        "extract",
        "search",
    }
    assert expected <= set(cli.cli.commands)
    for word in cli.cli.commands:
        asked = CliRunner().invoke(cli.cli, [word, "--help"])
        assert asked.exit_code == 0
        assert "Usage" in asked.output


@pytest.mark.any_database
def test_a_taken_port_is_one_clear_message(services):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = _khub(services.settings, "serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "--port" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.any_database
def test_extract_tells_state_reason_and_pages(settings, tmp_path):
    good, empty, renamed = tmp_path / "laporan akhir.txt", tmp_path / "kosong.pdf", tmp_path / "program.pdf"
    good.write_text("Laporan pelatihan guru\nNIK 3201021504900002\n", encoding="utf-8")
    empty.write_bytes(b"")
    renamed.write_bytes(b"MZ" + b"\0" * 100)
    done = _khub(settings, "extract", "--json", str(good), str(empty), str(renamed))
    assert done.returncode == 0
    facts = [json.loads(line) for line in done.stdout.splitlines()]
    assert facts[0]["state"] == "read"
    assert "pelatihan guru" in facts[0]["pages"][0]["text"]
    assert all(fact["reason"] for fact in facts[1:])
    plain = _khub(settings, "extract", str(good))
    assert "read" in plain.stdout
    assert list(tmp_path.glob("uploads/*")) == []


@pytest.mark.any_database
def test_search_answers_as_the_person_and_leaves_a_trace(site):
    found = {}
    for login in ("budi", "tia", "dewi", "sari", "yoga"):
        done = _khub(site.services.settings, "search", "pelatihan", "--as", login, "--json")
        assert done.returncode == 0, done.stderr
        found[login] = {result["title"] for result in json.loads(done.stdout)["results"]}
    terbuka, terbatas = "Pelatihan terbuka", "Pelatihan terbatas"
    assert found["tia"] == {terbuka}
    assert found["dewi"] == found["sari"] == {terbuka, terbatas}
    assert {terbuka, terbatas} < found["budi"]
    assert found["yoga"] == set()
    with site.services.db.read() as session:
        traced = session.execute(
            sa.text("SELECT object_id FROM event WHERE act = 'search.as' ORDER BY seq")
        ).scalars()
        assert list(traced) == ["budi", "tia", "dewi", "sari", "yoga"]


@pytest.mark.any_database
def test_search_that_finds_little_says_what_to_ask_instead(site):
    done = _khub(site.services.settings, "search", "pelatihn jnis:modul", "--as", "budi")
    assert done.returncode == 0, done.stderr
    assert "No filter is called jnis: searched as words. Perhaps: pelatihn jenis:modul" in done.stdout
    instead = done.stdout.partition("Instead you could ask for:")[2]
    assert "pelatihan" in instead
    told = _khub(site.services.settings, "search", "pelatihn", "--as", "budi", "--json")
    offered = json.loads(told.stdout)["instead"]
    assert {"query": "pelatihan", "products": 3} in offered


@pytest.mark.any_database
def test_search_refuses_in_english_words(site):
    for words, said in (
        (("x", "--as", "tidak-ada"), "tidak-ada"),
        (
            ('"tanpa pasangan', "--as", "budi"),
            "the query cannot be read, at 1: A quotation mark lacks its partner.",
        ),
    ):
        done = _khub(site.services.settings, "search", *words)
        assert (done.returncode, len(done.stderr.strip().splitlines())) == (1, 1)
        assert said in done.stderr


def _doctor(site, *words):
    done = _khub(site.services.settings, "doctor", *words)
    return done.returncode, [line for line in done.stdout.splitlines() if line.startswith("FAIL")]


def test_doctor_finds_a_whole_installation_whole(site):
    assert _doctor(site, "--deep") == (0, [])


@pytest.mark.any_database
def test_doctor_finds_a_flipped_bit_a_missing_file_and_a_short_one(site):
    with site.services.db.read() as session:
        first, second, third = session.scalars(sa.select(File.sha256).order_by(File.id))
    path = site.services.storage.path(first)
    data = bytearray(path.read_bytes())
    data[3] ^= 1
    path.write_bytes(data)
    assert _doctor(site) == (0, [])  # sizes agree: only hashing finds it
    code, failed = _doctor(site, "--deep")
    assert code == 1
    assert "1 damaged" in failed[0]
    site.services.storage.path(second).unlink()
    site.services.storage.path(third).write_bytes(b"x")
    code, failed = _doctor(site)
    assert code == 1
    assert "1 missing, 1 damaged" in failed[0]


def test_doctor_finds_a_changed_line_of_the_trail(site):
    with site.services.db.write() as session:
        if site.services.db.is_sqlite:
            for (name,) in session.execute(
                sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            ).all():
                session.execute(sa.text(f'DROP TRIGGER "{name}"'))
        else:
            session.execute(sa.text("ALTER TABLE event DISABLE TRIGGER ALL"))
        session.execute(sa.text("UPDATE event SET person = 'Orang Lain' WHERE seq = 5"))
    code, failed = _doctor(site)
    assert code == 1
    assert failed == ["FAIL audit chain: broken at 5: content"]


@pytest.mark.any_database
def test_doctor_finds_search_columns_and_index_out_of_step_and_reindex_mends_the_index(site):
    with site.services.db.write() as session:
        session.execute(sa.text("DELETE FROM page WHERE number = 1"))
        session.execute(sa.text("UPDATE search_entry SET copies = '[]' WHERE product_id = 1"))
    code, failed = _doctor(site)
    assert code == 1
    assert any("search columns" in line for line in failed)
    assert any("index" in line for line in failed)
    assert _khub(site.services.settings, "reindex").returncode == 0
    assert not any("FAIL index" in line for line in _doctor(site)[1])


def _until_locked(folder):
    writer, pause = WhooshWriter(folder), threading.Event()
    for _ in range(600):
        try:
            writer.open()
        except IndexLockedError:
            return
        writer.close()
        pause.wait(0.1)
    pytest.fail("the worker does not start")


@pytest.mark.any_database
def test_reindex_without_a_worker_builds_here_and_with_one_asks_it(site):
    done = _khub(site.services.settings, "reindex")
    assert done.returncode == 0
    assert re.search(r"\d+ documents", done.stdout)
    worker = subprocess.Popen(
        [sys.executable, "-m", "khub", "worker"],
        env=environment(site.services.settings),
        stderr=subprocess.PIPE,
    )
    try:
        _until_locked(site.services.settings.index)
        second = _khub(site.services.settings, "worker")
        assert (second.returncode, second.stderr.strip()) == (
            1,
            "Error: another worker is running on this installation",
        )
        done = _khub(site.services.settings, "reindex")
        assert done.returncode == 0, done.stderr
        assert "The worker has swapped" in done.stdout
    finally:
        worker.terminate()
        _, said = worker.communicate(timeout=30)
    assert b"Traceback" not in said
    assert _doctor(site) == (0, [])
