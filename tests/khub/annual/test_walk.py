from khub.annual import compose, document


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
    assert not trouble.broken and not trouble.blocked
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
