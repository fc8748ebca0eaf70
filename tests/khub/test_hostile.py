"""Hostile requests: a clear refusal or an answer, never a failure; files leave as downloads only."""

from __future__ import annotations

import errno
import io
import os
import random
import re
import urllib.parse

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from khub.products import ids
from khub.products.models import File, Product, UploadKey
from khub.products.uploads import Place
from khub.search.indexing import Rebuild
from tests.khub.conftest import PERIOD, PLAN

ODD = (
    "",
    " ",
    "x" * 40_000,
    "kata " * 8_000,
    "NOT NOT x",
    '"tanpa pasangan',
    "(((((",
    ")" * 50,
    "(" * 2000 + "x",
    "*",
    "***",
    "a*",
    "-",
    "- - -",
    "OR OR",
    "AND",
    "pilar:",
    ":",
    "tahun:0..99999999999999999999",
    "tahun:2023..2020",
    "tanggal:9999-99-99",
    "tanggal:0000-00-00..2023",
    "\x00",
    "a\x00b",
    "\x01\x02\x1b[31m",
    "\u202eterbalik\u202c",
    "\ufeff\u200b\u200d",
    "\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    "٣٤",  # digits that int() takes
    "²",
    "-1",
    "0",
    "1e9",
    "999999999999",
    "9" * 5000,
    "00000001" + "9" * 5000,
    "2147483648",
    "9223372036854775808",
    "' OR 1=1 --",
    "%' OR '%'='",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "${7*7}",
    "../../etc/passwd",
    "..%2f..%2f",
    "a\r\nSet-Cookie: x=1",
    "http://elsewhere.example/",
    "//elsewhere.example",
    "\\\\elsewhere.example",
    "javascript:alert(1)",
    "🙂" * 300,
    "e\u0301" * 500,
)
NAMES = (
    "q", "hlm", "urut", "versi", "status", "periode", "jenis", "kl", "milik", "aksi", "keluaran", "k", "v", "c",
    "lebar", "next", "pilar", "tahun", "bahasa", "klasifikasi", "fokus", "pokja", "oleh", "tindakan", "objek",
    "sejak", "sebelum", "peristiwa", "plan", "rencana", "berkas", "selesai", "sandi", "cari", "title", "kind",
    "language", "period", "classification", "classification_reason", "reason", "personal_data", "owner", "revision",
    "actions", "batch", "note", "snapshot", "version", "target", "login", "password", "produk", "code", "name",
    "state", "role", "institution", "valid_from", "valid_to", "email", "seq", "head", "hash",
)  # fmt: skip


@pytest.fixture
def site(office, sandbox):
    """The office with a keluaran in every state, read and indexed."""
    office.hand_in("budi", "Pelatihan guru")
    approved = office.hand_in("budi", "Modul pelatihan")
    office.services.review.approve(office.people["dewi"], approved, 1)
    office.draft("budi", "Draf pelatihan")
    office.draft("budi", "Foto", content=b"isi kegiatan")
    office.read_files(sandbox)
    Rebuild(office.services.db, office.services.index_writer, lambda *_: None).run()
    return office


def _fine(answer, what):
    assert answer.status_code < 500 or (answer.status_code == 503 and "tidak" in answer.text), (
        what,
        answer.status_code,
    )
    for name, value in answer.headers:
        assert not set("\r\n") & set(name + value), (what, name)
    location = answer.headers.get("Location", "/")
    assert location.startswith("/"), (what, location)
    assert not location.startswith(("//", "/\\")), (what, location)
    assert "Traceback" not in answer.text[:20_000]
    assert "<script>alert(1)" not in answer.text


# -- addresses --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["q", "hlm", "urut", "kl", "pilar", "versi"])
def test_odd_words_in_the_address_of_search(site, name):
    budi = site.browser("budi")
    for text in ODD:
        for path in ("/cari", "/keluaran"):
            answer = budi.get(f"{path}?{urllib.parse.urlencode({'q': 'pelatihan', name: text})}")
            _fine(answer, (path, name, text[:40]))
            assert answer.status_code in (200, 400, 404, 422)


def test_the_queries_of_the_list_are_answered_with_a_reason(site):
    budi = site.browser("budi")
    for query, words in (
        ("x" * 40_000, "terlalu panjang"),
        ("NOT NOT x", "perlu kata"),
        ('"tanpa pasangan', "tanda kutip"),
        ("(a", "tanda kurung"),
        ("*", "Awalan"),
    ):
        answer = budi.get(f"/cari?{urllib.parse.urlencode({'q': query})}")
        assert answer.status_code in (200, 400), query[:40]
        assert answer.status_code == 200 or words in answer.text, query[:40]


