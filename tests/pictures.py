"""``python -m tests.pictures``: take the README's pictures of the demo anew, into tests/pictures/."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import sync_playwright

from khub.demo import load
from tests import chromium
from tests.browser import papers
from tests.browser.site import Visit, serving, tell

if TYPE_CHECKING:
    from playwright.sync_api import Page

FOLDER = Path(__file__).with_name("pictures")
COLOURS = 224


def keep(page: Page, name: str, height: int) -> None:
    """Write what is on the screen as a PNG with a palette."""
    page.set_viewport_size({"width": 1280, "height": height})
    for picture in page.locator("main img").all():
        picture.scroll_into_view_if_needed()
        picture.evaluate("image => image.decode().catch(() => 0)")
    page.evaluate("() => { scrollTo(0, 0); document.activeElement.blur(); }")
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    target = FOLDER / f"{name}.png"
    shot.quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)
    print(f"{target.name}: {target.stat().st_size / 1024:.0f} KB")  # noqa: T201 - a command line


def main() -> None:
    """Start a demo of its own, walk to the pages, end it."""
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder)) as site,
        sync_playwright() as playwright,
    ):
        tell(site)
        load.close(site.services)
        found = chromium.find(playwright)
        if found is None:
            raise SystemExit(chromium.BRING)
        browser = playwright.chromium.launch(executable_path=found, args=chromium.flags())
        visit = Visit(site, browser)
        page = visit("sekretariat")
        page.goto("/cari?q=modul+pelatihan+guru+toleransi&pilar=1")
        keep(page, "cari", 1000)
        page.locator(".kutip a").first.click()
        keep(page, "halaman", 1000)
        page.goto("/matriks?pilar=1&fokus=1.3")
        keep(page, "matriks", 1000)
        page.goto("/laporan-pelaksanaan")
        page.locator("a", has_text="2023").first.click()
        page.goto(f"{page.url.partition('?')[0]}?bagian=capaian")
        keep(page, "laporan", 1000)
        page = visit("pokja1")
        page.goto(site.action("1.3.07"))
        page.locator("a.sel-unggah").first.click()
        title = "Laporan Lokakarya Wartawan Warga"
        text = [title, "Kegiatan 12 September 2023 di aula kecamatan.", "Narahubung: NIK 3174051203900005."]
        page.set_input_files("#files", papers.file("laporan-lokakarya.pdf", papers.paper(title, [text] * 9)))
        page.locator("#bacaan:not([data-pantau]) li").wait_for()
        page.reload()
        keep(page, "unggah", 1140)
        browser.close()


if __name__ == "__main__":
    main()
