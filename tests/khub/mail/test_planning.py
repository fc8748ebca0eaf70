"""Planned reminders: on which day, to whom, about what; one letter a person, none for work done."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from khub.coordination.models import FollowUp
from khub.mail import notices
from khub.mail.holidays import Calendar, is_workday
from khub.mail.models import Holiday, MailDay, Message, MessageUnit
from khub.mail.terms import MailKind, MailState
from khub.plan.models import Period
from khub.policy import Grant, Role
from khub.products.lifecycle import Act
from khub.reports.models import ReportCopy
from tests.khub.mail.conftest import BASE, PostOffice, wib

DAYS = st.dates(date(2023, 1, 1), date(2024, 12, 31))


@given(
    deadline=DAYS,
    offset=st.integers(-30, 30),
    holidays=st.frozensets(DAYS, max_size=60),
)
def test_a_reminder_falls_on_a_working_day_and_on_its_side_of_the_deadline(deadline, offset, holidays):
    calendar = Calendar(holidays)
    day = calendar.reminder_day(deadline, offset)
    planned = deadline + timedelta(days=offset)
    assert calendar.is_workday(day)
    if offset < 0:
        assert day < deadline
    else:
        assert day >= planned
    if calendar.is_workday(planned):
        assert day == planned


@pytest.mark.parametrize(
    ("deadline", "offset", "day"),
    [
        (date(2023, 10, 31), -14, date(2023, 10, 17)),
        (date(2023, 10, 31), 7, date(2023, 11, 7)),
        (date(2023, 10, 21), -14, date(2023, 10, 9)),  # Saturday → Monday
        (date(2023, 10, 30), -1, date(2023, 10, 27)),  # Sunday before a Monday → Friday
        (date(2023, 12, 27), -2, date(2023, 12, 26)),  # Christmas → the next day
        (date(2023, 12, 26), -1, date(2023, 12, 22)),  # Christmas and a weekend before the deadline
        (date(2023, 10, 27), 1, date(2023, 10, 30)),  # Saturday after → Monday
    ],
)
def test_days_off_move_a_reminder(deadline, offset, day):
    assert Calendar(frozenset({date(2023, 12, 25)})).reminder_day(deadline, offset) == day


def test_is_workday_asks_the_table(db):
    with db.write() as session:
        session.add(Holiday(day=date(2023, 12, 25), name="Hari Natal"))
    with db.read() as session:
        days = [date(2023, 12, day) for day in range(22, 27)]
        assert [is_workday(session, day) for day in days] == [True, False, False, False, True]


def days_of_letters(post: PostOffice, first: date, last: date) -> dict[date, int]:
    """Return how many letters each day between brings, looking at 06.59 and after 07.00 WIB."""
    found: dict[date, int] = {}
    day = first
    while day <= last:
        before = len(post.letters())
        post.at(wib(day.day, 6, 59, day.month))
        post.step()
        assert len(post.letters()) == before
        post.at(wib(day.day, 7, 0, day.month))
        post.step()
        post.step()
        if made := len(post.letters()) - before:
            found[day] = made
        day += timedelta(days=1)
    return found


def test_reminders_come_at_seven_on_their_days_one_a_person(post):
    # The deadline is Tuesday 31 October: 17, 24, 30 October, 1 and 7 November. Budi, rani, tia, dodi, duta.
    found = days_of_letters(post, date(2023, 10, 10), date(2023, 11, 14))
    days = (date(2023, 10, 17), date(2023, 10, 24), date(2023, 10, 30), date(2023, 11, 1), date(2023, 11, 7))
    assert found == dict.fromkeys(days, 5)
    assert post.sink.recipients == ["budi@contoh.go.id", "tia@contoh.go.id"] * 5  # the others have no address


def test_a_holiday_moves_them(post):
    post.mail.add_holidays(
        post.office.people["dewi"], {date(2023, 10, 17): "Contoh", date(2023, 10, 30): "X"}
    )
    found = days_of_letters(post, date(2023, 10, 10), date(2023, 11, 1))
    assert list(found) == [date(2023, 10, 18), date(2023, 10, 24), date(2023, 10, 27), date(2023, 11, 1)]


def test_a_digest_says_what_is_open_and_by_when(post):
    post.report("kl-07", "1.1.02", Act.SUBMIT, Act.RETURN)
    post.at(wib(17))
    post.step()
    letter = next(each for each in post.sink.letters if each["To"].addresses[0].username == "budi")
    assert letter["Subject"] == "[RAN PE] 2 hal menunggu Anda, tenggat 31 Oktober 2023"
    text = letter.get_body(("plain",)).get_content()
    assert "Yth. Budi Contoh," in text
    assert "Tenggat 31 Oktober 2023 23.59 WIB: 14 hari lagi." in text
    assert "1 laporan belum masuk: aksi 1.1.01" in text
    assert "1 laporan dikembalikan, menunggu perbaikan: aksi 1.1.02" in text
    assert "2.1" not in text  # budi is of pokja 1
    assert f"{BASE}/" in text
    assert letter["List-Unsubscribe"] is None  # a deadline cannot be muted
    assert "1 laporan belum masuk" in letter.get_body(("html",)).get_content()


def test_a_letter_is_in_the_language_of_its_person(post):
    post.services.accounts.set_language(post.office.people["budi"], "en")
    post.at(wib(17))
    post.step()
    subjects = {each["To"].addresses[0].username: each["Subject"] for each in post.sink.letters}
    assert subjects["budi"] == "[RAN PE] 2 things wait for you, deadline 31 October 2023"
    assert subjects["tia"] == "[RAN PE] 2 hal menunggu Anda, tenggat 31 Oktober 2023"


def test_who_has_handed_in_everything_hears_nothing(post):
    for code in ("1.1.01", "1.1.02"):
        post.report("kl-12", code, Act.SUBMIT)
    post.report("kl-07", "1.1.01", Act.SUBMIT, Act.APPROVE)
    post.at(wib(17))
    post.step()
    assert post.sink.recipients == ["budi@contoh.go.id"]
    assert "1.1.01" not in post.sink.letters[0].get_body(("plain",)).get_content()


def test_what_is_handed_in_between_writing_and_sending_is_left_out(post):
    post.at(wib(17))
    post.clockwork.tick()
    for code in ("1.1.01", "1.1.02"):
        post.report("kl-12", code, Act.SUBMIT)
    post.report("kl-07", "1.1.01", Act.SUBMIT)
    post.step()
    assert post.sink.recipients == ["budi@contoh.go.id"]
    assert "1 hal menunggu Anda" in post.sink.letters[0]["Subject"]


def test_commitments_not_answered_are_asked_for_and_a_no_is_an_answer(office, settings, sink):
    from khub.mail.smtp import SmtpTransport  # noqa: PLC0415 - the fixture answers everything
    from tests.khub.mail.conftest import with_server  # noqa: PLC0415

    chosen = with_server(settings, sink)
    post = PostOffice(office, chosen, sink, SmtpTransport(chosen))
    post.address("budi", "budi@contoh.go.id")
    office.hire("dodi", Grant(Role.MEMBER, office.institutions["kl-07"], office.pokjas["2"]))
    post.commit("kl-07", "no", ["1.1.01"])
    post.at(wib(17))
    post.step()
    text = sink.letters[0].get_body(("plain",)).get_content()
    assert "1 komitmen belum dijawab: aksi 1.1.02" in text


def test_deadlines_at_2359_in_jakarta_on_a_clock_in_utc(post):
    """16.58 UTC is the last minute of the day in Jakarta; a minute and a bit later it is late."""
    post.at(wib(30))
    post.clockwork.tick()
    for moment, words in (
        (wib(31, 23, 58), "Tenggat 31 Oktober 2023 23.59 WIB: hari ini."),
        (wib(1, 0, 0, 11), "Tenggat 31 Oktober 2023 23.59 WIB: lewat 1 hari."),
    ):
        post.at(moment)
        with post.services.db.write() as session:
            from khub.mail.writing import Writer  # noqa: PLC0415 - beside its only use

            message = session.scalars(sa.select(Message).order_by(Message.id)).first()
            assert Writer(session, post.settings, post.clock.now()).write(message)
            assert words in message.text


def test_an_extension_moves_a_row_alone_and_its_letter_with_it(post):
    post.extend(wib(10, 23, 59, 11), "kl-07", "1.1.02")
    found = days_of_letters(post, date(2023, 10, 25), date(2023, 11, 14))
    assert found[date(2023, 11, 1)] == 5
    texts = [
        each.text for each in post.letters(kind=MailKind.DIGEST) if each.person_id == person(post, "budi")
    ]
    assert ["1.1.02" in text for text in texts] == [True, False, False, True, False, True, True]
    assert "Tenggat 10 November 2023 23.59 WIB: 7 hari lagi." in texts[3]


def person(post: PostOffice, login: str) -> int:
    return post.office.people[login].person_id


def test_a_standstill_is_caught_up_in_one_letter(post):
    post.at(wib(16))
    post.step()
    post.at(wib(31, 9))  # 17, 24 and 30 were missed
    post.step()
    post.step()
    assert post.sink.recipients == ["budi@contoh.go.id", "tia@contoh.go.id"]
    assert "0 hari" not in post.sink.letters[0].get_body(("plain",)).get_content()
    with post.services.db.read() as session:
        days = session.scalars(sa.select(MailDay.day).order_by(MailDay.day)).all()
    assert days == [date(2023, 10, 16), date(2023, 10, 31)]


def test_a_worker_that_dies_while_it_prepares_leaves_nothing_half_done(post, monkeypatch):
    from khub.mail import planning  # noqa: PLC0415 - beside its only use

    post.at(wib(17))
    keep, calls = planning.keep, []

    def dying(*arguments):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return keep(*arguments)

    monkeypatch.setattr(planning, "keep", dying)
    with pytest.raises(KeyboardInterrupt):
        post.clockwork.tick()
    assert post.letters() == []
    monkeypatch.undo()
    post.step()
    assert len(post.letters()) == 5


def test_rows_of_a_pokja_in_which_a_unit_has_nobody_go_to_all_its_people(shown):
    shown.at(wib(17))
    shown.step()
    assert all("2.1.01" in each.text and "1.1.01" in each.text for each in shown.letters())


def test_a_closed_period_reminds_nobody(post):
    with post.services.db.write() as session:
        session.execute(sa.update(Period).values(state="closed"))
    assert days_of_letters(post, date(2023, 10, 16), date(2023, 11, 8)) == {}


def test_the_last_contact_of_each_unit_is_kept(post):
    post.at(wib(17))
    post.step()
    with post.services.db.read() as session:
        units = set(session.scalars(sa.select(MessageUnit.institution_id)))
    assert units == set(post.office.institutions.values())


# -- news ------------------------------------------------------------------------------------------


def decide(post, act, *, classification="internal", code="1.1.01", note=""):
    copy_id = post.report("kl-07", code, Act.SUBMIT, act, classification=classification)
    with post.services.db.write() as session:
        copy = session.get_one(ReportCopy, copy_id)
        copy.note, copy.decided_by, copy.due_at = note, person(post, "dewi"), None
        if act is Act.RETURN:
            copy.due_at = wib(20, 16)
            notices.returned(session, copy, post.clock.now())
            notices.returned(session, copy, post.clock.now())
        else:
            notices.approved(session, copy, post.clock.now())
            notices.approved(session, copy, post.clock.now())


def test_a_return_is_told_at_once_with_its_note_and_deadline(post):
    decide(post, Act.RETURN, note="Lengkapi <halaman> 3")
    post.step()
    (letter,) = post.sink.letters
    assert letter["Subject"] == "[RAN PE] Dikembalikan: laporan aksi 1.1.01, Januari–Oktober 2023"
    text = letter.get_body(("plain",)).get_content()
    assert "> Lengkapi <halaman> 3" in text
    assert "paling lambat 20 Oktober 2023 16.00 WIB" in text
    assert "Lengkapi &lt;halaman&gt; 3" in letter.get_body(("html",)).get_content()


def test_nothing_of_a_restricted_report_is_in_a_letter(post):
    decide(post, Act.RETURN, note="Sebut nama RAHASIA", classification="terbatas")
    post.step()
    assert len(post.sink.letters) == 1
    for message in post.letters():
        assert "RAHASIA" not in message.subject + message.text + message.html


def test_an_approval_waits_for_the_next_digest(post):
    post.step()
    decide(post, Act.APPROVE, code="1.1.01")
    decide(post, Act.APPROVE, code="1.1.02")
    post.step()
    assert post.sink.letters == []
    post.at(wib(10))
    post.step()
    (letter,) = post.sink.letters
    assert letter["Subject"] == "[RAN PE] 2 hal disetujui"
    assert letter["List-Unsubscribe"] == f"<{BASE}/akun/surat>"
    post.at(wib(11))
    post.step()
    assert len(post.sink.letters) == 1


def test_who_muted_approvals_hears_of_returns_only(post):
    for login in ("budi", "rani"):
        post.mail.set_wishes(post.office.people[login], "single", ["approved", "follow-up"])
    decide(post, Act.APPROVE, code="1.1.01")
    decide(post, Act.RETURN, code="1.1.02")
    post.step()
    post.at(wib(10))
    post.step()
    assert [each["Subject"][:23] for each in post.sink.letters] == ["[RAN PE] Dikembalikan: "]


def test_who_wants_single_letters_gets_one_for_each_thing_at_once(post):
    post.mail.set_wishes(post.office.people["budi"], "single", [])
    decide(post, Act.APPROVE)
    post.step()
    assert [each["Subject"] for each in post.sink.letters] == [
        "[RAN PE] Disetujui: laporan aksi 1.1.01, Januari–Oktober 2023"
    ]
    post.at(wib(17))
    post.step()
    mine = [each for each in post.letters() if each.person_id == person(post, "budi")]
    assert [each.kind for each in mine] == [MailKind.APPROVED, MailKind.REMINDER]


def test_a_keluaran_is_named_unless_it_is_restricted(post):
    office = post.office
    shown = office.hand_in("budi", "Modul terbuka bagi semua")
    hidden = office.draft("budi", "Daftar nama rahasia")
    office.say("budi", hidden, classification="terbatas")
    office.submit("budi", hidden)
    with post.services.db.write() as session:
        from khub.products.models import Copy, Product, Version  # noqa: PLC0415 - beside its only use

        for public_id in (shown, hidden):
            copy, version = session.execute(
                sa.select(Copy, Version)
                .join(Version, Version.id == Copy.version_id)
                .join(Product, Product.id == Version.product_id)
                .where(Product.public_id == public_id, Copy.number == 1)
            ).one()
            session.execute(sa.update(Version).where(Version.id == version.id).values(state="approved"))
            copy.outcome, copy.access, copy.decided_by = "approved", "approved", person(post, "dewi")
            notices.approved(session, copy, post.clock.now())
    post.at(wib(10))
    post.step()
    (letter,) = post.sink.letters
    text = letter.get_body(("plain",)).get_content()
    assert "Modul terbuka bagi semua" in text
    assert "rahasia" not in text.replace(hidden, "")
    assert f"{BASE}/keluaran/{hidden}" in text


def test_a_follow_up_that_is_due_stands_in_its_owners_digest(post):
    with post.services.db.write() as session:
        for due, done in (
            (date(2023, 10, 10), None),
            (date(2023, 10, 12), None),
            (date(2023, 10, 10), wib(9)),
        ):
            session.add(
                FollowUp(
                    institution_id=post.office.institutions["kl-12"],
                    text="telepon dulu",
                    owner_id=person(post, "dewi"),
                    due_on=due,
                    created_at=post.clock.now(),
                    done_at=done,
                )
            )
    post.at(wib(10))
    post.step()
    (letter,) = post.sink.letters
    assert letter["Subject"] == "[RAN PE] 1 tindak lanjut jatuh tempo"
    assert "K/L Contoh 12, 10 Oktober 2023" in letter.get_body(("plain",)).get_content()


# -- without a server ------------------------------------------------------------------------------


def test_without_a_server_letters_are_written_and_kept(shown):
    shown.at(wib(17))
    shown.step()
    assert shown.sink.letters == []
    assert {each.state for each in shown.letters()} == {MailState.PREPARED}
    assert all(each.subject for each in shown.letters())


def test_a_server_that_is_named_later_does_not_send_old_letters(shown, settings):
    from khub.mail.clockwork import TOO_OLD, Clockwork  # noqa: PLC0415 - beside its only use
    from tests.khub.mail.conftest import with_server  # noqa: PLC0415

    shown.at(wib(17))
    shown.step()
    shown.at(wib(25, 6))
    clockwork = Clockwork(shown.services.db, shown.clock, with_server(settings, shown.sink))
    clockwork.tick()
    assert {(each.state, each.error) for each in shown.letters()} == {(MailState.DROPPED, TOO_OLD)}
