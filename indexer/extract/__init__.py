"""Files to pages of text, in a confined process: see ``Sandbox``."""

from indexer.extract.limits import Limits
from indexer.extract.media import MEDIA_TYPES, MediaType
from indexer.extract.model import (
    EXTRACTOR_VERSION,
    Extraction,
    FileState,
    Page,
    PageKind,
    PersonalFinding,
    PersonalKind,
    Recognised,
    Rendered,
    RenderFailure,
    WordBox,
)
from indexer.extract.names import clean_name
from indexer.extract.ocr import Tool
from indexer.extract.sandbox import Sandbox
from indexer.extract.sniff import Sniff, sniff

__all__ = [
    "EXTRACTOR_VERSION",
    "MEDIA_TYPES",
    "Extraction",
    "FileState",
    "Limits",
    "MediaType",
    "Page",
    "PageKind",
    "PersonalFinding",
    "PersonalKind",
    "Recognised",
    "RenderFailure",
    "Rendered",
    "Sandbox",
    "Sniff",
    "Tool",
    "WordBox",
    "clean_name",
    "sniff",
]
