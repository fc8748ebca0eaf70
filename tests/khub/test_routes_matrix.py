"""Every route × method × role × state × classification against a table that people can review.

``CONTENT`` says who is answered 200 on one keluaran in each state; ``DOORS`` says who gets through
a route's door at all. A route that stands in neither, or in ``ROUTES`` alone, fails.
"""

from __future__ import annotations

import io
import re

import pytest
import sqlalchemy as sa

from khub.policy import Grant, Right, Role
from khub.products import ids
from khub.products.models import CopyFile, File
from khub.products.uploads import Place
from khub.routes import ROUTES
from tests.khub.conftest import PERIOD, PLAN

#: The SQL face of the rules is held against the others on every database in test_policy.py.
pytestmark = pytest.mark.any_database

LOGINS = ("", "budi", "nina", "tia", "dodi", "pak", "kiki", "koko", "dewi", "sari", "yoga")
#: visitor; owner; colleague of his unit and pokja; member of another K/L; same K/L, other pokja;
#: official of the owning K/L; ketua of the pokja; ketua of another pokja; Sekretariat; auditor; admin
OWNERS = {"budi", "nina", "pak"}
MEMBERS = OWNERS | {"tia", "dodi"}
HANDED = OWNERS | {"kiki", "dewi", "sari"}
READERS = MEMBERS | {"kiki", "koko", "dewi", "sari"}
SIGNED = {*LOGINS} - {""}

#: Who may read a keluaran of budi's unit in pokja 1, by (state, classification).
CONTENT: dict[tuple[str, str], set[str]] = {
    ("draft", "terbuka"): OWNERS,
    ("draft", "internal"): OWNERS,
    ("draft", "terbatas"): OWNERS,
    ("submitted", "terbuka"): HANDED,
    ("submitted", "internal"): HANDED,
    ("submitted", "terbatas"): HANDED,
    ("withdrawn", "internal"): OWNERS | {"sari"},
    ("withdrawn", "terbatas"): OWNERS | {"sari"},
    ("returned", "internal"): HANDED,
    ("returned", "terbatas"): HANDED,
    ("approved", "terbuka"): READERS,
    ("approved", "internal"): READERS,
    ("approved", "terbatas"): HANDED,
    ("approved, next a draft", "internal"): READERS,
    ("approved, next a draft", "terbatas"): HANDED,
}

#: Who gets through the door of a right. A visitor is sent to sign in (303), others are told 403.
DOORS: dict[Right, set[str]] = {
    Right.ANYONE: {*LOGINS},
    Right.SIGNED_IN: SIGNED,
    Right.READER: SIGNED,
    Right.UPLOAD: MEMBERS,
    Right.REVIEW: {"dewi"},
    Right.AUDIT: {"dewi", "sari", "yoga"},
    Right.ADMIN: {"yoga"},
    Right.PLAN: {"dewi", "yoga"},
    Right.COMPILE: {"dewi"},
    Right.COORDINATE: {"dewi", "kiki", "koko"},
    Right.REPORT: MEMBERS | {"dewi", "kiki", "koko"},
    Right.ANALYSE: {"dewi", "kiki", "koko", "sari"},
}

#: What an auditor may send: nothing but words about his own account and the record of his check.
AUDITOR_MAY_POST = {
    "accounts.login",
    "accounts.logout",
    "accounts.reset",
    "accounts.change_password",
    "accounts.set_language",
    "accounts.revoke",
    "accounts.revoke_others",
    "accounts.send_parked",
    "accounts.discard_parked",
    "audit.verify",
    "wishes.save",
    "wishes.save_address",
    "wishes.open_feed",
    "wishes.close_feed",
    "checking.run",
    "asked.forget",
    "saved.create",
    "saved.change",
    "saved.remove",
    "saved.alert",
    "saved.judge",
    "saved.open_feed",
    "saved.close_feed",
    "picks.choose",
    "picks.clear",
}

#: Routes about one keluaran, one of its files, or its receipt: these follow ``CONTENT``.
READING = {
    "products.detail": "/keluaran/{product}",
    "search.page": "/berkas/{file}/hlm/1",
    "search.download": "/berkas/{file}/unduh",
    "search.matches": "/cari/{product}?q=pelatihan",
    "search.why": "/cari/{product}/mengapa?q=pelatihan",
}


