"""Documents and questions that every engine gets alike: pages after Zipf, ten to a product, with facets."""

from __future__ import annotations

import random
import sqlite3
import zlib
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from tests.bench import words as source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PAGES = 10
WORDS = 167
FACETS = ("pilar", "kl", "jenis", "tahun")
CLASSES = tuple(f"class{number}" for number in range(60))
_SEED = 2023
_REPEATED = 20


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: ``words`` are alternatives that rank, a ``phrase`` is required, as filters are.

    ``prefix`` is one more alternative; pages with ``without`` are left out.
    """

    words: tuple[str, ...]
    phrase: tuple[str, ...] = ()
    prefix: str = ""
    without: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """One page, as an engine without products takes it; ``number`` counts from 0."""

    number: int
    text: str
    facets: Mapping[str, str]


@cache
def vocabulary() -> tuple[list[str], list[float]]:
    return source.vocabulary(random.Random(_SEED))  # noqa: S311 - the same texts each time


def pages(product: int, words: int = WORDS) -> list[str]:
    """Return the pages of a product: general words, and some that it repeats, as one subject does."""
    rng = random.Random(product)  # noqa: S311
    vocabulary_, weights = vocabulary()
    subject = rng.choices(vocabulary_, weights, k=12)
    found = []
    for _ in range(PAGES):
        chosen = rng.choices(vocabulary_, weights, k=words - _REPEATED) + rng.choices(subject, k=_REPEATED)
        rng.shuffle(chosen)
        found.append(" ".join(chosen))
    return found


def title(product: int) -> str:
    return " ".join(random.Random(product).choices(vocabulary()[0][:400], k=6))  # noqa: S311


def facets(product: int) -> dict[str, str]:
    rng = random.Random(product)  # noqa: S311
    return {
        "pilar": str(rng.randint(1, 3)),
        "kl": f"kl{rng.randint(1, 60)}",
        "jenis": f"jenis{rng.randint(1, 12)}",
        "tahun": str(rng.randint(2021, 2024)),
    }


def documents(store: Path) -> Iterator[Document]:
    """Yield all pages, in order."""
    with sqlite3.connect(store) as rows:
        for number, product, text in rows.execute("SELECT number, product, text FROM page ORDER BY number"):
            yield Document(number, zlib.decompress(text).decode(), facets(product))


def keep(store: Path, products: int, words: int = WORDS) -> None:
    """Write all pages to a database, compressed as khub keeps them; an earlier run's is used again."""
    if store.exists():
        return
    store.parent.mkdir(parents=True, exist_ok=True)
    fresh = store.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with sqlite3.connect(fresh) as rows:
        rows.execute(
            "CREATE TABLE page (number INTEGER PRIMARY KEY, product INTEGER, page INTEGER, text BLOB)"
        )
        for product in range(1, products + 1):
            rows.executemany(
                "INSERT INTO page VALUES (?, ?, ?, ?)",
                [
                    ((product - 1) * PAGES + page, product, page + 1, zlib.compress(text.encode(), 6))
                    for page, text in enumerate(pages(product, words))
                ],
            )
    rows.close()
    fresh.replace(store)


def questions(count: int) -> list[Question]:
    """Return mixed questions: words, a phrase, an exclusion with a prefix, filters."""
    rng = random.Random(5)  # noqa: S311
    words, weights = vocabulary()
    found = []
    for number in range(count):
        terms = tuple(rng.choices(words[:3000], weights[:3000], k=rng.randint(1, 5)))
        filters = {"kl": ("kl7", "kl8")} if number % 10 == 0 else {}
        match number % 6:
            case 3:
                found.append(Question(terms, phrase=(terms[0], words[rng.randint(0, 20)]), filters=filters))
            case 4:
                without = words[rng.randint(0, 50)]
                found.append(
                    Question(
                        tuple(term for term in terms if term != without) or (words[60],),
                        prefix=terms[0][:4],
                        without=without,
                        filters=filters,
                    )
                )
            case 5:
                found.append(Question(terms, filters={**filters, "pilar": ("2",), "tahun": ("2022", "2023")}))
            case _:
                found.append(Question(terms, filters=filters))
    return found
