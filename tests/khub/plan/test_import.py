"""An import tells everything before it changes anything, and never half of it."""

from __future__ import annotations

import hashlib
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from khub.accounts.models import Person
from khub.audit import chain
from khub.audit.models import Event
from khub.errors import ConflictError, ForbiddenError, InvalidError
from khub.outbox import Job
from khub.plan.models import Action, ActionYear, Branch, ExpectedOutput, Institution, Plan, Pokja
from khub.plan.periods import Given
from khub.plan.terms import Answer
from khub.policy import SYSTEM, Classification
from khub.products.lifecycle import State
from khub.products.models import Copy, CopyAction, Kind, Product, Version

if TYPE_CHECKING:
    from collections.abc import Callable

    from khub.policy import Actor
    from khub.wiring import Services

Rows = list[dict[str, str]]


def reasons(planned: Any) -> list[tuple[int, str, str]]:
    return [(each.line, each.column, each.message % each.params) for each in planned.problems]


def test_first_import_builds_the_tree(
    services: Services, secretariat: Actor, small: Rows, csv_of: Any
) -> None:
    data = csv_of(small)
    dry = services.plans.check(secretariat, data, "kecil.csv")
    assert [change.code for change in dry.added] == ["1.1.01", "1.1.02", "2.1.01", "3.1.01"]
    assert [new.name for new in dry.new_institutions] == ["K/L Contoh 01", "K/L Contoh 02", "K/L Contoh 03"]
    assert dry.new_pokja == ("Pokja 1", "Pokja 2", "Pokja 3")
    with services.db.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Plan)) == 0

    services.plans.apply(secretariat, data, "kecil.csv", dry.fingerprint)
    with services.db.read() as session:
        plan = session.scalars(sa.select(Plan)).one()
        assert (plan.code, plan.name, plan.branch_label) == ("ran-pe-2020-2024", "RAN PE 2020–2024", "Pilar")
        assert (plan.year_from, plan.year_to) == (2020, 2024)
        branches = {row.code: row.classification for row in session.scalars(sa.select(Branch))}
        assert branches == {
            "1": Classification.INTERNAL,
            "2": Classification.RESTRICTED,
            "3": Classification.INTERNAL,
        }
        assert sorted(session.scalars(sa.select(Pokja.name))) == ["Pokja 1", "Pokja 2", "Pokja 3"]
        event = session.scalars(sa.select(Event).where(Event.act == "plan.imported")).one()
        facts = json.loads(event.facts)
        assert facts["sha256"] == hashlib.sha256(data).hexdigest()
        assert (facts["added"], facts["changed"], event.person) == (4, 0, "Dewi Contoh")
        assert chain.verify(session).whole


def test_a_dry_run_names_the_pokja_that_are_made_as_they_will_be_called(
    planned: Services, small: Rows, csv_of: Any
) -> None:
    rows = [row | {"plan": name} for name in ("RAN Kedua", "RAN Ketiga") for row in (small[0], small[2])]
    done = planned.plans.apply(SYSTEM, csv_of(rows), "dua.csv")
    with planned.db.read() as session:
        made = list(session.scalars(sa.select(Pokja.name).order_by(Pokja.id).offset(3)))
    assert list(done.new_pokja) == made
    assert len(set(made)) == 4
    assert planned.plans.check(SYSTEM, csv_of(rows), "dua.csv").new_pokja == ()


def test_a_row_with_a_fault_is_not_told_as_added_too(planned: Services, small: Rows, csv_of: Any) -> None:
    new = small[0] | {"aksi_kode": "1.9.01"}
    told = planned.plans.check(SYSTEM, csv_of([new, new | {"aksi": "Judul lain"}]), "ganda.csv")
    assert [line for line, _, _ in reasons(told)] == [3]
    assert [change.line for change in told.added] == [2]


def test_same_file_again_changes_nothing(planned: Services, small: Rows, csv_of: Any) -> None:
    again = planned.plans.apply(SYSTEM, csv_of(small), "kecil.csv")
    assert again.nothing_to_do
    assert again.unchanged == 4
    with planned.db.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Event)) == 1


def test_changes_are_told_old_to_new_and_absent_actions_stay(
    planned: Services, small: Rows, csv_of: Any
) -> None:
    rows = [small[0] | {"aksi": "Judul baru", "tahun": "2023"}, small[2]]
    done = planned.plans.apply(SYSTEM, csv_of(rows), "ubah.csv")
    (change,) = done.changed
    assert [(field.column, field.old, field.new) for field in change.fields] == [
        ("aksi", "Aksi contoh 1.1.01", "Judul baru"),
        ("tahun", "2022; 2023", "2023"),
    ]
    assert [item.code for item in done.left] == ["1.1.02", "3.1.01"]
    with planned.db.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Action)) == 4
        action = session.scalars(sa.select(Action).where(Action.code == "1.1.01")).one()
        assert action.title == "Judul baru"
        years = session.scalars(sa.select(ActionYear.year).where(ActionYear.action_id == action.id)).all()
        assert years == [2023]


