"""The office of the reports, with its index of reports, actions and K/L."""

from __future__ import annotations

from tests.khub.reports.conftest import desk

__all__ = ["desk"]
