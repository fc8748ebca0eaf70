"""Some odd queries of ``tests.bench.fuzz``, which asks as many as wanted."""

from __future__ import annotations

import random

from khub.search.indexing import Rebuild
from tests.bench import fuzz


def test_odd_queries_are_answered_or_refused_with_the_place(office, sandbox):
    for login, words in (
        ("budi", "Modul pelatihan guru toleransi"),
        ("tia", "Kontra narasi masyarakat BNPT"),
    ):
        office.services.review.approve(office.people["dewi"], office.hand_in(login, words), 1)
    office.read_files(sandbox)
    Rebuild(office.services.db, office.services.index_writer, lambda *_: None).run()
    people = [(office.people[login], office.browser(login).client) for login in ("budi", "dewi")]
    report = fuzz.storm(office.services, people, random.Random(3), queries=200, every=100)  # noqa: S311
    assert report.faults == []
    assert report.slowest[0] < 2, report.slowest
    assert report.answered > 60
    assert report.refused > 40
    assert report.pages == 2
