"""``python -m tests.readme``: write the README's tables anew from the code."""

from __future__ import annotations

import re
from pathlib import Path

from khub import settings
from khub.policy import Access, Actor, Classification, Content, Grant, Right, Role, can_read, holds
from khub.products.lifecycle import STEPS
from khub.routes import ROUTES

README = Path(__file__).parent.parent / "README.md"
_K_L, _POKJA = 1, 1
_PEOPLE = {
    "owner's K/L within the pokja": Actor(1, "", (Grant(Role.MEMBER, _K_L, _POKJA),)),
    "chair of that pokja": Actor(1, "", (Grant(Role.CHAIR, None, _POKJA),)),
    "other members": Actor(1, "", (Grant(Role.MEMBER, 2, 2),)),
    "Sekretariat": Actor(1, "", (Grant(Role.SECRETARIAT),)),
    "auditor": Actor(1, "", (Grant(Role.AUDITOR),)),
    "admin": Actor(1, "", (Grant(Role.ADMIN),)),
    "public (when switched on)": Actor(None, "", public_face=True),
}


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def content() -> str:
    """Return who reads what, asked of the policy itself."""
    columns = [
        ("Draf", Access.DRAFT, Classification.INTERNAL),
        ("Diajukan, Dikembalikan", Access.SUBMITTED, Classification.INTERNAL),
        ("withdrawn snapshot", Access.WITHDRAWN, Classification.INTERNAL),
        *((f"Disetujui {level}", Access.APPROVED, level) for level in Classification),
    ]
    rows = [
        [
            who,
            *(
                "yes" if can_read(actor, Content(access, level, _K_L, _POKJA)) else "no"
                for _, access, level in columns
            ),
        ]
        for who, actor in _PEOPLE.items()
    ]
    return _table(["", *(name for name, _, _ in columns)], rows)


def rooms() -> str:
    """Return what each right opens, and who holds it."""
    people = {role.value: Actor(1, "", (Grant(role, _K_L, _POKJA),)) for role in Role}
    rows = []
    for right in Right:
        routes = sorted({name.partition(".")[0] for name, needed in ROUTES.items() if needed is right})
        who = [name for name, actor in people.items() if holds(actor, right)]
        rows.append(
            [right.value, "everybody" if right is Right.ANYONE else ", ".join(who), ", ".join(routes)]
        )
    return _table(["right", "held by", "rooms with such pages"], rows)


def states() -> str:
    """Return the transition table."""
    rows = [
        [step.act.value, ", ".join(sorted(step.sources)), step.target.value, step.snapshot.value]
        for step in STEPS.values()
    ]
    return _table(["act", "from", "to", "its snapshot is then read as"], rows)


def options() -> str:
    """Return the settings."""
    rows = [[f"`{name}`", default, meaning] for name, default, meaning in settings.table()]
    return _table(["variable", "default", "meaning"], rows)


def written(text: str) -> str:
    """Return ``text`` with every generated table renewed."""
    for name, make in (("settings", options), ("content", content), ("rooms", rooms), ("states", states)):
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        table = make()
        text, found = pattern.subn(lambda match, table=table: f"{match[1]}{table}\n{match[2]}", text)
        if found != 1:
            raise SystemExit(f"README.md: no place for the table of {name}")
    return text


if __name__ == "__main__":
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
