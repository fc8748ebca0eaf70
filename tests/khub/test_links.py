"""Addresses in templates are those that the framework builds, whatever stands in them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import flask
import pytest
from werkzeug.routing import BuildError

if TYPE_CHECKING:
    from flask import Flask

VALUES = [
    "abc123", "a-b_c.d~e", "", "dua kata", "a/b", "ä", "50%", "a?b#c", "{0}", "}", "..", "'\"<>", "stand-in-0-",
    0, 7, -1, 10**15, 908_172_630_000, True, None, 1.5, ["a", "b"],
]  # fmt: skip


def made(build: Any, endpoint: str, values: dict[str, Any]) -> str:
    try:
        return str(build(endpoint, **values))
    except (BuildError, ValueError, TypeError) as error:
        return type(error).__name__


@pytest.mark.parametrize("root", ["", "/khub"])
def test_an_address_is_the_one_that_the_framework_builds(app: Flask, root: str) -> None:
    rng = random.Random(7)  # noqa: S311 - repeatable
    build = app.jinja_env.globals["url_for"]
    rules = list(app.url_map.iter_rules())
    with app.test_request_context("/cari", base_url=f"http://localhost{root}"):
        for _ in range(20):
            for rule in rules:
                names = [
                    *rule.arguments,
                    *rng.sample(["hlm", "q", "public_id", "_anchor"], rng.randint(0, 2)),
                ]
                rng.shuffle(names)
                values = {name: rng.choice(VALUES[: 2 if rng.random() < 0.4 else None]) for name in names}
                values |= {
                    name: rng.randint(0, 99) for name in names if "number" in name and rng.random() < 0.7
                }
                assert made(build, rule.endpoint, values) == made(flask.url_for, rule.endpoint, values)
        assert made(build, "no.such", {}) == "BuildError"


def test_an_address_belongs_to_the_place_where_khub_is_mounted(app: Flask) -> None:
    build = app.jinja_env.globals["url_for"]
    for root in ("", "/khub", "/lain"):
        with app.test_request_context("/", base_url=f"http://localhost{root}"):
            assert build("search.results", q="guru") == f"{root}/cari?q=guru"
