"""The recap and the letter as DOCX, in words of the language in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from khub import i18n
from khub.coordination import letters, word
from khub.errors import N_
from khub.i18n import gettext
from khub.plan.terms import ANSWERS
from khub.products.lifecycle import State
from khub.words import STATES

if TYPE_CHECKING:
    from datetime import datetime

    from khub.coordination.letters import Template
    from khub.coordination.recap import Recap
    from khub.coordination.standing import RowShown, Standing
    from khub.cycle.numbers import Number

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def recap(found: Recap, author: str) -> bytes:
    """Return the recap as DOCX."""
    now, period = found.standing.now, found.standing.period
    blocks: list[word.Block] = [
        word.Title(found.standing.unit.name),
        word.Paragraph(
            gettext(
                "Rekap untuk rapat · %(plan)s · %(period)s",
                plan=found.standing.place.plan_name,
                period=period.name if period is not None else "–",
            )
        ),
    ]
    if now is not None:
        blocks.append(word.Paragraph(" · ".join(_figures(found))))
    blocks.append(
        word.Paragraph(
            gettext("Tercatat sampai %(time)s", time=i18n.moment(found.standing.until)), quiet=True
        )
    )
    blocks.append(word.Heading(gettext("Baris laporan")))
    rows = [
        (
            f"{shown.row.action.code} {shown.row.action.title}",
            answer_word(shown.row.answer),
            state_words(shown),
            obstacle_word(found, shown.row.report),
            f"{i18n.short_day(shown.row.deadline)} {rest_words(shown)}".strip(),
        )
        for shown in found.standing.rows
    ]
    if rows:
        head = (
            gettext("Aksi"),
            gettext("Komitmen"),
            gettext("Status"),
            gettext("Kendala"),
            gettext("Tenggat"),
        )
        blocks.append(word.Table("", head, rows, (42, 13, 17, 12, 16)))
    else:
        blocks.append(word.Paragraph(gettext("Tidak ada yang diminta dari K/L ini pada periode ini.")))
    blocks.append(word.Paragraph(obstacle_sentence(found), quiet=True))
    blocks.append(word.Heading(gettext("Tindak lanjut terbuka")))
    if found.follow_ups:
        columns = (gettext("Tindak lanjut"), gettext("Oleh"), gettext("Jatuh tempo"))
        todo = [
            (
                each.text,
                each.owner,
                i18n.short_day(each.due_on) + (f", {gettext('lewat')}" if each.overdue else ""),
            )
            for each in found.follow_ups
        ]
        blocks.append(word.Table("", columns, todo, (60, 22, 18)))
    else:
        blocks.append(word.Paragraph(gettext("Tidak ada tindak lanjut terbuka.")))
    return word.write(
        word.Paper(
            gettext("Rekap %(unit)s", unit=found.standing.unit.name),
            i18n.language(),
            author,
            found.at,
            blocks,
            footer=found.standing.unit.short,
        )
    )


def _figures(found: Recap) -> list[str]:
    now, period = found.standing.now, found.standing.period
    if now is None:
        return []
    said = [gettext("komitmen ya %(pair)s", pair=_pair(now.promised))]
    for each in now.periods:
        if period is not None and each.period.id == period.id:
            said.append(gettext("laporan masuk %(pair)s", pair=_pair(each.reported)))
            said.append(gettext("disetujui %(pair)s", pair=_pair(each.approved)))
            said.append(gettext("terlambat %(n)s", n=each.late.count))
    return said


def _pair(number: Number) -> str:
    return f"{number.count}/{number.total}"


def answer_word(answer: str) -> str:
    """Return a commitment in words."""
    return str(gettext(ANSWERS.get(answer, N_("Belum menjawab"))))


def state_words(shown: RowShown) -> str:
    """Return a row's state with its marks in words."""
    row = shown.row
    said = str(gettext(STATES[State(row.state)] if row.state else N_("Belum lapor")))
    return f"{said}, {gettext('terlambat')}" if row.late or shown.overdue else said


def rest_words(shown: RowShown) -> str:
    """Return the days left or late of a row that is still missing, "" for one that came in."""
    if shown.row.handed_in:
        return ""
    if shown.overdue:
        return str(gettext("(lewat %(n)s hari)", n=-shown.days_left))
    if not shown.days_left:
        return str(gettext("(hari ini)"))
    return str(gettext("(%(n)s hari lagi)", n=shown.days_left))


def obstacle_word(found: Recap, report: str) -> str:
    """Return whether a row tells of an obstacle, a dash where the reader can't tell."""
    told = found.obstacles.told.get(report)
    if told is None:
        return "–"
    return str(gettext("ada") if told else gettext("tidak ada"))


def obstacle_sentence(found: Recap) -> str:
    """Return how many of the readable reports tell of an obstacle."""
    return str(
        gettext(
            "Kendala: %(some)s dari %(read)s laporan yang dapat Anda lihat.",
            some=found.obstacles.some,
            read=found.obstacles.read,
        )
    )


def letter(template: Template, found: Standing, person: str, now: datetime) -> bytes:
    """Return the reminder letter to a K/L as DOCX; the language in force must be Indonesian."""
    values = letter_values(found, person, now)
    subject = letters.fill(template.subject, values)
    blocks: list[word.Block] = [word.Heading(subject)]
    for line in letters.paragraphs(template.body):
        if line == "{" + letters.TABLE + "}":
            blocks.append(word.Table("", letter_head(), letter_rows(found), (12, 50, 18, 20)))
        else:
            blocks.append(word.Paragraph(letters.fill(line, values)))
    return word.write(word.Paper(subject, "id", person, now, blocks))


def letter_head() -> tuple[str, ...]:
    """Return the head of the table of missing rows."""
    return gettext("Kode"), gettext("Aksi"), gettext("Status"), gettext("Tenggat")


def letter_rows(found: Standing) -> list[tuple[str, ...]]:
    """Return the rows that are asked for and have not come in."""
    return [
        (
            shown.row.action.code,
            shown.row.action.title,
            state_words(shown),
            f"{i18n.short_day(shown.row.deadline)} {rest_words(shown)}".strip(),
        )
        for shown in found.rows
        if shown.row.asks and not shown.row.handed_in
    ]


def letter_values(found: Standing, person: str, now: datetime) -> dict[str, str]:
    """Return what stands in a letter for each field but the table."""
    asked = [shown for shown in found.rows if shown.row.asks]
    missing = [shown for shown in asked if not shown.row.handed_in]
    deadline = min((shown.row.deadline for shown in missing or asked), default=None)
    if deadline is None and found.period is not None:
        deadline = found.period.deadline
    return {
        "nama_kl": found.unit.name,
        "singkatan_kl": found.unit.short,
        "rencana": found.place.plan_name,
        "periode": found.period.name if found.period is not None else "–",
        "tenggat": i18n.moment(deadline) if deadline is not None else "–",
        "tanggal": i18n.day(now),
        "jumlah_belum": str(len(missing)),
        "jumlah_diminta": str(len(asked)),
        "narahubung": person,
    }
