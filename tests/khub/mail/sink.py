"""A real mail server that keeps what it is given, and can be told to refuse, to hang, or to be gone."""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from aiosmtpd.smtp import SMTP, AuthResult, Session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

    from aiosmtpd.smtp import Envelope, LoginPassword

HERE = Path(__file__).parent
#: Certificate with its key, and the certificate alone for whoever is to trust it.
SERVER_PEM, CA_PEM = HERE / "localhost.pem", HERE / "localhost-ca.pem"
USER, PASSWORD = "khub", "rahasia surat"


@dataclass
class Sink:
    """What arrived, and how the server behaves; ``replies`` by command ("RCPT", "DATA")."""

    letters: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    replies: dict[str, str] = field(default_factory=dict)
    signed_in: list[bool] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    #: Set when a letter was taken; the answer to it waits for ``go_on``.
    taken: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    def __post_init__(self) -> None:
        self.go_on.set()

    async def handle_RCPT(  # noqa: N802 - the name that the server calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if reply := self.replies.get("RCPT"):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - see above
        if reply := self.replies.get("DATA"):
            return reply
        content = envelope.content
        assert isinstance(content, bytes)
        self.raw.append(content)
        self.letters.append(email.message_from_bytes(content, policy=email.policy.default))  # type: ignore[arg-type]
        self.recipients += envelope.rcpt_tos
        self.signed_in.append(bool(session.authenticated))
        self.encrypted.append(server.transport.get_extra_info("cipher") is not None)
        self.taken.set()
        self.go_on.wait(20)
        return "250 OK"

    @property
    def ids(self) -> list[str]:
        """Return the Message-IDs in the order of arrival."""
        return [str(letter["Message-ID"]) for letter in self.letters]


def _authenticate(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: LoginPassword
) -> AuthResult:
    right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=right)


@contextlib.contextmanager
def running(sink: Sink, mode: str = "none", *, auth: bool = False, port: int = 0) -> Iterator[Sink]:
    """Serve ``sink`` on loopback from a thread of its own; ``mode`` as ``KHUB_SMTP_TLS``."""
    context = None
    if mode != "none":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(SERVER_PEM)
    loop = asyncio.new_event_loop()

    def protocol() -> SMTP:
        return SMTP(
            sink,
            hostname="localhost",
            enable_SMTPUTF8=True,
            tls_context=context if mode == "starttls" else None,
            require_starttls=mode == "starttls",
            auth_required=auth,
            authenticator=_authenticate if auth else None,
            loop=loop,
        )

    thread = threading.Thread(target=loop.run_forever, name="sink")
    thread.start()
    beginning = loop.create_server(protocol, "127.0.0.1", port, ssl=context if mode == "tls" else None)
    server = asyncio.run_coroutine_threadsafe(beginning, loop).result(20)
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        sink.go_on.set()
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(server: asyncio.Server) -> None:
    """Take no more connections and break off those that are open."""
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0)
