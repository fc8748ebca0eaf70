"""Citations: exact snapshot, page and words; re-checked; nothing terbatas without a choice on record."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa

from khub.annual import citations, compose
from khub.annual.citations import Standing
from khub.annual.tokens import citation
from khub.audit.models import Event
from khub.errors import ConflictError, InvalidError, NotFoundError
from khub.products import ids
from khub.products.jobs import pack
from khub.products.models import Page
from khub.products.uploads import Place
from tests.khub.annual.conftest import WORDS


def standing(desk, login="dewi"):
    with desk.office.services.db.read() as session:
        report = compose.load(session, desk.public_id).report
        return citations.load(session, desk.who(login), report.id)


def cite(desk, file, **more):
    return desk.annual.cite_page(desk.who("dewi"), desk.public_id, file, 1, WORDS, **more)


def test_a_citation_names_snapshot_page_and_hash(desk, sandbox):
    product, file = desk.product(sandbox=sandbox)
    key = cite(desk, file)
    made = standing(desk)[key]
    assert (made.product, made.version, made.snapshot, made.page) == (product, 1, 1, 1)
    assert made.standing is Standing.OK
    assert len(made.sha256) == 64


@pytest.mark.parametrize("words", ["Mampu menyebut  ulang\npendapat", "MAMPU menyebut ulang"])
def test_words_are_found_whatever_their_spaces_and_case(desk, sandbox, words):
    _, file = desk.product(sandbox=sandbox)
    desk.annual.cite_page(desk.who("dewi"), desk.public_id, file, 1, words)


def test_words_that_are_not_on_the_page_are_refused(desk, sandbox):
    _, file = desk.product(sandbox=sandbox)
    for words in ("kata lain sama sekali", "", "   "):
        with pytest.raises(InvalidError):
            desk.annual.cite_page(desk.who("dewi"), desk.public_id, file, 1, words)
    with pytest.raises(NotFoundError):
        desk.annual.cite_page(desk.who("dewi"), desk.public_id, file, 9, WORDS)


def test_numbers_follow_the_order_of_appearance(desk, sandbox):
    _, file = desk.product(sandbox=sandbox)
    first, second = cite(desk, file), cite(desk, file)
    desk.write("rekomendasi", f"Akhir {citation(first)}.")
    desk.write("pendahuluan", f"Awal {citation(second)} lagi {citation(second)}.")
    with desk.office.services.db.read() as session:
        made, _ = compose.document(session, compose.load(session, desk.public_id))
    texts = [block.text for part in made.sections for block in part.blocks]
    assert "Awal [1] lagi [1]." in texts
    assert "Akhir [2]." in texts
    assert [reference.number for reference in made.references] == [1, 2]


def test_a_newer_approved_version_is_told_and_one_that_waits(desk, sandbox):
    office = desk.office
    product, file = desk.product(sandbox=sandbox)
    key = cite(desk, file)
    office.services.products.add_version(desk.who("budi"), product)
    office.services.uploads.receive(
        desk.who("budi"),
        io.BytesIO(b"Versi baru.\n"),
        "v2.txt",
        Place(batch=ids.batch_token(), product=product),
    )
    office.submit("budi", product)
    assert standing(desk)[key].standing is Standing.PENDING
    office.services.review.approve(desk.who("dewi"), product, 1, version=2)
    made = standing(desk)[key]
    assert (made.standing, made.newer) == (Standing.SUPERSEDED, 2)


def test_words_that_are_no_longer_there_are_told(desk, sandbox):
    _, file = desk.product(sandbox=sandbox)
    key = cite(desk, file)
    with desk.office.services.db.write() as session:
        session.scalars(sa.select(Page)).first().text = pack("Halaman dibaca ulang.")
    assert standing(desk)[key].standing is Standing.GONE


def test_a_source_that_becomes_terbatas_blocks_until_somebody_chooses(desk, sandbox):
    product, file = desk.product(sandbox=sandbox)
    key = cite(desk, file)
    desk.write("rekomendasi", f"Kata {citation(key)}.")
    desk.annual.freeze(desk.who("dewi"), desk.public_id)
    desk.office.services.products.classify(desk.who("budi"), product, "terbatas", "memuat nama")
    made = standing(desk)[key]
    assert (made.standing, made.blocked) == (Standing.RESTRICTED, True)
    with pytest.raises(InvalidError):
        desk.annual.freeze(desk.who("dewi"), desk.public_id)
    with pytest.raises(InvalidError):
        desk.annual.allow(desk.who("dewi"), desk.public_id, key, "")
    desk.annual.allow(desk.who("dewi"), desk.public_id, key, "Sudah disetujui K/L pemilik.")
    assert desk.annual.freeze(desk.who("dewi"), desk.public_id) == 2
    with desk.office.services.db.read() as session:
        event = session.scalars(sa.select(Event).where(Event.act == "annual.citation-allowed")).one()
    assert event.reason == "Sudah disetujui K/L pemilik."


def test_quoting_what_not_everybody_reads_asks_for_a_reason(desk, sandbox):
    _, secret = desk.product("Data Nama", sandbox=sandbox, classification="terbatas")
    _, waiting = desk.product("Modul Baru", sandbox=sandbox, approve=False)
    for file in (secret, waiting):
        with pytest.raises(InvalidError):
            cite(desk, file)
        key = cite(desk, file, reason="Perlu untuk bab ini.")
        assert not standing(desk)[key].blocked


def test_what_the_reader_may_not_read_is_left_blank(desk, sandbox):
    _, secret = desk.product("Data Nama", sandbox=sandbox, classification="terbatas")
    key = cite(desk, secret, reason="Perlu.")
    other = standing(desk, "tia")[key]
    assert not other.visible
    assert (other.quote, other.title, other.product, other.allowed_reason) == ("", "", "", "")


def test_a_draft_file_cannot_be_quoted(desk, sandbox):
    public_id = desk.office.draft("budi", "Draf", content=f"{WORDS}\n".encode())
    desk.office.read_files(sandbox)
    from khub.products.models import File  # noqa: PLC0415 - only here

    with desk.office.services.db.read() as session:
        file = session.scalars(sa.select(File.public_id).order_by(File.id.desc())).first()
    assert public_id
    with pytest.raises(NotFoundError):
        cite(desk, file)


def test_a_citation_is_dropped_only_while_nothing_uses_it(desk, sandbox):
    _, file = desk.product(sandbox=sandbox)
    key = cite(desk, file)
    paragraph = desk.write("rekomendasi", f"Kata {citation(key)}.")
    with pytest.raises(ConflictError):
        desk.annual.drop(desk.who("dewi"), desk.public_id, key)
    desk.annual.remove(desk.who("dewi"), desk.public_id, paragraph)
    desk.annual.drop(desk.who("dewi"), desk.public_id, key)
    assert standing(desk) == {}
    desk.write("rekomendasi", f"Kata {citation(key)}.")
    with pytest.raises(InvalidError):  # a mark without a citation
        desk.annual.freeze(desk.who("dewi"), desk.public_id)


def test_quote_stands_on_the_products_page_and_the_hit_page_for_the_secretariat(desk, sandbox):
    product, file = desk.product(sandbox=sandbox)
    dewi = desk.office.browser("dewi")
    link = f"/laporan-pelaksanaan/kutip?berkas={file}"
    for path in (f"/keluaran/{product}", f"/berkas/{file}/hlm/1"):
        assert link in dewi.get(path).text
        assert link not in desk.office.browser("budi").get(path).text
    assert WORDS in dewi.get(f"{link}&hlm=1").text
    refused = dewi.post(
        "/laporan-pelaksanaan/kutip", laporan=desk.public_id, berkas=file, hlm="1", quote="lain"
    )
    assert refused.status_code == 422
    assert "lain" in refused.text
    kept = dewi.post("/laporan-pelaksanaan/kutip", laporan=desk.public_id, berkas=file, hlm="1", quote=WORDS)
    assert kept.status_code == 303
    assert "[[kutipan:1]]" in dewi.get(kept.headers["Location"]).text
