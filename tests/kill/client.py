"""A member who uploads without pause, and what khub acknowledged to him."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import io
import json
import random
import re
import secrets
import threading
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from reportlab.pdfgen import canvas

from khub import web
from khub.accounts import sessions
from khub.accounts.models import Person, SignIn
from khub.products import ids

if TYPE_CHECKING:
    from tests.kill.site import Installation

#: Seconds between two uploads of one client: enough to keep every part busy without a growing backlog.
PACE = 0.3
_LETTERS = "bcdfghjklmnprstvwz"


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """An upload that khub said it had: ``word`` stands in it and nowhere else."""

    login: str
    key: str
    word: str
    sha256: str
    file: str


@dataclass
class Report:
    """What a storm did, and everything that was not as promised."""

    kills: Counter[str] = field(default_factory=Counter)
    acknowledged: list[Acknowledged] = field(default_factory=list)
    retries: int = 0
    repeats: int = 0
    reread: int = 0
    seconds: float = 0.0
    settled: float = 0.0
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        killed = ", ".join(f"{name} {count}" for name, count in sorted(self.kills.items()))
        return (
            f"{self.kills.total()} kills ({killed}) in {self.seconds:.0f} s: "
            f"{len(self.acknowledged)} uploads acknowledged, {self.retries} sendings repeated after an error, "
            f"{self.repeats} after an answer, {self.reread} files read again, "
            f"settled {self.settled:.1f} s later, {len(self.faults)} faults"
        )


class Client(threading.Thread):
    """A member who uploads file after file and sends again whatever got no answer."""

    def __init__(
        self, site: Installation, login: str, seed: int, report: Report, stop: threading.Event
    ) -> None:
        super().__init__(name=f"client-{login}")
        self.site, self.login, self.report, self.stopping = site, login, report, stop
        self.rng = random.Random(seed)  # noqa: S311 - the same storm again from the same seed
        self.batch = ids.batch_token()
        self.cookies: dict[str, str] = {web.SESSION_COOKIE: self._sign_in()}
        self.csrf = ""
        self.mine: list[tuple[Acknowledged, str, bytes]] = []

    def _sign_in(self) -> str:
        token, now = secrets.token_hex(32), datetime.now(UTC)
        with self.site.services.db.write() as session:
            session.add(
                SignIn(
                    token_hash=sessions.digest(token),
                    person_id=session.scalars(sa.select(Person.id).where(Person.login == self.login)).one(),
                    created_at=now,
                    seen_at=now,
                    ends_at=now.replace(year=now.year + 1),
                )
            )
        return token

    def run(self) -> None:
        while not self.stopping.is_set():
            word = "".join(self.rng.choices(_LETTERS, k=12))
            name, data = self._document(word)
            key = uuid.uuid4().hex
            if file := self._send_until_answered(name, data, key):
                done = Acknowledged(self.login, key, word, hashlib.sha256(data).hexdigest(), file)
                self.report.acknowledged.append(done)
                self.mine.append((done, name, data))
            if self.mine and self.rng.random() < 0.1:  # an answer that the network lost
                done, name, data = self.rng.choice(self.mine)
                self.report.repeats += 1
                if (again := self._send_until_answered(name, data, done.key)) not in ("", done.file):
                    self.report.faults.append(f"key {done.key} answered {done.file}, then {again}")
            self.stopping.wait(PACE)

    def _document(self, word: str) -> tuple[str, bytes]:
        lines = [f"Laporan kegiatan {word}", "Kegiatan ini dilaksanakan pada 12 September 2023."]
        if self.rng.random() < 0.7:
            return f"{word}.txt", "\n".join(lines * self.rng.randint(1, 40)).encode()
        out = io.BytesIO()
        paper = canvas.Canvas(out)
        for number in range(self.rng.randint(1, 8)):
            for row, line in enumerate(lines):
                paper.drawString(50, 800 - 20 * row, f"{line} {number}")
            paper.showPage()
        paper.save()
        return f"{word}.pdf", out.getvalue()

    def _send_until_answered(self, name: str, data: bytes, key: str) -> str:
        """Return the file's id; "" when the storm ended first or khub refused."""
        first = True
        while first or not self.stopping.is_set():
            if not first:
                self.report.retries += 1
                self.stopping.wait(0.1)
            first = False
            with contextlib.suppress(OSError, http.client.HTTPException):
                status, body = self._send(name, data, key)
                if status == 200:
                    return str(json.loads(body)["file"])
                if status < 500:
                    self.report.faults.append(f"{name}: answered {status} {body[:300]!r}")
                    return ""
                if status == 500:
                    self.report.faults.append(f"{name}: answered 500")
        return ""

    def _send(self, name: str, data: bytes, key: str) -> tuple[int, bytes]:
        if not self.csrf:
            _, page = self.ask("GET", f"/unggah/{self.batch}", b"", {})
            found = re.search(rb'name="csrf_token" value="([^"]+)"', page)
            if found is None:
                return 503, page
            self.csrf = found[1].decode()
        edge = uuid.uuid4().hex
        head = (
            f'--{edge}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{self.csrf}\r\n'
            f'--{edge}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
        )
        return self.ask(
            "POST",
            f"/unggah/{self.batch}/berkas",
            head.encode() + data + f"\r\n--{edge}--\r\n".encode(),
            {
                "Content-Type": f"multipart/form-data; boundary={edge}",
                "X-Requested-With": "khub",
                "Idempotency-Key": key,
            },
        )

    def ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        asked = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=30)
        with contextlib.closing(asked):
            cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            asked.request(method, path, body, {**headers, "Cookie": cookies})
            answer = asked.getresponse()
            content = answer.read()
            for cookie in answer.headers.get_all("Set-Cookie") or ():
                key, _, value = cookie.partition(";")[0].partition("=")
                self.cookies[key] = value
            return answer.status, content
