"""What is kept, told, picked and quoted is the same in two worlds for who may not read the secrets of one."""

from __future__ import annotations

import io
import zipfile

import openpyxl

from khub.picks.queries import chapters
from khub.saved.terms import View
from tests.khub.conftest import PLAN
from tests.khub.worlds import SECRET, add_more, masked


def _kept_and_picked(world, login):
    """What ``login`` is answered while he keeps searches, is told of new hits, picks and takes out."""
    office, own = world.office, {name: public for public, name in world.names.items()}
    services, actor = office.services, office.people[login]
    said = []

    def note(answer):
        with answer:
            text = answer.text if answer.mimetype.startswith("text/") else answer.data.decode("latin-1")
            said.append((answer.status_code, answer.headers.get("Location"), masked(world, text)))

    kept = []
    for number, query in enumerate(("pelatihan", f"{SECRET} OR laporan", SECRET)):
        pairs = [("q", query), ("kl", "kl-12")] if number % 2 else [("q", query), ("versi", "semua")]
        kept.append(services.saved.create(actor, f"Simpanan {number}", pairs, alert="now"))
        world.names[kept[-1]] = f"<simpanan {login} {number}>"
    feeds = [services.saved.open_feed(actor, public_id) for public_id in kept]
    office.clock.forward(minutes=40)  # another visit
    add_more(world, login)
    browser = office.browser(login)
    browser.get("/akun")
    while services.matching.tick():  # each ends after a third of a second
        pass
    for public_id, token in zip(kept, feeds, strict=True):
        note(browser.client.get(f"/umpan/{token}/pencarian.atom"))
        note(browser.get(f"/pencarian-tersimpan/{public_id}?tampil=baru"))
    note(browser.get("/pencarian-tersimpan"))
    for public_id in kept:
        for view in ("", "belum", "relevan", "tidak"):
            note(browser.get(f"/pencarian-tersimpan/{public_id}?tampil={view}"))
        note(browser.get(f"/pencarian-tersimpan/{public_id}?hlm=2"))
    shown = [public for name, public in own.items() if name.startswith(("<Terbuka", "<Berversi", "<Rahasia"))]
    note(browser.post("/pilihan", tampak=shown, pilih=shown, kueri="pelatihan"))
    for path in ("/pilihan", "/pilihan?hlm=2", "/pilihan/daftar.csv", "/pilihan/kutip", f"/cari?q={SECRET}"):
        note(browser.get(path))
    book = browser.client.get("/pilihan/daftar.xlsx").data
    rows = openpyxl.load_workbook(io.BytesIO(book)).active.iter_rows(values_only=True)
    said.append([masked(world, repr(row)) for row in rows])
    with zipfile.ZipFile(io.BytesIO(browser.client.get("/pilihan/berkas.zip").data)) as archive:
        said.append([(masked(world, name), archive.read(name)) for name in archive.namelist()[:-1]])
    note(browser.post("/pilihan", tampak=shown, pilih=shown[:1]))
    return said


def test_what_is_kept_told_picked_and_taken_out_is_the_same(worlds):
    """Saved searches with their feeds and news, and a selection with its lists, archive and quotes."""
    for login in ("budi", "nina"):
        one, two = (_kept_and_picked(world, login) for world in worlds)
        for number, (without, beside) in enumerate(zip(one, two, strict=True)):
            assert without == beside, (login, number)
        assert sum(isinstance(each, tuple) and each[0] == 200 for each in two) > 20
        assert any(f"<Terbuka sesudah {login}>" in str(each) for each in two[:2])
        assert any("Terbuka 0.txt" in str(each) for each in two[-2])


