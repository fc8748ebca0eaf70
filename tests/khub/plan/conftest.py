"""A small plan in the import format, and people who work on it."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Protocol

import pytest

from khub.plan.catalogue import COLUMNS
from khub.policy import SYSTEM, Actor, Grant, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from khub.wiring import Services

PLAN = "RAN PE 2020–2024"


def _row(code: str, **changes: str) -> dict[str, str]:
    pilar, fokus, _ = code.split(".")
    return {
        "plan": PLAN,
        "pilar_kode": pilar,
        "pilar": f"Pilar contoh {pilar}",
        "fokus_kode": f"{pilar}.{fokus}",
        "fokus": f"Fokus contoh {pilar}.{fokus}",
        "aksi_kode": code,
        "aksi": f"Aksi contoh {code}",
        "penanggung_jawab": "K/L Contoh 01; K/L Contoh 02",
        "instansi_terkait": "K/L Contoh 03",
        "keluaran": "Laporan kegiatan; Modul",
        "ukuran_keberhasilan": "Jumlah peserta",
        "tahun": "2022; 2023",
    } | changes


def _csv(
    rows: Iterable[Mapping[str, str]],
    *,
    columns: Iterable[str] = COLUMNS,
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(columns), delimiter=delimiter, extrasaction="ignore", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


class CsvOf(Protocol):
    """Rows to the bytes of a CSV file."""

    def __call__(
        self,
        rows: Iterable[Mapping[str, str]],
        *,
        columns: Iterable[str] = COLUMNS,
        delimiter: str = ",",
        encoding: str = "utf-8",
    ) -> bytes: ...


@pytest.fixture(scope="session")
def row() -> Callable[..., dict[str, str]]:
    """Return a maker of one faultless row for an action code like 1.2.03."""
    return _row


@pytest.fixture(scope="session")
def csv_of() -> CsvOf:
    """Return a maker of CSV files."""
    return _csv


@pytest.fixture(scope="session")
def small() -> list[dict[str, str]]:
    """Return four actions in three pilar."""
    return [_row("1.1.01"), _row("1.1.02"), _row("2.1.01"), _row("3.1.01")]


@pytest.fixture
def secretariat() -> Actor:
    """Return somebody of the Sekretariat."""
    return Actor(None, "Dewi Contoh", (Grant(Role.SECRETARIAT),))


@pytest.fixture
def member() -> Actor:
    """Return a pokja member, who may not touch the plan."""
    return Actor(None, "Budi Contoh", (Grant(Role.MEMBER, 1, 1),))


@pytest.fixture
def planned(services: Services, small: list[dict[str, str]]) -> Services:
    """Return services with the small plan imported."""
    services.plans.apply(SYSTEM, _csv(small), "kecil.csv")
    return services
