"""The ledger is exactly the difference between the world with errors and the world without; errors are as configured."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generation.noise.registry import NICKNAMES, SOUNDS
from generation.spec.sources import DEFAULT_NOISE, DEFAULT_QUALITY, NOISE, NOISE_TYPES
from tests.noise.reading import opened

CONFIGURED = {**DEFAULT_NOISE, "keyboard_typo": 0.1, "missing": 0.1}
CORRELATION = 0.6
NAMES = ", ".join(f"'{name}'" for name in NICKNAMES)
POSSIBLE = {
    "dropped_letter": "length(value) > 2",
    "phonetic_spelling": "regexp_matches(value, '{}')".format("|".join(found for found, _ in SOUNDS)),
    "nickname": f"value IN ({NAMES})",
    "day_month_swapped": "day(value::DATE) <= 12 AND day(value::DATE) <> month(value::DATE)",
}
"""Cells that a kind of noise can change, where that is not all of its columns."""
OWN_CELLS = tuple(kind for kind in NOISE_TYPES if kind not in ("swapped_names", "household_copy"))


@pytest.fixture(scope="module")
def worlds(loud: Path, faultless: Path) -> Iterator[Any]:
    """Both worlds; the one without errors by the prefix `clean_`."""
    with opened(loud) as connection:
        yield opened(faultless, "clean_", connection)


def count(worlds: Any, sql: str) -> int:
    return int(worlds.execute(f"SELECT COUNT(*) FROM ({sql})").fetchall()[0][0])


def test_both_worlds_have_the_same_records(worlds: Any) -> None:
    keys = "SELECT record_id, source, captured_on, individual_id FROM {0}source_records JOIN {0}person_links USING (record_id)"
    assert count(worlds, keys.format("")) > 5_000
    assert count(worlds, f"({keys.format('')}) EXCEPT ({keys.format('clean_')})") == 0
    assert count(worlds, f"({keys.format('clean_')}) EXCEPT ({keys.format('')})") == 0
    assert count(worlds, "FROM clean_cell_corruptions") == 0


def test_undoing_the_ledger_gives_the_world_without_errors(worlds: Any) -> None:
    undone = (
        "SELECT record_id, column_name, CASE WHEN corruption_id IS NULL THEN value ELSE original_value END AS value "
        "FROM cells LEFT JOIN cell_corruptions USING (record_id, column_name)"
    )
    differing = (
        f"FROM ({undone}) AS undone JOIN clean_cells AS clean USING (record_id, column_name) "
        "WHERE undone.value IS DISTINCT FROM clean.value"
    )
    assert count(worlds, differing) == 0


def test_the_ledger_has_every_changed_cell_and_no_other(worlds: Any) -> None:
    changed = (
        "SELECT record_id, column_name FROM cells JOIN clean_cells AS clean USING (record_id, column_name) "
        "WHERE cells.value IS DISTINCT FROM clean.value"
    )
    told = "SELECT record_id, column_name FROM cell_corruptions"
    assert count(worlds, told) == count(worlds, changed) > 5_000
    assert count(worlds, f"({told}) EXCEPT ({changed})") == count(worlds, f"({changed}) EXCEPT ({told})") == 0


@pytest.mark.parametrize("kind", OWN_CELLS)
def test_cells_are_wrong_as_often_as_configured(kind: str, worlds: Any) -> None:
    columns = ", ".join(f"'{column}'" for column, kinds in NOISE.items() if kind in kinds)
    sql = (
        f"SELECT source, COUNT(*) FILTER (noise_type = '{kind}'), COUNT(*) FROM clean_cells "
        f"LEFT JOIN cell_corruptions USING (record_id, column_name) "
        f"WHERE column_name IN ({columns}) AND value IS NOT NULL AND {POSSIBLE.get(kind, 'TRUE')} GROUP BY source"
    )
    found = {source: (wrong, cells) for source, wrong, cells in worlds.execute(sql).fetchall()}
    expected = {source: CONFIGURED[kind] * (1 - DEFAULT_QUALITY[source]) for source in found}
    off = {
        source: (wrong / cells, expected[source])
        for source, (wrong, cells) in found.items()
        # Cells of one record are wrong together, which widens what chance does to a share.
        if abs(wrong / cells - expected[source]) > 0.003 + 5 * (expected[source] / cells) ** 0.5
    }
    assert found and off == {}


def test_cells_of_a_record_are_wrong_together_as_configured(worlds: Any) -> None:
    # Nobody's values in each other's place: cells that a whole record or a hard case has changed are left out.
    sql = f"""
        WITH cell AS (
            SELECT record_id, source, column_name, COALESCE(noise_type IN {NOISE_TYPES}, FALSE)::INT AS wrong
            FROM clean_cells LEFT JOIN cell_corruptions USING (record_id, column_name)
            WHERE value IS NOT NULL AND column_name IN {tuple(NOISE)}
            AND (noise_type IS NULL OR (noise_type IN {NOISE_TYPES} AND noise_type <> 'swapped_names'))
        )
        SELECT one.source, CORR(one.wrong, other.wrong), COUNT(*) FROM cell AS one
        JOIN cell AS other ON one.record_id = other.record_id AND one.column_name < other.column_name
        GROUP BY one.source, one.column_name, other.column_name
    """
    pairs = worlds.execute(sql).fetchall()
    mean = sum(correlation * n for _, correlation, n in pairs) / sum(n for *_, n in pairs)
    assert len(pairs) > 50 and mean == pytest.approx(CORRELATION, abs=0.03)
