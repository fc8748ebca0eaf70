"""Pages on letters: who sees what, reminding by hand, holidays, one's own wishes."""

from __future__ import annotations

import io
import re

import pytest
import sqlalchemy as sa
from werkzeug.routing import RequestRedirect

from khub.audit.models import Event
from khub.mail import links
from khub.mail.models import Holiday, Message, Preference
from khub.mail.terms import MailState
from khub.products.lifecycle import Act
from tests.khub.conftest import PERIOD, PLAN
from tests.khub.mail.conftest import wib

KEY = f"{PLAN}/{PERIOD}"


@pytest.fixture
def sent(post):
    """Return the office after the digests of 17 October went out."""
    post.at(wib(17))
    post.step()
    return post


def letter_of(post, login):
    (found,) = post.letters(person_id=post.office.people[login].person_id)
    return found


def test_every_link_of_a_letter_leads_to_a_page(app):
    urls = app.url_map.bind("localhost")
    for path in (
        links.HOME,
        links.SETTINGS,
        links.TASKS,
        links.FOLLOW_UPS,
        links.report("K-23456789"),
        links.commitment("ran-pe-2020-2024", 2023, "k-l-contoh-01", "1.1.02"),
        links.entry("ran-pe-2020-2024", "2023-01-10", "k-l-contoh-01", "1.1.02"),
        links.product("K-23456789"),
        links.product_form("K-23456789"),
    ):
        try:
            urls.match(path, "GET")
        except RequestRedirect as redirect:
            pytest.fail(f"{path} is only redirected to {redirect.new_url}")


def test_the_list_shows_what_became_of_each_letter(sent):
    page = sent.office.browser("dewi").get("/surat-keluar").text
    assert "Budi Contoh" in page
    assert "budi@contoh.go.id" in page
    assert "Terkirim" in page
    assert "Akun ini tidak punya alamat surel." in page
    only = sent.office.browser("dewi").get("/surat-keluar?keadaan=refused&orang=dodi").text
    assert "Dodi Contoh" in only
    assert "Budi Contoh" not in only
    assert sent.office.browser("dewi").get("/surat-keluar?keadaan=aneh").status_code == 422
    assert sent.office.browser("dewi").get("/surat-keluar?hlm=99").status_code == 200


def test_the_text_is_for_its_person_and_the_sekretariat(sent):
    path = f"/surat-keluar/{letter_of(sent, 'budi').id}"
    told = {
        login: sent.office.browser(login).get(path)
        for login in ("budi", "dewi", "yoga", "tia", "kiki", "sari")
    }
    assert {login: answer.status_code for login, answer in told.items()} == {
        "budi": 200, "dewi": 200, "yoga": 200, "tia": 404, "kiki": 404, "sari": 404,
    }  # fmt: skip
    holds = {login for login, answer in told.items() if "Yth. Budi Contoh" in answer.text}
    assert holds == {"budi", "dewi"}


def test_a_letter_that_did_not_arrive_is_sent_again_by_hand(sent):
    sent.address("dodi", "dodi@contoh.go.id")
    letter = letter_of(sent, "dodi")
    browser = sent.office.browser("dewi")
    assert "Kirim lagi sekarang" in browser.get(f"/surat-keluar/{letter.id}").text
    assert browser.post(f"/surat-keluar/{letter.id}/kirim-ulang").status_code == 303
    sent.step()
    assert "dodi@contoh.go.id" in sent.sink.recipients
    assert browser.post(f"/surat-keluar/{letter.id}/kirim-ulang").status_code == 409
    assert browser.post(f"/surat-keluar/{letter.id}/batal").status_code == 409
    assert sent.office.browser("budi").post(f"/surat-keluar/{letter.id}/kirim-ulang").status_code == 403


def test_a_letter_that_has_not_left_can_be_called_off(post):
    post.at(wib(17))
    post.clockwork.tick()
    browser = post.office.browser("dewi")
    browser.get("/surat-keluar")
    for letter in post.letters():
        if letter.state == MailState.QUEUED:
            assert browser.post(f"/surat-keluar/{letter.id}/batal").status_code == 303
    post.step()
    assert post.sink.letters == []


# -- reminding by hand -----------------------------------------------------------------------------


