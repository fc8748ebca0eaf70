"""``python -m tests.bench.kill [--kills N] [--seed N] [--folder PATH]``: the kill test, as long as wanted.

Exits 0 when every promise was kept, 1 with the list of what was not; the installation then stays.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from tests.bench.machine import machine
from tests.kill.storm import storm


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="khub-kill-"))
    report = storm(folder, options.kills, options.seed, tell=lambda line: print(line, flush=True))
    print(report)
    print(machine())
    for fault in report.faults:
        print(f"FAULT {fault}")
    if report.faults:
        sys.exit(f"the installation stays in {folder}")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
