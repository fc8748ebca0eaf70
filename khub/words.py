"""The domain's words for codes that the database keeps."""

from __future__ import annotations

from khub.errors import N_
from khub.policy import Role
from khub.products.lifecycle import State

ROLES: dict[Role, str] = {
    Role.MEMBER: N_("Anggota pokja"),
    Role.OFFICIAL: N_("Pejabat K/L"),
    Role.CHAIR: N_("Ketua pokja"),
    Role.SECRETARIAT: N_("Sekretariat"),
    Role.AUDITOR: N_("Auditor"),
    Role.ADMIN: N_("Admin"),
}

STATES: dict[State, str] = {
    State.DRAFT: N_("Draf"),
    State.SUBMITTED: N_("Diajukan"),
    State.RETURNED: N_("Dikembalikan"),
    State.APPROVED: N_("Disetujui"),
    State.LOCKED: N_("Terkunci"),
}

LANGUAGES: dict[str, str] = {"id": N_("Indonesia"), "en": N_("Inggris")}
