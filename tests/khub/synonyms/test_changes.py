"""The pages of the room: look first, save, merge, import, history and taking back."""

from __future__ import annotations

import io
import re

import pytest
import sqlalchemy as sa

from khub.asked.models import AskedQuery
from khub.audit import chain
from khub.audit.models import Event
from khub.errors import ForbiddenError
from khub.search.indexing import Rebuild
from khub.synonyms import planning, queries
from khub.synonyms.models import SynonymChange, SynonymGroup
from khub.synonyms.terms import Group, Kind
from tests.khub.test_hostile import ODD


def same(*forms):
    return Group(Kind.SAME, forms)


@pytest.fixture
def keep(office):
    """Save a group as dewi, the way the page does: look, then save what was seen."""

    def save(group, group_id=None, merge=frozenset(), note=""):
        service, dewi = office.services.synonyms, office.people["dewi"]
        plan = service.look(dewi, lambda session: planning.saving(session, group_id, group, merge))
        return service.save(dewi, group_id, group, merge, note, plan.seen)

    return save


def held(office):
    with office.services.db.read() as session:
        return queries.groups(session)


def seen(response):
    return re.search(r'name="dilihat" value="([0-9a-f]+)"', response.text)[1]


def asked(office, login, *texts):
    """Let somebody have asked."""
    person = office.people[login]
    with office.services.db.write() as session:
        session.add_all(
            AskedQuery(
                person_id=person.person_id,
                text=text,
                key=text,
                filters={},
                total=0,
                asked_at=office.clock.now(),
            )
            for text in texts
        )


def without_token(response):
    return re.sub(r'name="csrf_token" value="[^"]+"', "", response.text)


def library(office, sandbox):
    """Two outputs of budi's that everybody reads, one of tia's that only her unit and the Sekretariat read."""
    for login, title, words, state in (
        ("budi", "Panduan saksi", "Media sosial saksi di daerah.", "internal"),
        ("budi", "Panduan korban", "Medsos korban di kota.", "internal"),
        ("tia", "Panduan rahasia", "Media sosial rahasia di desa.", "terbatas"),
    ):
        public_id = office.draft(login, title, content=f"{title}\n\n{words}\n".encode())
        office.say(login, public_id, classification=state)
        office.submit(login, public_id)
    index(office, sandbox)


def index(office, sandbox):
    """Read and index everything."""
    office.read_files(sandbox)
    Rebuild(office.services.db, office.services.index_writer, lambda *_: None).run()


def test_a_group_is_looked_at_saved_changed_and_taken_back(office, sandbox):
    library(office, sandbox)
    dewi = office.browser("dewi")
    asked(office, "budi", "medsos korban", "rahasia medsos")
    asked(office, "tia", "medsos korban")
    asked(office, "dewi", "medsos korban", "medsos")
    dewi.get("/sinonim/baru")
    typed = {"jenis": "same", "bentuk": "Medsos\nmedia sosial", "catatan": "undang-undang"}
    look = dewi.post("/sinonim/baru", langkah="periksa", **typed)
    assert look.status_code == 200
    assert held(office) == {}
    for text, numbers in (("medsos", ["1", "3"]), ("medsos korban", ["1", "3"])):
        row = re.search(rf"<tr>(?:(?!<tr>).)*?>{text}</span>.*?</tr>", look.text, re.DOTALL)[0]
        assert re.findall(r'class="num">(\d+)<', row) == numbers
        assert "Panduan saksi" in row
    office.draft("tia", "Draf rahasia", content=b"Media sosial yang belum diajukan.\n")
    index(office, sandbox)
    unchanged = dewi.post("/sinonim/baru", langkah="periksa", **typed)
    assert without_token(unchanged) == without_token(look), "a draft that dewi may not read changes nothing"
    # What one other person asked changes too, and is counted without being told.
    assert "rahasia medsos" not in look.text
    assert "Dari 3 kueri terbaru 3 berubah." in look.text
    saved = dewi.post("/sinonim/baru", langkah="simpan", dilihat=seen(look), **typed)
    assert saved.status_code == 303
    [(group_id, group)] = held(office).items()
    assert group.forms == ("Medsos", "media sosial")
    again = dewi.get(f"/sinonim/{group_id}")
    assert "undang-undang" in again.text
    assert dewi.post(f"/sinonim/{group_id}", langkah="periksa", **typed).status_code == 422, "nothing changed"
    going = dewi.get(f"/sinonim/{group_id}/hapus")
    assert dewi.post(f"/sinonim/{group_id}/hapus", dilihat=seen(going)).status_code == 303
    assert held(office) == {}
    assert dewi.get(f"/sinonim/{group_id}").status_code == 404
    with office.services.db.read() as session:
        removal = session.scalars(sa.select(SynonymChange.id).where(SynonymChange.act == "removed")).one()
    back = dewi.get(f"/sinonim/riwayat/{removal}")
    assert dewi.post(f"/sinonim/riwayat/{removal}", dilihat=seen(back)).status_code == 303
    assert held(office) == {group_id: group}
    assert dewi.post(f"/sinonim/riwayat/{removal}", dilihat=seen(back)).status_code == 409
    assert "dibatalkan" in dewi.get("/sinonim/riwayat").text
    with office.services.db.read() as session:
        acts = session.scalars(sa.select(Event.act).where(Event.object_type == "synonym")).all()
        assert acts == ["synonym.added", "synonym.removed", "synonym.undone"]
        assert chain.verify(session).whole


