"""Public ids: random, so that a gap never tells of a hidden row; no letters that look alike."""

from __future__ import annotations

import re
import secrets

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_PRODUCT_LENGTH = 7
_FILE_LENGTH = 10
_RECEIPT_LENGTH = 6
_BATCH = re.compile(r"[a-z0-9]{12,40}")


def _draw(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def product_id() -> str:
    """Return a new public id of a keluaran, such as ``K-7QX2M4A``."""
    return f"K-{_draw(_PRODUCT_LENGTH)}"


def report_id() -> str:
    """Return a new public id of a report row, such as ``L-7QX2M4A``."""
    return f"L-{_draw(_PRODUCT_LENGTH)}"


def annual_id() -> str:
    """Return a new public id of an annual report, such as ``LP-7QX2M4A``."""
    return f"LP-{_draw(_PRODUCT_LENGTH)}"


def export_id() -> str:
    """Return a new public id of an exported file, such as ``E-7QX2M4A9KD``."""
    return f"E-{_draw(_FILE_LENGTH)}"


def letter_id() -> str:
    """Return a new public id of a letter, such as ``S-7QX2M4A9KD``."""
    return f"S-{_draw(_FILE_LENGTH)}"


def file_id() -> str:
    """Return a new public id of a file, such as ``B-7QX2M4A9KD``."""
    return f"B-{_draw(_FILE_LENGTH)}"


def receipt_number(year: int) -> str:
    """Return a new receipt number, such as ``TT-2023-7QX2M4``."""
    return f"TT-{year}-{_draw(_RECEIPT_LENGTH)}"


def batch_token() -> str:
    """Return a token under which one person's drafts of one visit hang together."""
    return secrets.token_hex(12)


def is_batch(token: str) -> bool:
    """Tell whether ``token`` has the shape of ``batch_token``."""
    return bool(_BATCH.fullmatch(token))
