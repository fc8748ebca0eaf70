"""A login for every role, each with somewhere to start."""

from khub.demo.catalogue import institutions
from khub.demo.people import people
from khub.policy import Role


def test_the_listed_logins_cover_every_role():
    listed = [person for person in people() if person.listed]
    assert {person.role for person in listed} == set(Role)
    assert {person.login for person in listed} == {
        "sekretariat",
        "sekretariat2",
        "pokja1",
        "pokja1b",
        "ketua1",
        "pejabat07",
        "pokja2",
        "pokja3",
        "auditor",
        "admin",
    }


def test_names_are_marked_and_logins_unique():
    assert all(person.name.endswith(" Contoh") for person in people())
    assert len({person.login for person in people()}) == len(people())
    assert len({person.name for person in people()}) == len(people())


def test_members_belong_to_a_demo_institution_and_a_pokja():
    known = {item.name for item in institutions()}
    for person in people():
        if person.role in {Role.MEMBER, Role.OFFICIAL}:
            assert person.institution in known
            assert person.pokja in {1, 2, 3}
        assert person.start
        assert person.start_en
