"""What owners do with a keluaran, through the services, on a real database."""

from __future__ import annotations

import io
import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa

from khub.audit import chain
from khub.audit.models import Event
from khub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from khub.policy import Grant, Role
from khub.products import drafts, ids
from khub.products.detail import detail
from khub.products.models import WORKING, Copy, CopyFile, File, Product, Receipt, Version
from khub.products.service import StaleError
from khub.products.uploads import Place


def _detail(office, login, public_id, **which):
    which = {"version": None, "snapshot": None, **which}
    with office.services.db.read() as session:
        return detail(session, office.people[login], public_id, office.clock.now(), **which)


def _card(office, login, public_id):
    with office.services.db.read() as session:
        return drafts.product_card(session, office.people[login], public_id)


def _visit(office, login, *titles):
    """Upload files of one visit; returns (batch, public ids)."""
    batch, made = ids.batch_token(), []
    for title in titles:
        place = Place(batch=batch, action="ran-pe/1.1.01", period="ran-pe/2023-01-10")
        stream = io.BytesIO(f"{title}\n".encode())
        made.append(
            office.services.uploads.receive(office.people[login], stream, f"{title}.txt", place).product
        )
    return batch, made


def _names(office, public_id):
    with office.services.db.read() as session:
        return session.scalars(
            sa.select(File.name)
            .join(CopyFile, CopyFile.file_id == File.id)
            .join(Copy, Copy.id == CopyFile.copy_id)
            .join(Version, Version.id == Copy.version_id)
            .join(Product, Product.id == Version.product_id)
            .where(Product.public_id == public_id, Copy.number == WORKING)
            .order_by(Version.number.desc(), CopyFile.position)
        ).all()


# -- saving -----------------------------------------------------------------------------------------


def test_two_people_editing_at_once_keep_both_versions(office):
    office.hire("nina", Grant(Role.MEMBER, office.institutions["kl-07"], office.pokjas["1"]))
    public_id = office.draft("budi", "Laporan")
    before = _card(office, "budi", public_id).revision
    office.say("budi", public_id, title="Judul Budi", revision=before)
    with pytest.raises(StaleError) as stale:
        office.say("nina", public_id, title="Judul Nina", revision=before)
    assert _card(office, "nina", public_id).title == "Judul Budi"
    office.say("nina", public_id, title="Judul Nina", revision=stale.value.revision)
    assert _card(office, "budi", public_id).title == "Judul Nina"


def test_every_unknown_choice_is_named_at_once(office):
    public_id = office.draft("budi", "Laporan")
    with pytest.raises(InvalidError) as refused:
        office.say("budi", public_id, kind="tak-ada", period="ran-pe/1999", actions=("ran-pe/9.9.99",))
    assert {error.name for error in refused.value.errors} == {"kind", "period", "actions"}


def test_an_owner_cannot_be_taken_from_a_unit_that_is_not_ones_own(office):
    public_id = office.draft("budi", "Laporan")
    stranger = f"{office.institutions['kl-12']}:{office.pokjas['1']}"
    with pytest.raises(InvalidError) as refused:
        office.say("budi", public_id, owner=stranger)
    assert [error.name for error in refused.value.errors] == ["owner"]


# -- classification ---------------------------------------------------------------------------------


def test_a_handed_in_keluaran_changes_its_classification_with_a_reason_only(office):
    public_id = office.hand_in("budi", "Laporan")
    classify = office.services.products.classify
    for reason in ("", "  \n"):
        with pytest.raises(InvalidError):
            classify(office.people["budi"], public_id, "terbatas", reason)
    with pytest.raises(InvalidError):
        classify(office.people["budi"], public_id, "rahasia", "alasan")
    classify(office.people["budi"], public_id, "terbatas", "memuat nama saksi")
    assert _detail(office, "budi", public_id).classification == "terbatas"
    with office.services.db.read() as session:
        event = session.scalars(sa.select(Event).where(Event.act == "product.classified")).one()
    assert event.reason == "memuat nama saksi"


