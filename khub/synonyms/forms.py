"""From what was typed or brought in a file to groups; every fault is told at once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from indexer.analysis import is_stop_word
from khub.errors import N_, FieldError, InvalidError
from khub.plan import names
from khub.synonyms.planning import Line
from khub.synonyms.terms import (
    FEWEST_FORMS,
    KEY_LENGTH,
    MOST_FORMS,
    MOST_GROUPS,
    MOST_LETTERS,
    MOST_WORDS,
    SIGNS,
    Group,
    Kind,
    key_of,
    once,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from werkzeug.datastructures import MultiDict

MOST_NOTE = 300
MOST_BYTES = 200_000
#: What is kept of a field before it is looked at.
_MOST_TYPED = 8000
_FAULTS_SHOWN = 20
_DIGITS = 9
_SEPARATORS = re.compile(r"[,;\r\n]")
#: "[A]" behind a line says where it was seen; that is no part of a form.
_SEEN = re.compile(r"\s*\[[A-Z]\]\s*$")
_KINDS = {sign: kind for kind, sign in SIGNS.items()}


@dataclass(frozen=True, slots=True)
class GroupForm:
    """A group as typed. ``merge``: groups to swallow; ``seen``: the mark of what was shown before saving."""

    kind: str = Kind.SAME
    forms: str = ""
    note: str = ""
    merge: frozenset[int] = field(default_factory=frozenset)
    seen: str = ""

    @classmethod
    def of(cls, form: MultiDict[str, str]) -> GroupForm:
        """Return what was typed."""
        return cls(
            form.get("jenis", "")[:20],
            form.get("bentuk", "")[:_MOST_TYPED],
            form.get("catatan", "").strip()[: MOST_NOTE * 4],
            frozenset(
                int(text)
                for text in form.getlist("gabung")[:MOST_FORMS]
                if text.isascii() and text.isdigit() and len(text) <= _DIGITS
            ),
            form.get("dilihat", "")[:64],
        )

    @classmethod
    def filled(cls, group: Group) -> GroupForm:
        """Return the form that shows ``group``."""
        return cls(group.kind, "\n".join(group.forms))

    def parse(self) -> tuple[Group, str]:
        """Return the group and the note; ``InvalidError`` with every fault."""
        faults: list[FieldError] = []
        if self.kind not in {*Kind}:
            faults.append(FieldError("jenis", N_("Pilihan ini tidak dikenali.")))
        forms = _forms(self.forms)
        faults += [FieldError("bentuk", message, params) for message, params in _faults(forms)]
        faults += _note_faults(self.note)
        if faults:
            raise InvalidError(faults)
        return Group(Kind(self.kind), once(forms)), names.clean(self.note)


def note(text: str) -> str:
    """Return a note; ``InvalidError`` when it is too long or holds what cannot be seen."""
    if faults := _note_faults(text):
        raise InvalidError(faults)
    return names.clean(text)


def lines(data: bytes) -> list[Line]:
    """Return the groups of a file in the text format; ``InvalidError`` names every bad line.

    Forms that fold alike need no group: their line has one form, and changes nothing.
    """
    if len(data) > MOST_BYTES:
        raise InvalidError.one(
            "berkas", N_("Berkas ini terlalu besar; batasnya %(most)s kB."), most=MOST_BYTES // 1000
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidError.one("berkas", N_("Berkas ini bukan teks dalam UTF-8.")) from None
    found: list[Line] = []
    faults: list[FieldError] = []
    for number, line in _written(text):
        kind = _KINDS.get(line[0])
        if kind is None:
            faults.append(
                FieldError("berkas", N_("Baris %(line)s harus mulai dengan = atau ~."), {"line": number})
            )
            continue
        forms = [name for part in _SEEN.sub("", line[1:]).split(",") if (name := names.clean(part))]
        wrong = [
            FieldError("berkas", _IN_LINE[message], {"line": number, **params})
            for message, params in _faults(forms)
            if message != _ALIKE
        ]
        faults += wrong
        if not wrong:
            found.append(Line(number, Group(kind, once(forms))))
    if len(found) > MOST_GROUPS:
        raise InvalidError.one("berkas", N_("Paling banyak %(most)s kelompok."), most=MOST_GROUPS)
    if faults:
        raise InvalidError(faults[:_FAULTS_SHOWN])
    if not found:
        raise InvalidError.one("berkas", N_("Tidak ada kelompok dalam berkas ini."))
    return found


def to_text(groups: Sequence[Group], head: str) -> str:
    """Return groups in the text format, below a line of comment."""
    return "".join(f"{line}\n" for line in (f"# {head}", *groups))


def _written(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.split("\n"), 1):
        if (kept := line.strip()) and not kept.startswith("#"):
            yield number, kept


def _forms(text: str) -> list[str]:
    return [name for part in _SEPARATORS.split(text) if (name := names.clean(part))]


_HIDDEN = N_("“%(form)s” memuat karakter tersembunyi %(point)s; ketik ulang.")
_LONG = N_("“%(form)s…” terlalu panjang; batasnya %(letters)s huruf dan %(words)s kata.")
_EMPTY = N_("“%(form)s” tidak memuat kata.")
_COMMON = N_("“%(form)s” terlalu umum; pencarian akan menemukan hampir semuanya.")
_FEW = N_("Tulis sekurangnya dua bentuk yang berbeda.")
_ALIKE = N_("Bentuk-bentuk ini sudah dianggap sama oleh pencarian; tidak perlu kelompok.")
_MANY = N_("Paling banyak %(most)s bentuk sekelompok.")
_IN_LINE = {
    _HIDDEN: N_("Baris %(line)s: “%(form)s” memuat karakter tersembunyi %(point)s."),
    _LONG: N_("Baris %(line)s: “%(form)s…” melewati %(letters)s huruf atau %(words)s kata."),
    _EMPTY: N_("Baris %(line)s: “%(form)s” tidak memuat kata."),
    _COMMON: N_("Baris %(line)s: “%(form)s” terlalu umum."),
    _FEW: N_("Baris %(line)s: perlu sekurangnya dua bentuk yang berbeda, dipisah koma."),
    _MANY: N_("Baris %(line)s: paling banyak %(most)s bentuk."),
}


def _faults(forms: Sequence[str]) -> Iterator[tuple[str, dict[str, object]]]:
    if len(forms) > MOST_FORMS * 2:  # repeated ones fall away below, but not without end
        yield _MANY, {"most": MOST_FORMS}
        return
    for form in forms:
        key = key_of(form)
        if point := names.hidden(form):
            yield _HIDDEN, {"form": form[:40], "point": point}
        elif len(form) > MOST_LETTERS or len(key) > MOST_WORDS or len(" ".join(key)) > KEY_LENGTH:
            yield _LONG, {"form": form[:40], "letters": MOST_LETTERS, "words": MOST_WORDS}
        elif not key:
            yield _EMPTY, {"form": form}
        elif all(is_stop_word(word) or len(word) == 1 for word in key) and len(key) == 1:
            yield _COMMON, {"form": form}
    different = once(forms)
    if len(different) < FEWEST_FORMS:
        yield _ALIKE if len(set(forms)) >= FEWEST_FORMS else _FEW, {}
    if len(different) > MOST_FORMS:
        yield _MANY, {"most": MOST_FORMS}


def _note_faults(text: str) -> list[FieldError]:
    if point := names.hidden(text):
        return [FieldError("catatan", names.CONTROL, {"point": point})]
    if len(text) > MOST_NOTE:
        return [FieldError("catatan", N_("Catatan paling panjang %(most)s huruf."), {"most": MOST_NOTE})]
    return []
