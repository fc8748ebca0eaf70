"""Second looks: drawn so that nobody foresees it, blind until decided, changing nothing."""

from __future__ import annotations

import dataclasses

import pytest
from lxml import html

from khub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from khub.review import second_queries
from khub.review.forms import Seen
from khub.review.sample import Sample


def _text(response, status=200):
    assert response.status_code == status, response.text[:2000]
    return " ".join(html.fromstring(response.text).text_content().split())


@pytest.fixture
def all_drawn(office):
    """Have every approval drawn."""
    office.services.review.sample = dataclasses.replace(office.services.review.sample, percent=100)
    return office


def _waiting(office, login="rudi", *, decided=False):
    with office.services.db.read() as session:
        return second_queries.listed(
            session, office.people[login], office.clock.now(), decided=decided, offset=0, limit=50
        )[1]


def test_the_sample_is_reproducible_keyed_and_of_the_right_size():
    names = [f"report:{number}" for number in range(20_000)]
    drawn = {name for name in names if Sample("rahasia", 10).draws(name)}
    assert drawn == {name for name in names if Sample("rahasia", 10).draws(name)}
    assert 1850 < len(drawn) < 2150
    assert len(drawn & {name for name in names if Sample("lain", 10).draws(name)}) < 300
    assert not any(Sample("rahasia", 0).draws(name) for name in names)
    assert all(Sample("rahasia", 100).draws(name) for name in names)


def test_the_second_look_is_blind_until_decided_and_changes_no_state(all_drawn, rows):
    office, review, looks = all_drawn, all_drawn.services.review, all_drawn.services.second_looks
    people = office.people
    report = rows.hand_in("budi", (office.hand_in("budi", "Bukti"), "1"))
    review.open(people["dewi"], report)
    review.answer(people["dewi"], report, Seen(1), {"signed": "yes", "period": "yes", "letterhead": "no"})
    review.approve(people["dewi"], report, 1, "Catatan rahasia pertama.")
    (row,) = _waiting(office)  # one for the report, none for the output that came along
    rudi = office.browser("rudi")
    page = _text(rudi.get(f"/tinjauan-kedua/{row.id}"))
    assert "Catatan rahasia pertama." not in page
    assert "Dewi Contoh" not in page
    item = _text(rudi.get(f"/tinjau/{report}"))
    assert "Catatan rahasia pertama." not in item
    assert "Jawaban verifikator pertama terlihat sesudah tinjauan kedua diputus." in item
    assert looks.open(people["rudi"], row.id)
    assert looks.answer(people["rudi"], row.id, {"signed": "no", "period": "yes"}) == 2
    with pytest.raises(InvalidError):
        looks.decide(people["rudi"], row.id, "return", "")
    looks.decide(people["rudi"], row.id, "return", "Tanda tangannya tidak ada.")
    assert rows.state(report) == "approved"
    answer = rudi.get(f"/tinjauan-kedua/{row.id}")
    assert "Kedua verifikator berbeda" in _text(answer)
    table = {
        line.xpath("./th")[0].text: [" ".join(cell.text_content().split()) for cell in line.xpath("./td")]
        for line in html.fromstring(answer.text).xpath("//section[@aria-labelledby='hasil']//tbody/tr")
    }
    assert table["Bertanda tangan"] == ["Ya", "Tidak", "Berbeda"]
    assert table["Periode benar"] == ["Ya", "Ya", ""]
    assert table["Berkop surat"] == ["Tidak", "–", ""]
    assert table["Keputusan"] == ["Disetujui", "Akan dikembalikan", "Berbeda"]
    assert table["Catatan"] == ["Catatan rahasia pertama.", "Tanda tangannya tidak ada.", ""]
    assert "Berbeda" in _text(rudi.get("/tinjauan-kedua?tampil=diputus"))
    with pytest.raises(ConflictError):
        looks.decide(people["rudi"], row.id, "approve", "")
    assert "Memutus tinjauan kedua" in _text(office.browser("sari").get("/audit"))


