"""Belum lapor: who is on the list, for whom, and the number beside the word in the menu."""

from __future__ import annotations

import csv
import io
import re

import sqlalchemy as sa

from khub.cycle import forms, missing, seats
from khub.plan.models import Period
from khub.plan.terms import PeriodState
from khub.policy import SYSTEM
from khub.products.lifecycle import Act
from tests.khub.conftest import PERIOD, PLAN
from tests.khub.cycle.test_periods import report


def listed(office, login):
    with office.services.db.read() as session:
        found = missing.belum(session, office.people[login], office.clock.now())
    return {each.unit.code: {kind: (n, of) for kind, n, of in each.counts} for each in found.units}


def commit(office, answer="yes"):
    place = seats.Place(PLAN, 2023, "kl-07", "1.1.01")
    office.services.commitments.save(
        office.people["budi"], place, forms.answer({"answer": answer, "reason": "x"})
    )
    office.services.commitments.submit(office.people["budi"], PLAN, 2023, "kl-07")


def test_what_is_missing_follows_what_was_promised_and_sent(office):
    assert listed(office, "dewi")["kl-07"] == {
        "komitmen": (4, 4),
        "realisasi": (0, 0),
        "kendala": (4, 4),
        "keluaran": (0, 0),
    }
    commit(office)
    assert listed(office, "dewi")["kl-07"] == {
        "komitmen": (3, 4),
        "realisasi": (1, 1),
        "kendala": (4, 4),
        "keluaran": (1, 1),
    }
    office.hand_in("budi", "Modul guru")
    report(office, acts=(Act.SUBMIT,))
    assert listed(office, "dewi")["kl-07"] == {
        "komitmen": (3, 4),
        "realisasi": (0, 1),
        "kendala": (3, 4),
        "keluaran": (0, 1),
    }


def test_a_chair_sees_the_pilar_of_the_pokja(office):
    assert listed(office, "kiki")["kl-12"]["kendala"] == (2, 2)
    page = office.browser("kiki").get("/belum-lapor").text
    assert "1.1.01" in page
    assert "2.1.01" not in page
    assert office.browser("budi").get("/belum-lapor").status_code == 403


def test_the_menu_counts_anew_when_something_is_recorded(office):
    dewi, kiki = office.browser("dewi"), office.browser("kiki")

    def beside(browser):
        return int(
            re.search(r'href="/belum-lapor"[^>]*>Belum lapor <span class="n">(\d+)', browser.get("/").text)[1]
        )

    assert (beside(dewi), beside(kiki), beside(dewi)) == (8, 4, 8)
    report(office, acts=(Act.SUBMIT,))
    assert (beside(dewi), beside(kiki)) == (7, 3)
    office.services.periods.move(SYSTEM, PLAN, PERIOD, PeriodState.CLOSED)
    assert "Belum lapor" in dewi.get("/").text


def test_the_home_page_lists_them(office):
    page = office.browser("dewi").get("/").text
    assert ">Siapkan pengingat</a>" in page  # how many get a letter is another number: keluaran ask for none
    assert "Belum ada yang terlambat" in page
    assert "belum pernah" in page


def test_filters_late_and_file(office):
    dewi = office.browser("dewi")
    assert "K/L Contoh 12" not in re.sub(
        r"<select.*?</select>", "", dewi.get("/belum-lapor?kl=kl-07").text, flags=re.DOTALL
    )
    assert "Tidak ada yang belum" in dewi.get("/belum-lapor?apa=realisasi").text
    assert "Tidak ada yang belum" in dewi.get("/belum-lapor?lewat=1").text
    assert dewi.get("/belum-lapor?apa=lain").status_code == 422
    assert dewi.get("/belum-lapor?hlm=x").status_code == 422
    table = list(csv.reader(io.StringIO(dewi.get("/belum-lapor.csv?pilar=1").data.decode("utf-8-sig"))))
    assert len(table) == 9
    office.clock.forward(days=40)
    assert "lewat 18 hari" in office.browser("dewi").get("/belum-lapor?lewat=1").text


def test_without_a_running_period_it_says_so(office):
    with office.services.db.write() as session:
        session.execute(sa.update(Period).values(state="closed"))
    dewi = office.browser("dewi")
    assert "Belum ada periode yang dibuka" in dewi.get("/belum-lapor").text
    assert dewi.get("/belum-lapor.csv").status_code == 200
