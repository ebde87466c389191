"""Pages of a table: the right rows in the right order, from the right version, reading no more files than needed."""

from __future__ import annotations

import datetime as dt
import json
import random
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from generation.spec.table import Column, Table
from generation.spec.types import BIGINT, DATE, DOUBLE, INT, MONEY, STRING, TIMESTAMP, Array
from webapp.reading import Gone, NoSuchValue, Order, Snapshot, TooSlow, Wanted, connected, page, value_of

TABLE = Table(
    "people",
    "Made up.",
    (
        Column("id", BIGINT, "Key."),
        Column("age", INT, "Age.", nullable=True),
        Column("name", STRING, "Name."),
        Column("tags", Array(STRING), "Tags."),
    ),
    "id",
)
KEY, AGE, NAME = TABLE.columns[:3]


def rows_of(ids: list[int]) -> pa.Table:
    ages = [None if n % 5 == 0 else n % 7 for n in ids]
    schema = pa.schema(
        [("id", pa.int64()), ("age", pa.int32()), ("name", pa.string()), ("tags", pa.list_(pa.string()))]
    )
    names = [f"n{n % 3}" for n in ids]
    return pa.table({"id": ids, "age": ages, "name": names, "tags": [[f"t{n}"] for n in ids]}, schema=schema)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Nine files in three groups: keys of a group's files lie among each other, those of groups apart."""
    for start in (0, 100, 200):
        for part in range(3):
            ids = list(range(start + part, start + 60, 3))
            random.Random(start + part).shuffle(ids)
            write_deltalake(tmp_path / "people", rows_of(ids), mode="append")
    return tmp_path / "people"


@pytest.fixture
def people(folder: Path) -> Snapshot:
    return Snapshot.of(folder, TABLE, 8)


IDS = [start + n for start in (0, 100, 200) for n in range(60)]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("offset", [0, 1, 55, 59, 60, 110, 150, 175, 180, 500])
def test_pages_by_key_are_parts_of_the_whole_order(people: Snapshot, offset: int, descending: bool) -> None:
    found = page(people, Wanted(Order(KEY, descending), limit=12, offset=offset))
    assert [row[0] for row in found] == sorted(IDS, reverse=descending)[offset : offset + 12]


def test_a_page_by_key_reads_only_the_files_that_hold_it(people: Snapshot) -> None:
    first, *others = people.groups()
    assert len(first) == 3
    for file in (file for group in others for file in group):
        Path(file.path).unlink()
    assert [row[0] for row in page(people, Wanted(Order(KEY), limit=60))] == IDS[:60]


@pytest.mark.parametrize("descending", [False, True])
def test_by_another_column_nulls_come_last_and_keys_settle_ties(people: Snapshot, descending: bool) -> None:
    found = [row[:2] for row in page(people, Wanted(Order(AGE, descending), limit=200))]
    sign = -1 if descending else 1
    assert [key for key, _ in found] == sorted(IDS, key=lambda n: (n % 5 == 0, sign * (n % 7) if n % 5 else 0, n))


def test_rows_with_a_value_are_found(people: Snapshot) -> None:
    by_name = page(people, Wanted(Order(KEY), limit=5, offset=5, where=NAME, value="n1"))
    assert [row[0] for row in by_name] == [n for n in IDS if n % 3 == 1][5:10]
    assert [row[0] for row in page(people, Wanted(Order(KEY), limit=5, where=KEY, value=203))] == [203]
    assert page(people, Wanted(Order(KEY), limit=5, where=KEY, value=77)) == []


def test_nested_values_come_as_json(people: Snapshot) -> None:
    assert json.loads(page(people, Wanted(Order(KEY), limit=1))[0][3]) == ["t0"]


def test_a_version_shows_its_own_rows_whatever_came_later(folder: Path) -> None:
    write_deltalake(folder, rows_of([1, 2, 3]), mode="overwrite")
    assert Snapshot.of(folder, TABLE, 8).rows == 180
    assert [row[0] for row in page(Snapshot.of(folder, TABLE, 9), Wanted(Order(KEY), limit=9))] == [1, 2, 3]


def test_columns_that_a_version_does_not_have_are_left_out(tmp_path: Path) -> None:
    write_deltalake(tmp_path / "old", rows_of([1, 2]).drop_columns(["tags", "age"]))
    old = Snapshot.of(tmp_path / "old", TABLE, 0)
    assert [column.name for column in old.columns] == ["id", "name"]
    assert page(old, Wanted(Order(KEY), limit=9)) == [(1, "n1"), (2, "n2")]


def test_an_empty_table_has_no_rows(tmp_path: Path) -> None:
    write_deltalake(tmp_path / "empty", rows_of([]))
    empty = Snapshot.of(tmp_path / "empty", TABLE, 0)
    assert page(empty, Wanted(Order(KEY), limit=9)) == page(empty, Wanted(Order(AGE), limit=9)) == []


def test_a_file_outside_of_the_table_is_never_read(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.parquet").write_bytes(next(folder.glob("*.parquet")).read_bytes())
    log = folder / "_delta_log" / f"{8:020d}.json"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    for line in lines:
        if "add" in line:
            line["add"]["path"] = "../secret.parquet"
    log.write_text("\n".join(json.dumps(line) for line in lines))
    with pytest.raises(Gone):
        Snapshot.of(folder, TABLE, 8)


@pytest.mark.parametrize("version", [9, 10**6])
def test_a_version_that_is_not_there_is_gone(folder: Path, version: int) -> None:
    with pytest.raises(Gone):
        Snapshot.of(folder, TABLE, version)


def test_shares_of_nulls_are_those_of_the_rows(people: Snapshot) -> None:
    assert people.null_shares() == {"age": sum(n % 5 == 0 for n in IDS) / len(IDS)}


def test_a_query_that_takes_too_long_is_ended() -> None:
    with pytest.raises(TooSlow), connected(0.05) as connection:
        connection.execute("SELECT SUM(a.range * b.range) FROM range(1000000) a, range(1000000) b").fetchall()


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (BIGINT, "1,234", 1234),
        (DOUBLE, "0.5", 0.5),
        (DATE, "2026-01-31", dt.date(2026, 1, 31)),
        (TIMESTAMP, "2026-01-31 10:00:00", dt.datetime(2026, 1, 31, 10, tzinfo=dt.UTC)),
        (STRING, "o'clock", "o'clock"),
    ],
)
def test_a_typed_text_is_read_as_the_column_has_it(kind: object, text: str, value: object) -> None:
    assert value_of(Column("c", kind, ""), text) == value  # type: ignore[arg-type]  # a column type


@pytest.mark.parametrize("kind", [BIGINT, DOUBLE, DATE, TIMESTAMP, MONEY])
def test_a_text_that_is_no_value_is_refused_by_name(kind: object) -> None:
    with pytest.raises(NoSuchValue, match=r"c is an? "):
        value_of(Column("c", kind, ""), "'; drop table people")  # type: ignore[arg-type]  # as above
