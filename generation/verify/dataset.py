"""The dataset to be judged: its manifest, and every table's files at the manifest's version."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa  # type: ignore[import-untyped]
import pydantic
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from generation import __version__
from generation.spec.catalog import EVERY, TABLE_BY_NAME, location, tables_of
from generation.spec.config import Config
from generation.spec.identity import config_hash
from generation.spec.report import MANIFEST_VERSION
from generation.spec.table import Table
from generation.verify.verdict import Unverifiable


@dataclass(frozen=True)
class StoredTable:
    """A table as it is stored: `files` hold the version the manifest names, `fields` are its Delta fields as JSON."""

    table: Table
    files: tuple[str, ...]
    fields: tuple[dict[str, Any], ...]
    rows: int


@dataclass(frozen=True)
class Dataset:
    """A dataset whose manifest is understood and whose files are all there."""

    config: Config
    tables: tuple[StoredTable, ...]
    is_ours: bool = True
    """Whether this version of the generator made it."""


def open_dataset(root: Path, manifest: dict[str, Any] | None) -> Dataset:
    """The dataset below `root` that `manifest` (default: `root/manifest.json`) describes, or `Unverifiable`."""
    described = read_manifest(root) if manifest is None else manifest
    _check_version(described)
    config = _config(described)
    entries = _entries(described, config)
    stored = [_stored(root, table, entries[table.name]) for table in EVERY if table.name in entries]
    return Dataset(config, tuple(stored), described["generator"] == __version__)


def read_manifest(root: Path) -> dict[str, Any]:
    """The content of `root/manifest.json`."""
    path = root / "manifest.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Unverifiable(f"{root} has no manifest.json", "generate it first") from error
    except (OSError, ValueError) as error:
        raise Unverifiable(f"{path} is not readable JSON ({error})", "restore it or regenerate the dataset") from error
    if not isinstance(content, dict):
        raise Unverifiable(f"{path} is not a JSON object", "restore it or regenerate the dataset")
    return content


def _check_version(manifest: dict[str, Any]) -> None:
    """Refuse what is no manifest of this generator, or one of another version of its format."""
    if not {"config", "tables", "generator"} <= set(manifest):
        lacking = ", ".join(sorted({"config", "tables", "generator"} - set(manifest)))
        raise Unverifiable(f"the manifest is foreign: it has no {lacking}", "give the manifest this generator wrote")
    found = manifest.get("manifest_version", MANIFEST_VERSION)
    if found != MANIFEST_VERSION:
        what = f"the manifest has manifest_version {found!r}, this version reads {MANIFEST_VERSION}"
        raise Unverifiable(what, f"verify with version {manifest['generator']} of the generator")


def made_by(manifest: dict[str, Any]) -> str:
    """The remedy for a dataset of another shape: the version that made it, if it is another one than this."""
    version = str(manifest.get("generator"))
    return (
        "regenerate the dataset"
        if version == __version__
        else f"verify with version {version}, which made it, or regenerate it"
    )


def _config(manifest: dict[str, Any]) -> Config:
    try:
        config = Config.model_validate(manifest["config"])
    except KeyError as error:
        raise Unverifiable("the manifest has no config", "give the manifest this generator wrote") from error
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        what = f"the manifest's config is not valid at {place}: {first['msg']}"
        raise Unverifiable(what, made_by(manifest)) from error
    promised = manifest.get("config_hash")
    if promised is not None and promised != config_hash(config):
        what = f"the manifest's config is not the one of its config_hash {promised}"
        raise Unverifiable(what, "it was changed; restore the manifest or regenerate the dataset")
    return config


def _entries(manifest: dict[str, Any], config: Config) -> dict[str, dict[str, Any]]:
    """The manifest's tables: all that every dataset has, and none that the catalogue does not know."""
    entries = manifest.get("tables")
    if not isinstance(entries, dict):
        raise Unverifiable("the manifest has no tables", "give the manifest this generator wrote")
    missing = [table.name for table in tables_of(config) if table.home != "truth" and table.name not in entries]
    if missing:
        raise Unverifiable(f"the manifest lacks the tables {', '.join(missing)}", made_by(manifest))
    strange = sorted(set(entries) - set(TABLE_BY_NAME))
    if strange:
        what = f"the manifest names unknown tables {', '.join(strange)}"
        raise Unverifiable(what, "verify with the version that wrote it")
    for name, entry in entries.items():
        if not isinstance(entry, dict) or type(entry.get("rows")) is not int or type(entry.get("version")) is not int:
            raise Unverifiable(f"the manifest gives table {name} no whole rows and version", "regenerate the dataset")
    return entries


def _stored(root: Path, table: Table, entry: dict[str, Any]) -> StoredTable:
    folder = root / location(table)
    if not (folder / "_delta_log").is_dir():
        raise Unverifiable(f"table {table.name} is missing: {folder} is no Delta table", "regenerate the dataset")
    try:
        delta = DeltaTable(str(folder), version=entry["version"])
        fields = json.loads(delta.schema().to_json())["fields"]
        actions = pa.table(delta.get_add_actions(flatten=True)).to_pydict()
        files = tuple(sorted(delta.file_uris()))
    except (DeltaError, OSError, ValueError) as error:
        what = f"table {table.name} cannot be opened at version {entry['version']} ({error})"
        raise Unverifiable(what, "regenerate the dataset") from error
    _check_files(table, folder, dict(zip(actions["path"], actions["size_bytes"], strict=True)))
    return StoredTable(table, files, tuple(fields), entry["rows"])


def _check_files(table: Table, folder: Path, sizes: dict[str, int]) -> None:
    """Refuse files that are gone or have another size than when they were committed."""
    for name, size in sizes.items():
        path = folder / unquote(name)
        if not path.is_file():
            raise Unverifiable(f"table {table.name}: file {path} is missing", "regenerate the dataset")
        if path.stat().st_size != size:
            what = f"table {table.name}: file {path} has {path.stat().st_size} bytes, {size} were committed"
            raise Unverifiable(what, "the file is damaged; regenerate the dataset")
