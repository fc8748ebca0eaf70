"""Measure extraction on a folder: `python -m tests.bench.extract FOLDER [--json FILE]`.

For each PDF: pages per CPU second of the confined child against `pdftotext` (where installed), and
how many of the words that pdftotext finds on a page are found on the same page. Other types are timed
only. CPU time is that of the processes that ended, measured by the kernel; start-up of the helper is
not counted. The last line is for machines.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from indexer.extract import Extraction, Sandbox
from indexer.extract.text import clean

_WORD = re.compile(r"\w{2,}")


@dataclass(slots=True)
class Row:
    """Figures of one file; recall is -1 without a reference."""

    name: str
    state: str
    pages: int
    cpu: float
    wall: float
    reference_cpu: float
    recall: float
    words: int
    found: int = 0
    found_unspaced: int = 0


def _helper_cpu(sandbox: Sandbox) -> float:
    """Return CPU seconds of the helper's ended children, from the kernel."""
    process = sandbox._server._process
    assert process is not None
    fields = Path(f"/proc/{process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / 100


def _reference(path: Path) -> tuple[list[str], float]:
    """Return pdftotext's pages and its CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    out = subprocess.run(
        ["pdftotext", "-layout", "-q", str(path), "-"], capture_output=True, check=False, timeout=120
    ).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return out.decode("utf-8", "replace").split("\x0c")[:-1], cpu


def _recall(result: Extraction, reference: list[str]) -> tuple[int, int, int]:
    """Return (words found on their page, the same with spaces ignored, words of the reference).

    The second figure counts words that the reference split or joined by a stray space.
    """
    found = unspaced = total = 0
    for page, text in zip(result.pages, reference, strict=False):
        wanted = Counter(_WORD.findall(clean(text).lower()))
        have = Counter(_WORD.findall(page.text.lower()))
        total += wanted.total()
        found += (wanted & have).total()
        squeezed = "".join(page.text.lower().split())
        unspaced += sum(count for word, count in (wanted - have).items() if word in squeezed)
    return found, found + unspaced, total


def measure(folder: Path) -> list[Row]:
    """Extract every file below ``folder`` and return one row for each."""
    rows = []
    compare = shutil.which("pdftotext") is not None
    with Sandbox() as sandbox:
        first = True
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            if first:
                sandbox.extract(path, name=path.name)
                first = False
            before, start = _helper_cpu(sandbox), time.perf_counter()
            result = sandbox.extract(path, name=path.name)
            wall, cpu = time.perf_counter() - start, _helper_cpu(sandbox) - before
            row = Row(path.name, result.state.value, len(result.pages), cpu, wall, 0.0, -1.0, 0)
            if compare and result.extension == "pdf":
                reference, row.reference_cpu = _reference(path)
                row.found, row.found_unspaced, row.words = _recall(result, reference)
                row.recall = row.found / row.words if row.words else -1.0
            rows.append(row)
    return rows


def main() -> int:
    """Print a table and a machine line."""
    parser = argparse.ArgumentParser(description="Measure extraction on a folder.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = measure(options.folder)
    sys.stdout.write(
        f"{'state':10} {'pages':>5} {'cpu s':>6} {'wall s':>6} {'pdftotext':>9} {'recall':>7}  file\n"
    )
    for row in rows:
        recall = f"{row.recall:.2%}" if row.recall >= 0 else "-"
        sys.stdout.write(
            f"{row.state:10} {row.pages:5} {row.cpu:6.2f} {row.wall:6.2f} {row.reference_cpu:9.2f} "
            f"{recall:>7}  {row.name[:70]}\n"
        )
    pages, cpu = sum(row.pages for row in rows), sum(row.cpu for row in rows)
    words = sum(row.words for row in rows)
    reference_cpu = sum(row.reference_cpu for row in rows)
    summary = {
        "files": len(rows),
        "states": dict(Counter(row.state for row in rows)),
        "pages": pages,
        "pages_per_cpu_second": round(pages / cpu, 1) if cpu else None,
        "pdftotext_pages_per_cpu_second": round(pages / reference_cpu, 1) if reference_cpu else None,
        "word_recall": round(sum(row.found for row in rows) / words, 5) if words else None,
        "word_recall_unspaced": round(sum(row.found_unspaced for row in rows) / words, 5) if words else None,
        "words": words,
    }
    sys.stdout.write(json.dumps(summary) + "\n")
    if options.json:
        options.json.write_text(json.dumps({**summary, "rows": [asdict(row) for row in rows]}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
