"""Where letters lead: paths of pages, said here because letters are written outside any request.

A test holds each against the application's own map.
"""

from __future__ import annotations

HOME = "/"
SETTINGS = "/akun/surat"
TASKS = "/laporan-saya"
FOLLOW_UPS = "/koordinasi/tindak-lanjut"


def report(public_id: str) -> str:
    """Return the page of a report row."""
    return f"/laporan-aksi/{public_id}"


def entry(plan: str, period: str, unit: str, action: str) -> str:
    """Return the page on which a row is entered *atas nama* its K/L."""
    return f"/laporan-aksi/{plan}/{period}/{unit}/{action}/atas-nama"


def commitment(plan: str, year: int, unit: str, action: str) -> str:
    """Return the page of a K/L's answer for an action and a year."""
    return f"/komitmen/{plan}/{year}/{unit}/{action}"


def saved(public_id: str) -> str:
    """Return the page of a saved search."""
    return f"/pencarian-tersimpan/{public_id}"


def product(public_id: str) -> str:
    """Return the page of a keluaran."""
    return f"/keluaran/{public_id}"


def product_form(public_id: str) -> str:
    """Return the page on which a returned keluaran is mended."""
    return f"/keluaran/{public_id}/ubah"
