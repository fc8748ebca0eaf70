"""Every page in both languages and at two widths: axe, overflow, title, heading, language, and no complaint."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from axe_playwright_python.base import AXE_SCRIPT

from khub.accounts.models import Person
from khub.app import create_app
from khub.demo import catalogue
from khub.plan.models import Action
from khub.products.models import Copy, CopyFile, File, Product, Receipt, Version
from khub.routes import ROUTES
from tests.browser import papers
from tests.browser.site import WIDE, reload

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.site import Site, Visit

pytestmark = pytest.mark.browser

WIDTHS = (1280, 360)
#: The width at which axe looks at each language: every page at both widths, and in both languages.
EACH_VIEW = pytest.mark.parametrize(("language", "width"), [("id", 1280), ("en", 360)])
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
#: Indonesian words of the interface that no name, title or file of the demo holds alone.
INDONESIAN = re.compile(
    r"\b(Keluaran|Unggah|Simpan|Beranda|Tinjau|Antrean|Aksi|Cari|Saring|Kembali\w*|Ajukan|Diajukan|Disetujui|Draf|"
    r"Tenggat|Periode|Berkas|Halaman|halaman|Judul|Klasifikasi|Jenis|Pemilik|Riwayat|Versi|cuplikan|Fakta|Galat|"
    r"Belum|belum|Anda|yang|dari|dengan|untuk|sudah|tidak|hari|Masuk|Keluar|Sandi|Orang|Peran|Rencana|Pekerjaan|"
    r"terbuka|terbatas|hlm|lembar|salindia|berkas|aksi|keluaran)\b"
)
#: What people wrote, or named: never translated.
DATA = (
    ".teks-halaman, .baris-baru, mark, code, pre, textarea, option, h1, .kutip, .nama, .hash, [lang=id], time, "
    ".judul-aksi, .jalan, .catat.garis, [aria-labelledby=sumber] p, "
    "a[href*='/keluaran/'], a[href*='/tinjau/'], a[href*='/berkas/'], a[href*='/aksi/']"
)
MEASURE = """(data) => {
    const found = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode())
        if (node.data.trim() && !node.parentElement.closest(data)) found.push(node.data.trim());
    for (const element of document.querySelectorAll("[placeholder], [aria-label]"))
        if (!element.closest(data)) found.push(element.placeholder || "", element.ariaLabel || "");
    return {
        text: found.join(" | "),
        title: document.title, lang: document.documentElement.lang, headings: document.querySelectorAll("h1").length,
    };
}"""
#: What axe holds against a page. Contrast takes it most of its time, so that is asked of one text of each look:
#: a text's own colour, size and weight, and what lies behind it, decide it.
AXE = """(tags) => {
    const looks = new Map();
    const look = (element) => {
        const own = getComputedStyle(element), parts = [own.color, own.fontSize, own.fontWeight, own.textShadow];
        for (let at = element; at; at = at.parentElement) {
            const style = getComputedStyle(at);
            parts.push(style.backgroundColor, style.backgroundImage, style.opacity);
        }
        return parts.filter((part) => !["rgba(0, 0, 0, 0)", "none", "1"].includes(part)).join("|");
    };
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts = [...document.querySelectorAll("input, select, textarea")];
    for (let node = walk.nextNode(); node; node = walk.nextNode())
        if (node.data.trim()) texts.push(node.parentElement);
    for (const element of texts) {
        const key = element.checkVisibility() && look(element);
        if (key && !looks.has(key)) looks.set(key, element);
    }
    const rest = { rules: { "color-contrast": { enabled: false } }, runOnly: { type: "tag", values: tags } };
    const asked = (context, options) =>
        axe.run(context, { resultTypes: ["violations"], ...options }).then((result) => result.violations);
    return asked(document, rest).then((found) =>
        asked({ include: [...looks.values()] }, { runOnly: ["color-contrast"] }).then((more) => [...found, ...more]));
}"""


@dataclass
class Sweep:
    """Looks at pages and collects what is wrong with them."""

    data: list[str]
    faults: list[str] = field(default_factory=list)
    pages: int = 0

    def look(self, page: Page, where: str, language: str) -> None:
        """Hold everything against the page that is shown."""
        self.pages += 1
        page.evaluate(AXE_SCRIPT)
        facts = page.evaluate(MEASURE, DATA)
        shown = page.viewport_size
        assert shown is not None
        for width in sorted(WIDTHS, key=lambda width: width == shown["width"]):
            page.set_viewport_size({"width": width, "height": shown["height"]})
            if (wide := page.evaluate(WIDE)) > 0:
                self.faults.append(f"{where}: {wide} px too wide at {width}")
        self.faults += [
            f"{where}: {rule['id']} {node['html'][:160]}"
            for rule in page.evaluate(AXE, TAGS)
            for node in rule["nodes"][:3]
        ]
        if facts["headings"] != 1 or not facts["title"].strip(" ·") or facts["lang"] != language:
            self.faults.append(f"{where}: {facts['headings']} h1, title {facts['title']!r}, {facts['lang']}")
        if language == "en":
            text = facts["text"]
            for known in self.data:
                text = text.replace(known, "")
            if left := sorted(set(INDONESIAN.findall(text))):
                self.faults.append(f"{where}: not English: {', '.join(left)} in {self._near(text, left[0])}")

    def verdict(self) -> None:
        """Fail with everything that was found."""
        if self.faults:
            pytest.fail("\n".join(self.faults), pytrace=False)

    @staticmethod
    def _near(text: str, word: str) -> str:
        at = re.search(rf"\b{word}\b", text)
        return repr(text[max(0, at.start() - 40) : at.end() + 40]) if at else ""


def data(site: Site) -> list[str]:
    """Return what people wrote and the plan says, the longest first: it stays in its language."""
    with site.services.db.read() as session:
        found = {
            text.strip()
            for column in (Copy.title, Copy.note, File.title, Action.title, Action.source, Action.measure)
            for text in session.scalars(sa.select(column).distinct())
            if text and len(text) > 3
        }
    return ["terbuka (open)", "terbatas (restricted)", *sorted(found, key=len, reverse=True)]


@dataclass(frozen=True)
class Spots:
    """Addresses of concrete things of the demo."""

    draft: str
    returned: str
    approved: str
    submitted: str
    receipt: str
    files: dict[str, str]
    person: int


def spots(site: Site) -> Spots:
    with site.services.db.read() as session:
        rows = session.execute(
            sa.select(
                Product.public_id,
                Version.state,
                Product.classification,
                Person.login,
                File.media_type,
                File.public_id,
            )
            .join(Version, Version.product_id == Product.id)
            .join(Copy, Copy.version_id == Version.id)
            .join(CopyFile, CopyFile.copy_id == Copy.id)
            .join(File, File.id == CopyFile.file_id)
            .join(Person, Person.id == File.uploaded_by)
            .order_by(Product.id)
        ).all()
        receipt = session.scalars(
            sa.select(Receipt.number)
            .join(Person, Person.id == Receipt.person_id)
            .where(Person.login == "pokja1")
        ).first()
        person = session.scalars(sa.select(Person.id).where(Person.login == "pokja2")).one()
    assert receipt is not None

    def one(state: str, login: str) -> str:
        return next(row[0] for row in rows if row[1] == state and row[3] == login)

    kinds = {"pdf": "pdf", "docx": "wordprocessingml", "xlsx": "spreadsheetml", "image": "image/"}
    return Spots(
        draft=one("draft", "pokja1"),
        returned=one("returned", "pokja1"),
        approved=one("approved", "pokja1"),
        submitted=one("submitted", "pokja1"),
        receipt=receipt,
        files={name: next(row[5] for row in rows if part in row[4]) for name, part in kinds.items()},
        person=person,
    )


SEARCH = "/cari?q=pelatihan+guru"
UNIT = "/koordinasi/kl/k-l-contoh-07"


def addresses(at: Spots) -> dict[str, list[str]]:
    """Return login → addresses that the person looks at; errors and empty states included."""
    action = "/aksi/contoh-ran-pe/1.3.03"
    return {
        "": ["/masuk", "/aksesibilitas", "/bantuan/pencarian", "/atur-ulang/tidak-ada", "/tidak-ada"],
        "sekretariat": [
            "/", SEARCH, f"{SEARCH}&pilar=1&status=approved", "/cari?q=%22sama+sekali+tidak+ada%22", "/cari?q=(guru", "/cari",
            f"{SEARCH}&hlm=900", f"{SEARCH}&hlm=x", f"/cari/{at.approved}?q=guru",
            f"/cari/{at.approved}/mengapa?q=guru", "/cari/tak-terbaca?q=guru", "/cari?q=tolerensi+pilar:x&kl=kl-07&tanggal=2023",
            *(f"/berkas/{file}/hlm/1?q=guru" for file in at.files.values()),
            "/tinjau", f"/tinjau/{at.submitted}", f"/tinjau/{at.approved}", "/aksi", "/aksi?pilar=3&komitmen=belum", action,
            "/pilar/contoh-ran-pe/1", "/kl", "/kl/k-l-contoh-07", "/keluaran", "/keluaran?status=locked",
            f"/keluaran/{at.approved}", f"/keluaran/{at.submitted}", f"/keluaran/{at.draft}", "/audit", "/audit?hlm=9000",
            "/rencana", "/rencana/impor", "/rencana/periode", "/kl/baru", "/admin/orang", "/akun", "/unggah",
            "/pengingat", "/pengingat?periode=tidak/ada", "/surat-keluar", "/surat-keluar?keadaan=refused", "/hari-libur",
            "/cari/laporan?q=modul", "/cari/aksi?q=guru&pilar=1", "/cari/kl?q=contoh", "/cari/laporan?q=(guru", "/yang-dicari", "/yang-dicari?lihat=tanpa-hasil", "/indeks", "/akun/pencarian", "/angka", "/angka/committed", "/angka/involved?sisi=belum", "/angka/reported", "/angka/in-plan?pilar=3&per=2022-01-01",
            "/periksa-angka", "/laporan-pelaksanaan", "/koordinasi", "/koordinasi?tampil=semua&cari=tidak+ada", f"{UNIT}?hlm=9000",
            "/koordinasi/tindak-lanjut", "/analisis", "/analisis?kelompok=kl&tahun=semua", "/analisis?tahun=dua", "/analisis/kendala",
            "/analisis/kendala?kelompok=kata", "/analisis/kendala?cari=anggaran", "/analisis/keluaran", "/analisis/tinjauan?tahun=semua",
        ],
        "pokja1": [
            "/", "/unggah", "/unggah?aksi=contoh-ran-pe/1.3.03", f"/keluaran/{at.draft}/ubah", f"/keluaran/{at.returned}/ubah",
            f"/keluaran/{at.returned}", f"/keluaran/{at.submitted}", f"/tanda-terima/{at.receipt}", action, "/tinjau",
            f"/keluaran/{at.approved}/ubah", "/tersimpan", "/akun/surat",
        ],
        "ketua1": ["/", "/aksi"],
        "pejabat07": ["/", UNIT],
        "auditor": ["/", "/audit", action, f"/keluaran/{at.approved}"],
        "admin": ["/", "/admin/orang", "/admin/orang/baru", f"/admin/orang/{at.person}", "/admin/pekerjaan", "/rencana", "/audit", f"/admin/orang/{at.person}/serah-terima"],
    }  # fmt: skip


@EACH_VIEW
def test_every_page_holds(told: Site, visit: Visit, language: str, width: int) -> None:
    sweep, statuses = Sweep(data(told)), set()
    for login, paths in addresses(spots(told)).items():
        page = visit(login, language=language, width=width)
        for path in paths:
            answer = page.goto(path)
            assert answer is not None
            statuses.add(answer.status)
            if answer.status >= 500:
                sweep.faults.append(f"{login} {path}: {answer.status}")
            sweep.look(page, f"{login} {path} {width} {language}", language)
        page.context.close()
    sweep.verdict()
    assert {200, 400, 403, 404, 422} <= statuses


def press(page: Page, button: str) -> None:
    """Press a button and wait for the page that follows."""
    with page.expect_navigation():
        page.locator(button).click()


@EACH_VIEW
def test_every_page_that_comes_from_doing_something_holds(
    told: Site, visit: Visit, language: str, width: int
) -> None:
    sweep, where = Sweep(data(told)), f"{width} {language}"
    page = visit("pokja1b", language=language, width=width)
    page.goto("/unggah")
    page.set_input_files(
        "#files", papers.file("a.pdf", papers.paper("Lembar Uji", [["Lembar Uji", "NIK 3174051203900005"]]))
    )
    page.locator("#kartu-isian").wait_for()
    sweep.look(page, f"card, being read {where}", language)
    page.locator("#bacaan:not([data-pantau])").wait_for(timeout=20_000)
    reload(page)
    sweep.look(page, f"card {where}", language)
    page.locator("[name=revision]").evaluate("field => { field.value = '0'; }")
    with page.expect_navigation() as moved:
        page.locator("form[data-simpan-otomatis] .btn.dua").last.click()
    assert moved.value.status == 409
    sweep.look(page, f"conflict {where}", language)
    page.fill("#title", "")
    press(page, "[formaction$='/ajukan']")
    sweep.look(page, f"card with errors {where}", language)
    page.set_input_files("#files", [papers.file("kosong.pdf", b"")])
    page.locator(".berkas .pesan-galat").wait_for()
    sweep.look(page, f"refused file {where}", language)

    page = visit("", language=language, width=width)
    page.goto("/masuk")
    press(page, "main form [type=submit]")
    sweep.look(page, f"sign-in with errors {where}", language)

    page = visit("sekretariat", language=language, width=width)
    wrong = catalogue.to_csv().splitlines()
    for name, content in (
        ("salah.csv", "\n".join([wrong[0], wrong[1].replace("2023", "dua ribu")])),
        ("benar.csv", "\n".join(wrong).replace("Contoh RAN PE", "Contoh RAD")),
    ):
        page.goto("/rencana/impor")
        page.locator("main input[type=file]").set_input_files(papers.file(name, content.encode(), "text/csv"))
        press(page, "main form:has(input[type=file]) [type=submit]")
        sweep.look(page, f"import of {name} {where}", language)
    for text in (
        "",
        "Pilar 3: 12 dari 14 aksi (79 persen), 41 dari 50 aksi (82 persen), hampir separuh K/L.",
    ):
        page.goto("/periksa-angka")
        page.fill("#teks", text)
        press(page, "form[action='/periksa-angka'] [type=submit]")
        sweep.look(page, f"figures checked {where}", language)
    sweep.verdict()


def test_the_list_above_names_every_page(told: Site, visit: Visit) -> None:
    """A new route with a page must be looked at; what answers with a file, a redirect or to a form is named here."""
    rules = {
        rule.endpoint: re.compile(re.sub(r"<[^>]+>", "[^/]+", rule.rule) + "$")
        for rule in create_app(told.services.settings, told.services).url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint in ROUTES
    }
    looked = {path.partition("?")[0] for paths in addresses(spots(told)).values() for path in paths}
    unseen = {name for name, rule in rules.items() if not any(rule.match(path) for path in looked)}
    assert unseen == {
        "static", "main.language", "main.healthz", "main.readyz", "catalogue.export", "catalogue.template",
        "catalogue.report", "catalogue.edit_institution", "audit.export", "audit.checker", "search.image",
        "search.download", "asked.suggest", "asked.table", "products.upload", "mail.sample_holidays", "wishes.deadlines", "wishes.products",
        # looked at in test_mail.py
        "mail.letter", "mail.chase_letter",
        # looked at in test_report_rows.py
        "reports.index", "reports.row", "reports.enter", "reports.detail", "reports.sheet", "reports.bring", "reports.preview",
        "analysis.table",
        # looked at in test_coordination.py
        "coordination.notes", "coordination.new_contact", "coordination.edit_contact", "follow_ups.new", "follow_ups.edit",
        "papers.recap", "papers.recap_file", "papers.letter", "papers.template",
        # looked at in test_review.py
        "review.compare", "review_bulk.index", "review_second.index", "review_second.show",
        # looked at in test_cycle.py; the others of its rooms answer with a file, a receipt or to a form
        "commitments.index", "commitments.mine", "commitments.show", "commitments.letter", "commitments.receipt",
        "matrix.index", "matrix.units", "matrix.rows", "matrix.export", "missing.index", "missing.export_csv",
        "numbers.download", "periods.show", "periods.year", "periods.edit", "periods.closing", "periods.extend",
        # looked at in test_saved.py; the others answer with a file
        "saved.index", "saved.show", "saved.feed", "picks.index", "picks.quotes", "picks.archive", "picks.table",
        # looked at in test_annual.py
        "annual.show", "annual.past", "annual.cite", "annual.comments", "annual.ready", "annual.edition",
        "annual.changes", "annual.exports", "annual.download",
        # looked at in test_synonyms.py; the list comes as a file
        "synonyms.index", "synonyms.new", "synonyms.edit", "synonyms.removal", "synonyms.bring", "synonyms.history",
        "synonyms.change", "synonyms.export",
    }  # fmt: skip
