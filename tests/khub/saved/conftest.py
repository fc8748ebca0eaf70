"""The office with a mail server and an index that keeps up: what a worker does, done when a test says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from khub.mail.clockwork import Clockwork
from khub.search.indexing import Rebuild
from tests.khub.mail.conftest import PostOffice, post, sink

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

    from indexer.extract import Sandbox

__all__ = ["post", "sink"]


@dataclass
class Desk:
    """People at work with saved searches."""

    post: PostOffice
    sandbox: Sandbox

    def __post_init__(self) -> None:
        self.office, self.clock = self.post.office, self.post.clock
        self.services = self.office.services
        self.saved, self.people = self.services.saved, self.office.people
        self.post.clockwork = Clockwork(
            self.services.db, self.clock, self.post.settings, self.services.matching.tick
        )

    def index(self) -> None:
        """Read what waits and put it into the index."""
        self.office.read_files(self.sandbox)
        Rebuild(self.services.db, self.services.index_writer, lambda *_: None).run()
        self.services.engine.close()  # looks for the newest commit at once

    def publish(self, title: str, login: str = "budi", **facts: object) -> str:
        """Hand a keluaran in and approve it; not yet in the index."""
        public_id = self.office.draft(login, title)
        if facts:
            self.office.say(login, public_id, **facts)
        self.office.submit(login, public_id)
        self.services.review.approve(self.people["dewi"], public_id, 1)
        return public_id

    def round(self) -> list[str]:
        """Do what the worker does in a few seconds; returns the letters about searches that arrived by now."""
        for _ in range(3):
            self.post.step()
        return self.bodies()

    def letters(self) -> list[EmailMessage]:
        """Return the letters about new hits that arrived, alone or within a digest."""
        return [each for each in self.post.sink.letters if "Hasil baru: " in _text(each)]

    def bodies(self) -> list[str]:
        """Return their texts."""
        return [_text(each) for each in self.letters()]

    def opened(self, login: str, search: str, view: str = "") -> object:
        """Open a search as its page does."""
        from khub.saved.terms import View  # noqa: PLC0415

        return self.saved.open(self.people[login], search, View(view), 1, 10)


def _text(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


@pytest.fixture
def desk(post: PostOffice, sandbox: Sandbox) -> Iterator[Desk]:
    """Return the office with one approved keluaran about pelatihan in the index."""
    found = Desk(post, sandbox)
    found.publish("Pelatihan guru lama")
    found.index()
    yield found
    found.services.index_writer.close()
