"""Two installations, one with secrets: whoever may not read them is answered the same to the byte."""

from __future__ import annotations

import io
import itertools
import json
import random
import re
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from khub import cli
from khub.clock import FixedClock
from khub.policy import Grant, Role
from khub.products import ids
from khub.products.models import File
from khub.products.uploads import Place
from khub.search.indexing import Rebuild
from tests.conftest import NOW
from tests.khub.conftest import PLAN, Office
from tests.khub.conftest import office as fresh_office

#: Words that stand in secrets only, in open documents only, and in both.
_SHARED = ("pelatihan", "guru", "modul", "kegiatan", "toleransi", "saksi", "laporan", "peserta")
_SECRET = "zamrudrahasia"  # noqa: S105 - a word to look for
_QUERIES = (
    "pelatihan",
    "guru OR saksi",
    '"pelatihan guru"',
    "modul -saksi",
    _SECRET,
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
_MASKS = (
    r'name="csrf_token" value="[^"]*"',
    r'(?<=content=")[^"]{60,}(?=")',
    r"/unggah/[0-9a-z]{12,40}",
    r'(?<=name="batch" value=")[^"]*',
    r"[0-9a-f]{64}",
)


@dataclass
class World:
    office: Office
    names: dict[str, str]


def _masked(world, text):
    for public, name in world.names.items():
        text = text.replace(public, name)
    for pattern in _MASKS:
        text = re.sub(pattern, "…", text)
    return text


def _document(rng, *extra):
    words = [*rng.choices(_SHARED, k=60), *extra]
    rng.shuffle(words)
    return f"Laporan {' '.join(words)}\n".encode()


def _name(world, public_id, title):
    world.names[public_id] = f"<{title}>"
    with world.office.services.db.read() as session:
        for file in session.scalars(sa.select(File.public_id).order_by(File.id.desc()).limit(1)):
            world.names[file] = f"<berkas {title}>"


def _build(office, sandbox, *, secrets):  # noqa: C901 - one story, told from top to bottom
    office.hire("nina", Grant(Role.MEMBER, office.institutions["kl-12"], office.pokjas["2"]))
    office.hire("koko", Grant(Role.CHAIR, None, office.pokjas["2"]))
    world, rng, hidden = World(office, {}), random.Random(4), random.Random(5)  # noqa: S311 - the same worlds each time
    services, people = office.services, office.people

    def open_one(login, title, *, approve, classification="internal"):
        public_id = office.draft(login, title, content=_document(rng, title.replace(" ", "")))
        _name(world, public_id, title)
        office.say(login, public_id, classification=classification)
        receipt = office.submit(login, public_id)
        world.names[receipt] = f"<tanda {title}>"
        if approve:
            services.review.approve(people["dewi"], public_id, 1)
        return public_id

    def secret_one(title, state):
        """A keluaran of tia's that only her unit (and, once handed in, the Sekretariat and so on) may read."""
        if not secrets:
            return
        public_id = office.draft("tia", title, content=_document(hidden, _SECRET, "pelatihan", "pelatihan"))
        office.say("tia", public_id, classification="terbatas")
        if state == "draft":
            return
        services.products.submit(people["tia"], [public_id])
        if state == "withdrawn":
            services.products.withdraw(people["tia"], public_id)
        elif state == "approved":
            services.review.approve(people["dewi"], public_id, 1)
        elif state == "returned":
            services.review.send_back(people["dewi"], public_id, 1, "perbaiki")

    states = itertools.cycle(("draft", "withdrawn", "approved", "returned", "submitted"))
    for number in range(6):
        secret_one(f"Rahasia {number}", next(states))
        open_one("budi" if number % 2 else "tia", f"Terbuka {number}", approve=number != 5)
        secret_one("Terbuka 1", next(states))  # the title of an open one
    versioned = open_one("tia", "Berversi", approve=True)
    if secrets:  # the next version of an open keluaran, not yet approved
        services.products.add_version(people["tia"], versioned)
        services.uploads.receive(
            people["tia"],
            io.BytesIO(_document(hidden, _SECRET)),
            "v2.txt",
            Place(batch=ids.batch_token(), product=versioned),
        )
        office.say("tia", versioned, title=f"Versi dua {_SECRET}")
    mine = office.draft("budi", "Draf Budi", content=b"isi yang sama\n")
    _name(world, mine, "Draf Budi")
    if secrets:  # the same bytes and the same title as budi's draft, out of his sight
        services.uploads.receive(
            people["tia"], io.BytesIO(b"isi yang sama\n"), "Draf Budi.txt", Place(batch=ids.batch_token())
        )
    office.read_files(sandbox)
    Rebuild(services.db, services.index_writer, lambda *_: None).run()
    return world


@pytest.fixture
def worlds(office, sandbox, request, tmp_path):
    """Return (without, with) secrets."""
    from khub import migrations, wiring  # noqa: PLC0415 - the second installation
    from khub.app import create_app  # noqa: PLC0415
    from khub.settings import load  # noqa: PLC0415

    folder = tmp_path / "dua"
    settings = load({}, mode="test", data=folder / "data", uploads=folder / "uploads")
    clock = FixedClock(NOW)
    services = wiring.build(settings, clock)
    migrations.upgrade(services.db)
    other = fresh_office.__wrapped__(services, create_app(settings, services), clock)
    yield _build(office, sandbox, secrets=False), _build(other, sandbox, secrets=True)
    services.close()


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
    for title in ("Terbuka 0", "Terbuka 1", "Terbuka 2", "Berversi", "Draf Budi"):
        yield from (
            f"/keluaran/{own[f'<{title}>']}",
            f"/keluaran/{own[f'<{title}>']}/ubah",
            f"/keluaran/{own[f'<{title}>']}?v=2",
        )
        yield from (
            f"/cari/{own[f'<{title}>']}?q=pelatihan",
            f"/berkas/{own[f'<berkas {title}>']}/hlm/1?q=pelatihan",
        )
    for title in ("Terbuka 0", "Terbuka 1", "Berversi"):
        yield f"/tanda-terima/{own[f'<tanda {title}>']}"


@pytest.mark.parametrize("login", ["budi", "nina", "koko"])
def test_who_may_not_read_the_secrets_is_answered_the_same_to_the_byte(worlds, login):
    browsers = [world.office.browser(login) for world in worlds]
    compared = found = 0
    for one, two in zip(*(list(_paths(world)) for world in worlds), strict=True):
        answers = []
        for world, browser, path in zip(worlds, browsers, (one, two), strict=True):
            answer = browser.get(path)
            answers.append((answer.status_code, _masked(world, answer.text)))
        assert answers[0][0] == answers[1][0], (login, two)
        assert answers[0][1].split("\n") == answers[1][1].split("\n"), (login, two)
        compared += 1
        found += answers[1][0] == 200
    assert compared > 80
    assert found > 60


def test_the_secrets_are_there_for_who_may_read_them(worlds):
    """The proof above would prove nothing if the second world had no secrets."""
    assert f"<mark>{_SECRET}</mark>" in worlds[1].office.browser("tia").get(f"/cari?q={_SECRET}").text
    assert f"<mark>{_SECRET}</mark>" not in worlds[0].office.browser("tia").get(f"/cari?q={_SECRET}").text


def test_a_warning_of_duplicates_never_tells_of_a_hidden_document(worlds):
    pages = []
    for world in worlds:
        batch = ids.batch_token()
        office = world.office
        received = office.services.uploads.receive(
            office.people["budi"], io.BytesIO(b"isi yang sama\n"), "Terbuka 1.txt", Place(batch=batch)
        )
        world.names[received.product], world.names[received.file] = "<baru>", "<berkas baru>"
        pages.append(_masked(world, office.browser("budi").get(f"/unggah/{batch}").text))
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
            said.append((word, answer.status_code, _masked(world, answer.text)))
        for word in ("lepas", "baca-ulang"):
            answer = budi.post(f"/berkas/{file}/{word}")
            said.append((word, answer.status_code, _masked(world, answer.text)))
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
            said.append(json.loads(_masked(world, done.output)))
        answers.append(said)
    assert answers[0] == answers[1]
    assert any(answer["results"] for answer in answers[1])