def test_odd_bytes_in_the_address(site):
    budi = site.browser("budi").client
    for path in (
        "/%ff%fe",
        "/keluaran/%ff",
        "/cari?q=%ff%ed%a0%80",
        "/cari?q=%00",
        "/cari?q=a&q=%00",
        "/cari?%00=1",
        "/cari?q[]=1&q[a][b]=2",
        "/cari?" + "&".join(f"pilar={n}" for n in range(5000)),
        "/cari?" + "q=x&" * 5000,
        "/keluaran/" + "A" * 20_000,
        "/keluaran/..%2f..%2fetc%2fpasswd",
        "/berkas/../../etc/passwd",
        "/static/..%2f..%2f..%2fetc/passwd",
        "/static/%00",
        "/berkas/B-2222222222/hlm/" + "9" * 5000,
        "/berkas/B-2222222222/hlm/-1",
        "/berkas/B-2222222222/hlm/٣",
        "/aksi/%2e%2e/%2e%2e",
        "/bahasa/xx?next=//evil.example",
        "/bahasa/en?next=//evil.example",
        "/bahasa/en?next=/%0d%0aSet-Cookie:%20a=b",
        "/bahasa/en?next=https:evil.example",
        "/masuk?next=//evil.example",
    ):
        with budi.get(path) as answer:
            _fine(answer, path[:60])
            assert "Set-Cookie: a" not in str(answer.headers)


def test_pictures_of_pages_that_are_not_there_are_not_found(site):
    with site.services.db.read() as session:
        file = session.scalars(sa.select(File.public_id)).first()
    budi = site.browser("budi")
    for number in ("0", "2", "999999", "9" * 30, "9" * 5000):
        assert budi.get(f"/berkas/{file}/hlm/{number}/gambar").status_code == 404
        assert budi.get(f"/berkas/{file}/hlm/{number}").status_code == 404


# -- bodies -----------------------------------------------------------------------------------------


def _upload(browser, batch, parts, **headers):
    if not browser.csrf:
        browser.get(f"/unggah/{batch}")
    return browser.client.post(
        f"/unggah/{batch}/berkas", data={"csrf_token": browser.csrf, **parts}, headers=headers
    )


def test_names_of_files_are_data(site):
    budi, batch = site.browser("budi"), ids.batch_token()
    for name in (
        "../../../../tmp/olut.txt",
        "..\\..\\olut.txt",
        "/etc/passwd.txt",
        "x" * 5000 + ".txt",
        "a\u202etxt.exe.txt",
        "a\tb\x07.txt",
        'kutip"dan;titik.txt',
        "🙂.txt",
        ".txt",
        "...",
        "CON.txt",
        "nama\x00.txt",
    ):
        answer = _upload(budi, batch, {"files": (io.BytesIO(b"isi laporan\n"), name)})
        _fine(answer, name[:40])
        assert answer.status_code in (303, 400, 422), name[:40]
    shas = re.compile("[0-9a-f]{64}")
    for path in site.services.settings.uploads.rglob("*"):
        assert path.is_dir() or shas.fullmatch(path.name), path


# werkzeug leaves the parts of a body that it stops reading to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_bodies_that_are_too_large_or_of_too_many_parts(site):
    budi, batch = site.browser("budi"), ids.batch_token()
    many = [("files", (io.BytesIO(b"x"), f"{n}.txt")) for n in range(3000)]
    from werkzeug.datastructures import MultiDict  # noqa: PLC0415 - only here

    budi.get(f"/unggah/{batch}")
    answer = budi.client.post(
        f"/unggah/{batch}/berkas",
        data=MultiDict([("csrf_token", budi.csrf), *many]),
        content_type="multipart/form-data",
    )
    assert answer.status_code == 413
    answer = _upload(budi, batch, {"files": (io.BytesIO(b"x" * (66 << 20)), "besar.txt")})
    assert answer.status_code == 413
    assert "besar" in answer.text
    answer = _upload(budi, batch, {"files": (io.BytesIO(b"x" * (64 << 20) + b"x"), "besar.txt")})
    assert answer.status_code in (413, 422)
    answer = budi.client.post("/masuk", data={"login": "x" * (3 << 20), "csrf_token": budi.csrf})
    assert answer.status_code in (413, 422)
    with site.services.db.read() as session:
        assert session.scalar(sa.select(sa.func.count()).where(File.name == "besar.txt")) == 0


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "text/plain",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=" + "x" * 5000,
        "application/x-www-form-urlencoded; charset=utf-7",
        "multipart/mixed; boundary=a",
        "\xff/\xfe",
        "",
    ],
)
def test_wrong_kinds_of_body(site, kind):
    budi = site.browser("budi")
    budi.get("/akun")
    for body in (b"", b"{", b"--x\r\n\r\n", b"csrf_token=" + budi.csrf.encode(), os.urandom(2000)):
        for path in ("/masuk", f"/unggah/{ids.batch_token()}/berkas", "/akun/bahasa"):
            _fine(budi.client.post(path, data=body, headers={"Content-Type": kind}), (path, kind))


