"""The dry run: what an import would add, change and leave, against what is stored. Writes nothing."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from khub.errors import N_
from khub.plan import names, stored
from khub.plan.directory import Directory
from khub.plan.models import Action, Branch, Commitment, Focus
from khub.plan.sheets import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy.orm import Session

    from khub.plan.catalogue import Catalogue, Entry
    from khub.plan.models import Plan
    from khub.plan.stored import StoredAction

#: Similar names are looked for among so many new K/L at most: each look-up compares with all.
_SUGGESTED = 100


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One column of an action: the text that is stored and the text of the file."""

    column: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ActionChange:
    """An action that the file adds (``fields`` empty) or changes."""

    plan: str
    code: str
    title: str
    line: int
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class LevelChange:
    """A pilar (``column`` "pilar") or fokus that gets another name; ``old`` "" for a new one."""

    plan: str
    column: str
    code: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class NewInstitution:
    """A K/L that the file names and khub does not know; ``alike``: existing names that resemble it."""

    name: str
    line: int
    alike: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActionName:
    """Plan code, action code, title."""

    plan: str
    code: str
    title: str


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """Everything an import would do. Nothing may be applied while ``problems`` is not empty.

    A row with a fault is in ``problems`` alone. ``new_pokja``: names of the pokja made with new pilar or
    tema. ``left``: stored actions that the file does not name; they stay. ``fingerprint`` changes when the
    file, or anything stored that the answer rests on, does.
    """

    name: str
    sha256: str
    rows: int
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    new_plans: tuple[str, ...] = ()
    levels: tuple[LevelChange, ...] = ()
    new_pokja: tuple[str, ...] = ()
    new_institutions: tuple[NewInstitution, ...] = ()
    added: tuple[ActionChange, ...] = ()
    changed: tuple[ActionChange, ...] = ()
    unchanged: int = 0
    left: tuple[ActionName, ...] = ()
    plans: tuple[str, ...] = ()
    fingerprint: str = field(default="", compare=False)

    @property
    def bad_rows(self) -> int:
        """Return how many rows have a fault."""
        return len({problem.line for problem in self.problems})

    @property
    def nothing_to_do(self) -> bool:
        """Tell whether applying would change nothing."""
        return not (self.problems or self.added or self.changed or self.levels or self.new_plans)


def compare(session: Session, catalogue: Catalogue) -> ImportPlan:
    """Return what importing ``catalogue`` would do to the stored plans."""
    return _Comparison(session, catalogue).result()


