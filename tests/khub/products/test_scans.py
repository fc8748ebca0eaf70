"""Scans are read page by page, by the real tesseract; where it fails or is missing the file says so."""

from __future__ import annotations

import io
import re
import signal
import subprocess
import sys
from dataclasses import replace

import pytest
import sqlalchemy as sa
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from indexer.extract import Limits, RenderFailure
from indexer.extract.ocr import INSTALL, find_tool, read_tsv
from khub import running
from khub.outbox import Job
from khub.products import ids, jobs, scans
from khub.products.models import File, Page
from khub.products.scanning import ReadScan
from khub.products.scans import OCR, words_of
from khub.products.uploads import Place
from khub.search.indexing import Rebuild
from khub.settings import environment
from tests.kill.site import until

_WIDE, _HIGH = 1250, 830  # pixels: 300 × 200 points at 300 dpi
_AT = (100, 400)
_PHRASE = "pelatihan guru toleransi"


@pytest.fixture(scope="module")
def tesseract():
    tool = find_tool()
    if tool is None or tool.missing:
        pytest.skip(f"no tesseract that reads Indonesian: `{INSTALL}`")
    return tool


def _picture(number):
    """Draw a small letter; its phrase begins at ``_AT``."""
    image = Image.new("L", (_WIDE, _HIGH), 255)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(46)
    draw.text((100, 100), "Surat edaran tentang kegiatan kementerian", fill=0, font=font)
    draw.text((100, 200), f"kepada semua kepala sekolah bagian {number} dari lima", fill=0, font=font)
    draw.text(_AT, f"{_PHRASE} di sekolah", fill=0, font=font)
    draw.text((100, 500), "untuk tahun anggaran yang sedang berjalan", fill=0, font=font)
    return image


def _scan(pictures):
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(300, 200), invariant=1)
    for picture in pictures:
        canvas.drawImage(ImageReader(picture), 0, 0, 300, 200)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _bytes(image, kind):
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def _upload(office, name, data, *, login="budi", action="1.1.01"):
    place = Place(batch=ids.batch_token(), action=f"ran-pe/{action}", period="ran-pe/2023-01-10")
    return office.services.uploads.receive(office.people[login], io.BytesIO(data), name, place)


def _file(office, public_id):
    with office.services.db.read() as session:
        return session.scalars(sa.select(File).where(File.public_id == public_id)).one()


def _pages(office, file_id):
    with office.services.db.read() as session:
        found = session.scalars(sa.select(Page).where(Page.file_id == file_id).order_by(Page.number))
        return [(page.source, page.error, jobs.unpack(page.text)) for page in found]


def _lane(office):
    return next(lane for lane in running.lanes(office.services) if OCR in lane.handlers)


def _read(office, sandbox):
    office.read_files(sandbox)
    lane = _lane(office)
    while lane.step():
        pass
    Rebuild(office.services.db, office.services.index_writer, lambda *_: None).run()


def _older(office, sandbox):
    """Upload a picture and leave it as a khub left it that did not read pictures; returns its public id."""
    received = _upload(office, "Surat.png", _bytes(_picture(6), "PNG"))
    office.read_files(sandbox)
    with office.services.db.write() as session:
        file = session.scalars(sa.select(File).where(File.public_id == received.file)).one()
        session.execute(sa.delete(Page).where(Page.file_id == file.id))
        session.execute(sa.delete(Job).where(Job.kind == OCR))
        file.page_count = 0
    return received.file