def test_fields_sent_twice_and_text_that_is_none(site):
    budi = site.browser("budi")
    with site.services.db.read() as session:
        public_id = session.scalars(sa.select(Product.public_id).order_by(Product.id.desc())).first()
    budi.get(f"/keluaran/{public_id}/ubah")
    for name in (
        "title",
        "kind",
        "period",
        "actions",
        "owner",
        "revision",
        "classification",
        "language",
        "personal_data",
    ):
        for text in ODD:
            fields = {"title": "Judul", "revision": "1", "classification": "internal", name: [text, "kedua"]}
            _fine(budi.post(f"/keluaran/{public_id}/simpan", **fields), (name, text[:30]))


def test_a_form_field_with_a_nul_is_refused_everywhere(site):
    budi = site.browser("budi")
    budi.get("/akun")
    for path in ("/masuk", "/akun/bahasa", "/keluaran/K-2222222/simpan", "/keluaran/K-2222222/jadikan-versi"):
        assert budi.post(path, target="a\0b").status_code == 400


# -- headers ----------------------------------------------------------------------------------------


def test_headers_that_lie(site):
    budi = site.browser("budi").client
    for headers in (
        {"Host": "evil.example"},
        {"Host": "evil.example:99999"},
        {"Host": "a b"},
        {"Host": ""},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "1.2.3.4, x"},
        {"X-HTTP-Method-Override": "DELETE"},
        {"Referer": "http://evil.example/\udcff".encode("latin-1", "replace").decode("latin-1")},
        {"Accept-Language": "x" * 5000},
        {"User-Agent": "\xff" * 3000},
        {"Cookie": "khub_session=" + "x" * 5000},
        {"Cookie": "khub_session=\xff; khub_form=\xff; khub_bahasa=../../x"},
        {"Range": "bytes=9-1,0-,-99999999999999999999"},
        {"If-Modified-Since": "kemarin"},
        {"If-None-Match": '"' + "x" * 3000},
        {"X-Requested-With": "khub"},
        {"Content-Length": "-1"},
    ):
        for path in ("/", "/keluaran", "/masuk", "/cari?q=pelatihan"):
            answer = budi.get(path, headers=headers)
            _fine(answer, (path, headers))
            assert "evil.example" not in answer.text, (path, headers)
            assert "evil.example" not in str(answer.headers), (path, headers)


def test_methods_that_are_not_offered(site):
    budi = site.browser("budi")
    budi.get("/akun")
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "BREW"):
        for path in ("/keluaran", "/masuk", "/keluaran/K-2222222"):
            assert budi.client.open(path, method=method).status_code in (400, 405), (method, path)
    answer = budi.post("/keluaran/K-2222222", _method="DELETE")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_every_page_carries_its_headers(site):
    for login in ("", "budi"):
        client = site.browser(login).client if login else site.app.test_client()
        for path in ("/", "/masuk", "/keluaran", "/tidak-ada", "/static/css/khub.css", "/healthz"):
            with client.get(path) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "unsafe" not in policy
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Referrer-Policy"] == "same-origin"
                assert "frame-ancestors 'none'" in policy
                if not path.startswith("/static"):
                    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "name",
    [
        "Laporan akhir.html",
        'kutip " dan \\ garis.html',
        "baris\r\nSet-Cookie: a=b.html",
        "Laporan – akhir 🙂.html",
        "x" * 400 + ".html",
    ],
)
def test_a_download_is_an_attachment_whatever_it_holds(office, name):
    page = b"<!doctype html><html><body><script>alert(1)</script>Laporan</body></html>"
    received = office.services.uploads.receive(
        office.people["budi"], io.BytesIO(page), name, Place(batch=ids.batch_token())
    )
    with office.browser("budi").client.get(f"/berkas/{received.file}/unduh") as answer:
        assert answer.status_code == 200
        assert answer.data == page
        disposition = answer.headers["Content-Disposition"]
        assert disposition.startswith("attachment;")
        assert not set("\r\n") & set(disposition)
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        with office.services.db.read() as session:
            stored = session.scalars(sa.select(File.name)).one()
        encoded = re.search(r"filename\*=UTF-8''([^;]+)", disposition)
        plain = re.search(r'filename="?((?:[^"\\]|\\.)*)"?', disposition)
        told = urllib.parse.unquote(encoded[1]) if encoded else re.sub(r"\\(.)", r"\1", plain[1])
        assert told == stored


