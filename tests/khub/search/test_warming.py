"""What a web process gets ready before anybody asks."""

from __future__ import annotations

import logging
import secrets
import threading
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from indexer.analysis.tokens import met
from khub.products.jobs import pack
from khub.products.models import File, Page
from khub.search.warming import warm

if TYPE_CHECKING:
    from tests.khub.conftest import Office


@pytest.fixture
def words(office: Office) -> list[str]:
    """Return words that nothing met yet, one a page of a file."""
    office.draft("budi", "Laporan")
    marks = "".join(secrets.choice("bcdfghjklmnp") for _ in range(12))
    found = [f"{marks}{number}a" for number in range(60)]
    plain = {"kind": "page", "approximate": False, "heading": "", "error": "", "language": "id"}
    with office.services.db.write() as session:
        file = session.scalars(sa.select(File.id)).one()
        session.execute(sa.delete(Page))
        session.add_all(
            Page(file_id=file, number=number, label=str(number), text=pack(word), **plain)
            for number, word in enumerate(found, 1)
        )
    return found


def test_the_words_of_pages_are_known_before_anybody_asks(office: Office, words: list[str]) -> None:
    warm(office.services.search, threading.Event())
    assert [word for word in words if met(word) is None] == []


def test_a_process_that_stops_prepares_no_further(office: Office, words: list[str]) -> None:
    stop = threading.Event()
    stop.set()
    warm(office.services.search, stop)
    assert met(words[-1]) is None


def test_a_database_that_fails_ends_it_with_a_line_in_the_log(
    office: Office, words: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    with office.services.db.write() as session:
        session.execute(sa.text(f"ALTER TABLE {Page.__tablename__} RENAME TO gone"))
    with caplog.at_level(logging.WARNING, "khub"):
        warm(office.services.search, threading.Event())
    assert [record.message for record in caplog.records] == ["could not prepare for searches"]
    assert met(words[0]) is None
