"""The vendored files are the ones that were checked when they were fetched."""

import hashlib
import json
from pathlib import Path

STATIC = Path(__file__).parents[3] / "khub" / "static"
VENDOR = STATIC / "vendor"
PACKAGES = json.loads((VENDOR / "VENDOR.json").read_text("utf-8"))


def test_every_recorded_file_has_its_recorded_sum() -> None:
    for package in PACKAGES:
        for path, recorded in package["files"].items():
            data = (VENDOR / package["folder"] / Path(path).name).read_bytes()
            assert hashlib.sha256(data).hexdigest() == recorded, path


def test_nothing_lies_there_unrecorded() -> None:
    recorded = {
        VENDOR / package["folder"] / Path(path).name for package in PACKAGES for path in package["files"]
    }
    found = {path for path in VENDOR.rglob("*") if path.is_file()} - {VENDOR / "VENDOR.json"}
    assert found == recorded


def test_every_package_brings_its_licence_and_version() -> None:
    for package in PACKAGES:
        assert package["license"]
        assert "LICENSE" in package["files"]
        assert package["folder"].endswith("-" + package["version"])
        assert package["integrity"].startswith("sha512-")


def test_stylesheet_points_to_an_existing_font() -> None:
    css = (STATIC / "css" / "khub.css").read_text("utf-8")
    font = css.split("src:url(", 1)[1].split(")", 1)[0]
    assert (STATIC / "css" / font).resolve().is_file()
