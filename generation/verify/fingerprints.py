"""Fingerprints of a dataset's tables, computed from their files alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from generation.spec.fingerprint import DuckDialect, query, rendered
from generation.verify.bench import Room, bench, run
from generation.verify.dataset import open_dataset
from generation.verify.verdict import Finding

FINGERPRINT_RULE = "fingerprint"


def fingerprints(
    root: Path,
    manifest: dict[str, Any] | None = None,
    *,
    on_table: Callable[[str], None] = lambda name: None,
    room: Room | None = None,
) -> dict[str, dict[str, Any]]:
    """Rows and fingerprint of each table at the manifest's versions: {table: {"rows": int, "fingerprint": text}}.

    Raises `Unverifiable` when the dataset cannot be read.
    """
    dataset = open_dataset(Path(root), manifest)
    found: dict[str, dict[str, Any]] = {}
    with bench(dataset, 0, room or Room()) as connection:
        for stored in dataset.tables:
            found[stored.table.name] = _of_table(
                connection, stored.table.name, query(stored.table, f"stored_{stored.table.name}", DuckDialect())
            )
            on_table(stored.table.name)
    return found


def altered(root: Path, manifest: dict[str, Any]) -> tuple[Finding, ...]:
    """A finding for every table whose rows are not those that its fingerprint in the manifest was made of."""
    found = fingerprints(root, manifest)
    return tuple(
        Finding(FINGERPRINT_RULE, name, "The rows are those of the manifest's fingerprint.", 1)
        for name, entry in manifest["tables"].items()
        if entry.get("fingerprint") and entry["fingerprint"] != found[name]["fingerprint"]
    )


def _of_table(connection: duckdb.DuckDBPyConnection, name: str, sql: str) -> dict[str, Any]:
    rows, total = run(connection, sql, f"table {name}")[0]
    return {"rows": int(str(rows)), "fingerprint": rendered(int(str(total)))}
