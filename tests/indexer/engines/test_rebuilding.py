"""A new index beside the old one: what a death leaves is used, what changes meanwhile is in it."""

from __future__ import annotations

import errno
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from indexer.engines import rebuilding, store
from indexer.engines.fields import terms_of
from indexer.engines.rebuilding import Given, NoRoomError
from indexer.engines.store import WhooshWriter
from indexer.engines.whoosh import WhooshEngine
from indexer.ports import IndexUnavailableError, PageText, Title
from indexer.query import parse
from indexer.running import edges
from indexer.units import Unit, UnitTable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

FILES = 12
TABLE = UnitTable.empty().apply(
    {n: [Unit(n, n, 1, "all", (n,), 20230101, {})] for n in range(1, FILES + 3)}, 1
)


class Stopped(Exception):  # noqa: N818 - not an error of ours
    pass


class Shelf(Given):
    """A source that counts what is read of it and can be changed."""

    def __init__(self) -> None:
        super().__init__(
            [(n, page(f"naskah n{n} bersama")) for n in range(1, FILES + 1)],
            [(n, [Title(n, f"judul n{n}", "id")]) for n in range(1, FILES + 1)],
        )
        self.asked: list[int] = []
        self.bytes = 0

    def pages(self, file: int) -> Sequence[PageText]:
        self.asked.append(file)
        return super().pages(file)

    def size(self) -> int:
        return self.bytes


def page(*texts: str) -> list[PageText]:
    return [PageText(number, text, "id") for number, text in enumerate(texts, 1)]


def until(stop: int, act: Callable[[], None] = lambda: None) -> Callable[[int, int], None]:
    """Return a progress function that does something at the ``stop``-th document and ends the rebuild there."""

    def tell(done: int, of: int) -> None:
        assert 0 <= done <= of == 2 * FILES
        if done == stop:
            act()
            raise Stopped

    return tell


def go_on(done: int, of: int) -> None:
    assert done <= of


def found(folder: Path, text: str) -> list[int]:
    with closing(WhooshEngine(folder)) as engine:
        hits = engine.search(parse(text), allow=frozenset({"all"}), units=TABLE, limit=50).hits
    return sorted(hit.product for hit in hits)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(rebuilding, "CHUNK", 1)
    return tmp_path / "index"


def test_a_rebuild_that_was_stopped_goes_on_and_ends_like_a_fresh_one(folder: Path, tmp_path: Path) -> None:
    shelf = Shelf()
    with closing(WhooshWriter(folder)) as writer, pytest.raises(Stopped):
        writer.renew(shelf, until(8))
    with pytest.raises(IndexUnavailableError):  # nothing of a half index is shown
        found(folder, "naskah")
    shelf.asked.clear()
    told: list[int] = []
    with closing(WhooshWriter(folder)) as writer:
        assert not writer.open()
        info = writer.renew(shelf, lambda done, _: told.append(done))
    assert told[0] >= 8  # what was built is not built again
    with closing(WhooshWriter(tmp_path / "fresh")) as fresh:
        assert fresh.renew(Shelf(), go_on).documents == info.documents == 2 * FILES
    for text in ("naskah", "bersama", *(f"n{n}" for n in range(1, FILES + 1)), "judul:judul", '"naskah n3"'):
        assert found(folder, text) == found(tmp_path / "fresh", text) != []
    assert store.describe(store.current(folder)).segments == 1
    assert not (folder / rebuilding.NEXT).exists()


def test_what_changes_meanwhile_is_in_the_new_index_and_in_the_old_one_at_once(folder: Path) -> None:
    shelf = Shelf()
    with closing(WhooshWriter(folder)) as writer:
        writer.renew(shelf, go_on)

        def change() -> None:
            shelf._files |= {1: page("naskah baru", "lampiran"), 2: [], FILES: page("baru"), 13: page("baru")}
            shelf._titles[5] = [Title(5, "judul baru", "id")]
            for file in (1, 2, FILES, 13):
                writer.replace_file(file, shelf._files[file])
            writer.replace_titles(5, shelf._titles[5])
            writer.commit()
            assert found(folder, "baru") == [1, 5, FILES, 13]

        with pytest.raises(Stopped):
            writer.renew(shelf, until(6, change))
    with closing(WhooshWriter(folder)) as writer:
        assert writer.open()
        writer.replace_file(14, page("sesudah mati"))
        shelf._files[14] = page("sesudah mati")
        writer.commit()
        writer.renew(shelf, go_on)
    assert found(folder, "baru") == [1, 5, FILES, 13]
    assert found(folder, "mati") == [14]
    assert found(folder, "n2 -judul") == []
    assert found(folder, "lampiran") == [1]


def test_what_comes_while_there_is_no_index_waits_for_the_rebuild(folder: Path) -> None:
    shelf = Shelf()
    with closing(WhooshWriter(folder)) as writer:
        assert not writer.open()
        writer.replace_file(1, page("naskah"))
        with pytest.raises(IndexUnavailableError):
            writer.commit()
        writer.leave_to_rebuild()
        writer.renew(shelf, go_on)
        writer.commit()
    assert found(folder, "n1") == [1]


