"""Writing: every save kept with who and when, two writers lose no word, only the Sekretariat writes."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from khub.annual.models import AnnualRevision
from khub.annual.narrative import StaleParagraphError
from khub.audit import chain
from khub.audit.models import Event
from khub.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tests.khub.conftest import PLAN


def revisions(desk, paragraph_id):
    with desk.office.services.db.read() as session:
        return [
            (row.number, row.act, row.text, row.person)
            for row in session.scalars(
                sa.select(AnnualRevision)
                .where(AnnualRevision.paragraph_id == paragraph_id)
                .order_by(AnnualRevision.id)
            )
        ]


def test_every_save_is_a_revision_with_its_writer_and_an_event(desk):
    paragraph = desk.write("rekomendasi", "Satu.")
    saved = desk.annual.save(desk.who("dewi"), desk.public_id, paragraph, "Satu dua.", 1)
    desk.annual.save(desk.who("rudi"), desk.public_id, paragraph, "Satu dua tiga.", saved.revision)
    assert revisions(desk, paragraph) == [
        (1, "added", "Satu.", "Dewi Contoh"),
        (2, "saved", "Satu dua.", "Dewi Contoh"),
        (3, "saved", "Satu dua tiga.", "Rudi Contoh"),
    ]
    with desk.office.services.db.read() as session:
        acts = session.scalars(sa.select(Event.act).where(Event.object_id == desk.public_id)).all()
        assert chain.verify(session).whole
    assert acts.count("annual.paragraph-saved") == 2


def test_saving_the_same_words_again_changes_nothing(desk):
    paragraph = desk.write("rekomendasi", "Satu.")
    assert desk.annual.save(desk.who("dewi"), desk.public_id, paragraph, "Satu.", 1).revision == 1
    assert len(revisions(desk, paragraph)) == 1


def test_two_writers_of_one_paragraph_lose_no_word(desk):
    paragraph = desk.write("rekomendasi", "Awal.")
    desk.annual.save(desk.who("dewi"), desk.public_id, paragraph, "Teks Dewi.", 1)
    for _ in range(2):  # an autosave may come again
        with pytest.raises(StaleParagraphError) as refused:
            desk.annual.save(desk.who("rudi"), desk.public_id, paragraph, "Teks Rudi.", 1)
    assert refused.value.stored == "Teks Dewi."
    assert refused.value.revision == 2
    assert desk.paragraphs("rekomendasi")[0].text == "Teks Dewi."
    assert [(act, text) for _, act, text, _ in revisions(desk, paragraph)] == [
        ("added", "Awal."),
        ("saved", "Teks Dewi."),
        ("conflict", "Teks Rudi."),
    ]


def test_a_paragraph_takes_a_hundred_thousand_characters_and_no_more(desk):
    paragraph = desk.write("rekomendasi", "")
    desk.annual.save(desk.who("dewi"), desk.public_id, paragraph, "a" * 100_000, 1)
    with pytest.raises(InvalidError):
        desk.annual.save(desk.who("dewi"), desk.public_id, paragraph, "a" * 100_001, 2)


def test_paragraphs_are_added_moved_taken_out_and_brought_back(desk):
    dewi = desk.who("dewi")
    first = desk.write("rekomendasi", "Satu")
    last = desk.write("rekomendasi", "Tiga")
    middle = desk.annual.add(dewi, desk.public_id, "rekomendasi", after=first, text="Dua")
    assert [p.text for p in desk.paragraphs("rekomendasi")] == ["Satu", "Dua", "Tiga"]
    desk.annual.move(dewi, desk.public_id, last, up=True)
    desk.annual.move(dewi, desk.public_id, first, up=True)
    assert [p.text for p in desk.paragraphs("rekomendasi")] == ["Satu", "Tiga", "Dua"]
    desk.annual.remove(dewi, desk.public_id, middle)
    assert [p.text for p in desk.paragraphs("rekomendasi")] == ["Satu", "Tiga"]
    with desk.office.services.db.read() as session:
        revision = session.scalars(
            sa.select(AnnualRevision.id).where(AnnualRevision.paragraph_id == middle)
        ).first()
    desk.annual.restore(dewi, desk.public_id, middle, revision)
    assert [p.text for p in desk.paragraphs("rekomendasi")] == ["Satu", "Tiga", "Dua"]
    with pytest.raises(NotFoundError):
        desk.annual.restore(dewi, desk.public_id, first, revision)


def test_only_the_secretariat_writes(desk):
    for login in ("budi", "kiki", "sari", "yoga"):
        actor = desk.who(login)
        with pytest.raises(ForbiddenError):
            desk.annual.add(actor, desk.public_id, "rekomendasi", text="x")
        with pytest.raises(ForbiddenError):
            desk.annual.create(actor, PLAN, 2022)
        with pytest.raises(ForbiddenError):
            desk.annual.freeze(actor, desk.public_id)


def test_a_report_is_started_once_and_only_for_a_year_with_a_table(desk):
    with pytest.raises(ConflictError):
        desk.annual.create(desk.who("dewi"), PLAN, 2023)
    with pytest.raises(InvalidError):
        desk.annual.create(desk.who("dewi"), PLAN, 2019)
    with pytest.raises(InvalidError):
        desk.annual.create(desk.who("dewi"), "tidak-ada", 2023)


def test_live_figures_follow_the_date_and_never_the_future(desk):
    from datetime import timedelta  # noqa: PLC0415 - only here

    from khub.annual import compose  # noqa: PLC0415 - only here
    from khub.plan.terms import Answer  # noqa: PLC0415 - only here

    before = desk.office.clock.now()
    desk.office.clock.forward(hours=1)
    desk.commit(("1.1.02", "kl-07", Answer.YES))

    def committed():
        with desk.office.services.db.read() as session:
            made, _ = compose.document(session, compose.load(session, desk.public_id))
        return made.figures["{{angka:committed|dari}}"]

    assert committed() == "1 dari 4"
    desk.annual.set_as_of(desk.who("dewi"), desk.public_id, desk.office.clock.now())
    assert committed() == "2 dari 4"
    desk.annual.set_as_of(desk.who("dewi"), desk.public_id, before)
    assert committed() == "1 dari 4"
    with pytest.raises(InvalidError):
        desk.annual.set_as_of(desk.who("dewi"), desk.public_id, before + timedelta(days=40))
