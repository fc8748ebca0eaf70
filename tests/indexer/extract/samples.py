"""Small files made on the spot: real ones by the libraries people use, hostile ones by hand."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT_W = "http://purl.oclc.org/ooxml/wordprocessingml/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_R = "http://purl.oclc.org/ooxml/officeDocument/relationships"
PACKAGE_R = "http://schemas.openxmlformats.org/package/2006/relationships"
NAMESPACES = (
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)


def make_pdf(pages: Iterable[str | Callable[[Canvas], None]], **info: Any) -> bytes:
    """Return a PDF: a string is the text of a page, a function draws one."""
    out = io.BytesIO()
    canvas = Canvas(out, pageCompression=1)
    for name, value in info.items():
        getattr(canvas, f"set{name.capitalize()}")(value)
    for page in pages:
        if callable(page):
            page(canvas)
        else:
            for at, line in enumerate(page.split("\n")):
                canvas.drawString(72, 760 - 16 * at, line)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def make_scan(canvas: Canvas) -> None:
    """Draw an image over the whole page, as a scanner does."""
    canvas.drawImage(ImageReader(picture()), 0, 0, width=595, height=842)


def picture() -> io.BytesIO:
    from PIL import Image  # noqa: PLC0415 -- only scans need it

    out = io.BytesIO()
    Image.effect_noise((60, 80), 50).convert("RGB").save(out, "PNG")
    out.seek(0)
    return out


def raw_pdf(content: bytes, *, pages: int = 1) -> bytes:
    """Return a PDF written by hand whose pages share this content stream."""
    stream = zlib.compress(content)
    kids = b" ".join(b"%d 0 R" % (number + 5) for number in range(pages))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [" + kids + b"] /Count %d >>" % pages,
        b"<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(stream) + stream + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 3 0 R "
    objects += [page + b"/Resources << /Font << /F1 4 0 R >> >> >>"] * pages
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(
        b"%010d 00000 n \n" % place for place in places
    )
    return bytes(
        out + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    )


def make_zip(parts: dict[str, str | bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def make_docx(
    body: str,
    parts: dict[str, tuple[str, str]] | None = None,
    *,
    extra: dict[str, str | bytes] | None = None,
    main: str = "wordprocessingml.document.main+xml",
    strict: bool = False,
) -> bytes:
    """Return a Word file with this body; ``parts``: name → (kind of relationship, inner XML)."""
    w, r = (STRICT_W, STRICT_R) if strict else (W, R)
    prefix = "vnd.ms-word." if "macro" in main else "vnd.openxmlformats-officedocument."
    links = []
    overrides = [
        f'<Override PartName="/word/document.xml" ContentType="application/{prefix}{main.removeprefix("ms-word.")}"/>'
    ]
    written: dict[str, str | bytes] = {}
    for name, (kind, xml) in (parts or {}).items():
        links.append(f'<Relationship Id="rId-{name}" Type="{r}/{kind}" Target="{name}.xml"/>')
        overrides.append(f'<Override PartName="/word/{name}.xml" ContentType="application/x+xml"/>')
        written[f"word/{name}.xml"] = xml.replace(
            "<ROOT", f'<w:{kind} xmlns:w="{w}" {NAMESPACES}', 1
        ).replace("</ROOT>", f"</w:{kind}>")
    return make_zip(
        {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>' + "".join(overrides) + "</Types>",
            "_rels/.rels": f'<Relationships xmlns="{PACKAGE_R}"><Relationship Id="rId1" '
            f'Type="{r}/officeDocument" Target="word/document.xml"/></Relationships>',
            "word/_rels/document.xml.rels": f'<Relationships xmlns="{PACKAGE_R}">'
            + "".join(links)
            + "</Relationships>",
            "word/document.xml": f'<w:document xmlns:w="{w}" {NAMESPACES}><w:body>{body}</w:body></w:document>',
            **written,
            **(extra or {}),
        }
    )


def p(text: str, properties: str = "") -> str:
    """Return a Word paragraph."""
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"


def replace_part(data: bytes, name: str, part: str) -> bytes:
    """Return a zip file with one part replaced."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts: dict[str, str | bytes] = {entry: archive.read(entry) for entry in archive.namelist()}
    return make_zip({**parts, name: part})