def test_another_analysis_begins_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf()
    with closing(WhooshWriter(folder)) as writer, pytest.raises(Stopped):
        writer.renew(shelf, until(8))
    monkeypatch.setattr(store, "ANALYZER_VERSION", store.ANALYZER_VERSION + 1)
    told: list[int] = []
    with closing(WhooshWriter(folder)) as writer:
        writer.renew(shelf, lambda done, _: told.append(done))
    assert told[0] == 0
    assert found(folder, "naskah") == list(range(1, FILES + 1))


@pytest.mark.parametrize("kind", ["*.seg", "*.toc", "khub.json", "changes"])
def test_a_damaged_beginning_is_thrown_away(kind: str, folder: Path) -> None:
    with closing(WhooshWriter(folder)) as writer, pytest.raises(Stopped):
        writer.renew(Shelf(), until(8))
    path = next((folder / rebuilding.NEXT).glob(kind))
    if kind == "changes":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:5])
    with closing(WhooshWriter(folder)) as writer:
        writer.renew(Shelf(), go_on)
    assert found(folder, "naskah") == list(range(1, FILES + 1))


def test_without_room_nothing_is_begun_and_the_refusal_says_how_much(folder: Path) -> None:
    shelf = Shelf()
    with closing(WhooshWriter(folder)) as writer:
        writer.renew(shelf, go_on)
        shelf.asked.clear()
        shelf.bytes = 1 << 60
        with pytest.raises(NoRoomError, match="MB are free") as refused:
            writer.renew(shelf, go_on)
    assert refused.value.errno == errno.ENOSPC
    assert shelf.asked == []
    assert found(folder, "naskah") == list(range(1, FILES + 1))


def test_what_the_new_index_lacks_is_found_before_the_swap(folder: Path) -> None:
    """Pages that were changed without the writer knowing, as when a backup of the database was put back."""
    shelf = Shelf()
    with closing(WhooshWriter(folder)) as writer:
        with pytest.raises(Stopped):
            writer.renew(shelf, until(8))
        shelf._files |= {1: page("naskah n1", "halaman kedua"), 2: page("lain sama sekali")}
        del shelf._files[3], shelf._titles[4]
        info = writer.renew(shelf, go_on)
    assert info.documents == 2 * FILES - 1
    assert found(folder, "kedua") == [1]
    assert found(folder, "lain") == [2]
    assert found(folder, "n3 -judul:judul") == []


def test_what_changes_while_it_is_verified_is_no_fault_of_the_index(folder: Path) -> None:
    """An upload or a report that is edited just then: its change is on its way to the index."""

    class Edited(Shelf):
        def pages(self, file: int) -> Sequence[PageText]:
            if file == 3:
                self._files[3] = page(f"suntingan x{self.asked.count(3)}")
            return super().pages(file)

    shelf = Edited()
    with closing(WhooshWriter(folder)) as writer:
        assert writer.renew(shelf, go_on).documents == 2 * FILES
        writer.replace_file(3, page("suntingan akhir"))
        writer.commit()
    assert shelf.asked.count(3) > 2
    assert found(folder, "suntingan akhir") == found(folder, "suntingan") == [3]


def test_an_index_that_does_not_hold_what_was_read_is_not_swapped_in(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf()
    with closing(WhooshWriter(folder)) as writer:
        writer.renew(shelf, go_on)
        shelf._files[1] = page("lain sama sekali")
        monkeypatch.setattr(rebuilding, "terms_of", lambda text, *rest: terms_of(f"{text} hilang", *rest))
        with pytest.raises(IndexUnavailableError, match="verification"):
            writer.renew(shelf, go_on)
    assert found(folder, "lain") == []
    assert found(folder, "naskah") == list(range(1, FILES + 1))


def test_a_segment_holds_what_the_analysis_gives(folder: Path) -> None:
    text = (
        "an, Peraturan Presiden Nomor 7 Tahun 2021, Pilar II; alat-alat I-KHub 1.250,75 kontra-\nnarasi BNPT "
        * 3
        + "pelatihan pelatih-"  # goes on on the next page
    )
    pages = [PageText(number, text, language) for number, language in ((1, "id"), (2, "en"), (3, "id"))]
    with closing(WhooshWriter(folder)) as writer:
        writer.open()
        writer.rebuild([(1, pages)], (), lambda _: None)
    with closing(WhooshEngine(folder)) as engine:
        corpus = engine.corpus()
        of_pages = edges([(page.number, page.text) for page in pages])
        for doc, (page, edge) in enumerate(zip(pages, of_pages, strict=True)):
            wanted = corpus.pages == doc + 1
            terms = terms_of(page.text, page.language, edge)
            assert len(terms.words["pelatihan"]) == (1 if doc == 2 else 2)
            for field, expected in (("t", terms.words), ("j", terms.joined)):
                for term, places in expected.items():
                    held = corpus.keys(field, term, wanted) - doc * rebuilding.STRIDE
                    assert held.tolist() == sorted(places), term
            for stem, count in terms.stems.items():
                postings = corpus.postings("s", stem)
                assert dict(zip(postings.docs.tolist(), postings.counts.tolist(), strict=True))[doc] == count
            assert corpus.lengths[doc] == terms.length
