"""What every engine does, and that the fast one answers as the slow reference."""

from __future__ import annotations

import math
import random
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.engines import merging
from indexer.engines.memory import MemoryEngine
from indexer.engines.store import WhooshWriter
from indexer.engines.whoosh import WhooshEngine
from indexer.ports import PageText
from indexer.query import parse
from indexer.units import Unit
from tests.indexer import worlds
from tests.indexer.cases import ALL

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.ports import Results
    from tests.indexer.cases import Case


def test_no_access_class_finds_nothing(case: Case) -> None:
    case.add(1, "modul pelatihan")
    assert case.ask("modul", allow=frozenset()).total_products == 0
    assert case.ask("", allow=frozenset()).facets == {}
    assert case.found("modul", allow=frozenset({"other"})) == []
    assert case.engine.pages(parse("modul"), allow=frozenset(), units=case.units, product=1) == ()


def test_an_empty_query_shows_all_that_may_be_read_newest_first(case: Case) -> None:
    case.add(1, "modul")
    case.add(2, "laporan")
    case.put(Unit(2, 2, 1, "all", (2,), 20240101, {}))
    case.put(Unit(3, 3, 1, "other", (2,), 20250101, {}))
    assert case.found("") == [2, 1]
    assert case.found("-modul") == [2]


def test_a_right_taken_away_counts_without_an_index_write(case: Case) -> None:
    case.add(1, "modul pelatihan")
    assert case.found("modul") == [1]
    case.put(Unit(1, 1, 1, "other", (1,), 20230101, {}))
    assert case.found("modul") == []
    case.units = case.units.apply({1: ()}, 9)
    assert case.found("modul", allow=frozenset({"all", "other"})) == []


def test_only_the_newest_readable_copy_counts(case: Case) -> None:
    case.add(1, "naskah lama")
    case.writer.replace_file(2, [PageText(1, "naskah baru", "id")])
    case.writer.commit()
    case.put(Unit(10, 1, 1, "all", (1,), 20220101, {}), Unit(11, 1, 2, "draft", (2,), 20230101, {}))
    both = frozenset({"all", "draft"})
    assert case.found("lama") == [1]
    assert case.found("lama", allow=both) == []
    assert [hit.unit for hit in case.ask("naskah", allow=both).hits] == [11]
    hits = case.ask("naskah", allow=both, all_versions=True).hits
    assert sorted(hit.unit for hit in hits) == [10, 11]


def test_a_file_in_two_versions_is_found_in_each_of_all_versions(case: Case) -> None:
    case.add(1, "naskah bersama")
    case.put(
        Unit(10, 1, 1, "all", (1,), 20220101, {"periode": ("b06",)}),
        Unit(11, 1, 2, "all", (1,), 20230101, {"periode": ("b12",)}),
    )
    assert [hit.unit for hit in case.ask("bersama").hits] == [11]
    found = case.ask("bersama", all_versions=True)
    assert [hit.unit for hit in found.hits] == [11, 10]
    assert found.total_pages == 2
    only = case.ask("bersama", all_versions=True, filters={"periode": frozenset({"b06"})})
    assert [hit.unit for hit in only.hits] == [10]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("modul guru", {1, 2, 3}),
        ("modul AND guru", {1}),
        ("+modul guru", {1, 2}),
        ("modul -guru", {2}),
        ('"modul guru"', {1}),
        ('"guru modul"', set()),
        ("mod*", {1, 2}),
        ("(modul OR guru) AND toleransi", {2}),
        ("guru OR modul AND toleransi", {1, 2, 3}),
        ("judul:panduan", {3}),
        ("kl:polri", {2}),
        ("kl:(polri OR bnpt)", {1, 2}),
        ("tahun:2022..2023", {2, 3}),
        ("tahun:>2022 guru", {3}),
        ("tahun:>2022 modul", set()),
        ("tanggal:2023", {1, 2, 3}),
        ("tanggal:<2023", set()),
        ("NOT NOT modul", {1, 2}),
        ("modul OR NOT guru", {1, 2}),
    ],
)
def test_what_a_query_finds(case: Case, query: str, expected: set[int]) -> None:
    case.add(1, "Modul guru agama", kl="bnpt", tahun="2021")
    case.add(2, "modul toleransi", kl="polri", tahun="2022")
    case.add(3, "untuk para guru", title="Panduan", tahun="2023")
    assert set(case.found(query)) == expected


