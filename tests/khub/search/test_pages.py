"""The page of results over HTTP: counts that clicks keep, advice, what could not be searched, the hit page."""

from __future__ import annotations

import html
import io
import random
import re
import urllib.parse

import pytest
import sqlalchemy as sa

from khub.plan.models import Institution, InstitutionAlias
from khub.policy import Grant, Role
from khub.products import ids
from khub.products.models import File, Kind
from khub.products.uploads import Place
from khub.search.indexing import Rebuild
from tests.browser.papers import paper
from tests.khub.conftest import PERIOD, PLAN

_WORDS = ("pelatihan", "guru", "modul", "toleransi", "saksi", "dosen")
_BOX = re.compile(
    r'<input type="checkbox" name="([a-z]+)" value="([^"]+)"( checked)?> <span[^>]*>.*?</span> '
    r'<span class="n">(\+?)([0-9.]+)</span>'
)


@pytest.fixture
def library(office, sandbox):
    """Keluaran of two K/L in several kinds and classifications, one a scan without text."""
    rng = random.Random(11)  # noqa: S311 - the same library each time
    for number in range(7):
        login = ("budi", "tia")[number % 2]
        content = f"{' '.join(rng.choices(_WORDS, k=12))} laporan{number}\n".encode()
        action = ("1.1.01", "1.1.02", "2.1.01")[number % 3]
        public_id = office.draft(login, f"Dokumen {number}", content=content, action=action)
        office.say(
            login,
            public_id,
            kind=("modul", "kajian")[number % 2],
            classification=("terbuka", "internal")[number % 3 == 0],
            classification_reason="contoh",
        )
        office.submit(login, public_id)
        office.services.review.approve(office.people["dewi"], public_id, 1)
    office.read_files(sandbox)
    scan = office.draft("budi", "Pindaian surat")
    office.submit("budi", scan)
    with office.services.db.write() as session:
        session.execute(sa.update(File).where(File.name.like("Pindaian%")).values(state="needs_ocr"))
    Rebuild(office.services.db, office.services.index_writer, lambda *_: None).run()
    return office


def _total(page):
    found = re.search(r'<span class="angka">\s*([0-9.]+)', page)
    assert found, page[:500]
    return int(found[1])


def test_every_count_beside_a_facet_or_a_month_is_what_its_click_gives(library):
    browser, rng = library.browser("dewi"), random.Random(3)  # noqa: S311
    clicks = 0
    for _ in range(6):
        text = " ".join(rng.choices(_WORDS, k=rng.randint(0, 2)))
        pairs = [("q", text)]
        for _ in range(2):
            page = browser.get(f"/cari?{urllib.parse.urlencode(pairs)}").text
            boxes = _BOX.findall(page)
            total = _total(page)
            for name, value, selected, added, count in rng.sample(boxes, min(5, len(boxes))):
                if selected:
                    continue
                asked = [*pairs, (name, html.unescape(value))]
                then = _total(browser.get(f"/cari?{urllib.parse.urlencode(asked)}").text)
                assert then == int(count) + (total if added else 0), (pairs, name, value)
                clicks += 1
            for href, count in _bars(page):
                assert _total(browser.get(href).text) == count
            free = [box for box in boxes if not box[2]]
            if free:
                name, value, *_ = rng.choice(free)
                pairs.append((name, html.unescape(value)))
    assert clicks > 30


def test_a_month_that_the_chosen_dates_cut_counts_what_lies_within_them(office):
    """Chosen by hand, dates seldom begin with a month; the bar would promise more than is left of it."""
    for number in range(6):
        office.submit("budi", office.draft("budi", f"Dokumen {number}"))
        office.clock.forward(days=19)
    Rebuild(office.services.db, office.services.index_writer, lambda *_: None).run()
    browser = office.browser("dewi")
    whole = _bars(browser.get("/cari").text)
    assert sum(count for _, count in whole) == 6
    assert len(whole) > 2
    months = sorted(re.findall(r"tanggal=(\d{4}-\d{2})", " ".join(href for href, _ in whole)))
    cut = 0
    for chosen in (
        f"{months[0]}-15..{months[-1]}-10",
        f"{months[0]}-01..{months[0]}-12 {months[1]}-03..{months[-1]}",
    ):
        page = browser.get(f"/cari?{urllib.parse.urlencode({'tanggal': chosen})}").text
        bars = _bars(page)
        assert sum(count for _, count in bars) == _total(page)
        for href, count in bars:
            assert _total(browser.get(href).text) == count
            cut += ".." in href
    assert cut


