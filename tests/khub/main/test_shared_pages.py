"""Pages made of words only, and the page of all components, through the real application."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from flask import render_template
from lxml import html

from khub.web import Pager


@pytest.mark.parametrize("path", ["/bantuan/pencarian", "/aksesibilitas", "/masuk"])
@pytest.mark.parametrize("language", ["id", "en"])
def test_page_speaks_the_chosen_language(client, path, language):
    client.set_cookie("khub_bahasa", language)
    answer = client.get(path)
    assert answer.status_code == 200
    page = html.fromstring(answer.text)
    assert page.get("lang") == language
    skip = page.xpath("//a[@class='skip']")
    assert skip[0].text == {"id": "Langsung ke isi", "en": "Skip to content"}[language]
    assert len(page.xpath("//h1")) == 1


@pytest.fixture
def components(app):
    with app.test_request_context("/"):
        app.preprocess_request()
        return html.fromstring(
            render_template(
                "main/components.html",
                page=SimpleNamespace(now=datetime(2023, 10, 9, 2, 14, tzinfo=UTC), pager=_Pages(3, 6, 1204)),
            )
        )


class _Pages(Pager):
    @staticmethod
    def href(number):
        return f"?hlm={number}"


def test_no_component_needs_inline_style_or_script(components):
    assert components.xpath("//@style | //@*[starts-with(name(), 'on')] | //style") == []
    assert [script for script in components.xpath("//script") if not script.get("src")] == []


def test_every_post_form_carries_the_token(components):
    forms = components.xpath("//form[@method='post']")
    assert forms
    assert all(form.xpath(".//input[@name='csrf_token']/@value") for form in forms)


def test_ids_are_unique_and_references_resolve(components):
    ids = components.xpath("//@id")
    assert len(ids) == len(set(ids))
    for attribute in ("aria-describedby", "aria-labelledby", "for"):
        for value in components.xpath(f"//@{attribute}"):
            assert set(value.split()) <= set(ids), value


def test_the_shared_tail_of_a_title_is_quiet_but_whole(components):
    tail = components.xpath("//span[@class='ekor']")[0]
    assert tail.text == "Ekstremisme Berbasis Kekerasan yang Mengarah pada Terorisme"
    assert tail.getparent().text_content().endswith("(bagi komunitas perempuan, pemuda, ormas)")


def test_a_field_in_error_says_so_in_words_and_to_machines(components):
    field = components.xpath("//*[@id='persen']")[0]
    assert field.get("aria-invalid") == "true"
    message = components.xpath(f"//*[@id='{field.get('aria-describedby')}']")[0]
    assert message.text_content() == "Galat: 140 lebih besar dari 100."
    assert components.xpath("//*[contains(@class, 'galat-ringkas')]//a/@href")[0] == "#persen"
