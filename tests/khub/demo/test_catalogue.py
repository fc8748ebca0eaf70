"""The demo's figures follow from its rows, and nothing real is shown as having done something."""

import csv
from collections import defaultdict

from khub.demo import catalogue


def _table(year: int) -> list[dict[str, str]]:
    return [row for row in catalogue.rows() if str(year) in row["tahun"].split(";")]


def _committed() -> set[str]:
    return {row.action for row in catalogue.commitments() if row.answer == "ya"}


def test_79_actions_are_on_the_table_of_2023_in_three_pilar():
    table = _table(2023)
    assert [sum(row["pilar_kode"] == code for row in table) for code in "123"] == [50, 15, 14]
    assert len({row["aksi_kode"] for row in table}) == 79


def test_the_table_of_2022_is_smaller():
    assert 0 < len(_table(2022)) < 79


def test_64_actions_are_committed_41_12_and_11():
    assert [sum(code[0] == pilar for code in _committed()) for pilar in "123"] == [41, 12, 11]


def test_36_of_the_44_responsible_institutions_answered_yes():
    responsible = {name for row in _table(2023) for name in row["penanggung_jawab"].split(";")}
    assert responsible == {item.name for item in catalogue.institutions()}
    assert len(responsible) == 44
    assert len({row.institution for row in catalogue.commitments() if row.answer == "ya"}) == 36


def test_every_responsible_institution_has_one_commitment_row():
    expected = {
        (row["aksi_kode"], name) for row in _table(2023) for name in row["penanggung_jawab"].split(";")
    }
    pairs = [(row.action, row.institution) for row in catalogue.commitments()]
    assert set(pairs) == expected
    assert len(pairs) == len(expected)


def test_answers_are_recorded_in_2023_and_a_no_has_a_reason():
    for row in catalogue.commitments():
        if row.answer is None:
            assert row.recorded_at is None
        else:
            assert row.recorded_at is not None
            assert row.recorded_at.year == 2023
        assert bool(row.reason) is (row.answer == "tidak")


def test_rows_have_the_import_columns_with_one_to_three_responsible_and_one_to_four_outputs():
    for row in catalogue.rows():
        assert tuple(row) == catalogue.COLUMNS
        assert 1 <= len(row["penanggung_jawab"].split(";")) <= 3
        assert 1 <= len(row["keluaran"].split(";")) <= 4
        assert row["ukuran_keberhasilan"].startswith("Contoh ukuran: ")


def test_the_csv_reads_back_as_the_rows():
    assert list(csv.DictReader(catalogue.to_csv().splitlines())) == catalogue.rows()


def test_13_titles_are_published_and_sourced_and_all_others_say_contoh():
    sources = catalogue.sources()
    titles = {row["aksi_kode"]: row["aksi"] for row in catalogue.rows()}
    assert len(sources) == 13
    assert all(code.startswith("1.") for code in sources)
    for code, title in titles.items():
        assert title.startswith(f"Contoh aksi {code}: ") is (code not in sources)
    for source in sources.values():
        assert all(url.startswith("http") for url in source.urls)
        assert source.confidence in {"tinggi", "sedang"}
        assert source.urls[0] in source.note
        assert "contoh" in source.note


def test_only_demo_institutions_answer_for_actions():
    known = {item.name for item in catalogue.institutions()}
    for row in catalogue.rows():
        for column in ("penanggung_jawab", "instansi_terkait"):
            assert set(filter(None, row[column].split(";"))) <= known


def test_periods_are_cumulative_and_the_current_one_ends_in_october():
    periods = catalogue.periods()
    assert [period.name for period in periods] == [
        "Januari–April 2022",
        "Januari–Juli 2022",
        "Januari–Desember 2022",
        "Januari–Oktober 2023",
    ]
    assert all(period.starts.timetuple().tm_yday == 1 for period in periods)
    (current,) = (period for period in periods if period.current)
    assert current.deadline.isoformat() == "2023-10-31T16:59:00+00:00"


def test_an_institution_keeps_empty_cells_to_fill():
    by_name = defaultdict(set)
    for row in catalogue.commitments():
        if row.answer == "ya":
            by_name[row.institution].add(row.action)
    assert "1.3.07" in by_name["K/L Contoh 07"]
