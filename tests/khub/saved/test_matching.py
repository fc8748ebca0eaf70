"""A product is told once, when its reader can find it: not at upload, not before, and nothing he may not read."""

from __future__ import annotations

from datetime import date, timedelta

import feedparser
import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.ports import IndexUnavailableError
from khub.accounts.models import Membership
from khub.errors import ForbiddenError, InvalidError, NotFoundError
from khub.mail.models import Message
from khub.policy import Role
from khub.saved.matching import packed, unpacked
from khub.saved.models import SavedFind
from khub.saved.telling import PAUSE
from tests.khub.mail.conftest import wib

WORDS = [("q", "pelatihan")]


def test_what_was_there_is_not_told_and_what_comes_is_told_once(desk):
    search = desk.saved.create(desk.people["tia"], "Pelatihan", WORDS, alert="now")
    assert desk.round() == []
    fresh = desk.publish("Pelatihan saksi baru")
    assert desk.round() == []  # visible, but its text cannot be found yet
    desk.index()
    (body,) = desk.round()
    assert "1 hasil baru untuk pencarian tersimpan" in desk.letters()[0]["Subject"]
    assert "Pelatihan saksi baru" in body
    assert f"/keluaran/{fresh}" in body
    assert f"/pencarian-tersimpan/{search}" in body
    assert "Pelatihan guru lama" not in body
    desk.services.products.classify(desk.people["dewi"], fresh, "terbatas", "memuat nama")
    desk.round()
    desk.services.products.classify(desk.people["dewi"], fresh, "terbuka", "boleh")
    desk.clock.forward(days=1)
    assert len(desk.round()) == 1


def test_an_opened_up_keluaran_and_a_new_membership_are_told_at_the_next_round(desk):
    hidden = desk.publish("Pelatihan rahasia", classification="terbatas")
    desk.index()
    desk.saved.create(desk.people["tia"], "Pelatihan", WORDS, alert="now")
    assert desk.round() == []
    desk.services.products.classify(desk.people["dewi"], hidden, "terbuka", "boleh dibuka")
    assert len(desk.round()) == 1
    assert "Pelatihan rahasia" in desk.bodies()[0]

    second = desk.publish("Pelatihan terbatas kedua", classification="terbatas")
    desk.index()
    desk.clock.forward(hours=1)
    assert len(desk.round()) == 1
    with desk.services.db.write() as session:
        session.add(
            Membership(
                person_id=desk.people["tia"].person_id,
                role=Role.MEMBER,
                institution_id=desk.office.institutions["kl-07"],
                pokja_id=desk.office.pokjas["1"],
                valid_from=date(2023, 1, 1),
            )
        )
    assert len(desk.round()) == 2
    body = desk.bodies()[1]
    assert "1 hasil terbatas: buka khub" in body
    assert "Pelatihan terbatas kedua" not in body
    assert second not in body


def test_a_letter_tells_only_what_may_be_read_when_it_leaves(desk):
    desk.saved.create(desk.people["tia"], "Pelatihan", WORDS, alert="now")
    fresh = desk.publish("Pelatihan saksi baru")
    desk.index()
    desk.services.matching.tick()
    desk.services.products.classify(desk.people["dewi"], fresh, "terbatas", "memuat nama")
    assert desk.round() == []


def test_finds_of_ten_minutes_come_in_one_letter_and_daily_ones_in_the_digest(desk):
    desk.saved.create(desk.people["tia"], "Seketika", WORDS, alert="now")
    desk.saved.create(desk.people["kiki"], "Harian", WORDS, alert="daily")
    desk.publish("Pelatihan satu")
    desk.index()
    assert len(desk.round()) == 1
    for title in ("Pelatihan dua", "Pelatihan tiga"):
        desk.publish(title)
        desk.index()
        assert len(desk.round()) == 1
    desk.clock.forward(seconds=PAUSE.total_seconds())
    assert len(desk.round()) == 2
    assert "Pelatihan dua" in desk.bodies()[1]
    assert "Pelatihan tiga" in desk.bodies()[1]
    desk.post.at(wib(10, 7, 1))
    desk.round()
    to_kiki = [each["Subject"] for each in desk.letters() if "kiki@" in str(each["To"])]
    (digest,) = [body for body in desk.bodies() if "Harian" in body]
    assert len(to_kiki) == 1
    assert all(f"Pelatihan {each}" in digest for each in ("satu", "dua", "tiga"))
    desk.post.at(wib(11, 7, 1))
    desk.round()
    assert len(desk.letters()) == 3


def test_muted_and_ended_alerts_send_nothing(desk):
    desk.services.mail.set_wishes(desk.people["tia"], "digest", ["alert"])
    desk.saved.create(desk.people["tia"], "Bisu", WORDS, alert="now")
    ended = desk.saved.create(desk.people["kiki"], "Hapus", WORDS, alert="now")
    off = desk.saved.create(desk.people["dewi"], "Mati", WORDS, alert="daily")
    desk.publish("Pelatihan saksi baru")
    desk.index()
    desk.services.matching.tick()
    desk.saved.set_alert(desk.people["dewi"], off, "off")
    desk.saved.remove(desk.people["kiki"], ended)
    desk.post.at(wib(10, 7, 1))
    assert desk.round() == []