def test_a_killed_worker_goes_on_with_the_page_it_stood_at_and_reads_what_an_older_khub_left(
    office, sandbox, tesseract
):
    older = _older(office, sandbox)
    received = _upload(office, "Surat.pdf", _scan(_picture(number) for number in range(1, 6)))
    file_id = _file(office, received.file).id
    command = [sys.executable, "-m", "khub", "worker"]

    def start():
        return subprocess.Popen(command, env=environment(office.services.settings))

    def done():
        return sum(source == "ocr" for source, _, _ in _pages(office, file_id))

    worker = start()
    try:
        assert until(lambda: done() >= 2, 90)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        half = _file(office, received.file)
        if done() < 5:
            assert (half.state, half.detail["scans"]) == ("ocr_running", 5)
        with office.services.db.write() as session:
            session.get_one(Page, (file_id, 1)).text = jobs.pack("halaman pertama tidak dibaca lagi")
        worker = start()
        assert until(lambda: {_file(office, each).state for each in (received.file, older)} == {"read"}, 90)
    finally:
        worker.terminate()
        worker.wait()
    with office.services.db.write() as session:
        assert scans.catch_up(session, office.clock.now()) == 0  # asked for once
    texts = [text for _, _, text in _pages(office, file_id)]
    assert texts[0] == "halaman pertama tidak dibaca lagi"
    assert all(_PHRASE in text and f"bagian {n}" in text for n, text in enumerate(texts[1:], 2))
    file = _file(office, received.file)
    assert (file.reason, file.language, file.detail["scans"]) == ("ocr.read", "id", 5)
    browser = office.browser("budi")
    assert until(lambda: "hlm/4" in browser.get(f'/cari?q="{_PHRASE}"').text, 20)


def test_a_letter_is_found_and_marked_where_it_stands_and_a_photo_stays_evidence(office, sandbox, tesseract):
    letter = _upload(office, "Surat.jpg", _bytes(_picture(1), "JPEG"), action="2.1.01")
    noise = Image.effect_noise((400, 300), 90).resize((1200, 900))
    photo = _upload(office, "Foto.png", _bytes(noise, "PNG"))
    office.read_files(sandbox)
    assert _file(office, letter.file).state == "evidence"
    _read(office, sandbox)
    assert (_file(office, photo.file).state, _file(office, photo.file).reason) == ("evidence", "ocr.photo")
    file = _file(office, letter.file)
    assert (file.state, file.page_count) == ("read", 1)
    with office.services.db.read() as session:
        page = session.get_one(Page, (file.id, 1))
        text, confidence = jobs.unpack(page.text), page.confidence
        at = text.index("pelatihan")
        box = next(word for word in words_of(session, file.id, 1) if word.start == at)
    assert confidence >= 80
    assert abs(box.x0 - _AT[0] / _WIDE) < 0.01
    assert _AT[1] / _HIGH - 0.01 < box.y0 < box.y1 < (_AT[1] + 60) / _HIGH + 0.01

    browser, said = office.browser("budi"), f"dibaca dari pindaian, keyakinan {confidence} %"
    results = browser.get("/cari?q=pelatihan").text
    assert said in results
    page = browser.get(f"/berkas/{letter.file}/hlm/1?q=pelatihan").text
    assert said in page
    drawn = re.search(r'<rect[^>]* x="([\d.]+)"[^>]* y="([\d.]+)"', page)
    assert drawn, page
    assert said in browser.get(f"/keluaran/{letter.product}").text

    other = office.browser("tia")
    assert letter.product not in other.get("/cari?q=pelatihan").text
    for end in ("hlm/1?q=pelatihan", "hlm/1/gambar", "unduh"):
        assert other.get(f"/berkas/{letter.file}/{end}").status_code == 404


def test_roman_one_in_a_font_without_serifs_is_read_as_a_number(sandbox, tesseract, tmp_path):
    """ "Pilar I" and "BAB I" stand in most letters; as "Pilar |" they are found by nobody."""
    image = Image.new("L", (1654, 500), 255)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(46)
    for number, line in enumerate(("Peserta membawa laporan capaian Pilar I tahun ini", "BAB I PENDAHULUAN")):
        draw.text((160, 100 + 90 * number), line, fill=20, font=font)
    path = tmp_path / "surat.png"
    image.save(path)
    found = sandbox.recognise(path, media_type="image/png", page=1, tool=tesseract, limits=Limits())
    assert "Pilar I tahun" in found.text
    assert "BAB I PENDAHULUAN" in found.text


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_scan_that_lies_on_its_side_or_head_is_read_and_its_words_stand_where_they_are(
    sandbox, tesseract, tmp_path, angle
):
    path = tmp_path / "surat.png"
    _picture(1).rotate(angle, expand=True).save(path)
    found = sandbox.recognise(path, media_type="image/png", page=1, tool=tesseract, limits=Limits())
    assert _PHRASE in found.text
    assert found.confidence >= 80
    at = found.text.index("pelatihan")
    box = next(word for word in found.words if word.start == at)
    left, top = {
        90: (1 - box.y1, box.x0),
        180: (1 - box.x1, 1 - box.y1),
        270: (box.y0, 1 - box.x1),
    }[angle]
    assert abs(left - _AT[0] / _WIDE) < 0.01
    assert -0.01 < top - _AT[1] / _HIGH < 0.03


