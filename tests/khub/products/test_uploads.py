"""Receiving files: bytes before rows, one file a key, what is refused leaves nothing behind."""

from __future__ import annotations

import hashlib
import io
import os
import threading
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from khub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, TooLargeError
from khub.outbox import Job
from khub.plan.models import Period
from khub.products import drafts, ids
from khub.products.models import CopyFile, File, Product, UploadKey
from khub.products.uploads import READ, Place
from tests.khub.conftest import PERIOD, PLAN

TEXT = b"Laporan kegiatan pelatihan guru 12 September 2023\n"


def _receive(office, login="budi", *, data=TEXT, name="Laporan.txt", key="", **place):
    place.setdefault("batch", ids.batch_token())
    return office.services.uploads.receive(
        office.people[login], io.BytesIO(data), name, Place(**place), key=key
    )


def _count(office, model):
    with office.services.db.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model))


def test_what_was_received_is_on_disk_in_the_database_and_asked_to_be_read(office):
    received = _receive(office)
    with office.services.db.read() as session:
        file = session.scalars(sa.select(File)).one()
        job = session.scalars(sa.select(Job).where(Job.kind == READ)).one()
    assert (file.public_id, file.name, file.size) == (received.file, "Laporan.txt", len(TEXT))
    assert (job.ref, job.open) == (file.id, True)
    assert office.services.storage.path(hashlib.sha256(TEXT).hexdigest()).read_bytes() == TEXT


def test_the_bytes_are_on_disk_before_the_row_exists(office, monkeypatch):
    record = office.services.uploads._record
    rows = []

    def looking(session, actor, blob, *rest):
        assert office.services.storage.path(blob.sha256).read_bytes() == TEXT
        rows.append(session.scalar(sa.select(sa.func.count()).select_from(File)))
        return record(session, actor, blob, *rest)

    monkeypatch.setattr(type(office.services.uploads), "_record", lambda _, *args: looking(*args))
    _receive(office)
    assert rows == [0]


def test_a_repeated_sending_under_one_key_is_the_same_file(office):
    batch = ids.batch_token()
    first = _receive(office, key="kunci-1", batch=batch)
    again = _receive(office, key="kunci-1", batch=batch, data=b"isi lain sama sekali\n")
    assert again == first
    assert _count(office, File) == _count(office, Product) == _count(office, UploadKey) == 1


def test_a_key_is_the_senders_own(office):
    assert _receive(office, "budi", key="sama").file != _receive(office, "tia", key="sama").file
    assert _count(office, File) == 2


def test_without_a_key_the_same_bytes_are_two_files_of_one_blob(office):
    first, second = _receive(office), _receive(office)
    assert first.file != second.file
    assert len(list(office.services.storage.keys())) == 1


def test_two_sendings_of_one_key_at_the_same_moment_are_one_file(office):
    for number in range(5):
        batch, start = ids.batch_token(), threading.Barrier(4)
        got, wrong = [], []

        def send(batch=batch, start=start, got=got, wrong=wrong, number=number):
            start.wait()
            try:
                got.append(_receive(office, key=f"kunci-{number}", batch=batch))
            except Exception as error:  # noqa: BLE001 - the test shows whatever came
                wrong.append(error)

        threads = [threading.Thread(target=send) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
        assert len(set(got)) == 1
        assert _count(office, File) == _count(office, Product) == number + 1


@pytest.mark.parametrize("key", ["x" * 81, "a\nb", "\u202e", "\x00"])
def test_a_key_that_is_none_is_refused(office, key):
    with pytest.raises(InvalidError):
        _receive(office, key=key)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("kosong.pdf", b"", "kosong"),
        ("program.pdf", b"MZ\x90\x00" + b"\0" * 200, "program"),
        ("arsip.rar", b"Rar!\x1a\x07\x00" + b"\0" * 40, "tidak didukung"),
    ],
)
def test_bytes_that_are_not_taken_leave_no_row_and_say_the_name(office, name, data, words):
    with pytest.raises(InvalidError) as refused:
        _receive(office, data=data, name=name)
    (problem,) = refused.value.errors
    text = problem.message % problem.params
    assert name in text
    assert words in text
    assert _count(office, File) == _count(office, Product) == 0


def test_a_file_above_the_limit_is_refused_while_it_comes_in(office):
    uploads = office.services.uploads
    sent = io.BytesIO(b"x" * (uploads.limit + (8 << 20)))
    with pytest.raises(TooLargeError):
        uploads.receive(office.people["budi"], sent, "besar.txt", Place(batch=ids.batch_token()))
    assert sent.tell() <= uploads.limit + (1 << 20)
    assert list(office.services.storage.keys()) == []
    assert list((office.services.settings.uploads / "tmp").iterdir()) == []


