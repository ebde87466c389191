"""What a target folder already holds, and what a run in the asked-for mode may do with it."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from generation.spec.catalog import location
from generation.spec.config import Config
from generation.spec.estimate import estimate
from generation.spec.identity import config_hash, differences
from generation.spec.memory import START_BYTES, UNITS_AT_A_TIME, fitting_unit, machine_memory, needed_memory, unit_bytes
from generation.spec.problems import InvalidConfig, Problem
from generation.spec.report import MANIFEST_VERSION, Manifest
from generation.spec.run_directory import CLAIM, MANIFEST, write_json
from generation.spec.table import Table

RUN_FOLDER = "_run"
LOCK = "_lock"


@dataclass(frozen=True)
class Standing:
    """How a run begins: with which serial number, from which household on, or with nothing left to do."""

    serial: int
    first_household: int = 1
    published: Manifest | None = None

    @property
    def appends(self) -> bool:
        """Whether the run adds households to a published dataset."""
        return self.first_household > 1


def refuse(pointer: str, message: str) -> InvalidConfig:
    """An error about one setting."""
    return InvalidConfig([Problem(pointer, "target", message)])


def read_manifest(root: Path) -> Manifest | None:
    """The published manifest of a folder, None without one; raises `InvalidConfig` for one that is not ours."""
    path = root / MANIFEST
    return manifest_of(path) if path.exists() else None


def manifest_of(path: Path, option: str = "output.path") -> Manifest:
    """The manifest in a file; raises `InvalidConfig` for one that cannot be read or is not ours.

    `option` is what named the file.
    """
    other = "another folder" if option == "output.path" else "another manifest"
    pointer = "/" + option.lstrip("-").replace(".", "/")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise refuse(pointer, f"{option}: {path} cannot be read ({error}); restore it or choose {other}") from error
    try:
        manifest = Manifest.model_validate_json(text)
        Config.model_validate(manifest.config)
    except ValidationError as error:
        raise refuse(pointer, f"{option}: {path} is corrupt or foreign; restore it, or choose {other}") from error
    if manifest.manifest_version != MANIFEST_VERSION:
        raise refuse(
            pointer,
            f"{option}: {path} has manifest_version {manifest.manifest_version}, this version reads {MANIFEST_VERSION}; "
            f"use the version that wrote it, or choose {other}",
        )
    return manifest


def standing(folder: Path, config: Config, *, resumable: bool) -> Standing | None:
    """How the run of a run directory begins on its target; None when the dataset is there already.

    `resumable` says that an unfinished run of the same configuration lies in the run directory. Raises `InvalidConfig`
    with the setting to change when the target or the mode forbids the run.
    """
    root = Path(config.output.path or "")
    manifest = read_manifest(root)
    if manifest is None:
        return _fresh(folder, root, config, resumable)
    same = manifest.config_hash == config_hash(config)
    if config.output.mode == "regenerate":
        return Standing(manifest.serial + 1, published=manifest)
    if same:
        return None
    if config.output.mode == "append":
        return _appended(root, config, manifest)
    changed = ", ".join(sorted(differences(Config.model_validate(manifest.config), config))[:4])
    raise refuse(
        "/output/mode",
        f"output.path: {root} already holds another dataset (different: {changed}); "
        "use --mode regenerate for a new version of it, or another --output",
    )


def _fresh(folder: Path, root: Path, config: Config, resumable: bool) -> Standing:
    if config.output.mode == "append":
        raise refuse(
            "/output/mode", f"output.mode append: {root} holds no published dataset to append to; use --mode create"
        )
    ours = {RUN_FOLDER, LOCK, CLAIM}
    others = sorted(entry.name for entry in root.iterdir() if entry.name not in ours) if root.is_dir() else []
    holder = claimant(root)
    if holder is not None and holder != folder.absolute():
        # Another run's tables, never published: nobody can read them, and the lock says whether that run still goes on.
        return Standing(1)
    state = run_state(folder if holder else root / RUN_FOLDER)
    if others and holder is None and state is None:
        raise refuse(
            "/output/path",
            f"output.path: {root} already holds something else ({', '.join(others[:3])}); choose an empty or new folder",
        )
    if state is not None and not resumable and config.output.mode != "regenerate":
        raise refuse(
            "/output/mode",
            f"output.path: {root} holds an unfinished run of another configuration; "
            "use --mode regenerate to start over, or another --output",
        )
    return Standing(1)


def claimant(root: Path) -> Path | None:
    """The run directory whose unpublished tables lie in a target folder; None without any."""
    try:
        return Path(json.loads((root / CLAIM).read_text(encoding="utf-8"))["run_directory"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def claim_target(root: Path, folder: Path, tables: tuple[Table, ...]) -> None:
    """Notes whose tables lie here from now on; what another run left unpublished in an otherwise empty target goes."""
    holder = claimant(root)
    if holder not in (None, folder.absolute()) and not (root / MANIFEST).exists():
        for table in tables:
            shutil.rmtree(root / location(table), ignore_errors=True)
    write_json(root / CLAIM, {"run_directory": str(folder.absolute())})


def _appended(root: Path, config: Config, manifest: Manifest) -> Standing:
    old = Config.model_validate(manifest.config)
    changed = set(differences(old, config))
    if changed != {"households.count"} or config.households.count < old.households.count:
        named = ", ".join(sorted(changed - {"households.count"})) or f"households.count {config.households.count:,}"
        raise refuse(
            "/output/mode",
            f"output.mode append: only a larger households.count than {old.households.count:,} may differ from {root}, "
            f"but {named} does; use --mode regenerate",
        )
    return Standing(manifest.serial + 1, old.households.count + 1, manifest)


PATTERN_SIGNS = frozenset("*?[]{}")
"""What Hadoop and the embedded engine take for patterns in paths, and refuse or match with other folders."""


def check_room(root: Path, config: Config) -> None:
    """Refuse a folder that cannot be written or whose disk is too small, before any work."""
    strange = sorted(set(str(root)) & PATTERN_SIGNS)
    if strange:
        raise refuse(
            "/output/path",
            f"output.path: engines read {' '.join(strange)} in {root} as a pattern of file names; choose a folder without",
        )
    try:
        existing = next(folder for folder in (root, *root.parents) if folder.exists())
    except OSError as error:
        raise refuse(
            "/output/path", f"output.path: {root} cannot be reached ({error.strerror}); choose another folder"
        ) from error
    if not existing.is_dir():
        raise refuse("/output/path", f"output.path: {existing} is a file; choose a folder")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise refuse("/output/path", f"output.path: {existing} is not writable; choose a folder you may write to")
    needed, free = estimate(config).bytes, shutil.disk_usage(existing).free
    if needed > free:
        raise refuse(
            "/output/path",
            f"output.path: the dataset needs about {needed / 1e9:,.1f} GB, but {existing} has {free / 1e9:,.1f} GB free "
            f"({(needed - free) / 1e9:,.1f} GB short); free space, choose another folder or fewer households",
        )
    _check_memory(config)


def _check_memory(config: Config) -> None:
    """Refuse units that are too large for the memory of this machine."""
    needed, there, unit = needed_memory(config), machine_memory(), config.output.unit_households
    if config.output.engine != "embedded" or there is None or needed <= there:
        return
    fitting = fitting_unit(there)
    remedy = f"set it to {fitting:,} or less" if fitting else "use a machine with more memory"
    raise refuse(
        "/output/unit_households",
        f"output.unit_households: a run needs about {needed / 1e9:,.1f} GB of memory (units of {unit:,} households, up to "
        f"{UNITS_AT_A_TIME} at a time, each {unit_bytes(unit) / 1e9:,.1f} GB; {START_BYTES / 1e9:.1f} GB besides), but this "
        f"machine has {there / 1e9:,.1f} GB; {remedy}",
    )


def run_state(folder: Path) -> str | None:
    """The configuration hash and serial a run directory was started with, as one word; None without any."""
    try:
        state = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        return str(state["run"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
