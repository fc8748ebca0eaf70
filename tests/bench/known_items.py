"""``python -m tests.bench.known_items FOLDER [--fragments 1500] [--json FILE]``.

Finding again what one remembers: the PDFs of a folder are read and indexed by page, each a product
whose title is the file's name. Asked are the titles, against the texts alone and with titles indexed,
and runs of four content words from a page. Prints MRR@10 of the product, and how often the very page is
among those shown.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from indexer.analysis import is_stop_word, tokenise
from indexer.engines.store import WhooshWriter
from indexer.engines.whoosh import WhooshEngine
from indexer.extract import Sandbox
from indexer.ports import PageText, Title
from indexer.query import QueryError, parse
from indexer.units import Unit, UnitTable
from tests.bench.machine import machine

_AT = 10
_RUN = 4
_LETTERS = 3
ALL = frozenset({"all"})


@dataclass(frozen=True, slots=True)
class Question:
    """A text, the product that answers it, and the page (0 where any will do)."""

    text: str
    product: int
    page: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fragments", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    names, files = read(options.folder)
    titles = [Question(name, product) for product, name in names.items()]
    runs = fragments(files, options.fragments, random.Random(options.seed))  # noqa: S311 - repeatable
    report: dict[str, object] = {"products": len(names), "pages": sum(map(len, files.values()))}
    for what, questions, with_titles in (
        ("titles, texts only", titles, False),
        ("titles, indexed", titles, True),
        ("fragments", runs, True),
    ):
        with tempfile.TemporaryDirectory() as folder:
            mrr, shown = ask(Path(folder), names if with_titles else {}, files, questions)
        report[what] = {"questions": len(questions), "mrr": mrr}
        line = f"{what}: {len(questions)} questions, MRR@{_AT} {mrr:.4f}"
        if questions is runs:
            report["page shown"] = shown
            line += f", the page itself shown {shown:.4f}"
        sys.stdout.write(line + "\n")
    report["machine"] = machine()
    sys.stdout.write(f"{report['products']} products, {report['pages']} pages; {report['machine']}\n")
    if options.json:
        options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")


def read(folder: Path) -> tuple[dict[int, str], dict[int, list[PageText]]]:
    """Return titles and pages of the PDFs by number; files without text are left out."""
    names: dict[int, str] = {}
    files: dict[int, list[PageText]] = {}
    with Sandbox() as sandbox:
        for path in sorted(folder.rglob("*.pdf")):
            found = sandbox.extract(path, name=path.name)
            pages = [
                PageText(page.number, page.text, found.language) for page in found.pages if page.text.strip()
            ]
            if pages:
                number = len(names) + 1
                names[number], files[number] = path.stem, pages
    return names, files


def fragments(files: dict[int, list[PageText]], wanted: int, rng: random.Random) -> list[Question]:
    """Return ``wanted`` runs of content words, each of a random place on a random page."""
    found: list[Question] = []
    pages = [(product, page) for product, of_product in files.items() for page in of_product]
    while len(found) < wanted:
        product, page = rng.choice(pages)
        words = [
            token.term
            for token in tokenise(page.text)
            if not token.whole
            and token.term.isalpha()
            and len(token.term) > _LETTERS
            and not is_stop_word(token.term)
        ]
        if len(words) > 2 * _RUN:
            at = rng.randrange(len(words) - _RUN)
            found.append(Question(" ".join(words[at : at + _RUN]), product, page.number))
    return found


def ask(
    folder: Path, names: dict[int, str], files: dict[int, list[PageText]], questions: list[Question]
) -> tuple[float, float]:
    """Return the mean reciprocal rank of the product and the share of pages shown beside it."""
    writer = WhooshWriter(folder)
    writer.rebuild(
        files.items(),
        ((number, [Title(number, name, "id")]) for number, name in names.items()),
        lambda _: None,
    )
    writer.close()
    table = UnitTable.empty().apply(
        {number: [Unit(number, number, 1, "all", (number,), 20230101, {})] for number in files}, 1
    )
    engine = WhooshEngine(folder)
    ranks = shown = 0.0
    for question in questions:
        try:
            hits = engine.search(parse(question.text), allow=ALL, units=table, limit=_AT).hits
        except QueryError:
            continue
        for place, hit in enumerate(hits, 1):
            if hit.product == question.product:
                ranks += 1 / place
                shown += any(page.number == question.page for page in hit.pages)
    engine.close()
    return ranks / len(questions), shown / len(questions)


if __name__ == "__main__":
    main()
