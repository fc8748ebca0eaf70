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
_SCAN_SIDE = 3_508  # the long side of A4 at 300 dpi
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


def scan(stream: IO[bytes], limits: Limits) -> Rendered:
    """Return an image in grey, upright, at about the size of a page at 300 dpi."""
    image = _open(stream, limits)
    try:
        image.draft("L", (_SCAN_SIDE, _SCAN_SIDE))
        upright = ImageOps.exif_transpose(image)
    except _BROKEN as exc:
        raise ExtractError(FileState.BROKEN, "image.damaged") from exc
    side = max(upright.size)
    # A picture of a page taken small is read better enlarged; how large its letters are, nobody knows.
    scale = _SCAN_SIDE / side if side > _SCAN_SIDE else min(2.0, _SCAN_SIDE / side)
    if scale != 1.0:
        size = tuple(max(1, round(edge * scale)) for edge in upright.size)
        upright = _flat(upright).convert("L").resize(size, Image.Resampling.LANCZOS)
    return Rendered(to_grey(upright), upright.width, upright.height, "", ())


def to_grey(image: Any) -> bytes:
    """Return PGM bytes on white: what every reader of pictures reads with the least code."""
    grey = _flat(image).convert("L")
    return b"P5 %d %d 255\n" % grey.size + bytes(grey.tobytes())


def to_webp(image: Any) -> bytes:
    """Return WebP bytes on white, without metadata."""
    out = io.BytesIO()
    _flat(image).save(out, "WEBP", quality=_QUALITY, method=2)
    return out.getvalue()


def _flat(image: Any) -> Any:
    """Return an image in colours without transparency, on white."""
    if image.mode in {"RGBA", "LA", "PA", "P"}:
        layered = image.convert("RGBA")
        image = Image.new("RGB", layered.size, "white")
        image.paste(layered, mask=layered.getchannel("A"))
    return image if image.mode == "RGB" else image.convert("RGB")
