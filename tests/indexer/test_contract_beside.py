"""What every engine does beside ranking words: kinds of query, and answers that are no hits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.ports import Explanation, Form, PageText
from indexer.query import parse, widen
from indexer.units import Unit
from tests.indexer.cases import ALL

if TYPE_CHECKING:
    from tests.indexer.cases import Case

SAME = {
    ("murid",): (("siswa",),),
    ("siswa",): (("murid",),),
    ("badan", "nasional"): (("bnpt",),),
    ("bnpt",): (("badan", "nasional"),),
}


def pages_of(case: Case, text: str, product: int) -> list[int]:
    found = case.engine.pages(parse(text), allow=ALL, units=case.units, product=product)
    return [page.number for page in found]


def test_a_phrase_over_a_page_break_is_found_where_it_begins(case: Case) -> None:
    case.add(1, "awal modul", "guru agama", "di desa modul")
    case.add(2, "guru agama")
    assert pages_of(case, '"modul guru"', 1) == [1]
    assert pages_of(case, '"modul guru agama"', 1) == [1]
    assert pages_of(case, '"guru agama di"', 1) == [2]
    assert case.found('"modul guru"') == [1]
    assert pages_of(case, '"modul guru agama di"', 1) == []  # ends on the page after the next


@pytest.mark.parametrize(
    ("head", "foot"), [("", "\n{}"), ("- {} -\n", ""), ("Buku {}\n", "\nhlm. {} dari 9")]
)
def test_a_phrase_goes_over_the_lines_that_run_between_two_pages(case: Case, head: str, foot: str) -> None:
    texts = ("awal modul", "guru agama", "di desa modul")
    case.add(1, *(head.format(n) + text + foot.format(n) for n, text in enumerate(texts, 1)))
    assert pages_of(case, '"modul guru agama"', 1) == [1]
    assert pages_of(case, '"guru desa"~2', 1) == [2]
    assert pages_of(case, '"modul guru agama di"', 1) == []
    for running in ("1", "buku 2", "9"):  # they are words of their page, and end there
        assert pages_of(case, f'"modul {running} guru"', 1) == []
    assert bool(case.found('"modul 1"')) == (foot == "\n{}")
    assert bool(case.found('"hlm 2"')) == ("hlm" in foot)


@pytest.mark.parametrize("asked", ["37/2019", "Perpres 37/2019", "nomor 37 tahun 2019", "no. 37 thn 2019"])
@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ("diatur dalam Nomor 37", "Tahun 2019 tentang", [1]),
        ("diatur dalam Nomor 37/", "2019 tentang", [1]),
        ("diatur dalam Nomor 37 Tahun", "2019 tentang", [1]),
        ("diatur dalam Nomor 37\n- 4 -", "Tahun 2019 tentang\n- 5 -", [1]),
        ("diatur dalam Nomor 37", "orang pada Tahun 2019", []),
        ("diatur dalam Nomor 37\nlihat", "Tahun 2019 tentang", []),
    ],
)
def test_a_number_parted_from_its_year_by_the_end_of_a_page_is_found(
    case: Case, asked: str, first: str, second: str, found: list[int]
) -> None:
    case.add(1, first, second)
    assert pages_of(case, asked, 1) == found


def test_a_word_with_a_hyphen_may_be_parted_by_the_end_of_a_page(case: Case) -> None:
    case.add(1, "sebuah kontra-", "narasi daring")
    assert pages_of(case, "kontra-narasi", 1) == [1]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("perlindungan", [1]),
        ("pelindungan", [1]),  # by its stem
        ("perlind*", [1]),
        ("perlindungna~", [1]),
        ('"tentang perlindungan"', [1]),
        ('"upaya tentang perlindungan"', [1]),
        ('"perlindungan anak"', [1]),
        ('"upaya tentang perlindungan anak di"', [1]),
        ('"perlindungan di"~1', [1]),
        ('"upaya perlindungan di"~2', [1]),
        ('"upaya perlindungan di"~1', []),
        ('"perlindungan di"', []),
        ('"tentang anak"', []),
        ('"perlin anak"', []),
        ('"perlin dungan"', [1]),
        ("perlin", [1]),
        ("dungan", [2]),
        ('"perlindungan anak di desa lain"', []),  # ends on the page after the next
    ],
)
@pytest.mark.parametrize(
    ("head", "foot"),
    [("", ""), ("", "\n{}"), ("- {} -\n", ""), ("Buku {}\n", "\nhlm. {} dari 9"), ("", "\ndungan ...")],
)
def test_a_word_cut_by_the_end_of_a_page_is_a_word_of_the_page_where_it_begins(
    case: Case, head: str, foot: str, asked: str, found: list[int]
) -> None:
    texts = ("kami upaya tentang perlin-", "dungan anak di desa", "lain sekali")
    pages = [head.format(n) + text for n, text in enumerate(texts, 1)]
    said = 1 if "..." in foot else 2  # the next page's first words are said once
    case.add(1, *(page + (foot.format(n) if n <= said else "") for n, page in enumerate(pages, 1)))
    if foot == "\ndungan ..." and asked == "dungan":
        found = [1, 2]
    assert pages_of(case, asked, 1) == found


def test_a_cut_word_counts_once_and_stays_in_step_with_its_file(case: Case) -> None:
    case.add(1, "tentang perlin-", "dungan anak")
    case.add(2, "tentang perlindungan", "anak")
    for asked in ("perlindungan", '"tentang perlindungan"', '"perlindungan anak"'):
        one, other = case.ask(asked).hits
        assert {one.product, other.product} == {1, 2}
    reasons = case.engine.explain(parse("pelindungan"), 1, allow=ALL, units=case.units).reasons
    assert [(form.text, form.cause, form.pages) for form in reasons[0].forms] == [("perlindungan", "stem", 1)]
    case.add(1, "tentang perlin-", "Dungan anak")
    assert case.found("perlindungan") == [2]
    case.add(1, "tentang perlin-")
    assert case.found("perlindungan") == [2]
    case.add(1, "tentang perlin-", "dungan anak", "perlin-", "dungan")
    assert pages_of(case, "perlindungan", 1) == [1, 3]
    case.writer.replace_file(1, [])
    case.writer.commit()
    assert case.found("perlindungan") == [2]


@pytest.mark.parametrize(
    ("first", "second", "asked", "found"),
    [
        ("seekor anak-", "anak di desa", "anak-anak", [1]),
        ("seekor anak-", "anak di desa", '"seekor anak-anak di"', [1]),
        ("TENTANG PERLIN-", "DUNGAN ANAK", '"tentang perlindungan anak"', [1]),
        ("negara non-", "Asia lain", "nonasia", []),
        ("negara non-", "Asia lain", '"negara non asia"', [1]),
        ("lembaga non-", "pemerintah lain", "nonpemerintah", [1]),
        ("dari 2020-", "an lain", "2020an", []),
        ("kata -", "dungan", "katadungan", []),
        ("perlin-", "dungan-nya", "perlindungan", [1]),
    ],
)
def test_what_a_hyphen_at_the_end_of_a_page_joins(
    case: Case, first: str, second: str, asked: str, found: list[int]
) -> None:
    case.add(1, first, second)
    assert pages_of(case, asked, 1) == found


def test_cut_words_make_products_alike(case: Case) -> None:
    texts = ("narapidana deradikali-", "sasi lapas")
    case.add(1, *texts)
    case.add(2, "narapidana lain", "tentang deradikalisasi")
    case.add(3, "panen padi")
    alike = case.engine.similar(1, allow=ALL, units=case.units)
    assert [(hit.product, {page.number for page in hit.pages}) for hit in alike] == [(2, {1, 2})]


def test_no_phrase_over_a_page_that_lacks_or_another_file(case: Case) -> None:
    case.writer.replace_file(1, [PageText(1, "awal modul", "id"), PageText(3, "guru", "id")])
    case.writer.replace_file(2, [PageText(1, "guru agama", "id"), PageText(2, "modul", "id")])
    case.writer.replace_file(3, [PageText(3, "guru", "id")])
    case.writer.commit()
    case.put(Unit(1, 1, 1, "all", (1, 2, 3), 20230101, {}))
    assert case.found('"modul guru"') == []
    assert case.found('"agama modul"') == [1]
    assert case.found('"modul guru"~5') == []
    case.writer.replace_file(1, [PageText(1, "awal modul", "id"), PageText(2, "guru", "id")])
    case.writer.commit()
    assert case.found('"modul guru"') == [1]


@pytest.mark.parametrize(
    ("phrase", "found"),
    [('"modul agama"', 0), ('"modul agama"~1', 1), ('"modul desa"~1', 0), ('"modul guru desa"~1', 1)],
)
def test_so_many_words_may_stand_between_in_all(case: Case, phrase: str, found: int) -> None:
    case.add(1, "modul guru agama desa")
    assert len(case.found(phrase)) == found
    assert case.found('"agama modul"~9') == []


def test_words_nearly_spelt_so(case: Case) -> None:
    case.add(1, "pelatihan guru")
    case.add(2, "pelatihna guru")
    case.add(3, "pelayanan guru")
    assert case.found("pelatihan~") == [1, 2]
    assert case.found("pelatihan~2 -guru") == []
    assert case.found("plathan~2") == [1]
    assert case.found("plathan~1") == []


def test_what_means_the_same_is_found_after_what_was_asked(case: Case) -> None:
    case.add(1, "siswa anak dan ibu")
    case.add(2, "murid anak dan ibu")
    case.add(3, "kantor BNPT")

    def found(text: str) -> list[int]:
        query = widen(parse(text), SAME)
        return [hit.product for hit in case.engine.search(query, allow=ALL, units=case.units).hits]

    assert found("murid") == [2, 1]
    assert found("siswa") == [1, 2]
    assert found('"badan nasional"') == [3]
    assert found("badan nasional") == [3]
    assert found("-murid anak") == [1]
    assert set(found("siswa AND anak")) == {1, 2}


def test_counts_and_months(case: Case) -> None:
    for product, date in ((1, 20230105), (2, 20230120), (3, 20230301)):
        case.add(product, "modul", kl="bnpt" if product < 3 else "polri")
        case.put(
            Unit(product, product, 1, "all", (product,), date, {"kl": ("bnpt" if product < 3 else "polri",)})
        )
    chosen = {"kl": frozenset({"bnpt"})}
    assert case.ask("modul").months == ((202301, 2), (202303, 1))
    assert case.ask("modul", filters=chosen).months == ((202301, 2),)
    queries = [parse(text) for text in ("modul", "kl:polri", "lain", "")]
    assert case.engine.count(queries, allow=ALL, units=case.units) == (3, 1, 0, 3)
    assert case.engine.count(queries, allow=ALL, units=case.units, filters=chosen) == (2, 0, 0, 2)
    assert case.engine.count(queries, allow=frozenset(), units=case.units) == (0, 0, 0, 0)


def test_spelling_offers_words_that_the_asker_may_see(case: Case) -> None:
    case.add(1, "terorisme dan BNPT", "terorisme")
    case.writer.replace_file(9, [PageText(1, "terorisma bnpp", "id")])
    case.writer.commit()
    case.put(Unit(9, 9, 1, "other", (9,), 20230101, {}))

    def offered(*words: str, allow: frozenset[str] = ALL) -> dict[str, tuple[tuple[str, int], ...]]:
        return dict(case.engine.spelling(words, allow=allow, units=case.units))

    assert offered("Terorsime", "bntp", "terorisme", "dan", "7/2021") == {
        "Terorsime": (("terorisme", 2),),
        "bntp": (("bnpt", 1),),
    }
    assert offered("terorisma") == {"terorisma": (("terorisme", 2),)}
    assert offered("terorisma", allow=ALL | {"other"}) == {}
    assert offered("bntp", allow=frozenset()) == {}


def test_similar_products_share_the_weighty_words(case: Case) -> None:
    case.add(1, "modul toleransi pesantren santri toleransi pesantren santri")
    case.add(2, "laporan keuangan triwulan anggaran laporan keuangan")
    case.add(3, "santri di pesantren belajar toleransi")
    case.add(4, "anggaran belanja dan keuangan")

    def alike(product: int, **more: object) -> list[int]:
        found = case.engine.similar(product, **{"allow": ALL, "units": case.units, **more})
        return [hit.product for hit in found]

    assert alike(1) == [3]
    assert alike(2) == [4]
    assert alike(2, limit=0) == []
    assert alike(77) == []
    assert alike(1, allow=frozenset()) == []


def test_a_synonym_of_one_stem_is_told_where_its_page_is_in_another_language(case: Case) -> None:
    case.add(1, "pelindungan saksi", language="en")
    case.add(2, "pelindungan saksi")
    query = widen(parse("perlindungan"), {("perlindungan",): (("pelindungan",),)})
    causes = []
    for product in (1, 2):
        (reason,) = case.engine.explain(query, product, allow=ALL, units=case.units).reasons
        causes.append([(form.text, form.cause) for form in reason.forms])
    assert causes == [[("pelindungan", "synonym")], [("pelindungan", "stem")]]


def test_why_a_product_is_found(case: Case) -> None:
    case.add(1, "pelatihan guru, melatih guru", "kontra narasi", "siswa", title="Pelatihan")
    case.add(2, "pelatih guru murid")
    query = widen(parse("pelatihan gura~ sis* murid hilang"), SAME)
    told = case.engine.explain(query, 1, allow=ALL, units=case.units)
    by = {reason.asked: reason for reason in told.reasons}
    assert by["pelatihan"].forms == (
        Form("melatih", "stem", 1, in_title=False),
        Form("pelatihan", "form", 1, in_title=True),
    )
    assert by["gura~1"].forms == (Form("guru", "fuzzy", 1, in_title=False),)
    assert by["sis*"].forms == (Form("siswa", "prefix", 1, in_title=False),)
    assert by["murid"].forms == (Form("siswa", "synonym", 1, in_title=False),)
    assert (by["hilang"].forms, by["hilang"].pages, by["hilang"].share) == ((), 0, 0)
    assert sum(reason.share for reason in told.reasons) + told.near == 100
    assert case.engine.explain(query, 77, allow=ALL, units=case.units) == Explanation()
    assert case.engine.explain(query, 1, allow=frozenset(), units=case.units) == Explanation()
