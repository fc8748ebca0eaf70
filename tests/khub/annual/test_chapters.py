"""The chapters of a report, as the document and as pages; how many statements a page takes."""

from __future__ import annotations

import sqlalchemy as sa

from khub.annual import compose, document, tokens
from tests.khub.annual.conftest import WORDS


def test_a_report_starts_with_chapters_of_the_plan_and_live_figures(desk):
    with desk.office.services.db.read() as session:
        made, trouble = compose.document(session, compose.load(session, desk.public_id))
    assert [part.heading for part in made.sections if part.level < 3] == [
        "Bab I Pendahuluan",
        "Bab II Capaian",
        "II.1 Komitmen",
        "II.2 Pilar 1 Pilar contoh 1",
        "II.3 Pilar 2 Pilar contoh 2",
        "Bab III Kendala dan tindak lanjut",
        "Bab IV Rekomendasi",
        "Lampiran",
    ]
    text = "\n".join(block.text for part in made.sections for block in part.blocks)
    assert "sebanyak 1 dari 4 aksi berkomitmen (25 persen): 1 dari 2 aksi (50 persen) pada Pilar 1" in text
    assert "K/L yang terlibat mencapai 1 dari 2." in text
    assert not trouble.broken
    assert not trouble.blocked
    assert document.parse(document.canonical(made)) == made


def test_every_page_of_a_report_opens(desk):
    dewi = desk.office.browser("dewi")
    first = desk.paragraphs("komitmen")[0]
    for path in (
        "",
        "?bagian=capaian",
        "?bagian=fokus-1.1",
        "?bagian=lampiran",
        f"?bagian=capaian&ubah={first.id}",
        "/masukan",
        f"/paragraf/{first.id}/riwayat",
        "/bekukan",
        "/ekspor",
    ):
        answer = dewi.get(desk.path(path))
        assert answer.status_code == 200, (path, answer.text)
    assert dewi.get("/laporan-pelaksanaan").status_code == 200


def test_a_token_that_names_nothing_shows_as_written_and_keeps_the_report_back(desk):
    desk.write("rekomendasi", "Angka {{angka:tidak-ada}} dan {{tabel:tidak-ada}}.")
    with desk.office.services.db.read() as session:
        made, trouble = compose.document(session, compose.load(session, desk.public_id))
    assert "Angka {{angka:tidak-ada}} dan {{tabel:tidak-ada}}." in [
        block.text for part in made.sections for block in part.blocks
    ]
    assert [raw for _, _, raw in trouble.broken] == ["{{angka:tidak-ada}}", "{{tabel:tidak-ada}}"]


def test_tables_agree_with_the_numbers_and_are_numbered_by_chapter(desk):
    with desk.office.services.db.read() as session:
        made, _ = compose.document(session, compose.load(session, desk.public_id))
    tables = {table.token: table for table in made.tables()}
    committed = tables["{{tabel:komitmen-per-pilar}}"]
    assert committed.number == "2.1"
    assert committed.rows == (
        ("1 Pilar contoh 1", "2", "1", "50\u00a0%"),
        ("2 Pilar contoh 2", "2", "0", "0\u00a0%"),
    )
    assert committed.foot == ("Jumlah", "4", "1", "25\u00a0%")
    assert tables["{{tabel:kl-terlibat}}"].foot[-1] == "1 dari 2"
    assert [t.number for t in made.tables()][-4:] == ["L.1", "L.2", "L.3", "L.4"]


def test_a_page_takes_a_bounded_number_of_statements(desk, sandbox):
    """As many with forty paragraphs and citations as with none."""
    _, file = desk.product(sandbox=sandbox)
    dewi = desk.office.browser("dewi")

    def statements(path):
        seen = []

        def count(*args):
            seen.append(args[2])

        engine = desk.office.services.db.engine
        sa.event.listen(engine, "before_cursor_execute", count)
        assert dewi.get(desk.path(path)).status_code == 200
        sa.event.remove(engine, "before_cursor_execute", count)
        return len(seen)

    def cited(text):
        key = desk.annual.cite_page(desk.who("dewi"), desk.public_id, file, 1, WORDS)
        desk.write("rekomendasi", f"{text} {tokens.citation(key)}")

    cited("Satu")
    few = statements("?bagian=rekomendasi")
    for number in range(20):
        cited(f"Paragraf {number}, 3 dari 4 aksi.")
    assert statements("?bagian=rekomendasi") == few
    assert few <= 55


def test_words_typed_by_people_are_shown_as_words(desk):
    desk.write("rekomendasi", "<script>alert(1)</script> & [[kutipan:99]]")
    page = desk.office.browser("dewi").get(desk.path("?bagian=rekomendasi"))
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text
