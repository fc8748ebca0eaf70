"""Photos and page images through Pillow, its only user: evidence to look at, never a source of text."""

import io
import warnings
from typing import IO, Any

from PIL import Image, ImageOps, UnidentifiedImageError

from indexer.extract.collect import Collector
from indexer.extract.limits import Limits
from indexer.extract.model import ExtractError, FileState, Rendered

_FORMATS = ("JPEG", "PNG")
_QUALITY = 80
_MAX_HEIGHT_RATIO = 6
_BROKEN = (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError)


def load_codecs() -> None:
    """Load the plugins now, so that forked children share them."""
    Image.init()
    Image.new("RGB", (2, 2)).save(io.BytesIO(), "WEBP")


def _open(stream: IO[bytes], limits: Limits) -> Image.Image:
    stream.seek(0)
    try:
        with warnings.catch_warnings():
            # Our own limit below speaks for Pillow's warning.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(stream, formats=_FORMATS)
    except Image.DecompressionBombError as exc:
        raise ExtractError(FileState.TOO_RISKY, "image.pixels", limit=limits.image_pixels) from exc
    except _BROKEN as exc:
        raise ExtractError(FileState.BROKEN, "image.damaged") from exc
    if image.width * image.height > limits.image_pixels:
        raise ExtractError(FileState.TOO_RISKY, "image.pixels", limit=limits.image_pixels)
    return image


def read(stream: IO[bytes], found: Collector, *, engine: str = "") -> None:  # noqa: ARG001 -- one engine
    """Check an image. Always raises ExtractError: EVIDENCE with width and height, or why it is not one."""
    image = _open(stream, found.limits)
    try:
        image.load()
    except _BROKEN as exc:
        raise ExtractError(FileState.BROKEN, "image.damaged") from exc
    upright = ImageOps.exif_transpose(image)
    raise ExtractError(FileState.EVIDENCE, "", width=upright.width, height=upright.height)


def render(stream: IO[bytes], width: int, limits: Limits) -> Rendered:
    """Return an image at most ``width`` pixels wide, upright, without its metadata."""
    image = _open(stream, limits)
    try:
        image.draft("RGB", (width, width * _MAX_HEIGHT_RATIO))
        upright = ImageOps.exif_transpose(image)
    except _BROKEN as exc:
        raise ExtractError(FileState.BROKEN, "image.damaged") from exc
    upright.thumbnail((width, width * _MAX_HEIGHT_RATIO))
    return Rendered(to_webp(upright), upright.width, upright.height, "", ())


def to_webp(image: Any) -> bytes:
    """Return WebP bytes on white, without metadata."""
    if image.mode in {"RGBA", "LA", "PA", "P"}:
        layered = image.convert("RGBA")
        image = Image.new("RGB", layered.size, "white")
        image.paste(layered, mask=layered.getchannel("A"))
    elif image.mode != "RGB":
        image = image.convert("RGB")
    out = io.BytesIO()
    image.save(out, "WEBP", quality=_QUALITY, method=2)
    return out.getvalue()
