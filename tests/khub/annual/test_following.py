"""A draft follows its plan; what was written stays with its action, a frozen edition stays as it was."""

from __future__ import annotations

import sqlalchemy as sa

from khub.annual import compose, editions
from khub.plan.models import Action, ActionYear, Focus


def _headings(desk):
    with desk.office.services.db.read() as session:
        made, _ = compose.document(session, compose.load(session, desk.public_id))
    return [part.heading for part in made.sections if part.blocks and part.level > 2]


def _change(desk, action, **values):
    with desk.office.services.db.write() as session:
        session.execute(sa.update(Action).where(Action.code == action).values(**values))


def _title(desk, code):
    with desk.office.services.db.read() as session:
        return session.scalars(sa.select(Action.title).where(Action.code == code)).one()


def test_a_renamed_and_a_renumbered_action_keep_what_was_written_of_them(desk):
    desk.write("aksi-1.1.01", "Dilatih 120 dosen.")
    assert desk.annual.freeze(desk.who("dewi"), desk.public_id) == 1
    old = _title(desk, "1.1.01")
    _change(desk, "1.1.01", title="Pelatihan dosen")
    assert _headings(desk) == ["II.2.1.1 1.1.01 Pelatihan dosen"]
    desk.write("aksi-1.1.01", "Ditambah 30 guru.")
    _change(desk, "1.1.01", code="1.1.77")
    assert _headings(desk) == ["II.2.1.2 1.1.77 Pelatihan dosen"]
    desk.write("aksi-1.1.77", "Dan 5 pelatih.")
    assert [each.text for each in desk.paragraphs("aksi-1.1.77")] == [
        "Dilatih 120 dosen.",
        "Ditambah 30 guru.",
        "Dan 5 pelatih.",
    ]
    with desk.office.services.db.read() as session:
        frozen = editions.edition(session, desk.who("dewi"), desk.public_id, 1).document
    assert f"II.2.1.1 1.1.01 {old}" in [part.heading for part in frozen.sections]


def test_a_new_action_gets_a_place_and_one_off_the_table_stays_only_if_written_of(desk):
    paragraph = desk.write("aksi-1.1.02", "Sudah dibahas.")
    title = _title(desk, "1.1.02")
    with desk.office.services.db.write() as session:
        focus = session.scalars(sa.select(Focus).order_by(Focus.id)).first()
        model = session.scalars(sa.select(Action).where(Action.code == "1.1.01")).one()
        fresh = Action(
            **{
                column.name: getattr(model, column.name)
                for column in sa.inspect(Action).columns
                if column.name != "id"
            }
            | {"code": "1.1.55", "title": "Aksi baru", "focus_id": focus.id}
        )
        session.add(fresh)
        session.flush()
        session.add(ActionYear(action_id=fresh.id, year=2023))
        gone = session.scalars(sa.select(Action.id).where(Action.code.in_(["1.1.01", "1.1.02"]))).all()
        session.execute(sa.delete(ActionYear).where(ActionYear.action_id.in_(gone)))
    page = desk.office.browser("dewi").get(desk.path("?bagian=fokus-1.1")).text
    assert "Aksi baru" in page
    assert "aksi-1.1.01" not in page
    desk.write("aksi-1.1.55", "Dimulai.")
    assert _headings(desk) == ["II.2.1.1 1.1.55 Aksi baru", f"1.1.02 {title} (tidak lagi dalam daftar)"]
    dewi = desk.office.browser("dewi")
    assert dewi.get(desk.path(f"/paragraf/{paragraph}/riwayat")).status_code == 200
    desk.annual.remove(desk.who("dewi"), desk.public_id, paragraph)
    assert _headings(desk) == ["II.2.1.1 1.1.55 Aksi baru"]
    assert dewi.get(desk.path(f"/paragraf/{paragraph}/riwayat")).status_code == 200
    assert dewi.get(desk.path("/masukan")).status_code == 200
