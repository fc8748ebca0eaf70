"""Every official number is shown with its definition, and a click leads to exactly the rows counted."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import pytest

from khub.plan.periods import Given
from khub.plan.terms import Answer
from khub.policy import SYSTEM

if TYPE_CHECKING:
    from tests.khub.conftest import Office


@pytest.fixture
def promised(office: Office) -> Office:
    """Return an office whose K/L 07 said yes to two actions of pilar 1 and no to one of pilar 2."""
    for action, answer in (("1.1.01", Answer.YES), ("1.1.02", Answer.YES), ("2.1.01", Answer.NO)):
        office.services.periods.record(SYSTEM, [Given("ran-pe", action, "kl-07", 2023, answer)])
        office.clock.forward(minutes=1)
    return office


def _rows(office: Office, address: str) -> list[dict[str, str]]:
    text = office.browser("sari").get(address).data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_rows_behind_a_number_are_as_many_as_it_says(promised: Office) -> None:
    page = promised.browser("budi").get("/angka").text
    links = set(re.findall(r'href="(/angka/[a-z-]+\?[^"]+)"', page))
    assert len(links) > 7
    checked = 0
    for link in links:
        shown = promised.browser("budi").get(link.replace("&amp;", "&")).text
        sides = re.findall(r"sisi=(dihitung|belum)&amp;[^\"]*\"[^>]*>[^<]*<span class=\"n\">(\d+)", shown)
        for side, count in sides:
            address = link.replace("&amp;", "&").replace("?", f".csv?sisi={side}&", 1)
            assert len(_rows(promised, address)) == int(count), address
            checked += int(count)
    assert checked > 0


def test_a_past_day_gives_what_was_recorded_then(promised: Office) -> None:
    before = "/angka/committed.csv?per=2023-10-08"
    now = "/angka/committed.csv"
    assert [row["Kode aksi"] for row in _rows(promised, before)] == []
    assert [row["Kode aksi"] for row in _rows(promised, now)] == ["1.1.01", "1.1.02"]


def test_numbers_are_the_same_for_every_signed_in_role(promised: Office) -> None:
    pages = {
        login: re.sub(
            r"<header class=\"atas.*?</header>|<nav.*?</nav>",
            "",
            promised.browser(login).get("/angka").text,
            flags=re.DOTALL,
        )
        for login in ("budi", "dewi", "sari", "kiki", "yoga")
    }
    tables = {login: re.search(r"<table.*?</table>", page, re.DOTALL) for login, page in pages.items()}
    assert all(table is not None for table in tables.values())
    assert len({table[0] for table in tables.values() if table is not None}) == 1


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/angka/tidak-ada", 404),
        ("/angka/committed?pilar=9", 404),
        ("/angka/committed?sisi=lain", 404),
        ("/angka/reported?periode=tidak-ada", 404),
        ("/angka?per=kemarin", 422),
        ("/angka?tahun=banyak", 422),
        ("/angka?rencana=lain", 404),
    ],
)
def test_an_address_that_means_nothing_is_refused(promised: Office, address: str, status: int) -> None:
    assert promised.browser("budi").get(address).status_code == status


def test_outputs_handed_in_are_counted_as_of_a_day_and_listed(promised: Office) -> None:
    kept = promised.hand_in("budi", "Laporan yang diajukan")
    taken = promised.hand_in("budi", "Laporan yang ditarik")
    promised.draft("budi", "Draf yang belum diajukan")
    promised.clock.forward(days=2)
    promised.services.products.withdraw(promised.people["budi"], taken)
    now, before = (
        "/angka/outputs.csv?periode=2023-01-10",
        "/angka/outputs.csv?periode=2023-01-10&per=2023-10-10",
    )
    assert [row["Keluaran"] for row in _rows(promised, now)] == [kept]
    assert {row["Keluaran"] for row in _rows(promised, before)} == {kept, taken}
    assert "Laporan yang diajukan" in promised.browser("dewi").get("/angka/outputs?periode=2023-01-10").text
    assert (
        "Laporan yang diajukan" not in promised.browser("tia").get("/angka/outputs?periode=2023-01-10").text
    )
