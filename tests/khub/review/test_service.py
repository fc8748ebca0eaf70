"""Opening reserves; decisions name what was seen; nobody decides on his own."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from khub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from khub.plan.forms import ExtensionForm
from khub.products.detail import detail
from khub.review import line, queries
from khub.review.forms import Return
from tests.khub.conftest import PERIOD, PLAN


def _item(office, login, public_id):
    with office.services.db.read() as session:
        return queries.item(session, office.people[login], public_id, office.clock.now())


def _page(office, login, public_id):
    with office.services.db.read() as session:
        return detail(
            session, office.people[login], public_id, office.clock.now(), version=None, snapshot=None
        )


def _queue(office, login="dewi"):
    with office.services.db.read() as session:
        return line.queue(session, office.people[login], office.clock.now(), offset=0, limit=50)


def test_the_first_of_two_reviewers_holds_the_item(office):
    review, people = office.services.review, office.people
    public_id = office.hand_in("budi", "Laporan")
    assert review.open(people["dewi"], public_id)
    assert not review.open(people["rudi"], public_id)
    with pytest.raises(ConflictError):
        review.approve(people["rudi"], public_id, 1)
    assert _item(office, "rudi", public_id).holder.name == "Dewi Contoh"
    review.approve(people["dewi"], public_id, 1)
    with pytest.raises(ConflictError):
        review.send_back(people["rudi"], public_id, 1, "terlambat")


def test_two_reviewers_at_once_never_both_hold_it(office):
    review, people = office.services.review, office.people
    public_id = office.hand_in("budi", "Laporan")
    got: dict[str, bool] = {}
    start = threading.Barrier(2)

    def press(login):
        start.wait()
        got[login] = review.open(people[login], public_id)

    threads = [threading.Thread(target=press, args=(login,)) for login in ("dewi", "rudi")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got.values()) == [False, True]


def test_two_reviewers_at_once_are_given_different_items(office):
    for title in ("Satu", "Dua"):
        office.hand_in("budi", title)
    got: list[str | None] = []
    start = threading.Barrier(2)

    def press(login):
        start.wait()
        got.append(office.services.review.open_next(office.people[login]))

    threads = [threading.Thread(target=press, args=(login,)) for login in ("dewi", "rudi")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert None not in got
    assert len(set(got)) == 2


def test_a_reservation_lapses_but_its_reviewer_may_still_decide(office):
    review, people = office.services.review, office.people
    first, second = office.hand_in("budi", "Satu"), office.hand_in("budi", "Dua")
    for public_id in (first, second):
        review.open(people["dewi"], public_id)
    office.clock.forward(hours=3)
    review.approve(people["dewi"], first, 1)
    assert review.open(people["rudi"], second)
    with pytest.raises(ConflictError):
        review.approve(people["dewi"], second, 1)


def test_withdrawing_is_over_once_a_reviewer_has_opened_it(office):
    public_id = office.hand_in("budi", "Laporan")
    office.services.review.open(office.people["dewi"], public_id)
    with pytest.raises(ConflictError):
        office.services.products.withdraw(office.people["budi"], public_id)
    office.clock.forward(hours=5)
    with pytest.raises(ConflictError):
        office.services.products.withdraw(office.people["budi"], public_id)


def test_what_was_withdrawn_is_gone_for_a_reviewer(office):
    public_id = office.hand_in("budi", "Laporan")
    office.services.products.withdraw(office.people["budi"], public_id)
    with pytest.raises(NotFoundError):
        office.services.review.open(office.people["dewi"], public_id)
    assert _queue(office).waiting == 0


def test_a_resubmission_makes_an_old_page_stale(office):
    review, people = office.services.review, office.people
    public_id = office.hand_in("budi", "Laporan")
    review.send_back(people["dewi"], public_id, 1, "Tambahkan daftar hadir.")
    office.submit("budi", public_id)
    for decide in (review.approve, review.send_back):
        with pytest.raises(ConflictError):
            decide(people["dewi"], public_id, 1, "catatan")
    assert _item(office, "dewi", public_id).pending
    review.approve(people["dewi"], public_id, 2)
    assert _item(office, "dewi", public_id).state == "approved"


def test_a_page_of_the_first_version_cannot_approve_the_second_unseen(office):
    review, people = office.services.review, office.people
    public_id = office.hand_in("budi", "Laporan")
    review.approve(people["dewi"], public_id, 1, version=1)
    office.services.products.add_version(people["budi"], public_id)
    draft = office.draft("budi", "Edisi dua")
    office.services.products.become_version(people["budi"], draft, public_id)
    office.submit("budi", public_id)
    with pytest.raises(ConflictError):
        review.approve(people["rudi"], public_id, 1, version=1)
    review.approve(people["rudi"], public_id, 1, version=2)


@pytest.mark.parametrize("note", ["", "   ", "\u200b\n"])
def test_returning_needs_a_note(office, note):
    public_id = office.hand_in("budi", "Laporan")
    with pytest.raises(InvalidError):
        office.services.review.send_back(office.people["dewi"], public_id, 1, note)
    assert _item(office, "dewi", public_id).pending


def test_nobody_decides_on_his_own_or_his_units(office):
    review = office.services.review
    colleagues = office.hand_in("budi", "Dari unit sendiri")
    own = office.hand_in("rani", "Punya sendiri")
    for public_id in (colleagues, own):
        with pytest.raises(ForbiddenError):
            review.open(office.people["rani"], public_id)
        with pytest.raises(ForbiddenError):
            review.approve(office.people["rani"], public_id, 1)
        assert _item(office, "rani", public_id).barred
    others = office.hand_in("tia", "Dari unit lain")
    assert review.open_next(office.people["rani"]) == others


@pytest.mark.parametrize("login", ["budi", "kiki", "sari", "yoga"])
def test_only_the_sekretariat_decides(office, login):
    public_id = office.hand_in("budi", "Laporan")
    with pytest.raises((ForbiddenError, NotFoundError)):
        office.services.review.approve(office.people[login], public_id, 1)


def test_the_next_item_is_the_oldest_free_one(office):
    review, people = office.services.review, office.people
    first, second, third = (office.hand_in("budi", title) for title in ("Satu", "Dua", "Tiga"))
    review.open(people["rudi"], first)
    assert review.open_next(people["dewi"]) == second
    review.approve(people["dewi"], second, 1)
    assert review.open_next(people["dewi"]) == third
    review.approve(people["dewi"], third, 1)
    assert review.open_next(people["dewi"]) is None
    office.clock.forward(hours=3)
    assert review.open_next(people["dewi"]) == first


def test_lateness_counts_from_the_first_press(office):
    review, people = office.services.review, office.people
    public_id = office.hand_in("budi", "Laporan")
    review.send_back(people["dewi"], public_id, 1, "Perbaiki.")
    office.clock.at = datetime(2023, 11, 5, 3, 0, tzinfo=UTC)
    office.submit("budi", public_id)
    late = office.hand_in("tia", "Terlambat")
    marks = {row.public_id: row.late for row in _queue(office).rows}
    assert marks == {public_id: False, late: True}


def test_more_time_for_a_row_counts_for_its_keluaran_on_every_page(office):
    office.clock.at = datetime(2023, 11, 5, 3, 0, tzinfo=UTC)
    one, other = office.hand_in("budi", "Aksi pertama"), office.hand_in("budi", "Aksi lain", action="1.1.02")
    given = ExtensionForm("kl-07", f"{PLAN}/1.1.01", datetime(2023, 11, 10, tzinfo=UTC), "Banjir.")
    office.services.periods.extend(office.people["dewi"], PLAN, PERIOD, given)
    late = {one: False, other: True}
    assert {row.public_id: row.late for row in _queue(office).rows} == late
    assert {public_id: _item(office, "dewi", public_id).late for public_id in late} == late
    assert {public_id: _page(office, "budi", public_id).late for public_id in late} == late


def test_a_return_of_a_keluaran_may_set_its_own_deadline(office):
    public_id = office.hand_in("budi", "Laporan")
    due = datetime(2023, 10, 20, 16, 59, 59, tzinfo=UTC)
    office.services.review.send_back(office.people["dewi"], public_id, 1, Return("Perbaiki.", due))
    shown = _page(office, "budi", public_id)
    assert (shown.state, shown.note, shown.due_at) == ("returned", "Perbaiki.", due)
    assert _item(office, "dewi", public_id).decision.due_at == due


def test_the_queue_is_oldest_first_with_working_days_and_todays_decisions(office):
    first = office.hand_in("budi", "Satu")
    office.clock.forward(days=8)  # Monday to Tuesday of the week after: six working days
    second = office.hand_in("tia", "Dua")
    found = _queue(office)
    assert [(row.public_id, row.age) for row in found.rows] == [(first, 6), (second, 0)]
    assert (found.waiting, found.done_today) == (2, 0)
    office.services.review.approve(office.people["dewi"], first, 1)
    found = _queue(office)
    assert (found.waiting, found.done_today) == (1, 1)
    office.clock.forward(days=1)
    assert _queue(office).done_today == 0


def test_changes_since_the_return_are_told(office):
    public_id = office.hand_in("budi", "Laporan")
    assert _item(office, "dewi", public_id).changes is None
    office.services.review.send_back(office.people["dewi"], public_id, 1, "Judul dan aksi keliru.")
    office.say("budi", public_id, title="Laporan akhir", actions=("ran-pe/1.1.01", "ran-pe/1.1.02"))
    office.submit("budi", public_id)
    changes = _item(office, "dewi", public_id).changes
    assert {change.name: (change.gone, change.came) for change in changes.changes} == {
        "title": (("Laporan",), ("Laporan akhir",)),
        "actions": ((), ("1.1.02",)),
    }
    assert (changes.note, changes.kept_files) == ("Judul dan aksi keliru.", 1)


def test_a_withdrawn_snapshot_is_not_compared_with(office):
    public_id = office.hand_in("budi", "Rahasia dapur")
    office.services.products.withdraw(office.people["budi"], public_id)
    office.say("budi", public_id, title="Laporan")
    office.submit("budi", public_id)
    assert _item(office, "dewi", public_id).changes is None


def test_the_same_bytes_elsewhere_are_shown_but_no_hidden_draft(office):
    content = b"Isi yang sama persis.\n"
    known = office.hand_in("tia", "Sudah ada", content=content)
    office.draft("tia", "Masih draf", content=content)
    public_id = office.hand_in("budi", "Laporan", content=content)
    found = _item(office, "dewi", public_id).lookalikes
    assert [(other.public_id, other.same_bytes) for other in found] == [(known, True)]


def test_reopening_gives_it_back_with_a_reason(office):
    review, people = office.services.review, office.people
    public_id = office.hand_in("budi", "Laporan")
    review.approve(people["dewi"], public_id, 1)
    assert _item(office, "rudi", public_id).reopenable
    with pytest.raises(InvalidError):
        review.reopen(people["rudi"], public_id, " ")
    review.reopen(people["rudi"], public_id, "Halaman 3 tertukar.")
    found = _item(office, "rudi", public_id)
    assert (found.state, found.decision.note, found.reopenable) == ("returned", "Halaman 3 tertukar.", False)
