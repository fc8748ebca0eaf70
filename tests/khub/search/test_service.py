"""Searching as a person: a changed right counts with the next query, without a write to the index."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from khub.outbox import Job
from khub.plan.models import Institution, InstitutionAlias, Pokja
from khub.plan.names import fold
from khub.search import fields
from khub.search.columns import Columns
from khub.search.indexing import Rebuild
from khub.search.models import Entry, Epoch
from khub.search.projection import describe
from khub.search.service import Request


@pytest.fixture
def site(office, sandbox):
    """The office with an approved keluaran of budi's that everybody finds."""
    public_id = office.hand_in("budi", "Pelatihan guru")
    office.services.review.approve(office.people["dewi"], public_id, 1)
    office.read_files(sandbox)
    Rebuild(office.services.db, office.services.index_writer, lambda *_: None).run()
    office.services.index_writer.close()
    office.public_id = public_id
    return office


def _found(site, login, text="pelatihan", **more):
    answer = site.services.search.run(site.people[login], Request(text, **more))
    assert answer.total_products >= len(answer.found)
    return [found.product.public_id for found in answer.found], answer.total_products, answer.facets


def _commit(site):
    info = site.services.index_writer
    return sorted(
        (path.name, path.stat().st_mtime_ns)
        for path in info.folder.rglob("*")
        if path.is_file() and path.name != "writer.lock"
    )


def test_a_classification_counts_at_once_in_hits_counts_and_facets(site):
    assert _found(site, "tia")[:2] == ([site.public_id], 1)
    index = _commit(site)
    site.services.products.classify(site.people["dewi"], site.public_id, "terbatas", "memuat nama")
    found, total, facets = _found(site, "tia")
    assert (found, total) == ([], 0)
    assert not any(facets.values())
    assert _found(site, "budi")[:2] == ([site.public_id], 1)
    site.services.products.classify(site.people["dewi"], site.public_id, "terbuka", "boleh dibuka")
    assert _found(site, "tia")[:2] == ([site.public_id], 1)
    assert _commit(site) == index


def test_a_reopened_keluaran_is_out_of_sight_at_once(site):
    site.services.review.reopen(site.people["dewi"], site.public_id, "angka keliru")
    assert _found(site, "tia")[0] == []
    assert _found(site, "sari")[0] == [site.public_id]
    assert _found(site, "yoga")[0] == []


def test_a_draft_thrown_away_is_found_no_more(site):
    draft = site.draft("budi", "Pelatihan draf")
    Rebuild(site.services.db, site.services.index_writer, lambda *_: None).run()
    assert draft in _found(site, "budi")[0]
    assert draft not in _found(site, "dewi")[0]
    site.services.products.discard(site.people["budi"], draft)
    assert draft not in _found(site, "budi")[0]


def test_an_index_ahead_of_the_database_hides_and_never_leaks(site):
    """Columns that are stale say he may; the database, asked again, says no."""
    with site.services.db.write() as session:
        session.execute(sa.text("UPDATE product SET classification = 'terbatas'"))
    assert _found(site, "tia")[0] == []


def test_the_columns_of_every_process_follow_the_database(site):
    """A second process's table takes in only what changed since it last looked."""
    mine = Columns()
    with site.services.db.read() as session:
        before = mine.table(session)
        assert mine.table(session) is before
    site.services.products.classify(site.people["dewi"], site.public_id, "terbatas", "x")
    with site.services.db.read() as session:
        after = mine.table(session)
        assert after.epoch > before.epoch
        assert after.epoch == session.get_one(Epoch, 1).value
        assert any(":terbatas:" in name for name in after.classes)


def test_every_act_leaves_the_columns_as_they_would_be_made_anew(office, sandbox):
    services, people = office.services, office.people

    def in_step():
        with services.db.read() as session:
            entries = session.scalars(sa.select(Entry)).all()
            assert entries
            for entry in entries:
                assert entry.copies == describe(session, entry.product_id)
            epochs = [entry.epoch for entry in entries]
            assert len(set(epochs)) == len(epochs)

    public_id = office.draft("budi", "Pelatihan")
    acts = (
        lambda: office.read_files(sandbox),
        lambda: office.say("budi", public_id, title="Judul", actions=("ran-pe/1.1.02", "ran-pe/2.1.01")),
        lambda: office.submit("budi", public_id),
        lambda: services.products.withdraw(people["budi"], public_id),
        lambda: office.submit("budi", public_id),
        lambda: services.review.send_back(people["dewi"], public_id, 2, "perbaiki"),
        lambda: office.submit("budi", public_id),
        lambda: services.review.approve(people["dewi"], public_id, 3),
        lambda: services.products.classify(people["budi"], public_id, "terbatas", "x"),
        lambda: services.products.add_version(people["budi"], public_id),
        lambda: services.products.discard(people["budi"], public_id),
        lambda: services.review.reopen(people["dewi"], public_id, "x"),
    )
    in_step()
    for act in acts:
        act()
        in_step()
    with services.db.read() as session:
        assert session.scalar(sa.select(Job.open).where(Job.kind == "titles"))


# -- what people write in a field filter --------------------------------------------------------------


def test_a_kl_is_found_by_code_name_alias_and_through_its_successor(site):
    with site.services.db.write() as session:
        old = session.get_one(Institution, site.institutions["kl-07"])
        new = Institution(code="kl-99", name="K/L Penerus", abbreviation="KLP")
        session.add(new)
        session.flush()
        old.successor_id = new.id
        session.add(InstitutionAlias(institution_id=old.id, alias="Badan Lama", key=fold("Badan Lama")))
    with site.services.db.read() as session:
        for said in ("kl-07", "k/l contoh 07", "badan lama", "badan-lama", "kl-99", "klp", "k/l penerus"):
            assert fields.codes(session, "kl", said) == ["kl-07", "kl-99"], said
        assert fields.codes(session, "kl", "kl-12") == ["kl-12"]
        assert fields.codes(session, "kl", "tidak ada") == ["tidak ada"]
    for said in ("kl:kl-07", 'kl:"badan lama"', "kl:klp", "kl:kl-99"):
        assert _found(site, "tia", f"{said} pelatihan")[0] == [site.public_id], said
    assert _found(site, "tia", "kl:kl-12 pelatihan")[0] == []


def test_a_pokja_is_found_by_its_number_as_the_help_page_says_whatever_its_code(site):
    with site.services.db.write() as session:
        session.get_one(Pokja, site.pokjas["2"]).code = "pokja-2"  # as an import names it
    with site.services.db.read() as session:
        for said in ("2", "ii", "pokja-2", "pokja 2"):
            assert fields.codes(session, "pokja", said) == ["pokja-2"], said
        assert fields.codes(session, "pokja", "1") == ["1"]
        assert fields.codes(session, "pokja", "3") == ["3"]


@pytest.mark.parametrize(
    ("text", "finds"),
    [
        ("pilar:1", True),
        ("pilar:i", True),
        ("pilar:2", False),
        ("aksi:1.1.01", True),
        ("status:disetujui", True),
        ("status:approved", True),
        ("status:draf", False),
        ("tahun:2023", True),
        ("tahun:2022", False),
        ("klasifikasi:internal", True),
        ("klasifikasi:restricted", False),
        ("periode:2023-01-10", True),
        ("judul:guru", True),
        ("judul:dosen", False),
        ("pelatihan -guru", False),
    ],
)
def test_field_filters(site, text, finds):
    assert bool(_found(site, "tia", text)[0]) is finds
