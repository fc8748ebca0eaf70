"""Odd words and numbers at every door of a report that is there: refused in words, never a 500."""

from __future__ import annotations

import random

from khub.routes import ROUTES

ODD = (
    "", " ", "0", "-1", "1", "999999999", "99999999999999999999", "x", "١٢", "naik", "docx", "2023-02-30", "2023-10-01",
    "9999-12-31", "0001-01-01", "{{angka:committed}}", "{{tabel:aksi}}", "{{angka:x:y@z|w}}", "[[kutipan:1]]",
    "[[kutipan:999999]]", "accepted", "'\"><script>", "\u202e\u200b", "%s%(x)s", "komitmen", "capaian", "a" * 20_000,
)  # fmt: skip
FIELDS = (
    "text", "revision", "bagian", "seksi", "sesudah", "arah", "revisi", "frasa", "mulai", "angka", "reason", "as_of",
    "laporan", "berkas", "baris", "hlm", "v", "c", "quote", "until", "tutup", "answer", "reply", "note", "format", "edisi",
    "sisip", "kutipan", "plan",
)  # fmt: skip


def test_odd_input_at_every_door_is_refused_in_words(desk, sandbox):
    _, file = desk.product(sandbox=sandbox)
    rng = random.Random(4)  # noqa: S311 - the same requests each time
    paragraph = desk.write("rekomendasi", "Satu.")
    dewi = desk.office.browser("dewi")
    dewi.get(desk.path())
    known = {"public_id": desk.public_id, "paragraph_id": paragraph, "key": 1, "comment_id": 1, "number": 1}
    rules = [rule for rule in desk.office.app.url_map.iter_rules() if rule.endpoint.startswith("annual.")]
    assert {rule.endpoint for rule in rules} == {name for name in ROUTES if name.startswith("annual.")}
    adapter = desk.office.app.url_map.bind("localhost")
    for rule in rules:
        values = {name: known.get(name, "E-ZZZ") for name in rule.arguments}
        for _ in range(12):
            sent = {name: rng.choice(ODD) for name in rng.sample(FIELDS, 12)}
            if rng.random() < 0.5:
                sent |= {"laporan": desk.public_id, "berkas": file, "bagian": "rekomendasi"}
            if "POST" in rule.methods:
                path = adapter.build(rule.endpoint, values, method="POST")
                answer = dewi.post(path, **sent)
            else:
                path = adapter.build(rule.endpoint, values)
                asked = {**sent, "ubah": rng.choice(ODD), "dari": rng.choice(ODD)}
                answer = dewi.client.get(path, query_string=asked)
            assert answer.status_code < 500, (rule.endpoint, sent)
    assert dewi.get(desk.path("?bagian=rekomendasi")).status_code == 200
    assert dewi.get(desk.path("?bagian=komitmen")).status_code == 200
