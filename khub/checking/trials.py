"""The tests that a figure is put to; each says in a cell what comes out for any candidate."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from khub.checking.model import Cell, Percent, Said
from khub.errors import N_

if TYPE_CHECKING:
    from khub.checking.records import Known

_CENT = Decimal(100)


@dataclass(frozen=True, slots=True)
class Triple:
    """n of N (p): the numbers of a phrase, as written or as a candidate."""

    count: int | None
    total: int | None
    percent: Percent | None


class Trial(Protocol):
    """A test of a figure, with what to say about it."""

    @property
    def name(self) -> str:
        """Return the test's name in JSON."""
        ...

    @property
    def confirms(self) -> bool:
        """Tell whether passing it is reason enough to call a figure fitting."""
        ...

    def label(self) -> Said:
        """Return what is tested, as the head of a row."""
        ...

    def cell(self, triple: Triple) -> Cell:
        """Return what comes out for a candidate."""
        ...

    def reason(self, written: Triple) -> Said:
        """Return why what is written fails."""
        ...


def rounded(count: int, total: int, digits: int) -> frozenset[Decimal]:
    """Return 100 × ``count`` / ``total`` to ``digits`` decimals; both roundings at an exact half."""
    scale = 10**digits
    whole, rest = divmod(100 * count * scale, total)
    if 2 * rest < total:
        found = {whole}
    elif 2 * rest > total:
        found = {whole + 1}
    else:
        found = {whole + 1, whole + whole % 2}
    return frozenset(Decimal(value) / scale for value in found)


def share(count: int, total: int, digits: int) -> Percent:
    """Return the percent, half up."""
    return Percent(max(rounded(count, total, digits)), digits)


def exact(count: int, total: int, digits: int) -> Decimal:
    """Return the percent with one decimal more than is written, for showing."""
    return max(rounded(count, total, digits + 1))


@dataclass(frozen=True, slots=True)
class Range:
    """No part is larger than its whole."""

    name: str = "range"
    confirms: bool = False

    def label(self) -> Said:
        """Return the head of its row."""
        return Said(N_("Bagian tidak melebihi keseluruhan"))

    def cell(self, triple: Triple) -> Cell:
        """Return what comes out."""
        fits = triple.count is None or triple.total is None or triple.count <= triple.total
        return Cell(
            Said(
                "%(count)s ≤ %(total)s" if fits else "%(count)s > %(total)s",
                {"count": triple.count or 0, "total": triple.total or 0},
            ),
            fits,
        )

    def reason(self, written: Triple) -> Said:
        """Return why what is written fails."""
        return Said(
            N_("%(count)s dari %(total)s tidak mungkin: bagian lebih besar dari keseluruhannya."),
            {"count": written.count, "total": written.total},
        )


@dataclass(frozen=True, slots=True)
class Quotient:
    """n / N agrees with the percent as it is rounded. ``against``: the pair, where it is not the phrase's own."""

    total: int
    against: Known | None = None
    name: str = "percent"
    confirms: bool = True

    def label(self) -> Said:
        """Return the head of its row."""
        if self.against is not None:
            return Said(N_("Catatan khub, persen: n/%(total)s"), {"total": self.total})
        return Said(N_("Persen: n/%(total)s"), {"total": self.total})

    def cell(self, triple: Triple) -> Cell:
        """Return what comes out."""
        count, total = self._pair(triple)
        if triple.percent is None or not total or count is None:
            return Cell(Said(N_("tidak dapat dihitung")), fits=False)
        digits = triple.percent.digits
        value = exact(count, total, digits)
        fits = triple.percent.value in rounded(count, total, digits)
        if fits and value != triple.percent.value:
            return Cell(
                Said("%(exact)s = %(percent)s", {"exact": value, "percent": triple.percent.value}), fits
            )
        return Cell(Said("%(exact)s", {"exact": value}), fits)

    def reason(self, written: Triple) -> Said:
        """Return why what is written fails."""
        count, total = self._pair(written)
        if not total or count is None or written.percent is None:
            return Said(N_("Persen dari nol tidak dapat dihitung."))
        return Said(
            N_("%(count)s dari %(total)s adalah %(exact)s persen, tertulis %(percent)s persen.")
            if self.against is None
            else N_(
                "Menurut catatan khub %(count)s dari %(total)s, yaitu %(exact)s persen; "
                "tertulis %(percent)s persen."
            ),
            {
                "count": count,
                "total": total,
                "exact": exact(count, total, written.percent.digits),
                "percent": written.percent.value,
            },
        )

    def _pair(self, triple: Triple) -> tuple[int | None, int | None]:
        if self.against is not None:
            return self.against.count, self.against.total
        return triple.count, triple.total


