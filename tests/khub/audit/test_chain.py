"""The trail takes no edits, and shows every tampering that gets past the database's own guard."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlalchemy.exc import DatabaseError

from khub.audit import chain, queries, verify_jsonl
from khub.audit.commands import audit
from khub.clock import WIB
from khub.policy import SYSTEM


@pytest.fixture
def links(services, clock):
    """Return services with six events."""
    for number in range(1, 7):
        with services.db.write() as session:
            chain.append(
                session,
                SYSTEM,
                "test.done",
                "test",
                f"x{number}",
                clock.now(),
                reason=f"alasan {number} “é”",
                facts={"n": number},
            )
        clock.forward(seconds=1.5)
    return services


def _tamper(services, *statements):
    """Do what somebody with the database's own password could."""
    with services.db.engine.connect() as connection:
        if services.db.is_sqlite:
            for verb in ("UPDATE", "DELETE"):
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS event_no_{verb}")
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS event_no_{verb.lower()}")
        else:
            connection.exec_driver_sql("ALTER TABLE event DISABLE TRIGGER ALL")
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.commit()


def _verify(services):
    with services.db.read() as session:
        return chain.verify(session)


def test_an_untouched_chain_is_whole(links):
    report = _verify(links)
    assert (report.whole, report.events) == (True, 6)


@pytest.mark.parametrize(
    ("statements", "broken"),
    [
        (["UPDATE event SET reason = 'lain' WHERE seq = 3"], 3),
        (["UPDATE event SET facts = '{}' WHERE seq = 3"], 3),
        (["UPDATE event SET person = 'Lain' WHERE seq = 6"], 6),
        (["UPDATE event SET at = '2023-10-09 02:00:00.000001' WHERE seq = 1"], 1),
        (["DELETE FROM event WHERE seq = 4"], 4),
        (["DELETE FROM event WHERE seq = 1"], 1),
        (["DELETE FROM event WHERE seq = 6"], 6),
        (
            [
                "UPDATE event SET seq = 100 WHERE seq = 2",
                "UPDATE event SET seq = 2 WHERE seq = 3",
                "UPDATE event SET seq = 3 WHERE seq = 100",
            ],
            2,
        ),
        (
            [
                """INSERT INTO event SELECT 7, at, person_id, person, act, object_type, object_id, reason,
                facts, previous, hash FROM event WHERE seq = 6"""
            ],
            7,
        ),
        (["UPDATE audit_head SET hash = 'x'"], 7),
    ],
    ids=["reason", "facts", "person", "time", "deleted", "first", "last", "swapped", "inserted", "head"],
)
def test_every_tampering_is_found_at_its_place(links, statements, broken):
    _tamper(links, *statements)
    report = _verify(links)
    assert (report.whole, report.broken) == (False, broken)


def test_a_cut_tail_shows_only_against_a_head_kept_elsewhere(links):
    kept = _verify(links)
    with links.db.read() as session:
        fourth = session.execute(sa.text("SELECT hash FROM event WHERE seq = 4")).scalar_one()
    _tamper(
        links,
        "DELETE FROM event WHERE seq > 4",
        f"UPDATE audit_head SET seq = 4, hash = '{fourth}'",  # noqa: S608 - our own hash
    )
    report = _verify(links)
    assert (report.whole, report.events) == (True, 4)
    with links.db.read() as session:
        assert chain.compare(session, kept.events, kept.head) == "missing"
        assert chain.compare(session, 4, fourth) == "match"
        assert chain.compare(session, 4, kept.head) == "mismatch"


def test_the_database_itself_refuses_edits(links):
    statements = [
        "UPDATE event SET reason = 'x' WHERE seq = 2",
        "DELETE FROM event WHERE seq = 2",
        "DELETE FROM event",
    ]
    if not links.db.is_sqlite:
        statements.append("TRUNCATE event")  # SQLite has no such thing
    for statement in statements:
        with pytest.raises(DatabaseError, match="append-only"), links.db.engine.connect() as connection:
            connection.exec_driver_sql(statement)
    assert _verify(links).whole


# -- the export and its checker --------------------------------------------------------------------


@pytest.fixture
def exported(links, tmp_path):
    with links.db.read() as session:
        batch = queries.export_batch(session, SYSTEM, 0)
    path = tmp_path / "jejak.jsonl"
    path.write_text("".join(batch.lines), encoding="utf-8")
    return path


