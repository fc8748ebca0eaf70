"""What a child may do, taken away before it sees a byte of the file.

Everything beyond rlimits is best effort: a kernel or container that refuses a measure leaves the others.
"""

import contextlib
import ctypes
import os
import resource
import signal
import struct
import sys
import sysconfig
from pathlib import Path

from indexer.extract.limits import Limits

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_LANDLOCK_VERSION, _LANDLOCK_PATH_BENEATH = 1, 1
_EXECUTE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 2, 1 << 3
# Number of known file-system rights by version of Landlock; later versions add none we must name.
_FS_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_FS_RIGHTS_LATER = 16
_NET_SINCE, _SCOPE_SINCE = 4, 6
_NOBODY = 65534
_OPEN_FILES = 64
_LIBRARIES = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib", "/usr/share/tesseract-ocr")
_FONTS = ("/usr/share/fonts", "/usr/local/share/fonts", "/etc/fonts")

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def leave_network() -> None:
    """Move this single-threaded process into an empty network namespace where the kernel allows it."""
    if _libc is not None and _libc.unshare(_CLONE_NEWNET) != 0:
        _libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def file_rules() -> int:
    """Return a Landlock ruleset that leaves only Python's own files and fonts readable, -1 without one.

    It also forbids TCP, abstract sockets and signals to processes outside, where the kernel knows how.
    """
    own = (sysconfig.get_path(key) for key in ("stdlib", "platstdlib", "purelib", "platlib"))
    return _ruleset({*own, str(Path(__file__).parents[1]), *_FONTS}, _READ_FILE | _READ_DIR)


def tool_rules(program: str, tessdata: str) -> int:
    """Return a ruleset that leaves a program, its libraries and its data to be read and run."""
    own = {str(Path(program).parents[1]), *_LIBRARIES, *([tessdata] if tessdata else [])}
    return _ruleset(own, _READ_FILE | _READ_DIR | _EXECUTE)


def _ruleset(places: set[str], allowed: int) -> int:
    if _libc is None:
        return -1
    version = _libc.syscall(_LANDLOCK_CREATE, None, 0, _LANDLOCK_VERSION)
    if version < 1:
        return -1
    rights = (1 << _FS_RIGHTS.get(version, _FS_RIGHTS_LATER)) - 1
    attributes = struct.pack("=Q", rights)
    if version >= _NET_SINCE:
        attributes += struct.pack("=Q", 0b11)
    if version >= _SCOPE_SINCE:
        attributes += struct.pack("=Q", 0b11)
    ruleset = int(_libc.syscall(_LANDLOCK_CREATE, attributes, len(attributes), 0))
    if ruleset < 0:
        return -1
    for place in places:
        with contextlib.suppress(OSError):
            folder = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
            rule = struct.pack("=Qi", allowed, folder)
            _libc.syscall(_LANDLOCK_ADD, ruleset, _LANDLOCK_PATH_BENEATH, rule, 0)
            os.close(folder)
    return ruleset


def confine(limits: Limits, zygote: int, rules: int) -> None:
    """Confine this process for good. ``zygote`` is the pid that must stay its parent."""
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _limit(resource.RLIMIT_AS, limits.address_space)
    # SIGXCPU at the limit tells the parent why; one second later the kernel kills.
    _limit(resource.RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 1)
    if os.geteuid() == 0:
        with contextlib.suppress(OSError, AttributeError):
            os.setgroups([])
            os.setresgid(_NOBODY, _NOBODY, _NOBODY)
            os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    # After the change of user: one that finds the new user at his limit may run no program any more.
    _limit(resource.RLIMIT_NPROC, 0)
    if _libc is None:
        return
    # After the change of user, which clears it: die with the zygote, even when that is killed.
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != zygote:
        os._exit(0)
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if rules >= 0:
        _libc.syscall(_LANDLOCK_RESTRICT, rules, 0)
        os.close(rules)


def offer_to_oom_killer() -> None:
    """Ask the kernel to take this process first when memory runs out."""
    with contextlib.suppress(OSError), Path("/proc/self/oom_score_adj").open("w", encoding="ascii") as score:
        score.write("1000")


def _limit(what: int, soft: int, hard: int | None = None) -> None:
    """Lower a limit; one already lower stays."""
    before = resource.getrlimit(what)[1]
    hard = soft if hard is None else hard
    if before != resource.RLIM_INFINITY:
        soft, hard = min(soft, before), min(hard, before)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(what, (soft, hard))