def test_what_was_not_seen_is_not_saved(office, keep):
    dewi, rudi = office.browser("dewi"), office.browser("rudi")
    typed = {"jenis": "same", "bentuk": "daring, online"}
    dewi.get("/sinonim/baru")
    look = dewi.post("/sinonim/baru", **typed)
    keep(same("luring", "offline"))
    late = dewi.post("/sinonim/baru", langkah="simpan", dilihat=seen(look), **typed)
    assert late.status_code == 409
    assert "Ada yang berubah" in late.text
    assert dewi.post("/sinonim/baru", langkah="simpan", dilihat=seen(late), **typed).status_code == 303
    rudi.get("/sinonim/baru")
    other = rudi.post(
        "/sinonim/baru", langkah="simpan", dilihat=seen(late), jenis="same", bentuk="rapat, sidang"
    )
    assert other.status_code == 409, "another group than the one looked at"


def test_a_form_is_in_one_group_of_equals_and_groups_can_be_merged(office, keep):
    keep(same("daring", "online"))
    keep(same("luring", "offline"))
    keep(Group(Kind.RELATED, ("daring", "luring")))
    first, second, third = held(office)
    dewi = office.browser("dewi")
    dewi.get("/sinonim/baru")
    typed = {"jenis": "same", "bentuk": "ONLINE\noffline\nkombinasi"}
    clash = dewi.post("/sinonim/baru", **typed)
    assert clash.status_code == 422
    assert "ONLINE, offline" in clash.text
    half = dewi.post("/sinonim/baru", gabung=[first], **typed)
    assert half.status_code == 422
    look = dewi.post("/sinonim/baru", gabung=[first, second], **typed)
    assert look.status_code == 200
    sent = dewi.post("/sinonim/baru", langkah="simpan", dilihat=seen(look), gabung=[first, second], **typed)
    assert sent.status_code == 303
    groups = held(office)
    assert groups.keys() & {first, second} == set()
    merged = groups[max(groups)]
    assert merged.forms == ("ONLINE", "offline", "kombinasi", "daring", "luring")
    assert groups[third].kind is Kind.RELATED
    # Taking the merge back brings both groups; while a form stands elsewhere it cannot be.
    with office.services.db.read() as session:
        merge = session.scalars(sa.select(sa.func.max(SynonymChange.id))).one()
    back = dewi.get(f"/sinonim/riwayat/{merge}")
    assert dewi.post(f"/sinonim/riwayat/{merge}", dilihat=seen(back)).status_code == 303
    assert held(office).keys() == {first, second, third}
    going = dewi.get(f"/sinonim/{first}/hapus")
    dewi.post(f"/sinonim/{first}/hapus", dilihat=seen(going))
    keep(same("online", "dalam jaringan"))
    with office.services.db.read() as session:
        removal = session.scalars(sa.select(SynonymChange.id).where(SynonymChange.act == "removed")).one()
    barred = dewi.get(f"/sinonim/riwayat/{removal}")
    assert "kini ada di kelompok lain: online, dalam jaringan" in barred.text
    assert dewi.post(f"/sinonim/riwayat/{removal}", dilihat="x").status_code == 422


