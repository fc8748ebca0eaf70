"""The allow-list of file types: everything else is refused at upload."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MediaType:
    """One accepted type: extension without dot, media type, name shown to people."""

    extension: str
    media_type: str
    label: str


_OOXML = "application/vnd.openxmlformats-officedocument."
MEDIA_TYPES: tuple[MediaType, ...] = (
    MediaType("pdf", "application/pdf", "PDF"),
    MediaType("docx", _OOXML + "wordprocessingml.document", "Word"),
    MediaType("docm", "application/vnd.ms-word.document.macroEnabled.12", "Word (makro)"),
    MediaType("dotx", _OOXML + "wordprocessingml.template", "Word (templat)"),
    MediaType("pptx", _OOXML + "presentationml.presentation", "PowerPoint"),
    MediaType("xlsx", _OOXML + "spreadsheetml.sheet", "Excel"),
    MediaType("odt", "application/vnd.oasis.opendocument.text", "OpenDocument"),
    MediaType("txt", "text/plain", "Teks"),
    MediaType("csv", "text/csv", "CSV"),
    MediaType("md", "text/markdown", "Markdown"),
    MediaType("html", "text/html", "HTML"),
    MediaType("jpg", "image/jpeg", "JPEG"),
    MediaType("png", "image/png", "PNG"),
)
BY_EXTENSION = {media.extension: media for media in MEDIA_TYPES}
ALIASES = {"jpeg": "jpg", "jpe": "jpg", "htm": "html", "xhtml": "html", "markdown": "md", "text": "txt"}
