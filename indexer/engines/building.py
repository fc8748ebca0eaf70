"""New segments, built from whole arrays: a Python step for each run of letters, none for each posting.

Whoosh's own writer pickles and sorts postings one by one, 5 ms for a page of 400 words; here it is a
fifth. The files are Whoosh's, written as ``merging`` writes them.
"""

from __future__ import annotations

import shutil
from array import array
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
from whoosh.reading import SegmentReader

from indexer import running
from indexer.analysis import JOINED, pieces, stem_token
from indexer.engines import disk
from indexer.engines.codec import BLOCK, MANY, TermCodec, blocks_of
from indexer.engines.fields import ALONE, CUT, MAX_POSITION
from indexer.engines.gist import gist, packed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from indexer.analysis import Token
    from indexer.ports import PageText, Title
    from indexer.running import Edge

    Ints = NDArray[np.int64]

#: Bytes of one position.
_PLACE = 2
#: Room for positions in a number that holds document and position.
_ROOM = 1 << 32


class _Terms:
    """The terms of one field, numbered, and what each distinct run of letters gives of them."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self._terms, self._begins, self._ends = array("q"), array("q"), array("q")
        self._counts = array("q")
        self._apart: list[tuple[int, int, int]] = []

    def learn(self, found: Iterable[tuple[str, int, int]]) -> None:
        """Keep (term, where it stands, where it ends) of the next run, counted from the run's place."""
        before = len(self._terms)
        for term, begin, end in found:
            self._terms.append(self.numbers.setdefault(term, len(self.numbers)))
            self._begins.append(begin)
            self._ends.append(end)
        self._counts.append(len(self._terms) - before)

    def add(self, term: str, doc: int, place: int) -> None:
        """Keep a term that no run gives."""
        self._apart.append((self.numbers.setdefault(term, len(self.numbers)), doc, place))

    def spread(self, runs: Ints, docs: Ints, places: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        """Return (term, document, where it stands, where it ends) of all that runs at these places give."""
        counts = _ints(self._counts)
        often = counts[runs]
        ends = np.cumsum(often)
        at = np.arange(int(often.sum())) - np.repeat(ends - often, often)
        at += np.repeat((np.cumsum(counts) - counts)[runs], often)
        here = np.repeat(places, often)
        return self._with_apart(
            _ints(self._terms)[at],
            np.repeat(docs, often),
            here + _ints(self._begins)[at],
            here + _ints(self._ends)[at],
        )

    def _with_apart(self, terms: Ints, docs: Ints, begins: Ints, ends: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        if not self._apart:
            return terms, docs, begins, ends
        more = np.array(self._apart, dtype=np.int64).T
        at = np.searchsorted(docs * _ROOM + begins, more[1] * _ROOM + more[2], side="right")
        return (
            np.insert(terms, at, more[0]),
            np.insert(docs, at, more[1]),
            np.insert(begins, at, more[2]),
            np.insert(ends, at, more[2]),
        )


class _Texts:
    """Texts of one kind, pages or titles: which runs stand where in which document."""

    def __init__(self) -> None:
        self.words, self.joined, self.stems = _Terms(), _Terms(), _Terms()
        self._known: dict[tuple[int, str], tuple[Sequence[Token], int, list[str], int]] = {}
        self._learned: list[Sequence[Token]] = []
        self._runs, self._places = array("q"), array("q")
        self._docs, self._often = array("q"), array("q")

    def __len__(self) -> int:
        return len(self._runs)

    def add(self, doc: int, text: str, language: str, edge: Edge) -> tuple[Counter[str], int]:
        """Add a text; return its stems, one of each word, and how many positions it takes."""
        known, runs, places = self._known, self._runs, self._places
        stems: list[str] = []
        length, before = 1, len(runs)
        for _, position, tokens in pieces(text):
            # The same run gives the same tuple, so identity finds it; being kept here, no other tuple
            # can come to lie where it lies.
            found = known.get((id(tokens), language))
            if found is None:
                found = known[id(tokens), language] = self._learn(tokens, language)
            runs.append(found[1])
            places.append(position)
            stems += found[2]
            length = max(length, position + found[3])
        place = edge.cut_at(length)
        if edge.cut is not None and place >= 0:
            stems.append(self._add_cut(doc, edge.cut, place, language, before))
        self._docs.append(doc)
        self._often.append(len(runs) - before)
        return Counter(stems), length

    def _add_cut(self, doc: int, word: Token, place: int, language: str, before: int) -> str:
        """Add the word that goes on on the next page; return its stem. ``before``: runs of earlier documents."""
        stem = stem_token(word, language)
        self.stems.add(stem, doc, place)
        if place <= MAX_POSITION:
            # The page's own lines may say the whole word there, as those do that say the next words beforehand.
            if not any(
                token.term == word.term and at + token.position == place
                for run, at in zip(self._runs[before:], self._places[before:], strict=True)
                for token in self._learned[run]
            ):
                self.words.add(word.term, doc, place)
            self.joined.add(word.term, doc, CUT)
        return stem

    def _learn(self, tokens: Sequence[Token], language: str) -> tuple[Sequence[Token], int, list[str], int]:
        number = len(self._learned)
        self._learned.append(tokens)
        stems = [stem_token(token, language) for token in tokens if token.places == 1]
        spans = [(token.term, token.position, token.position + token.places - 1) for token in tokens]
        self.words.learn(spans)
        self.joined.learn(
            (term, end, end)
            for (term, _, end), token in zip(spans, tokens, strict=True)
            if token.places == JOINED
        )
        self.stems.learn((stem, 0, 0) for stem in stems)
        return tokens, number, stems, 1 + max(end for _, _, end in spans)

    def write(self, writer: Any, fields: Sequence[tuple[str, Any, _Terms]]) -> None:
        """Write the fields, in order of their names."""
        runs, places = _ints(self._runs), _ints(self._places)
        docs = np.repeat(_ints(self._docs), _ints(self._often))
        for name, kind, terms in fields:
            numbers, of, begins, ends = terms.spread(runs, docs, places)
            if terms is not self.stems:
                kept = ends <= MAX_POSITION
                numbers, of, begins = numbers[kept], of[kept], begins[kept]
            _write_field(writer, name, kind, terms.numbers, numbers, of, begins)


class Builder:
    """Documents that become one segment in ``folder``."""

    def __init__(self, folder: Path, schema: Any) -> None:
        self.folder = folder
        self._schema = schema
        self._pages, self._titles = _Texts(), _Texts()
        self._refs: list[str] = []
        self._columns: list[dict[str, Any]] = []

    @property
    def documents(self) -> int:
        """Return how many documents there are."""
        return len(self._refs)

    @property
    def size(self) -> int:
        """Return how many runs of letters there are, the measure of memory."""
        return len(self._pages) + len(self._titles)

    def add_pages(self, file: int, pages: Sequence[PageText]) -> None:
        """Add the pages of a file."""
        edges = running.edges([(page.number, page.text) for page in pages])
        for page, edge in zip(pages, edges, strict=True):
            columns = {"owner": file, "page": page.number, "head": edge.head, "foot": edge.foot}
            self._add(f"f{file}", self._pages, page, edge, **columns)

    def add_titles(self, product: int, titles: Sequence[Title]) -> None:
        """Add the titles of a product's units."""
        for title in titles:
            self._add(f"p{product}", self._titles, title, ALONE, owner=title.unit)

    def _add(self, ref: str, texts: _Texts, given: PageText | Title, edge: Edge, **columns: Any) -> None:
        stems, length = texts.add(self.documents, given.text, given.language, edge)
        self._refs.append(ref)
        self._columns.append({**columns, "length": length, "gist": packed(gist(stems))})

    def write(self) -> Any:
        """Write the segment, synced, and return it; what was written of one that fails is removed."""
        storage = disk.SyncedStorage(self.folder)
        segment = TermCodec().new_segment(storage, disk.NAME)
        try:
            self._write_columns(TermCodec().per_document_writer(storage, segment))
            segment.set_doc_count(self.documents)
            self._write_terms(TermCodec().field_writer(storage, segment))
            segment.create_compound_file(storage)
            disk.sync(self.folder / segment.make_filename(segment.COMPOUND_EXT))
        except BaseException:
            storage.abandon()
            for path in self.folder.glob(f"{segment.segment_id()}.*"):
                with suppress(OSError):
                    path.unlink()
            raise
        finally:
            # Whoosh writes rows of columns there first, and leaves the folder.
            shutil.rmtree(self.folder / f"{disk.NAME}.tmp", ignore_errors=True)
        return segment

    def _write_columns(self, writer: Any) -> None:
        for number, columns in enumerate(self._columns):
            writer.start_doc(number)
            for name, value in columns.items():
                writer.add_column_value(name, self._schema[name].column_type, value)
            writer.finish_doc()
        writer.close()

    def _write_terms(self, writer: Any) -> None:
        pages, titles, schema = self._pages, self._titles, self._schema
        pages.write(writer, [("j", schema["j"], pages.joined)])
        refs: dict[str, int] = {}
        numbers = np.array([refs.setdefault(ref, len(refs)) for ref in self._refs], dtype=np.int64)
        _write_field(writer, "ref", schema["ref"], refs, numbers, np.arange(len(numbers)), None)
        pages.write(writer, [("s", schema["s"], pages.stems), ("t", schema["t"], pages.words)])
        titles.write(
            writer,
            [
                ("tj", schema["tj"], titles.joined),
                ("ts", schema["ts"], titles.stems),
                ("tt", schema["tt"], titles.words),
            ],
        )
        writer.close()


def apply(folder: Path, builder: Builder, contents: Any, gone: Iterable[str]) -> None:
    """Commit what ``builder`` holds, and that documents of the refs ``gone`` are deleted."""
    storage = disk.SyncedStorage(folder)
    try:
        with disk.damage(storage):
            _delete(storage, contents, list(gone))
        segments = [segment for segment in contents.segments if segment.doc_count()]
        if builder.documents:
            segments.append(builder.write())
        disk.put_in_force(storage, contents, segments)
    except BaseException:
        storage.abandon()
        raise


def refs_of(folder: Path) -> set[str]:
    """Return the refs of all that a generation holds or has held."""
    _, readers = disk.open_segments(folder)
    try:
        with disk.damage():
            return {
                term.decode()
                for reader in readers
                if "ref" in reader.schema
                for term in reader.lexicon("ref")
            }
    finally:
        for reader in readers:
            reader.close()


def _delete(storage: disk.SyncedStorage, contents: Any, refs: list[str]) -> None:
    for segment in contents.segments if refs else ():
        reader = SegmentReader(storage, contents.schema, segment)
        try:
            for ref in refs:
                for doc in _docs_of(reader, ref.encode()):
                    segment.delete_document(doc)
        finally:
            reader.close()


def _docs_of(reader: SegmentReader, ref: bytes) -> list[int]:
    terms = reader._terms  # noqa: SLF001 - Whoosh's own way goes document by document
    info = terms._tindex.get(terms._keycoder("ref", ref)) if "ref" in terms._fieldmap else None  # noqa: SLF001
    if info is None:
        return []
    found: list[int] = []
    for docs, _, _ in blocks_of(terms._postfile, info):  # noqa: SLF001
        found += docs.tolist()
    return found


def _write_field(
    writer: Any, name: str, kind: Any, numbers: dict[str, int], terms: Ints, docs: Ints, places: Ints | None
) -> None:
    """Write a field: ``terms`` by number in documents that ascend, at ``places`` if the field keeps them."""
    if not len(terms):
        return
    ordered = sorted(numbers)
    rank = np.empty(len(ordered), dtype=np.int64)
    rank[[numbers[term] for term in ordered]] = np.arange(len(ordered))
    ranks = rank[terms]
    order = np.argsort(ranks, kind="stable")
    ranks, docs = ranks[order], docs[order]
    first = np.flatnonzero(np.r_[True, (ranks[1:] != ranks[:-1]) | (docs[1:] != docs[:-1])])
    counts = np.minimum(np.diff(np.r_[first, len(ranks)]), MANY)
    kept = b"" if places is None or not kind.format.posting_size else places[order].astype("<u2").tobytes()
    edges = (_PLACE * np.r_[first, len(ranks)]).tolist() if kept else [0] * (len(first) + 1)
    docs, ranks = docs[first], ranks[first]
    begins = np.flatnonzero(np.r_[True, ranks[1:] != ranks[:-1]])
    held = ranks[begins].tolist()
    bounds = [*begins.tolist(), len(docs)]
    steps = docs.astype("<u4")
    steps[1:] -= docs[:-1].astype("<u4")
    steps[begins] = docs[begins]
    totals, most = np.add.reduceat(counts, begins).tolist(), np.maximum.reduceat(counts, begins).tolist()
    numbers_of, steps_of, counts_of = docs.tolist(), steps.tobytes(), counts.astype("<u2").tobytes()
    writer.start_field(name, kind)
    for at, place in enumerate(held):
        begin, end = bounds[at], bounds[at + 1]
        term, here = ordered[place].encode(), kept[edges[begin] : edges[end]]
        if end - begin > BLOCK:
            writer.add_term(term, docs[begin:end], counts_of[2 * begin : 2 * end], here)
            continue
        about = numbers_of[begin], numbers_of[end - 1], end - begin, totals[at], most[at]
        writer.add_block(term, about, (steps_of[4 * begin : 4 * end], counts_of[2 * begin : 2 * end], here))
    writer.finish_field()


def _ints(values: array[int]) -> Ints:
    return np.array(values, dtype=np.int64)
