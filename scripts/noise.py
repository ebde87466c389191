"""How often cells of source records are wrong, beside what is configured: `python scripts/noise.py DATASET`.

Undoes the ledger, counts for every source and kind of noise the cells that the kind can change and those it did change, and
correlates the errors within records. Prints the largest differences; nothing is written.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
from deltalake import DeltaTable

sys.path.insert(0, str(Path(__file__).parents[1]))

from generation.noise.registry import NICKNAMES, SOUNDS
from generation.spec.config import Sources
from generation.spec.sources import NOISE, NOISE_TYPES, VALUE_COLUMNS

TABLES = {"record": "source_records", "ledger": "truth/cell_corruptions"}
FEW = 10_000
"""Fewer cells are not compared: chance alone moves their share by more than the limit."""

CAN = {
    "dropped_letter": "length(clean) > 2",
    "phonetic_spelling": f"regexp_matches(clean, '{'|'.join(found for found, _ in SOUNDS)}')",
    "nickname": f"clean IN {tuple(NICKNAMES)}",
    "day_month_swapped": "day(clean::DATE) <= 12 AND day(clean::DATE) <> month(clean::DATE)",
}
"""Clean values that a kind can change, where that is not all of its columns. Household copies need another member."""
APART = ("swapped_names", "household_copy")


def opened(root: Path) -> Any:
    """A connection with `cell`: record_id, source, column_name, the clean value and why it was changed."""
    connection = duckdb.connect()
    for name, place in TABLES.items():
        connection.execute(f"CREATE VIEW {name} AS FROM read_parquet({DeltaTable(root / place).file_uris()!r})")
    texts = ", ".join(f"CAST({name} AS VARCHAR) AS {name}" for name in VALUE_COLUMNS)
    connection.execute(
        "CREATE TABLE cell AS SELECT record_id, source, column_name, noise_type, "
        "CASE WHEN noise_type IS NULL THEN value ELSE original_value END AS clean "
        f"FROM (FROM (SELECT record_id, source, {texts} FROM record) "
        f"UNPIVOT INCLUDE NULLS (value FOR column_name IN ({', '.join(VALUE_COLUMNS)}))) "
        "LEFT JOIN ledger USING (record_id, column_name)"
    )
    return connection


def shares(cells: Any, settings: Sources) -> Iterator[tuple[str, str, int, float, float]]:
    """Kind, source, cells that may have it, the configured share and the found one."""
    for kind in (kind for kind in NOISE_TYPES if kind not in APART):
        columns = tuple(column for column, kinds in NOISE.items() if kind in kinds)
        found = cells.execute(
            f"SELECT source, COUNT(*), COUNT(*) FILTER (noise_type = '{kind}') FROM cell WHERE clean IS NOT NULL "
            f"AND column_name IN ({', '.join(map(repr, columns))}) AND {CAN.get(kind, 'TRUE')} GROUP BY source ORDER BY source"
        )
        for source, count, wrong in found.fetchall():
            yield kind, source, count, settings.noise[kind] * (1 - settings.quality[source]), wrong / count


def correlation(cells: Any) -> float:
    """Mean correlation of two cells' errors within a record, over sources and pairs of columns, weighted by records."""
    rows = cells.execute(f"""
        WITH found AS (
            SELECT record_id, source, column_name, COALESCE(noise_type IN {NOISE_TYPES}, FALSE)::INT AS wrong FROM cell
            WHERE clean IS NOT NULL AND column_name IN {tuple(NOISE)}
            AND (noise_type IS NULL OR (noise_type IN {NOISE_TYPES} AND noise_type <> 'swapped_names'))
        )
        SELECT CORR(one.wrong, other.wrong) AS correlation, COUNT(*) FROM found AS one
        JOIN found AS other ON one.record_id = other.record_id AND one.column_name < other.column_name
        GROUP BY one.source, one.column_name, other.column_name HAVING isfinite(correlation)
    """).fetchall()
    return float(sum(value * count for value, count in rows) / sum(count for _, count in rows))


def main(root: Path) -> None:
    """Prints how the dataset differs from its configuration."""
    config = json.loads((root / "manifest.json").read_text(encoding="utf-8"))["config"]
    settings = Sources.model_validate(config["demographics"]["sources"])
    cells = opened(root)
    found = [row for row in shares(cells, settings) if row[2] >= FEW]
    found.sort(key=lambda row: abs(row[4] - row[3]), reverse=True)
    print(
        f"{len(found)} pairs of kind and source with {FEW:,} cells or more: configured, found; largest difference first"
    )
    for kind, source, count, expected, share in found[:10]:
        print(
            f"{kind:18s} {source:14s} {count:>10,} cells  {expected:7.3%} {share:7.3%}  {100 * (share - expected):+.3f} pp"
        )
    print(f"correlation within records: configured {settings.correlation}, found {correlation(cells):.4f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
