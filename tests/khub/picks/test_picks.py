"""A selection over pages and sign-ins: what it holds is what its person may read now, whatever is made of it."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile

import openpyxl
import pytest
import sqlalchemy as sa

from khub.annual.models import AnnualCitation, AnnualParagraph
from khub.audit.models import Event
from khub.errors import InvalidError
from khub.picks import queries
from khub.picks import service as picks_service
from khub.picks.archive import MANIFEST, BrokenFileError, named, safe
from khub.picks.queries import PickedFile
from khub.picks.service import Quote
from khub.plan.models import Action
from khub.products import ids
from khub.products.uploads import Place
from khub.search.indexing import Rebuild
from tests.khub.conftest import PERIOD, PLAN


@pytest.fixture
def shelf(office, sandbox):
    """The office with three approved keluaran, one *terbatas*; ``ids`` by title."""
    office.ids = {}
    for title, kind in (
        ("=Pelatihan satu", "internal"),
        ("Pelatihan dua", "terbuka"),
        ("Rahasia", "terbatas"),
    ):
        public_id = office.draft("budi", title, content=f"{title}\n\nPelatihan guru di dua kota.\n".encode())
        office.say("budi", public_id, classification=kind)
        office.submit("budi", public_id)
        office.services.review.approve(office.people["dewi"], public_id, 1)
        office.ids[title] = public_id
    office.read_files(sandbox)
    Rebuild(office.services.db, office.services.index_writer, lambda *_: None).run()
    office.services.index_writer.close()
    return office


def pick(office, login, titles, **more):
    browser = office.browser(login)
    answer = browser.post(
        "/pilihan", tampak=list(office.ids.values()), pilih=[office.ids[t] for t in titles], **more
    )
    assert answer.status_code == 303
    return browser


def test_a_selection_survives_pages_and_sign_ins_and_follows_rights(shelf):
    pick(shelf, "tia", ["=Pelatihan satu", "Rahasia"])
    shelf.browser("tia").post(
        "/pilihan", tampak=[shelf.ids["Pelatihan dua"]], pilih=[shelf.ids["Pelatihan dua"]]
    )
    browser = shelf.browser("tia")  # signed in again
    page = browser.get("/pilihan").text
    assert shelf.ids["Rahasia"] not in page  # never hers to pick
    assert "<b data-jumlah>2</b>" in browser.get("/cari?q=pelatihan").text
    shelf.services.products.classify(
        shelf.people["dewi"], shelf.ids["Pelatihan dua"], "terbatas", "memuat nama"
    )
    assert "<b data-jumlah>1</b>" in browser.get("/cari?q=pelatihan").text
    assert shelf.ids["Pelatihan dua"] not in browser.get("/pilihan").text
    assert shelf.ids["Pelatihan dua"] not in browser.get("/pilihan/daftar.csv").text
    assert browser.post("/pilihan/kosongkan").status_code == 303
    assert "Belum ada yang dipilih" in browser.get("/pilihan").text
    assert browser.get("/pilihan/berkas.zip").status_code == 422


def test_the_archive_holds_the_files_as_received_and_each_download_is_recorded(shelf):
    browser = pick(shelf, "tia", ["=Pelatihan satu", "Pelatihan dua"])
    data = browser.client.get("/pilihan/berkas.zip").data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        lines = archive.read(MANIFEST).decode().splitlines()
        assert len(lines) == 2
        for line in lines:
            digest, _, name = line.partition(" *")
            assert hashlib.sha256(archive.read(name)).hexdigest() == digest
            assert name.startswith("K-")
    with shelf.services.db.read() as session:
        events = session.scalars(sa.select(Event).where(Event.act == "file.downloaded")).all()
    assert {event.object_id for event in events} == {
        shelf.ids["=Pelatihan satu"],
        shelf.ids["Pelatihan dua"],
    }


def test_an_archive_that_is_too_large_or_whose_bytes_changed_is_not_sent(shelf, monkeypatch):
    browser = pick(shelf, "tia", ["Pelatihan dua"])
    with monkeypatch.context() as patch:
        patch.setattr(picks_service, "LARGEST", 10)
        answer = browser.get("/pilihan/berkas.zip")
        assert answer.status_code == 422
        assert "bertahap" in answer.text
    parts = shelf.services.picks.archive(shelf.people["tia"])
    with shelf.services.db.read() as session:
        from khub.picks import queries  # noqa: PLC0415

        (file,) = queries.archived(session, shelf.people["tia"])
    path = shelf.services.storage.path(file.sha256)
    path.chmod(0o600)
    path.write_bytes(b"lain")
    with pytest.raises(BrokenFileError):
        b"".join(parts)


def test_names_in_the_archive_are_safe_everywhere():
    for name in (
        "../../etc/passwd",
        "C:\\x.pdf",
        "con.txt",
        " .hidden",
        "a\x00b\u202e.pdf",
        "",
        "..",
        "x" * 300 + ".pdf",
    ):
        plain = safe(name)
        assert plain
        assert not set(plain) & set('<>:"/\\|?*\x00\u202e')
        assert len(plain) < 140
        assert not plain.startswith((".", " ")), plain
    twice = [
        PickedFile("K-1", 1, f"B-{n}", name, "", 0) for n, name in enumerate(("A.pdf", "a.pdf", "a.pdf"))
    ]
    assert len({name.casefold() for name in named(twice)}) == 3


def test_no_cell_of_the_lists_is_a_formula(shelf):
    browser = pick(shelf, "tia", ["=Pelatihan satu", "Pelatihan dua"])
    rows = list(csv.reader(io.StringIO(browser.get("/pilihan/daftar.csv").data.decode("utf-8-sig"))))
    assert [row[1] for row in rows[1:]] == ["'=Pelatihan satu", "Pelatihan dua"]
    assert [row[rows[0].index("Tanggal")] for row in rows[1:]] == ["2023-10-09", "2023-10-09"]  # sorts
    book = openpyxl.load_workbook(io.BytesIO(browser.client.get("/pilihan/daftar.xlsx").data))
    cell = book.active["B2"]
    assert (cell.value, cell.data_type) == ("=Pelatihan satu", "s")
    head = [cell.value for cell in book.active[1]]
    counts = [book.active.cell(2, head.index(name) + 1) for name in ("Berkas", "Halaman")]
    assert [cell.data_type for cell in counts] == ["n", "n"]  # which can be added up


def test_picks_become_citations_in_a_chapter_by_the_reports_own_rules(shelf):
    services, dewi = shelf.services, shelf.people["dewi"]
    report = services.annual.create(dewi, "ran-pe", 2023)
    browser = pick(shelf, "dewi", ["Pelatihan dua", "Rahasia"], kueri="guru")
    page = browser.get("/pilihan/kutip").text
    assert "Pelatihan guru di dua kota." in page
    assert f'value="{report}/' in page
    chapter = page.split(f'value="{report}/')[1].split('"')[0]
    _, rows = services.picks.suggestions(dewi, 1)
    quotes = [
        Quote(row.product, row.file, row.page, row.version, row.snapshot, row.quote, "") for row in rows
    ]
    with pytest.raises(InvalidError) as refused:  # terbatas needs a reason; the other stands
        services.picks.cite(dewi, f"{report}/{chapter}", quotes)
    assert [error.name for error in refused.value.errors] == [f"reason-{shelf.ids['Rahasia']}"]
    with services.db.read() as session:
        (cited,) = session.scalars(sa.select(AnnualCitation)).all()
        texts = session.scalars(sa.select(AnnualParagraph.text)).all()
    assert any(f"[[kutipan:{cited.key}]]" in text for text in texts)
    assert shelf.browser("tia").get("/pilihan/kutip").status_code == 403
    with pytest.raises(InvalidError):
        services.picks.cite(dewi, f"{report}/tidak-ada", quotes)


def test_a_sheet_is_quoted_as_a_sheet(office, sandbox):
    """ "hlm. Rekap Guru" is found by nobody in a workbook."""
    services, dewi = office.services, office.people["dewi"]
    book = openpyxl.Workbook()
    book.active.title = "Rekap Guru"
    book.active.append(["Guru yang dilatih", "1.250 orang"])
    out = io.BytesIO()
    book.save(out)
    place = Place(batch=ids.batch_token(), action=f"{PLAN}/1.1.01", period=f"{PLAN}/{PERIOD}")
    product = services.uploads.receive(
        office.people["budi"], io.BytesIO(out.getvalue()), "Rekap.xlsx", place
    ).product
    office.submit("budi", product)
    office.read_files(sandbox)
    services.review.approve(dewi, product, 1)
    office.ids = {"Rekap": product}
    report = services.annual.create(dewi, PLAN, 2023)
    assert "lembar Rekap Guru" in pick(office, "dewi", ["Rekap"]).get("/pilihan/kutip").text
    _, (row,) = services.picks.suggestions(dewi, 1)
    with services.db.read() as session:
        chapter = queries.chapters(session, dewi)[0][0]
    services.picks.cite(
        dewi,
        chapter,
        [Quote(row.product, row.file, row.page, row.version, row.snapshot, row.quote, "")],
    )
    assert (
        "lembar Rekap Guru"
        in office.browser("dewi").get(f"/laporan-pelaksanaan/{report}?bagian={chapter.split('/')[1]}").text
    )


def test_the_chapters_to_quote_in_are_those_of_the_plan_as_it_is_now(shelf):
    services, dewi = shelf.services, shelf.people["dewi"]
    report = services.annual.create(dewi, "ran-pe", 2023)
    with services.db.write() as session:
        session.execute(sa.update(Action).where(Action.code == "1.1.01").values(code="1.1.77"))
    pick(shelf, "dewi", ["Pelatihan dua"], kueri="guru")
    with services.db.read() as session:
        offered = dict(queries.chapters(session, dewi))
    assert f"{report}/aksi-1.1.77" in offered
    assert f"{report}/aksi-1.1.01" not in offered
    row = services.picks.suggestions(dewi, 1)[1][0]
    quote = Quote(row.product, row.file, row.page, row.version, row.snapshot, row.quote, "")
    assert services.picks.cite(dewi, f"{report}/aksi-1.1.77", [quote]) == 1
