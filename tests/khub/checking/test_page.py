"""Periksa angka as people meet it: the page, its refusals, the ledger behind it, the command."""

from __future__ import annotations

import functools
import io
import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import docx
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from khub import wiring
from khub.checking.commands import check_figures
from khub.checking.ledgered import LedgerRecords
from khub.checking.model import Role
from khub.checking.records import Known
from khub.checking.service import LONGEST_TYPED, Choice, Source, typed
from khub.errors import InvalidError
from khub.plan.models import Action, Commitment
from khub.plan.queries import plan_called
from khub.policy import SYSTEM
from khub.settings import environment

PATH = "/periksa-angka"
#: The office: 2 pilar with 2 actions each on the table of 2023, both K/L answer for each.
RIGHT = "Pada 2023, 1 dari 4 aksi berkomitmen. Pada Pilar 1, 1 dari 2 aksi (50 persen) berkomitmen."
WRONG = "Pada Pilar 1, 2 dari 2 aksi berkomitmen. Hampir separuh kementerian setuju."


@pytest.fixture
def house(office):
    """The office after budi's K/L promised one action of pilar 1."""
    with office.services.db.write() as session:
        action = session.scalars(sa.select(Action.id).where(Action.code == "1.1.01")).one()
        session.add(
            Commitment(
                action_id=action,
                institution_id=office.institutions["kl-07"],
                year=2023,
                answer="yes",
                recorded_at=office.clock.now() - timedelta(days=2),
            )
        )
    return office


def send(browser, **fields):
    browser.get(PATH)
    return browser.client.post(
        PATH, data={"csrf_token": browser.csrf, **fields}, content_type="multipart/form-data"
    )


def test_the_records_are_the_ledgers(house):
    now = house.clock.now()
    with house.services.db.read() as session:
        plan = plan_called(session, SYSTEM, "", now)
        records = LedgerRecords(session, plan, now, 2023)
        assert records.number(Role.COMMITTED, year=2023) == Known(1, 4)
        assert records.number(Role.COMMITTED, year=2023, branch="1") == Known(1, 2)
        assert records.number(Role.COMMITTED, year=2023, branch="2") == Known(0, 2)
        assert records.number(Role.INVOLVED, year=2023) == Known(1, 2)
        assert records.number(Role.ON_TABLE, year=2023, branch="2") == Known(2, None)
        assert records.number(Role.IN_PLAN, year=2023) == Known(4, None)
        assert records.number(Role.REPORTED, year=2023, period="Januari–Oktober 2023") == Known(0, 8)
        assert records.number(Role.APPROVED, year=2023) == Known(0, 8)
        assert records.number(Role.COMMITTED, year=2023, branch="3") is None
        assert records.number(Role.COMMITTED, year=2022) is None
        assert records.number(Role.REPORTED, year=2023, period="Januari–Juli 2023") is None
        assert records.day == (2023, 10, 9)


def test_every_role_gets_the_same_verdict(house):
    for login in ("budi", "tia", "dewi", "kiki", "sari", "yoga"):
        answer = send(house.browser(login), teks=RIGHT + " " + WRONG)
        assert answer.status_code == 200, login
        marks = [answer.text.count(f'class="hidup{kind}"') for kind in ("", " salah", " ragu")]
        assert marks == [2, 1, 1], login


def test_a_visitor_is_sent_to_sign_in(house):
    assert house.app.test_client().get(PATH).status_code == 303


def test_the_page_shows_text_marks_and_the_right_figure(house):
    page = send(house.browser("budi"), teks=WRONG).text
    assert 'href="#frasa-1">2 dari 2 aksi</a>' in page
    assert "Catatan khub: 1 dari 2." in page
    assert "khub tidak menebak" in page
    assert "Tertulis" in page
    assert "Yang cocok" in page


def test_an_earlier_day_has_its_own_number(house):
    browser = house.browser("budi")
    assert "Catatan khub: 0 dari 2." in send(browser, teks=WRONG, per="2023-10-01").text
    assert "Catatan khub: 1 dari 2." in send(browser, teks=WRONG, per="2030-01-01").text


def test_english(house):
    browser = house.browser("budi")
    browser.client.set_cookie("khub_bahasa", "en")
    page = send(browser, teks="Pada Pilar 1, 2 dari 4 aksi (51,5 persen) berkomitmen.").text
    assert "2 of 4 is 50 percent, written is 51.5 percent." in page


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"teks": "   "}, 422, "Tempel teks atau pilih berkas."),
        ({"teks": "x", "tahun": "²"}, 422, "Tahun tidak dikenali."),
        ({"teks": "x", "tahun": "99999999999999999999"}, 422, "Tahun tidak dikenali."),
        ({"teks": "x", "tahun": "2019"}, 422, "Rencana ini tidak punya daftar tahun itu."),
        ({"teks": "x", "per": "kemarin"}, 422, "misalnya 2023-10-31"),
        ({"teks": "x", "rencana": "tidak-ada"}, 422, "Rencana ini tidak ada."),
        ({"teks": "x" * (LONGEST_TYPED + 1)}, 422, "paling panjang 100.000 karakter"),
    ],
)
def test_what_cannot_be_checked_is_said_and_what_was_typed_stays(house, fields, status, said):
    answer = send(house.browser("budi"), **fields)
    assert answer.status_code == status
    assert said in answer.text
    assert fields["teks"].strip() in answer.text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("kosong.txt", b"", "Tidak ada teks dalam berkas ini."),
        ("rusak.pdf", b"%PDF-1.7 rusak", "rusak"),
        ("program.exe", b"MZ\x00\x01" * 50, "tidak didukung"),
    ],
)
def test_files_without_text_are_refused_in_words(house, name, content, said):
    answer = send(house.browser("budi"), berkas=(io.BytesIO(content), name))
    assert answer.status_code == 422
    assert said in answer.text


