"""Reports, actions and K/L are found by what they say, by whoever may read them, and by nobody else."""

from __future__ import annotations

import html
import random
import re
import shutil

import pytest
import sqlalchemy as sa

from indexer.query import QueryError
from khub import doctor, running
from khub.clock import FixedClock
from khub.kinds import jobs, projection
from khub.plan.models import InstitutionAlias, Pokja
from khub.policy import SYSTEM, Grant, Role
from khub.search.indexing import heal
from khub.search.service import Request
from tests.conftest import NOW
from tests.khub.conftest import office as fresh_office
from tests.khub.reports.conftest import desk as fresh_desk

_LABELS = {"report": "/cari/laporan", "action": "/cari/aksi", "unit": "/cari/kl"}


def work(services):
    """Let the lane of the small index do what is due, and let searches see it at once."""
    services.kind_engine.fresh = 0
    (lane,) = (lane for lane in running.lanes(services) if jobs.REBUILD in lane.handlers)
    for _ in range(100):
        if not lane.step():
            break


def build(services):
    return jobs.RebuildKinds(
        services.db, services.clock, services.kind_writer, folder=services.settings.kind_index
    ).run()


def refs(office, login, kind, text, **filters):
    chosen = {name: frozenset(values) for name, values in filters.items()}
    answer = office.services.kinds.run(office.people[login], kind, Request(text, chosen))
    assert answer.total == len(answer.found)
    return [found.ref[0] if kind != "action" else found.ref[1] for found in answer.found]


@pytest.fixture
def built(desk):
    build(desk.office.services)
    return desk


def test_a_report_is_found_by_its_own_words_from_draft_to_decision(built):
    """Each act counts at once; new words as soon as the worker has put them into the index."""
    office = built.office
    services, people = office.services, office.people
    readers = ("budi", "tia", "kiki", "dewi", "sari", "yoga")

    def finders(text):
        work(services)
        return {login for login in readers if refs(office, login, "report", text)}

    report = built.save("budi", achievement="Guru dilatih memakai modul zamrud.")
    assert finders("zamrud") == {"budi"}
    built.submit("budi", report)
    assert finders("zamrud guru") == {"budi", "kiki", "dewi", "sari"}
    services.reports.withdraw(people["budi"], report)
    assert finders("zamrud") == {"budi", "sari"}
    built.save(
        "budi", achievement="Guru dilatih memakai modul pirus.", obstacles="Anggaran", no_obstacles=False
    )
    assert finders("pirus") == {"budi"}
    assert finders("zamrud") == {"sari"}  # what was taken back is the auditor's to read
    built.submit("budi", report)
    services.review.approve(people["dewi"], report, 2)
    assert finders("pirus") == {"budi", "tia", "kiki", "dewi", "sari"}
    assert refs(office, "tia", "report", "anggaran", status=["approved"], pilar=["1"]) == [report]
    assert refs(office, "tia", "report", "anggaran", pilar=["2"]) == []
    assert refs(office, "tia", "report", "aksi:1.1.01 kl:kl-07 tahun:2023 -zamrud") == [report]
    (found,) = services.kinds.run(people["tia"], "report", Request("anggaran")).found
    assert [part.number for part in found.parts] == [2]
    page = office.browser("tia").get("/cari/laporan?q=pirus").text
    assert "<mark>pirus</mark>" in page
    assert f"/laporan-aksi/{report}?c=2" in page
    # The draft is handed in: what nobody finds any more does not stay in the index either.
    (index,) = (found for found in doctor.examine(services) if found.name.startswith("index of reports"))
    assert index.good, index.text


def test_actions_and_units_are_found_under_every_name_and_follow_the_catalogue(built):
    office = built.office
    with office.services.db.write() as session:
        session.add(
            InstitutionAlias(
                institution_id=office.institutions["kl-12"], alias="Badan Lama", key="badan lama"
            )
        )
        projection.catalogue_changed(session, office.clock.now())
    work(office.services)
    assert refs(office, "tia", "unit", "badan lama") == ["kl-12"]
    assert refs(office, "tia", "unit", "contoh -lama") == ["kl-07"]
    assert refs(office, "tia", "action", "1.1.02") == ["1.1.02"]
    assert sorted(refs(office, "tia", "action", "guru terlatih", pilar=["2"])) == ["2.1.01", "2.1.02"]
    assert sorted(refs(office, "tia", "action", "kl:kl-07 aksi:1.1.01")) == ["1.1.01"]
    browser = office.browser("tia")
    assert "/kl/kl-12" in browser.get("/cari/kl?q=badan").text
    assert "<mark>guru</mark>" in browser.get("/cari/aksi?q=guru").text.lower()