class _Comparison:
    def __init__(self, session: Session, catalogue: Catalogue) -> None:
        self.session = session
        self.catalogue = catalogue
        self.directory = Directory.load(session)
        self.problems = list(catalogue.problems)
        self.warnings = list(catalogue.warnings)
        self.unknown: dict[str, NewInstitution] = {}
        self.new_plans: dict[str, str] = {}
        self.levels: dict[tuple[str, ...], LevelChange] = {}
        self.new_pokja: dict[str, str] = {}
        self.added: list[ActionChange] = []
        self.changed: list[ActionChange] = []
        self.unchanged = 0

    def result(self) -> ImportPlan:
        by_plan: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.catalogue.entries:
            by_plan[stored.plan_code(entry.plan)].append(entry)
        left: list[ActionName] = []
        for code, entries in by_plan.items():
            left += self._plan(code, entries)
        faulty = {problem.line for problem in self.problems}
        result = ImportPlan(
            name=self.catalogue.name,
            sha256=self.catalogue.sha256,
            rows=self.catalogue.rows,
            problems=tuple(sorted(self.problems, key=lambda problem: problem.line)),
            warnings=tuple(self.warnings),
            new_plans=tuple(self.new_plans.values()),
            levels=tuple(self.levels.values()),
            new_pokja=tuple(self.new_pokja.values()),
            new_institutions=tuple(self.unknown.values()),
            added=tuple(change for change in self.added if change.line not in faulty),
            changed=tuple(change for change in self.changed if change.line not in faulty),
            unchanged=self.unchanged,
            left=tuple(left),
            plans=tuple(by_plan),
        )
        return _sealed(result)

    def _plan(self, code: str, entries: list[Entry]) -> list[ActionName]:
        plan = stored.find_plan(self.session, entries[0].plan)
        if plan is None:
            self.new_plans[code] = entries[0].plan
        present = stored.actions(self.session, plan.id) if plan else {}
        by_fold = {key.casefold(): key for key in present}
        answered = self._answered_years(plan.id) if plan else {}
        self._levels(code, plan, entries)
        for entry in entries:
            known = present.get(entry.code)
            other = by_fold.get(entry.code.casefold())
            if known is None and other is not None:
                self._fault(
                    entry,
                    "aksi_kode",
                    N_("Hanya huruf besar-kecilnya yang beda dari aksi %(code)s."),
                    code=other,
                )
                continue
            responsible = self._institutions(entry, "penanggung_jawab", entry.responsible)
            related = self._institutions(entry, "instansi_terkait", entry.related)
            if not entry.responsible:
                self.warnings.append(
                    Problem(
                        entry.line, "penanggung_jawab", N_("Tanpa penanggung jawab, aksi ini tidak ditagih.")
                    )
                )
            if known is None:
                self.added.append(ActionChange(code, entry.code, entry.title, entry.line))
                continue
            for year in sorted(answered.get(known.id, set()) - set(entry.years)):
                self._fault(
                    entry,
                    "tahun",
                    N_("Tahun %(year)s tidak dapat dilepas: sudah ada jawaban komitmen."),
                    year=year,
                )
            if fields := self._fields(known, entry, responsible, related):
                self.changed.append(ActionChange(code, entry.code, entry.title, entry.line, fields))
            else:
                self.unchanged += 1
        named = {action for name, action in self.catalogue.named if stored.plan_code(name) == code}
        return [
            ActionName(code, item.code, item.title) for item in present.values() if item.code not in named
        ]

    def _levels(self, code: str, plan: Plan | None, entries: Iterable[Entry]) -> None:
        """Note pilar and fokus that are new or named otherwise."""
        branches = dict[str, str]()
        focuses = dict[tuple[str, str], str]()
        if plan is not None:
            for branch_code, branch, focus_code, focus in self.session.execute(
                sa.select(Branch.code, Branch.name, Focus.code, Focus.name)
                .outerjoin(Focus, Focus.branch_id == Branch.id)
                .where(Branch.plan_id == plan.id)
            ):
                branches[branch_code] = branch
                if focus_code is not None:
                    focuses[branch_code, focus_code] = focus
        for entry in entries:
            b, f = entry.branch_code, entry.focus_code
            if b not in branches and (code, b) not in self.levels:
                label = plan.branch_label if plan is not None else self.catalogue.label
                name = plan.name if plan is not None else entry.plan
                free, called = stored.free_pokja(self.session, label, b, name, self.new_pokja)
                self.new_pokja[free] = called
            if (old := branches.get(b, "")) != entry.branch:
                self.levels[code, b] = LevelChange(code, "pilar", b, old, entry.branch)
            if (old := focuses.get((b, f), "")) != entry.focus:
                self.levels[code, b, f] = LevelChange(code, "fokus", f, old, entry.focus)

    def _institutions(self, entry: Entry, column: str, texts: Iterable[str]) -> tuple[int | str, ...]:
        """Return an id for each known K/L and the folded name for each that will be made."""
        answer: list[int | str] = []
        for text in texts:
            found = self.directory.find(text)
            if len(found) > 1:
                self._fault(
                    entry,
                    column,
                    N_("“%(name)s” cocok dengan beberapa K/L: %(codes)s. Tulis kodenya."),
                    name=text,
                    codes=", ".join(item.code for item in found),
                )
                continue
            key: int | str = found[0].id if found else names.fold(text)
            if key in answer:
                self._fault(
                    column=column,
                    entry=entry,
                    message=N_("“%(name)s” disebut dua kali, dengan nama lain."),
                    name=text,
                )
                continue
            answer.append(key)
            if not found and key not in self.unknown:
                alike = self.directory.alike(text) if len(self.unknown) < _SUGGESTED else ()
                self.unknown[str(key)] = NewInstitution(text, entry.line, alike)
        return tuple(answer)

    def _answered_years(self, plan_id: int) -> dict[int, set[int]]:
        answered: dict[int, set[int]] = defaultdict(set)
        for action_id, year in self.session.execute(
            sa.select(Commitment.action_id, Commitment.year)
            .join(Action, Action.id == Commitment.action_id)
            .where(Action.plan_id == plan_id)
            .distinct()
        ):
            answered[action_id].add(year)
        return answered

    def _fields(
        self,
        known: StoredAction,
        entry: Entry,
        responsible: tuple[int | str, ...],
        related: tuple[int | str, ...],
    ) -> tuple[FieldChange, ...]:
        def shown(ids: Iterable[int]) -> str:
            return "; ".join(self.directory.by_id[each].name for each in ids)

        pairs: tuple[tuple[str, object, object, Callable[[], tuple[str, str]]], ...] = (
            (
                "pilar_kode",
                known.branch_code,
                entry.branch_code,
                lambda: (known.branch_code, entry.branch_code),
            ),
            ("fokus_kode", known.focus_code, entry.focus_code, lambda: (known.focus_code, entry.focus_code)),
            ("aksi", known.title, entry.title, lambda: (known.title, entry.title)),
            (
                "penanggung_jawab",
                known.responsible,
                responsible,
                lambda: (shown(known.responsible), "; ".join(entry.responsible)),
            ),
            (
                "instansi_terkait",
                known.related,
                related,
                lambda: (shown(known.related), "; ".join(entry.related)),
            ),
            (
                "keluaran",
                known.outputs,
                entry.outputs,
                lambda: ("; ".join(known.outputs), "; ".join(entry.outputs)),
            ),
            ("ukuran_keberhasilan", known.measure, entry.measure, lambda: (known.measure, entry.measure)),
            (
                "tahun",
                known.years,
                entry.years,
                lambda: ("; ".join(map(str, known.years)), "; ".join(map(str, entry.years))),
            ),
        )
        changes = [FieldChange(column, *texts()) for column, old, new, texts in pairs if old != new]
        if entry.source is not None and entry.source != known.source:
            changes.append(FieldChange("sumber", known.source, entry.source))
        return tuple(changes)

    def _fault(self, entry: Entry, column: str, message: str, **params: object) -> None:
        self.problems.append(Problem(entry.line, column, message, params))


def _sealed(result: ImportPlan) -> ImportPlan:
    body = json.dumps(asdict(result), ensure_ascii=False, sort_keys=True, default=str)
    return replace(result, fingerprint=hashlib.sha256(body.encode()).hexdigest())
