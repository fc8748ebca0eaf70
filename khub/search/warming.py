"""What a new web process gets ready before anybody asks: the columns, and the words of the newest pages.

Else those who come first after a start wait for it: the columns of 10,000 keluaran take a second, and of a
page of results each word that is met for the first time takes 10 µs.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from indexer.analysis import learn
from khub.products.models import Page
from khub.products.pages import page_texts

if TYPE_CHECKING:
    import threading

    from khub.search.service import Search

#: So many pages hold nearly all words that many pages hold.
_PAGES = 2_000
#: Pages read in one go, and the seconds that others have to themselves after it.
_PART = 20
_PAUSE = 0.01

log = logging.getLogger("khub")


def warm(search: Search, stop: threading.Event) -> None:
    """Get ready what searches keep in memory, until ``stop`` is set; nothing depends on it."""
    try:
        with search.db.read() as session:
            search.columns.table(session)
            newest = sa.select(Page.file_id, Page.number).order_by(Page.file_id.desc(), Page.number)
            keys = [(file, number) for file, number in session.execute(newest.limit(_PAGES))]
        for at in range(0, len(keys), _PART):
            with search.db.read() as session:
                texts = page_texts(session, keys[at : at + _PART])
            for page in texts.values():
                learn(page.text)
            if stop.wait(_PAUSE):
                return
    except SQLAlchemyError:
        log.warning("could not prepare for searches", exc_info=True)
