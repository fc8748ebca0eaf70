"""Tokens in a narrative: read without a gap, written as they are read, anything else plain text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khub.annual import tokens
from khub.annual.tokens import Form, Kind


@given(st.text(alphabet="{}[]|:@angkatbelpis-0123. \n", max_size=80))
def test_pieces_cover_any_text_in_order(text):
    pieces = tokens.split(text)
    assert "".join(piece.raw for piece in pieces) == text
    assert [piece.start for piece in pieces[1:]] == [piece.end for piece in pieces[:-1]]


def test_each_token_is_read_as_it_was_written():
    figure = tokens.figure("committed", "2", Form.WHOLE, "2022")
    table = tokens.table("komitmen-per-pilar", "1")
    text = f"Sebanyak {figure}.{tokens.citation(12)} {table}"
    found = [piece for piece in tokens.split(text) if piece.kind is not Kind.TEXT]
    assert [(p.kind, p.key, p.branch, p.place, p.form) for p in found] == [
        (Kind.FIGURE, "committed", "2", "2022", "lengkap"),
        (Kind.CITATION, "12", "", "", ""),
        (Kind.TABLE, "komitmen-per-pilar", "1", "", ""),
    ]
    assert tokens.citations_in(text) == (12,)


@pytest.mark.parametrize(
    "text",
    ["{{angka}}", "{{angka:}}", "{angka:committed}", "[[kutipan:0]]", "[[kutipan:x]]", "{{angka:a b}}"],
)
def test_what_has_another_shape_is_text(text):
    assert [piece.kind for piece in tokens.split(text)] == [Kind.TEXT]


def test_a_table_stands_alone():
    table = tokens.table("aksi")
    assert tokens.table_of(f"  {table}\n") is not None
    assert tokens.table_of(f"Lihat {table}") is None
