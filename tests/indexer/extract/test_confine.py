"""What a confined process can still do, tried by one."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.kill,
    pytest.mark.skipif(sys.platform != "linux", reason="the kernel's measures are Linux ones"),
]
ROOT = Path(__file__).parents[3]
SCRIPT = """
import encodings.idna, json, os, socket, sys
from indexer.extract import confine
from indexer.extract.limits import Limits
port, secret, parent = int(sys.argv[1]), sys.argv[2], os.getppid()
rules = confine.file_rules()
confine.leave_network()
result = {"landlock": rules >= 0}
confine.confine(Limits(), parent, rules)

def tried(action):
    try:
        action()
    except (OSError, MemoryError) as exc:
        return type(exc).__name__
    return "done"

result["connect"] = tried(lambda: socket.create_connection(("127.0.0.1", port), 2))
result["read"] = tried(lambda: open(secret).read())
result["write"] = tried(lambda: open(secret + ".baru", "w"))
result["kill"] = tried(lambda: os.kill(parent, 0))
result["memory"] = tried(lambda: bytearray(2 << 30))
result["fork"] = tried(lambda: os.fork() or os._exit(0))
print(json.dumps(result))
"""


def test_a_confined_process_reaches_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "rahasia.txt"
    secret.write_text("rahasia")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(port), str(secret)],
            capture_output=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=True,
        )
    result = json.loads(done.stdout)
    assert result["memory"] == "MemoryError"
    # The owner of a user namespace that is root outside is exempt from the limit on processes.
    if Path("/proc/self/uid_map").read_text("ascii").split() == ["0", "0", "4294967295"]:
        assert result["fork"] != "done"
    if os.geteuid() == 0:
        assert result["kill"] == "PermissionError"
    if result["landlock"]:
        assert result["read"] == "PermissionError"
        assert result["write"] == "PermissionError"
        assert result["connect"] != "done"
        assert not Path(f"{secret}.baru").exists()
