import pytest

from indexer.extract import clean_name


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Laporan Triwulan.pdf", "Laporan Triwulan.pdf"),
        ("C:\\Users\\ani\\Laporan.docx", "Laporan.docx"),
        ("../../etc/passwd", "passwd"),
        ("laporan\u202efdp.exe", "laporanfdp.exe"),
        ("nol\u200blebar\x00.pdf", "nollebar.pdf"),
        ("baris\nbaru\t.txt", "baris baru .txt"),
        ("Cafe\u0301.pdf", "Café.pdf"),
        ("...", "berkas"),
        ("", "berkas"),
    ],
)
def test_names_are_shown_without_tricks(given: str, shown: str) -> None:
    assert clean_name(given) == shown


def test_a_long_name_keeps_its_extension() -> None:
    name = clean_name("a" * 400 + ".pdf")
    assert len(name) == 150
    assert name.endswith(".pdf")
