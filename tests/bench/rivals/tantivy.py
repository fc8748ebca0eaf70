"""Tantivy through its Python binding: text stored for snippets, facets as fast fields, one aggregation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tantivy
from tantivy import Occur, Query

from tests.bench import corpus
from tests.bench.rivals import TOP, Page

if TYPE_CHECKING:
    from pathlib import Path

_VALUES = 100


def build(folder: Path, store: Path) -> None:
    schema = tantivy.SchemaBuilder()
    schema.add_text_field("text", stored=True)
    for name in corpus.FACETS:
        schema.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    index = tantivy.Index(schema.build(), path=str(folder))
    writer = index.writer(256 << 20, num_threads=1)
    for document in corpus.documents(store):
        writer.add_document(tantivy.Document(text=document.text, **document.facets))
    writer.commit()
    writer.wait_merging_threads()


class Opened:
    def __init__(self, folder: Path, store: Path) -> None:
        del store
        self.servers: tuple[int, ...] = ()
        self.index = tantivy.Index.open(str(folder))
        self.searcher = self.index.searcher()

    def close(self) -> None:
        pass

    def ask(self, question: corpus.Question) -> Page:
        schema, searcher = self.index.schema, self.searcher
        words = [(Occur.Should, Query.term_query(schema, "text", word)) for word in question.words]
        if question.prefix:
            words.append((Occur.Should, Query.regex_query(schema, "text", f"{question.prefix}.*")))
        phrase = Query.phrase_query(schema, "text", list(question.phrase)) if question.phrase else None
        clauses = [*words, (Occur.Must, phrase)] if phrase else [(Occur.Must, Query.boolean_query(words))]
        if question.without:
            clauses.append((Occur.MustNot, Query.term_query(schema, "text", question.without)))
        for name, values in question.filters.items():
            among = Query.term_set_query(schema, name, list(values))
            clauses.append((Occur.Must, Query.const_score_query(among, 0.0)))
        query = Query.boolean_query(clauses)
        found = searcher.search(query, TOP, count=True)
        counted = searcher.aggregate(
            query, {name: {"terms": {"field": name, "size": _VALUES}} for name in corpus.FACETS}
        )
        # Words alone: a filter has nothing to mark, and a snippet of the exact words is what is shown.
        marked = Query.boolean_query([*words, (Occur.Should, phrase)] if phrase else words)
        cut = tantivy.SnippetGenerator.create(searcher, marked, schema, "text")
        snippets = [cut.snippet_from_doc(searcher.doc(address)).to_html() for _, address in found.hits]
        values = sum(len(counted[name]["buckets"]) for name in corpus.FACETS)
        return Page(found.count, snippets, values)