def test_stems_follow_the_language_of_the_page(case: Case) -> None:
    case.add(1, "kami melatih pengajar")
    case.add(2, "teachers were trained", language="en")
    assert case.found("pelatihan") == [1]
    assert case.found("training") == [2]
    assert case.found("teacher") == [2]


def test_a_word_with_another_spelling_is_found_besides_all_that_the_word_finds(case: Case) -> None:
    case.add(1, "kami melatih pengajar")
    case.add(2, "pelatihn pengajar")
    case.add(3, "pelatihan pengajar")
    assert set(case.found("pelatihan")) == {1, 3}
    assert set(case.found("pelatihan~")) == {1, 2, 3}


def test_acronyms_are_not_stemmed_and_hyphens_do_not_matter(case: Case) -> None:
    case.add(1, "BNPT membuka I-KHub")
    case.add(2, "bantuan pangan BPNT")
    case.add(3, "kontra-narasi dan penceg-\nahan ekstremisme")
    assert case.found("bnpt") == [1]
    assert case.found("ikhub") == [1]
    assert case.found("i-khub") == [1]
    assert case.found("kontranarasi") == [3]
    assert case.found("kontra-narasi") == [3]


@pytest.mark.parametrize(
    "phrase",
    ["pencegahan ekstremisme", "upaya pencegahan", "upaya pencegahan ekstremisme", "berbasis kekerasan di"],
)
def test_a_phrase_is_found_over_line_ends_and_hyphens(case: Case, phrase: str) -> None:
    case.add(1, "upaya pence-\ngahan ekstremisme\nberbasis\n kekerasan di desa")
    assert case.found(f'"{phrase}"') == [1]


def test_titles_add_to_their_product_and_can_be_asked_for(case: Case) -> None:
    case.add(1, "isi tentang guru", title="Laporan akhir")
    case.add(2, "isi tentang guru", title="Panduan guru")
    assert case.found("guru") == [2, 1]
    assert case.found("laporan") == [1]
    assert case.ask("laporan").hits[0].pages == ()
    assert case.found('judul:"panduan guru"') == [2]


def test_totals_pages_and_the_rest_of_a_product(case: Case) -> None:
    case.add(1, *[f"modul {'guru ' * n}" for n in range(6)])
    case.add(2, "modul", "lain")
    results = case.ask("modul", limit=1)
    assert (results.total_products, results.total_pages) == (2, 7)
    assert case.ask("modul", offset=1, limit=1).hits != results.hits
    of_first = case.engine.pages(parse("modul"), allow=ALL, units=case.units, product=1)
    assert [page.number for page in of_first] == [1, 2, 3, 4, 5, 6]
    hit = next(hit for hit in case.ask("modul").hits if hit.product == 1)
    assert (len(hit.pages), hit.more) == (3, 3)
    assert [page.score for page in hit.pages] == sorted((page.score for page in hit.pages), reverse=True)


def test_facet_counts_are_what_the_click_gives(case: Case) -> None:
    for product, (institution, year) in enumerate(
        [("bnpt", "2021"), ("bnpt", "2022"), ("polri", "2022"), ("polri", "2023")], 1
    ):
        case.add(product, "modul", kl=institution, tahun=year)
    case.put(Unit(4, 4, 1, "all", (4,), 20230101, {"kl": ("polri", "bnpt"), "tahun": ("2023",)}))
    chosen = {"kl": frozenset({"bnpt"})}
    results = case.ask("modul", filters=chosen)
    assert results.total_products == 3
    for name, counts in results.facets.items():
        for count in counts:
            before = chosen.get(name, frozenset())
            after = {**chosen, name: frozenset({count.value}) | before}
            gained = results.total_products if name in chosen and not count.selected else 0
            assert case.ask("modul", filters=after).total_products == count.count + gained
    assert [(c.value, c.count, c.selected) for c in results.facets["kl"]] == [
        ("bnpt", 3, True),
        ("polri", 1, False),
    ]
    assert case.ask("modul", filters={"kl": frozenset({"tni"})}).facets["kl"][-1].selected


def test_stop_words_are_dropped_only_where_something_is_left(case: Case) -> None:
    case.add(1, "apa yang disebut toleransi")
    case.add(2, "yang lain")
    results = case.ask("apa itu toleransi")
    assert [hit.product for hit in results.hits] == [1]
    assert results.dropped == ("apa", "itu")
    assert case.found("yang") != []
    assert case.ask("tidak toleransi").dropped == ()


