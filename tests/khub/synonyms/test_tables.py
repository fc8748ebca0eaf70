"""What a search joins and offers: groups, names of K/L, and that every change counts at once."""

from __future__ import annotations

import time

import pytest
import sqlalchemy as sa

from indexer.query import parse
from khub.errors import InvalidError
from khub.plan.models import Institution, InstitutionAlias
from khub.policy import SYSTEM
from khub.synonyms import forms, queries
from khub.synonyms.models import SynonymChange
from khub.synonyms.terms import Kind


@pytest.fixture
def asked(services):
    """Ask for what joins a form; the words are written apart."""

    def others(form):
        with services.db.read() as session:
            return {" ".join(key) for key in queries.table(session).get(tuple(form.split()), ())}

    return others


def test_the_starter_list_is_sound_loaded_once_and_in_use(services, asked):
    lines = forms.lines(forms_file())
    forms_of_equals = [key for line in lines if line.group.kind is Kind.SAME for key in line.group.keys]
    assert len(forms_of_equals) == len(set(forms_of_equals)) > 100
    assert services.synonyms.start(SYSTEM)
    assert not services.synonyms.start(SYSTEM)
    with services.db.read() as session:
        assert session.scalars(sa.select(SynonymChange.act)).all() == ["starter"]
    assert asked("perlindungan") == {"pelindungan"}
    assert asked("bnpt") == {"badan nasional penanggulangan terorisme"}
    assert asked("badan nasional penanggulangan terorisme") == {"bnpt"}
    assert asked("terorisme") == set()
    with services.db.read() as session:
        offered = queries.related(session, parse("terorisme -radikalisme"))
        assert {"radikalisme", "teroris"} <= {offer.query for offer in offered}
        offered = queries.related(session, parse("ASN"))
        assert [(offer.asked, offer.text) for offer in offered] == [("ASN", "PNS")]
        # What stands in the query, or is joined anyway, is not offered besides.
        assert "hambatan" not in {each.query for each in queries.related(session, parse("kendala"))}
        assert not queries.related(session, parse("asn pns"))


def forms_file():
    from khub.synonyms.service import STARTER  # noqa: PLC0415 - only here

    return STARTER.read_bytes()


def test_names_of_institutions_join_by_themselves_when_they_are_specific(services, asked):
    with services.db.write() as session:
        new = Institution(code="komdigi", name="Kementerian Komunikasi dan Digital", abbreviation="Komdigi")
        session.add(new)
        session.flush()
        session.add_all(
            [
                Institution(
                    code="kominfo",
                    name="Kementerian Komunikasi dan Informatika (kini Komdigi)",
                    abbreviation="Kominfo",
                    successor_id=new.id,
                ),
                Institution(
                    code="penerangan",
                    name="Departemen Penerangan",
                    abbreviation="Deppen",
                    successor_id=new.id,
                ),
                Institution(code="bin", name="Badan Intelijen Negara", abbreviation="BIN"),
                Institution(code="ma", name="Mahkamah Agung", abbreviation="MA"),
                Institution(code="kpp-a", name="Komisi Pertama", abbreviation="KPP"),
                Institution(code="kpp-b", name="Komisi Kedua", abbreviation="KPP"),
            ]
        )
    old, now = "kementerian komunikasi dan informatika", "kementerian komunikasi dan digital"
    assert asked("komdigi") == {now, old, "kominfo", "departemen penerangan", "deppen"}
    # Two that went into the same one are not each other.
    assert asked("kominfo") == {old, now, "komdigi"}
    assert asked(old) == {"kominfo", now, "komdigi"}
    # An everyday word, two letters, or a name of two K/L: none of them is specific.
    for vague in ("bin", "ma", "kpp", "badan intelijen negara", "komisi pertama"):
        assert asked(vague) == set(), vague
    # An alias counts with the next question, whoever wrote it.
    with services.db.write() as session:
        session.add(InstitutionAlias(institution_id=new.id, alias="KemKomDigi", key="kemkomdigi"))
        session.add(InstitutionAlias(institution_id=new.id, alias="Kementerian", key="kementerian"))
    assert "komdigi" in asked("kemkomdigi")
    assert asked("kementerian") == set()
    with services.db.write() as session:
        session.execute(sa.delete(InstitutionAlias).where(InstitutionAlias.key == "kemkomdigi"))
    assert asked("kemkomdigi") == set()


def test_a_warm_question_is_fast(services):
    services.synonyms.start(SYSTEM)
    query = parse("laporan perlindungan saksi terorisme oleh badan nasional penanggulangan terorisme")
    with services.db.read() as session:
        queries.related(session, query)
        spent = []
        for _ in range(50):
            began = time.process_time()
            queries.table(session)
            queries.related(session, query)
            spent.append(time.process_time() - began)
    assert sorted(spent)[25] < 0.004


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "Tidak ada kelompok"),
        (b"\xff\xfe", "UTF-8"),
        (b"x" * 200_001, "terlalu besar"),
        (b"# saja\n", "Tidak ada kelompok"),
        (b"= a1, b1\nbukan baris\n", "Baris 2 harus mulai"),
        (b"= satu\n", "Baris 1: perlu sekurangnya dua"),
        (b"= yang, pelatihan\n", "Baris 1: “yang” terlalu umum"),
        (b"= ---, pelatihan\n", "Baris 1: “---” tidak memuat kata"),
        (
            "= pe\u202elatihan, kursus\n".encode(),
            "Baris 1: “pe\u202elatihan” memuat karakter tersembunyi U+202E",
        ),
        (b"= " + b"x" * 101 + b", kursus\n", "Baris 1"),
        (("= " + ", ".join(f"bentuk{n}" for n in range(21))).encode(), "paling banyak 20"),
        (b"~ " + b"satu " * 13 + b", kursus", "melewati"),
    ],
)
def test_a_bad_file_is_told_line_by_line(data, words):
    with pytest.raises(InvalidError) as caught:
        forms.lines(data)
    assert words in " ".join(each.message % dict(each.params) for each in caught.value.errors)


def test_forms_that_fold_alike_need_no_group():
    kept = forms.lines(b"= Kontra-Narasi, kontra narasi, KONTRANARASI [A]\r\n")
    assert kept[0].group.forms == ("Kontra-Narasi", "KONTRANARASI")
