"""Whatever stands in addresses and forms of the cycle is answered with a reason, never with a fault of ours."""

from __future__ import annotations

import io
import urllib.parse

import pytest

from tests.khub.conftest import PERIOD, PLAN
from tests.khub.test_hostile import ODD

ANSWER = f"/komitmen/{PLAN}/2023/kl-07/1.1.01"
KEPT = f"/rencana/periode/{PLAN}/{PERIOD}"
GETS = {
    "/komitmen": ("tahun", "hlm", "rencana", "pilar", "aksi", "kl", "jawaban"),
    "/matriks": (
        "hlm",
        "rencana",
        "periode",
        "hingga",
        "pilar",
        "fokus",
        "kl",
        "pokja",
        "status",
        "tanda",
        "cetak",
    ),
    "/matriks/kl": ("hlm", "rencana", "periode", "kl"),
    "/matriks/baris": ("aksi", "periode", "kl"),
    "/matriks.csv": ("bentuk", "pilar"),
    "/belum-lapor": ("apa", "pilar", "kl", "lewat", "hlm"),
    "/belum-lapor.csv": ("apa", "pilar"),
    f"{KEPT}/tutup": ("status", "hlm"),
    f"/rencana/tahun/{PLAN}/2023": ("salin",),
}
POSTS = {
    "/rencana/periode": ("plan", "ends", "starts", "deadline", "deadline_time", "reminders", "name"),
    f"{KEPT}/perpanjang": ("institution", "action", "deadline", "deadline_time", "reason"),
    f"{KEPT}/ubah": ("ends", "deadline", "name"),
    f"{KEPT}/tutup": ("seen",),
    f"{KEPT}/buka-kembali": ("reason",),
    f"/rencana/tahun/{PLAN}/2023": ("aksi", "seen"),
    f"{ANSWER}/kembalikan": ("seen", "note"),
    f"{ANSWER}/atas-nama": ("answer", "reason", "expected", "contact", "name-0", "target-0"),
}
OWN = {
    f"{ANSWER}/simpan": (
        "answer",
        "reason",
        "expected",
        "contact",
        "revision",
        "id-0",
        "name-0",
        "target-0",
        "unit-0",
    ),
    f"{ANSWER}/mulai": ("revision",),
    f"{ANSWER}/konfirmasi": ("x",),
}


@pytest.mark.parametrize("path", GETS)
def test_odd_words_in_addresses(office, path):
    dewi = office.browser("dewi")
    for name in GETS[path]:
        for odd in ODD:
            answer = dewi.client.get(f"{path}?{urllib.parse.urlencode({name: odd})}")
            assert answer.status_code in (200, 400, 404, 422), (path, name, odd[:30], answer.status_code)


@pytest.mark.parametrize(
    ("login", "path"), [*(("dewi", path) for path in POSTS), *(("budi", path) for path in OWN)]
)
def test_odd_words_in_forms(office, login, path):
    browser = office.browser(login)
    fields = {
        "answer": "yes",
        "reason": "x",
        "note": "x",
        "revision": "0",
        "kegiatan": "1",
        "plan": PLAN,
        "ends": "2023-12-31",
        "deadline": "2023-12-31",
    }
    names = (POSTS | OWN)[path]
    # every odd word in all fields at once, some of them in each field alone
    for name, odd in [("", odd) for odd in ODD] + [(name, odd) for name in names for odd in ODD[::7]]:
        for said in ({name: odd} if name else dict.fromkeys(names, odd),):
            sent = {"letter": (io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "a.pdf")} if "atas-nama" in path else {}
            answer = browser.post(path, **fields | said | sent)
            assert answer.status_code in (303, 400, 403, 404, 409, 422), (
                path,
                name,
                odd[:30],
                answer.status_code,
            )
            office.clock.forward(seconds=1)


def test_odd_places(office):
    dewi = office.browser("dewi")
    for odd in ODD:
        word = urllib.parse.quote(odd, safe="")
        for path in (
            f"/komitmen/{word}/2023/kl-07/1.1.01",
            f"/komitmen/{PLAN}/2023/{word}/1.1.01",
            f"/komitmen/{PLAN}/2023/kl-07/{word}",
            f"/komitmen/{PLAN}/2147483647/kl-07/1.1.01",
            f"/komitmen/tanda-terima/{word}",
            f"/surat/{word}",
            f"/rencana/periode/{PLAN}/{word}",
            f"/rencana/tahun/{word}/2023",
        ):
            assert dewi.client.get(path).status_code in (303, 308, 400, 404, 405), (path[:80], odd[:30])


def test_a_reason_of_a_hundred_thousand_letters_is_told_and_kept(office):
    budi = office.browser("budi")
    answer = budi.post(f"{ANSWER}/simpan", answer="no", reason="panjang " * 12_500, revision="0")
    assert answer.status_code == 422
    assert "panjang panjang" in answer.text
