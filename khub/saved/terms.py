"""Codes that the tables of saved searches keep."""

from __future__ import annotations

from enum import StrEnum


class Audience(StrEnum):
    """Who besides its owner opens a saved search."""

    OWN = ""
    INSTITUTION = "institution"
    POKJA = "pokja"
    SECRETARIAT = "secretariat"


class Alert(StrEnum):
    """How a person is told of new hits by letter."""

    OFF = "off"
    NOW = "now"
    DAILY = "daily"


class View(StrEnum):
    """Which hits of a saved search are shown; the values stand in addresses."""

    ALL = ""
    NEW = "baru"
    OPEN = "belum"
    RELEVANT = "relevan"
    OFF_TOPIC = "tidak"