def test_the_secretariat_classifies_an_approved_keluaran_whose_next_version_is_a_draft(office):
    public_id = office.hand_in("budi", "Laporan")
    office.services.review.approve(office.people["dewi"], public_id, 1)
    assert _detail(office, "tia", public_id).state == "approved"
    office.services.products.add_version(office.people["budi"], public_id)
    office.services.products.classify(office.people["dewi"], public_id, "terbatas", "permintaan K/L")
    with pytest.raises(NotFoundError):
        _detail(office, "tia", public_id)
    with pytest.raises(ForbiddenError):
        office.services.products.classify(office.people["sari"], public_id, "terbuka", "x")


# -- handing in -------------------------------------------------------------------------------------


def test_ajukan_is_all_or_nothing_and_names_everything_that_is_missing(office):
    good = office.draft("budi", "Lengkap")
    bare = office.draft("budi", "Kurang")
    office.say("budi", bare, actions=(), period="")
    with pytest.raises(InvalidError) as refused:
        office.services.products.submit(office.people["budi"], [good, bare])
    assert {error.name for error in refused.value.errors} == {f"{bare}.actions", f"{bare}.period"}
    assert {_detail(office, "budi", each).state for each in (good, bare)} == {"draft"}
    with office.services.db.read() as session:
        assert session.scalars(sa.select(Receipt)).all() == []
    office.say("budi", bare, actions=("ran-pe/1.1.02",), period="ran-pe/2023-01-10")
    handed = office.services.products.submit(office.people["budi"], [good, bare, good])
    assert handed.products == (good, bare)
    assert {_detail(office, "budi", each).state for each in (good, bare)} == {"submitted"}


def test_nothing_is_not_handed_in(office):
    with pytest.raises(InvalidError):
        office.services.products.submit(office.people["budi"], [])
    with pytest.raises(InvalidError):
        office.services.products.submit_batch(office.people["budi"], ids.batch_token())


def test_what_looks_like_personal_data_asks_a_question_before_ajukan(office, sandbox):
    public_id = office.draft(
        "budi", "Hadir", content=b"Daftar hadir\nNIK 3201021504900002\nNIK 3374015506920003\n"
    )
    office.read_files(sandbox)
    with pytest.raises(InvalidError) as refused:
        office.services.products.submit(office.people["budi"], [public_id])
    assert [error.name for error in refused.value.errors] == [f"{public_id}.personal_data"]
    office.say("budi", public_id, personal_data="yes")
    office.submit("budi", public_id)
    assert _detail(office, "dewi", public_id).personal_data == "yes"


