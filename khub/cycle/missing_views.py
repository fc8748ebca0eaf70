"""Belum lapor: who has not sent what, with days left or late and the last contact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from khub import web
from khub.coordination.reached import last_contact
from khub.coordination.words import CONTACTED
from khub.cycle import missing
from khub.errors import N_, InvalidError
from khub.i18n import gettext
from khub.plan import export, names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from khub.coordination.reached import LastContact
    from khub.cycle.missing import Belum, UnitMissing
    from khub.policy import Actor

bp = Blueprint("missing", __name__)

_ROWS = 25
KIND_WORDS = {
    "komitmen": N_("Komitmen"),
    "realisasi": N_("Realisasi"),
    "kendala": N_("Kendala"),
    "keluaran": N_("Keluaran"),
}


@dataclass(frozen=True, slots=True)
class MissingPage:
    """The K/L that miss something; ``units`` is one page of those the filters leave."""

    belum: Belum | None
    units: tuple[UnitMissing, ...]
    total: int
    contacts: Mapping[int, LastContact]
    channels: Mapping[str, str]
    kinds: Mapping[str, str]
    kind: str
    branch: str
    unit: str
    late: bool
    branches: tuple[tuple[str, str], ...]
    pager: web.Pager


@bp.get("/belum-lapor")
def index() -> Response:
    """List the K/L that have not sent something in the running period."""
    number = web.page_number()
    found = web.ask(missing.belum, web.services().clock.now())
    chosen = _chosen(found)
    shown = chosen[(number - 1) * _ROWS : number * _ROWS]
    page = MissingPage(
        belum=found,
        units=shown,
        total=len(found.units) if found else 0,
        contacts=web.ask(_contacts, [each.unit.id for each in shown]),
        channels={key: gettext(word) for key, word in CONTACTED.items()},
        kinds={kind: gettext(word) for kind, word in KIND_WORDS.items()},
        kind=_kind(),
        branch=request.args.get("pilar", "")[:60],
        unit=request.args.get("kl", "")[:60],
        late=bool(request.args.get("lewat")),
        branches=_branches(found),
        pager=web.Pager(number, _ROWS, len(chosen)),
    )
    return web.show("cycle/missing.html", page)


@bp.get("/belum-lapor.csv")
def export_csv() -> Response:
    """Hand the list out, one line for each K/L and aksi, narrowed as on the page."""
    found = web.ask(missing.belum, web.services().clock.now())
    words = {kind: gettext(word) for kind, word in KIND_WORDS.items()}
    head = [
        gettext("K/L"),
        gettext("Aksi"),
        gettext("Judul"),
        *words.values(),
        gettext("Tenggat"),
        gettext("Lewat"),
    ]
    lines = [
        [
            each.unit.name,
            row.action.code,
            row.action.title,
            *(gettext("belum") if kind in row.kinds else "" for kind in words),
            row.deadline.isoformat(),
            gettext("ya") if row.overdue else "",
        ]
        for each in _chosen(found)
        for row in each.rows
    ]
    headers = {"Content-Disposition": 'attachment; filename="belum-lapor.csv"'}
    return Response(export.as_csv([head, *lines]), content_type="text/csv; charset=utf-8", headers=headers)


def _contacts(session: Session, _actor: Actor, unit_ids: Iterable[int]) -> dict[int, LastContact]:
    return last_contact(session, unit_ids)


def _kind() -> str:
    kind = request.args.get("apa", "")
    if kind and kind not in KIND_WORDS:
        raise InvalidError.one("apa", N_("Pilih salah satu yang ada dalam daftar."))
    return kind


def _chosen(found: Belum | None) -> tuple[UnitMissing, ...]:
    """Return the K/L that the filters in the address leave."""
    kind, branch, unit = _kind(), request.args.get("pilar", ""), request.args.get("kl", "")
    late = bool(request.args.get("lewat"))
    return tuple(
        each
        for each in (found.units if found else ())
        if unit in ("", each.unit.code)
        and (not late or each.overdue)
        and any((not kind or kind in row.kinds) and branch in ("", row.action.branch) for row in each.rows)
    )


def _branches(found: Belum | None) -> tuple[tuple[str, str], ...]:
    names_of = {
        row.action.branch: row.action.branch_name
        for each in (found.units if found else ())
        for row in each.rows
    }
    order: Sequence[str] = sorted(names_of, key=names.natural)
    return tuple((code, names_of[code]) for code in order)
