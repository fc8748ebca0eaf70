"""Addresses, from a pattern for each endpoint: a page of results links to a hundred.

The framework builds each anew. A pattern is what it makes of stand-ins, once; values that need no quoting
are put in their places. All else goes the framework's own way.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flask import current_app, has_request_context, request
from flask import url_for as build
from werkzeug.routing import BuildError

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

#: What stands in an address as it is.
_PLAIN = re.compile(r"[A-Za-z0-9_.~-]+").fullmatch
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_~-]+(?:[./][A-Za-z0-9_~-]+)*").fullmatch
#: Stand-ins for texts and for numbers, by the place of the value.
_TEXT, _NUMBER = "stand-in-{}-", 908_172_630_000
_STANDING = re.compile(rf"stand-in-(\d+)-|{_NUMBER // 1000}(\d\d\d)")
_PATTERNS = 512
_KEPT = "khub-links"


def install(app: Flask) -> None:
    """Let ``url_for`` build the addresses of ``app``, in templates, too."""
    app.extensions[_KEPT] = app.jinja_env.globals["url_for"] = linking()


def url_for(endpoint: str, **values: Any) -> str:
    """Return an address of the present application."""
    made: str = current_app.extensions[_KEPT](endpoint, **values)
    return made


def linking() -> Callable[..., str]:
    """Return ``url_for`` as the templates of one application have it."""

    @lru_cache(maxsize=_PATTERNS)
    def pattern(root: str, endpoint: str, kinds: tuple[tuple[str, type], ...]) -> str:
        """Return the address under ``root`` with "{n}" for the n-th value, "" where one does not stand in it."""
        del root
        standing: dict[str, Any] = {
            name: _NUMBER + at if kind is int else _TEXT.format(at) for at, (name, kind) in enumerate(kinds)
        }
        try:
            address = build(endpoint, **standing)
        except (BuildError, ValueError):  # no number where one must stand
            return ""
        if "{" in address or "}" in address or len(_STANDING.findall(address)) != len(kinds):
            return ""
        return _STANDING.sub(lambda found: f"{{{int(found[1] or found[2])}}}", address)

    def url_for(endpoint: str, **values: Any) -> str:
        kinds, given = [], []
        plain = _PLAIN_PATH if endpoint == "static" else _PLAIN
        for name, value in values.items():
            kind = type(value)
            if value is None:
                continue
            if name[0] == "_" or not (value >= 0 if kind is int else kind is str and plain(value)):
                return build(endpoint, **values)
            kinds.append((name, kind))
            given.append(value)
        made = ""
        if has_request_context() and endpoint[0] != ".":
            made = pattern(request.root_path, endpoint, tuple(kinds))
        return made.format(*given) if made else build(endpoint, **values)

    return url_for
