"""What the searcher notices: other forms are found and named, can be left out, and related words are offered."""

from __future__ import annotations

import re

import pytest

from khub.policy import SYSTEM
from khub.search.indexing import Rebuild
from khub.synonyms import planning
from khub.synonyms.terms import Group, Kind


@pytest.fixture
def reader(office, sandbox):
    """Budi, who reads four outputs, each with a form that another one lacks."""
    office.services.synonyms.start(SYSTEM)
    for title, words in (
        ("Kelas jarak jauh", "Kelas daring untuk guru."),
        ("Kelas lain", "Kelas online untuk dosen."),
        ("Kerja sama", "Bersama Badan Nasional Penanggulangan Terorisme."),
        ("Kunjungan", "Kunjungan BNPT ke Solo, dan pelindungan saksi."),
        ("Kajian", "Kajian radikalisme di kota."),
    ):
        office.draft("budi", title, content=f"{title}\n\n{words}\n".encode())
    office.read_files(sandbox)
    Rebuild(office.services.db, office.services.index_writer, lambda *_: None).run()
    return office.browser("budi")


def titles(response):
    assert response.status_code == 200, response.text
    return set(re.findall(r"<h2[^>]*>\s*<a[^>]*>([^<]+)", response.text))


def test_other_forms_are_found_told_and_can_be_left_out(reader):
    both = reader.get("/cari?q=daring")
    assert titles(both) == {"Kelas jarak jauh", "Kelas lain"}
    assert "termasuk: online" in both.text
    assert "tanpa sinonim" in both.text
    only = reader.get("/cari?q=daring&sinonim=0")
    assert titles(only) == {"Kelas jarak jauh"}
    assert "termasuk:" not in only.text
    assert titles(reader.get("/cari?q=perlindungan")) == {"Kunjungan"}
    either = reader.get("/cari?q=(daring+OR+tatap)")
    assert titles(either) == {"Kelas jarak jauh", "Kelas lain"}
    assert "termasuk: online" in either.text


def test_long_names_and_related_words(reader):
    for query in ("bnpt", '"badan nasional penanggulangan terorisme"'):
        assert titles(reader.get(f"/cari?q={query}")) == {"Kerja sama", "Kunjungan"}
    assert "Kunjungan" in titles(reader.get("/cari?q=badan+nasional+penanggulangan+terorisme"))
    # Related words are offered, and never joined.
    found = reader.get("/cari?q=terorisme")
    assert "Kajian" not in titles(found)
    assert re.search(r'href="/cari\?[^"]*q=radikalisme[^"]*"', found.text)


def test_a_change_counts_with_the_next_query(office, reader):
    assert titles(reader.get("/cari?q=tatap")) == set()
    service, dewi = office.services.synonyms, office.people["dewi"]
    group = Group(Kind.SAME, ("tatap", "kunjungan"))
    plan = service.look(dewi, lambda session: planning.saving(session, None, group))
    change = service.save(dewi, None, group, frozenset(), "", plan.seen)
    assert titles(reader.get("/cari?q=tatap")) == {"Kunjungan"}
    back = service.look(dewi, lambda session: planning.undoing(session, change))
    service.undo(dewi, change, "", back.seen)
    assert titles(reader.get("/cari?q=tatap")) == set()
