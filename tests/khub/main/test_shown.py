"""What a page asks while it is shown."""

from __future__ import annotations

import sqlalchemy as sa
from flask import g

from khub import web
from khub.policy import anonymous
from khub.products.models import Kind


def test_all_that_a_page_asks_while_it_is_shown_is_of_one_moment(app, services):
    def count():
        return web.ask(lambda session, _: session.scalar(sa.select(sa.func.count()).select_from(Kind)))

    def change():
        with services.db.write() as session:
            session.add(Kind(code="baru", name="Baru", name_en="New", position=99))
        return ""

    page = app.jinja_env.from_string("{{ count() }} {{ change() }}{{ count() }}")
    page.globals = {**page.globals, "count": count, "change": change}
    with app.test_request_context("/"):
        g.actor = anonymous(public_face=False)
        before, after = web.show(page, None).get_data(as_text=True).split()
        assert before == after
        assert count() == int(before) + 1