def _bars(page):
    """Return (address, count) of every month that the table beside the histogram tells."""
    found = re.findall(r'<th scope="row"><a href="(/cari[^"]+)">[^<]+</a></th><td class="num">(\d+)', page)
    return [(html.unescape(href), int(count)) for href, count in found]


def test_each_of_several_dates_in_the_field_is_taken_off_by_its_chip(library):
    """The field of the form is one text; blanks around a value are no part of it either."""
    browser = library.browser("dewi")
    page = browser.get("/cari?q=guru&tanggal=2023-05+2023-10&kl=+kl-07").text
    chips = [html.unescape(href) for href in re.findall(r'<a class="keping" href="([^"]+)"', page)]
    assert len(chips) == 3
    for href in chips:
        assert browser.get(href).text.count('class="keping"') == 2, href


def test_a_misspelt_name_of_a_filter_is_said_with_what_it_may_have_meant(library):
    for place in ("/cari", "/cari/laporan"):
        page = library.browser("dewi").get(f"{place}?q=pilr:2+guru&kl=kl-07").text
        assert "pilr: bukan nama saringan" in page
        assert html.escape(f"{place}?kl=kl-07&q=pilar%3A2+guru") in page


def test_filters_are_said_in_names_and_taken_off_one_by_one(library):
    page = library.browser("dewi").get("/cari?q=pilar:x+guru&kl=kl-07&tanggal=2023-10").text
    assert "Pilar “x” tidak dikenal." in page
    assert "Tahun “20x3” tidak dikenal." in library.browser("dewi").get("/cari?q=tahun:20x3+guru").text
    assert "1 Pilar contoh 1" in page
    chips = re.findall(r'<a class="keping" href="([^"]+)">([^<]+)', page)
    assert [label.strip() for _, label in chips] == ["K/L Contoh 07", "Oktober 2023"]
    assert "kl=" not in chips[0][0]
    assert "tanggal=2023-10" in chips[0][0]
    wrong = library.browser("dewi").get("/cari?q=guru&tanggal=kapan")
    assert wrong.status_code == 400
    assert "<mark>kapan</mark>" in wrong.text


def test_a_facet_bears_the_name_of_this_moment_in_the_language_of_the_page(library):
    browser = library.browser("dewi")
    for name, english in (("Modul ajar", "Teaching module"), ("Modul lain", "Other module")):
        with library.services.db.write() as session:
            session.execute(sa.update(Kind).where(Kind.code == "modul").values(name=name, name_en=english))
        for language, word in (("id", name), ("en", english)):
            browser.client.set_cookie("khub_bahasa", language)
            assert f"<span>{word}</span>" in browser.get("/cari").text


def test_an_error_far_back_in_a_long_query_is_pointed_at(library):
    browser = library.browser("dewi")
    far = browser.get("/cari?q=" + "bimbingan+" * 50 + "tahun:23..24+guru")
    assert far.status_code == 400
    assert "bimbingan <mark>tahun:23..24</mark> guru</code>" in far.text
    whole = browser.get("/cari?q=" + "a" * 1100)
    assert whole.status_code == 400
    assert whole.text.count("a" * 300) >= 1


def test_a_long_facet_of_kl_is_searched_by_every_name_that_its_family_bore(office):
    """What the list shows is an abbreviation; people look for a full name, an alias, or the name of another time."""
    with office.services.db.write() as session:
        units = [
            Institution(code=f"kl-2{n}", name=f"Lembaga Angka {n}", abbreviation=f"LA{n}") for n in range(8)
        ]
        later = Institution(code="kl-30", name="Kementerian Penerus", abbreviation="KP")
        session.add_all([*units, later])
        session.flush()
        units[3].successor_id = later.id
        session.add(InstitutionAlias(institution_id=units[3].id, alias="Badan Lama", key="badan lama"))
        ids = [unit.id for unit in (*units, later)]
    for number, unit in enumerate(ids):
        office.hire(f"orang{number}", Grant(Role.MEMBER, unit, office.pokjas["1"]))
        office.hand_in(f"orang{number}", f"Laporan {number}")
    Rebuild(office.services.db, office.services.index_writer, lambda *_: None).run()
    browser = office.browser("dewi")

    def shown(find):
        page = browser.get(f"/cari?cari_kl={urllib.parse.quote(find)}").text
        return [value for name, value, *_ in _BOX.findall(page) if name == "kl"]

    assert len(shown("")) == 9
    family = {"kl-23", "kl-30"}
    for find in ("badan lama", "Lama", "kementerian penerus", "KP", "angka 3", "kl-30"):
        assert set(shown(find)) == family, find
    assert set(shown("lembaga")) == {f"kl-2{n}" for n in range(8)} | family
    assert shown("penerus angka") == []  # words of two names are nobody's