def test_a_list_is_imported_after_a_dry_run_and_comes_out_again(office, keep):
    keep(same("daring", "online"))
    dewi = office.browser("dewi")
    dewi.get("/sinonim/impor")
    text = (
        "# komentar\n= online, dalam jaringan [A]\n= rakor, rapat koordinasi\n~ asn, pns\n= daring, online\n"
    )
    bad = dewi.post("/sinonim/impor", teks="= daring, kursus\n= rapat, kursus\nx")
    assert bad.status_code == 422
    assert "Baris 3 harus mulai" in bad.text
    bad = dewi.post("/sinonim/impor", teks="= satu, dua\n= dua, tiga\n")
    assert "Baris 2: “dua” sudah ada di baris 1." in bad.text
    bad = dewi.post("/sinonim/impor", teks=text.replace("= daring", "= darling"))
    assert "Baris 5: “online” sudah ada di baris 2." in bad.text
    text = text.removesuffix("= daring, online\n") + "~ pns, asn\n"
    look = dewi.post("/sinonim/impor", berkas=(io.BytesIO(text.encode()), "sinonim.txt"))
    assert look.status_code == 200
    assert "4 baris dibaca." in look.text
    assert len(held(office)) == 1
    kept = re.search(r'name="teks" value="([^"]*)"', look.text, re.DOTALL)[1]
    sent = dewi.post("/sinonim/impor", langkah="simpan", teks=kept, dilihat=seen(look))
    assert sent.status_code == 303
    shown = dewi.client.get("/sinonim/unduh").text
    assert [line for line in shown.splitlines() if not line.startswith("#")] == [
        "= daring, online, dalam jaringan",
        "= rakor, rapat koordinasi",
        "~ asn, pns",
    ]
    again = dewi.post("/sinonim/impor", teks=shown)
    assert again.status_code == 200
    assert "langkah" not in re.findall(r'id="(\w+)"', again.text), "an export brought back changes nothing"
    with office.services.db.read() as session:
        change = session.scalars(sa.select(sa.func.max(SynonymChange.id))).one()
    back = dewi.get(f"/sinonim/riwayat/{change}")
    dewi.post(f"/sinonim/riwayat/{change}", dilihat=seen(back))
    assert [str(group) for group in held(office).values()] == ["= daring, online"]


def test_every_reader_sees_the_list_and_only_the_sekretariat_edits(office, keep):
    keep(same("Pelindungan", "perlindungan"))
    [group_id] = held(office)
    for login in ("budi", "kiki", "sari"):
        reader = office.browser(login)
        page = reader.get("/sinonim?cari=PERLINDUNG")
        assert "Pelindungan" in page.text
        assert "Ubah" not in page.text
        assert reader.get(f"/sinonim/{group_id}").status_code == 403
        with pytest.raises(ForbiddenError):
            office.services.synonyms.remove(office.people[login], group_id, "", "")
    assert "Pelindungan" not in office.browser("budi").get("/sinonim?cari=tidak+ada").text
    assert office.browser("budi").get("/sinonim?jenis=lain").status_code == 422


def test_hostile_words_are_refused_or_kept_as_words(office):
    dewi = office.browser("dewi")
    dewi.get("/sinonim/baru")
    for odd in ODD:
        everything = {
            "jenis": odd[:1] and "same",
            "bentuk": f"{odd}\nkata",
            "catatan": odd,
            "gabung": odd,
            "dilihat": odd,
            "langkah": "simpan",
        }
        assert dewi.post("/sinonim/baru", **everything).status_code in (400, 409, 413, 422), odd
        assert dewi.post("/sinonim/impor", teks=f"= {odd}").status_code in (200, 400, 413, 422), odd
        listed = dewi.client.get("/sinonim", query_string={"cari": odd, "tersimpan": odd})
        assert listed.status_code in (200, 400), odd
    with office.services.db.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(SynonymGroup)) == 0
