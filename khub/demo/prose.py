"""A small sentence grammar over ``texts/*.toml``, repeatable from a seed."""

from __future__ import annotations

import random
import re
import tomllib
from functools import cache
from importlib import resources
from typing import Any

_CHOICE = re.compile(r"\[([^\[\]]+\|[^\[\]]*)\]")
_SLOT = re.compile(r"\{(?:(\d+)\.\.(\d+)|(\w+))\}")


@cache
def grammar(language: str) -> dict[str, Any]:
    """Return the parsed grammar of "id" or "en"."""
    path = resources.files("khub.demo").joinpath("texts").joinpath(f"{language}.toml")
    return tomllib.loads(path.read_text("utf-8"))


class Voice:
    """Speaks about one topic in one language; the same seed says the same."""

    def __init__(self, language: str, topic: str, seed: str, facts: dict[str, str]) -> None:
        self._grammar = grammar(language)
        self._topic = self._grammar["topik"][topic]
        self.language = language
        self.rng = random.Random(f"khub/{language}/{topic}/{seed}")  # noqa: S311 - repeatable, not secret
        self.facts = {"topik": self._topic["nama"], "orang": self._topic["orang"], **facts}
        self._decks: dict[str, list[str]] = {}

    def label(self, name: str) -> str:
        """Return a fixed wording, such as a heading."""
        return self.expand(self._grammar["label"][name])

    def table(self, name: str) -> tuple[str, ...]:
        """Return the words of a table, such as its header."""
        return tuple(self._grammar["tabel"][name])

    def terms(self) -> tuple[tuple[str, str], ...]:
        """Return the topic's terms, each with its explanation."""
        return tuple((term, meaning) for term, meaning in self._topic["istilah"])

    def expand(self, template: str, **facts: str) -> str:
        """Return ``template`` with choices made, numbers drawn and slots filled."""

        def fill(match: re.Match[str]) -> str:
            low, high, name = match.groups()
            if low is not None:
                return str(self.rng.randint(int(low), int(high)))
            known = {**self.facts, **facts}
            return known[name] if name in known else str(self.rng.choice(self._grammar["kata"][name]))

        chosen = _CHOICE.sub(lambda match: self.rng.choice(match[1].split("|")), template)
        text = _SLOT.sub(fill, chosen)
        return text[0].upper() + text[1:]

    def sentences(self, section: str, count: int, **facts: str) -> list[str]:
        """Return ``count`` sentences of a section; none repeats before all were said."""
        chosen: list[str] = []
        for _ in range(count):
            deck = self._decks.get(section)
            if not deck:
                deck = [*self._topic.get(section, ()), *self._grammar["umum"].get(section, ())]
                self.rng.shuffle(deck)
                # what this very paragraph has just said comes last
                deck.sort(key=lambda template: template not in chosen)
                self._decks[section] = deck
            chosen.append(deck.pop())
        return [self.expand(template, **facts) for template in chosen]

    def in_order(self, section: str, **facts: str) -> list[str]:
        """Return every common sentence of a section in the order in which it is written."""
        return [self.expand(template, **facts) for template in self._grammar["umum"][section]]

    def paragraph(self, section: str, count: int = 4, **facts: str) -> str:
        """Return ``count`` sentences of a section as one text."""
        return " ".join(self.sentences(section, count, **facts))

    def money(self, amount: int) -> str:
        """Return an amount grouped the way the language writes it."""
        grouped = f"{amount:,}"
        return grouped.replace(",", ".") if self.language == "id" else grouped