def _word(*paragraphs):
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_a_file_is_read_checked_and_not_kept(house):
    stored = sorted(house.services.settings.uploads.rglob("*"))
    browser = house.browser("budi")
    answer = send(browser, berkas=(io.BytesIO(_word("Laporan", WRONG)), "laporan.docx"))
    assert answer.status_code == 200
    assert "laporan.docx" in answer.text
    assert "2 dari 2 aksi" in answer.text
    html = b"<html><body><p>Sebanyak 3 dari <b>4</b> aksi (80 persen).</p><script>5 dari 6 aksi</script></body></html>"
    page = send(browser, berkas=(io.BytesIO(html), "catatan.html")).text
    assert "3 dari 4 aksi (80 persen)" in page
    assert "5 dari 6" not in page
    assert sorted(house.services.settings.uploads.rglob("*")) == stored


def test_text_and_file_together_are_refused(house):
    answer = send(house.browser("budi"), teks=RIGHT, berkas=(io.BytesIO(b"x"), "a.txt"))
    assert answer.status_code == 422
    assert "Pilih salah satu" in answer.text


def test_hostile_text_is_shown_as_text(house):
    text = "<script>alert(1)</script> 2 dari 3 aksi (10 persen) %(x)s {{ 7 * 7 }} <b>"
    page = send(house.browser("budi"), teks=text).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "{{ 7 * 7 }}" in page


def test_an_installation_without_a_plan_still_holds_a_text_against_itself(services, app):
    checked = services.checking.check(SYSTEM, typed("3 dari 4 aksi (80 persen)"), Choice())
    assert checked.plan is None
    assert checked.report.mismatches == 1


def test_statements_do_not_grow_with_the_text(house):
    counted = []
    engine = house.services.db.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *args: counted.append(args[2]))
    house.services.checking.check(SYSTEM, Source(RIGHT), Choice())
    few = len(counted)
    counted.clear()
    house.services.checking.check(SYSTEM, Source((RIGHT + "\n\n" + WRONG + "\n\n") * 60), Choice())
    assert len(counted) == few <= 20


def _khub(settings, *words, **more):
    return subprocess.run(
        [sys.executable, "-m", "khub", *words],
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **more,
    )


def test_the_command_says_the_same_as_the_page_in_english(house, tmp_path):
    settings = house.services.settings
    path = tmp_path / "laporan.docx"
    path.write_bytes(_word(RIGHT, WRONG))
    done = _khub(settings, "check-figures", str(path), "--as-of", "2023-10-09")
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("matches: 2 · does not match: 1 · not recognised: 1")
    assert "What fits: 1" in done.stdout


@pytest.fixture
def command(house):
    """Run check-figures on the house's installation with a text on standard input."""

    def run(*words, text=RIGHT):
        built = functools.partial(wiring.build, house.services.settings)
        return CliRunner().invoke(check_figures, words, obj=built, input=text)

    return run


def test_the_commands_json(command):
    done = command("-", "--json")
    facts = json.loads(done.stdout)
    assert done.exit_code == 0
    assert (facts["plan"], facts["year"], facts["match"]) == ("ran-pe", 2023, 2)
    assert json.loads(command("-", "--json", "--as-of", "2023-10-01").stdout)["as_of"].startswith(
        "2023-10-01"
    )
    assert json.loads(command("-", "--no-records", "--json").stdout)["plan"] is None


def test_wrong_calls_of_the_command(house, command, tmp_path):
    settings = house.services.settings
    assert command(str(tmp_path / "tidak-ada.txt")).exit_code == 2
    assert command("-", "--as-of", "kemarin").exit_code == 2
    assert command("-", "--year", "0").exit_code == 2
    assert isinstance(command("-", "--plan", "tidak-ada").exception, InvalidError)
    (tmp_path / "rusak.pdf").write_bytes(b"%PDF-1.7 rusak")
    done = _khub(settings, "check-figures", str(tmp_path / "rusak.pdf"))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("Error: This file ")


def test_the_as_of_day_of_the_page_is_that_of_wib(house):
    checked = house.services.checking.check(SYSTEM, Source(RIGHT), Choice(day=date(2023, 10, 8)))
    assert checked.until == datetime(2023, 10, 8, 16, 59, 59, 999999, tzinfo=UTC)


def test_reports_are_those_of_the_period_that_the_text_names(house):
    text = (
        "Pada Januari–Oktober 2023, 1 dari 8 laporan masuk. Pada Januari–Juli 2023, 1 dari 8 laporan masuk."
    )
    choice = Choice(day=date(2023, 10, 9))
    found = house.services.checking.check(SYSTEM, Source(text), choice).report.findings
    assert [finding.mark for finding in found] == ["mismatch", "unknown"]
    assert [each.count for each in found[0].candidates] == [0]
