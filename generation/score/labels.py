"""Labelled clusters and pairs of a dataset's source records, in the formats of Splink, Zingg and dedupe."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from generation.score.scorer import answer_key
from generation.spec.catalog import TABLE_BY_NAME
from generation.spec.problems import InvalidConfig, Problem
from generation.verify.bench import run

CLUSTERS, SPLINK, ZINGG, DEDUPE = "clusters.parquet", "splink_labels.csv", "zingg_training.csv", "dedupe_training.json"

BLOCKS = {
    "email": "COALESCE(hashed_email, sha256(lower(trim(email))))",
    "phone": "phone",
    "name and ZIP code": "lower(last_name) || '|' || postal_code",
    "name and birth date": "lower(first_name) || '|' || CAST(birth_date AS VARCHAR)",
    "street": "lower(street_address) || '|' || postal_code",
    "television": "tv_id",
    "network": "ip_address",
}
"""What records of two people have in common that are hard to tell apart."""

LARGEST_BLOCK = 50
"""Records of a block; what more have in common tells nothing."""

SPARE = 32
"""Records looked at for each pair wanted, so that work does not grow with the dataset."""

COLUMNS = tuple(column.name for column in TABLE_BY_NAME["source_records"].columns)


@dataclass(frozen=True)
class Labels:
    """What was written: the files, the records in clusters, and the pairs of one person and of two."""

    files: tuple[Path, ...]
    records: int
    matches: int
    distinct: int


@dataclass(frozen=True)
class _Pair:
    """Two records as the source has them, and whether one person is behind them."""

    same: bool
    one: dict[str, Any]
    other: dict[str, Any]


def write_labels(root: Path, folder: Path, pairs: int, seed: int) -> Labels:
    """Every record's person, and at most `pairs` labelled pairs: half of them drawn from all pairs of one person, half
    from pairs of two people in one block. The same dataset, number and seed give the same files.
    """
    with answer_key(root) as connection:
        records = int(str(run(connection, "SELECT COUNT(*) FROM stored_person_links", "person_links")[0][0]))
        share = min(1.0, SPARE * pairs / max(1, records))
        run(connection, _labelled(pairs, seed, f"{int(share * 0xFFFFFFFF):08x}"), "labelled pairs")
        found = list(_pairs(connection))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            files = tuple(_write(connection, folder, found))
        except (OSError, duckdb.IOException) as error:
            message = f"--output {folder}: {error}; give a folder that can be written"
            raise InvalidConfig([Problem("/output", "target", message)]) from error
    matches = sum(pair.same for pair in found)
    return Labels(files, records, matches, len(found) - matches)


def _drawn(seed: int, what: str) -> str:
    """SQL for eight hexadecimal digits that depend on the seed and a value alone, on every machine."""
    return f"substr(md5('{seed}:' || {what}), 1, 8)"


def _labelled(pairs: int, seed: int, limit: str) -> str:
    """The relation labelled(low, high, same)."""
    order = f"ORDER BY {_drawn(seed, 'low || chr(58) || high')}, low, high LIMIT {pairs // 2}"
    keys = " UNION ALL ".join(
        f"SELECT '{name}' AS block, {key} AS key, record_id FROM stored_source_records" for name, key in BLOCKS.items()
    )
    return f"""
        CREATE TEMP TABLE labelled AS
        WITH people AS (
            SELECT record_id, individual_id FROM stored_person_links
            WHERE {_drawn(seed, "'person:' || individual_id")} <= '{limit}'
        ),
        matches AS (
            SELECT one.record_id AS low, other.record_id AS high
            FROM people AS one JOIN people AS other USING (individual_id) WHERE one.record_id < other.record_id
        ),
        keys AS (
            SELECT * FROM ({keys}) WHERE key IS NOT NULL AND {_drawn(seed, "block || key")} <= '{limit}'
        ),
        blocks AS (SELECT block, key FROM keys GROUP BY ALL HAVING COUNT(*) <= {LARGEST_BLOCK}),
        members AS (
            SELECT block, key, record_id, individual_id
            FROM keys JOIN blocks USING (block, key) JOIN stored_person_links USING (record_id)
        ),
        others AS (
            SELECT DISTINCT one.record_id AS low, other.record_id AS high
            FROM members AS one JOIN members AS other USING (block, key)
            WHERE one.record_id < other.record_id AND one.individual_id <> other.individual_id
        )
        (SELECT low, high, TRUE AS same FROM matches {order})
        UNION ALL
        (SELECT low, high, FALSE AS same FROM others {order})
    """


def _pairs(connection: duckdb.DuckDBPyConnection) -> Iterator[_Pair]:
    sides = ", ".join(f"{side}.{name}" for side in ("one", "other") for name in COLUMNS)
    sql = f"""
        SELECT same, {sides} FROM labelled
        JOIN stored_source_records AS one ON one.record_id = low
        JOIN stored_source_records AS other ON other.record_id = high
        ORDER BY low, high
    """
    for same, *values in run(connection, sql, "labelled pairs"):
        texts = [value.isoformat() if isinstance(value, dt.date) else value for value in values]
        one, other = texts[: len(COLUMNS)], texts[len(COLUMNS) :]
        yield _Pair(bool(same), dict(zip(COLUMNS, one, strict=True)), dict(zip(COLUMNS, other, strict=True)))


def _write(connection: duckdb.DuckDBPyConnection, folder: Path, pairs: list[_Pair]) -> Iterator[Path]:
    """The files, as each is there."""
    target = str(folder / CLUSTERS).replace("'", "''")
    rows = "SELECT record_id, individual_id AS cluster_id FROM stored_person_links ORDER BY record_id"
    connection.execute(f"COPY ({rows}) TO '{target}' (FORMAT parquet)").fetchall()
    yield folder / CLUSTERS
    yield _write_csv(folder / SPLINK, _SPLINK_HEAD, map(_splink_row, pairs))
    yield _write_csv(folder / ZINGG, ("z_cluster", "z_isMatch", *COLUMNS), _zingg_rows(pairs))
    (folder / DEDUPE).write_text(json.dumps(_dedupe(pairs), ensure_ascii=True), encoding="utf-8")
    yield folder / DEDUPE


def _write_csv(path: Path, head: Iterable[str], rows: Iterable[Iterable[Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)
    return path


_SPLINK_HEAD = ("source_dataset_l", "unique_id_l", "source_dataset_r", "unique_id_r", "clerical_match_score")


def _splink_row(pair: _Pair) -> tuple[Any, ...]:
    one, other = pair.one, pair.other
    return one["source"], one["record_id"], other["source"], other["record_id"], float(pair.same)


def _zingg_rows(pairs: Iterable[_Pair]) -> Iterator[tuple[Any, ...]]:
    """Two rows a pair, with one z_cluster."""
    for number, pair in enumerate(pairs, 1):
        for record in (pair.one, pair.other):
            yield number, int(pair.same), *record.values()


def _dedupe(pairs: Iterable[_Pair]) -> dict[str, list[dict[str, Any]]]:
    """Examples as dedupe's read_training understands them: JSON has no tuples, so they are named."""
    examples: dict[str, list[dict[str, Any]]] = {"match": [], "distinct": []}
    for pair in pairs:
        examples["match" if pair.same else "distinct"].append(
            {"__class__": "tuple", "__value__": [pair.one, pair.other]}
        )
    return examples
