"""The demo's annual reports: 2022 frozen as edition 1 with citations, 2023 a draft with a slip in it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from khub.annual.models import AnnualReport
from khub.clock import WIB
from khub.demo import catalogue
from khub.plan.models import Action as PlanAction
from khub.plan.models import Branch, Focus, Period, Plan
from khub.policy import Access, Classification
from khub.products.jobs import unpack
from khub.products.models import WORKING, Copy, CopyAction, CopyFile, File, Page, Product, Version

if TYPE_CHECKING:
    from collections.abc import Callable

    from khub.policy import Actor
    from khub.wiring import Services

#: The paragraph of the news item, with its slip: 12 of 14 is neither 79 percent nor adds up to 64.
NEWS: Final = (
    "Contoh paragraf: pada tahun 2023 sebanyak 64 aksi dari 79 aksi berkomitmen, yaitu 41 dari 50 aksi "
    "(82 persen) pada Pilar 1, 12 dari 15 aksi (80 persen) pada Pilar 2, dan 12 dari 14 aksi (79 persen) "
    "pada Pilar 3, dengan K/L yang terlibat mencapai 36 dari 44."
)
_AS_OF = datetime(2023, 2, 28, 23, 59, tzinfo=WIB)
_CITED = 8
_SENTENCE = re.compile(r"[A-Z][^.\n]{40,140}\.")


def steps(services: Services, actor: Actor) -> list[Callable[[], None]]:
    """Return what makes both reports; each step does nothing where its report is there already."""
    return [lambda: _frozen(services, actor), lambda: _draft(services, actor)]


def _missing(services: Services, year: int) -> str | None:
    """Return the plan's code when the report of ``year`` is not there yet."""
    with services.db.read() as session:
        if session.scalar(sa.select(AnnualReport.id).where(AnnualReport.year == year)) is not None:
            return None
        return session.execute(sa.select(Plan.code).where(Plan.name == catalogue.PLAN)).scalar_one()


def _frozen(services: Services, actor: Actor) -> None:
    year = catalogue.YEAR - 1
    plan = _missing(services, year)
    if plan is None:
        return
    annual = services.annual
    report = annual.create(actor, plan, year, as_of=_AS_OF)
    for section, file, page, quote in _quotable(services, year):
        key = annual.cite_page(actor, report, file, page, quote)
        annual.add(
            actor, report, section, text=f"Contoh uraian: keluaran K/L menyebut “{quote}” [[kutipan:{key}]]"
        )
    annual.add(
        actor,
        report,
        "rekomendasi",
        text="Contoh rekomendasi: modul yang sudah dipakai di satu K/L dibagikan kepada K/L penanggung jawab "
        "aksi yang sama.",
    )
    annual.freeze(actor, report, "Contoh edisi pertama")


def _draft(services: Services, actor: Actor) -> None:
    plan = _missing(services, catalogue.YEAR)
    if plan is None:
        return
    annual = services.annual
    report = annual.create(actor, plan, catalogue.YEAR)
    annual.add(actor, report, "komitmen", text=NEWS)
    annual.open_input(actor, report, services.clock.now() + timedelta(days=20))


def _quotable(services: Services, year: int) -> list[tuple[str, str, int, str]]:
    """Return (section, file, page, words) of some approved keluaran that everybody may read."""
    found: list[tuple[str, str, int, str]] = []
    with services.db.read() as session:
        rows = session.execute(
            sa.select(PlanAction.code, File.public_id, Page.number, Page.text)
            .join(Focus, Focus.id == PlanAction.focus_id)
            .join(Branch, Branch.id == Focus.branch_id)
            .join(CopyAction, CopyAction.action_id == PlanAction.id)
            .join(Copy, Copy.id == CopyAction.copy_id)
            .join(Version, Version.id == Copy.version_id)
            .join(Product, Product.id == Version.product_id)
            .join(Period, Period.id == Copy.period_id)
            .join(CopyFile, CopyFile.copy_id == Copy.id)
            .join(File, File.id == CopyFile.file_id)
            .join(Page, Page.file_id == File.id)
            .where(
                Period.year == year,
                Copy.number != WORKING,
                Copy.access == Access.APPROVED,
                Product.classification != Classification.RESTRICTED,
            )
            .order_by(PlanAction.code, File.id, Page.number)
        )
        seen: set[str] = set()
        for code, file, page, packed in rows:
            match = _SENTENCE.search(unpack(packed))
            if match is not None and file not in seen and len(found) < _CITED:
                seen.add(file)
                found.append((f"aksi-{code}", file, page, match[0]))
    return found