def indexed(office, sandbox, name, pages):
    """Upload a PDF with these lines on its pages as budi, read it and build the index."""
    place = Place(batch=ids.batch_token(), action=f"{PLAN}/1.1.01", period=f"{PLAN}/{PERIOD}")
    received = office.services.uploads.receive(
        office.people["budi"], io.BytesIO(paper(name, pages)), f"{name}.pdf", place
    )
    office.read_files(sandbox)
    Rebuild(office.services.db, office.services.index_writer, lambda *_: None).run()
    return received


def test_what_a_page_break_parts_is_found_and_marked_on_both_pages(office, sandbox):
    pages = [
        ["sesuai dengan Peraturan Presiden Nomor 37", "Halaman 1 dari 2"],
        ["Tahun 2019 tentang tata kelola terpadu.", "Halaman 2 dari 2"],
    ]
    received = indexed(office, sandbox, "Rujukan", pages)
    browser = office.browser("budi")
    phrase = '"Peraturan Presiden Nomor 37 Tahun 2019"'
    for asked, begins in (("37/2019", ">37"), ("Perpres 37/2019", "Nomor 37"), (phrase, "Nomor 37")):
        query = urllib.parse.quote(asked)
        found = browser.get(f"/cari?q={query}").text
        assert f"{begins}</mark>" in found, asked
        goes_on = re.search(r'href="([^"]+/hlm/2\?[^"]+)">berlanjut di hlm. 2</a>', found)
        assert goes_on, asked
        assert "Tahun 2019</mark>" in browser.get(html.unescape(goes_on[1])).text, asked
        for number, marked in ((1, begins), (2, "Tahun 2019")):
            page = browser.get(f"/berkas/{received.file}/hlm/{number}?q={query}").text
            assert f"{marked}</mark>" in page, (asked, number)
    boxes = [browser.get(f"/berkas/{received.file}/hlm/{number}?q=37/2019").text for number in (1, 2)]
    # "37" and "Tahun 2019", and nothing that runs at the foot.
    assert [page.count('<rect class="kena') for page in boxes] == [1, 2]
    for page, rel, number in ((boxes[0], "next", 2), (boxes[1], "prev", 1)):
        assert re.search(rf'rel="{rel}"[^>]*href="/berkas/[^"]+/hlm/{number}\?', page), rel


def test_a_word_that_a_page_break_cuts_is_found_and_marked_on_both_pages(office, sandbox):
    pages = [
        ["Rapat membahas upaya tentang perlin-", "Halaman 1 dari 2"],
        ["dungan anak di daerah.", "Halaman 2 dari 2"],
    ]
    received = indexed(office, sandbox, "Notula", pages)
    browser = office.browser("budi")
    for asked, one, other in (
        ("perlindungan", "perlin-", "dungan"),
        ("pelindungan", "perlin-", "dungan"),
        ('"tentang perlindungan anak"', "tentang perlin-", "dungan anak"),
    ):
        query = urllib.parse.quote(asked)
        found = browser.get(f"/cari?q={query}").text
        assert f">{one}</mark>" in found, asked
        goes_on = re.search(r'href="([^"]+/hlm/2\?[^"]+)">berlanjut di hlm. 2</a>', found)
        assert goes_on, asked
        for number, marked in ((1, one), (2, other)):
            page = browser.get(f"/berkas/{received.file}/hlm/{number}?q={query}").text
            assert f">{marked}</mark>" in page, (asked, number)
            assert page.count('<rect class="kena') == marked.count(" ") + 1, (asked, number)
            rel, beside = ("next", 2) if number == 1 else ("prev", 1)
            assert re.search(rf'rel="{rel}"[^>]*href="/berkas/[^"]+/hlm/{beside}\?', page), (asked, number)


