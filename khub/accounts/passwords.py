"""Argon2id, and what a password has to be."""

from __future__ import annotations

import base64
import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from khub.errors import N_, FieldError, UnavailableError

#: OWASP's Argon2id profile: 19 MiB, two passes, one lane; about 45 ms on one core.
_MEMORY_KIB, _PASSES, _LANES = 19 * 1024, 2, 1
_HASHER = PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES)
#: Never more than two at once in a process: a flood of sign-ins must not eat memory and cores.
_GATE = threading.BoundedSemaphore(2)
_PATIENCE = 10.0

MIN_LENGTH = 12
MAX_LENGTH = 500
_MIN_DIFFERENT = 5


def _zeros(count: int) -> str:
    return base64.b64encode(bytes(count)).decode().rstrip("=")


#: Valid in form and equal to nothing: an unknown login costs the same time as a known one.
_DUMMY = f"$argon2id$v=19$m={_MEMORY_KIB},t={_PASSES},p={_LANES}${_zeros(16)}${_zeros(32)}"


def hashed(password: str) -> str:
    """Return the encoded Argon2id hash of ``password``."""
    with _Turn():
        return _HASHER.hash(_bytes(password))


def verify(encoded: str, password: str) -> bool:
    """Tell whether ``password`` is the one of ``encoded``; as slow without a hash as with one."""
    with _Turn():
        try:
            _HASHER.verify(encoded or _DUMMY, _bytes(password[: MAX_LENGTH + 1]))
        except (Argon2Error, InvalidHashError):
            return False
    return bool(encoded)


def faults(password: str, *, login: str, name: str, field: str) -> list[FieldError]:
    """Return why ``password`` cannot be taken by this person; empty when it can."""
    if len(password) < MIN_LENGTH:
        return [
            FieldError(
                field,
                N_(
                    "Kata sandi perlu minimal %(least)s karakter; beberapa kata yang mudah diingat juga boleh."
                ),
                {"least": MIN_LENGTH},
            )
        ]
    if len(password) > MAX_LENGTH:
        return [FieldError(field, N_("Kata sandi paling panjang %(most)s karakter."), {"most": MAX_LENGTH})]
    if password.strip().casefold() in {login.casefold(), name.casefold()}:
        return [FieldError(field, N_("Kata sandi tidak boleh sama dengan nama pengguna atau nama Anda."))]
    if len(set(password)) < _MIN_DIFFERENT:
        return [FieldError(field, N_("Kata sandi ini terlalu mudah ditebak; pakai karakter yang beragam."))]
    return []


def _bytes(password: str) -> bytes:
    """Return the same bytes for the same password, however the keyboard composes its letters."""
    return unicodedata.normalize("NFKC", password).encode(errors="backslashreplace")


class _Turn:
    """A place in front of the hasher."""

    def __enter__(self) -> None:
        if not _GATE.acquire(timeout=_PATIENCE):
            raise UnavailableError(N_("Terlalu banyak orang sedang masuk. Coba lagi sebentar."))

    def __exit__(self, *_: object) -> None:
        _GATE.release()
