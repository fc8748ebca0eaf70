"""Somebody leaves: roles end, drafts and follow-ups go to a colleague, and the colleague sees them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from khub.accounts.models import Membership
from khub.audit.models import Event
from khub.policy import Grant, Role
from khub.products.models import Product


@pytest.fixture
def house(office):
    seven = office.institutions["kl-07"]
    office.hire("nina", Grant(Role.MEMBER, seven, office.pokjas["1"]))
    office.hire("dodi", Grant(Role.MEMBER, seven, office.pokjas["2"]))
    return office


def send(office, **fields):
    yoga = office.browser("yoga")
    path = f"/admin/orang/{office.people['budi'].person_id}/serah-terima"
    yoga.get(path)
    typed = {
        "institution": str(office.institutions["kl-07"]),
        "heir": str(office.people["nina"].person_id),
        "last_day": "",
        **fields,
    }
    return yoga.post(path, **typed)


def test_drafts_follow_ups_and_the_batch_go_to_the_colleague_and_sessions_end(house):
    draft = house.draft("budi", "Laporan setengah jadi")
    handed = house.hand_in("budi", "Laporan yang sudah diajukan")
    dewi = house.browser("dewi")
    dewi.get("/koordinasi/kl/kl-07/tindak-lanjut")
    dewi.post(
        "/koordinasi/kl/kl-07/tindak-lanjut",
        text="Kirim daftar hadir",
        owner=str(house.people["budi"].person_id),
        due_on="2023-10-20",
        pokja="",
    )
    budi = house.browser("budi")
    assert budi.get("/").status_code == 200
    page = house.browser("yoga").get(f"/admin/orang/{house.people['budi'].person_id}/serah-terima").text
    assert "1 draf" in page
    assert send(house).status_code == 303
    assert budi.get("/").status_code == 303
    again = house.browser("budi")
    assert "Akun Anda belum punya peran" in again.get("/").text
    nina = house.browser("nina")
    assert "Laporan setengah jadi" in nina.get("/").text
    assert "Kirim daftar hadir" in nina.get("/").text
    assert "Laporan setengah jadi" in nina.get("/keluaran?milik=saya").text
    assert nina.get(f"/keluaran/{draft}/ubah").status_code == 200
    with house.services.db.read() as session:
        owners = dict(session.execute(sa.select(Product.public_id, Product.created_by)).all())
        batch = session.scalar(sa.select(Product.batch).where(Product.public_id == draft))
        acts = session.scalars(sa.select(Event.act).order_by(Event.seq.desc()).limit(3)).all()
        ends = session.scalars(
            sa.select(Membership.valid_to).where(Membership.person_id == house.people["budi"].person_id)
        ).all()
    assert owners[draft] == house.people["nina"].person_id
    assert owners[handed] == house.people["budi"].person_id
    assert "Laporan setengah jadi" in nina.get(f"/unggah/{batch}").text
    assert acts == ["person.handed-over", "product.handed-over", "membership.ended"]
    assert [str(day) for day in ends] == ["2023-10-08"]


def test_with_a_last_day_he_works_until_then(house):
    budi = house.browser("budi")
    assert send(house, last_day="2023-10-20").status_code == 303
    assert budi.get("/").status_code == 200
    house.clock.forward(days=12)
    assert "Akun Anda belum punya peran" in house.browser("budi").get("/").text


@pytest.mark.parametrize(
    ("heir", "said"),
    [
        ("dodi", "1 draf ada di pokja tempat Dodi Contoh tidak bekerja"),
        ("tia", "Pilih rekan yang bekerja untuk K/L yang sama."),
        ("budi", "Pilih rekan yang bekerja untuk K/L yang sama."),
        ("", "Pilih rekan yang bekerja untuk K/L yang sama."),
    ],
)
def test_only_a_colleague_who_will_see_the_drafts_can_take_them(house, heir, said):
    house.draft("budi", "Laporan setengah jadi")
    chosen = str(house.people[heir].person_id) if heir else ""
    answer = send(house, heir=chosen)
    assert answer.status_code == 422
    assert said in answer.text
    assert "Laporan setengah jadi" in house.browser("budi").get("/").text


def test_with_nothing_in_hand_nobody_need_take_over_and_twice_is_a_conflict(house):
    assert send(house, heir="").status_code == 303
    assert send(house, heir="").status_code == 409


@pytest.mark.parametrize(
    "fields",
    [
        {"last_day": "2023-10-01"},
        {"last_day": "besok"},
        {"institution": ""},
        {"institution": "x"},
        {"institution": "9" * 15},
        {"heir": "-3"},
    ],
)
def test_odd_input_is_told(house, fields):
    assert send(house, **fields).status_code == 422


def test_only_an_admin_hands_over(house):
    path = f"/admin/orang/{house.people['budi'].person_id}/serah-terima"
    for login in ("budi", "dewi", "kiki", "sari"):
        browser = house.browser(login)
        assert browser.get(path).status_code == 403
        browser.get("/akun")
        assert browser.post(path, institution="1").status_code == 403