def test_tabs_count_what_their_pages_hold(built, sandbox):
    office = built.office
    public_id = office.hand_in("tia", "Contoh modul", content=b"Contoh anggaran.\n")
    office.read_files(sandbox)
    office.services.index_writer.replace_file(1, [])
    from khub.search.indexing import Rebuild  # noqa: PLC0415 - only here

    Rebuild(office.services.db, office.services.index_writer, lambda *_: None).run()
    built.submit("budi", built.save("budi", achievement="Contoh anggaran."))
    work(office.services)
    for login, text in (
        ("dewi", "contoh"),
        ("dewi", "anggaran"),
        ("budi", "contoh&pilar=1"),
        ("tia", "contoh"),
    ):
        browser = office.browser(login)
        told = [tabs(browser.get(f"{path}?q={text}").text) for path in ("/cari", *_LABELS.values())]
        assert told.count(told[0]) == len(told), (login, text)
        for path, count in told[0].items():
            page = browser.get(f"{path}?q={text}").text
            assert page.count("<li><div>\n        <h2") + page.count('name="pilih"') == count, (
                path,
                login,
                text,
            )
    assert tabs(office.browser("dewi").get("/cari?q=anggaran").text) == {
        "/cari": 1,
        "/cari/laporan": 1,
        "/cari/aksi": 0,
        "/cari/kl": 0,
    }
    assert public_id in office.browser("dewi").get("/cari?q=anggaran").text


def tabs(page):
    found = re.findall(r'<li><a href="(/cari[^?"]*)[^>]*>[^<]*<span class="n">(\d+)</span>', page)
    return {path: int(count) for path, count in found}


def test_hostile_and_early_questions_are_answered(desk):
    office = desk.office
    heal(office.services.db, office.clock, jobs.REBUILD)
    tia = office.browser("tia")
    for path in _LABELS.values():
        assert tia.get(f"{path}?q=contoh").status_code == 503
    assert tia.get("/cari?q=contoh").status_code in (200, 503)
    work(office.services)
    for path in _LABELS.values():
        assert tia.get(f"{path}?q=(contoh").status_code == 400
        assert tia.get(f"{path}?q=contoh&tanggal=x").status_code == 400
        assert tia.get(f"{path}?q=contoh&hlm=900").status_code in (200, 404)
        assert tia.get(f"{path}?q=contoh&hlm=x").status_code == 422
        assert tia.get(f"{path}?pilar=9&q=%22%22").status_code in (200, 400)
        assert tia.get(f"{path}").status_code == 200


def test_a_missing_index_is_built_anew_by_the_worker(built):
    office = built.office
    services = office.services
    report = built.save("budi", achievement="Zamrud.")
    work(services)
    services.kind_writer.close()
    shutil.rmtree(services.settings.kind_index)
    built.save("budi", achievement="Zamrud pirus.")
    work(services)
    assert refs(office, "budi", "report", "pirus zamrud") == [report]
    with services.db.read() as session:
        assert all(not projection.stale(session, kind) for kind in projection.KINDS)


# -- two worlds ------------------------------------------------------------------------------------

_WORDS = ("guru", "modul", "anggaran", "pelatihan", "desa", "saksi", "koordinasi", "dilatih")


def tell(desk, *, secrets):
    """Tell the same story twice; ``secrets`` are reports that neither koko nor tia may read."""
    office = desk.office
    office.hire("koko", Grant(Role.CHAIR, None, office.pokjas["2"]))
    rng, hidden = random.Random(1), random.Random(2)  # noqa: S311 - the same worlds each time

    def say(source, *more):
        return " ".join([*source.choices(_WORDS, k=20), *more])

    for action, unit, login in (("1.1.01", "kl-07", "budi"), ("1.1.02", "kl-12", "tia")):
        report = desk.save(
            login, action, {"unit": unit}, achievement=say(rng), obstacles=say(rng), no_obstacles=False
        )
        if login == "budi":
            desk.submit(login, report)
            office.services.review.approve(office.people["dewi"], report, 1)
    if secrets:
        report = desk.save("budi", "1.1.02", achievement=say(hidden, "zamrud", "guru", "guru"))
        desk.submit("budi", report)
        office.services.reports.withdraw(office.people["budi"], report)
    build(office.services)
    return office