# -- the machine fails --------------------------------------------------------------------------------


def test_a_full_disk_during_an_upload_is_said_and_leaves_no_half(office, monkeypatch):
    budi, batch = office.browser("budi"), ids.batch_token()
    for script in ({}, {"X-Requested-With": "khub"}):
        with monkeypatch.context() as patch:
            # The system's own error, as a write on a full disk raises it.
            patch.setattr(
                os, "fsync", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space left"))
            )
            answer = _upload(budi, batch, {"files": (io.BytesIO(b"isi\n"), "a.txt")}, **script)
        assert answer.status_code == 503
        assert "penuh" in answer.text
    with office.services.db.read() as session:
        for model in (File, Product, UploadKey):
            assert session.scalar(sa.select(sa.func.count()).select_from(model)) == 0
    assert list(office.services.storage.keys()) == []
    answer = _upload(budi, batch, {"files": (io.BytesIO(b"isi\n"), "a.txt")})
    assert answer.status_code == 303


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("COMMIT", {}, Exception("database or disk is full")),
        OperationalError("BEGIN IMMEDIATE", {}, Exception("database is locked")),
        PoolTimeoutError("QueuePool limit"),
        OSError(errno.ENOSPC, "No space left on device"),
    ],
)
def test_a_database_that_fails_is_a_503_with_a_reason(office, monkeypatch, error):
    budi = office.browser("budi")
    budi.get("/akun")

    def failing(*_, **__):
        raise error

    monkeypatch.setattr(type(office.services.uploads), "receive", failing)
    for script in ({}, {"X-Requested-With": "khub"}):
        answer = _upload(budi, ids.batch_token(), {"files": (io.BytesIO(b"isi\n"), "a.txt")}, **script)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        assert "Tidak ada yang tersimpan setengah" in answer.text


def test_a_fault_of_ours_shows_a_number_and_no_traceback(office, monkeypatch):
    budi = office.browser("budi")

    def failing(*_, **__):
        raise ZeroDivisionError("rahasia di dalam")

    monkeypatch.setattr(type(office.services.db), "read", failing)
    answer = budi.client.get("/masuk", headers={"Cookie": "x=1"})
    assert "rahasia" not in answer.text
    assert answer.status_code in (200, 500)


# -- everything at once -------------------------------------------------------------------------------


def test_many_random_requests_never_fail(site):
    rng = random.Random(20231009)  # noqa: S311 - the same requests each time
    with site.services.db.read() as session:
        products = session.scalars(sa.select(Product.public_id)).all()
        files = session.scalars(sa.select(File.public_id)).all()
    rules = [rule for rule in site.app.url_map.iter_rules() if rule.endpoint != "static"]
    browsers = {login: site.browser(login) for login in ("budi", "tia", "kiki", "dewi", "sari", "yoga")}
    for browser in browsers.values():
        browser.get("/akun")
    known = [
        *products,
        *files,
        PLAN,
        PERIOD,
        f"{PLAN}/1.1.01",
        "1.1.01",
        "kl-07",
        "internal",
        "1",
        "2",
        ids.batch_token(),
    ]
    answered = {}
    for number in range(1500):
        rule = rng.choice(rules)
        if rule.endpoint in ("accounts.logout", "accounts.revoke_others", "accounts.change_password"):
            continue  # the fuzzing person would sign himself out
        path = rule.rule
        for name in rule.arguments:
            pool = files if "berkas" in rule.rule else products
            text = str(
                rng.choice(
                    [rng.choice(ODD)[:300], rng.choice(pool), rng.choice(known), str(rng.randint(0, 9))]
                )
            )
            path = re.sub(rf"<[^>]*{name}>", lambda _, text=text: urllib.parse.quote(text, safe=""), path)
        method = rng.choice([m for m in rule.methods if m != "OPTIONS"])
        login = rng.choice(list(browsers))
        browser = browsers[login]
        fields = {
            rng.choice(NAMES): rng.choice([rng.choice(ODD)[:3000], rng.choice(known)])
            for _ in range(rng.randint(0, 8))
        }
        headers = {"X-Requested-With": "khub"} if rng.random() < 0.2 else {}
        if method == "POST":
            answer = browser.client.post(path, data={**fields, "csrf_token": browser.csrf}, headers=headers)
        else:
            answer = browser.client.open(
                f"{path}?{urllib.parse.urlencode(fields)}", method=method, headers=headers
            )
        with answer:
            assert answer.status_code < 500 or answer.status_code == 503, (
                number,
                login,
                method,
                path[:200],
                fields,
            )
            answered[answer.status_code] = answered.get(answer.status_code, 0) + 1
    assert answered.get(200, 0) > 100
    assert answered.get(303, 0) > 20
