"""K/L are found by any of their names, in any spelling, at any time of their history."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from khub.errors import ConflictError, ForbiddenError, InvalidError
from khub.plan import forms, institutions
from khub.plan.directory import Directory
from khub.plan.forms import InstitutionForm
from khub.plan.models import Institution

if TYPE_CHECKING:
    from khub.policy import Actor
    from khub.wiring import Services


def _directory(services: Services) -> Directory:
    with services.db.read() as session:
        return Directory.load(session)


def _mark(services: Services, code: str) -> str:
    (item,) = _directory(services).find(code)
    return institutions.seen(item, official_submits=False)


@pytest.fixture
def ministry(services: Services, secretariat: Actor) -> str:
    form = InstitutionForm("Kementerian Contoh Lama", "Kemenlama", ("Departemen Contoh",), date(2000, 1, 1))
    return services.institutions.add(secretariat, form)


def _merge(services: Services, secretariat: Actor, ministry: str) -> str:
    new = services.institutions.add(
        secretariat, InstitutionForm("Kementerian Contoh Baru", "Kembaru", (), date(2024, 10, 21))
    )
    services.institutions.edit(
        secretariat,
        ministry,
        InstitutionForm(
            "Kementerian Contoh Lama",
            "Kemenlama",
            ("Departemen Contoh",),
            date(2000, 1, 1),
            date(2024, 10, 20),
            "Kembaru",
        ),
        _mark(services, ministry),
    )
    return new


def test_any_name_in_any_spelling_finds_it(services: Services, ministry: str) -> None:
    directory = _directory(services)
    for text in ("kemenlama", "KEMENTERIAN  CONTOH-LAMA", "departemen contoh", ministry):
        assert directory.resolve(text) == {ministry}
    assert directory.resolve("Kementerian Lain") == frozenset()
    assert directory.resolve("") == frozenset()


def test_a_successor_answers_for_its_predecessors(
    services: Services, secretariat: Actor, ministry: str
) -> None:
    new = _merge(services, secretariat, ministry)
    directory = _directory(services)
    assert directory.resolve("kembaru") == {new, ministry}
    assert directory.resolve("kemenlama") == {ministry}
    (old,), (young,) = directory.find("kemenlama"), directory.find("kembaru")
    assert directory.head(old.id) == young.id
    for item in (old, young):
        assert directory.name_at(item.id, date(2023, 10, 9)) == "Kementerian Contoh Lama"
        assert directory.name_at(item.id, date(2024, 10, 21)) == "Kementerian Contoh Baru"


def test_a_circle_of_successors_is_refused(services: Services, secretariat: Actor, ministry: str) -> None:
    new = _merge(services, secretariat, ministry)
    for successor in (ministry, new):
        form = InstitutionForm("Kementerian Contoh Baru", "Kembaru", (), None, date(2030, 1, 1), successor)
        with pytest.raises(InvalidError, match="berputar"):
            services.institutions.edit(secretariat, new, form, _mark(services, new))


def test_a_name_given_up_still_finds_it(services: Services, secretariat: Actor, ministry: str) -> None:
    services.institutions.edit(
        secretariat, ministry, InstitutionForm("Kementerian Contoh Tengah"), _mark(services, ministry)
    )
    (item,) = _directory(services).find("kementerian contoh lama")
    assert (item.code, item.name) == (ministry, "Kementerian Contoh Tengah")


def test_a_name_in_use_is_refused(services: Services, secretariat: Actor, ministry: str) -> None:
    for form in (
        InstitutionForm("Kementerian contoh lama"),
        InstitutionForm("Lain", "KEMENLAMA"),
        InstitutionForm("Lain", "", ("Departemen  Contoh",)),
    ):
        with pytest.raises(InvalidError, match="sudah dipakai"):
            services.institutions.add(secretariat, form)


def test_two_people_editing_do_not_overrun_each_other(
    services: Services, secretariat: Actor, ministry: str
) -> None:
    mark = _mark(services, ministry)
    services.institutions.edit(secretariat, ministry, InstitutionForm("Nama A"), mark)
    with pytest.raises(ConflictError):
        services.institutions.edit(secretariat, ministry, InstitutionForm("Nama B"), mark)
    with services.db.read() as session:
        assert session.scalars(sa.select(Institution.name)).one() == "Nama A"


def test_only_keepers_of_the_plan_edit(services: Services, member: Actor, ministry: str) -> None:
    with pytest.raises(ForbiddenError):
        services.institutions.edit(member, ministry, InstitutionForm("X"), _mark(services, ministry))


def test_the_form_tells_all_faults_at_once() -> None:
    with pytest.raises(InvalidError) as caught:
        forms.institution(
            {"name": "", "abbreviation": "a;b", "aliases": "x\u202ey", "valid_from": "31-10-2023"}
        )
    assert [error.name for error in caught.value.errors] == ["name", "abbreviation", "aliases", "valid_from"]