@pytest.fixture
def house(office, sandbox):
    """The office with a person for every relation."""
    seven, first, second = office.institutions["kl-07"], office.pokjas["1"], office.pokjas["2"]
    office.hire("nina", Grant(Role.MEMBER, seven, first))
    office.hire("dodi", Grant(Role.MEMBER, seven, second))
    office.hire("pak", Grant(Role.OFFICIAL, seven, first))
    office.hire("koko", Grant(Role.CHAIR, None, second))
    return office


def make(office, state, classification):
    """Bring a keluaran of budi's into ``state``; returns (public id, file id, receipt or "")."""
    public_id = office.draft("budi", f"Laporan pelatihan {state} {classification}")
    office.say("budi", public_id, classification=classification)
    receipt = ""
    if state != "draft":
        receipt = office.submit("budi", public_id)
    with office.services.db.read() as session:
        file = session.scalars(sa.select(File.public_id).order_by(File.id.desc()).limit(1)).one()
    services, people = office.services, office.people
    if state == "withdrawn":
        services.products.withdraw(people["budi"], public_id)
    elif state == "returned":
        services.review.send_back(people["dewi"], public_id, 1, "perbaiki")
    elif state.startswith("approved"):
        services.review.approve(people["dewi"], public_id, 1)
    if "next" in state:
        services.products.add_version(people["budi"], public_id)
    return public_id, file, receipt


def ask(office, login, path):
    client = office.browser(login).client if login else office.app.test_client()
    with client.get(path) as response:  # a file that is sent stays open until then
        response.get_data()
    return response


def masked(response, *names):
    """Return what an answer says, without the names asked for and what is random in every page."""
    text = response.text
    for name in names:
        text = text.replace(name, "ID")
    text = re.sub(r'name="csrf_token" value="[^"]*"|content="[^"]*" name="csrf|[0-9a-f]{16,}', "", text)
    return response.status_code, text


# -- doors ------------------------------------------------------------------------------------------


def test_the_table_of_doors_knows_every_right_and_every_content_route():
    assert set(DOORS) == set(Right)
    assert READING.keys() <= ROUTES.keys()


def _rules(app):
    for rule in app.url_map.iter_rules():
        values = {}
        for name, converter in rule._converters.items():
            values[name] = 2_000_000_000 if "int" in type(converter).__name__.lower() else "K-ZZZZZZZ"
        path = app.url_map.bind("localhost").build(rule.endpoint, values, method=next(iter(rule.methods)))
        yield rule, path


def test_every_route_lets_exactly_those_through_who_hold_its_right(house):
    """Ask every route for a thing that does not exist, as everybody; behind the door it is not a 401 or 403."""
    seen = set()
    browsers = {login: house.browser(login) for login in SIGNED}
    for rule, path in _rules(house.app):
        seen.add(rule.endpoint)
        if "GET" not in rule.methods or rule.endpoint == "static":
            continue
        through = DOORS[ROUTES[rule.endpoint]]
        for login in LOGINS:
            client = browsers[login].client if login else house.app.test_client()
            status = client.get(path).status_code
            at_the_door = status == (403 if login else 303)
            if login in through:
                assert status in (200, 303, 404, 409, 422), (rule.endpoint, login, status)
                assert status != 303 or rule.endpoint in (
                    "products.new",
                    "accounts.parked",
                    "main.language",
                ), rule
            else:
                assert at_the_door, (rule.endpoint, login, status)
    assert seen == ROUTES.keys()


def test_every_post_without_its_token_is_refused_for_everybody(house):
    for rule, path in _rules(house.app):
        if "POST" not in rule.methods:
            continue
        for login in ("", "budi", "dewi", "sari", "yoga"):
            client = house.browser(login).client if login else house.app.test_client()
            assert client.post(path, data={"title": "x"}).status_code == 400, (rule.endpoint, login)


def _state(office):
    """Return everything an auditor could have changed: every row but sign-ins and the trail."""
    from khub.db import Base  # noqa: PLC0415 - only here

    skipped = {
        "sign_in",
        "event",
        "audit_head",
        "sign_in_attempt",
        "parked_form",
        "person",
        "mail_preference",
        "feed_secret",
    }
    with office.services.db.read() as session:
        return {
            table.name: sorted(map(repr, session.execute(sa.select(table)).all()))
            for table in Base.metadata.sorted_tables
            if table.name not in skipped
        }


