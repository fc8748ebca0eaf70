"""A task for a child, as it crosses the process border."""

from dataclasses import dataclass, field
from typing import Any

from indexer.extract import wire
from indexer.extract.limits import Limits
from indexer.extract.model import Page


@dataclass(frozen=True, slots=True)
class Request:
    """One task as the parent asks for it; ``task`` is "extract", "conclude", "render", "scan" or "recognise"."""

    task: str
    extension: str
    name: str
    limits: Limits
    engine: str = ""
    pages: list[Page] = field(default_factory=list)  # delivered by an earlier attempt
    page_count: int = 0
    verdict: tuple[str, str] = ("", "")  # for "conclude": state and reason
    page: int = 0
    width: int = 0
    tool: tuple[str, str, str] = ("", "", "")  # for "recognise": program, languages, folder of its data


def request_out(request: Request) -> dict[str, Any]:
    """Return the frame value of a request."""
    limits = {name: getattr(request.limits, name) for name in Limits.__slots__}
    return {
        "task": request.task,
        "extension": request.extension,
        "name": request.name,
        "engine": request.engine,
        "limits": limits,
        "pages": [wire.page_out(page, request.page_count) for page in request.pages],
        "page_count": request.page_count,
        "verdict": request.verdict,
        "page": request.page,
        "width": request.width,
        "tool": request.tool,
    }


def request_in(value: dict[str, Any]) -> Request:
    """Return the request a frame value stands for."""
    pages = [wire.page_in(page)[0] for page in value["pages"]]
    state, reason = value["verdict"]
    program, languages, tessdata = value["tool"]
    return Request(
        task=value["task"],
        extension=value["extension"],
        name=value["name"],
        engine=value["engine"],
        limits=Limits(**value["limits"]),
        pages=pages,
        page_count=value["page_count"],
        verdict=(state, reason),
        page=value["page"],
        width=value["width"],
        tool=(program, languages, tessdata),
    )
