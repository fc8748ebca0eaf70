"""From what somebody wants to what happens to each group; nothing is written here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from khub.errors import N_, ConflictError, FieldError, InvalidError, NotFoundError
from khub.synonyms import queries
from khub.synonyms.models import SynonymChange
from khub.synonyms.records import of_json, steps_of
from khub.synonyms.terms import FEWEST_FORMS, MOST_FORMS, MOST_GROUPS, Group, Key, Kind, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

_FAULTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Clash:
    """A group of equals that already holds some of the forms."""

    group_id: int
    group: Group


class NothingLeftError(ConflictError):
    """Every group of the change is already as it was before it."""


class ClashError(InvalidError):
    """Forms stand in other groups of equals; they may be merged."""

    def __init__(self, clashes: Sequence[Clash], shared: Iterable[str]) -> None:
        super().__init__(
            [
                FieldError(
                    "bentuk",
                    N_("Sudah ada di kelompok sama arti lain: %(forms)s. Gabungkan, atau hapus dari sini."),
                    {"forms": ", ".join(shared)},
                )
            ]
        )
        self.clashes = tuple(clashes)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the text format."""

    number: int
    group: Group


@dataclass(frozen=True, slots=True)
class Brought:
    """What a file would do: steps, and how many of its lines change nothing."""

    steps: tuple[Step, ...]
    unchanged: int


def mark(session: Session, steps: Sequence[Step]) -> str:
    """Return the mark of what was shown: the same only while nothing else has changed."""
    return marked(queries.tables(session).epoch, steps)


def marked(epoch: int, steps: Sequence[Step]) -> str:
    """Return the mark of ``steps`` planned at ``epoch``."""
    body = f"{epoch}\n" + "\n".join(f"{step.group_id}\t{step.before}\t{step.after}" for step in steps)
    return hashlib.sha256(body.encode()).hexdigest()[:32]


def saving(
    session: Session, group_id: int | None, wanted: Group, merge: frozenset[int] = frozenset()
) -> tuple[Step, ...]:
    """Return the steps that make the group read ``wanted``, swallowing the groups of ``merge``.

    Raises ``ClashError`` where a form would join in two groups.
    """
    held = queries.groups(session)
    before = _present(held, group_id) if group_id is not None else None
    clashes = _clashing(held, wanted, {group_id} if group_id is not None else set())
    if left := [clash for clash in clashes if clash.group_id not in merge]:
        keys = {key for clash in left for key in clash.group.keys}
        raise ClashError(
            clashes, [form for form in wanted.forms if Group(wanted.kind, (form,)).keys[0] in keys]
        )
    for clash in clashes:
        wanted = wanted.with_forms(clash.group.forms)
    if len(wanted.forms) > MOST_FORMS:
        raise InvalidError.one("bentuk", N_("Paling banyak %(most)s bentuk sekelompok."), most=MOST_FORMS)
    if before is None and len(held) >= MOST_GROUPS:
        raise InvalidError.one("bentuk", N_("Paling banyak %(most)s kelompok."), most=MOST_GROUPS)
    if before == wanted:
        raise InvalidError.one("bentuk", N_("Tidak ada yang berubah."))
    gone = [Step(clash.group_id, clash.group, None) for clash in clashes]
    return (*gone, Step(group_id, before, wanted))


def removing(session: Session, group_id: int) -> tuple[Step, ...]:
    """Return the step that takes a group away."""
    return (Step(group_id, _present(queries.groups(session), group_id), None),)


def undoing(session: Session, change_id: int) -> tuple[Step, ...]:
    """Return the steps that bring every group of a change back to how it was before it.

    Raises ``InvalidError`` where a form has meanwhile joined another group.
    """
    if session.get(SynonymChange, change_id) is None:
        raise NotFoundError
    held = queries.groups(session)
    steps = [
        Step(row.group_id, held.get(row.group_id), of_json(row.before))
        for row in steps_of(session, change_id)
    ]
    steps = [step for step in steps if step.before != step.after]
    if not steps:
        raise NothingLeftError(N_("Perubahan ini sudah tidak berlaku; tidak ada yang dibatalkan."))
    touched = {step.group_id for step in steps}
    taken = {
        key: group
        for group_id, group in held.items()
        if group.kind is Kind.SAME and group_id not in touched
        for key in group.keys
    }
    faults = [
        FieldError(
            "",
            N_("“%(form)s” kini ada di kelompok lain: %(group)s. Ubah kelompok itu dulu."),
            {"form": form, "group": ", ".join(taken[key].forms)},
        )
        for step in steps
        if step.after is not None and step.after.kind is Kind.SAME
        for key, form in zip(step.after.keys, step.after.forms, strict=True)
        if key in taken
    ]
    if faults:
        raise InvalidError(faults[:_FAULTS_SHOWN])
    return tuple(steps)


