"""What is asked: noted without a wait, shown to its owner, told to the Sekretariat without names."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from khub.asked import queries
from khub.asked.titles import words_of
from khub.plan.models import InstitutionAlias
from khub.policy import Grant, Role
from khub.search.indexing import Rebuild


def ask(office, text, *logins, filters=None, total=0):
    for login in logins:
        office.services.asked.note(office.people[login], text, filters or {}, total)
    office.services.asked.flush()


def own(office, login):
    with office.services.db.read() as session:
        person = office.people[login].person_id
        return [each.text for each in queries.recent(session, person, 10)]


def test_own_searches_are_kept_once_for_their_owner_until_erased_or_old(office, clock):
    ask(office, "  modul   pelatihan ", "budi")
    ask(office, "Modul Pelatihan", "budi", total=3)
    ask(office, "guru", "budi", filters={"pilar": frozenset({"1"})})
    ask(office, "guru", "tia")
    ask(office, "", "budi")
    ask(office, "x" * 400, "budi")
    assert own(office, "budi") == ["guru", "modul pelatihan"]
    page = office.browser("budi").get("/akun/pencarian").text
    assert page.count("</th>\n      <td") == 2  # asked again within minutes is the same search
    assert "/cari?q=guru&amp;pilar=1" in page
    with office.services.db.read() as session:
        assert queries.latest_texts(session, 10) == ["guru", "modul pelatihan"]

    budi = office.browser("budi")
    budi.get("/akun")
    assert budi.post("/akun/pencarian/hapus").status_code == 303
    assert own(office, "budi") == []
    assert own(office, "tia") == ["guru"]
    clock.forward(days=91)
    assert office.services.asked.forget_old() == 1
    assert own(office, "tia") == []


def test_a_query_is_told_only_when_several_persons_asked_it_and_what_it_finds_is_the_lookers(
    office, sandbox, clock
):
    public_id = office.hand_in("budi", "Laporan", content=b"Pelatihan guru.\n")
    office.services.review.approve(office.people["dewi"], public_id, 1)
    office.draft("budi", "Rahasia", content=b"zamrud\n")
    office.read_files(sandbox)
    Rebuild(office.services.db, office.services.index_writer, lambda *_: None).run()
    three = ("budi", "tia", "kiki")
    ask(office, "pelatihan", *three, total=1)
    ask(office, "zamrud", *three, total=1)  # budi's draft: the Sekretariat is told nothing of it
    ask(office, '"tanpa pasangan', *three)
    ask(office, "hanya berdua", "budi", "tia")
    ask(office, "3174051203900005", *three)
    ask(office, "nama@contoh.id", *three)
    clock.forward(days=7)
    ask(office, "PELATIHAN", "tia", total=1)
    ask(office, "lama sekali", *three)

    told = office.services.counting.told(office.people["dewi"])
    assert {row.text: (row.searches, row.found) for row in told.rows} == {
        "pelatihan": (4, 1),
        "zamrud": (3, 0),
        '"tanpa pasangan': (3, 0),
        "lama sekali": (3, 0),
    }
    weekly = next(row.weeks for row in told.rows if row.text == "pelatihan")
    assert len(weekly) == queries.WEEKS
    assert weekly[-2:] == (3, 1)
    assert told.searches[-1] == 4
    dewi = office.browser("dewi")
    everything, hitless, table = (
        dewi.get(path).text for path in ("/yang-dicari", "/yang-dicari?lihat=tanpa-hasil", "/yang-dicari.csv")
    )
    assert "pelatihan" in everything
    assert ">zamrud<" in hitless
    assert ">pelatihan<" not in hitless
    for text in (everything, hitless, table):
        assert "berdua" not in text
        assert "3174" not in text
        assert "nama@" not in text
        assert "Budi" not in text
    assert '"pelatihan","4","1"' in table.lower()
    clock.forward(days=7 * queries.WEEKS)
    assert office.services.counting.told(office.people["dewi"]).rows == ()
    assert office.browser("budi").get("/yang-dicari").status_code == 403


# -- suggestions -----------------------------------------------------------------------------------


def offered(office, login, text):
    return [(kind, words) for kind, words, _ in office.browser(login).get(f"/saran?q={text}").json["found"]]


def test_the_box_offers_own_queries_actions_units_and_titles_by_beginnings_of_words(office):
    public_id = office.hand_in("budi", "Modul Pelatihan Guru Toleransi")
    office.services.review.approve(office.people["dewi"], public_id, 1)
    with office.services.db.write() as session:
        session.add(
            InstitutionAlias(
                institution_id=office.institutions["kl-12"], alias="Badan Lama Modul", key="badan lama modul"
            )
        )
    ask(office, "2023-10-09", "tia")
    assert ("Pernah Anda cari", "2023-10-09") in offered(office, "tia", "10 2023")
    assert "Pernah Anda cari" not in dict(offered(office, "tia", "1.1"))  # not twice the same word
    ask(office, "modul guru", "tia")
    assert offered(office, "tia", "modul") == [
        ("Pernah Anda cari", "modul guru"),
        ("K/L", "K/L Contoh 12"),
        ("Keluaran", "Modul Pelatihan Guru Toleransi"),
    ]
    assert offered(office, "kiki", "gu+modúl") == [("Keluaran", "Modul Pelatihan Guru Toleransi")]
    assert offered(office, "kiki", "pelatiahn") == [("Keluaran", "Modul Pelatihan Guru Toleransi")]
    assert offered(office, "kiki", "1.1.02") == [("Aksi", "1.1.02 Aksi contoh 1.1.02")]
    for nothing in ("", "%20", "latihan", "***", "x" * 500):
        assert offered(office, "kiki", nothing) == []
    assert offered(office, "yoga", "modul") == [("K/L", "K/L Contoh 12")]  # an admin reads no content
    found = office.browser("tia").get("/saran?q=modul").json["found"]
    assert [address for *_, address in found] == ["/cari?q=modul+guru", "/kl/kl-12", f"/keluaran/{public_id}"]


def test_titles_follow_the_database_and_hidden_ones_change_no_answer(office):
    """Rights, titles and mended words are those of the asker's world, at once and after many changes."""
    office.hire("nina", Grant(Role.MEMBER, office.institutions["kl-12"], office.pokjas["2"]))
    public_id = office.hand_in("budi", "Panduan Pelatihan")
    before = offered(office, "nina", "panduan")
    office.services.review.approve(office.people["dewi"], public_id, 1)
    assert before == []
    assert offered(office, "nina", "panduan") == [("Keluaran", "Panduan Pelatihan")]
    asked = ("panduna", "panduan", "pel", "panduam pelatihan", "pandxan")
    answers = {text: offered(office, "nina", text) for text in asked}
    assert answers["panduna"]
    for title in ("Panduna", "Panduam Pelatihan", "Panduan", "Pel"):
        office.draft("tia", title)
        office.services.products.submit(office.people["tia"], [office.draft("tia", f"{title} Terbatas")])
    assert {text: offered(office, "nina", text) for text in asked} == answers
    assert ("Keluaran", "Panduna") in offered(office, "tia", "panduna")
    office.services.products.classify(office.people["budi"], public_id, "terbatas", "diminta")
    assert offered(office, "nina", "panduan") == []


