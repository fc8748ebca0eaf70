"""What the charts say: means over what the reader may read, official counts beside them, groups that open."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from khub.analysis.achievement import mean
from khub.analysis.obstacles import stems
from khub.analysis.reviews import percentile
from khub.mail.models import Holiday
from khub.plan.models import Period, Plan
from khub.products.lifecycle import State

PAGES = ("", "/kendala", "/keluaran", "/tinjauan")


def words(response):
    """Return the words of a page, tags dropped."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.text)).replace("&nbsp;", " ")


def lines_of(response):
    return list(csv.reader(io.StringIO(response.data.decode("utf-8-sig"))))


@pytest.fixture
def told(office, cycle):
    """Four approved reports, two with obstacles that share a word; one restricted; one that only waits."""
    for unit in ("kl-07", "kl-12"):
        for code in ("1.1.01", "1.1.02", "2.1.01"):
            cycle.commit(unit, code)
    cycle.report(
        "kl-07", "1.1.01", State.APPROVED, percent=80, obstacles="Anggaran pelatihan terlambat cair."
    )
    cycle.report(
        "kl-12", "1.1.01", State.APPROVED, percent=41, obstacles="Pencairan anggaran lambat; pelatih kurang."
    )
    cycle.report("kl-07", "1.1.02", State.APPROVED, percent=10)
    cycle.report("kl-12", "2.1.01", State.APPROVED, percent=100, classification="terbatas")
    cycle.report("kl-07", "2.1.01", State.SUBMITTED, percent=5, obstacles="=HYPERLINK(0) pengadaan")
    return office


def test_the_mean_is_over_what_the_reader_may_read_and_the_count_is_official(told):
    for login, second in (("dewi", ("100", "1")), ("sari", ("100", "1")), ("kiki", ("", "0"))):
        rows = lines_of(told.browser(login).get("/analisis/capaian.csv"))
        assert rows[1][3:] == ["44", "3", "3", "4"], login
        assert rows[2][3:] == [*second, "1", "4"], login
    page = words(told.browser("dewi").get("/analisis"))
    assert "44 % n 3 · 3 dari 4 disetujui" in page
    assert "58 % n 4 · 4 dari 8 disetujui" in page


def test_fokus_and_kl_are_groups_too_and_a_branch_narrows(told):
    dewi = told.browser("dewi")
    by_unit = lines_of(dewi.get("/analisis/capaian.csv?kelompok=kl"))
    assert [row[1] for row in by_unit[1:]] == ["K/L Contoh 07", "K/L Contoh 12", "Semua"]
    assert by_unit[1][3:5] == ["45", "2"]
    by_focus = lines_of(dewi.get("/analisis/capaian.csv?kelompok=fokus&pilar=2"))
    assert [row[0] for row in by_focus[1:]] == ["2.1", ""]
    assert by_focus[2][3:] == ["100", "1", "1", "4"]


def test_periods_stand_side_by_side(told, cycle):
    with told.services.db.write() as session:
        session.add(
            Period(
                plan_id=session.scalars(sa.select(Plan.id)).one(),
                code="2023-01-04",
                name="Januari–April 2023",
                year=2023,
                starts=date(2023, 1, 1),
                ends=date(2023, 4, 30),
                deadline=datetime(2023, 5, 10, 16, 59, tzinfo=UTC),
                state="closed",
            )
        )
    cycle.report("kl-07", "1.1.01", State.LOCKED, percent=30, period="2023-01-04")
    dewi = told.browser("dewi")
    rows = lines_of(dewi.get("/analisis/capaian.csv?pilar=1"))
    assert [(row[2], row[3]) for row in rows[1:3]] == [
        ("Januari–April 2023", "30"),
        ("Januari–Oktober 2023", "44"),
    ]
    assert "Januari–April" not in dewi.get("/analisis/capaian.csv?periode=2023-01-10").text
    assert lines_of(dewi.get("/analisis/capaian.csv?tahun=2022"))[1:] == []


def test_obstacles_are_counted_grouped_and_open(told):
    dewi = told.browser("dewi")
    page = words(dewi.get("/analisis/kendala"))
    assert "3 dari 5 laporan menyebut kendala" in page
    assert [row[0::2] for row in lines_of(dewi.get("/analisis/kendala.csv"))[1:]] == [["1", "2"], ["2", "1"]]
    shared = dewi.get("/analisis/kendala?kelompok=kata").text
    address = re.search(r'href="([^"]*isi=[^"]*)">2<span class="sr nama"> anggaran', shared)
    assert "anggaran" in shared
    opened = words(dewi.get(address[1].replace("&amp;", "&")))
    assert "2 laporan" in opened
    assert "terlambat cair" in opened
    assert "pelatih kurang" in opened


def test_a_search_meets_other_forms_of_a_word_and_keeps_to_what_may_be_read(told):
    dewi, kiki = told.browser("dewi"), told.browser("kiki")
    assert "pelatih kurang" in dewi.get("/analisis/kendala?cari=melatih").text
    assert "Tidak ada kendala yang cocok" in dewi.get("/analisis/kendala?cari=banjir").text
    assert "pengadaan" in dewi.get("/analisis/kendala?cari=pengadaan").text
    assert "HYPERLINK" not in kiki.get("/analisis/kendala?kelompok=kl&isi=kl-07").text
    assert "2 dari 3 laporan" in words(kiki.get("/analisis/kendala"))


def test_no_spreadsheet_runs_what_an_obstacle_says(told):
    rows = lines_of(told.browser("dewi").get("/analisis/kendala-baris.csv?cari=pengadaan"))
    assert [row[4] for row in rows[1:]] == ["'=HYPERLINK(0) pengadaan"]


