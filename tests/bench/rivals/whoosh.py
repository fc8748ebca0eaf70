"""Whoosh as it comes: text stored for highlights, facets grouped over sortable columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whoosh import fields, highlight, index, query, sorting

from tests.bench import corpus
from tests.bench.rivals import TOP, Page

if TYPE_CHECKING:
    from pathlib import Path


def build(folder: Path, store: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    schema = fields.Schema(
        text=fields.TEXT(stored=True), **{name: fields.ID(sortable=True) for name in corpus.FACETS}
    )
    writer = index.create_in(str(folder), schema).writer(limitmb=512, procs=1)
    for document in corpus.documents(store):
        writer.add_document(text=document.text, **document.facets)
    writer.commit()


class Opened:
    def __init__(self, folder: Path, store: Path) -> None:
        del store
        self.servers: tuple[int, ...] = ()
        self.searcher = index.open_dir(str(folder)).searcher()

    def close(self) -> None:
        self.searcher.close()

    def ask(self, question: corpus.Question) -> Page:
        words: list[query.Query] = [query.Term("text", word) for word in question.words]
        if question.prefix:
            words.append(query.Prefix("text", question.prefix))
        asked: query.Query = query.Or(words)
        if question.phrase:
            asked = query.AndMaybe(query.Phrase("text", list(question.phrase)), asked)
        among = [
            query.Or([query.Term(name, value) for value in values])
            for name, values in question.filters.items()
        ]
        found = self.searcher.search(
            asked.normalize(),
            limit=TOP,
            filter=query.And(among) if among else None,
            mask=query.Term("text", question.without) if question.without else None,
            groupedby={name: sorting.FieldFacet(name, maptype=sorting.Count) for name in corpus.FACETS},
            terms=False,
        )
        found.fragmenter = highlight.ContextFragmenter(maxchars=200, surround=40)
        values = sum(len(found.groups(name)) for name in corpus.FACETS)
        snippets = [hit.highlights("text", top=1) for hit in found]
        return Page(len(found), snippets, values)
