"""What a person says in a report row, checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from khub.errors import N_, FieldError, InvalidError
from khub.products.forms import clean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Longest text in characters, highest figure, longest list of pages.
TEXT_LIMIT = 100_000
WHY_LIMIT = 2_000
_DIGITS = 12
_DECIMALS = 6
_PAGES_LIMIT = 120
_MOST_PAGES = 100_000
_MOST_OUTPUTS = 100
_FULL = 100

_NUMBER = re.compile(r"(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d+))?")
_RANGE = re.compile(r"(\d{1,6})(?:\s*[-–]\s*(\d{1,6}))?")
_INTEGER = re.compile(r"\d{1,9}")

#: Texts of the form: name, and what to call it when it is too long.
TEXTS = {
    "achievement": N_("Capaian lebih panjang dari %(limit)s huruf."),
    "obstacles": N_("Kendala lebih panjang dari %(limit)s huruf."),
    "follow_up": N_("Tindak lanjut lebih panjang dari %(limit)s huruf."),
}
TOO_LONG_WHY = N_("Alasan lebih panjang dari %(limit)s huruf.")


@dataclass(frozen=True, slots=True)
class Value:
    """The total since January of one kegiatan; ``value`` None: not filled in."""

    activity: int
    value: float | None
    why: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A keluaran (public id) named as evidence, with the pages that prove it ("6, 28–30")."""

    product: str
    pages: str


@dataclass(frozen=True, slots=True)
class Said:
    """A row as filled in. ``outputs`` are those chosen among ``listed``; others stay as they are.

    ``values`` None leaves the figures as they are (the offline sheet names only some).
    """

    achievement: str = ""
    percent: int | None = None
    percent_why: str = ""
    obstacles: str = ""
    no_obstacles: bool = False
    follow_up: str = ""
    values: tuple[Value, ...] = ()
    outputs: tuple[Evidence, ...] = ()
    listed: frozenset[str] = frozenset()
    revision: int = 0


def said(form: Mapping[str, str], outputs: Sequence[str], listed: Sequence[str]) -> Said:
    """Read the form of a row; raises ``InvalidError`` with every fault at once.

    ``value-<n>``, ``why-<n>``: figures of kegiatan ``n``; ``pages-<public id>``: pages of an output.
    """
    errors: list[FieldError] = []
    texts = {name: text(form.get(name, ""), name, errors) for name in TEXTS}
    why = long_text(form.get("percent_why", ""), "percent_why", errors)
    revision = form.get("revision", "")
    if not _INTEGER.fullmatch(revision):
        errors.append(FieldError("", N_("Formulir ini tidak lengkap. Muat ulang halaman.")))
        revision = "0"
    if len(listed) > _MOST_OUTPUTS or len(outputs) > _MOST_OUTPUTS:
        errors.append(FieldError("outputs", N_("Terlalu banyak keluaran sekaligus.")))
    found = Said(
        achievement=texts["achievement"],
        percent=percent(form.get("percent", ""), "percent", errors),
        percent_why=why,
        obstacles=texts["obstacles"],
        no_obstacles=form.get("no_obstacles", "") == "1",
        follow_up=texts["follow_up"],
        values=_values(form, errors),
        outputs=tuple(
            Evidence(product, pages(form.get(f"pages-{product}", ""), f"pages-{product}", errors))
            for product in dict.fromkeys(outputs)
        ),
        listed=frozenset(listed),
        revision=int(revision),
    )
    if errors:
        raise InvalidError(errors)
    return found


def _values(form: Mapping[str, str], errors: list[FieldError]) -> tuple[Value, ...]:
    found = []
    for name in form:
        kind, _, number = name.partition("-")
        if kind == "value" and number.isascii() and _INTEGER.fullmatch(number):
            found.append(
                Value(
                    int(number),
                    figure(form[name], name, errors),
                    long_text(form.get(f"why-{number}", ""), f"why-{number}", errors),
                )
            )
    return tuple(found)


def text(raw: str, name: str, errors: list[FieldError]) -> str:
    """Return a cleaned text of the row, noting in ``errors`` when it is too long."""
    found = clean(raw.replace("\t", " "))
    if len(found) > TEXT_LIMIT:
        errors.append(FieldError(name, TEXTS[name], {"limit": TEXT_LIMIT}))
    return found


def long_text(raw: str, name: str, errors: list[FieldError]) -> str:
    """Return a cleaned reason, noting in ``errors`` when it is too long."""
    found = clean(raw.replace("\t", " "))
    if len(found) > WHY_LIMIT:
        errors.append(FieldError(name, TOO_LONG_WHY, {"limit": WHY_LIMIT}))
    return found


def percent(raw: str, name: str, errors: list[FieldError]) -> int | None:
    """Return a whole percentage from 0 to 100, None where nothing was typed."""
    typed = raw.strip().removesuffix("%").strip()
    if not typed:
        return None
    if typed.isascii() and _INTEGER.fullmatch(typed) and int(typed) <= _FULL:
        return int(typed)
    errors.append(FieldError(name, N_("Tulis persentase bulat dari 0 sampai 100.")))
    return None


def figure(raw: str, name: str, errors: list[FieldError]) -> float | None:
    """Return a figure from 0 up ("1.200", "12,5"), None where nothing was typed."""
    typed = raw.strip()
    if not typed:
        return None
    match = _NUMBER.fullmatch(typed) if typed.isascii() else None
    whole = match[1].replace(".", "") if match else ""
    if match is None or len(whole) > _DIGITS:
        errors.append(FieldError(name, N_("Tulis angka mulai dari 0, misalnya 1.200 atau 12,5.")))
        return None
    decimals = match[2] or ""
    if len(decimals) > _DECIMALS:
        rounded = f"{float(f'{whole}.{decimals}'):.{_DECIMALS}f}".rstrip("0").rstrip(".").replace(".", ",")
        errors.append(
            FieldError(
                name,
                N_("Paling banyak %(most)s angka di belakang koma. Bulatkan, misalnya menjadi %(rounded)s."),
                {"most": _DECIMALS, "rounded": rounded},
            )
        )
        return None
    return float(f"{whole}.{decimals or 0}")


def pages(raw: str, name: str, errors: list[FieldError]) -> str:
    """Return page numbers in one form ("6, 28–30"), noting in ``errors`` what cannot be read."""
    typed = raw.strip()
    if not typed:
        return ""
    found = []
    for part in re.split(r"[,;]", typed):
        match = _RANGE.fullmatch(part.strip()) if part.strip() else None
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last <= _MOST_PAGES:
            errors.append(FieldError(name, N_("Tulis nomor halaman, misalnya 6 atau 28-30.")))
            return typed[:_PAGES_LIMIT]
        found.append(str(first) if first == last else f"{first}–{last}")
    joined = ", ".join(found)
    if len(joined) > _PAGES_LIMIT:
        errors.append(FieldError(name, N_("Terlalu banyak nomor halaman; sebut yang terpenting.")))
    return joined[:_PAGES_LIMIT]


def page_spans(said_pages: str) -> tuple[tuple[int, int], ...]:
    """Return (first, last) of each part of pages in their one form."""
    spans = []
    for part in said_pages.split(", ") if said_pages else ():
        first, _, last = part.partition("–")
        spans.append((int(first), int(last or first)))
    return tuple(spans)
