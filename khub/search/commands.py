"""``khub search`` and ``khub reindex``."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

import click
import sqlalchemy as sa

from indexer.ports import IndexLockedError, IndexUnavailableError
from indexer.query import QueryError, misnamed
from khub import outbox
from khub.kinds import jobs as kinds
from khub.outbox import Job
from khub.policy import SYSTEM
from khub.search import reading, service
from khub.search.advice import Advice
from khub.search.indexing import REBUILD, Rebuild, keep_progress
from khub.tongue import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Callable

    from khub.search.advice import Variant
    from khub.search.service import Answer
    from khub.wiring import Services

_WIDTH = 36


@click.command()
@click.argument("query")
@click.option(
    "--as", "login", required=True, help="Login whose rights count; the search is recorded in the trail."
)
@click.option("--page", type=click.IntRange(1, 1000), default=1, show_default=True, help="Page of results.")
@click.option("--size", type=click.IntRange(1, 100), default=10, show_default=True, help="Products a page.")
@click.option("--sort", type=click.Choice(["relevance", "date"]), default="relevance", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with facets.")
@click.pass_obj
def search(
    services: Callable[[], Services],
    query: str,
    login: str,
    page: int,
    size: int,
    sort: str,
    *,
    as_json: bool,
) -> None:
    """Show what a person would find for QUERY.

    It is written as in the search box: words, "phrases", -word, OR, modul*, and filters such as
    pillar:2, institution:bnpt or year:2022..2023, whose names may be Indonesian, too (/bantuan/pencarian
    has all of them). Put -- before a query that begins with a minus.
    """
    built = services()
    try:
        person = built.accounts.actor_of(login)
        built.search.audited(SYSTEM, login, query)
        asked = service.Request(query, sort=sort, page=page, size=size)
        answer = built.search.run(person, asked, advised=page == 1)
    except QueryError as error:
        raise click.ClickException(
            f"the query cannot be read, at {error.position + 1}: {ENGLISH.gettext(reading.fault(error))}"
        ) from error
    except IndexUnavailableError as error:
        raise click.ClickException(f"the index is {error.reason}: run `khub reindex`") from error
    finally:
        built.close()
    if as_json:
        click.echo(json.dumps(_facts(query, login, answer), ensure_ascii=False, indent=1))
        return
    click.echo(f"{answer.total_products} products, {answer.total_pages} pages")
    for found in answer.found:
        product = found.product
        click.echo(
            f"\n{product.public_id} v{product.version} {product.title}  [{product.state}, {product.classification}]"
        )
        for hit in found.pages:
            text = " ".join("".join(part.text for part in hit.snippet.fragments).split())
            click.echo(f"  {hit.file_name}, {hit.kind} {hit.label}: {text}")
        if found.more:
            click.echo(f"  {found.more} more pages")
    _advise(query, answer)


def _advise(query: str, answer: Answer) -> None:
    """Say what could not be searched, and what to ask instead, each with the count it would give."""
    if wrong := misnamed(query):
        click.echo(
            f"\nNo filter is called {', '.join(wrong.names)}: searched as words. Perhaps: {wrong.text}"
        )
    if answer.unread:
        states = ", ".join(f"{count} {state}" for state, count in sorted(answer.unread.items()))
        click.echo(f"\nFiles in scope that could not be searched: {states}")
    if lines := [f"  {each.text}  ({each.count} products)" for each in _instead(answer)]:
        click.echo("\n".join(["\nInstead you could ask for:", *lines]))


def _instead(answer: Answer) -> list[Variant]:
    advice = answer.advice or Advice()
    return [*advice.spellings, *advice.others, *advice.related]


def _facts(query: str, login: str, answer: Answer) -> dict[str, object]:
    return {
        "query": query,
        "as": login,
        "total_products": answer.total_products,
        "total_pages": answer.total_pages,
        "results": [
            {
                "product": found.product.public_id,
                "title": found.product.title,
                "version": found.product.version,
                "state": found.product.state,
                "classification": found.product.classification,
                "institution": found.product.institution,
                "actions": [action.code for action in found.product.actions],
                "pages": [
                    {
                        "file": hit.file,
                        "name": hit.file_name,
                        "number": hit.number,
                        "label": hit.label,
                        "kind": hit.kind,
                        "snippet": "".join(part.text for part in hit.snippet.fragments),
                        "matches": [part.text for part in hit.snippet.fragments if part.is_match],
                    }
                    for hit in found.pages
                ],
                "more_pages": found.more,
            }
            for found in answer.found
        ],
        "unread_files": dict(answer.unread),
        "instead": [{"query": each.text, "products": each.count} for each in _instead(answer)],
        "facets": {
            name: {count.value: count.count for count in counts} for name, counts in answer.facets.items()
        },
    }


@click.command()
@click.pass_obj
def reindex(services: Callable[[], Services]) -> None:
    """Build the search index anew, aside, and swap it in; searches go on meanwhile.

    With a running worker the worker does it; without one it is done here. Stopped, or killed, it goes
    on the next time where it was; it refuses to begin where the disk has no room for a second index.
    """
    built = services()
    try:
        built.index_writer.open()
    except IndexLockedError:
        _by_worker(built)
        return
    try:
        rebuild = Rebuild(
            built.db, built.index_writer, _both(built), clock=built.clock, folder=built.settings.index
        )
        info = rebuild.run()
        kinds.RebuildKinds(built.db, built.clock, built.kind_writer, folder=built.settings.kind_index).run()
    except OSError as error:
        raise click.ClickException(f"the index could not be built: {error.strerror or error}") from error
    except IndexUnavailableError as error:
        raise click.ClickException(f"the new index was not put in force: {error.reason}") from error
    finally:
        built.close()
    _end_bar()
    click.echo(f"{info.documents} documents, {info.size >> 10} KB")


def _both(built: Services) -> Callable[[int, int], None]:
    kept = keep_progress(built.settings.index)

    def tell(done: int, of: int) -> None:
        kept(done, of)
        _bar(done, of)

    return tell


def _by_worker(built: Services) -> None:
    told: list[str] = []
    with built.db.write() as session:
        for kind in (REBUILD, kinds.REBUILD):
            outbox.enqueue(session, kind, 0, built.clock.now(), priority=1)
    try:
        while True:
            with built.db.read() as session:
                job = session.execute(sa.select(Job).where(Job.kind == REBUILD)).scalar_one()
                failed = not job.open and job.wanted > job.done
                waits = job.error.strip().splitlines()[-1:] if job.open and not job.lease_until else []
                if failed or not job.open:
                    break
            if waits and waits != told:
                click.echo(f"not yet: {waits[0]}", err=True)
            told = waits
            _bar(built.index_state() or 0, 100)
            time.sleep(0.3)
    finally:
        built.close()
    if failed:
        raise click.ClickException(f"the worker gave up: {job.error.strip().splitlines()[-1]}")
    _bar(100, 100)
    _end_bar()
    click.echo("The worker has swapped the new index in.")


def _bar(done: int, of: int) -> None:
    if sys.stdout.isatty():
        full = _WIDTH * done // max(of, 1)
        click.echo(f"\r[{'#' * full}{'.' * (_WIDTH - full)}] {done}/{of} ", nl=False)


def _end_bar() -> None:
    if sys.stdout.isatty():
        click.echo()
