"""Reading predictions: clusters or pairs of records, refused where they cannot be meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from generation.score.components import close
from generation.spec.problems import InvalidConfig, Problem
from generation.verify.bench import run

RECORD, LOW, HIGH = (("record_id", "unique_id"), ("record_id_l", "unique_id_l"), ("record_id_r", "unique_id_r"))
"""The names a column may have: this project's, and Splink's."""
CLUSTER, PROBABILITY = "cluster_id", "match_probability"
SHAPES = "record_id and cluster_id, or record_id_l and record_id_r"


@dataclass(frozen=True)
class Predictions:
    """What was read: whether pairs were, and what the reader of the score should know."""

    pairs: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _File:
    """A file of predictions: `rows` is SQL for its rows, `types` those of its columns."""

    path: Path
    rows: str
    types: dict[str, str]

    def column(self, names: tuple[str, ...]) -> str | None:
        """The first of the names that the file has."""
        return next((name for name in names if name in self.types), None)

    def whole(self, name: str) -> str:
        """SQL for a column's whole numbers, null where there is none."""
        if self.types[name] in ("DOUBLE", "FLOAT"):
            return f'CASE WHEN isfinite("{name}") AND "{name}" = trunc("{name}") THEN TRY_CAST("{name}" AS BIGINT) END'
        text = f'trim(CAST("{name}" AS VARCHAR))'
        return f"CASE WHEN regexp_full_match({text}, '-?[0-9]+') THEN TRY_CAST({text} AS BIGINT) END"


def read_predictions(connection: duckdb.DuckDBPyConnection, path: Path, threshold: float | None) -> Predictions:
    """The relation predicted(record_id, cluster) holds what the file says of the records in `known`; of pairs, the
    relation given(low, high) holds those that count.
    """
    file = _opened(connection, path)
    record, low, high = (file.column(names) for names in (RECORD, LOW, HIGH))
    if record and CLUSTER in file.types:
        if threshold is not None:
            raise _refused(
                "threshold", f"--threshold {threshold:g} is for pairs, and {path} has clusters; leave it out"
            )
        return _read_clusters(connection, file, record)
    if low and high:
        return _read_pairs(connection, file, (low, high), threshold)
    there = ", ".join(file.types)
    raise _refused("columns", f"{path} has the columns {there}; name them {SHAPES}")


def _opened(connection: duckdb.DuckDBPyConnection, path: Path) -> _File:
    if not path.exists():
        raise _refused("missing", f"PREDICTIONS {path} does not exist; give a file with {SHAPES}")
    rows = _rows(path)
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {rows}").fetchall()
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise _refused("unreadable", f"PREDICTIONS {path} cannot be read ({reason}); write it again") from error
    return _File(path, rows, {str(row[0]): str(row[1]) for row in described})


def _rows(path: Path) -> str:
    kinds = {".parquet": "parquet", ".pq": "parquet", ".csv": "csv"}
    if path.is_dir():
        kind, files = "parquet", sorted(path.rglob("*.parquet"))
    else:
        kind, files = kinds.get(path.suffix.lower(), ""), [path]
    if not kind or not files:
        what = "holds no .parquet file" if path.is_dir() else "is neither .parquet nor .csv"
        raise _refused("format", f"PREDICTIONS {path} {what}; give a Parquet or CSV file, or a folder of Parquet files")
    names = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
    return (
        f"read_parquet([{names}])" if kind == "parquet" else f"read_csv([{names}], header = true, all_varchar = true)"
    )


def _load(connection: duckdb.DuckDBPyConnection, file: _File, name: str, columns: str) -> None:
    try:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {columns} FROM {file.rows}").fetchall()
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise _refused("unreadable", f"PREDICTIONS {file.path} cannot be read ({reason}); write it again") from error


def _read_clusters(connection: duckdb.DuckDBPyConnection, file: _File, record: str) -> Predictions:
    text = f'CAST("{record}" AS VARCHAR) AS text, CAST({CLUSTER} AS VARCHAR) AS cluster_text'
    _load(connection, file, "raw", f"{file.whole(record)} AS record_id, {text}")
    _check(connection, file, _cluster_faults(record))
    # The lowest record names the cluster, as every record that is in none names its own.
    named = """
        CREATE OR REPLACE TEMP TABLE predicted AS
        WITH names AS (SELECT cluster_text, MIN(record_id) AS cluster FROM raw GROUP BY cluster_text)
        SELECT record_id, cluster FROM raw JOIN names USING (cluster_text)
    """
    run(connection, named, "predictions")
    return Predictions(pairs=False, notes=tuple(_left_out(connection)))


