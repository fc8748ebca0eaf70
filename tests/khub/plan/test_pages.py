"""The pages of the plan room, asked as each role over HTTP."""

from __future__ import annotations

import io
import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from khub.plan import forms
from khub.plan.models import Action, Institution, Period, Pokja
from khub.plan.periods import Given
from khub.plan.terms import Answer, PeriodState
from khub.policy import SYSTEM, Role
from khub.web import SESSION_COOKIE

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from khub.wiring import Services

CODE = "ran-pe-2020-2024"
PASSWORD = "empat kata yang panjang"  # noqa: S105 - opens nothing but this test


@pytest.fixture
def as_role(app: Flask, services: Services) -> Any:
    """Return a maker of clients signed in with one membership."""

    def client(role: Role, institution: str = "") -> FlaskClient:
        with services.db.read() as session:
            units = (
                session.scalar(sa.select(Institution.id).where(Institution.code == institution)),
                session.scalar(sa.select(Pokja.id).where(Pokja.code == "pokja-1")),
            )
        login = f"{role}-{institution or 'x'}"
        person = services.accounts.create_person(SYSTEM, login, f"{role} Contoh")
        services.accounts.add_membership(SYSTEM, person, role, *(units if institution else ()))
        services.accounts.set_password(SYSTEM, person, PASSWORD)
        token = services.accounts.sign_in(login, PASSWORD, address="203.0.113.7", agent="")
        made = app.test_client()
        made.set_cookie(SESSION_COOKIE, token)
        return made

    return client