def test_texts_replaced_and_taken_out(case: Case) -> None:
    case.add(1, "naskah lama", "halaman dua")
    case.add(1, "naskah baru")
    assert case.found("lama") == []
    assert case.ask("naskah OR halaman").total_pages == 1
    case.writer.replace_file(1, [])
    case.writer.commit()
    assert case.found("naskah") == []


def test_equal_texts_are_ordered_by_date_then_number(case: Case) -> None:
    for product in (3, 1, 2):
        case.add(product, "modul pelatihan guru")
    case.put(Unit(2, 2, 1, "all", (2,), 20240101, {}))
    assert case.found("modul") == [2, 1, 3]
    assert case.found("modul", sort="date") == [2, 1, 3]


# -- the fast engine against the reference ---------------------------------------------------------


def same(fast: Results, slow: Results) -> None:
    """Assert equal answers; scores to the last bits of their sums."""
    assert fast.total_products == slow.total_products
    assert fast.total_pages == slow.total_pages
    assert fast.facets == slow.facets
    assert fast.dropped == slow.dropped
    assert fast.months == slow.months
    assert [(hit.product, hit.unit, hit.more) for hit in fast.hits] == [
        (hit.product, hit.unit, hit.more) for hit in slow.hits
    ]
    for one, other in zip(fast.hits, slow.hits, strict=True):
        assert math.isclose(one.score, other.score, rel_tol=1e-9, abs_tol=1e-12)
        assert [(page.file, page.number) for page in one.pages] == [
            (page.file, page.number) for page in other.pages
        ]


def change(rng: random.Random, world: worlds.World, write: Callable[[int, list[PageText]], None]) -> None:
    for file in rng.sample(sorted(world.files), min(3, len(world.files))):
        fresh = worlds.pages(rng) if rng.random() < 0.7 else []
        world.files[file] = fresh
        write(file, fresh)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**40))
def test_whoosh_answers_as_the_reference(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable
    folder = tmp_path_factory.mktemp("index")
    slow, writer, fast = MemoryEngine(), WhooshWriter(folder), WhooshEngine(folder, fresh=0)
    with closing(writer), closing(fast), pytest.MonkeyPatch.context() as patch:
        patch.setattr(merging, "FANOUT", 2)
        patch.setattr(merging, "MOST", 3)
        patch.setattr(merging, "SMALL", rng.choice((1, 8, 512)))
        _compared(rng, slow, writer, fast)


def _compared(rng: random.Random, slow: MemoryEngine, writer: WhooshWriter, fast: WhooshEngine) -> None:
    world = worlds.world(rng, rng.randint(1, 8))
    for target in (slow, writer):
        target.rebuild(world.files.items(), world.titles.items(), lambda _: None)
    table = world.table()
    for _ in range(rng.randint(1, 12)):
        # A merge may begin, go on, or end here; what is deleted meanwhile stays deleted.
        writer.tidy(rng.choice((0, 0.005, 60)), idle=rng.random() < 0.8)
        for _ in range(3):
            arguments = {
                "allow": worlds.allowed(rng),
                "units": table,
                "filters": worlds.filters(rng),
                "sort": rng.choice(("relevance", "relevance", "date")),
                "offset": rng.choice((0, 0, 2)),
                "limit": rng.choice((1, 3, 10)),
                "all_versions": rng.random() < 0.3,
            }
            query = worlds.asked(rng, world)
            same(fast.search(query, **arguments), slow.search(query, **arguments))
            some = {name: arguments[name] for name in ("allow", "units", "all_versions")}
            product = rng.choice(sorted(world.units))
            assert [(p.file, p.number) for p in fast.pages(query, **some, product=product)] == [
                (p.file, p.number) for p in slow.pages(query, **some, product=product)
            ]
            seen = {name: arguments[name] for name in ("allow", "units")}
            words = [worlds.misspelt(rng), rng.choice(worlds.WORDS)]
            assert fast.count([query, parse("")], **seen) == slow.count([query, parse("")], **seen)
            assert fast.spelling(words, **seen) == slow.spelling(words, **seen)
            assert fast.explain(query, product, **seen) == slow.explain(query, product, **seen)
            alike = [engine.similar(product, **seen) for engine in (fast, slow)]
            assert [(hit.product, hit.pages and hit.pages[0].number) for hit in alike[0]] == [
                (hit.product, hit.pages and hit.pages[0].number) for hit in alike[1]
            ]

        def write(file: int, pages: list[PageText]) -> None:
            slow.replace_file(file, pages)
            writer.replace_file(file, pages)

        change(rng, world, write)
        slow.commit()
        writer.commit()