def _cluster_faults(record: str) -> Iterator[tuple[str, str, str]]:
    """Code, SQL for the values at fault, and a sentence about the value."""
    yield _not_a_number(record, "record_id", "text")
    yield _unknown(record, "record_id")
    yield (
        "twice",
        "SELECT record_id FROM raw WHERE record_id IS NOT NULL GROUP BY record_id HAVING COUNT(*) > 1",
        f"{record} {{value}} is there twice; give each record one cluster",
    )
    yield (
        "no_cluster",
        "SELECT text FROM raw WHERE cluster_text IS NULL",
        f"{CLUSTER} of record {{value}} is empty; give it a cluster or leave the record out",
    )


def _not_a_number(name: str, column: str, text: str) -> tuple[str, str, str]:
    sql = f"SELECT {text} FROM raw WHERE {column} IS NULL"
    return "not_a_number", sql, f"{name} {{value}} is no record's number; give the record_id of source_records"


def _unknown(name: str, column: str) -> tuple[str, str, str]:
    sql = f"SELECT {column} FROM raw WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT record_id FROM known)"
    return (
        "unknown_record",
        sql,
        f"{name} {{value}} is not in the dataset's source_records; score against the dataset it is of",
    )


def _read_pairs(
    connection: duckdb.DuckDBPyConnection, file: _File, sides: tuple[str, str], threshold: float | None
) -> Predictions:
    low, high = sides
    scored = PROBABILITY in file.types
    if threshold is not None and not scored:
        there = ", ".join(file.types)
        raise _refused(
            "threshold", f"--threshold {threshold:g} needs the column {PROBABILITY}; {file.path} has {there}"
        )
    probability = f"TRY_CAST({PROBABILITY} AS DOUBLE)" if scored else "CAST(1 AS DOUBLE)"
    shown = f"CAST({PROBABILITY} AS VARCHAR)" if scored else "NULL"
    texts = f'CAST("{low}" AS VARCHAR) AS one_text, CAST("{high}" AS VARCHAR) AS other_text, {shown} AS shown'
    numbers = f"{file.whole(low)} AS one, {file.whole(high)} AS other, {probability} AS probability"
    _load(connection, file, "raw", f"{numbers}, {texts}")
    _check(connection, file, _pair_faults(low, high))
    return Predictions(True, (*_close(connection, threshold, scored), *_left_out(connection)))


def _pair_faults(low: str, high: str) -> Iterator[tuple[str, str, str]]:
    for name, column in ((low, "one"), (high, "other")):
        yield _not_a_number(name, column, f"{column}_text")
        yield _unknown(name, column)
    itself = f"{low} and {high} are both {{value}}; leave pairs of a record with itself out"
    yield "itself", "SELECT one FROM raw WHERE one = other", itself
    yield (
        "probability",
        "SELECT shown FROM raw WHERE probability IS NULL OR NOT probability BETWEEN 0 AND 1",
        f"{PROBABILITY} {{value}} is no number from 0 to 1; give a probability",
    )


def _close(connection: duckdb.DuckDBPyConnection, threshold: float | None, scored: bool) -> Iterator[str]:
    limit = 0.0 if threshold is None else threshold
    sql = f"""
        CREATE OR REPLACE TEMP TABLE given AS
        SELECT DISTINCT LEAST(one, other) AS low, GREATEST(one, other) AS high FROM raw WHERE probability >= {limit!r}
    """
    run(connection, sql, "predicted pairs")
    close(connection)
    run(connection, "CREATE OR REPLACE TEMP TABLE predicted AS SELECT record_id, root AS cluster FROM labels", "pairs")
    used, rows = _first(connection, "SELECT COUNT(*) FROM given"), _first(connection, "SELECT COUNT(*) FROM raw")
    of = f"at {PROBABILITY} {threshold:g} or more" if threshold is not None else "without a threshold"
    yield f"{used:,} different pairs of {rows:,} rows count, {of}; what they connect is a cluster"


def _left_out(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    absent = _first(connection, "SELECT COUNT(*) FROM known WHERE record_id NOT IN (SELECT record_id FROM predicted)")
    if absent:
        records = _first(connection, "SELECT COUNT(*) FROM known")
        yield f"{absent:,} of {records:,} records are in no prediction and count as clusters of one"


def _check(connection: duckdb.DuckDBPyConnection, file: _File, faults: Iterator[tuple[str, str, str]]) -> None:
    problems = []
    for code, sql, says in faults:
        count, value = run(connection, f"SELECT COUNT(*), MIN(v) FROM ({sql}) AS t(v)", "predictions")[0]
        if count:
            more = f" ({int(str(count)):,} such rows)" if count != 1 else ""
            text = "(nothing)" if value is None else repr(str(value))
            problems.append(Problem("/predictions", code, f"{file.path}: {says.format(value=text)}{more}"))
    if problems:
        raise InvalidConfig(problems)


def _first(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(str(run(connection, sql, "predictions")[0][0]))


def _refused(code: str, message: str) -> InvalidConfig:
    return InvalidConfig([Problem("/predictions", code, message)])
