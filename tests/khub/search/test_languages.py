"""Each page is read in its own language, also one that was stored before languages were told by page."""

from __future__ import annotations

import sqlalchemy as sa

from khub.products.jobs import pack
from khub.products.models import File, Page
from khub.search.indexing import Rebuild, pages_of
from khub.search.service import Request

ENGLISH = "The trained teachers of this school were asked about the modules that they use for their pupils. "
INDONESIAN = (
    "Para guru yang dilatih pada sekolah ini ditanya tentang modul yang dipakai untuk murid dan kelas. "
)


def test_a_rebuild_tells_the_language_of_each_page(office, sandbox):
    office.hand_in("budi", "Pelatihan guru")
    office.read_files(sandbox)
    db = office.services.db
    with db.write() as session:
        file = session.scalars(sa.select(File)).first()
        file.language = "id"
        session.execute(sa.delete(Page).where(Page.file_id == file.id))
        session.add_all(
            Page(
                file_id=file.id,
                number=number,
                label=str(number),
                kind="page",
                approximate=False,
                heading="",
                error="",
                text=pack(text),
            )
            for number, text in enumerate((INDONESIAN * 2, ENGLISH * 2, "Trained, too"), 1)
        )
        file_id = file.id
    Rebuild(db, office.services.index_writer, lambda *_: None).run()
    office.services.index_writer.close()
    with db.read() as session:
        stored = session.scalars(sa.select(Page).where(Page.file_id == file_id).order_by(Page.number))
        assert [page.language for page in stored] == ["id", "en", ""]
        assert [page.language for page in pages_of(session, file_id)] == ["id", "en", "id"]
    # The stem of an English word is looked for on the English page only.
    answer = office.services.search.run(office.people["budi"], Request("training"))
    assert [page.number for found in answer.found for page in found.pages] == [2]
