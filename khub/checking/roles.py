"""What is said of the things counted, where khub has a number for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from khub.checking import lexicon
from khub.checking.model import Role, Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def holds(words: Sequence[str], run: tuple[str, ...]) -> bool:
    """Tell whether ``words`` has ``run`` in it, word after word."""
    return any(tuple(words[at : at + len(run)]) == run for at in range(len(words) - len(run) + 1))


def spoken(words: Sequence[str]) -> set[str]:
    """Return the roles that words name; one that is part of "masuk daftar" says nothing of its own."""
    runs = [run for run in lexicon.ROLE_RUNS if holds(words, run)]
    used = {word for run in runs for word in run}
    return {lexicon.ROLE_RUNS[run] for run in runs} | {
        lexicon.ROLES[word] for word in words if word in lexicon.ROLES and word not in used
    }


def fitting(roles: Iterable[str], subject: str) -> str:
    """Return the one role that khub has a number for with such a subject, "" for none or several."""
    fits = {
        Subject.ACTION.value: {
            Role.COMMITTED.value: Role.COMMITTED.value,
            Role.ON_TABLE.value: Role.ON_TABLE.value,
            Role.IN_PLAN.value: Role.IN_PLAN.value,
        },
        Subject.INSTITUTION.value: {
            Role.COMMITTED.value: Role.INVOLVED.value,
            Role.INVOLVED.value: Role.INVOLVED.value,
        },
        Subject.REPORT.value: {
            Role.REPORTED.value: Role.REPORTED.value,
            Role.APPROVED.value: Role.APPROVED.value,
        },
        "": {Role.COMMITTED.value: Role.COMMITTED.value},
    }.get(subject, {})
    found = {fits.get(role, "?") for role in roles}
    strong = found - {Role.ON_TABLE.value, Role.IN_PLAN.value}
    chosen = strong or (found if len(found) == 1 else found - {Role.IN_PLAN.value})
    return chosen.pop() if len(chosen) == 1 and "?" not in chosen else ""


def speaks_of_new(words: Sequence[str]) -> bool:
    """Tell "komitmen baru", a part of all commitments; "baru 41" only says that it is few."""
    return any(
        word == "baru" and words[at - 1] in ("komitmen", "aksi") for at, word in enumerate(words) if at
    )