def _lines(path):
    return path.read_text(encoding="utf-8").splitlines(keepends=True)


def _edit(lines, at, **changes):
    return [*lines[:at], json.dumps({**json.loads(lines[at]), **changes}) + "\n", *lines[at + 1 :]]


def test_the_checker_agrees_with_the_chain(links, exported):
    report = verify_jsonl.verify(_lines(exported))
    assert (report.events, report.head, report.broken) == (6, _verify(links).head, 0)


@pytest.mark.parametrize(
    ("tamper", "broken"),
    [
        (lambda lines: _edit(lines, 2, reason="lain"), 3),
        (lambda lines: _edit(lines, 2, facts="{}"), 3),
        (lambda lines: _edit(lines, 2, content="0" * 64), 3),
        (lambda lines: _edit(lines, 2, reason=None, facts=None, content="0" * 64), 3),
        (lambda lines: _edit(lines, 5, person="Lain"), 6),
        (lambda lines: _edit(lines, 1, seq="2"), 2),
        (lambda lines: lines[:2] + lines[3:], 3),
        (lambda lines: lines[1:], 1),
        (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], 2),
        (lambda lines: [*lines[:2], lines[1], *lines[2:]], 3),
        (lambda lines: [*lines[:2], "bukan JSON\n", *lines[2:]], 3),
        (lambda lines: [*lines[:2], "[]\n", *lines[2:]], 3),
    ],
)
def test_the_checker_finds_what_was_done_to_an_export(exported, tamper, broken):
    assert verify_jsonl.verify(tamper(_lines(exported))).broken == broken


def test_the_checker_needs_a_noted_head_for_a_cut_tail(exported):
    lines = _lines(exported)
    head = verify_jsonl.verify(lines)
    assert verify_jsonl.verify(lines[:4]).broken == 0
    assert verify_jsonl.verify(lines[:4], (head.events, head.head)).broken == 5
    assert verify_jsonl.verify(lines, (head.events, head.head)).broken == 0
    assert verify_jsonl.verify(lines, (4, head.head)).broken == 4


def test_the_checker_runs_alone_without_khub(exported, tmp_path):
    alone = tmp_path / "elsewhere" / "verify_jsonl.py"
    alone.parent.mkdir()
    alone.write_bytes(Path(verify_jsonl.__file__).read_bytes())
    command = [sys.executable, "-I", str(alone), str(exported)]
    fine = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (fine.returncode, fine.stdout.split()[:2]) == (0, ["Whole:", "6"])
    exported.write_text("".join(_lines(exported)[1:]), encoding="utf-8")
    bad = subprocess.run(command, capture_output=True, text=True, check=False)
    assert bad.returncode == 1
    assert "BROKEN at line 1" in bad.stdout
    missing = subprocess.run(
        [*command[:3], str(tmp_path / "no")], capture_output=True, text=True, check=False
    )
    assert missing.returncode == 2
    assert "Traceback" not in missing.stderr


def test_the_command_checks_database_and_file(links, exported, tmp_path):
    def run(*arguments):
        return CliRunner().invoke(audit, ["verify", *arguments], obj=lambda: links)

    head = f"6:{_verify(links).head}"
    assert (run().exit_code, run("--head", head).exit_code, run("--jsonl", str(exported)).exit_code) == (
        0,
        0,
        0,
    )
    assert head in run().output
    assert run("--head", "7:" + "0" * 64).exit_code == 1
    assert run("--head", "6:" + "0" * 64).exit_code == 1
    assert run("--head", "enam").exit_code == 2
    assert run("--jsonl", str(tmp_path / "no")).exit_code == 2
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe\x00")
    assert run("--jsonl", str(binary)).exit_code == 1
    _tamper(links, "UPDATE event SET person = 'Lain' WHERE seq = 2")
    broken = run()
    assert broken.exit_code == 1
    assert "BROKEN at line 2" in broken.output


def test_an_instant_given_in_wib_hashes_as_what_the_database_gives_back(db) -> None:
    at = datetime(2023, 10, 9, 9, 0, tzinfo=WIB)
    with db.write() as session:
        chain.append(session, SYSTEM, "test.act", "product", "K-1", at)
    with db.read() as session:
        assert chain.verify(session).whole
