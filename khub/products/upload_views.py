"""Upload and the check card: from a chosen file to Ajukan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flask import Response, render_template, request

from khub import i18n, web
from khub.errors import N_, InvalidError, KhubError
from khub.i18n import gettext
from khub.links import url_for
from khub.products import drafts, forms, ids, queries
from khub.products.service import StaleError
from khub.products.uploads import Place
from khub.products.views import bp

__all__ = ["bp"]

if TYPE_CHECKING:
    from khub.products.drafts import Card, Choices, Context

_STALE = StaleError.status


@dataclass(frozen=True, slots=True)
class UploadPage:
    """The upload page: where files land, the drafts so far, the open check card.

    ``stored`` is what somebody else saved in between, beside the card as it was typed.
    """

    batch: str
    product: str
    context: Context | None
    cards: list[Card]
    card: Card | None
    position: int
    choices: Choices | None
    errors: list[web.Problem]
    stored: Card | None
    limit: int


@bp.get("/unggah")
def new() -> Response:
    """Open a fresh upload page, carrying action, period and expected output along."""
    wanted = {name: request.args.get(name, "") for name in ("aksi", "periode", "keluaran")}
    if wanted["aksi"] and wanted["periode"] and "/" not in wanted["periode"]:
        wanted["periode"] = f"{wanted['aksi'].partition('/')[0]}/{wanted['periode']}"
    return web.go(
        url_for("products.upload", batch=ids.batch_token(), **{k: v for k, v in wanted.items() if v})
    )


@bp.get("/unggah/<batch>")
def upload(batch: str) -> Response:
    """Show the drafts of one visit and take more files."""
    return web.show("products/upload.html", _upload_page(batch))


def _upload_page(
    batch: str, errors: list[web.Problem] | None = None, typed: Card | None = None, *, stale: bool = False
) -> UploadPage:
    if not ids.is_batch(batch):
        raise InvalidError.one("", N_("Halaman unggah ini tidak dikenali. Buka lagi halaman Unggah."))
    cards = web.ask(drafts.batch_cards, batch)
    place = web.ask(drafts.context, *(request.args.get(name, "") for name in ("aksi", "periode", "keluaran")))
    wanted = typed.public_id if typed else request.args.get("k", "")
    position = next((n for n, card in enumerate(cards) if card.public_id == wanted), 0)
    card = typed or (cards[position] if cards else None)
    return UploadPage(
        batch=batch,
        product="",
        context=place,
        cards=cards,
        card=card,
        position=position,
        choices=web.ask(drafts.choices) if card else None,
        errors=errors or [],
        stored=cards[position] if stale else None,
        limit=web.services().settings.max_upload,
    )


@bp.get("/keluaran/<public_id>/ubah")
def edit(public_id: str) -> Response:
    """Show the check card of one keluaran and take more files for it."""
    return web.show("products/upload.html", _edit_page(public_id))


def _edit_page(
    public_id: str, errors: list[web.Problem] | None = None, typed: Card | None = None, *, stale: bool = False
) -> UploadPage:
    card = typed or web.ask(drafts.product_card, public_id)
    return UploadPage(
        batch=ids.batch_token(),
        product=public_id,
        context=None,
        cards=[card],
        card=card,
        position=0,
        choices=web.ask(drafts.choices),
        errors=errors or [],
        stored=web.ask(drafts.product_card, public_id) if stale else None,
        limit=web.services().settings.max_upload,
    )


@bp.post("/unggah/<batch>/berkas")
def receive(batch: str) -> Response:
    """Take files: one by one from the script, all together from a plain form."""
    place = Place(
        batch=batch,
        action=request.form.get("aksi", ""),
        period=request.form.get("periode", ""),
        output=request.form.get("keluaran", ""),
        product=request.form.get("produk", ""),
    )
    sent = [file for file in request.files.getlist("files") if file.filename]
    if not sent:
        raise InvalidError.one("files", N_("Belum ada berkas. Pilih berkas, lalu unggah."))
    key = request.headers.get("Idempotency-Key", "")
    problems: list[web.Problem] = []
    for number, file in enumerate(sent):
        try:
            received = web.services().uploads.receive(
                web.actor(), file.stream, file.filename or "", place, key=f"{key}-{number}" if key else ""
            )
        except (InvalidError, KhubError) as error:
            if web.wants_json() or error.status >= 500:  # noqa: PLR2004 - ours to mend, not the sender's
                raise
            problems += [web.Problem("files", gettext(error.message, **error.params))]
        else:
            if web.wants_json():
                return _received(batch, place, received.file, received.product)
    if problems:
        page = _edit_page(place.product, problems) if place.product else _upload_page(batch, problems)
        return web.show("products/upload.html", page, 422)
    return web.go(_back(batch, place))


def _back(batch: str, place: Place) -> str:
    if place.product:
        return url_for("products.edit", public_id=place.product)
    kept = {"aksi": place.action, "periode": place.period, "keluaran": place.output}
    return url_for("products.upload", batch=batch, **{k: v for k, v in kept.items() if v})


def _received(batch: str, place: Place, file: str, product: str) -> Response:
    card = web.ask(drafts.product_card, product)
    shown = next(row for row in card.files if row.public_id == file)
    return web.answer(
        file=file,
        html=render_template("products/_file.html", file=shown, card=card),
        card=_back(batch, place),
        # The home page has no check card to fill: its drop area goes on to the upload page.
        location=_back(batch, place) if request.form.get("pindah") else "",
    )


def _typed(public_id: str) -> tuple[Card, forms.Metadata | None, list[web.Problem]]:
    """Return the card as typed, what it says when it is sound, and what is wrong with it."""
    card = web.ask(drafts.product_card, public_id)
    form, keys = _said(card), [key for key in request.form.getlist("actions") if key]
    choices = web.ask(drafts.choices)
    labels = {option.value: option.label for option in (*choices.actions, *choices.other_actions)}
    typed = replace(
        card,
        title=form.get("title", ""),
        kind=form.get("kind", card.kind),
        language=form.get("language", card.language),
        period=form.get("period", card.period),
        classification=form.get("classification", card.classification),
        personal_data=form.get("personal_data", ""),
        owner=form.get("owner", card.owner),
        actions=tuple(
            queries.ActionRef(
                key, key.partition("/")[0], key.partition("/")[2], labels[key].partition(" ")[2]
            )
            for key in dict.fromkeys(keys)
            if key in labels
        ),
    )
    try:
        return typed, forms.metadata(form, keys), []
    except InvalidError as error:
        return typed, None, web.problems(error.errors)


def _said(card: Card) -> dict[str, str]:
    """Return the fields that were sent; one that nobody touched is what the file has told since."""
    form = request.form.to_dict()
    for name, found in (("title", card.title), ("language", card.language)):
        if form.get(name) is not None and form.get(name) == form.get(f"{name}_shown"):
            form[name] = found
    return form


def _save(public_id: str) -> tuple[Card, list[web.Problem], int]:
    """Save the card that was sent; returns it as typed, the problems, and the status to answer."""
    typed, said, problems = _typed(public_id)
    if said is None:
        return typed, problems, 422
    try:
        revision = web.services().products.save(web.actor(), public_id, said)
    except InvalidError as error:
        return typed, web.problems(error.errors), 422
    except StaleError as error:
        typed = replace(typed, revision=error.revision)
        return typed, [web.Problem("title", gettext(error.message))], 409
    return replace(typed, revision=revision), [], 200


@bp.post("/keluaran/<public_id>/simpan")
def save(public_id: str) -> Response:
    """Save the check card; what cannot be saved comes back as typed."""
    typed, problems, status = _save(public_id)
    if web.wants_json():
        if problems:
            refused = web.answer(
                error=" ".join(problem.text for problem in problems),
                href=url_for("products.edit", public_id=public_id) if status == _STALE else "",
                label=gettext("Lihat yang tersimpan"),
            )
            refused.status_code = status
            return refused
        now = i18n.moment(web.services().clock.now())
        return web.answer(
            saved=gettext("Tersimpan sebagai draf %(time)s", time=now),
            fields={
                "revision": typed.revision,
                "title_shown": typed.title,
                "language_shown": typed.language,
            },
        )
    batch = request.form.get("batch", "")
    if problems:
        return _once_more(public_id, problems, typed, status)
    then = request.form.get("lalu", "")
    if ids.is_batch(batch):
        return web.go(url_for("products.upload", batch=batch, k=then or public_id))
    return web.go(url_for("products.edit", public_id=public_id))


@bp.post("/keluaran/<public_id>/ajukan")
def submit(public_id: str) -> Response:
    """Save the open card, then hand in: the whole visit's drafts, or this one."""
    batch = request.form.get("batch", "")
    together = ids.is_batch(batch)
    typed, problems, status = _save(public_id) if "revision" in request.form else (None, [], 200)
    if not problems:
        products = web.services().products
        try:
            handed = (
                products.submit_batch(web.actor(), batch)
                if together
                else products.submit(web.actor(), [public_id])
            )
        except InvalidError as error:
            problems, status = _of_cards(error, public_id), error.status
        else:
            return web.go(url_for("products.receipt", number=handed.receipt))
    return _once_more(public_id, problems, typed, status)


