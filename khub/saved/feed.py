"""New hits of one saved search as Atom (RFC 4287), by a secret address, with the rights of the moment.

As in the other feeds the title of a *terbatas* keluaran is not in it: feed readers keep what they read.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, tostring

import sqlalchemy as sa

from khub.accounts import sessions
from khub.accounts.models import Person
from khub.errors import NotFoundError
from khub.mail import links
from khub.policy import Classification
from khub.products.models import Product
from khub.products.queries import head_condition, readable_copies
from khub.saved.models import SavedFind, SavedSearch, SavedWatch
from khub.saved.rules import open_to
from khub.tongue import Tongue

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from khub.settings import Settings

_SHOWN = 50
_ATOM = "http://www.w3.org/2005/Atom"


def atom(session: Session, token: str, settings: Settings, now: datetime) -> bytes:
    """Return the feed behind ``token``; ``NotFoundError`` for one that is unknown, revoked, or out of rights."""
    watch = session.scalar(sa.select(SavedWatch).where(SavedWatch.feed_hash == sessions.digest(token)))
    actor = sessions.rights_of(session, watch.person_id, now) if watch is not None else None
    if watch is None or actor is None:
        raise NotFoundError
    search = session.scalar(sa.select(SavedSearch).where(SavedSearch.id == watch.search_id, open_to(actor)))
    if search is None:
        raise NotFoundError
    tongue = Tongue(session.get_one(Person, watch.person_id).language or settings.language)
    rows = session.execute(
        readable_copies(actor)
        .add_columns(SavedFind.found_at)
        .join(SavedFind, SavedFind.product_id == Product.id)
        .where(SavedFind.watch_id == watch.id, head_condition(actor))
        .order_by(SavedFind.found_at.desc(), Product.id.desc())
        .limit(_SHOWN)
    ).all()
    feed = Element("feed", {"xmlns": _ATOM, "xml:lang": tongue.code})
    _add(feed, "title", f"{search.name} · {settings.site_name}")
    _add(feed, "id", f"tag:khub,2023:{settings.address}{links.saved(search.public_id)}")
    _add(feed, "updated", _zulu(max((row[3] for row in rows), default=watch.feed_since or search.created_at)))
    SubElement(
        feed, "link", {"rel": "alternate", "href": f"{settings.address}{links.saved(search.public_id)}"}
    )
    author = SubElement(feed, "author")
    _add(author, "name", settings.site_name)
    for copy, _, product, found_at in rows:
        hidden = product.classification == Classification.RESTRICTED
        entry = SubElement(feed, "entry")
        _add(entry, "title", tongue.gettext("Keluaran terbatas") if hidden else copy.title)
        _add(entry, "id", f"tag:khub,2023:pencarian/{search.public_id}/{product.public_id}")
        _add(entry, "updated", _zulu(found_at))
        href = f"{settings.address}{links.product(product.public_id)}"
        SubElement(entry, "link", {"rel": "alternate", "href": href})
    return bytes(tostring(feed, encoding="utf-8", xml_declaration=True))


def _add(parent: Element, tag: str, words: str) -> None:
    """Add an element with the words that XML 1.0 can carry."""
    SubElement(parent, tag).text = "".join(c for c in words if c.isprintable())


def _zulu(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