@pytest.mark.parametrize("state", ["draft", "submitted", "withdrawn", "returned", "approved"])
def test_an_auditor_changes_nothing_by_any_post(house, state):
    public_id, file, receipt = make(house, state, "internal")
    before = _state(house)
    for rule, _ in _rules(house.app):
        if "POST" not in rule.methods:
            continue
        values = {
            name: 1 if "int" in type(c).__name__.lower() else public_id
            for name, c in rule._converters.items()
        }
        if rule.endpoint in ("products.remove_file", "products.retry_file"):
            values["public_id"] = file
        path = house.app.url_map.bind("localhost").build(rule.endpoint, values, method="POST")
        sari = house.browser("sari")
        sari.get("/akun")
        answer = sari.post(
            path,
            classification="terbuka",
            reason="x",
            note="x",
            title="x",
            snapshot="1",
            version="1",
            revision="1",
        )
        if rule.endpoint not in AUDITOR_MAY_POST:
            assert answer.status_code in (403, 404), (rule.endpoint, state, answer.status_code)
    assert _state(house) == before
    assert receipt or state == "draft"


# -- content ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("state", "classification"), list(CONTENT))
def test_content_is_answered_to_exactly_those_of_the_table(house, sandbox, state, classification):
    public_id, file, receipt = make(house, state, classification)
    house.read_files(sandbox)
    writer = house.services.index_writer
    from khub.search.indexing import Rebuild  # noqa: PLC0415 - only here

    Rebuild(house.services.db, writer, lambda *_: None).run()
    may_read = CONTENT[state, classification]
    for login in LOGINS:
        for endpoint, pattern in READING.items():
            status = ask(house, login, pattern.format(product=public_id, file=file)).status_code
            expected = 303 if not login else 200 if login in may_read else 404
            assert status == expected, (endpoint, login, status)
        if not login:
            continue
        # The approved file is also the file of a draft version's predecessor: lists and search agree.
        browser = house.browser(login)
        for path in ("/keluaran", "/cari?q=pelatihan", f"/aksi/{PLAN}/1.1.01"):
            assert (public_id in browser.get(path).text) == (login in may_read), (path, login)
        if receipt:
            holders = may_read if state != "approved" or classification == "terbatas" else READERS
            status = browser.get(f"/tanda-terima/{receipt}").status_code
            assert status == (200 if login in holders else 404), ("receipt", login)
        edit = browser.get(f"/keluaran/{public_id}/ubah").status_code
        open_copy = state in ("draft", "returned", "withdrawn") or "next" in state
        expected = 403 if login not in MEMBERS else 200 if login in OWNERS and open_copy else 404
        assert edit == expected, ("edit", login, edit)
        review = browser.get(f"/tinjau/{public_id}").status_code
        expected = 403 if login != "dewi" else 200 if login in may_read else 404
        assert review == expected, ("review", login, review)


#: Acts on one keluaran: who is let through in which state; everybody else is told 403 where he may
#: read the keluaran, else 404 (or 403 at the door). 409: the state does not allow it to him either.
ACTS: dict[str, tuple[str, dict[str, object], set[str], dict[str, int]]] = {
    "products.save": (
        "simpan",
        {"title": ""},
        OWNERS,
        {"draft": 422, "returned": 422, "submitted": 422, "approved": 404},
    ),
    "products.submit": (
        "ajukan",
        {},
        OWNERS,
        {"draft": 303, "returned": 303, "submitted": 409, "approved": 409},
    ),
    "products.withdraw": (
        "tarik",
        {},
        OWNERS,
        {"draft": 409, "returned": 409, "submitted": 303, "approved": 409},
    ),
    "products.discard": (
        "buang",
        {},
        OWNERS,
        {"draft": 303, "returned": 409, "submitted": 409, "approved": 409},
    ),
    "products.split": (
        "pisah",
        {},
        OWNERS,
        {"draft": 303, "returned": 409, "submitted": 409, "approved": 409},
    ),
    "products.classify": (
        "klasifikasi",
        {"classification": "terbuka", "reason": "diminta"},
        OWNERS | {"dewi"},
        {"draft": 303, "returned": 303, "submitted": 303, "approved": 303},
    ),
}


@pytest.mark.parametrize(
    "act", ["products.withdraw", "products.discard", "products.split", "products.submit", "products.classify"]
)
@pytest.mark.parametrize("state", ["draft", "submitted", "returned", "approved"])
def test_acts_are_for_exactly_those_of_the_table(house, act, state):
    word, fields, allowed, statuses = ACTS[act]
    door = DOORS[ROUTES[act]]
    may_read = CONTENT[state, "internal"]
    public_id, _, _ = make(house, state, "internal")
    for login in LOGINS:
        if login in allowed and login in may_read:
            continue
        browser = house.browser(login) if login else None
        if browser is None:
            continue
        browser.get("/akun")
        status = browser.post(f"/keluaran/{public_id}/{word}", **fields).status_code
        expected = 403 if login not in door or login in may_read else 404
        assert status == expected, (login, status)
    for login in sorted(allowed & may_read):
        mine, _, _ = make(house, state, "internal")
        browser = house.browser(login)
        browser.get("/akun")
        assert browser.post(f"/keluaran/{mine}/{word}", **fields).status_code == statuses[state], (
            login,
            state,
        )