def test_an_action_in_a_faulty_row_is_not_called_absent(planned: Services, small: Rows, csv_of: Any) -> None:
    dry = planned.plans.check(SYSTEM, csv_of([small[0], small[1] | {"tahun": "20x3"}]), "x.csv")
    assert [item.code for item in dry.left] == ["2.1.01", "3.1.01"]


def test_an_expected_output_keeps_its_row_and_a_dropped_one_is_retired(
    planned: Services, small: Rows, csv_of: Any
) -> None:
    def outputs() -> dict[str, tuple[int, int, bool]]:
        with planned.db.read() as session:
            rows = session.scalars(
                sa.select(ExpectedOutput)
                .join(Action, Action.id == ExpectedOutput.action_id)
                .where(Action.code == "1.1.01")
            )
            return {row.name: (row.id, row.position, row.retired) for row in rows}

    before = outputs()
    planned.plans.apply(SYSTEM, csv_of([small[0] | {"keluaran": "Modul; Film"}]), "a.csv")
    after = outputs()
    assert after["Modul"] == (before["Modul"][0], 0, False)
    assert after["Laporan kegiatan"] == (before["Laporan kegiatan"][0], 0, True)
    planned.plans.apply(SYSTEM, csv_of([small[0]]), "b.csv")
    back = outputs()
    assert back["Laporan kegiatan"] == (before["Laporan kegiatan"][0], 0, False)
    assert back["Film"][2]


@pytest.mark.parametrize(
    ("changes", "column", "reason"),
    [
        ({"aksi_kode": ""}, "aksi_kode", "Sel ini kosong."),
        ({"aksi": "  "}, "aksi", "Sel ini kosong."),
        ({"aksi_kode": "1/1"}, "aksi_kode", "Kode hanya boleh memuat huruf"),
        ({"aksi_kode": "1.1.02"}, "aksi_kode", "sudah dipakai pada baris 3"),
        ({"pilar": "Nama lain"}, "pilar", "Berbeda dari “Pilar contoh 1” pada baris 3"),
        ({"fokus": "Nama lain"}, "fokus", "Berbeda dari “Fokus contoh 1.1” pada baris 3"),
        ({"tahun": "20x3"}, "tahun", "“20x3” bukan tahun"),
        ({"tahun": "2023-2021"}, "tahun", "bukan tahun atau rentang"),
        ({"tahun": "1800"}, "tahun", "bukan tahun atau rentang"),
        ({"tahun": "٢٠٢٣"}, "tahun", "bukan tahun"),
        ({"aksi": "x" * 1001}, "aksi", "Lebih panjang dari 1000 huruf"),
        ({"aksi": "a\x00b"}, "aksi", "U+0000"),
        ({"aksi": "a\u202eb"}, "aksi", "U+202E"),
        ({"aksi": "\u200fa"}, "aksi", "U+200F"),
        ({"plan": "–"}, "plan", "tidak memuat huruf"),
        ({"penanggung_jawab": "A; a"}, "penanggung_jawab", "disebut dua kali"),
        ({"penanggung_jawab": "; --;"}, "penanggung_jawab", "tidak memuat huruf"),
        ({"keluaran": "Modul;Modul"}, "keluaran", "disebut dua kali"),
    ],
)
def test_each_fault_is_told_with_line_column_and_reason(
    services: Services,
    row: Callable[..., dict[str, str]],
    csv_of: Any,
    changes: dict[str, str],
    column: str,
    reason: str,
) -> None:
    data = csv_of([row("3.1.01"), row("1.1.02"), row("1.1.03", **changes)])
    found = reasons(services.plans.check(SYSTEM, data, "x.csv"))
    assert [(line, where) for line, where, _ in found] == [(4, column)], found
    assert reason in found[0][2]
    with pytest.raises(InvalidError):
        services.plans.apply(SYSTEM, data, "x.csv")
    with services.db.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Institution)) == 0


def test_year_ranges_and_several_separators_are_understood(
    services: Services, row: Callable[..., dict[str, str]], csv_of: Any
) -> None:
    services.plans.apply(SYSTEM, csv_of([row("1.1.01", tahun="2020, 2022–2024")]), "x.csv")
    with services.db.read() as session:
        assert sorted(session.scalars(sa.select(ActionYear.year))) == [2020, 2022, 2023, 2024]


