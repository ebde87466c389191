"""Rows of a table, read from a real dataset."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from urllib.parse import quote

import duckdb
import pytest

from generation.spec.catalog import TABLES
from generation.spec.table import Table
from generation.spec.types import Map, Scalar, Struct
from tests.webapp.results.conftest import Shown, cells, table_sql
from webapp.results import rows


@pytest.mark.parametrize("table", TABLES, ids=lambda table: str(table.name))
def test_the_first_rows_are_those_with_the_smallest_keys(shown: Shown, good_dataset: Path, table: Table) -> None:
    found = [row[0] for row in cells(shown.get(f"tables/{table.name}"), "rows")]
    sql = f"SELECT {table.primary_key} FROM {table_sql(good_dataset, table.name)} ORDER BY 1 LIMIT 50"
    assert found == [str(key) for (key,) in duckdb.sql(sql).fetchall()]


@pytest.mark.parametrize("order", ["up", "down"])
def test_every_scalar_column_sorts_both_ways(shown: Shown, good_dataset: Path, order: str) -> None:
    table = next(table for table in TABLES if table.name == "individuals")
    for number, column in enumerate(table.columns):
        assert isinstance(column.type, Scalar)
        html = shown.get(f"tables/individuals?sort={column.name}&order={order}")
        way = "DESC" if order == "down" else "ASC"
        ordered = f"ORDER BY {column.name} {way} LIMIT 50"
        sql = f"SELECT {column.name}::VARCHAR FROM {table_sql(good_dataset, 'individuals')} {ordered}"
        assert [row[number] for row in cells(html, "rows")] == [value for (value,) in duckdb.sql(sql).fetchall()]


def test_headings_of_scalars_sort_and_turn_the_order_around(shown: Shown) -> None:
    html = shown.get("tables/households?sort=size")
    assert 'aria-sort="ascending"><a href="' in html and "sort=size&amp;order=down" in html
    assert re.search(r'<th scope="col" class="data">\s*location', html), "a nested column has no order"


def test_pages_follow_each_other_to_the_last(shown: Shown) -> None:
    first, second = (cells(shown.get(f"tables/devices?page={n}"), "rows") for n in (1, 2))
    assert len(first) == 50 and int(first[-1][0]) < int(second[0][0])
    total = shown.manifest["tables"]["devices"]["rows"]
    last = shown.get(f"tables/devices?page={-(-total // 50)}")
    assert len(cells(last, "rows")) == total % 50 or 50
    assert f"{total:,} of {total:,}" in last and '<span class="none">Next</span>' in last


@pytest.mark.parametrize(
    "query",
    [
        "sort=nothing",
        "sort=device_id;drop table x",
        "page=-1",
        "page=99999999",
        "page=x",
        "order=sideways",
        "where=x&value=1",
    ],
)
def test_a_strange_address_shows_rows_all_the_same(shown: Shown, query: str) -> None:
    assert len(cells(shown.get(f"tables/devices?{query}"), "rows")) > 0


def test_in_another_order_paging_ends_and_says_so(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "SORTED_PAGES", 2)
    html = shown.get("tables/devices?sort=device_type&page=9")
    assert "Rows 51–100 of" in html and "the first 100 can be paged" in html
    assert "can be paged" not in shown.get("tables/devices?page=9")


def test_rows_with_a_value_are_looked_up(shown: Shown, good_dataset: Path) -> None:
    html = shown.get("tables/individuals?where=household_id&value=7")
    sql = (
        f"SELECT individual_id::VARCHAR FROM {table_sql(good_dataset, 'individuals')} WHERE household_id = 7 ORDER BY 1"
    )
    assert sorted(row[0] for row in cells(html, "rows")) == [key for (key,) in duckdb.sql(sql).fetchall()]


@pytest.mark.parametrize("value", ["x", "1e3", "9" * 30, "' OR 1=1 --"])
def test_a_value_that_none_can_have_is_explained(shown: Shown, value: str) -> None:
    html = shown.get(f"tables/individuals?where=household_id&value={quote(value)}")
    assert "is a whole number" in html and cells(html, "rows") == [["No row has this value."]]


def test_a_key_leads_to_the_row_it_stands_for_and_that_row_to_those_that_refer_to_it(shown: Shown) -> None:
    person = shown.get("tables/individuals")
    link = re.search(r'href="(/jobs/[^"]*/tables/households\?where=household_id&amp;value=(\d+))"', person)
    assert link is not None
    home = shown.get(link.group(1).replace("&amp;", "&"))
    assert [row[0] for row in cells(home, "rows")] == [link.group(2)]
    assert f"tables/devices?where=household_id&amp;value={link.group(2)}" in home


def test_nested_values_are_shown_in_a_line_and_whole_on_pointing(shown: Shown) -> None:
    row = cells(shown.get("tables/households"), "rows")[0]
    assert "{" not in row[1] and row[1].count(" · ") == 5
    assert 'title="{&#34;city&#34;:' in shown.get("tables/households")


def test_nested_values_are_written_by_their_type() -> None:
    (location,) = (c.type for t in TABLES for c in t.columns if c.name == "location")
    assert isinstance(location, Struct)
    assert rows.compact(location, {"city": "Troy", "state": None}).startswith("Troy · –")
    (scores,) = (c.type for t in TABLES for c in t.columns if c.name == "affinity_scores")
    assert isinstance(scores, Map) and rows.compact(scores, {"news": 0.25, "sports": 0.75}) == "news 0.25 · sports 0.75"


def test_columns_are_described_beside_their_rows(shown: Shown, good_dataset: Path) -> None:
    html = shown.get("tables/identity_mappings")
    aside = html[html.index("<aside") :]
    assert "The person the identifier stands for." in aside and "<code>hashed_email_base64</code>" in aside
    sql = f"SELECT AVG((hash_scheme IS NULL)::INT) FROM {table_sql(good_dataset, 'identity_mappings')}"
    ((share,),) = duckdb.sql(sql).fetchall()
    assert f"{100 * share:.4g}% null" in aside


@pytest.mark.parametrize("name", ["..", "nothing", "_app", "individuals.exe", "INDIVIDUALS", "%2e%2e"])
def test_only_tables_of_the_catalogue_are_served(shown: Shown, name: str) -> None:
    assert shown.status(f"tables/{name}") == 404
    assert shown.status(f"tables/{name}.csv") == 404


def test_a_table_that_this_dataset_does_not_have_is_not_found(shown: Shown) -> None:
    tables = {name: entry for name, entry in shown.manifest["tables"].items() if name != "conversions"}
    shown.change(manifest={**shown.manifest, "tables": tables})
    assert shown.status("tables/conversions") == 404 and shown.status("tables/response_events") == 200


def test_a_dataset_that_was_deleted_is_said_to_be_gone(shown: Shown) -> None:
    shutil.rmtree(shown.job.target)
    assert shown.status("tables/devices") == shown.status("tables/devices.csv") == 410


def test_a_damaged_table_is_said_to_be_gone_and_is_no_server_error(shown: Shown) -> None:
    for file in Path(shown.job.target, "devices").rglob("*.parquet"):
        file.unlink()
    answer = shown.client.get(f"/jobs/{shown.job.id}/tables/devices")
    assert answer.status_code == 410 and b"run the job again" in answer.data


def test_rows_that_take_too_long_are_refused_with_a_way_out(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: object) -> None:
        raise rows.TooSlow

    monkeypatch.setattr(rows, "rows_of", slow)
    answer = shown.client.get(f"/jobs/{shown.job.id}/tables/devices?sort=os")
    assert answer.status_code == 422 and b"order them by device_id, or download" in answer.data
