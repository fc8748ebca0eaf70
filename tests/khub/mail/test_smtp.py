"""What the mail server really gets: encryption, signing in, refusals, headers that nobody can forge."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from khub.mail.smtp import BAD_ADDRESS, Accepted, Envelope, Later, Refused, SmtpTransport
from tests.khub.mail.conftest import with_server
from tests.khub.mail.sink import CA_PEM, PASSWORD, USER, Sink, running


def envelope(**changes: object) -> Envelope:
    facts: dict[str, object] = {
        "message_id": "abc123@contoh.go.id",
        "name": "Budi Contoh",
        "address": "budi@contoh.go.id",
        "subject": "[RAN PE] 3 hal menunggu Anda",
        "text": "Yth. Budi,\n\nTenggat 31 Oktober 2023 – lihat khub.\n",
        "html": "<p>Yth. Budi</p>",
        "language": "id",
        "at": datetime(2023, 10, 17, 0, 0, tzinfo=UTC),
        **changes,
    }
    return Envelope(**facts)  # type: ignore[arg-type]


def transport(settings, sink, **more):
    return SmtpTransport(with_server(settings, sink, **more))


@pytest.fixture
def secure(settings):
    """Return settings fields for a server with the self-made certificate."""
    return {"smtp_ca": str(CA_PEM), "smtp_user": USER, "smtp_password": PASSWORD}


def test_a_letter_arrives_encrypted_from_the_first_byte(settings):
    with running(Sink(), "tls") as sink:
        chosen = with_server(settings, sink, smtp_tls="tls", smtp_host="localhost", smtp_ca=str(CA_PEM))
        assert SmtpTransport(chosen).send(envelope()) == Accepted()
    assert sink.encrypted == [True]
    assert sink.ids == ["<abc123@contoh.go.id>"]


def test_a_letter_arrives_encrypted_and_signed_in(settings, secure):
    with running(Sink(), "starttls", auth=True) as sink:
        chosen = with_server(settings, sink, smtp_tls="starttls", smtp_host="localhost", **secure)
        outcome = SmtpTransport(chosen).send(envelope(unsubscribe="https://khub.contoh.go.id/akun/surat"))
    assert outcome == Accepted()
    assert sink.encrypted == [True]
    assert sink.signed_in == [True]
    (letter,) = sink.letters
    assert letter["Message-ID"] == "<abc123@contoh.go.id>"
    assert letter["From"] == "khub RAN PE <khub@contoh.go.id>"
    assert letter["To"] == "Budi Contoh <budi@contoh.go.id>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["List-Unsubscribe"] == "<https://khub.contoh.go.id/akun/surat>"
    assert letter["Date"].datetime == datetime(2023, 10, 17, tzinfo=UTC)
    plain, rich = letter.iter_parts()
    assert (
        plain.get_content().replace("\r\n", "\n") == "Yth. Budi,\n\nTenggat 31 Oktober 2023 – lihat khub.\n"
    )
    assert rich.get_content_type() == "text/html"


def test_a_certificate_that_nobody_vouches_for_gets_no_letter(settings, secure):
    with running(Sink(), "starttls") as sink:
        chosen = with_server(settings, sink, smtp_tls="starttls")
        outcome = SmtpTransport(chosen).send(envelope())
    assert isinstance(outcome, Later)
    assert "CERTIFICATE_VERIFY_FAILED" in outcome.error
    assert sink.letters == []


def test_a_server_without_encryption_gets_no_letter_where_it_is_asked_for(settings, sink):
    chosen = with_server(settings, sink, smtp_tls="starttls")
    assert isinstance(SmtpTransport(chosen).send(envelope()), Later)
    assert sink.letters == []


def test_a_wrong_password_waits_for_better_settings(settings, secure):
    with running(Sink(), "starttls", auth=True) as sink:
        wrong = {**secure, "smtp_password": "salah"}
        chosen = with_server(settings, sink, smtp_tls="starttls", smtp_host="localhost", **wrong)
        outcome = SmtpTransport(chosen).send(envelope())
    assert isinstance(outcome, Later)
    assert outcome.code == 535
    assert PASSWORD not in outcome.error
    assert sink.letters == []


@pytest.mark.parametrize(
    ("command", "reply", "kind"),
    [
        ("RCPT", "550 5.1.1 No such user here", Refused),
        ("RCPT", "450 4.2.1 Mailbox busy", Later),
        ("DATA", "554 5.7.1 Spam", Refused),
        ("DATA", "451 4.3.0 Try later", Later),
    ],
)
def test_a_refusal_is_told_for_what_it_is(settings, sink, command, reply, kind):
    sink.replies[command] = reply
    outcome = transport(settings, sink).send(envelope())
    assert isinstance(outcome, kind)
    assert outcome.code == int(reply[:3])
    assert reply[4:] in outcome.error


def test_nobody_there_is_not_an_error_of_the_letter(settings):
    with running(Sink()) as gone:
        pass
    outcome = transport(settings, gone).send(envelope())
    assert isinstance(outcome, Later)
    assert outcome.code is None


def test_names_and_subjects_cannot_add_headers(settings, sink):
    evil = 'Budi\r\nBcc: semua@contoh.go.id\r\n\r\n"Isi" <palsu@contoh.go.id>,'
    outcome = transport(settings, sink).send(envelope(name=evil, subject=f"Halo\n{evil}\u2028X: y"))
    assert outcome == Accepted()
    (letter,) = sink.letters
    assert sink.recipients == ["budi@contoh.go.id"]
    assert letter["Bcc"] is None
    assert letter["X"] is None
    assert [each.addr_spec for each in letter["To"].addresses] == ["budi@contoh.go.id"]
    assert "Bcc: semua@contoh.go.id" in letter["Subject"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "budi",
        "@contoh.go.id",
        "budi@",
        "budi@contoh.go.id\r\nRCPT TO:<lain@x>",
        "a b@contoh.go.id",
        "b\0@x.id",
        "<b>@x.id",
        "b@[x",
    ],
)
def test_a_bad_address_is_refused_without_asking_the_server(settings, sink, address):
    assert transport(settings, sink).send(envelope(address=address)) == Refused(BAD_ADDRESS)
    assert sink.raw == []


def test_letters_beyond_ascii_in_an_address_go_where_the_server_takes_them(settings, sink):
    assert transport(settings, sink).send(envelope(address="búdi@contoh.go.id")) == Accepted()
    assert sink.recipients == ["búdi@contoh.go.id"]


def test_a_body_of_100_kb_and_long_lines_arrives_as_it_was(settings, sink):
    text = "kalimat panjang tanpa akhir " * 4000 + "\n.\n..titik\nFrom awal\n"
    assert transport(settings, sink).send(envelope(text=text)) == Accepted()
    (letter,) = sink.letters
    assert letter.get_body(("plain",)).get_content().replace("\r\n", "\n") == text
    assert max(map(len, sink.raw[0].split(b"\r\n"))) <= 998