def csrf(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found is not None
    return found[1]


def words(text: str) -> str:
    """Return what a page says, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def test_the_list_is_filtered_by_its_address(planned: Services, as_role: Any) -> None:
    client = as_role(Role.AUDITOR)
    planned.periods.record(SYSTEM, [Given(CODE, "1.1.01", "k-l-contoh-01", 2023, Answer.YES)])

    def codes(query: str) -> list[str]:
        page = client.get(f"/aksi?{query}")
        assert page.status_code == 200, page.text
        return re.findall(rf'href="/aksi/{CODE}/([^"]+)"', page.text)

    assert codes("") == ["1.1.01", "1.1.02", "2.1.01", "3.1.01"]
    assert codes("pilar=2") == ["2.1.01"]
    assert codes("pilar=1&fokus=1.1&judul=1.1.02") == ["1.1.02"]
    assert codes("tahun=2023&komitmen=ya") == ["1.1.01"]
    assert codes("tahun=2023&komitmen=belum") == ["1.1.02", "2.1.01", "3.1.01"]
    assert codes("kl=k-l-contoh-03") == codes("")
    assert codes("kl=tidak-ada") == []
    assert codes("judul=%25") == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("hlm=0", 422),
        ("hlm=x", 422),
        ("tahun=20x3", 422),
        ("tahun=%D9%A2%D9%A0%D9%A2%D9%A3", 422),
        ("komitmen=mungkin", 422),
        ("rencana=tidak-ada", 404),
        ("judul=%00", 400),
        ("judul=%ff%E2%80%AE" + "a" * 5000, 200),
        ("hlm=9999", 200),
    ],
)
def test_a_strange_address_is_answered_not_crashed(
    planned: Services, as_role: Any, query: str, status: int
) -> None:
    assert as_role(Role.AUDITOR).get(f"/aksi?{query}").status_code == status


@pytest.mark.parametrize(
    "path", [f"/aksi/{CODE}/9.9.99", "/aksi/x/1.1.01", f"/pilar/{CODE}/9", "/kl/tidak-ada"]
)
def test_what_is_not_there_is_404(planned: Services, as_role: Any, path: str) -> None:
    assert as_role(Role.AUDITOR).get(path).status_code == 404


def test_a_nul_in_the_path_is_a_bad_request(planned: Services, as_role: Any) -> None:
    assert as_role(Role.AUDITOR).get("/kl/a%00b").status_code == 400


def test_codes_sort_as_people_count(services: Services, row: Any, csv_of: Any, as_role: Any) -> None:
    services.plans.apply(SYSTEM, csv_of([row("1.1.10"), row("1.1.2"), row("10.1.1"), row("2.1.1")]), "x.csv")
    page = as_role(Role.AUDITOR).get("/aksi").text
    assert re.findall(rf'href="/aksi/{CODE}/([^"]+)"', page) == ["1.1.2", "1.1.10", "2.1.1", "10.1.1"]


def test_the_empty_cell_of_the_running_period_leads_members_to_the_upload(
    planned: Services, as_role: Any
) -> None:
    for month, deadline in (("07", "2023-08-15"), ("10", "2023-10-31")):
        form = forms.period(
            {"plan": CODE, "starts": "2023-01-01", "ends": f"2023-{month}-31", "deadline": deadline}
        )
        planned.periods.move(SYSTEM, CODE, planned.periods.create(SYSTEM, form), PeriodState.OPEN)
    member = as_role(Role.MEMBER, "k-l-contoh-02").get(f"/aksi/{CODE}/1.1.01").text
    links = [unescape(each) for each in re.findall(r'class="sel-unggah" href="([^"]+)"', member)]
    assert len(links) == 2
    assert all(f"aksi={CODE}/1.1.01" in link and f"periode={CODE}/2023-01-10" in link for link in links)
    for other in (as_role(Role.AUDITOR), as_role(Role.SECRETARIAT)):
        assert "sel-unggah" not in other.get(f"/aksi/{CODE}/1.1.01").text


def test_the_action_page_says_who_answered(planned: Services, as_role: Any) -> None:
    planned.periods.record(
        SYSTEM,
        [
            Given(CODE, "1.1.01", "k-l-contoh-01", 2023, Answer.YES),
            Given(CODE, "1.1.01", "k-l-contoh-02", 2023, Answer.NO, "tanpa anggaran"),
        ],
    )
    text = words(as_role(Role.MEMBER, "k-l-contoh-03").get(f"/aksi/{CODE}/1.1.01").text)
    assert "1 dari 2 K/L menjawab ya" in text
    assert "K/L Contoh 02 Tidak" in text
    assert "Tercatat sampai 9 Oktober 2023 09.00 WIB" in text


def test_a_branch_and_its_institutions(planned: Services, as_role: Any) -> None:
    client = as_role(Role.AUDITOR)
    planned.periods.record(SYSTEM, [Given(CODE, "2.1.01", "k-l-contoh-01", 2023, Answer.YES)])
    assert "1 / dari 1 100" in words(client.get(f"/pilar/{CODE}/2").text).replace("\xa0", " ")
    agreed = client.get(f"/kl?rencana={CODE}&tahun=2023&komitmen=ya").text
    assert re.findall(r'href="/kl/(k-l[^"]+)"', agreed) == ["k-l-contoh-01"]
    waiting = client.get(f"/kl?rencana={CODE}&tahun=2023&komitmen=belum").text
    assert re.findall(r'href="/kl/(k-l[^"]+)"', waiting) == ["k-l-contoh-02"]
    assert re.findall(r'href="/kl/(k-l[^"]+)"', client.get("/kl?nama=contoh+03").text) == ["k-l-contoh-03"]
    assert "1.1.01" in client.get("/kl/k-l-contoh-01").text


def test_import_by_browser_checks_first_and_applies_the_very_file(
    services: Services, as_role: Any, small: Any, csv_of: Any
) -> None:
    client = as_role(Role.SECRETARIAT)
    token = csrf(client, "/rencana/impor")
    data = {"csrf_token": token, "file": (io.BytesIO(csv_of(small)), "ren\x07cana<b>.csv")}
    sent = client.post("/rencana/impor", data=data)
    assert sent.status_code == 303
    report = client.get(sent.location)
    assert report.status_code == 200
    assert "4 aksi ditambah" in report.text
    assert "rencana&lt;b&gt;.csv" in report.text
    with services.db.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Action)) == 0
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', report.text)
    assert seen is not None
    path = f"{sent.location}/terapkan"
    assert client.post(path, data={"csrf_token": token, "seen": "x"}).status_code == 409
    assert client.post(path, data={"csrf_token": token}).status_code == 409
    assert client.post(path, data={"csrf_token": token, "seen": seen[1]}).location == "/rencana"
    assert "rencana&lt;b&gt;.csv" in client.get("/rencana").text
    assert "sudah sama dengan yang tersimpan" in client.get(sent.location).text


def test_a_report_of_faults_lists_them_and_offers_no_apply(as_role: Any, row: Any, csv_of: Any) -> None:
    client = as_role(Role.ADMIN)
    rows = [row(f"1.1.{number}", tahun="20x3") for number in range(60)]
    token = csrf(client, "/rencana/impor")
    sent = client.post(
        "/rencana/impor", data={"csrf_token": token, "file": (io.BytesIO(csv_of(rows)), "x.csv")}
    )
    report = client.get(sent.location).text
    assert "60 baris perlu diperbaiki" in report
    assert "Terapkan" not in report
    assert "<title>Galat:" in report
    second = words(client.get(f"{sent.location}?bagian=salah&hlm=2").text)
    assert "61 tahun “20x3” bukan tahun." in second


def test_no_file_and_an_empty_file_are_told(as_role: Any) -> None:
    client = as_role(Role.SECRETARIAT)
    token = csrf(client, "/rencana/impor")
    for data in ({}, {"file": (io.BytesIO(b""), "x.csv")}, {"file": (io.BytesIO(b"x"), "")}):
        sent = client.post("/rencana/impor", data={"csrf_token": token, **data})
        assert sent.status_code == 422
        assert "galat-ringkas" in sent.text


def test_a_dry_run_belongs_to_who_made_it(as_role: Any, small: Any, csv_of: Any) -> None:
    mine, other = as_role(Role.SECRETARIAT), as_role(Role.ADMIN)
    data = {"csrf_token": csrf(mine, "/rencana/impor"), "file": (io.BytesIO(csv_of(small)), "x.csv")}
    place = mine.post("/rencana/impor", data=data).location
    assert other.get(place).status_code == 404
    assert mine.get(place[:-2]).status_code == 404
    assert mine.get("/rencana/impor/" + "0" * 64).status_code == 404


@pytest.mark.parametrize(
    "path", ["/rencana", "/rencana/impor", "/rencana/periode", "/kl/baru", "/rencana/ekspor.csv"]
)
def test_members_do_not_enter_the_rooms_of_the_keepers(planned: Services, as_role: Any, path: str) -> None:
    assert as_role(Role.MEMBER, "k-l-contoh-01").get(path).status_code == 403


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_export_and_template_are_downloads(planned: Services, as_role: Any, kind: str) -> None:
    client = as_role(Role.SECRETARIAT)
    for path in (f"/rencana/ekspor.{kind}?rencana={CODE}", f"/rencana/templat.{kind}"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith("attachment")
    assert client.get("/rencana/ekspor.exe").status_code == 404


def test_editing_an_institution_keeps_what_was_typed(planned: Services, as_role: Any) -> None:
    client = as_role(Role.SECRETARIAT)
    path = "/kl/k-l-contoh-01/ubah"
    page = client.get(path).text
    token = csrf(client, path)
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', page)
    assert seen is not None
    typed = {"csrf_token": token, "seen": seen[1], "name": "K/L Contoh 02", "aliases": "Nama <lain>"}
    refused = client.post(path, data=typed)
    assert refused.status_code == 422
    assert "Nama &lt;lain&gt;" in refused.text
    assert client.post(path, data=typed | {"name": "K/L Contoh Satu"}).status_code == 303
    late = client.post(path, data=typed | {"name": "K/L Contoh Uno"})
    assert late.status_code == 409
    assert 'value="K/L Contoh Uno"' in late.text
    assert "Yang tersimpan sekarang: K/L Contoh Satu." in words(late.text)
    new = client.post("/kl/baru", data={"csrf_token": token, "name": "K/L Contoh 77"})
    assert new.location == "/kl/k-l-contoh-77"


def test_periods_are_added_opened_and_reopened_with_a_reason(planned: Services, as_role: Any) -> None:
    client = as_role(Role.SECRETARIAT)
    path = "/rencana/periode"
    token = csrf(client, path)
    typed = {"csrf_token": token, "plan": CODE, "starts": "2023-01-01", "ends": "2023-10-31"}
    refused = client.post(path, data=typed)
    assert refused.status_code == 422
    assert 'value="2023-10-31"' in refused.text
    assert client.post(path, data=typed | {"deadline": "2023-10-31", "plan": "a\0b"}).status_code == 400
    assert client.post(path, data=typed | {"deadline": "2023-10-31"}).status_code == 303

    def move(act: str, **fields: str) -> int:
        sent = client.post(f"{path}/{CODE}/2023-01-10/{act}", data={"csrf_token": token, **fields})
        return int(sent.status_code)

    assert [move("buka"), move("buka"), move("tutup")] == [303, 409, 303]
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', client.get(f"{path}/{CODE}/2023-01-10/tutup").text)
    assert seen is not None  # the list of what is left is shown before anything closes
    assert [move("tutup", seen=seen[1]), move("buka-kembali"), move("lain")] == [303, 422, 404]
    assert move("buka-kembali", reason="a\0b") == 400
    assert move("buka-kembali", reason="Surat K/L Contoh 01") == 303
    assert "22 hari lagi" in client.get(path).text
    with planned.db.read() as session:
        assert session.scalars(sa.select(Period.state)).one() == PeriodState.REOPENED


def test_every_page_exists_in_english(planned: Services, as_role: Any) -> None:
    client = as_role(Role.SECRETARIAT)
    client.set_cookie("khub_bahasa", "en")
    for path in ("/aksi", f"/aksi/{CODE}/1.1.01", f"/pilar/{CODE}/1", "/kl", "/kl/k-l-contoh-01", "/rencana"):
        page = client.get(path)
        assert page.status_code == 200
        assert '<html lang="en"' in page.text
        assert "Penanggung jawab" not in page.text


@pytest.mark.parametrize("role", [Role.SECRETARIAT, Role.AUDITOR, Role.ADMIN])
def test_before_the_first_plan_every_page_of_the_menu_says_what_comes_first(
    as_role: Any, app: Flask, role: Role
) -> None:
    client = as_role(role)
    menu = set(re.findall(r'href="(/[a-z-]*)"', client.get("/").text.partition("<main")[0])) - {"/keluar"}
    # What only the Sekretariat, K/L and auditors enter by links of other pages.
    pages = {*menu, "/angka", "/komitmen", "/matriks/kl", "/periksa-angka"}
    assert "/matriks" in menu
    for path in sorted(pages):
        answer = client.get(path)
        said = words(answer.text.partition("<main")[2])
        assert answer.status_code in (200, 404), path
        if answer.status_code == 404:
            assert "Belum ada rencana" in said, path
            assert ("Impor rencana" in said) == (role in (Role.SECRETARIAT, Role.ADMIN)), path
        assert "saringan" not in said.lower(), f"{path}: nothing was filtered"
    # An address that means nothing stays one that means nothing.
    assert "Belum ada rencana" not in client.get("/aksi/tidak-ada/1.1.01").text


def test_a_plan_code_that_is_not_there_is_no_missing_plan(planned: Services, as_role: Any) -> None:
    answer = as_role(Role.SECRETARIAT).get("/matriks?rencana=tidak-ada")
    assert answer.status_code == 404
    assert "Belum ada rencana" not in answer.text
