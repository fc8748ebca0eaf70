import pytest

from indexer.extract.model import Page, PageKind
from indexer.extract.titles import better_title, opening_title, usable_title


@pytest.mark.parametrize(
    ("metadata", "title"),
    [
        ("Pedoman Sikap Dasar", "Pedoman Sikap Dasar"),
        ("Microsoft Word - Laporan Triwulan", "Laporan Triwulan"),
        ("Microsoft Word - laporan.doc", ""),
        ("untitled", ""),
        ("PowerPoint Presentation", ""),
        ("laporan akhir", ""),
        ("20240131_final_v2", ""),
        ("12.3.45", ""),
        ("Daftar Isi", ""),
    ],
)
def test_only_real_titles_are_taken_from_metadata(metadata: str, title: str) -> None:
    assert usable_title(metadata, "laporan akhir.pdf") == title


def test_a_regulation_is_named_without_letterhead_and_invocation() -> None:
    text = (
        "MENTERI KEHUTANAN\nREPUBLIK INDONESIA\n- 1 -\nSALINAN\nPERATURAN MENTERI KEHUTANAN\nNOMOR 3 TAHUN 2024\n"
        "TENTANG\nTATA KELOLA PENGETAHUAN\nDENGAN RAHMAT TUHAN YANG MAHA ESA\nMENTERI KEHUTANAN,"
    )
    opening = opening_title([Page(1, "1", PageKind.PAGE, approximate=False, heading="", text=text)])
    assert opening == "PERATURAN MENTERI KEHUTANAN NOMOR 3 TAHUN 2024 TENTANG TATA KELOLA PENGETAHUAN"
    assert better_title("RANCANGAN PERATURAN", opening) == opening
    assert (
        better_title("Peraturan Nomor 3 tentang Tata Kelola", opening)
        == "Peraturan Nomor 3 tentang Tata Kelola"
    )


def test_page_numbers_and_blank_lines_are_no_titles() -> None:
    page = Page(
        1, "1", PageKind.PAGE, approximate=False, heading="", text="- 2 -\n\n12\nCatatan Kebijakan\nisi"
    )
    assert opening_title([page]) == "Catatan Kebijakan"
    assert opening_title([]) == ""


def _opening(*lines: str) -> str:
    text = "\n".join(lines)
    return opening_title([Page(1, "1", PageKind.PAGE, approximate=False, heading="", text=text)])


def test_a_letter_is_named_by_what_it_is_about() -> None:
    head = ("BADAN CONTOH NASIONAL", "Jalan Merdeka Nomor 10, Jakarta", "Nomor : B-117/PC.02/10/2023")
    subject = ("Hal   : Undangan lokakarya penyusunan", "modul kontra narasi")
    tail = ("Kepada Yth. para kepala dinas", "di tempat", "Dengan hormat kami mengundang Saudara.")
    assert _opening(*head, *subject, *tail) == "Undangan lokakarya penyusunan modul kontra narasi"
    assert _opening(*head, "Perihal: Permohonan data", *tail) == "Permohonan data"
    assert _opening(*head, *tail) == "BADAN CONTOH NASIONAL"
    assert _opening("Catatan Kebijakan", "hal: yang perlu dicatat") == "Catatan Kebijakan"