def _quoted(world):
    """What the Sekretariat is answered while it quotes what it picked in the annual report."""
    office, own = world.office, {name: public for public, name in world.names.items()}
    services, dewi = office.services, office.people["dewi"]
    report = services.annual.create(dewi, PLAN, 2023)
    world.names[report] = "<laporan>"
    browser = office.browser("dewi")
    browser.post("/pilihan/kosongkan")
    queries = ("pelatihan", f"{SECRET} guru", '"pelatihan guru" OR modul', SECRET, "zamrud* toleransi", "")
    titles = ("Terbuka 0", "Terbuka 1", "Berversi", "Terbuka 3", "Terbuka 4", "Terbuka 5")
    for query, title in zip(queries, titles, strict=True):
        product = own[f"<{title}>"]
        browser.post("/pilihan", tampak=[product], pilih=[product], kueri=query)
    said = [browser.get(path) for path in ("/pilihan", "/pilihan/kutip", "/pilihan/kutip?hlm=2")]
    _, rows = services.picks.suggestions(dewi, 1)
    rows = [row for row in rows if row.page]
    with services.db.read() as session:
        chapter = chapters(session, dewi)[0][0]
    form = {"pilih": [row.product for row in rows]}
    for row in rows:
        form |= {f"berkas-{row.product}": row.file, f"hlm-{row.product}": row.page}
        form |= {f"v-{row.product}": row.version, f"c-{row.product}": row.snapshot}
        form |= {f"quote-{row.product}": row.quote, f"reason-{row.product}": "perlu"}
    changed = {f"quote-{rows[0].product}": f"kata yang tidak ada {SECRET}"}
    said.append(browser.post("/pilihan/kutip", **form))  # no chapter
    said.append(browser.post("/pilihan/kutip", **form, bab=chapter))
    said.append(browser.get(f"/laporan-pelaksanaan/{chapter.replace('/', '?bagian=')}"))
    said.append(browser.post("/pilihan/kutip", **form | changed, bab=chapter))
    return [(answer.status_code, masked(world, answer.text)) for answer in said]


def test_who_compiles_is_put_forward_and_quotes_the_same(unfinished):
    """Drafts and what was taken back count in nothing that the Sekretariat quotes from, either."""
    for act in (lambda world: _kept_and_picked(world, "dewi"), _quoted):
        one, two = (act(world) for world in unfinished)
        for number, (without, beside) in enumerate(zip(one, two, strict=True)):
            assert without == beside, number
    assert [status for status, _ in two] == [200, 200, 200, 422, 303, 200, 422]
    assert "<mark>" not in two[1][1]


def test_a_shared_search_tells_nothing_of_what_its_owner_found_and_ticked(worlds):
    """tia reads the secrets, and so do not those with whom she shares what she looks for."""
    answers = []
    for world in worlds:
        office, own = world.office, {name: public for public, name in world.names.items()}
        services, tia = office.services, office.people["tia"]
        share = f"pokja:{office.pokjas['1']}"
        public_id = services.saved.create(tia, "Bersama", [("q", "pelatihan")], share, "now")
        world.names[public_id] = "<bersama>"
        browser = office.browser("budi")
        browser.get(f"/pencarian-tersimpan/{public_id}")
        office.clock.forward(minutes=40)  # another visit
        add_more(world, "bersama")
        services.saved.open(tia, public_id, View.ALL, 1, 10)
        browser = office.browser("budi")
        own = {name: public for public, name in world.names.items()}
        secret = [public for name, public in own.items() if name.startswith("<Rahasia")]
        for product in (own["<Terbuka 0>"], *secret):
            services.saved.judge(tia, public_id, product, "ya")
        said = [
            browser.get(f"/pencarian-tersimpan/{public_id}?tampil={view}")
            for view in ("", "baru", "belum", "relevan", "tidak")
        ]
        said.append(browser.get("/pencarian-tersimpan"))
        said += [
            browser.post(f"/pencarian-tersimpan/{public_id}/nilai", nilai=f"{product} ya")
            for product in (secret or ["K-2222222"])[:1]
        ]
        answers.append([(answer.status_code, masked(world, answer.text)) for answer in said])
    assert answers[0] == answers[1]
    assert answers[1][-1][0] == 404
    assert "<Terbuka 0>" in answers[1][3][1]  # ticked, for all who share