def test_who_may_not_upload_is_told_before_the_body_is_taken(office):
    public_id = office.draft("budi", "Milik Budi")
    for login in ("sari", "yoga", "dewi", "kiki"):
        with pytest.raises(ForbiddenError):
            _receive(office, login)
    sent = io.BytesIO(TEXT)
    with pytest.raises(NotFoundError):
        office.services.uploads.receive(
            office.people["tia"], sent, "a.txt", Place(batch=ids.batch_token(), product=public_id)
        )
    assert sent.tell() == 0


def test_names_are_data_and_never_paths(office):
    for name in (
        "../../etc/passwd.txt",
        "..\\..\\x.txt",
        "/abs/olut.txt",
        "a\u202etxt.exe.txt",
        "x" * 5000 + ".txt",
    ):
        received = _receive(office, name=name)
        with office.services.db.read() as session:
            file = session.scalars(sa.select(File).where(File.public_id == received.file)).one()
        assert not set("/\\\u202e\0") & set(file.name)
        assert 0 < len(file.name) <= 150
        assert file.name.endswith(".txt")
    stored = {path.name for path in office.services.settings.uploads.rglob("*") if path.is_file()}
    assert stored == {hashlib.sha256(TEXT).hexdigest()}


def test_more_files_join_a_draft_up_to_fifty(office):
    public_id = office.draft("budi", "Banyak")
    for _ in range(49):
        _receive(office, product=public_id)
    with pytest.raises(ConflictError):
        _receive(office, product=public_id)
    assert _count(office, CopyFile) == 50


def test_a_handed_in_version_takes_no_more_files(office):
    public_id = office.hand_in("budi", "Laporan")
    with pytest.raises(ConflictError):
        _receive(office, product=public_id)


def test_a_draft_whose_last_file_goes_is_gone_and_its_bytes_are_swept_after_a_day(office):
    received = _receive(office)
    assert office.services.uploads.remove(office.people["budi"], received.file) == received.product
    with office.services.db.read() as session:
        assert session.scalars(sa.select(Product.discarded_at)).one() is not None
        assert session.scalars(sa.select(CopyFile)).all() == []
    # The row stays, so the bytes stay: what the trail names can be shown.
    assert office.services.uploads.sweep() == 0


def test_the_sweep_takes_only_old_bytes_that_no_row_names(office):
    kept = _receive(office).file
    storage = office.services.storage
    stray, fresh = (storage.put(io.BytesIO(text), limit=100).sha256 for text in (b"tak bertuan", b"baru"))
    old = storage.clock.now() - timedelta(hours=25)
    for path in office.services.settings.uploads.rglob("*"):
        if path.is_file() and path.name != fresh:
            os.utime(path, (old.timestamp(), old.timestamp()))
    assert office.services.uploads.sweep() == 1
    assert set(storage.keys()) == {hashlib.sha256(TEXT).hexdigest(), fresh}
    assert stray not in set(storage.keys())
    assert kept


def test_bytes_sent_again_before_their_row_are_not_swept(office):
    """A sweep between storing known bytes and writing the row must not take them."""
    storage = office.services.storage
    blob = storage.put(io.BytesIO(TEXT), limit=1000)
    old = (storage.clock.now() - timedelta(hours=25)).timestamp()
    os.utime(storage.path(blob.sha256), (old, old))
    storage.put(io.BytesIO(TEXT), limit=1000)
    assert office.services.uploads.sweep() == 0
    assert storage.path(blob.sha256).read_bytes() == TEXT


def test_asking_to_read_again_is_for_the_owner_and_the_secretariat_on_what_they_may_read(office):
    uploads, people = office.services.uploads, office.people
    public_id = office.hand_in("budi", "Laporan")
    with office.services.db.read() as session:
        file = session.scalars(sa.select(File.public_id)).one()
    assert uploads.retry(people["budi"], file) == public_id
    assert uploads.retry(people["dewi"], file) == public_id
    with pytest.raises(ForbiddenError):
        uploads.retry(people["sari"], file)
    with pytest.raises(NotFoundError):
        uploads.retry(people["tia"], file)


def test_the_secretariat_cannot_touch_a_file_that_only_a_draft_holds(office):
    public_id = office.hand_in("budi", "Laporan")
    office.services.review.approve(office.people["dewi"], public_id, 1)
    office.services.products.add_version(office.people["budi"], public_id)
    hidden = _receive(office, product=public_id).file
    with pytest.raises(NotFoundError):
        office.services.uploads.retry(office.people["dewi"], hidden)
    assert office.services.uploads.retry(office.people["budi"], hidden) == public_id


def test_without_a_period_it_is_of_the_one_due_next_not_of_one_overdue(office):
    with office.services.db.write() as session:
        due = session.scalars(sa.select(Period)).one()
        session.add(
            Period(
                plan_id=due.plan_id,
                code="2023-01-07",
                name="Januari–Juli 2023",
                year=2023,
                starts=due.starts,
                ends=date(2023, 7, 31),
                deadline=office.clock.now() - timedelta(days=20),
                state="open",
            )
        )
    received = _receive(office)
    with office.services.db.read() as session:
        card = drafts.product_card(session, office.people["budi"], received.product)
    assert card.period == f"{PLAN}/{PERIOD}"