def _once_more(public_id: str, problems: list[web.Problem], typed: Card | None, status: int) -> Response:
    """Show the card again as it was typed, with what is wrong."""
    batch, stale = request.form.get("batch", ""), status == _STALE
    page = (
        _upload_page(batch, problems, typed, stale=stale)
        if ids.is_batch(batch)
        else _edit_page(public_id, problems, typed, stale=stale)
    )
    return web.show("products/upload.html", page, status)


def _of_cards(error: InvalidError, open_card: str) -> list[web.Problem]:
    """Strip the open card's id from field names; other cards' faults name their card."""
    found = []
    for problem in web.problems(error.errors):
        owner, _, field = problem.field.partition(".")
        text = problem.text if owner in ("", open_card) else f"{owner}: {problem.text}"
        found.append(web.Problem(field or "files", text))
    return found


@bp.post("/unggah/<batch>/gabung")
def join(batch: str) -> Response:
    """Make one keluaran of this visit's drafts."""
    public_id = web.services().products.join(web.actor(), batch)
    return web.go(url_for("products.upload", batch=batch, k=public_id))


@bp.post("/keluaran/<public_id>/pisah")
def split(public_id: str) -> Response:
    """Make each file a keluaran of its own."""
    web.services().products.split(web.actor(), public_id)
    return web.go(_to_batch(public_id))


