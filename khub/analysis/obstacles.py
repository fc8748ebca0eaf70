"""Kendala that the reader may read: grouped, counted, searched. Words meet by their stems."""

from __future__ import annotations

import functools
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.analysis import is_stop_word, stem_token, tokenise
from khub.plan import names
from khub.products.models import WORKING
from khub.reports.models import Report, ReportCopy
from khub.reports.queries import head_condition, readable_reports

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from khub.analysis.scope import Scope
    from khub.cycle.facts import ActionFacts, PeriodFacts, Unit
    from khub.policy import Actor

#: By shared words, besides what ``scope.BY`` says.
WORDS = "kata"
#: Characters of a text that are looked at for words, and texts whose words are kept in memory.
_LOOKED_AT, _KEPT = 6_000, 10_000
_SHORT = 3
_SHARED = 2
#: From so many reports on, a word in more than half of them tells nothing apart.
_ENOUGH = 10


@dataclass(frozen=True, slots=True)
class ObstacleRow:
    """A report that tells of an obstacle."""

    report: str
    action: ActionFacts
    unit: Unit
    period: PeriodFacts
    state: str
    obstacles: str
    follow_up: str


@dataclass(frozen=True, slots=True)
class ObstacleGroup:
    """How many reports of a group tell of an obstacle. ``key`` names it in the address."""

    key: str
    code: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Obstacles:
    """Everything found: ``told`` of ``read`` readable reports tell of an obstacle before any search."""

    read: int
    told: int
    rows: tuple[ObstacleRow, ...]
    groups: tuple[ObstacleGroup, ...]


def obstacles(
    session: Session, actor: Actor, scope: Scope, by: str, *, text: str = "", group: str = ""
) -> Obstacles:
    """Return obstacles that hold every word of ``text``, grouped by ``by``; ``group`` narrows the rows.

    Rows come newest period first, then in the plan's order.
    """
    read, every = _readable(session, actor, scope)
    sought = stems(text)
    found = [row for row in every if sought.keys() <= stems(row.obstacles).keys()]
    groups = _by_words(found) if by == WORDS else _by_place(scope, found, by)
    rows = [row for row in found if _within(scope, row, by, group)]
    return Obstacles(read, len(every), tuple(rows), groups)


@functools.lru_cache(maxsize=_KEPT)
def stems(text: str) -> dict[str, str]:
    """Return stem → the word as first written, of the words of a text that say something."""
    found: dict[str, str] = {}
    for token in tokenise(text[:_LOOKED_AT]):
        if token.whole or len(token.term) < _SHORT or not token.term.isalpha() or is_stop_word(token.term):
            continue
        found.setdefault(stem_token(token, "id"), text[token.start : token.end].lower())
    return found


def _readable(session: Session, actor: Actor, scope: Scope) -> tuple[int, list[ObstacleRow]]:
    wanted = scope.action_ids()
    periods = {period.id: period for period in scope.periods}
    order = {action.id: place for place, action in enumerate(scope.ledger.actions)}
    read, rows = 0, []
    for public_id, action_id, institution_id, period_id, state, none, said, follow_up in session.execute(
        readable_reports(actor)
        .where(
            head_condition(actor),
            ReportCopy.number != WORKING,
            ReportCopy.outcome != "withdrawn",
            Report.period_id.in_(scope.period_ids),
        )
        .with_only_columns(
            Report.public_id,
            Report.action_id,
            Report.institution_id,
            Report.period_id,
            Report.state,
            ReportCopy.no_obstacles,
            ReportCopy.obstacles,
            ReportCopy.follow_up,
            maintain_column_froms=True,
        )
    ):
        if action_id not in wanted:
            continue
        read += 1
        if none or not said.strip():
            continue
        period = periods[period_id]
        unit = scope.ledger.unit(institution_id, period.ends)
        rows.append(ObstacleRow(public_id, scope.actions[action_id], unit, period, state, said, follow_up))
    rows.sort(key=lambda row: (-row.period.ends.toordinal(), order[row.action.id], row.unit.short))
    return read, rows


def _by_place(scope: Scope, rows: Sequence[ObstacleRow], by: str) -> tuple[ObstacleGroup, ...]:
    counted: Counter[tuple[str, str]] = Counter(scope.group(by, row.action.id, row.unit.id) for row in rows)
    order = sorted(
        counted.items(), key=lambda each: (-each[1], names.natural(names.fold(each[0][by == "kl"])))
    )
    return tuple(ObstacleGroup(code, code, name, count) for (code, name), count in order)


def _by_words(rows: Sequence[ObstacleRow]) -> tuple[ObstacleGroup, ...]:
    """Return the words that two reports or more share, the most shared first."""
    counted: Counter[str] = Counter()
    written: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for stem, word in stems(row.obstacles).items():
            counted[stem] += 1
            written[stem][word] += 1
    most = len(rows) // 2 if len(rows) >= _ENOUGH else len(rows)
    shared = [(stem, count) for stem, count in counted.items() if _SHARED <= count <= most]
    shared.sort(key=lambda each: (-each[1], each[0]))
    return tuple(
        ObstacleGroup(
            stem.partition(":")[2],
            "",
            min(written[stem].items(), key=lambda each: (-each[1], each[0]))[0],
            count,
        )
        for stem, count in shared
    )


def _within(scope: Scope, row: ObstacleRow, by: str, group: str) -> bool:
    if not group:
        return True
    if by == WORDS:
        return any(stem.partition(":")[2] == group for stem in stems(row.obstacles))
    return scope.group(by, row.action.id, row.unit.id)[0] == group