def test_a_kind_that_holds_nothing_says_what_else_to_ask_of_it(built):
    office = built.office
    report = built.save("budi", achievement="Koordinasi BNPT dengan guru memakai modul zamrud.")
    built.submit("budi", report)
    work(office.services)
    browser = office.browser("budi")
    page = browser.get("/cari/laporan?q=%2Bzamrut+%2Bmodul").text
    offered = re.search(r'Mungkin maksud Anda</b> <a href="(/cari/laporan[^"]+)">[^<]*zamrud[^<]*</a>', page)
    assert offered
    assert "1 hasil" in page
    assert report in browser.get(html.unescape(offered[1])).text
    page = browser.get("/cari/laporan?q=guru&pilar=2").text
    assert re.search(r'Akan ada hasil</b> <a href="/cari/laporan\?q=guru">tanpa saringan Pilar</a>', page)
    assert ">BNPT</a>" in browser.get("/cari/laporan?q=BNTP").text
    # What nobody else may read is no advice for them, and what finds enough needs none.
    assert "zamrud" not in office.browser("tia").get("/cari/laporan?q=zamrut").text
    assert "Mungkin maksud Anda" not in browser.get("/cari/aksi?q=aksi").text


def test_a_kind_says_which_other_forms_are_joined_and_searches_without_them(built):
    office = built.office
    office.services.synonyms.start(SYSTEM)
    browser = office.browser("budi")
    page = browser.get("/cari/aksi?q=daring").text
    alone = re.search(r'<a href="(/cari/aksi[^"]+)">tanpa sinonim</a>', page)
    assert "termasuk: " in page
    assert alone
    assert "Sinonim tidak disertakan" in browser.get(html.unescape(alone[1])).text


@pytest.fixture
def worlds(desk, tmp_path):
    from khub import migrations, wiring  # noqa: PLC0415 - the second installation
    from khub.app import create_app  # noqa: PLC0415
    from khub.settings import load  # noqa: PLC0415

    folder = tmp_path / "dua"
    settings = load({}, mode="test", data=folder / "data", uploads=folder / "uploads")
    clock = FixedClock(NOW)
    services = wiring.build(settings, clock)
    migrations.upgrade(services.db)
    other = fresh_desk.__wrapped__(fresh_office.__wrapped__(services, create_app(settings, services), clock))
    yield tell(desk, secrets=False), tell(other, secrets=True)
    services.close()


def query(rng):
    words = rng.choices(
        (*_WORDS, "zamrud", "mod*", "-guru", '"guru modul"', "status:draf", "pilar:1"), k=rng.randint(1, 4)
    )
    return rng.choice((" ", " OR ")).join(words)


def test_who_may_not_read_a_report_is_answered_as_if_it_were_not_there(worlds):
    rng, found = random.Random(3), 0  # noqa: S311 - the same queries each time
    for _ in range(60):
        text, login = query(rng), rng.choice(("tia", "koko"))
        answers = []
        for office in worlds:
            try:
                answer = office.services.kinds.run(office.people[login], "report", Request(text))
            except QueryError as error:
                answers.append(error.code)
                continue
            found += answer.total
            shown = [(each.title, each.parts, each.state, each.period) for each in answer.found]
            with office.services.db.read() as session:
                counts = office.services.kinds.counts(
                    session, office.people[login], Request(text), {"document": 0}
                )
            answers.append((answer.total, answer.facets, shown, counts))
        assert answers[0] == answers[1], (login, text)
    assert found > 30
    seen = [len(refs(office, "budi", "report", "zamrud")) for office in worlds]
    assert seen == [0, 1]
    assert len(worlds[0].pokjas) == 2
    with worlds[1].services.db.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Pokja)) == 2