def test_agreement_is_said_too(all_drawn, rows):
    office = all_drawn
    output = office.hand_in("tia", "Sendiri")
    office.services.review.approve(office.people["dewi"], output, 1)
    (row,) = _waiting(office)
    rudi = office.browser("rudi")
    assert rudi.post(f"/tinjauan-kedua/{row.id}/buka").status_code == 303
    sent = rudi.post(f"/tinjauan-kedua/{row.id}/jawab", signed="yes")
    assert sent.location == f"/tinjauan-kedua/{row.id}#periksa"
    assert rudi.post(f"/tinjauan-kedua/{row.id}/putuskan", verdict="approve").status_code == 303
    assert "Kedua verifikator sama" in _text(rudi.get(f"/tinjauan-kedua/{row.id}"))
    (row,) = _waiting(office, decided=True)
    assert not row.differs


@pytest.mark.parametrize(("login", "unit"), [("dewi", "kl-12"), ("rani", "kl-07"), ("sari", "kl-12")])
def test_neither_the_first_nor_the_unit_nor_anybody_else_looks_again(all_drawn, rows, login, unit):
    office, looks = all_drawn, all_drawn.services.second_looks
    report = rows.hand_in("tia" if unit == "kl-12" else "budi", unit=unit)
    office.services.review.approve(office.people["dewi"], report, 1)
    (row,) = _waiting(office)
    for act in (
        lambda: looks.open(office.people[login], row.id),
        lambda: looks.answer(office.people[login], row.id, {"signed": "yes"}),
        lambda: looks.decide(office.people[login], row.id, "approve", ""),
    ):
        with pytest.raises(ForbiddenError):
            act()
    assert looks.open(office.people["rudi"], row.id)


def test_two_second_reviewers_do_not_mix(all_drawn, rows):
    office, looks = all_drawn, all_drawn.services.second_looks
    office.hire("rosa", *office.people["rudi"].grants)
    office.services.review.approve(office.people["dewi"], rows.hand_in("budi"), 1)
    (row,) = _waiting(office)
    assert looks.open(office.people["rudi"], row.id)
    assert not looks.open(office.people["rosa"], row.id)
    rosa = office.browser("rosa")
    assert "Rudi Contoh sedang meninjau" in _text(rosa.get(f"/tinjauan-kedua/{row.id}"))
    page = _text(rosa.post(f"/tinjauan-kedua/{row.id}/putuskan", verdict="return", note="Kurang."), 409)
    assert "Verifikator lain sedang meninjaunya." in page
    assert "Kurang." in page


@pytest.mark.parametrize("number", ["0", "99", "2000000000", "9" * 30])
def test_a_second_look_that_is_not_there(office, number):
    dewi = office.browser("dewi")
    dewi.get("/tinjau")
    assert dewi.get(f"/tinjauan-kedua/{number}").status_code == 404
    for act in ("buka", "jawab", "putuskan"):
        answer = dewi.post(f"/tinjauan-kedua/{number}/{act}", verdict="approve", signed="yes")
        assert answer.status_code == 404
    with pytest.raises(NotFoundError):
        office.services.second_looks.open(office.people["dewi"], int(number))


def test_a_verdict_that_no_form_sends_is_refused(all_drawn, rows):
    office = all_drawn
    office.services.review.approve(office.people["dewi"], rows.hand_in("budi"), 1)
    (row,) = _waiting(office)
    rudi = office.browser("rudi")
    rudi.post(f"/tinjauan-kedua/{row.id}/buka")
    page = html.fromstring(rudi.post(f"/tinjauan-kedua/{row.id}/putuskan", verdict="x", note="ini").text)
    assert page.xpath("//title")[0].text.startswith("Galat:")
    assert page.xpath("//textarea[@id='note']")[0].text.strip() == "ini"