@pytest.mark.parametrize("text", ["Kontra-Narasi", "Pelatihan (2023)", "½ hari", "ﬁlm"])
def test_words_of_titles_are_plain(text):
    assert words_of(text)
    assert all(word.isalnum() for word in words_of(text))


def test_a_search_is_never_failed_by_its_note(office, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("khub.asked.service.WAITING", 1)
        ask_quietly = office.services.asked.note
        for _ in range(3):
            ask_quietly(office.people["budi"], "guru", {}, 1)
    office.services.asked.close()
    assert own(office, "budi") == ["guru"]
    assert timedelta(days=1) < queries.WEEKS * timedelta(days=7)


def test_closing_waits_for_what_is_being_written(office, monkeypatch):
    asked, found = office.services.asked, []
    monkeypatch.setattr("khub.asked.service.GATHER", 0)

    def close():
        asked.close()
        found.extend(own(office, "budi"))

    with office.services.db.write():
        asked.note(office.people["budi"], "kontra narasi", {}, 1)
        timers = [each for each in threading.enumerate() if isinstance(each, threading.Timer)]
        closing = threading.Thread(target=close)
        for timer in timers:
            timer.join(0.3)
        closing.start()
        closing.join(0.3)
    closing.join()
    assert found == ["kontra narasi"]
