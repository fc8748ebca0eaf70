"""Streaming XML and HTML without trees: the only user of lxml.

No external entity, no network, no huge trees; names lose their namespace, so that Transitional and
Strict OOXML read the same.
"""

from collections.abc import Iterable
from typing import Any

from lxml import etree

from indexer.extract.limits import MB
from indexer.extract.zipdir import Container, DamagedPartError

_OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
    "load_dtd": False,
}
_MAX_DEPTH = 250


class Walker:
    """Receives events in document order; subclasses override what they need.

    ``names`` maps attributes by local name; where two namespaces share one, the later wins.
    """

    def start(self, name: str, names: dict[str, str], /) -> None:
        """Begin an element."""

    def end(self, name: str, /) -> None:
        """End an element."""

    def data(self, text: str, /) -> None:
        """Take character data."""


class _Target:
    """Adapter from lxml's parser target to a Walker."""

    def __init__(self, walker: Walker) -> None:
        self._walker = walker
        self._depth = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth <= _MAX_DEPTH:
            self._walker.start(_local(tag), {_local(key): value for key, value in attributes.items()})

    def end(self, tag: str) -> None:
        if self._depth <= _MAX_DEPTH:
            self._walker.end(_local(tag))
        self._depth -= 1

    def data(self, text: str) -> None:
        self._walker.data(text)

    def close(self) -> None:
        pass


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def walk(chunks: Iterable[bytes], walker: Walker) -> bool:
    """Feed XML bytes to ``walker``; return False when the XML ended early or is not well formed."""
    parser = etree.XMLParser(target=_Target(walker), **_OPTIONS)
    try:
        for chunk in chunks:
            parser.feed(chunk)
        parser.close()
    except (etree.XMLSyntaxError, DamagedPartError, LookupError, AssertionError):
        return False
    return True


def walk_html(text: str, walker: Walker) -> None:
    """Feed HTML to ``walker``; broken markup is repaired as browsers do."""
    parser = etree.HTMLParser(target=_Target(walker), no_network=True, huge_tree=False, remove_comments=True)
    try:
        for at in range(0, len(text), MB):
            parser.feed(text[at : at + MB])
        parser.close()
    except (etree.XMLSyntaxError, AssertionError):
        return


def walk_part(container: Container, name: str, walker: Walker) -> bool:
    """Walk one part of a container; an absent part is an empty one."""
    return walk(container.chunks(name), walker) if container.find(name) else True