def test_choose_look_edit_send(post):
    browser = post.office.browser("dewi")
    page = browser.get("/pengingat").text
    assert "K/L Contoh 07" in page
    assert "belum pernah" in page
    draft = browser.get(f"/pengingat/surat?periode={KEY}&kl=kl-07").text
    assert "Budi Contoh" in draft
    assert "Tia Contoh" not in draft
    assert "tanpa alamat surel" in draft
    token = re.search(r'name="kiriman" value="([^"]+)"', draft)[1]
    form = {
        "periode": KEY,
        "kl": "kl-07",
        "kiriman": token,
        "teks": "Rapat kemarin: mohon <segera>.",
        "orang": str(post.office.people["budi"].person_id),
    }
    again = browser.post("/pengingat/surat", langkah="lihat", **form)
    assert "Rapat kemarin: mohon &lt;segera&gt;." in again.text
    assert post.letters() == []
    for _ in range(2):  # pressed twice
        answer = browser.post("/pengingat/surat", langkah="siapkan", **form)
    assert len(post.letters()) == 1
    assert answer.status_code == 422
    post.step()
    (letter,) = post.sink.letters
    text = letter.get_body(("plain",)).get_content()
    assert "Rapat kemarin: mohon <segera>." in text
    assert "2 laporan belum masuk: aksi 1.1.01, 1.1.02" in text
    with post.services.db.read() as session:
        event = session.scalars(sa.select(Event).where(Event.act == "reminder.prepared")).one()
    assert '"kl-07"' in event.facts
    assert "belum pernah" in browser.get("/pengingat").text  # kl-12
    assert browser.get("/pengingat").text.count("belum pernah") == 1


def test_who_could_not_be_reached_is_seen_before_he_is_reminded_again(post):
    post.sink.replies["RCPT"] = "550 5.1.1 No such user"
    post.at(wib(17))
    post.step()
    page = post.office.browser("dewi").get(f"/pengingat/surat?periode={KEY}&kl=kl-07").text
    assert "550 5.1.1 No such user" in page
    assert "Tidak sampai" in post.office.browser("dewi").get("/pengingat").text
    del post.sink.replies["RCPT"]
    post.at(wib(24))
    post.step()
    page = post.office.browser("dewi").get(f"/pengingat/surat?periode={KEY}&kl=kl-07").text
    assert "No such user" not in page


def test_a_ketua_reminds_his_pokja_only(post):
    browser = post.office.browser("kiki")
    page = browser.get(f"/pengingat/surat?periode={KEY}&kl=kl-07&kl=kl-12").text
    assert "Budi Contoh" in page
    assert "Dodi Contoh" not in page
    token = re.search(r'name="kiriman" value="([^"]+)"', page)[1]
    people = [str(post.office.people[login].person_id) for login in ("budi", "dodi")]
    answer = browser.post(
        "/pengingat/surat",
        langkah="siapkan", periode=KEY, kl=["kl-07", "kl-12"], kiriman=token, teks="Mohon.", orang=people,
    )  # fmt: skip
    assert answer.status_code == 303
    assert [each.person_id for each in post.letters()] == [post.office.people["budi"].person_id]
    assert "2.1" not in post.letters()[0].text


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"teks": " \x07 "}, 422),
        ({"teks": "x" * 4001}, 422),
        ({"orang": ""}, 422),
        ({"orang": "99999999"}, 422),
        ({"kl": "kl-99"}, 422),
        ({"kiriman": "x"}, 422),
        ({"periode": "a/b"}, 404),
    ],
)
def test_a_bad_form_prepares_nothing_and_keeps_what_was_typed(post, changes, status):
    form = {
        "periode": KEY,
        "kl": "kl-07",
        "kiriman": "k" * 20,
        "teks": "Mohon dilengkapi ya",
        "orang": str(post.office.people["budi"].person_id),
        "langkah": "siapkan",
        **changes,
    }
    answer = post.office.browser("dewi").post("/pengingat/surat", **form)
    assert answer.status_code == status
    assert post.letters() == []
    if status == 422 and "teks" not in changes:
        assert "Mohon dilengkapi ya" in answer.text


def test_nothing_to_remind_of(post):
    for unit in ("kl-07", "kl-12"):
        for code in ("1.1.01", "1.1.02", "2.1.01", "2.1.02"):
            post.report(unit, code, Act.SUBMIT)
    assert "Semua sudah lengkap" in post.office.browser("dewi").get("/pengingat").text
    answer = post.office.browser("dewi").get(f"/pengingat/surat?periode={KEY}&kl=kl-07")
    assert answer.status_code == 422