@dataclass(frozen=True, slots=True)
class Sum:
    """Parts add up to their total. ``column``: "count" or "total"; ``whole`` None when this is the total.

    ``parts``: the other parts. ``place``: where among them this part stands.
    """

    column: str
    parts: tuple[int, ...]
    whole: int | None
    place: int = 0
    name: str = "sum"

    @property
    def confirms(self) -> bool:
        """Tell whether it is the counts that add up: equal denominators say nothing about them."""
        return self.column == "count"

    def label(self) -> Said:
        """Return the head of its row."""
        shown = [str(part) for part in self.parts]
        if self.whole is None:
            return Said(N_("Jumlah bagian: %(sum)s"), {"sum": " + ".join(shown)})
        shown.insert(self.place, "n" if self.column == "count" else "N")
        return Said(N_("Jumlah: %(sum)s, total %(total)s"), {"sum": " + ".join(shown), "total": self.whole})

    def cell(self, triple: Triple) -> Cell:
        """Return what comes out."""
        value = triple.count if self.column == "count" else triple.total
        parts = sum(self.parts)
        if value is None:
            return Cell(Said(N_("tidak dapat dihitung")), fits=False)
        found = parts if self.whole is None else parts + value
        return Cell(Said("%(sum)s", {"sum": found}), found == (value if self.whole is None else self.whole))

    def reason(self, written: Triple) -> Said:
        """Return why what is written fails."""
        value = written.count if self.column == "count" else written.total
        if self.whole is None:
            return Said(
                N_("Bagian-bagiannya berjumlah %(sum)s, total tertulis %(total)s."),
                {"sum": sum(self.parts), "total": value},
            )
        return Said(
            N_("Bersama bagian lain jumlahnya %(sum)s, total tertulis %(total)s."),
            {"sum": sum(self.parts) + (value or 0), "total": self.whole},
        )


@dataclass(frozen=True, slots=True)
class Equation:
    """Terms written with plus signs add up to what stands behind the equals sign."""

    terms: tuple[int, ...]
    name: str = "sum"
    confirms: bool = True

    def label(self) -> Said:
        """Return the head of its row."""
        return Said(N_("Jumlah bagian: %(sum)s"), {"sum": " + ".join(map(str, self.terms))})

    def cell(self, triple: Triple) -> Cell:
        """Return what comes out."""
        return Cell(Said("%(sum)s", {"sum": sum(self.terms)}), triple.total == sum(self.terms))

    def reason(self, written: Triple) -> Said:
        """Return why what is written fails."""
        return Said(
            N_("Bagian-bagiannya berjumlah %(sum)s, total tertulis %(total)s."),
            {"sum": sum(self.terms), "total": written.total},
        )


@dataclass(frozen=True, slots=True)
class Spelled:
    """A number and its words in brackets are the same. ``column``: whose words they are."""

    column: str
    said: int
    name: str = "spelled"
    confirms: bool = False

    def label(self) -> Said:
        """Return the head of its row."""
        return Said(N_("Angka dalam kata: %(number)s"), {"number": self.said})

    def cell(self, triple: Triple) -> Cell:
        """Return what comes out."""
        value = triple.count if self.column == "count" else triple.total
        fits = value == self.said
        return Cell(Said(N_("sama") if fits else N_("beda")), fits)

    def reason(self, written: Triple) -> Said:
        """Return why what is written fails."""
        value = written.count if self.column == "count" else written.total
        return Said(
            N_("Angkanya %(number)s, kata di dalam kurung berbunyi %(said)s."),
            {"number": value, "said": self.said},
        )


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same quantity is said elsewhere in the text, there as ``count`` of ``total``."""

    count: int
    total: int
    name: str = "repeat"
    confirms: bool = False

    def label(self) -> Said:
        """Return the head of its row."""
        return Said(
            N_("Di tempat lain: %(count)s dari %(total)s"), {"count": self.count, "total": self.total}
        )

    def cell(self, triple: Triple) -> Cell:
        """Return what comes out."""
        fits = triple.count == self.count and triple.total == self.total
        return Cell(Said(N_("sama") if fits else N_("beda")), fits)

    def reason(self, written: Triple) -> Said:
        """Return why what is written fails."""
        return Said(
            N_("Tertulis %(written)s; hal yang sama di tempat lain tertulis %(count)s dari %(total)s."),
            {"written": written.count, "count": self.count, "total": self.total},
        )


@dataclass(frozen=True, slots=True)
class Recorded:
    """The records of khub say the same."""

    known: Known
    name: str = "records"
    confirms: bool = True

    def label(self) -> Said:
        """Return the head of its row."""
        return Said(N_("Catatan khub"))

    def cell(self, triple: Triple) -> Cell:
        """Return what comes out."""
        fits = triple.count == self.known.count and (triple.total is None or triple.total == self.known.total)
        if not fits:
            return Cell(Said(N_("beda")), fits)
        return Cell(self._said(), fits)

    def reason(self, written: Triple) -> Said:
        """Return why what is written fails."""
        if self.known.total is None or written.total is None:
            return Said(N_("Catatan khub: %(count)s."), {"count": self.known.count})
        return Said(
            N_("Catatan khub: %(count)s dari %(total)s."),
            {"count": self.known.count, "total": self.known.total},
        )

    def _said(self) -> Said:
        if self.known.total is None:
            return Said("%(sum)s", {"sum": self.known.count})
        return Said(N_("%(count)s dari %(total)s"), {"count": self.known.count, "total": self.known.total})
