"""Every act and kind of object that the code writes into the trail has words."""

from __future__ import annotations

import ast
from pathlib import Path

from khub.audit.wording import ACTS, BREAKS, OBJECTS

KHUB = Path(__file__).parents[3] / "khub"


def _appended():
    """Yield (act, kind of object) expressions of every call of ``chain.append``."""
    for path in KHUB.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "chain.append":
                yield node.args[2], node.args[3]


def test_every_act_and_object_has_words():
    calls = list(_appended())
    assert len(calls) > 20
    for act, kind in calls:
        if isinstance(act, ast.Constant):
            assert act.value in ACTS
        if isinstance(kind, ast.Constant):
            assert kind.value in OBJECTS


def test_every_reason_of_a_broken_chain_has_words():
    source = (KHUB / "audit" / "chain.py").read_text("utf-8")
    for why in BREAKS:
        assert f'"{why}"' in source
