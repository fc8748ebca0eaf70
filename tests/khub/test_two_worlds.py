"""Two installations, one with secrets: whoever may not read them is answered the same to the byte."""

from __future__ import annotations

import io
import json

import pytest
from click.testing import CliRunner

from khub import cli
from khub.products import ids
from khub.products.uploads import Place
from tests.khub.conftest import PLAN
from tests.khub.worlds import SECRET, masked

_QUERIES = (
    "pelatihan",
    "guru OR saksi",
    '"pelatihan guru"',
    "modul -saksi",
    SECRET,
    "zamrud*",
    "pel*",
    "judul:laporan",
    "kl:kl-12 laporan",
    "pilar:1",
    "status:disetujui",
    "status:draf",
    "status:ditarik",
    "klasifikasi:terbatas",
    "peserta toleransi kegiatan",
)


def _paths(world):
    own = {name: public for public, name in world.names.items()}
    yield from (
        "/",
        "/keluaran",
        "/keluaran?hlm=2",
        "/keluaran?status=draft",
        "/keluaran?status=submitted",
        "/keluaran?milik=saya",
    )
    yield from (f"/aksi/{PLAN}/1.1.01", f"/aksi/{PLAN}", "/aksi", "/kl", "/kl/kl-07", "/kl/kl-12", "/akun")
    for query in _QUERIES:
        yield from (
            f"/cari?q={query}",
            f"/cari?q={query}&urut=tanggal",
            f"/cari?q={query}&versi=semua",
            f"/cari?q={query}&kl=kl-12",
        )
    for query in ("tolerensi", SECRET, "%2Bpelatihan+%2Bzamrud&pilar=2", "guru&tanggal=2023-10&sinonim=0"):
        yield from (f"/cari?q={query}", f"/cari/tak-terbaca?q={query}")
    for title in ("Terbuka 0", "Terbuka 1", "Terbuka 2", "Berversi", "Draf Budi"):
        yield from (
            f"/keluaran/{own[f'<{title}>']}",
            f"/keluaran/{own[f'<{title}>']}/ubah",
            f"/keluaran/{own[f'<{title}>']}?v=2",
        )
        yield from (
            f"/cari/{own[f'<{title}>']}?q=pelatihan",
            f"/cari/{own[f'<{title}>']}/mengapa?q=pelatihan+{SECRET}",
            f"/berkas/{own[f'<berkas {title}>']}/hlm/1?q=pelatihan",
        )
    for title in ("Terbuka 0", "Terbuka 1", "Berversi"):
        yield f"/tanda-terima/{own[f'<tanda {title}>']}"


@pytest.mark.any_database
@pytest.mark.parametrize("login", ["budi", "nina", "koko"])
def test_who_may_not_read_the_secrets_is_answered_the_same_to_the_byte(worlds, login):
    browsers = [world.office.browser(login) for world in worlds]
    compared = found = 0
    for one, two in zip(*(list(_paths(world)) for world in worlds), strict=True):
        answers = []
        for world, browser, path in zip(worlds, browsers, (one, two), strict=True):
            answer = browser.get(path)
            answers.append((answer.status_code, masked(world, answer.text)))
        assert answers[0][0] == answers[1][0], (login, two)
        assert answers[0][1].split("\n") == answers[1][1].split("\n"), (login, two)
        compared += 1
        found += answers[1][0] == 200
    assert compared > 80
    assert found > 60


def test_the_secrets_are_there_for_who_may_read_them(worlds):
    """The proof above would prove nothing if the second world had no secrets."""
    assert f"<mark>{SECRET}</mark>" in worlds[1].office.browser("tia").get(f"/cari?q={SECRET}").text
    assert f"<mark>{SECRET}</mark>" not in worlds[0].office.browser("tia").get(f"/cari?q={SECRET}").text


def test_a_warning_of_duplicates_never_tells_of_a_hidden_document(worlds):
    pages = []
    for world in worlds:
        batch = ids.batch_token()
        office = world.office
        received = office.services.uploads.receive(
            office.people["budi"], io.BytesIO(b"isi yang sama\n"), "Terbuka 1.txt", Place(batch=batch)
        )
        world.names[received.product], world.names[received.file] = "<baru>", "<berkas baru>"
        pages.append(masked(world, office.browser("budi").get(f"/unggah/{batch}").text))
    assert pages[0] == pages[1]
    assert "<Draf Budi>" in pages[0]


def test_strangers_acts_are_answered_the_same(worlds):
    """A next draft behind an open keluaran must not show in what a stranger's presses are told."""
    answers = []
    for world in worlds:
        own = {name: public for public, name in world.names.items()}
        public_id, file = own["<Berversi>"], own["<berkas Berversi>"]
        budi = world.office.browser("budi")
        budi.get("/akun")
        said = []
        for word in ("tarik", "buang", "pisah", "ajukan", "versi-baru", "klasifikasi", "simpan"):
            answer = budi.post(
                f"/keluaran/{public_id}/{word}", classification="terbuka", reason="x", title="x", revision="1"
            )
            said.append((word, answer.status_code, masked(world, answer.text)))
        for word in ("lepas", "baca-ulang"):
            answer = budi.post(f"/berkas/{file}/{word}")
            said.append((word, answer.status_code, masked(world, answer.text)))
        answers.append(said)
    assert answers[0] == answers[1]


def test_the_command_line_searches_with_the_same_answer(worlds, monkeypatch):
    cli._rooms()
    answers = []
    for world in worlds:
        said = []
        for query in _QUERIES:
            with monkeypatch.context() as patch:
                patch.setattr(type(world.office.services), "close", lambda _: None)  # the fixture's own
                done = CliRunner().invoke(
                    cli.cli.commands["search"],
                    ["--as", "budi", "--json", "--size", "50", query],
                    obj=lambda world=world: world.office.services,
                )
            assert done.exit_code == 0, done.output
            said.append(json.loads(masked(world, done.output)))
        answers.append(said)
    assert answers[0] == answers[1]
    assert any(answer["results"] for answer in answers[1])