def test_who_asks_to_be_told_later_is_not_told_what_was_there_by_then(desk):
    search = desk.saved.create(desk.people["tia"], "Pelatihan", WORDS)
    desk.publish("Pelatihan sebelum kabar")
    desk.index()
    desk.saved.set_alert(desk.people["tia"], search, "now")
    assert desk.round() == []
    assert desk.opened("tia", search).counts["baru"] == 1  # since it was saved
    desk.clock.forward(hours=1)
    assert desk.opened("tia", search).counts["baru"] == 0


def test_an_index_that_cannot_be_read_is_waited_for(desk, monkeypatch):
    def missing():
        raise IndexUnavailableError("missing")

    desk.publish("Pelatihan saksi baru")
    desk.index()
    with monkeypatch.context() as patch:
        patch.setattr(desk.services.matching, "stamp", missing)
        search = desk.saved.create(desk.people["tia"], "Pelatihan", WORDS, alert="now")
        assert desk.round() == []
        with pytest.raises(IndexUnavailableError):
            desk.opened("tia", search)
    desk.clock.forward(hours=1)
    assert desk.round() == []  # the first look notes what was there all along
    desk.publish("Pelatihan kedua")
    desk.index()
    assert len(desk.round()) == 1
    assert "Pelatihan saksi baru" not in desk.bodies()[0]


def test_a_worker_that_dies_between_match_and_mail_and_a_server_that_is_down_lose_and_double_nothing(
    desk, monkeypatch
):
    class DiedError(BaseException):
        pass

    def die(*_):
        raise DiedError

    desk.saved.create(desk.people["tia"], "Pelatihan", WORDS, alert="now")
    desk.publish("Pelatihan saksi baru")
    desk.index()
    with monkeypatch.context() as patch:
        patch.setattr("khub.saved.telling.at_once", die)
        with pytest.raises(DiedError):
            desk.services.matching.tick()
    with desk.services.db.read() as session:
        assert session.scalars(sa.select(SavedFind.told_at)).all() == [None]
        assert session.scalars(sa.select(Message.id).where(Message.kind == "alert")).all() == []
    desk.post.sink.replies["DATA"] = "451 4.3.0 try later"
    desk.post.start()
    assert desk.round() == []
    (queued,) = desk.post.letters(kind="alert")
    assert queued.state == "queued"
    del desk.post.sink.replies["DATA"]
    desk.clock.forward(minutes=5)
    desk.post.start()
    assert len(desk.round()) == 1
    desk.clock.forward(hours=2)
    assert len(desk.round()) == 1
    assert len({each["Message-ID"] for each in desk.letters()}) == 1


def test_visits_and_ticks_are_everybodys_own_and_everybodys_together(desk):
    hidden = desk.publish("Pelatihan rahasia", classification="terbatas")
    desk.index()
    budi, tia = desk.people["budi"], desk.people["tia"]
    with pytest.raises(InvalidError):
        desk.saved.create(budi, "Asing", WORDS, "pokja:999")
    search = desk.saved.create(budi, "Bersama", WORDS, f"pokja:{desk.office.pokjas['1']}")
    assert desk.opened("budi", search).counts[""] == 2
    seen = desk.opened("tia", search)
    assert (seen.counts[""], seen.counts["belum"], seen.counts["baru"]) == (1, 1, 0)
    (old,) = [hit.found.product.public_id for hit in seen.hits]
    desk.saved.judge(budi, search, hidden, "ya")
    with pytest.raises(NotFoundError):
        desk.saved.judge(tia, search, hidden, "ya")
    desk.saved.judge(tia, search, old, "tidak")
    (hit,) = desk.opened("budi", search, "tidak").hits
    assert (hit.verdict.person, hit.verdict.relevant) == ("Tia Contoh", False)
    assert desk.opened("tia", search).counts["relevan"] == 0  # what budi ticked she may not read
    assert desk.opened("tia", search, "belum").hits == ()
    with pytest.raises(ForbiddenError):
        desk.saved.remove(tia, search)
    with pytest.raises(NotFoundError):
        desk.opened("sari", search)
    desk.clock.forward(hours=1)
    desk.publish("Pelatihan baru")
    desk.index()
    assert [hit.fresh for hit in desk.opened("tia", search, "baru").hits] == [True]
    assert desk.opened("tia", search).counts["baru"] == 1  # the same visit
    desk.clock.forward(hours=1)
    assert desk.opened("tia", search).counts["baru"] == 0


def test_the_feed_follows_the_rights_of_its_person_and_ends_when_revoked(desk):
    search = desk.saved.create(desk.people["tia"], "Pelatihan", WORDS)
    token = desk.saved.open_feed(desk.people["tia"], search)
    fresh = desk.publish("Pelatihan saksi <baru>")
    desk.index()
    desk.services.matching.tick()
    client = desk.office.app.test_client()
    answer = client.get(f"/umpan/{token}/pencarian.atom")
    (entry,) = feedparser.parse(answer.data).entries
    assert entry.title == "Pelatihan saksi <baru>"
    assert entry.link.endswith(f"/keluaran/{fresh}")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    desk.services.products.classify(desk.people["dewi"], fresh, "terbatas", "memuat nama")
    assert feedparser.parse(client.get(f"/umpan/{token}/pencarian.atom").data).entries == []
    desk.saved.close_feed(desk.people["tia"], search)
    assert client.get(f"/umpan/{token}/pencarian.atom").status_code == 404


@settings(max_examples=100, deadline=timedelta(seconds=5))
@given(st.sets(st.integers(0, 5000)))
def test_known_ids_come_back_from_their_bits(ids):
    assert np.array_equal(unpacked(packed(ids)), sorted(ids))
