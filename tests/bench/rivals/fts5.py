"""SQLite FTS5: external content, prefixes indexed, facets counted over what matched once."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from khub.db import sqlite_module
from tests.bench import corpus
from tests.bench.rivals import TOP, Page

if TYPE_CHECKING:
    from pathlib import Path

_FILE = "fts5.db"


def build(folder: Path, store: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    names = ", ".join(corpus.FACETS)
    with closing(sqlite_module().connect(folder / _FILE)) as rows, rows:
        rows.execute(f"CREATE TABLE page (id INTEGER PRIMARY KEY, text, {names})")
        rows.execute(
            "CREATE VIRTUAL TABLE words USING fts5(text, content='page', content_rowid='id', prefix='3 4')"
        )
        rows.executemany(
            f"INSERT INTO page VALUES (?, ?, {', '.join('?' for _ in corpus.FACETS)})",  # noqa: S608 - no input
            (
                (document.number, document.text, *(document.facets[name] for name in corpus.FACETS))
                for document in corpus.documents(store)
            ),
        )
        rows.execute("INSERT INTO words(words) VALUES ('rebuild')")
        rows.execute("INSERT INTO words(words) VALUES ('optimize')")


class Opened:
    def __init__(self, folder: Path, store: Path) -> None:
        del store
        self.servers: tuple[int, ...] = ()
        self.rows = sqlite_module().connect(f"file:{folder / _FILE}?mode=ro", uri=True)
        self.rows.execute("PRAGMA cache_size = -65536")
        self.rows.execute("PRAGMA mmap_size = 1073741824")
        self.rows.execute("PRAGMA temp_store = MEMORY")
        names = ", ".join(corpus.FACETS)
        self.rows.execute(f"CREATE TEMP TABLE hit (id INTEGER PRIMARY KEY, score, {names})")

    def close(self) -> None:
        self.rows.close()

    def ask(self, question: corpus.Question) -> Page:
        match = _match(question)
        where, values = "", []
        for name, among in question.filters.items():
            where += f" AND page.{name} IN ({', '.join('?' for _ in among)})"
            values += among
        names = ", ".join(f"page.{name}" for name in corpus.FACETS)
        self.rows.execute("DELETE FROM hit")
        self.rows.execute(
            f"INSERT INTO hit SELECT page.id, words.rank, {names} FROM words JOIN page ON page.id = words.rowid "  # noqa: S608 - names are our own
            f"WHERE words MATCH ?{where}",
            [match, *values],
        )
        (total,) = self.rows.execute("SELECT count(*) FROM hit").fetchone()
        counted = [
            self.rows.execute(f"SELECT {name}, count(*) FROM hit GROUP BY {name}").fetchall()  # noqa: S608
            for name in corpus.FACETS
        ]
        best = [row for (row,) in self.rows.execute(f"SELECT id FROM hit ORDER BY score LIMIT {TOP}")]  # noqa: S608
        snippets = [
            self.rows.execute(
                "SELECT snippet(words, 0, '<b>', '</b>', '…', 32) FROM words WHERE words MATCH ? AND rowid = ?",
                (match, row),
            ).fetchone()[0]
            for row in best
        ]
        return Page(total, snippets, sum(len(values) for values in counted))


def _match(question: corpus.Question) -> str:
    words = [f'"{word}"' for word in question.words]
    if question.prefix:
        words.append(f'"{question.prefix}" *')
    match = f"({' OR '.join(words)})"
    if question.phrase:
        phrase = f'"{" ".join(question.phrase)}"'
        match = f"({phrase} AND ({phrase} OR {match}))"
    return f'({match} NOT "{question.without}")' if question.without else match