def test_little_found_is_no_dead_end_and_every_offer_keeps_its_count(library):
    browser = library.browser("dewi")
    for asked in (
        "q=tolerensi",
        "q=%2Bguru+%2Bzebra&pilar=2",
        "q=guru&tahun=1999",
        'q="guru+zebra"&kl=kl-07',
    ):
        page = browser.get(f"/cari?{asked}").text
        offers = re.findall(r'<a href="(/cari\?[^"]+)">[^<]+</a> <span class="mt">(\d+) produk', page)
        assert offers, asked
        for href, count in offers:
            assert _total(browser.get(html.unescape(href)).text) == int(count) > 0, (asked, href)
    assert "toleransi</a>" in browser.get("/cari?q=tolerensi").text


def test_a_heading_is_not_said_twice(office, sandbox):
    isi = "<p>isi bagian ini</p>" * 30
    content = (
        "<!doctype html><html><body><h1>Laporan</h1><h2>Sesi kedua</h2>"
        f"<p>Guru menyusun rencana.</p>{isi}<p>Zebra</p></body></html>"
    )
    place = Place(batch=ids.batch_token(), action=f"{PLAN}/1.1.01", period=f"{PLAN}/{PERIOD}")
    office.services.uploads.receive(office.people["budi"], io.BytesIO(content.encode()), "sesi.html", place)
    office.read_files(sandbox)
    Rebuild(office.services.db, office.services.index_writer, lambda *_: None).run()
    found = {}
    for word in ("rencana", "zebra"):
        page = office.browser("budi").get(f"/cari?q={word}").text
        found[word] = [re.sub(r"<[^>]+>", "", hit) for hit in re.findall(r"<dd>(.*?)</dd>", page, re.DOTALL)]
    assert [hit.count("Sesi kedua") for hit in found["rencana"]] == [1]
    assert [hit[:23] for hit in found["zebra"]] == ["Laporan / Sesi kedua … "]


def test_acronyms_are_shown_as_they_are_written(office, sandbox):
    text = "LAPORAN GURU BNPT\nKoordinasi BNPT dengan guru di daerah, dan BNPT dengan Polri.\n"
    office.draft("budi", "Koordinasi", content=text.encode())
    office.read_files(sandbox)
    Rebuild(office.services.db, office.services.index_writer, lambda *_: None).run()
    browser = office.browser("budi")
    page = browser.get("/cari?q=BNTP").text
    assert re.search(r"Dipahami sebagai</b> BNTP[ .]", page)
    offered = re.search(r'<a href="([^"]+)">BNPT</a> <span class="mt">1 produk', page)
    assert offered
    assert "<mark>BNPT</mark>" in browser.get(html.unescape(offered[1])).text
    # Capitals of a heading make no acronym, and who writes small letters reads them so.
    assert ">guru</a>" in browser.get("/cari?q=gurru").text
    assert "“laporan BNPT”" in browser.get('/cari?q="laporan+BNPT"').text
    assert "hanya bnpt" in browser.get("/cari?q=%2Bbnpt+%2Bzebra").text


def test_common_words_that_are_left_out_are_not_said_to_be_understood(library):
    page = library.browser("dewi").get("/cari?q=apa+saja+modul+yang+memuat+guru").text
    understood = re.search(r"Dipahami sebagai</b> ([^.]+)\.", page)
    assert understood
    assert understood[1] == "modul · memuat · guru"
    assert re.search(r"Kata umum diabaikan: [^.]*yang", page)


def test_advice_is_no_more_than_what_helps(library):
    browser = library.browser("dewi")
    # A word of the phrase is rare, and one much like it is frequent; but the phrase is there.
    page = browser.get('/cari?q="laporan0"').text
    assert "1</span>" in page
    assert "Mungkin maksud Anda" not in page
    # Common words and single letters alone find everything and help nobody.
    page = browser.get('/cari?q="guru+dan+x+zebra"').text
    assert "hanya guru" in page
    assert "hanya dan" not in page
    assert "hanya x" not in page
    page = browser.get("/cari?q=type:module+jenis:kajian+guru").text
    assert "tanpa syarat Jenis: Modul/bahan ajar" in page  # by its name, as the query was understood
    assert "tanpa mengecualikan guru" in browser.get("/cari?q=guru+-guru").text
    ranked = "Yang memuat lebih banyak kata didahulukan"
    for asked, is_said in (
        ("guru+toleransi", True),
        ("guru", False),
        ("dan+guru", False),
        ("jenis:modul+guru", False),
        ("guru+-modul", False),
    ):
        assert (ranked in browser.get(f"/cari?q={asked}").text) == is_said, asked