def test_outputs_by_kind_and_month_are_those_that_may_be_read(office):
    office.hand_in("budi", "Laporan pelatihan guru")
    office.clock.forward(days=30)
    restricted = office.hand_in("tia", "Modul rahasia")
    office.services.review.approve(office.people["dewi"], restricted, 1)
    office.services.products.classify(office.people["tia"], restricted, "terbatas", "data saksi")
    office.draft("budi", "Hanya draf")
    rows = lines_of(office.browser("dewi").get("/analisis/keluaran.csv"))
    assert [(row[0], row[2]) for row in rows[1:]] == [("2023-10", "1"), ("2023-11", "1")]
    page = words(office.browser("dewi").get("/analisis/keluaran"))
    assert "2 keluaran diserahkan" in page
    assert "Oktober 2023 1 November 2023 1" in page


def test_outputs_handed_in_are_one_number_here_and_among_the_official_ones(office):
    public_id = office.hand_in("budi", "Modul guru")
    office.services.review.approve(office.people["dewi"], public_id, 1)
    office.services.products.add_version(office.people["budi"], public_id)
    office.hand_in("tia", "Modul santri")
    for login in ("dewi", "rani", "kiki", "sari"):
        for branch in ("", "1", "2"):
            rows = lines_of(office.browser(login).get(f"/angka/outputs.csv?pilar={branch}"))[1:]
            told = lines_of(office.browser(login).get(f"/analisis/keluaran.csv?pilar={branch}"))[1:]
            assert sum(int(row[2]) for row in told) == len(rows), (login, branch)


def test_review_times_count_working_days_without_holidays(office, cycle):
    friday = datetime(2023, 9, 22, 3, 0, tzinfo=UTC)
    with office.services.db.write() as session:
        session.add(Holiday(day=date(2023, 9, 28), name="Maulid"))
    cycle.report("kl-07", "1.1.01", State.APPROVED, at=friday, decided_at=friday + timedelta(days=3))
    cycle.report("kl-07", "1.1.02", State.RETURNED, at=friday, decided_at=friday + timedelta(days=7))
    cycle.report("kl-12", "1.1.01", State.SUBMITTED, at=friday)
    page = words(office.browser("dewi").get("/analisis/tinjauan"))
    assert "Laporan 2 1 0 1 hari 4 hari 1 10 hari" in page
    rows = lines_of(office.browser("sari").get("/analisis/tinjauan.csv"))
    assert rows[1:] == [["0", "0"], ["1", "1"], ["2", "0"], ["3", "0"], ["4", "1"]]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("?tahun=dua", 422),
        ("?tahun=2023&periode=lain", 404),
        ("?pilar=9", 404),
        ("?rencana=lain", 404),
        ("?hlm=0", 422),
        ("?hlm=900", 200),
        ("?tahun=semua", 200),
        ("?tahun=1999", 200),
        ("?kelompok=x", 200),
    ],
)
def test_odd_addresses_are_answered_plainly(told, address, status):
    dewi = told.browser("dewi")
    for page in PAGES:
        if page in ("/keluaran", "/tinjauan") and "hlm" in address:
            continue
        assert dewi.get(f"/analisis{page}{address}").status_code == status, page
    assert dewi.get("/analisis/lain.csv").status_code == 404


def test_the_rooms_are_for_those_who_look_over_the_whole(told):
    for login, status in (("dewi", 200), ("kiki", 200), ("sari", 200), ("budi", 403), ("yoga", 403)):
        browser = told.browser(login)
        assert {browser.get(f"/analisis{page}").status_code for page in PAGES} == {status}, login
        assert ("/analisis" in browser.get("/").text) == (status == 200)


def test_pages_ask_a_bounded_number_of_statements(told):
    dewi = told.browser("dewi")
    dewi.get("/analisis")  # the menu counts anew only after something happened
    for page in (*PAGES, "?kelompok=kl", "/kendala?kelompok=kata", "/kendala?cari=anggaran"):
        asked: list[str] = []

        def listen(*facts, asked=asked):
            asked.append(facts[2])

        sa.event.listen(told.services.db.engine, "before_cursor_execute", listen)
        assert dewi.get(f"/analisis{page}").status_code == 200
        sa.event.remove(told.services.db.engine, "before_cursor_execute", listen)
        said = [each for each in asked if not each.startswith(("PRAGMA", "BEGIN"))]
        assert len(said) <= 30, page


def test_a_hundred_thousand_characters_of_obstacle_do_no_harm(office, cycle):
    cycle.report("kl-07", "1.1.01", obstacles="kekurangan pelatih " * 5300)
    cycle.report("kl-12", "1.1.01", obstacles="pelatih " + "x" * 100_000)
    page = office.browser("dewi").get("/analisis/kendala?kelompok=kata")
    assert page.status_code == 200
    assert "pelatih" in page.text
    assert len(office.browser("dewi").get("/analisis/kendala?cari=pelatih").text) < 40_000


def test_numbers_of_nothing_and_of_something():
    assert mean([]) is None
    assert mean([1, 2]) == 2
    assert percentile([], 50) is None
    assert percentile([3], 90) == 3
    assert percentile(list(range(1, 11)), 50) == 5
    assert percentile(list(range(1, 11)), 90) == 9


def test_words_that_say_nothing_are_no_group():
    found = stems("Belum ada dana untuk itu dan 2023 di daerah-daerah.")
    assert "dana" in found.values()
    assert not {"untuk", "dan", "di", "2023", "itu"} & set(found.values())
