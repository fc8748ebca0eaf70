"""What a page asks while it is shown."""

from __future__ import annotations

import contextlib

import sqlalchemy as sa
from flask import g
from sqlalchemy.exc import DBAPIError

from khub import web
from khub.policy import anonymous
from khub.products.models import Kind


def _count():
    return web.ask(lambda session, _: session.scalar(sa.select(sa.func.count()).select_from(Kind)))


def _page(app, text, **calls):
    page = app.jinja_env.from_string(text)
    page.globals = {**page.globals, "count": _count, **calls}
    g.actor = anonymous(public_face=False)
    return web.show(page, None).get_data(as_text=True).split()


def test_all_that_a_page_asks_while_it_is_shown_is_of_one_moment(app, services):
    def change():
        with services.db.write() as session:
            session.add(Kind(code="baru", name="Baru", name_en="New", position=99))
        return ""

    with app.test_request_context("/"):
        before, after = _page(app, "{{ count() }} {{ change() }}{{ count() }}", change=change)
        assert before == after
        assert _count() == int(before) + 1


def test_what_can_be_done_without_takes_no_other_part_of_the_page_with_it(app):
    def failing():
        with contextlib.suppress(DBAPIError):
            web.ask(lambda session, _: session.execute(sa.text("SELECT * FROM nothing_of_that_name")))
        return ""

    with app.test_request_context("/"):
        assert _page(app, "{{ failing() }}{{ count() }}", failing=failing) == [str(_count())]
