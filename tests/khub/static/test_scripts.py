"""The two scripts in a real browser, against a small server that can fail on purpose."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from flask import Flask, jsonify, render_template_string, request
from playwright.sync_api import expect
from werkzeug.serving import make_server

from khub.app import CSP, TEMPLATES
from tests.browser.site import until

STATIC = Path(__file__).parents[3] / "khub" / "static"
PAGE = """<!doctype html><html lang="id"><title>x</title>
<script src="/static/js/khub.js" defer></script><script src="/static/js/upload.js" defer></script><main>
{% from "_macros/form.html" import csrf, input, saved_note, upload %}
{{ upload("/files", target="#kartu", fields={"aksi": "1.3.07"}, limit=2000) }}
<div id="kartu"></div>
<form method="post" action="/save" data-simpan-otomatis>
<input type="hidden" name="rev" value="1">{{ input("judul", "Judul") }}{{ saved_note() }}<button type="submit" name="tekan" value="ya">Simpan</button></form>
<div id="kabar" data-pantau="/poll"><details><summary>Rincian</summary>isi</details></div></main></html>"""

pytestmark = pytest.mark.browser


class Server:
    """Keeps what arrived; `busy` names files that are refused with 503 once."""

    def __init__(self) -> None:
        self.received: list[tuple[str, str, str]] = []
        self.saved: list[dict[str, str]] = []
        self.polls = 0
        self.slow, self.arrived, self.go_on = False, threading.Event(), threading.Event()
        app = self.app = Flask(__name__, static_folder=str(STATIC), template_folder=str(TEMPLATES))
        app.jinja_env.globals.update(
            _=lambda text, **values: text % values, ngettext=None, csrf_token=lambda: "t"
        )
        app.jinja_env.filters["ukuran_berkas"] = str
        app.after_request(self._policy)
        app.add_url_rule("/", view_func=lambda: render_template_string(PAGE), endpoint="page")
        app.add_url_rule("/files", view_func=self._file, methods=["POST"], endpoint="files")
        app.add_url_rule("/card", view_func=lambda: '<div id="kartu">Kartu baru</div>', endpoint="card")
        app.add_url_rule("/save", view_func=self._save, methods=["POST"], endpoint="save")
        app.add_url_rule("/poll", view_func=self._poll, endpoint="poll")

    @staticmethod
    def _policy(response):
        response.headers["Content-Security-Policy"] = CSP
        return response

    def _file(self):
        file = request.files["files"]
        key = request.headers["Idempotency-Key"]
        again = any(key == earlier for earlier, _, _ in self.received)
        self.received.append((key, file.filename, request.form["aksi"]))
        if file.filename == "sibuk.pdf" and not again:
            return jsonify(error="sibuk"), 503
        if file.filename == "virus.exe":
            return jsonify(error="Jenis berkas ini tidak didukung."), 422
        return jsonify(file="F", html=f"<li>{file.filename} tersimpan</li>", card="/card")

    def _save(self):
        self.saved.append(request.form.to_dict())
        if "tekan" in request.form:
            return "Tersimpan dengan tombol"
        if self.slow:
            self.arrived.set()
            self.go_on.wait(20)
        if request.form["judul"] == "bentrok":
            return jsonify(error="Diubah orang lain.", href="/", label="Muat ulang"), 409
        return jsonify(saved="Disimpan 09.14", fields={"rev": "2"})

    def _poll(self):
        self.polls += 1
        more = "" if self.polls > 1 else " data-pantau=/poll"
        return f'<div id="kabar"{more}><details><summary>Rincian</summary>isi</details></div>'


@pytest.fixture
def server():
    stub = Server()
    listener = make_server("127.0.0.1", 0, stub.app, threaded=True)
    thread = threading.Thread(target=listener.serve_forever)
    thread.start()
    stub.address = f"http://127.0.0.1:{listener.server_port}/"
    yield stub
    listener.shutdown()
    thread.join()
    listener.server_close()


@pytest.fixture
def page(browser, server):
    context = browser.new_context()
    page = context.new_page()
    violations: list[str] = []
    page.on("console", lambda line: "Content Security Policy" in line.text and violations.append(line.text))
    page.on("pageerror", lambda error: violations.append(str(error)))
    page.goto(server.address)
    yield page
    context.close()
    assert violations == []


def choose(page, *names: str, size: int = 10) -> None:
    page.set_input_files(
        "#files", [{"name": name, "mimeType": "application/pdf", "buffer": b"x" * size} for name in names]
    )


def test_choosing_is_uploading_and_the_card_follows(page, server):
    choose(page, "a.pdf", "b.pdf", "c.pdf")
    expect(page.locator("#kartu")).to_have_text("Kartu baru")
    assert sorted(name for _, name, _ in server.received) == ["a.pdf", "b.pdf", "c.pdf"]
    assert len({key for key, _, _ in server.received}) == 3
    assert {action for _, _, action in server.received} == {"1.3.07"}
    expect(page.get_by_text("Semua berkas tersimpan")).to_be_visible()


def test_a_busy_server_is_asked_again_with_the_same_key(page, server):
    choose(page, "sibuk.pdf")
    expect(page.get_by_text("sibuk.pdf tersimpan")).to_be_visible()
    assert len(server.received) == 2
    assert len({key for key, _, _ in server.received}) == 1


def test_a_dropped_connection_goes_on_by_itself(page, server):
    page.context.set_offline(True)
    choose(page, "a.pdf")
    expect(page.get_by_text("Koneksi putus.")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("a.pdf tersimpan")).to_be_visible(timeout=15_000)
    assert len(server.received) == 1


def test_a_refusal_shows_the_servers_words_and_leaves_the_others_alone(page, server):
    choose(page, "virus.exe", "a.pdf")
    expect(page.get_by_text("Jenis berkas ini tidak didukung.")).to_be_visible()
    expect(page.get_by_text("a.pdf tersimpan")).to_be_visible()
    page.get_by_role("button", name="Hapus dari daftar").click()
    expect(page.locator("#kartu")).to_have_text("Kartu baru")
    assert len(server.received) == 2


def test_a_file_over_the_limit_is_never_sent(page, server):
    choose(page, "besar.pdf", size=3000)
    expect(page.get_by_text("Berkas lebih besar dari")).to_be_visible()
    assert server.received == []


def test_autosave_reports_and_renews_the_edit_counter(page, server):
    page.fill("#judul", "Modul")
    expect(page.locator("[data-simpan-status]")).to_have_text("Disimpan 09.14")
    assert page.input_value("[name=rev]") == "2"
    assert server.saved[-1]["judul"] == "Modul"


def test_a_press_while_a_save_is_under_way_waits_for_its_revision(page, server):
    server.slow = True
    page.fill("[name=judul]", "Laporan")
    until(server.arrived.is_set, "the save to begin")
    page.get_by_role("button", name="Simpan").click()
    page.get_by_role("button", name="Simpan").click()
    assert [each["rev"] for each in server.saved] == ["1"]
    server.go_on.set()
    expect(page.get_by_text("Tersimpan dengan tombol")).to_be_visible()
    assert [(each["rev"], "tekan" in each) for each in server.saved] == [("1", False), ("2", True)]


def test_autosave_stops_at_a_conflict_and_says_where_to_go(page, server):
    page.fill("#judul", "bentrok")
    expect(page.get_by_role("link", name="Muat ulang")).to_be_visible()
    expect(page.locator("[data-simpan-status]")).to_contain_text("Diubah orang lain.")
    page.fill("#judul", "lagi")
    page.evaluate("window.khub.flush()")
    assert [form["judul"] for form in server.saved] == ["bentrok"]


def test_polling_ends_when_there_is_nothing_to_wait_for_and_closes_nothing(page, server):
    page.get_by_text("Rincian").click()
    expect(page.locator("#kabar[data-pantau]")).to_have_count(0, timeout=15_000)
    assert server.polls == 2
    assert page.locator("#kabar details").get_attribute("open") is not None


def test_without_javascript_the_form_has_a_chooser_and_a_button(browser, server):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(server.address)
    expect(page.locator("#files")).to_be_visible()
    expect(page.get_by_role("button", name="Unggah")).to_be_visible()
    context.close()
