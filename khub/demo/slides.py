"""PPTX files: title, bullet and table slides, each with speaker's notes."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pptx
from pptx.util import Inches, Pt

from khub.demo.archive import repack

if TYPE_CHECKING:
    from khub.demo.compose import Script

_MADE = datetime(2023, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def present(script: Script) -> bytes:
    """Return a slide deck about the script's topic with ``script.size`` content slides."""
    voice = script.voice()
    deck = pptx.Presentation()
    deck.core_properties.title = script.title
    deck.core_properties.author = voice.label("kop")
    deck.core_properties.created = deck.core_properties.modified = _MADE
    cover = deck.slides.add_slide(deck.slide_layouts[0])
    cover.shapes.title.text = script.title
    cover.placeholders[1].text = f"{script.institution}\n{voice.label('periode')}\n{voice.label('kaki')}"
    cover.notes_slide.notes_text_frame.text = voice.paragraph("konteks", 2)
    terms = voice.terms()
    where = voice.rng.randrange(script.size)
    for number in range(script.size):
        term, meaning = terms[number % len(terms)]
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = term
        frame = slide.placeholders[1].text_frame
        frame.text = meaning
        for sentence in voice.sentences("hasil", 1) + voice.sentences("saran", 1):
            frame.add_paragraph().text = sentence
        for paragraph in frame.paragraphs:
            paragraph.font.size = Pt(20)
        spoken = script.insert if number == where else voice.paragraph("kegiatan", 2)
        slide.notes_slide.notes_text_frame.text = spoken
    last = deck.slides.add_slide(deck.slide_layouts[5])
    last.shapes.title.text = voice.label("evaluasi")
    aspects = voice.table("aspek")
    frame = last.shapes.add_table(len(aspects) + 1, 3, Inches(1), Inches(2), Inches(8), Inches(3))
    for column, head in enumerate(voice.table("evaluasi")):
        frame.table.cell(0, column).text = head
    for row, aspect in enumerate(aspects, 1):
        frame.table.cell(row, 0).text = aspect
        frame.table.cell(row, 1).text = str(voice.rng.randint(45, 62))
        frame.table.cell(row, 2).text = str(voice.rng.randint(70, 91))
    last.notes_slide.notes_text_frame.text = " ".join(voice.in_order("penutup"))
    out = io.BytesIO()
    deck.save(out)
    return repack(out.getvalue(), {})