def test_what_could_not_be_searched_is_counted_and_listed_in_its_scope(library):
    browser = library.browser("dewi")
    page = browser.get("/cari?q=guru&kl=kl-07").text
    assert "Yang tidak dapat dicari: 1 berkas" in page
    listed = browser.get("/cari/tak-terbaca?q=guru&kl=kl-07").text
    assert "Pindaian surat" in listed
    assert "Perlu OCR" in listed
    assert "tidak dapat dicari: " not in browser.get("/cari?q=guru&kl=kl-12").text
    assert "tidak dapat dicari: " not in library.browser("tia").get("/cari?q=guru").text  # not hers to know


def test_a_hit_page_steps_from_match_to_match_and_leads_back(library):
    browser = library.browser("dewi")
    page = browser.get("/cari?q=guru&pilar=1&urut=tanggal").text
    hit = html.unescape(re.search(r'href="(/berkas/[^"]+/hlm/1\?[^"]+)"', page)[1])
    seen, address = [], hit
    while address:
        shown = browser.get(address.partition("#")[0]).text
        seen.append(re.search(r"kecocokan (\d+) dari (\d+)", shown).groups())
        following = re.search(r'rel="next"[^>]*href="([^"]+)"', shown)
        address = html.unescape(following[1]) if following else ""
    assert [int(at) for at, _ in seen] == list(range(1, int(seen[0][1]) + 1))
    back = html.unescape(re.search(r'<a href="(/cari\?[^"]+)">Hasil untuk', shown)[1])
    assert browser.get(back).text.count("<h2><a") == page.count("<h2><a")
    assert {"q=guru", "pilar=1", "urut=tanggal"} <= set(back.partition("?")[2].split("&"))


def test_a_word_that_the_latest_version_dropped_is_found_among_all_versions(library, sandbox):
    services, budi = library.services, library.people["budi"]
    public_id = library.hand_in("budi", "Pedoman lama", content=b"kalimat tersisih\n")
    services.review.approve(library.people["dewi"], public_id, 1)
    second = library.draft("budi", "Pedoman baru", content=b"kalimat pengganti\n")
    services.products.become_version(budi, second, public_id)
    library.submit("budi", public_id)
    services.review.approve(library.people["dewi"], public_id, 1)
    library.read_files(sandbox)
    Rebuild(services.db, services.index_writer, lambda *_: None).run()
    browser = library.browser("dewi")
    page = browser.get("/cari?q=kalimat&pilar=1").text
    assert "pengganti" in page
    assert "tersisih" not in page
    every = html.unescape(re.search(r'<a href="([^"]+)">semua</a>', page)[1])
    page = browser.get(every.replace("kalimat", "tersisih")).text
    assert "<mark>tersisih</mark>" in page
    assert '<b aria-current="true">semua</b>' in page
    assert '<p class="meta">v1 ' in page
    assert f'href="/keluaran/{public_id}?v=1"' in page


def test_a_result_explains_itself(library):
    browser = library.browser("dewi")
    page = browser.get("/cari?q=guru+toleransi").text
    why = html.unescape(re.search(r'href="(/cari/[^"]+/mengapa\?[^"]+)"', page)[1])
    told = browser.get(why).text
    assert "guru" in told
    assert "persis" in told
    assert sum(int(share) for share in re.findall(r'<td class="num">(\d+) %</td>', told)) == 100


def test_ten_results_ask_the_database_no_more_often_than_one(library):
    browser = library.browser("dewi")
    statements = []

    def told(connection, _cursor, statement, *_):
        if not connection.get_execution_options().get("khub_write"):  # what was asked is kept now and then
            statements.append(statement)

    sa.event.listen(library.services.db.engine, "before_cursor_execute", told)
    counts = {}
    for text in ("guru", "laporan3", "guru+toleransi+laporan3"):  # the first fills what is kept
        statements.clear()
        counts[text] = (_total(browser.get(f"/cari?q={text}").text), len(statements))
    assert counts["laporan3"][0] == 1
    assert counts["guru+toleransi+laporan3"][0] > 4
    assert counts["guru+toleransi+laporan3"][1] <= counts["laporan3"][1] + 2 <= 60
