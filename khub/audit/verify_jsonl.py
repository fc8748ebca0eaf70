"""Checks an exported trail without khub: ``python3 verify_jsonl.py jejak.jsonl [--head SEQ:HASH]``.

Standard library only and importing nothing of khub, so that it can be kept, read and run elsewhere.
It finds lines that were edited, deleted, inserted or swapped. A cut tail or a chain rewritten as a
whole shows only against a head noted earlier, which ``--head`` takes.

A line whose reason and facts were withheld from the exporter carries the SHA-256 of both
(``content``), so its hash can be recomputed all the same.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

GENESIS = "0" * 64
_TEXT = ("at", "person", "act", "object_type", "object_id", "content", "previous", "hash")


@dataclass(frozen=True)
class Report:
    """Outcome: ``events`` sound lines up to ``head``; ``broken`` is the first bad one (0: none)."""

    events: int
    head: str
    broken: int = 0
    why: str = ""
    withheld: int = 0


def verify(lines: Iterable[str], known: tuple[int, str] | None = None) -> Report:
    """Walk the lines. ``known``: (seq, hash) of a head noted earlier, which the trail must contain."""
    seq, previous, withheld = 0, GENESIS, 0
    met = known is None
    for text in lines:
        if not text.strip():
            continue
        try:
            line = json.loads(text)
        except ValueError:
            return Report(seq, previous, seq + 1, "the line is not JSON", withheld)
        fault = _fault(line, seq, previous)
        if fault:
            return Report(seq, previous, seq + 1, fault, withheld)
        seq, previous = line["seq"], line["hash"]
        withheld += line["reason"] is None
        if known is not None and seq == known[0]:
            if previous != known[1]:
                return Report(seq, previous, seq, "the noted head differs: the chain was rewritten", withheld)
            met = True
    if not met:
        return Report(seq, previous, seq + 1, "the noted head is missing: the tail was cut", withheld)
    return Report(seq, previous, withheld=withheld)


def _fault(line: object, seq: int, previous: str) -> str:
    if not isinstance(line, dict) or not all(isinstance(line.get(key), str) for key in _TEXT):
        return "the line lacks a field"
    if line.get("seq") != seq + 1:
        return "a number is missing or out of order"
    if line["previous"] != previous:
        return "the line does not follow the one before"
    if line.get("reason") is not None and _sha([line["reason"], line.get("facts")]) != line["content"]:
        return "reason or facts were changed"
    fields = ("seq", "at", "person_id", "person", "act", "object_type", "object_id", "content", "previous")
    if _sha([line.get(key) for key in fields]) != line["hash"]:
        return "the line was changed"
    return ""


def _sha(value: object) -> str:
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(body.encode()).hexdigest()


def parse_head(text: str) -> tuple[int, str]:
    """Return (seq, hash) from ``SEQ:HASH``; raises ``ValueError``."""
    seq, _, sha = text.strip().partition(":")
    if not (seq.isascii() and seq.isdigit() and len(seq) < 19 and len(sha) == len(GENESIS)):  # noqa: PLR2004 - fits 64 bits
        raise ValueError("use SEQ:HASH, as the audit page shows it")
    return int(seq), sha.lower()


def main(arguments: list[str] | None = None) -> int:
    """Run as a command; returns 0 for a whole chain, 1 for a broken one, 2 for unusable input."""
    parser = argparse.ArgumentParser(description="Check an exported khub trail.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--head", help="SEQ:HASH noted earlier")
    options = parser.parse_args(arguments)
    try:
        known = parse_head(options.head) if options.head else None
        with options.file.open(encoding="utf-8") as lines:
            report = verify(lines, known)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{options.file}: {error}\n")
        return 2
    sys.stdout.write(describe(report) + "\n")
    return 1 if report.broken else 0


def describe(report: Report) -> str:
    """Return a report as the lines a person reads."""
    if report.broken:
        return f"BROKEN at line {report.broken}: {report.why}. Sound up to {report.events}:{report.head}"
    withheld = f" ({report.withheld} with withheld text)" if report.withheld else ""
    return f"Whole: {report.events} events{withheld}\nHead {report.events}:{report.head}"


if __name__ == "__main__":
    raise SystemExit(main())
