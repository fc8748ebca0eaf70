"""Whom the demo's Sekretariat called at which K/L, what was said, and what is to be done. All examples."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from khub.clock import WIB
from khub.coordination.forms import ContactForm, FollowUpForm, NoteForm
from khub.coordination.models import Contact, FollowUp, Note
from khub.demo.year import Happening
from khub.plan.models import Institution, Pokja

if TYPE_CHECKING:
    from collections.abc import Callable

    from khub.policy import Actor
    from khub.wiring import Services


@dataclass(frozen=True, slots=True)
class _Call:
    """One talk with a K/L; ``owner`` is who has to do ``task`` until ``due``, "" for nothing to do."""

    unit: int
    day: int
    channel: str
    text: str
    task: str = ""
    owner: str = "sekretariat"
    due: str = ""
    shared: bool = False
    done: int | None = None


_CALLS: Final = (
    _Call(
        19,
        24,
        "phone",
        "Contoh catatan: petugas yang baru belum punya akun; laporan menyusul sesudah serah terima.",
        "Contoh: pastikan akun petugas baru sudah dapat masuk",
        due="2023-10-27",
        done=26,
    ),
    _Call(
        22,
        25,
        "meeting",
        "Contoh catatan: angka peserta dua kegiatan akan diperiksa ulang sebelum laporan diajukan.",
        "Contoh: tanyakan angka peserta yang sudah diperiksa",
        due="2023-10-30",
        shared=True,
    ),
    _Call(
        25,
        26,
        "mail",
        "Contoh catatan: meminta contoh laporan yang sudah disetujui sebagai pegangan.",
        "Contoh: kirim tautan ke laporan yang disetujui",
        owner="ketua1",
        due="2023-11-02",
        shared=True,
    ),
    _Call(31, 27, "letter", "Contoh catatan: surat pengingat dikirim karena surel belum dijawab."),
)
_TITLES: Final = ("Contoh jabatan: kepala bagian program", "Contoh jabatan: analis pelaporan")
_NAMES: Final = ("Nadia Contoh", "Rahmat Contoh", "Sinta Contoh", "Teguh Contoh")


class Contacts:
    """Tells the talks; ``actor`` gives a person by login."""

    def __init__(self, services: Services, actor: Callable[[str], Actor]) -> None:
        self.services = services
        self.person = actor
        with services.db.read() as session:
            self.codes = dict(session.execute(sa.select(Institution.name, Institution.code)).all())
            self.ids = dict(session.execute(sa.select(Institution.code, Institution.id)).all())
            codes = session.execute(sa.select(Pokja.id, Pokja.code))
            self.first = next(str(pokja_id) for pokja_id, code in codes if code.endswith("1"))

    def happenings(self) -> list[Happening]:
        """Return everything in any order; the caller sorts by time."""
        found = []
        for number, call in enumerate(_CALLS):
            found.append(Happening(_at(call.day), partial(self._talk, number, call)))
            if call.done is not None:
                found.append(Happening(_at(call.done), partial(self._finish, call)))
        return found

    def _code(self, call: _Call) -> str:
        return self.codes[f"K/L Contoh {call.unit:02d}"]

    def _talk(self, number: int, call: _Call) -> None:
        code, office = self._code(call), self.services.coordination
        actor = self.person("sekretariat")
        pokja = self.first if call.shared else ""
        with self.services.db.read() as session:
            known = [
                session.scalar(sa.select(model.id).where(model.institution_id == self.ids[code]).limit(1))
                for model in (Contact, Note, FollowUp)
            ]
        if known[0] is None:
            address = f"kontak{call.unit}@contoh.example"
            title = _TITLES[number % len(_TITLES)]
            office.add_contact(actor, code, ContactForm(_NAMES[number], title, address, "+62 21 5550 100"))
        if known[1] is None:
            day = _at(call.day).date().isoformat()
            office.add_note(actor, code, NoteForm(day, call.channel, pokja, call.text))
        if call.task and known[2] is None:
            owner = str(self.person(call.owner).person_id)
            office.add_follow_up(actor, code, FollowUpForm(call.task, owner, call.due, pokja))

    def _finish(self, call: _Call) -> None:
        with self.services.db.read() as session:
            waiting = session.scalar(
                sa.select(FollowUp.id).where(FollowUp.text == call.task, FollowUp.done_at.is_(None)).limit(1)
            )
        if waiting is not None:
            self.services.coordination.finish(self.person(call.owner), waiting)


def _at(day: int) -> datetime:
    return datetime(2023, 10, day, 14, 0, tzinfo=WIB)
