"""Zip containers without the hour of their making, so that the same demo gives the same bytes."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_EPOCH: Final = (2023, 1, 1, 0, 0, 0)


def pack(parts: Mapping[str, bytes], *, stored: frozenset[str] = frozenset()) -> bytes:
    """Return a zip of ``parts`` in their order; those named in ``stored`` are not compressed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in parts.items():
            method = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = method
            info.external_attr = 0o600 << 16
            archive.writestr(info, data)
    return out.getvalue()


def repack(data: bytes, replaced: Mapping[str, bytes]) -> bytes:
    """Return the zip ``data`` with fixed dates and the parts in ``replaced`` exchanged."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: replaced.get(name) or archive.read(name) for name in archive.namelist()}
    return pack(parts)