def bringing(session: Session, lines: Sequence[Line]) -> Brought:
    """Return what the lines of a file add: new groups, and forms to groups there are.

    Raises ``InvalidError`` naming each line that would join two groups, or repeats a form of another line.
    """
    gathered = _Gathered(queries.groups(session))
    for line in lines:
        if len(line.group.forms) >= FEWEST_FORMS:
            gathered.take(line)
    if gathered.faults:
        raise InvalidError(gathered.faults[:_FAULTS_SHOWN])
    if len(gathered.held) + len(gathered.fresh) > MOST_GROUPS:
        raise InvalidError.one("berkas", N_("Paling banyak %(most)s kelompok."), most=MOST_GROUPS)
    steps = (
        *(Step(number, gathered.held[number], group) for number, group in gathered.changed.items()),
        *(Step(None, None, group) for group in gathered.fresh),
    )
    return Brought(steps, len(lines) - len(steps))


class _Gathered:
    """What the lines read so far add to the groups there are."""

    def __init__(self, held: Mapping[int, Group]) -> None:
        self.held = held
        self.owner = {
            key: number for number, group in held.items() if group.kind is Kind.SAME for key in group.keys
        }
        self.changed: dict[int, Group] = {}
        self.fresh: dict[Group, None] = {}
        self.said: dict[Key, int] = {}
        self.faults: list[FieldError] = []

    def take(self, line: Line) -> None:
        """Add a line."""
        if line.group.kind is Kind.RELATED:
            targets = _related_to(self.held, line.group)
        else:
            self._repeated(line)
            targets = {self.owner[key] for key in line.group.keys if key in self.owner}
            if len(targets) > 1:
                self._fault(
                    line,
                    N_("Baris %(line)s menyatukan kelompok yang terpisah: %(groups)s."),
                    groups="; ".join(", ".join(self.held[each].forms) for each in sorted(targets)),
                )
                return
        for target in targets:
            grown = self.changed.get(target, self.held[target]).with_forms(line.group.forms)
            if len(grown.forms) > MOST_FORMS:
                self._fault(
                    line,
                    N_("Baris %(line)s: kelompoknya menjadi lebih dari %(most)s bentuk."),
                    most=MOST_FORMS,
                )
            elif grown != self.held[target]:
                self.changed[target] = grown
        if not targets and not _related_to(dict(enumerate(self.fresh)), line.group):
            self.fresh[line.group] = None

    def _repeated(self, line: Line) -> None:
        for key, form in zip(line.group.keys, line.group.forms, strict=True):
            if (other := self.said.setdefault(key, line.number)) != line.number:
                self._fault(
                    line,
                    N_("Baris %(line)s: “%(form)s” sudah ada di baris %(other)s."),
                    form=form,
                    other=other,
                )

    def _fault(self, line: Line, message: str, **params: object) -> None:
        self.faults.append(FieldError("berkas", message, {"line": line.number, **params}))


def _present(held: Mapping[int, Group], group_id: int) -> Group:
    if group_id not in held:
        raise NotFoundError
    return held[group_id]


def _clashing(held: Mapping[int, Group], wanted: Group, own: set[int]) -> list[Clash]:
    if wanted.kind is not Kind.SAME:
        return []
    keys = set(wanted.keys)
    return [
        Clash(number, group)
        for number, group in held.items()
        if number not in own and group.kind is Kind.SAME and keys & set(group.keys)
    ]


def _related_to(held: Mapping[int, Group], wanted: Group) -> set[int]:
    """Return the group of related forms that ``wanted``, itself of such, repeats or completes."""
    if wanted.kind is Kind.SAME:
        return set()
    keys = set(wanted.keys)
    for number, group in held.items():
        if group.kind is Kind.RELATED and (keys <= set(group.keys) or keys >= set(group.keys)):
            return {number}
    return set()
