"""Manuscripts by sort: report, module, study, guideline, agreement, minutes, article."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from khub.demo.blocks import BREAK, Block, Bullets, Heading, Manuscript, Paragraph, Table
from khub.demo.prose import Voice

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Script:
    """What a manuscript is about. ``size`` counts its repeating parts (rounds, sessions, findings …).

    ``insert`` is the one sentence that no other document has; it stands on a single page. ``people`` is
    how many took part in all; 0 leaves that to chance.
    """

    sort: str
    language: str
    topic: str
    title: str
    institution: str
    period: str
    insert: str
    size: int
    seed: str
    people: int = 0

    def voice(self) -> Voice:
        """Return the voice that writes this manuscript."""
        return Voice(
            self.language,
            self.topic,
            self.seed,
            {
                "kl": self.institution,
                "kl_besar": self.institution.upper(),
                "periode": self.period,
                "tahun": self.period[-4:],
            },
        )


def _budget(voice: Voice) -> Table:
    total = 0
    rows = [voice.table("anggaran")]
    for item in voice.table("biaya"):
        volume, unit = voice.rng.randint(2, 60), voice.rng.randint(3, 60) * 25_000
        total += volume * unit
        rows.append((item, str(volume), voice.money(unit), voice.money(volume * unit)))
    rows.append((voice.table("jumlah")[0], "", "", voice.money(total)))
    return Table(tuple(rows))


def _participants(voice: Voice, script: Script) -> Table:
    rounds = min(script.size + 2, 12)
    total = script.people or voice.rng.randint(24 * rounds, 40 * rounds)
    women = 0
    rows = [voice.table("peserta")]
    for number in range(1, rounds + 1):
        share = total // rounds + (number <= total % rounds)
        among = voice.rng.randint(share // 3, share // 2 + 2)
        women += among
        rows.append((str(number), voice.expand("{tempat}"), str(share), str(among)))
    rows.append((voice.table("jumlah")[0], "", str(total), str(women)))
    return Table(tuple(rows))


def _evaluation(voice: Voice) -> Table:
    aspects = voice.table("aspek")
    scores = ((str(voice.rng.randint(45, 62)), str(voice.rng.randint(70, 91))) for _ in aspects)
    return Table(
        (voice.table("evaluasi"), *((name, *pair) for name, pair in zip(aspects, scores, strict=True))),
    )


def _opening(voice: Voice, script: Script) -> list[Block]:
    return [Heading(1, script.title), Paragraph(voice.label("periode")), Paragraph(script.institution)]


def _report(voice: Voice, script: Script) -> list[Block]:
    where = voice.rng.randint(1, script.size)
    blocks = [
        *_opening(voice, script),
        Heading(2, voice.label("ringkasan")),
        Paragraph(voice.paragraph("hasil", 3)),
        Paragraph(voice.paragraph("konteks", 3), voice.label("sumber")),
        BREAK,
        Heading(1, voice.label("pendahuluan")),
        Heading(2, voice.label("latar")),
        Paragraph(voice.paragraph("konteks", 5)),
        Paragraph(voice.paragraph("konteks", 4)),
        Heading(2, voice.label("tujuan")),
        Bullets(tuple(voice.in_order("tujuan"))),
        BREAK,
        Heading(1, voice.label("pelaksanaan")),
        Heading(2, voice.label("peserta")),
        Paragraph(voice.paragraph("kegiatan", 3)),
        _participants(voice, script),
    ]
    for number in range(1, script.size + 1):
        blocks += [
            Heading(2, f"{voice.label('jalannya')} ({number})"),
            Paragraph(voice.paragraph("kegiatan", 5), voice.label("sumber") if number == 1 else ""),
            Paragraph(voice.paragraph("konteks", 4)),
        ]
        if number == where:
            blocks.append(Paragraph(script.insert))
        blocks += [Paragraph(voice.paragraph("kegiatan", 5)), BREAK]
    return [
        *blocks,
        Heading(1, voice.label("hasil")),
        Paragraph(voice.paragraph("hasil", 5)),
        Heading(2, voice.label("evaluasi")),
        _evaluation(voice),
        Heading(1, voice.label("kendala")),
        Bullets(tuple(voice.sentences("kendala", 4))),
        Heading(1, voice.label("saran")),
        Bullets(tuple(voice.sentences("saran", 4))),
        Paragraph(" ".join(voice.in_order("penutup"))),
        BREAK,
        Heading(1, voice.label("anggaran")),
        _budget(voice),
    ]


def _module(voice: Voice, script: Script) -> list[Block]:
    terms = voice.terms()
    sessions = [terms[index % len(terms)] for index in range(script.size)]
    names = [f"{voice.label('sesi')} {n}: {term}" for n, (term, _) in enumerate(sessions, 1)]
    blocks = [
        *_opening(voice, script),
        Paragraph(voice.paragraph("konteks", 4), voice.label("sumber")),
        Bullets(tuple(voice.in_order("tujuan"))),
        BREAK,
        Heading(1, voice.label("daftar_isi")),
        Bullets(tuple(names)),
        BREAK,
    ]
    where = voice.rng.randint(2, script.size)
    for number, ((term, meaning), name) in enumerate(zip(sessions, names, strict=True), 1):
        steps = [voice.table("langkah")]
        steps += [
            (str(voice.rng.randrange(5, 35, 5)), step, voice.rng.choice(voice.table("alat")))
            for step in voice.in_order("langkah", gagasan=term)
        ]
        blocks += [
            Heading(1, name),
            Paragraph(" ".join(voice.in_order("sesi", gagasan=term))),
            Heading(2, voice.label("konsep")),
            Paragraph(meaning, voice.label("sumber") if number % 4 == 1 else ""),
            Paragraph(voice.paragraph("konteks", 5)),
            Paragraph(script.insert if number == where else voice.paragraph("saran", 2)),
            BREAK,
            Heading(2, f"{voice.label('langkah')}: {term}"),
            Table(tuple(steps)),
            Heading(2, voice.label("renungan")),
            Bullets(tuple(voice.sentences("renungan", 3))),
            Heading(2, voice.label("catatan")),
            Paragraph(voice.paragraph("kegiatan", 4)),
            BREAK,
        ]
    return [
        *blocks,
        Heading(1, voice.label("istilah")),
        Bullets(tuple(term for term, _ in terms)),
        BREAK,
        Heading(1, voice.label("penutup")),
        Paragraph(voice.paragraph("saran", 4)),
        Paragraph(" ".join(voice.in_order("penutup"))),
    ]


def _study(voice: Voice, script: Script) -> list[Block]:
    terms = voice.terms()
    where = voice.rng.randint(1, script.size)
    blocks = [
        *_opening(voice, script),
        Heading(2, voice.label("ringkasan")),
        Paragraph(voice.paragraph("konteks", 3)),
        Paragraph(voice.paragraph("hasil", 3)),
        BREAK,
        Heading(1, voice.label("metode")),
        Paragraph(voice.paragraph("metode", 4), voice.label("sumber")),
        Paragraph(voice.paragraph("konteks", 4)),
        Heading(1, voice.label("temuan")),
    ]
    for number in range(1, script.size + 1):
        term, meaning = terms[(number - 1) % len(terms)]
        blocks += [
            Heading(2, f"{voice.label('temuan')} {number}: {term}"),
            Paragraph(f"{meaning} {voice.paragraph('konteks', 3)}"),
            Paragraph(voice.paragraph("hasil", 3)),
        ]
        if number == where:
            blocks.append(Paragraph(script.insert, voice.label("sumber")))
        if number % 2 == 0:
            blocks.append(BREAK)
    return [
        *blocks,
        Heading(1, voice.label("pembahasan")),
        Paragraph(voice.paragraph("kendala", 4)),
        Paragraph(voice.paragraph("kegiatan", 4)),
        _evaluation(voice),
        Heading(1, voice.label("rekomendasi")),
        Bullets(tuple(voice.sentences("saran", 5))),
        Heading(1, voice.label("istilah")),
        Bullets(tuple(f"{term}: {meaning}" for term, meaning in terms)),
    ]


def _guideline(voice: Voice, script: Script) -> list[Block]:
    rows = [voice.table("prosedur")]
    unit = "hari" if _id(voice) else "days"
    for stage, text in zip(voice.table("tahap"), voice.in_order("tata_cara"), strict=True):
        rows.append((stage, text, f"{voice.rng.randint(2, 14)} {unit}"))
    blocks = [
        *_opening(voice, script),
        Heading(1, voice.label("lingkup")),
        Paragraph(voice.paragraph("konteks", 4)),
        Bullets(tuple(voice.in_order("tujuan"))),
        BREAK,
        Heading(1, voice.label("prosedur")),
        Table(tuple(rows)),
        Paragraph(script.insert, voice.label("sumber")),
        BREAK,
    ]
    for number in range(1, script.size + 1):
        blocks += [Heading(2, f"{voice.label('pasal')} {number}"), Paragraph(voice.paragraph("saran", 3))]
    terms = tuple(f"{term}: {meaning}" for term, meaning in voice.terms())
    return [*blocks, Heading(1, voice.label("istilah")), Bullets(terms)]


def _agreement(voice: Voice, script: Script) -> list[Block]:
    blocks = [*_opening(voice, script), Paragraph(voice.paragraph("konteks", 3))]
    for number, sentence in enumerate(voice.sentences("pasal", script.size), 1):
        blocks += [
            Heading(2, f"{voice.label('pasal')} {number}"),
            Paragraph(f"{sentence} {voice.paragraph('saran', 2)}"),
        ]
    return [*blocks, Paragraph(script.insert), Paragraph(" ".join(voice.in_order("penutup")))]


def _minutes(voice: Voice, script: Script) -> list[Block]:
    rows = [voice.table("keputusan")]
    for number, decision in enumerate(voice.sentences("saran", 4), 1):
        rows.append((str(number), decision, script.institution, voice.expand("{bulan} {tahun}")))
    present = [voice.table("hadir")]
    word = "Peserta" if _id(voice) else "Participant"
    present += [(str(n), f"{word} {n:03d}", voice.expand("{tempat}"), "") for n in range(1, 13)]
    blocks: list[Block] = [*_opening(voice, script), Heading(1, voice.label("pokok"))]
    blocks += [
        Paragraph(f"{number}. {voice.paragraph('kegiatan', 2)} {voice.paragraph('konteks', 2)}")
        for number in range(1, script.size + 1)
    ]
    return [
        *blocks,
        Paragraph(script.insert),
        Heading(1, voice.label("keputusan")),
        Table(tuple(rows)),
        BREAK,
        Heading(1, voice.label("hadir")),
        Table(tuple(present)),
    ]


def _article(voice: Voice, script: Script) -> list[Block]:
    blocks: list[Block] = _opening(voice, script)
    for term, meaning in voice.terms()[: script.size]:
        blocks += [Heading(2, term), Paragraph(f"{meaning} {voice.paragraph('konteks', 3)}")]
        blocks.append(Paragraph(voice.paragraph("kegiatan", 2)))
    return [
        *blocks,
        Paragraph(script.insert),
        Heading(1, voice.label("pesan")),
        Bullets(tuple(voice.sentences("saran", 4))),
        Paragraph(" ".join(voice.in_order("penutup"))),
    ]


def _id(voice: Voice) -> bool:
    return voice.language == "id"


_SORTS: dict[str, Callable[[Voice, Script], list[Block]]] = {
    "laporan": _report,
    "modul": _module,
    "kajian": _study,
    "pedoman": _guideline,
    "nota": _agreement,
    "notula": _minutes,
    "artikel": _article,
}


def compose(script: Script) -> Manuscript:
    """Return the manuscript of ``script``; KeyError for an unknown sort or topic."""
    voice = script.voice()
    blocks = _SORTS[script.sort](voice, script)
    return Manuscript(
        script.title,
        script.language,
        voice.label("kop"),
        voice.label("kaki"),
        voice.label("halaman"),
        tuple(blocks),
        front=2 if script.sort == "modul" else 0,
    )