@pytest.mark.parametrize("without", ["tool", "setting"])
def test_without_ocr_a_scan_says_why_and_waits(office, sandbox, monkeypatch, without):
    ocr = office.services.ocr
    if without == "tool":
        monkeypatch.setenv("PATH", "/nowhere")
    else:
        monkeypatch.setattr(ocr, "off", True)
    received = _upload(office, "Surat.pdf", _scan([_picture(1)]))
    office.read_files(sandbox)
    assert not _lane(office).step()
    assert _file(office, received.file).state == "needs_ocr"
    said = INSTALL if without == "tool" else "KHUB_OCR=off"
    browser = office.browser("budi")
    for path in (f"/keluaran/{received.product}", f"/berkas/{received.file}/hlm/1?q=x", "/cari/tak-terbaca"):
        assert said in browser.get(path).text, path
    with office.services.db.read() as session:
        assert session.scalars(sa.select(Job.open).where(Job.kind == OCR)).all() == [True]


def test_a_page_that_takes_too_long_is_told_and_read_again_when_asked(office, sandbox, tesseract):
    received = _upload(office, "Surat.pdf", _scan([_picture(1)]))
    office.submit("budi", received.product)
    office.read_files(sandbox)
    ocr = office.services.ocr
    patient, ocr.limits = ocr.limits, replace(ocr.limits, wall_seconds=0.05)
    lane = _lane(office)
    assert lane.step()
    file = _file(office, received.file)
    assert (file.state, file.reason) == ("ocr_failed", "ocr.limit.time")
    assert not lane.step()
    page = f"/keluaran/{received.product}"
    assert "batas waktu" in office.browser("budi").get(page).text
    assert "Baca ulang" not in office.browser("sari").get(page).text
    secretariat = office.browser("dewi")
    assert "Baca ulang" in secretariat.get(page).text
    secretariat.post(f"/berkas/{received.file}/baca-ulang")
    assert _file(office, received.file).state == "needs_ocr"
    ocr.limits = patient
    assert lane.step()
    assert _file(office, received.file).state == "read"


def test_a_new_reading_forgets_what_was_read_from_the_pictures(office, sandbox, tesseract):
    received = _upload(office, "Surat.pdf", _scan([_picture(1)]))
    office.read_files(sandbox)
    services = office.services
    handler = ReadScan(services.db, services.storage, office.clock, sandbox, services.ocr)
    file_id = _file(office, received.file).id
    effect = handler(file_id)
    office.clock.forward(minutes=1)
    with services.db.write() as session:
        session.get_one(File, file_id).state = "waiting"
    office.read_files(sandbox)
    with services.db.write() as session:
        effect(session)
    assert _pages(office, file_id) == [("", "ocr.scan", "")]
    assert _file(office, received.file).state == "needs_ocr"


def test_a_monstrous_picture_is_not_opened(office, sandbox, tesseract, tmp_path):
    monster = tmp_path / "monster.png"
    Image.new("1", (20_000, 20_000)).save(monster)
    received = _upload(office, "Surat.png", monster.read_bytes())
    office.read_files(sandbox)
    assert _file(office, received.file).state == "too_risky"
    assert not _lane(office).step()
    outcome = sandbox.recognise(monster, media_type="image/png", page=1, tool=tesseract, limits=Limits())
    assert outcome == RenderFailure("image.pixels")


@pytest.mark.parametrize("answer", ["", "level\n1\t1", "\t" * 11, "1\t" + "\t".join("x" * 11)])
def test_an_answer_that_is_no_table_is_no_page(answer):
    assert read_tsv(answer) is None
