"""An index that is missing, of another version or damaged is told as such and takes a rebuild."""

from __future__ import annotations

import random
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pytest

from indexer.analysis import stem_term
from indexer.engines import merging, store
from indexer.engines.cache import ByteCache
from indexer.engines.corpus import Corpus
from indexer.engines.store import WhooshWriter
from indexer.engines.whoosh import WhooshEngine
from indexer.ports import IndexUnavailableError, Title
from tests.indexer.engines.shelf import ask, fill, found, settle, texts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_no_index_is_told_as_missing(tmp_path: Path) -> None:
    with closing(WhooshEngine(tmp_path / "none")) as engine:
        with pytest.raises(IndexUnavailableError) as caught:
            ask(engine, "naskah")
        assert caught.value.reason == "missing"
    with closing(WhooshWriter(tmp_path / "none")) as writer:
        assert not writer.open()
        writer.replace_file(1, texts("naskah"))
        with pytest.raises(IndexUnavailableError):
            writer.commit()


def test_an_index_of_other_terms_is_told_as_another_version(
    folder: Path, writer: WhooshWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "ANALYZER_VERSION", store.ANALYZER_VERSION + 1)
    with closing(WhooshEngine(folder)) as engine:
        with pytest.raises(IndexUnavailableError) as caught:
            ask(engine, "naskah")
        assert caught.value.reason == "version"
        assert not writer.open()
        writer.rebuild([(1, texts("naskah"))], (), lambda _: None)
        assert found(engine, "naskah") == [1]


def damage(path: Path, rng: random.Random) -> None:
    data = bytearray(path.read_bytes())
    if rng.random() < 0.3:
        data = data[: rng.randrange(len(data))]
    else:
        for _ in range(rng.choice((1, 3, 30))):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    path.write_bytes(data)


@pytest.mark.parametrize("kind", ["*.seg", "*.toc", "khub.json", "../current"])
def test_damaged_files_are_told_as_such(kind: str, folder: Path, writer: WhooshWriter) -> None:
    rng = random.Random(7)  # noqa: S311 - repeatable
    for number in range(1, 41):
        words = " ".join(
            f"{rng.choice(('modul', 'guru', 'pesantren'))} kata{n}" for n in range(rng.randint(1, 30))
        )
        writer.replace_file(number, texts(words, "halaman-dua modul"))
        writer.replace_titles(number, [Title(number, "judul guru", "id")])
    writer.commit()
    path = next(store.current(folder).glob(kind))
    whole = path.read_bytes()
    for _ in range(150):
        damage(path, rng)
        with closing(WhooshEngine(folder)) as engine:
            for text in ("modul guru", '"halaman dua modul"', "kat* -guru", "judul:guru", ""):
                _told(lambda engine=engine, text=text: ask(engine, text))
        _told(lambda: store.describe(store.current(folder)))
        path.write_bytes(whole)


def _told(act: Callable[[], object]) -> None:
    try:
        act()
    except IndexUnavailableError as error:
        reason = error.reason
    else:
        return
    assert reason in ("missing", "version", "damaged")


def test_no_damaged_postings_are_taken_for_whole_ones(folder: Path, writer: WhooshWriter) -> None:
    rng = random.Random(11)  # noqa: S311 - repeatable
    for number in range(1, 41):
        words = rng.choices(("modul", "guru", "pesantren", "kontra-narasi", f"kata{number}"), k=60)
        writer.replace_file(number, texts(" ".join(words), "halaman dua modul"))
    writer.commit()
    settle(writer)
    generation = store.current(folder)
    terms = [
        (field, word) for word in ("modul", "guru", "pesantren", "narasi", "dua") for field in ("t", "s")
    ]
    whole = postings_of(generation, terms)
    damaged = 0
    for path in generation.glob("*.seg"):
        data = path.read_bytes()
        for _ in range(400):
            at = rng.randrange(len(data))
            path.write_bytes(data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :])
            try:
                kept = postings_of(generation, terms)
            except IndexUnavailableError:
                damaged += 1
                continue
            # A damaged dictionary may lack a term; what it has is right.
            assert all(found in ((), whole[term]) for term, found in kept.items())
        path.write_bytes(data)
    assert damaged


def postings_of(folder: Path, terms: list[tuple[str, str]]) -> dict[tuple[str, str], tuple[object, ...]]:
    """Return (documents, counts, places) of each term, nothing for a term that is not there."""
    with closing(Corpus(folder, ByteCache(0))) as corpus:
        everything = np.ones(corpus.size, dtype=np.bool_)
        found: dict[tuple[str, str], tuple[object, ...]] = {}
        for field, word in terms:
            term = word if field == "t" else stem_term(word, "id")
            postings = corpus.postings(field, term)
            places = corpus.keys(field, term, everything).tolist() if field == "t" else []
            facts = postings.docs.tolist(), postings.counts.tolist(), places
            found[field, word] = facts if len(postings.docs) else ()
        return found


def test_a_damaged_index_refuses_a_commit_and_takes_a_rebuild(folder: Path, writer: WhooshWriter) -> None:
    rng = random.Random(3)  # noqa: S311 - repeatable
    for _ in range(25):
        writer.rebuild([(1, texts("naskah lama"))], (), lambda _: None)
        fill(writer, range(2, 2 + merging.FANOUT))
        damage(rng.choice(list(store.current(folder).glob("*.*"))), rng)
        _told(lambda: settle(writer))
        writer.replace_file(1, texts("naskah baru"))
        _told(writer.commit)
        writer.rebuild([(1, texts("naskah utuh"))], (), lambda _: None)
        with closing(WhooshEngine(folder)) as engine:
            assert found(engine, "utuh") == [1]
