"""Datasets for tests, made by the real entry points."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from deltalake import DeltaTable

from generation.spec.catalog import TABLE_BY_NAME, location
from generation.spec.fingerprint import DuckDialect, query, rendered

ROOT = Path(__file__).parents[1]


def command(*arguments: str) -> list[str]:
    """The command line as a subprocess would start it."""
    return [sys.executable, "-m", "generation", *arguments]


def idgraph(*arguments: str, prefix: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Runs the command line in a process of its own, as users do."""
    return subprocess.run(
        [*prefix, *command(*arguments)], cwd=ROOT, capture_output=True, text=True, check=False, env=dict(os.environ)
    )


def dataset(path: Path, *, households: int = 200, seed: int = 42, settings: tuple[str, ...] = (), engine: str = "embedded",
            prefix: tuple[str, ...] = ()) -> Path:  # fmt: skip
    """A published dataset; fails the test with the command's own words otherwise."""
    done = idgraph(*generating(path, households, seed, settings, engine), prefix=prefix)
    assert done.returncode == 0, done.stderr[-2000:]
    return path


def generating(path: Path, households: int, seed: int, settings: tuple[str, ...], engine: str) -> list[str]:
    """The arguments that make a dataset."""
    sets = [part for setting in settings for part in ("--set", setting)]
    return ["generate", "--preset", "small", "--households", str(households), "--seed", str(seed), *sets,
            "--engine", engine, "--output", str(path)]  # fmt: skip


def shared(factory: pytest.TempPathFactory, name: str, *, households: int = 200, seed: int = 42,
           settings: tuple[str, ...] = ()) -> Path:  # fmt: skip
    """A dataset that is made by the first test process that asks, for all of them. Whoever changes it copies it first."""
    root = factory.getbasetemp().parent if "PYTEST_XDIST_WORKER" in os.environ else factory.getbasetemp()
    path = root / f"dataset-{name}"
    with root.joinpath(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (path / "manifest.json").exists():
            dataset(path, households=households, seed=seed, settings=settings)
    return path


def fingerprints(path: Path) -> dict[str, str]:
    """The fingerprints in a dataset's manifest."""
    manifest = json.loads((path / "manifest.json").read_text())
    return {name: table["fingerprint"] for name, table in manifest["tables"].items()}


def rows_of(path: Path, table: str, condition: str = "TRUE") -> tuple[int, str]:
    """Number and fingerprint of a table's rows that meet a condition."""
    files = DeltaTable(path / location(TABLE_BY_NAME[table])).file_uris()
    source = f"(SELECT * FROM read_parquet({files!r}, union_by_name = true) WHERE {condition})" if files else None
    if source is None:
        return 0, rendered(0)
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    count, total = connection.execute(query(TABLE_BY_NAME[table], source, DuckDialect())).fetchone() or (0, 0)
    return int(count), rendered(int(total))