def test_reminding_takes_few_statements(post):
    browser, counted = post.office.browser("dewi"), []
    for path in ("/pengingat", f"/pengingat/surat?periode={KEY}&kl=kl-07&kl=kl-12", "/surat-keluar"):
        statements: list[str] = []

        def note(_c, _cursor, statement, *_rest, into=statements):
            into.append(statement)

        sa.event.listen(post.services.db.engine, "before_cursor_execute", note)
        browser.get(path)
        sa.event.remove(post.services.db.engine, "before_cursor_execute", note)
        counted.append(len([each for each in statements if each.startswith("SELECT")]))
    assert max(counted) <= 60


# -- holidays --------------------------------------------------------------------------------------


def days(post):
    with post.services.db.read() as session:
        return {row.day.isoformat(): row.name for row in session.scalars(sa.select(Holiday))}


def test_a_holiday_is_added_and_removed(post):
    browser = post.office.browser("dewi")
    assert "Belum ada hari libur" in browser.get("/hari-libur?tahun=2023").text
    assert browser.post("/hari-libur", tanggal="2023-12-25", nama="Hari Natal").status_code == 303
    assert "25 Desember 2023" in browser.get("/hari-libur?tahun=2023").text
    assert browser.post("/hari-libur/hapus", tanggal="2023-12-25").status_code == 303
    assert browser.post("/hari-libur/hapus", tanggal="2023-12-25").status_code == 404
    assert days(post) == {}
    bad = browser.post("/hari-libur", tanggal="25 Des", nama="Natal <b>")
    assert bad.status_code == 422
    assert "Natal &lt;b&gt;" in bad.text
    assert post.office.browser("budi").get("/hari-libur").status_code == 403


def bring(post, data):
    browser = post.office.browser("dewi")
    browser.get("/hari-libur")
    return browser.post("/hari-libur/impor", berkas=(io.BytesIO(data), "libur.csv"))


def test_the_sample_can_be_imported_as_it_is(post):
    sample = post.office.browser("dewi").get("/hari-libur/contoh.csv?tahun=2024").data
    assert bring(post, sample).status_code == 303
    assert days(post)["2024-08-17"] == "Hari Kemerdekaan"
    assert len(days(post)) == 5
    assert bring(post, b"tanggal;nama\r\n17/08/2024;HUT RI\r\n\r\n").status_code == 303
    assert days(post)["2024-08-17"] == "HUT RI"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe\x00",
        b"tanggal,nama\n",
        b"2023-12-25\n",
        b"2023-13-25,x\n",
        b"2023-12-25," + b"x" * 121,
        b"2023-12-25,a\n1899-12-25,b\n",
        b'2023-12-25,"a\nb"\n',
        b"2023-12-25,x\n" * 1001,
        b"x" * 200_001,
        b'"' * 150_000,
    ],
    ids=range(11),
)
def test_a_bad_list_changes_nothing(post, data):
    assert bring(post, data).status_code == 422
    assert days(post) == {}


# -- one's own -------------------------------------------------------------------------------------


def test_wishes_are_kept_and_deadlines_cannot_be_muted(post):
    browser = post.office.browser("budi")
    assert browser.post("/akun/surat", irama="single", bisu=["approved"]).status_code == 303
    for form in (
        {"irama": "weekly"},
        {"irama": "digest", "bisu": ["returned"]},
        {"irama": "digest", "bisu": ["reminder"]},
    ):
        assert browser.post("/akun/surat", **form).status_code == 422
    with post.services.db.read() as session:
        kept = session.execute(sa.select(Preference)).scalar_one()
    assert (kept.rhythm, kept.muted) == ("single", ["approved"])


def test_ones_own_address_is_checked(post):
    browser = post.office.browser("budi")
    for bad in ("budi", "b@x", "a@b.id\r\nBcc: c@d.id", "x" * 250 + "@contoh.go.id"):
        answer = browser.post("/akun/surat/alamat", email=bad)
        assert answer.status_code == 422
    assert browser.post("/akun/surat/alamat", email=" baru@contoh.go.id ").status_code == 303
    assert "baru@contoh.go.id" in browser.get("/akun/surat").text
    assert browser.post("/akun/surat/alamat", email="").status_code == 303
    assert "tanpa alamat surel" in browser.get("/akun/surat").text


def test_ones_own_letters_are_listed_without_a_server(shown):
    shown.at(wib(17))
    shown.step()
    page = shown.office.browser("budi").get("/akun/surat").text
    assert "4 hal menunggu Anda" in page
    assert "Akan dikirim" in page
    assert "Server surel belum disetel" in shown.office.browser("dewi").get("/surat-keluar").text
    with shown.services.db.read() as session:
        assert {row.state for row in session.scalars(sa.select(Message))} == {MailState.PREPARED}
