"""The run directory: the files through which a run and whoever watches it speak, and how a run is published.

The generator writes all of them but `config.json` and `beat`. Every file is replaced whole, so a reader sees the old one or
the new one.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

CONFIG = "config.json"
PROGRESS = "progress.json"
PENDING = "manifest.pending.json"
MANIFEST = "manifest.json"
CERTIFICATE = "certificate.json"
REPORT = "report.html"
REPORT_JSON = "report.json"
FAILURE = "failure.json"
"""Why an attempt failed: `{"code", "message", "may_pass"}`."""
BEAT = "beat"
"""Changes while the supervisor lives."""
CLAIM = "_unpublished.json"
"""In a target folder: which run directory's unpublished tables lie there."""


class NotPublishable(Exception):
    """The pending manifest is missing, or is not the one that was decided on."""


def write_json(path: Path, value: Any) -> None:
    """Writes a JSON file so that readers see the old or the new one, also after a crash."""
    write_bytes(path, json.dumps(value, indent=2).encode())


def write_bytes(path: Path, data: bytes) -> None:
    """Replaces a file in one step, on disk before the call returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def digest(data: bytes) -> str:
    """The SHA-256 that names a manifest, as 64 hex digits."""
    return hashlib.sha256(data).hexdigest()


def judged_manifest(folder: Path) -> bytes:
    """The bytes of the pending manifest, or of the published one when that step is done. Raises `NotPublishable`."""
    for name in (PENDING, MANIFEST):
        try:
            return (folder / name).read_bytes()
        except FileNotFoundError:
            continue
    raise NotPublishable(f"{folder} holds no manifest; run it again")


def publish(folder: Path, root: Path, manifest_hash: str) -> None:
    """Makes the run's manifest the dataset's; doing it again changes nothing.

    Raises `NotPublishable` if the manifest in the run directory is not the one with this SHA-256.
    """
    data = judged_manifest(folder)
    if digest(data) != manifest_hash:
        raise NotPublishable(f"the manifest in {folder} is not the one that was judged; run it again")
    write_bytes(folder / MANIFEST, data)
    write_bytes(root / MANIFEST, data)
    (folder / PENDING).unlink(missing_ok=True)
    (root / CLAIM).unlink(missing_ok=True)