@bp.post("/keluaran/<public_id>/jadikan-versi")
def become_version(public_id: str) -> Response:
    """Make this draft the next version of another keluaran."""
    target = request.form.get("target", "")
    web.services().products.become_version(web.actor(), public_id, target)
    return web.go(url_for("products.edit", public_id=target))


@bp.post("/keluaran/<public_id>/buang")
def discard(public_id: str) -> Response:
    """Throw a draft away."""
    back = _to_batch(public_id)
    web.services().products.discard(web.actor(), public_id)
    return web.go(back)


@bp.post("/berkas/<public_id>/lepas")
def remove_file(public_id: str) -> Response:
    """Take a file out of a draft."""
    product = web.services().uploads.remove(web.actor(), public_id)
    return web.go(_to_batch(product))


@bp.post("/berkas/<public_id>/baca-ulang")
def retry_file(public_id: str) -> Response:
    """Ask for a file to be read again."""
    product = web.services().uploads.retry(web.actor(), public_id)
    return web.go(url_for("products.detail", public_id=product))


def _to_batch(public_id: str) -> str:
    batch = request.form.get("batch", "")
    if ids.is_batch(batch):
        return url_for("products.upload", batch=batch)
    try:
        web.ask(drafts.product_card, public_id)
    except KhubError:
        return url_for("products.index")
    return url_for("products.edit", public_id=public_id)
