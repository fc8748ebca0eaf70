"""Languages of pages that were read before languages were told by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from indexer.extract.language import language_of_page
from khub.products.jobs import unpack
from khub.products.models import Page

if TYPE_CHECKING:
    from khub.db import Database


def tell(db: Database, file_id: int) -> None:
    """Give the pages of a file without a language theirs; a page of few words stays in the file's."""
    with db.read() as session:
        pages = session.execute(
            sa.select(Page.number, Page.text).where(Page.file_id == file_id, Page.language == "")
        )
        told = {number: code for number, text in pages if (code := language_of_page(unpack(text)))}
    if not told:
        return
    with db.write() as session:
        for page in session.scalars(
            sa.select(Page).where(Page.file_id == file_id, Page.number.in_(told), Page.language == "")
        ):
            page.language = told[page.number]
