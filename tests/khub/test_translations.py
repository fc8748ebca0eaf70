"""Every sentence stands in both languages: each msgid of code and templates has English, and none is left over."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from flask import render_template_string

ROOT = Path(__file__).parents[2]
PO = sorted((ROOT / "khub" / "translations" / "en").glob("*.po"))
#: Function name → how many of its first arguments are msgids.
CALLS = {"_": 1, "gettext": 1, "N_": 1, "ngettext": 2}
PLACE = re.compile(r"%\((\w+)\)[sd]")
#: A percent sign that is neither a place nor doubled would break the sentence when it is filled in.
LOOSE_PERCENT = re.compile(r"%(?!\(\w+\)[sd])")


def _from_code() -> dict[str, set[str]]:
    """Return msgid → files. Read as a syntax tree: Babel's own reader misses calls within calls."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "khub").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            for argument in node.args[: CALLS.get(name, 0)]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    found[argument.value].add(str(path.relative_to(ROOT)))
    return found


def _from_templates() -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2)}
    for path in sorted((ROOT / "templates").rglob("*.html")):
        with path.open("rb") as file:
            for _, message, _, _ in extract("jinja2.ext:babel_extract", file, keywords=keywords):
                for text in (message,) if isinstance(message, str) else message:
                    if text:
                        found[text].add(str(path.relative_to(ROOT)))
    return found


def _english() -> dict[str, list[tuple[str, str | tuple[str, ...]]]]:
    """Return msgid → [(file, English)]."""
    found: dict[str, list[tuple[str, str | tuple[str, ...]]]] = defaultdict(list)
    for path in PO:
        with path.open("rb") as file:
            for message in read_po(file, locale="en", abort_invalid=True):
                for text in (message.id,) if isinstance(message.id, str) else set(message.id):
                    if text:
                        found[text].append((path.name, message.string))
    return found


@pytest.fixture(scope="module")
def said() -> dict[str, set[str]]:
    """Return msgid → files that say it."""
    found = _from_code()
    for text, files in _from_templates().items():
        found.setdefault(text, set()).update(files)
    return found


@pytest.fixture(scope="module")
def english() -> dict[str, list[tuple[str, str | tuple[str, ...]]]]:
    return _english()


def test_every_sentence_has_english(said, english):
    missing = {text: sorted(said[text]) for text in said if text not in english}
    assert missing == {}


def test_no_english_is_left_over(said, english):
    assert {text: places for text, places in english.items() if text not in said} == {}


def test_no_sentence_has_two_english_forms(english):
    assert {
        text: places for text, places in english.items() if len({str(words) for _, words in places}) > 1
    } == {}


def test_no_english_is_empty_and_places_agree(english):
    for text, places in english.items():
        wanted = set(PLACE.findall(text))
        for file, words in places:
            forms = (words,) if isinstance(words, str) else words
            if not isinstance(words, str):
                assert len(forms) == 2, (file, text)
            for form in forms:
                assert form.strip(), (file, text)
                assert set(PLACE.findall(form)) == wanted, (file, text)
                assert not LOOSE_PERCENT.search(form.replace("%%", "")), (file, text)
        assert not LOOSE_PERCENT.search(text.replace("%%", "")), text


def test_templates_say_nothing_untranslated():
    """Words between tags belong into ``_()``; what is left are numbers, codes and names."""
    allowed = re.compile(r"khub|SHA|v|Pilar|K/L|JSONL|TT-…|python3|PDF|P|N|NIK|CSV|XLSX")
    for path in sorted((ROOT / "templates").rglob("*.html")):
        # Examples of content for developers; pieces of markup such as class names.
        if path.name == "components.html" or path.parent.name == "_macros":
            continue
        text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", path.read_text("utf-8"), flags=re.DOTALL)
        text = re.sub(r"<(pre|code)\b.*?</\1>|<[^>]*>|&\w+;|[\w-]+=\"[^\"]*\"", " ", text, flags=re.DOTALL)
        words = [word for word in re.findall(r"[^\W\d_]{3,}", text) if not allowed.fullmatch(word)]
        assert words == [], path


@pytest.mark.parametrize("language", ["id", "en"])
def test_templates_say_sentences_with_what_fills_them_escaped(app, language):
    """An empty name (a draft's classification) says nothing, in English neither."""
    with app.test_request_context(headers={"Cookie": f"khub_bahasa={language}"}):
        assert render_template_string("{{ _('') }}") == ""
        shown = render_template_string(
            "{{ _('Hasil untuk %(query)s', query=asked) }} {{ _('%(message)s', message=asked) }}",
            asked="<i>&%s",
        )
    assert shown.count("&lt;i&gt;&amp;%s") == 2
    assert "<i>" not in shown
