"""What a login, a person and a membership must look like; shared by the pages and the command line."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

from khub.errors import N_, FieldError, ForbiddenError
from khub.policy import Right, Role, holds
from khub.words import LANGUAGES

if TYPE_CHECKING:
    from datetime import date

    from khub.policy import Actor

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,79}")
_EMAIL = re.compile(r"[^\s@<>\"',;:()]+@[^\s@<>\"',;:()]+\.[^\s@<>\"',;:()]+")
_MAX_LOGIN, _MAX_NAME, _MAX_EMAIL = 80, 200, 254


class Need(Enum):
    """Whether a membership names a K/L or a pokja."""

    YES = 1
    MAY = 2
    NO = 3


#: role → (K/L, pokja). A Sekretariat's K/L is his own unit, on whose keluaran he may not decide.
SHAPES: dict[Role, tuple[Need, Need]] = {
    Role.MEMBER: (Need.YES, Need.YES),
    Role.OFFICIAL: (Need.YES, Need.MAY),
    Role.CHAIR: (Need.NO, Need.YES),
    Role.SECRETARIAT: (Need.MAY, Need.NO),
    Role.AUDITOR: (Need.NO, Need.NO),
    Role.ADMIN: (Need.NO, Need.NO),
}


def demand_admin(actor: Actor) -> None:
    """Raise ``ForbiddenError`` unless an admin, or khub itself, acts."""
    if not (actor.system or holds(actor, Right.ADMIN)):
        raise ForbiddenError(N_("Bagian ini untuk admin."))


def fold_login(text: str) -> str:
    """Return a login as it is stored, or "" for text that cannot be one."""
    folded = text.strip().casefold()
    return folded if len(folded) <= _MAX_LOGIN and folded.isprintable() else ""


def login_faults(login: str) -> list[FieldError]:
    """Return what is wrong with a folded login."""
    if _LOGIN.fullmatch(login):
        return []
    return [
        FieldError(
            "login", N_("Nama pengguna: 2–80 huruf kecil a–z, angka, titik, garis, atau @; tanpa spasi.")
        )
    ]


def person_faults(name: str, email: str, language: str) -> list[FieldError]:
    """Return what is wrong with a person's particulars."""
    faults = []
    if not name.strip():
        faults.append(FieldError("name", N_("Isi nama.")))
    elif len(name) > _MAX_NAME or not name.isprintable():
        faults.append(
            FieldError("name", N_("Nama paling panjang %(most)s huruf, satu baris."), {"most": _MAX_NAME})
        )
    if email and (len(email) > _MAX_EMAIL or not email.isprintable() or not _EMAIL.fullmatch(email)):
        faults.append(FieldError("email", N_("Alamat surel tidak dikenali; contoh: nama@instansi.go.id.")))
    if language and language not in LANGUAGES:
        faults.append(FieldError("language", N_("Bahasa ini tidak tersedia.")))
    return faults


def membership_faults(
    role: Role, institution_id: int | None, pokja_id: int | None, valid_from: date, valid_to: date | None
) -> list[FieldError]:
    """Return what is wrong with the shape of a membership."""
    faults = []
    institution, pokja = SHAPES[role]
    if institution is Need.YES and institution_id is None:
        faults.append(FieldError("institution", N_("Peran ini bekerja untuk satu K/L; pilih K/L-nya.")))
    if institution is Need.NO and institution_id is not None:
        faults.append(FieldError("institution", N_("Peran ini tidak terikat pada K/L; kosongkan.")))
    if pokja is Need.YES and pokja_id is None:
        faults.append(FieldError("pokja", N_("Peran ini bekerja dalam satu pokja; pilih pokjanya.")))
    if pokja is Need.NO and pokja_id is not None:
        faults.append(FieldError("pokja", N_("Peran ini tidak terikat pada pokja; kosongkan.")))
    if valid_to is not None and valid_to < valid_from:
        faults.append(FieldError("valid_to", N_("Hari terakhir tidak boleh sebelum hari mulai.")))
    return faults
