"""The reminder letter's template: text with named fields, every saved version kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from khub.accounts.models import Person
from khub.audit import chain
from khub.coordination.models import LetterTemplate
from khub.errors import N_, ConflictError, FieldError, ForbiddenError, InvalidError, NotFoundError
from khub.policy import Right, holds

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from khub.clock import Clock
    from khub.db import Database
    from khub.policy import Actor

#: Field → what stands there in a letter.
FIELDS: dict[str, str] = {
    "nama_kl": N_("nama K/L"),
    "singkatan_kl": N_("singkatan K/L, atau namanya"),
    "rencana": N_("nama rencana"),
    "periode": N_("nama periode pelaporan"),
    "tenggat": N_("tenggat yang berlaku bagi K/L itu, dalam WIB"),
    "tanggal": N_("tanggal surat dibuat"),
    "jumlah_belum": N_("berapa baris laporan yang belum masuk"),
    "jumlah_diminta": N_("berapa baris laporan yang diminta"),
    "daftar_aksi": N_("tabel aksi yang belum dilaporkan; harus sendirian dalam barisnya"),
    "narahubung": N_("nama orang yang membuat surat"),
}
#: The field that becomes a table.
TABLE = "daftar_aksi"
MAX_SUBJECT, MAX_BODY = 200, 10_000
_FIELD = re.compile(r"\{([^{}\n]*)\}")

#: What a site starts with. It is text of a letter, so it is not translated.
_FIRST_SUBJECT = "Laporan {periode} yang belum kami terima"
_FIRST_BODY = """{tanggal}

Yth. {nama_kl}

Dalam rangka pelaporan {rencana} periode {periode}, dari {jumlah_diminta} laporan aksi yang menjadi tanggung jawab {singkatan_kl}, {jumlah_belum} belum kami terima sampai surat ini dibuat:

{daftar_aksi}

Tenggat pelaporan adalah {tenggat}. Kami mohon laporan disampaikan sebelum tenggat itu; bila ada kendala, mohon dikabarkan kepada kami.

Terima kasih atas kerja sama yang baik.

{narahubung}"""


@dataclass(frozen=True, slots=True)
class Template:
    """A version of the template; ``number`` 0 is what a site starts with."""

    number: int
    subject: str
    body: str
    by: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class TemplateForm:
    """The template as typed; ``seen`` is the version that the editor had before him."""

    subject: str
    body: str
    seen: str

    @classmethod
    def of(cls, form: Mapping[str, str]) -> TemplateForm:
        """Return what a request holds."""
        body = form.get("body", "").replace("\r\n", "\n").strip()
        return cls(form.get("subject", "").strip(), body, form.get("seen", ""))

    def check(self) -> None:
        """Raise ``InvalidError`` with everything that is wrong, unknown fields by name."""
        faults: list[FieldError] = []
        if not self.subject:
            faults.append(FieldError("subject", N_("Isi perihalnya.")))
        elif len(self.subject) > MAX_SUBJECT or not self.subject.isprintable():
            faults.append(
                FieldError("subject", N_("Paling panjang %(most)s huruf, satu baris."), {"most": MAX_SUBJECT})
            )
        if not self.body:
            faults.append(FieldError("body", N_("Isi teks suratnya.")))
        elif len(self.body) > MAX_BODY:
            faults.append(FieldError("body", N_("Paling panjang %(most)s huruf."), {"most": MAX_BODY}))
        for name, text in (("subject", self.subject), ("body", self.body)):
            faults += _field_faults(name, text)
        if faults:
            raise InvalidError(faults)


def _field_faults(name: str, text: str) -> list[FieldError]:
    faults = []
    if any(ord(char) < ord(" ") and char not in "\n\t" for char in text):
        faults.append(FieldError(name, N_("Ada huruf kendali yang tidak dapat ditulis dalam surat.")))
    for number, line in enumerate(text.split("\n"), start=1):
        for field in _FIELD.findall(line):
            if field not in FIELDS:
                faults.append(
                    FieldError(
                        name,
                        N_("Baris %(line)s: isian {%(field)s} tidak dikenal."),
                        {"line": number, "field": field[:40]},
                    )
                )
            elif field == TABLE and (name == "subject" or line.strip() != "{" + TABLE + "}"):
                faults.append(
                    FieldError(
                        name,
                        N_("Baris %(line)s: {%(field)s} menjadi tabel, jadi harus sendirian dalam barisnya."),
                        {"line": number, "field": TABLE},
                    )
                )
        if re.search(r"[{}]", _FIELD.sub("", line)):
            faults.append(
                FieldError(name, N_("Baris %(line)s: ada kurung kurawal tanpa pasangan."), {"line": number})
            )
    return faults


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return ``text`` with its fields replaced; values are never looked at for fields again."""
    return _FIELD.sub(lambda found: values[found[1]], text)


def paragraphs(body: str) -> list[str]:
    """Return the lines of a body that hold something, each a paragraph of the letter."""
    return [line.strip() for line in body.split("\n") if line.strip()]


class LetterTemplates:
    """Keeps the template."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    def save(self, actor: Actor, form: TemplateForm) -> int:
        """Save a new version and return its number. The same text again makes none.

        Raises ``InvalidError``, and ``ConflictError`` when somebody saved since ``form.seen``.
        """
        if not holds(actor, Right.REVIEW):
            raise ForbiddenError(N_("Bagian ini untuk Sekretariat."))
        form.check()
        now = self.clock.now()
        try:
            with self.db.write() as session:
                newest = template(session, actor)
                if form.seen != str(newest.number):
                    raise ConflictError(N_("Orang lain mengubahnya sementara Anda mengisi."))
                if (form.subject, form.body) == (newest.subject, newest.body):
                    return newest.number
                saved = LetterTemplate(
                    number=newest.number + 1,
                    subject=form.subject,
                    body=form.body,
                    created_by=actor.person_id,
                    created_at=now,
                )
                session.add(saved)
                session.flush()
                chain.append(
                    session, actor, "letter-template.saved", "letter-template", str(saved.number), now
                )
        except IntegrityError as error:
            raise ConflictError(N_("Orang lain mengubahnya sementara Anda mengisi.")) from error
        return saved.number


def template(session: Session, actor: Actor, number: int | None = None) -> Template:
    """Return a version of the template (default: the newest); ``NotFoundError`` for one that never was."""
    del actor
    query = (
        sa.select(LetterTemplate, Person.name)
        .outerjoin(Person, Person.id == LetterTemplate.created_by)
        .order_by(LetterTemplate.number.desc())
        .limit(1)
    )
    if number:
        query = query.where(LetterTemplate.number == number)
    found = session.execute(query).one_or_none() if number != 0 else None
    if found is None:
        if number:
            raise NotFoundError
        return Template(0, _FIRST_SUBJECT, _FIRST_BODY, "", None)
    row, by = found
    return Template(row.number, row.subject, row.body, by or "khub", row.created_at)


def history(session: Session, actor: Actor, *, page: int, size: int) -> tuple[int, tuple[Template, ...]]:
    """Return how many versions were saved, and one page of them, newest first."""
    del actor
    total = session.scalar(sa.select(sa.func.count()).select_from(LetterTemplate)) or 0
    found = session.execute(
        sa.select(LetterTemplate, Person.name)
        .outerjoin(Person, Person.id == LetterTemplate.created_by)
        .order_by(LetterTemplate.number.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    return total, tuple(
        Template(row.number, row.subject, row.body, by or "khub", row.created_at) for row, by in found
    )