def test_a_theme_plan_names_its_level(
    services: Services, row: Callable[..., dict[str, str]], csv_of: Any
) -> None:
    themed = row("1.1.01", plan="RAN PE 2025–2029")
    themed |= {"tema_kode": "2", "tema": "Tema contoh"}
    columns = [
        "tema_kode" if name == "pilar_kode" else "tema" if name == "pilar" else name for name in themed
    ]
    columns = [name for name in dict.fromkeys(columns) if name not in ("pilar", "pilar_kode")]
    services.plans.apply(SYSTEM, csv_of([themed], columns=columns), "tema.csv")
    with services.db.read() as session:
        assert session.scalars(sa.select(Plan.branch_label)).one() == "Tema"
        assert session.scalars(sa.select(Branch.classification)).one() == Classification.INTERNAL
    exported = services.plans.export(SYSTEM, "ran-pe-2025-2029", "csv").data.decode("utf-8-sig")
    assert exported.splitlines()[0].startswith('"plan","tema_kode","tema"')


def test_unknown_institutions_are_listed_with_those_that_resemble_them(
    planned: Services, row: Callable[..., dict[str, str]], csv_of: Any
) -> None:
    data = csv_of([row("1.1.09", penanggung_jawab="KL Contoh 01x; k/l contoh 02")])
    dry = planned.plans.check(SYSTEM, data, "x.csv")
    (new,) = dry.new_institutions
    assert new.name == "KL Contoh 01x"
    assert "K/L Contoh 01" in new.alike


def test_a_year_with_answers_cannot_be_taken_off_the_table(
    planned: Services, small: Rows, csv_of: Any
) -> None:
    given = Given("ran-pe-2020-2024", "1.1.01", "k-l-contoh-01", 2023, Answer.YES)
    planned.periods.record(SYSTEM, [given])
    found = reasons(planned.plans.check(SYSTEM, csv_of([small[0] | {"tahun": "2022"}]), "x.csv"))
    assert found == [(2, "tahun", "Tahun 2023 tidak dapat dilepas: sudah ada jawaban komitmen.")]


def test_what_changed_since_the_dry_run_is_not_overrun(planned: Services, small: Rows, csv_of: Any) -> None:
    data = csv_of([small[0] | {"aksi": "Judul A"}])
    seen = planned.plans.check(SYSTEM, data, "a.csv").fingerprint
    planned.plans.apply(SYSTEM, csv_of([small[0] | {"aksi": "Judul B"}]), "b.csv")
    with pytest.raises(ConflictError):
        planned.plans.apply(SYSTEM, data, "a.csv", seen)
    with planned.db.read() as session:
        assert session.scalar(sa.select(Action.title).where(Action.code == "1.1.01")) == "Judul B"


def test_two_imports_at_once_add_everything_once(services: Services, small: Rows, csv_of: Any) -> None:
    data = csv_of(small)
    start = threading.Barrier(2)
    failed: list[BaseException] = []

    def run() -> None:
        start.wait()
        try:
            services.plans.apply(SYSTEM, data, "kecil.csv")
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with services.db.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Action)) == 4
        assert session.scalar(sa.select(sa.func.count()).select_from(Institution)) == 3


def test_only_keepers_of_the_plan_import(services: Services, member: Actor, small: Rows, csv_of: Any) -> None:
    with pytest.raises(ForbiddenError):
        services.plans.apply(member, csv_of(small), "kecil.csv")
    with pytest.raises(ForbiddenError):
        services.plans.check(member, csv_of(small), "kecil.csv")


def test_search_is_asked_to_look_again_at_changed_actions_that_have_keluaran(
    planned: Services, small: Rows, csv_of: Any
) -> None:
    now = planned.clock.now()
    with planned.db.write() as session:
        person = Person(login="budi", name="Budi", created_at=now)
        session.add(person)
        session.flush()
        institution = session.scalars(sa.select(Institution.id).limit(1)).one()
        pokja = session.scalars(sa.select(Pokja.id).limit(1)).one()
        product = Product(
            public_id="p",
            institution_id=institution,
            pokja_id=pokja,
            classification=Classification.INTERNAL,
            created_by=person.id,
            created_at=now,
        )
        session.add(product)
        session.flush()
        version = Version(
            product_id=product.id, number=1, state=State.DRAFT, created_by=person.id, created_at=now
        )
        session.add(version)
        session.flush()
        kind = session.scalars(sa.select(Kind.code).limit(1)).one()
        copy = Copy(version_id=version.id, number=0, access="draft", title="x", kind=kind, saved_at=now)
        session.add(copy)
        session.flush()
        actions = {row.code: row.id for row in session.scalars(sa.select(Action))}
        session.add_all(CopyAction(copy_id=copy.id, action_id=actions[code]) for code in ("1.1.01", "2.1.01"))
    changed = [small[0] | {"fokus_kode": "1.7", "fokus": "Fokus baru"}, small[1] | {"aksi": "Lain"}, small[2]]
    planned.plans.apply(SYSTEM, csv_of(changed), "x.csv")
    with planned.db.read() as session:
        asked = session.scalars(sa.select(Job.ref).where(Job.kind == "entries")).all()
        assert asked == [actions["1.1.01"]]
