"""Fetch the vendored browser files again: `python -m tests.vendor`.

Reads khub/static/vendor/VENDOR.json, asks npm for each package at its exact version, refuses a
tarball whose sha512 differs from the recorded integrity, copies the named files (flat) into the
package's folder and writes their sha256 back. Needs Node's npm and a network; users of khub need
neither, because the copied files are part of the repository.
"""

import base64
import hashlib
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).parents[1] / "khub" / "static" / "vendor"


def fetch(package: dict[str, object], scratch: Path) -> bytes:
    """Return the tarball of one package; raises ValueError when its sum is not the recorded one."""
    wanted = f"{package['name']}@{package['version']}"
    answer = subprocess.run(
        ["npm", "pack", wanted, "--json", "--ignore-scripts", "--pack-destination", str(scratch)],
        check=True,
        capture_output=True,
        text=True,
    )
    tarball = (scratch / json.loads(answer.stdout)[0]["filename"]).read_bytes()
    found = "sha512-" + base64.b64encode(hashlib.sha512(tarball).digest()).decode()
    if found != package["integrity"]:
        raise ValueError(f"{wanted}: integrity is {found}, recorded {package['integrity']}")
    return tarball


def main() -> None:
    """Refresh every package of VENDOR.json in place."""
    listing = VENDOR / "VENDOR.json"
    packages = json.loads(listing.read_text("utf-8"))
    for package in packages:
        folder = VENDOR / package["folder"]
        folder.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory() as name:
            scratch = Path(name)
            (scratch / "package.tgz").write_bytes(fetch(package, scratch))
            with tarfile.open(scratch / "package.tgz") as archive:
                for path in package["files"]:
                    member = archive.extractfile(f"package/{path}")
                    if member is None:
                        raise ValueError(f"{package['name']}: {path} is not a file")
                    data = member.read()
                    (folder / Path(path).name).write_bytes(data)
                    package["files"][path] = hashlib.sha256(data).hexdigest()
    listing.write_text(json.dumps(packages, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
