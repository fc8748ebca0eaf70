"""Unseen wording: marks of whole sentences."""

from __future__ import annotations

import pytest

from tests.khub.checking.conftest import faults
from tests.khub.checking.sentences import ALONE, BROKEN, PASSAGES, PROSE, RECORDED, TABLES


@pytest.mark.parametrize("marked", ALONE)
def test_a_sentence_by_itself(marked):
    assert faults(marked, None) == []


@pytest.mark.parametrize("marked", BROKEN)
def test_a_phrase_broken_by_layout(marked):
    assert faults(marked, None) == []


@pytest.mark.parametrize("marked", PROSE)
def test_official_prose(marked):
    assert faults(marked, None) == []


@pytest.mark.parametrize("marked", TABLES)
def test_a_table_that_is_added_up(marked):
    assert faults(marked, None) == []


@pytest.mark.parametrize("marked", PASSAGES)
def test_phrases_that_have_to_agree(marked):
    assert faults(marked, None) == []


@pytest.mark.parametrize("marked", RECORDED)
def test_a_sentence_against_the_records(marked, noted):
    assert faults(marked, noted) == []