def test_a_decision_is_only_for_a_secretariat_that_is_not_of_the_unit(house):
    public_id, _, _ = make(house, "submitted", "internal")
    for login in ("budi", "nina", "tia", "kiki", "sari", "yoga", "rani"):
        browser = house.browser(login)
        browser.get("/akun")
        for word in ("setujui", "kembalikan", "buka", "buka-kembali"):
            status = browser.post(
                f"/tinjau/{public_id}/{word}", note="x", snapshot="1", version="1"
            ).status_code
            assert status == 403, (login, word, status)
    dewi = house.browser("dewi")
    dewi.get("/akun")
    assert dewi.post(f"/tinjau/{public_id}/setujui", snapshot="1", version="1").status_code == 303


def test_what_is_not_there_and_what_is_anothers_answer_alike(house):
    """Status and body are the same, apart from the address itself."""
    hidden, file, receipt = make(house, "submitted", "terbatas")
    batch = ids.batch_token()
    house.services.uploads.receive(house.people["budi"], io.BytesIO(b"teks\n"), "a.txt", Place(batch=batch))
    nothing = (ids.product_id(), ids.file_id(), "TT-2023-ZZZZZZ", ids.batch_token())
    paths = (
        "/keluaran/{0}",
        "/keluaran/{0}/ubah",
        "/keluaran/{0}?v=1&c=1",
        "/cari/{0}?q=laporan",
        "/berkas/{1}/hlm/1",
        "/berkas/{1}/hlm/999",
        "/berkas/{1}/hlm/1/gambar",
        "/berkas/{1}/unduh",
        "/tanda-terima/{2}",
        "/unggah/{3}",
    )
    posts = (
        "/keluaran/{0}/tarik",
        "/keluaran/{0}/simpan",
        "/keluaran/{0}/ajukan",
        "/keluaran/{0}/buang",
        "/keluaran/{0}/pisah",
        "/keluaran/{0}/versi-baru",
        "/keluaran/{0}/klasifikasi",
        "/keluaran/{0}/jadikan-versi",
        "/berkas/{1}/lepas",
        "/berkas/{1}/baca-ulang",
        "/unggah/{3}/gabung",
    )
    for login in ("tia", "dodi", "koko", "yoga"):
        browser = house.browser(login)
        browser.get("/akun")
        there = (hidden, file, receipt, batch)
        for path in paths:
            real, made_up = browser.get(path.format(*there)), browser.get(path.format(*nothing))
            assert masked(real, *there) == masked(made_up, *nothing), (login, path)
        for path in posts:
            fields = {
                "classification": "terbuka",
                "reason": "x",
                "target": hidden,
                "title": "x",
                "revision": "1",
            }
            real = browser.post(path.format(*there), **fields)
            made_up = browser.post(path.format(*nothing), **{**fields, "target": nothing[0]})
            assert masked(real, *there) == masked(made_up, *nothing), (login, path)
            assert real.status_code in (403, 404), (login, path, real.status_code)


def test_a_file_of_a_draft_version_is_hidden_behind_its_approved_keluaran(house):
    public_id, old, _ = make(house, "approved, next a draft", "internal")
    fresh = house.services.uploads.receive(
        house.people["budi"],
        io.BytesIO(b"rahasia\n"),
        "baru.txt",
        Place(batch=ids.batch_token(), product=public_id),
    ).file
    for login in ("tia", "kiki", "dewi", "sari", "koko"):
        assert ask(house, login, f"/berkas/{old}/unduh").status_code == 200
        for path in (f"/berkas/{fresh}/unduh", f"/berkas/{fresh}/hlm/1", f"/keluaran/{public_id}?v=2"):
            assert ask(house, login, path).status_code == 404, (login, path)
        assert "baru.txt" not in ask(house, login, f"/keluaran/{public_id}").text
    assert ask(house, "nina", f"/berkas/{fresh}/unduh").status_code == 200
    with house.services.db.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(CopyFile)) == 3
    assert PERIOD
