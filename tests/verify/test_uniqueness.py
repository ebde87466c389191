"""A bit for each key finds the same repeated keys as counting every key."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.spec.catalog import TABLE_BY_NAME
from generation.verify.bench import FUNCTIONS
from generation.verify.catalogue_rules import DENSE, table_rules

NEAR = st.integers(-200, 9_000)
FAR = st.integers(-(2**63), 2**63 - 1)
CONNECTION = duckdb.connect()
for function in FUNCTIONS:
    CONNECTION.execute(function)


@pytest.mark.parametrize("name", DENSE)
@settings(deadline=None, max_examples=30)
@given(keys=st.lists(st.none() | NEAR | FAR, min_size=1, max_size=60))
def test_repeated_keys_are_found_however_they_lie(name: str, keys: list[int | None]) -> None:
    rule = next(rule for rule in table_rules(TABLE_BY_NAME[name]) if rule.name.startswith("unique."))
    create = f"CREATE OR REPLACE TABLE {name} AS SELECT UNNEST($1::BIGINT[]) AS {TABLE_BY_NAME[name].primary_key}"
    CONNECTION.execute(create, [keys])
    found = [row[0] for row in CONNECTION.execute(rule.sql).fetchall()]
    assert sorted(found, key=str) == sorted({key for key in keys if keys.count(key) > 1}, key=str)