def test_two_presses_of_ajukan_make_one_snapshot(office):
    public_id = office.draft("budi", "Laporan")
    start, got = threading.Barrier(3), []

    def press():
        start.wait()
        try:
            got.append(office.services.products.submit(office.people["budi"], [public_id]))
        except ConflictError:
            got.append(None)

    threads = [threading.Thread(target=press) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(each is not None for each in got) == 1
    assert [link.snapshot for link in _detail(office, "budi", public_id).links] == [1]


def test_where_an_official_submits_a_member_does_not(office):
    from khub.plan.models import Institution  # noqa: PLC0415 - only this test sets the flag

    unit, pokja = office.institutions["kl-07"], office.pokjas["1"]
    with office.services.db.write() as session:
        session.get_one(Institution, unit).official_submits = True
    office.hire("pak", Grant(Role.OFFICIAL, unit, pokja))
    public_id = office.draft("budi", "Laporan")
    with pytest.raises(ForbiddenError):
        office.submit("budi", public_id)
    office.submit("pak", public_id)
    with pytest.raises(ForbiddenError):
        office.services.products.withdraw(office.people["budi"], public_id)


# -- snapshots --------------------------------------------------------------------------------------


def test_snapshots_are_frozen_and_numbered(office):
    public_id = office.hand_in("budi", "Pertama")
    for title in ("Judul 2", "Judul 3"):
        office.services.products.withdraw(office.people["budi"], public_id)
        office.say("budi", public_id, title=title)
        office.submit("budi", public_id)
    links = _detail(office, "budi", public_id).links
    assert [(link.snapshot, link.state) for link in links] == [
        (3, "submitted"),
        (2, "withdrawn"),
        (1, "withdrawn"),
    ]
    titles = [_detail(office, "budi", public_id, version=1, snapshot=number).title for number in (1, 2, 3)]
    assert titles == ["Pertama", "Judul 2", "Judul 3"]


def test_a_withdrawn_snapshot_is_for_its_owner_and_the_auditor_only(office):
    public_id = office.hand_in("budi", "Laporan")
    office.services.products.withdraw(office.people["budi"], public_id)
    assert _detail(office, "sari", public_id).state == "withdrawn"
    for login in ("dewi", "kiki", "tia", "yoga"):
        with pytest.raises(NotFoundError):
            _detail(office, login, public_id)
    office.say("budi", public_id, title="Sedang diubah")
    assert _detail(office, "sari", public_id).title == "Laporan"
    assert _detail(office, "budi", public_id).title == "Sedang diubah"


def test_what_a_reviewer_opened_cannot_be_withdrawn(office):
    public_id = office.hand_in("budi", "Laporan")
    office.services.review.open(office.people["dewi"], public_id)
    with pytest.raises(ConflictError):
        office.services.products.withdraw(office.people["budi"], public_id)


def test_the_approved_version_stays_while_the_next_is_a_draft_and_then_waits(office):
    public_id = office.hand_in("budi", "Versi satu")
    office.services.review.approve(office.people["dewi"], public_id, 1)
    assert office.services.products.add_version(office.people["budi"], public_id) == 2
    office.services.uploads.receive(
        office.people["budi"],
        io.BytesIO(b"isi dua"),
        "dua.txt",
        Place(batch=ids.batch_token(), product=public_id),
    )
    office.say("budi", public_id, title="Versi dua")
    for login in ("tia", "sari", "dewi", "kiki"):
        assert (_detail(office, login, public_id).title, _detail(office, login, public_id).version) == (
            "Versi satu",
            1,
        )
    assert _detail(office, "budi", public_id).title == "Versi dua"
    office.submit("budi", public_id)
    assert _detail(office, "tia", public_id).title == "Versi satu"
    assert _detail(office, "dewi", public_id).title == "Versi dua"
    office.services.review.approve(office.people["dewi"], public_id, 1)
    assert _detail(office, "tia", public_id).title == "Versi dua"


def test_a_stranger_is_answered_alike_whether_or_not_a_next_draft_exists(office):
    public_id = office.hand_in("budi", "Laporan")
    office.services.review.approve(office.people["dewi"], public_id, 1)
    acts = [
        lambda: office.services.products.withdraw(office.people["tia"], public_id),
        lambda: office.services.products.add_version(office.people["tia"], public_id),
        lambda: office.services.products.discard(office.people["tia"], public_id),
        lambda: office.services.products.split(office.people["tia"], public_id),
        lambda: office.services.products.submit(office.people["tia"], [public_id]),
        lambda: office.services.products.classify(office.people["tia"], public_id, "terbuka", "x"),
    ]

    def answers():
        found = []
        for act in acts:
            with pytest.raises((ForbiddenError, NotFoundError, ConflictError)) as refused:
                act()
            found.append((type(refused.value), refused.value.message))
        return found

    before = answers()
    office.services.products.add_version(office.people["budi"], public_id)
    assert answers() == before


# -- joining, splitting, throwing away ----------------------------------------------------------------


def test_a_visits_drafts_become_one_and_one_becomes_many(office):
    products = office.services.products
    batch, (first, second, third) = _visit(office, "budi", "Satu", "Dua", "Tiga")
    assert products.join(office.people["budi"], batch) == first
    assert _names(office, first) == ["Satu.txt", "Dua.txt", "Tiga.txt"]
    for gone in (second, third):
        with pytest.raises(NotFoundError):
            _card(office, "budi", gone)
    made = products.split(office.people["budi"], first)
    assert [_names(office, each) for each in made] == [["Satu.txt"], ["Dua.txt"], ["Tiga.txt"]]
    assert {_card(office, "budi", each).period for each in made} == {"ran-pe/2023-01-10"}
    with office.services.db.read() as session:
        assert chain.verify(session).whole


def test_joining_takes_only_ones_own_open_drafts(office):
    batch, (first, second) = _visit(office, "budi", "Satu", "Dua")
    office.submit("budi", second)
    with pytest.raises(NotFoundError):
        office.services.products.join(office.people["tia"], batch)
    assert office.services.products.join(office.people["budi"], batch) == first
    assert _detail(office, "budi", second).state == "submitted"


def test_a_draft_becomes_the_next_version_of_an_approved_keluaran(office):
    products = office.services.products
    target = office.hand_in("budi", "Laporan")
    office.services.review.approve(office.people["dewi"], target, 1)
    draft = office.draft("budi", "Laporan baru")
    products.become_version(office.people["budi"], draft, target)
    assert _names(office, target)[0] == "Laporan baru.txt"
    assert _detail(office, "budi", target).version == 2
    assert _detail(office, "tia", target).version == 1
    with pytest.raises(NotFoundError):
        _card(office, "budi", draft)


def test_a_draft_cannot_be_slipped_into_a_keluaran_of_another_unit_or_one_that_waits(office):
    products = office.services.products
    draft = office.draft("budi", "Draf")
    with pytest.raises(NotFoundError):
        products.become_version(office.people["budi"], draft, office.draft("tia", "Milik Tia"))
    approved = office.hand_in("tia", "Milik Tia")
    office.services.review.approve(office.people["dewi"], approved, 1)
    with pytest.raises(ForbiddenError):
        products.become_version(office.people["budi"], draft, approved)
    with pytest.raises(ConflictError):
        products.become_version(office.people["budi"], draft, office.hand_in("budi", "Menunggu"))
    assert _names(office, draft) == ["Draf.txt"]


def test_a_draft_can_be_thrown_away_and_what_was_handed_in_cannot(office):
    products = office.services.products
    draft = office.draft("budi", "Salah")
    products.discard(office.people["budi"], draft)
    with pytest.raises(NotFoundError):
        _detail(office, "budi", draft)
    public_id = office.hand_in("budi", "Laporan")
    with pytest.raises(ConflictError):
        products.discard(office.people["budi"], public_id)
    products.withdraw(office.people["budi"], public_id)
    with pytest.raises(ConflictError):
        products.discard(office.people["budi"], public_id)
    assert _detail(office, "budi", public_id).title == "Laporan"


def test_throwing_the_next_version_away_leaves_the_approved_one(office):
    products = office.services.products
    public_id = office.hand_in("budi", "Laporan")
    office.services.review.approve(office.people["dewi"], public_id, 1)
    products.add_version(office.people["budi"], public_id)
    products.discard(office.people["budi"], public_id)
    assert (_detail(office, "budi", public_id).version, _detail(office, "budi", public_id).state) == (
        1,
        "approved",
    )
    assert products.add_version(office.people["budi"], public_id) == 2


def test_only_an_owner_changes_anything(office):
    public_id = office.hand_in("budi", "Laporan")
    products = office.services.products
    for login in ("dewi", "kiki", "sari"):
        for act in (products.withdraw, products.discard, products.split, products.add_version):
            with pytest.raises(ForbiddenError):
                act(office.people[login], public_id)
    for login in ("tia", "yoga"):
        with pytest.raises(NotFoundError):
            products.withdraw(office.people[login], public_id)
    nobody = replace(office.people["budi"], grants=())
    with pytest.raises(NotFoundError):
        products.withdraw(nobody, public_id)
