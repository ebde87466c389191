"""Fetches the packages that webapp/static/vendor holds files of, and puts those files and their licences in place.

python scripts/vendor_assets.py          every file must have the hash in vendor.lock.json
python scripts/vendor_assets.py lock     writes the hashes anew: after a version in the lock was changed by hand
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[1] / "webapp" / "static" / "vendor"
LOCK = VENDOR / "vendor.lock.json"
MEMBERS = {
    "htmx.min.js": "package/dist/htmx.min.js",
    "idiomorph-ext.min.js": "package/dist/idiomorph-ext.min.js",
    "pico.min.css": "package/css/pico.min.css",
}
"""Where a package keeps a vendored file."""
LICENCES = ("package/LICENSE", "package/LICENSE.md")

PREAMBLE = """# Licences of the files in this folder

Each file is as its npm package publishes it. `vendor.lock.json` has the hashes; `python scripts/vendor_assets.py`
puts the files here again and checks them.

| Package | Version | File | Licence | Copyright |
| --- | --- | --- | --- | --- |
"""


@dataclass(frozen=True)
class Locked:
    """A vendored file: one line of the lock."""

    name: str
    version: str
    file: str
    sha256: str
    licence: str


@dataclass(frozen=True)
class Fetched:
    """A vendored file as its package has it, with the package's licence text."""

    locked: Locked
    content: bytes
    licence_text: str

    @property
    def sha256(self) -> str:
        """Hash of the content."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def copyright(self) -> str:
        """The licence's copyright line."""
        lines = (line.strip() for line in self.licence_text.splitlines())
        return next((line for line in lines if line.lower().startswith("copyright (c)")), "none stated")


def read_lock() -> list[Locked]:
    """The lines of the lock."""
    return [Locked(**line) for line in json.loads(LOCK.read_text("utf-8"))]


def fetch(locked: Locked) -> Fetched:
    """Packs the package with npm, from the registry that npm is set up for."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["npm", "pack", "--silent", "--pack-destination", folder, f"{locked.name}@{locked.version}"]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as package:
            licence = next(name for name in LICENCES if name in package.getnames())
            return Fetched(locked, read(package, MEMBERS[locked.file]), read(package, licence).decode("utf-8"))


def read(package: tarfile.TarFile, member: str) -> bytes:
    """Content of a file of a package."""
    content = package.extractfile(member)
    if content is None:
        raise SystemExit(f"{member} is not a file of its package")
    return content.read()


def check(fetched: list[Fetched]) -> None:
    """Ends with status 1, naming the files, if a file is not what the lock says."""
    wrong = [
        f"{one.locked.file}: {one.sha256}, locked {one.locked.sha256}"
        for one in fetched
        if one.sha256 != one.locked.sha256
    ]
    if wrong:
        raise SystemExit("These files differ from vendor.lock.json; was a version changed? " + "; ".join(wrong))


def lock(fetched: list[Fetched]) -> None:
    """The lock has the hashes of these files."""
    lines = [asdict(replace(one.locked, sha256=one.sha256)) for one in fetched]
    LOCK.write_text(json.dumps(lines, indent=2) + "\n", "utf-8")


def licences(fetched: list[Fetched]) -> str:
    """LICENSES.md: a table of the packages, then each licence text once."""
    rows = "".join(
        f"| {one.locked.name} | {one.locked.version} | {one.locked.file} | {one.locked.licence} | {one.copyright} |\n"
        for one in fetched
    )
    texts: dict[str, list[str]] = {}
    for one in fetched:
        texts.setdefault(one.licence_text.strip(), []).append(one.locked.name)
    return PREAMBLE + rows + "".join(f"\n## {', '.join(names)}\n\n```\n{text}\n```\n" for text, names in texts.items())


def place(fetched: list[Fetched]) -> None:
    """The files and their licences are in the vendor folder."""
    for one in fetched:
        (VENDOR / one.locked.file).write_bytes(one.content)
    (VENDOR / "LICENSES.md").write_text(licences(fetched), "utf-8")


def main(words: list[str]) -> None:
    """Runs one of the two commands in the module's docstring."""
    if words not in ([], ["lock"]):
        raise SystemExit(__doc__)
    fetched = [fetch(locked) for locked in read_lock()]
    (lock if words else check)(fetched)
    place(fetched)


if __name__ == "__main__":
    main(sys.argv[1:])
