"""Calendar and feed as real parsers read them, with the rights of the moment."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import feedparser
import icalendar
import pytest
import sqlalchemy as sa

from khub.accounts.models import Membership
from khub.plan.models import Period
from tests.khub.mail.conftest import wib


def address(post, login, kind):
    """Make a secret address by the page and return its path."""
    browser = post.office.browser(login)
    browser.get("/akun/surat")
    page = browser.post(f"/akun/surat/umpan/{kind}").text
    return re.search(r"https://khub\.contoh\.go\.id(/umpan/[^<\s]+)", page)[1]


def read(post, path, **headers):
    return post.office.app.test_client().get(path, headers=headers)


def events(post, path):
    """Return UID → event, as icalendar reads it."""
    answer = read(post, path)
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    for line in answer.data.split(b"\r\n"):
        assert len(line) <= 75
    return {str(event["UID"]): event for event in icalendar.Calendar.from_ical(answer.data).walk("VEVENT")}


def entries(post, path):
    answer = read(post, path)
    assert answer.status_code == 200
    found = feedparser.parse(answer.data)
    assert not found.bozo, found.get("bozo_exception")
    assert found.version == "atom10"
    return found.entries


def test_the_calendar_has_each_deadline_of_the_persons_unit(post):
    (event,) = events(post, address(post, "budi", "deadlines")).values()
    assert event.decoded("DTSTART") == datetime(2023, 10, 31, 16, 59, 59, tzinfo=UTC)
    assert event["SUMMARY"] == "Tenggat laporan Januari–Oktober 2023 · K/L Contoh 07"
    assert "1.1.01, 1.1.02, 2.1.01, 2.1.02" in event["DESCRIPTION"]
    assert event["SEQUENCE"] == 0
    assert len(event.walk("VALARM")) == 1


def test_an_extension_raises_the_sequence_and_keeps_the_uid(post):
    path = address(post, "budi", "deadlines")
    other = address(post, "tia", "deadlines")
    before, theirs = events(post, path), read(post, other).data
    post.clock.forward(hours=1)
    post.extend(wib(10, 23, 59, 11), "kl-07")
    after = events(post, path)
    assert after.keys() == before.keys()
    (uid,) = after
    assert after[uid].decoded("DTSTART") == wib(10, 23, 59, 11)
    assert after[uid]["SEQUENCE"] == 1
    assert after[uid].decoded("DTSTAMP") > before[uid].decoded("DTSTAMP")
    assert read(post, other).data == theirs
    post.extend(wib(20, 23, 59, 11), "kl-07", "1.1.02")
    (row,) = events(post, path).keys() - after.keys()
    assert events(post, path)[row].decoded("DTSTART") == wib(20, 23, 59, 11)
    assert events(post, path)[uid]["SEQUENCE"] == 2


def test_the_sekretariat_gets_one_deadline_a_period(post):
    (event,) = events(post, address(post, "dewi", "deadlines")).values()
    assert event["SUMMARY"] == "Tenggat laporan Januari–Oktober 2023"


def test_words_of_a_period_cannot_break_the_calendar(post):
    with post.services.db.write() as session:
        session.execute(sa.update(Period).values(name="A;B,C\\D\r\nDTSTART:19990101 " + "é" * 90))
    (event,) = events(post, address(post, "dewi", "deadlines")).values()
    assert event.decoded("DTSTART").year == 2023
    assert "A;B,C\\D DTSTART:19990101" in event["SUMMARY"]


def test_an_unchanged_feed_is_not_sent_again(post):
    for kind in ("deadlines", "products"):
        path = address(post, "budi", kind)
        first = read(post, path)
        assert first.headers["Cache-Control"] == "private, no-cache"
        again = read(post, path, **{"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
    post.clock.forward(hours=1)
    post.extend(wib(10, 23, 59, 11))
    path = address(post, "budi", "deadlines")
    assert read(post, path, **{"If-None-Match": first.headers["ETag"]}).status_code == 200


@pytest.fixture
def approved(post):
    """Return (open to all, restricted) approved keluaran of budi's K/L."""
    office, found = post.office, []
    for title, classification in (("Modul <guru> & murid\x01", "internal"), ("Daftar nama", "terbatas")):
        public_id = office.draft("budi", title.replace("<", "").replace("\x01", "").replace(">", ""))
        office.say("budi", public_id, title=title.replace("\x01", ""), classification=classification)
        office.submit("budi", public_id)
        office.services.review.approve(office.people["dewi"], public_id, 1)
        office.clock.forward(minutes=1)
        found.append(public_id)
    return tuple(found)


def test_the_feed_holds_what_the_person_may_read_now(post, approved):
    shown, hidden = approved
    paths = {login: address(post, login, "products") for login in ("budi", "tia", "dewi", "yoga")}
    found = {
        login: [entry.link.rpartition("/")[2] for entry in entries(post, path)]
        for login, path in paths.items()
    }
    assert found == {"budi": [hidden, shown], "tia": [shown], "dewi": [hidden, shown], "yoga": []}
    titles = [entry.title for entry in entries(post, paths["budi"])]
    assert titles == ["Keluaran terbatas (v1)", "Modul <guru> & murid (v1)"]
    assert "Daftar nama" not in read(post, paths["budi"]).text


def test_a_changed_right_counts_at_once(post, approved):
    path = address(post, "budi", "products")
    with post.services.db.write() as session:
        session.execute(
            sa.update(Membership)
            .where(Membership.person_id == post.office.people["budi"].person_id)
            .values(valid_to=date(2023, 10, 8))
        )
    assert entries(post, path) == []


def test_drafts_are_in_no_feed(post):
    post.office.draft("budi", "Draf saja")
    assert entries(post, address(post, "budi", "products")) == []


def test_a_revoked_replaced_or_foreign_address_is_not_there(post):
    path = address(post, "budi", "deadlines")
    assert read(post, path.replace("tenggat.ics", "keluaran.atom")).status_code == 404
    newer = address(post, "budi", "deadlines")
    assert read(post, path).status_code == 404
    assert read(post, newer).status_code == 200
    browser = post.office.browser("budi")
    browser.get("/akun/surat")
    assert browser.post("/akun/surat/umpan/deadlines/cabut").status_code == 303
    assert read(post, newer).status_code == 404
    assert read(post, "/umpan/x/tenggat.ics").status_code == 404
    assert browser.post("/akun/surat/umpan/lain").status_code == 404


def test_the_address_of_a_closed_account_is_not_there(post):
    path = address(post, "budi", "deadlines")
    budi = post.office.people["budi"].person_id
    post.services.accounts.set_active(post.office.people["yoga"], budi, active=False)
    assert read(post, path).status_code == 404


def test_the_database_does_not_know_the_address(post):
    from khub.mail.models import FeedSecret  # noqa: PLC0415 - beside its only use

    token = address(post, "budi", "deadlines").split("/")[2]
    with post.services.db.read() as session:
        row = session.execute(sa.select(FeedSecret)).scalar_one()
    assert token not in str(vars(row))
