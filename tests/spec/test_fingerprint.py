"""The fingerprint is what docs/fingerprint.md says, on every engine, and notices every change of a cell."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.spec.catalog import TABLES
from generation.spec.fingerprint import DuckDialect, double_bits
from generation.spec.table import Table
from tests.builders import fingerprints
from tests.spec.engine_facts import Facts
from tests.spec.every_type import (
    NULLS,
    PLAIN,
    PLAIN_TEXT,
    TYPES,
    awkward_rows,
    bits,
    documented_fingerprint,
    fingerprint_of,
    row,
    text_of,
    total,
    write,
)

doubles = st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
rows = st.fixed_dictionaries(
    {
        "id": st.integers(-(2**63), 2**63 - 1),
        "number": st.none() | st.integers(-(2**31), 2**31 - 1),
        "real": st.none() | doubles,
        "text": st.none() | texts,
        "flag": st.none() | st.booleans(),
        "day": st.none() | st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1)),
        "moment": st.none()
        | st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2200, 1, 1), timezones=st.just(dt.timezone.utc)),
        "money": st.none() | st.decimals(Decimal(-(10**9)), Decimal(10**9), places=2),
        "list": st.none() | st.lists(texts, max_size=3),
        "scores": st.none() | st.dictionaries(texts, doubles, max_size=3),
        "place": st.none() | st.fixed_dictionaries({"name": st.none() | texts, "spots": st.lists(doubles, max_size=2)}),
    }
)


@pytest.mark.parametrize("in_sql", [double_bits, DuckDialect().bits], ids=["arithmetic", "duckdb"])
@settings(max_examples=200, deadline=None)
@given(values=st.lists(doubles, min_size=1, max_size=50))
def test_the_bits_of_a_double_are_those_of_ieee_754(in_sql: Callable[[str], str], values: list[float]) -> None:
    sql = f"SELECT {in_sql('x')} FROM (SELECT unnest(?::DOUBLE[]) AS x)"
    assert [found for (found,) in duckdb.execute(sql, [values]).fetchall()] == [bits(x) for x in values]


def test_the_text_of_a_row_is_golden() -> None:
    assert text_of(PLAIN) == PLAIN_TEXT


def test_the_text_of_a_row_of_nulls_is_golden() -> None:
    assert text_of(NULLS) == "N|" * len(TYPES)


def test_the_fingerprint_of_a_row_is_golden() -> None:
    assert fingerprint_of([PLAIN]) == (1, "idgraph-1:000000000000000002829a367e4be6aa")


def test_no_rows_have_the_fingerprint_zero() -> None:
    assert fingerprint_of([]) == (0, "idgraph-1:" + "0" * 32)


@settings(max_examples=25, deadline=None)
@given(st.lists(rows, max_size=3))
def test_the_query_computes_what_the_page_says(values: list[dict[str, Any]]) -> None:
    assert fingerprint_of(values) == documented_fingerprint(values)


def test_awkward_rows_have_the_fingerprint_the_page_says() -> None:
    assert fingerprint_of(awkward_rows()) == documented_fingerprint(awkward_rows())


def test_spark_sql_computes_the_same_for_awkward_rows(facts: Facts) -> None:
    assert facts.fingerprints["every_type"] == documented_fingerprint(awkward_rows())[1]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_spark_sql_computes_the_same_for_a_table(table: Table, facts: Facts, good_dataset: Path) -> None:
    assert facts.fingerprints[table.name] == fingerprints(good_dataset)[table.name]


OTHER: list[tuple[str, Any]] = [
    ("id", 8), ("number", None), ("real", 0.5000000000000001), ("real", None), ("text", "Zoé|"), ("text", ""),
    ("text", None), ("text", "N"), ("flag", False), ("flag", None), ("day", dt.date(1970, 1, 4)),
    ("moment", dt.datetime(1970, 1, 1, 0, 0, 1, 6, tzinfo=dt.timezone.utc)), ("money", Decimal("-12.31")),
    ("list", ["a", "b", ""]), ("list", ["a,", "b"]), ("list", []), ("list", None), ("scores", {"b": 1.0}),
    ("scores", {"b": -2.0, "a": 1.0}), ("scores", {}), ("scores", None), ("place", None),
    ("place", {"name": None, "spots": [1.0]}), ("place", {"name": "x", "spots": []}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), OTHER, ids=str)
def test_one_changed_cell_changes_the_fingerprint(name: str, value: object) -> None:
    assert fingerprint_of([row(**{name: value})]) != fingerprint_of([PLAIN])


@pytest.mark.parametrize("name", ["text", "list", "scores"])
def test_null_empty_and_the_mark_of_null_are_three_things(name: str) -> None:
    empty, mark = {"text": ("", "N"), "list": ([], ["N"]), "scores": ({}, {"N": 0.0})}[name]
    assert len({text_of(row(**{name: value})) for value in (None, empty, mark)}) == 3


def test_a_value_moved_to_the_next_column_changes_the_text() -> None:
    assert text_of(row(number=None, id=1)) != text_of(row(number=1, id=None))


def test_the_order_of_a_map_does_not_matter() -> None:
    assert fingerprint_of([row(scores={"a": -2.0, "b": 1.0})]) == fingerprint_of([PLAIN])


def test_a_row_twice_is_not_a_row_once_nor_none() -> None:
    assert len({fingerprint_of([PLAIN] * times)[1] for times in range(4)}) == 4


def test_neither_order_nor_files_matter(tmp_path: Path) -> None:
    rows_in = awkward_rows()[:500]
    shuffled = random.Random(1).sample(rows_in, len(rows_in))
    for number in range(3):
        write(tmp_path / f"{number}.parquet", shuffled[number::3])
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    assert total(connection, f"read_parquet('{tmp_path}/*.parquet')") == fingerprint_of(rows_in)


def test_the_time_zone_of_the_connection_does_not_matter(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.parquet", [PLAIN])
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'Asia/Kolkata'")
    assert total(connection, f"read_parquet('{path}')") == fingerprint_of([PLAIN])
