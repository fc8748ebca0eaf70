"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted(
    path
    for folder in ("khub", "indexer")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations/versions" not in path.as_posix()
)


def _calls(path: Path) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]


def _name(call: ast.Call) -> str:
    return ast.unparse(call.func)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_only_db_commits_and_only_clock_asks_the_time(path: Path) -> None:
    relative = path.relative_to(ROOT).as_posix()
    for call in _calls(path):
        name = _name(call)
        if relative.startswith("khub/") and relative != "khub/db.py":
            assert not re.fullmatch(r"(self\.)?(session|connection)\.commit", name), (
                f"{relative}:{call.lineno}"
            )
        if relative != "khub/clock.py":
            assert name not in ("datetime.now", "datetime.utcnow", "date.today", "datetime.today"), (
                f"{relative}:{call.lineno}"
            )


def test_only_the_lifecycle_assigns_the_state_of_a_version() -> None:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Assign):
                continue
            for target in node.targets:
                if isinstance(target, ast.Attribute) and target.attr == "state":
                    owner = ast.unparse(target.value)
                    assert "version" not in owner or path.name == "lifecycle.py", f"{path}:{node.lineno}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_modules_stay_small_and_finished(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 430, "split this module"
    assert not re.search(r"\b(TODO|FIXME|XXX)\b", text)
    assert path.stem not in ("utils", "helpers", "common", "misc")


def test_templates_mark_nothing_safe_and_carry_no_inline_code() -> None:
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text("utf-8")
        assert "|safe" not in text.replace(" ", ""), path
        assert not re.search(r"<(script|style)(?![^>]*\bsrc=)[^>]*>", text), path
        assert not re.search(r"<[^{}]*\s(style|on[a-z]+)=", text), path
