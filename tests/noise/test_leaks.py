"""Nothing but its values says whose record it is: attacks on keys, order, hashes and dates guess no better than chance."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generation.spec.keys import PERSON
from tests.noise.reading import opened

ATTACKS = {
    "row order": "-abs(a.place - b.place)",
    "file position": "-abs(a.file_row_number - b.file_row_number)",
    "difference of keys": "-abs(a.record_id - b.record_id)",
    "common divisor of keys": "gcd(a.record_id, b.record_id)",
    "common first bits of keys": "-xor(a.record_id, b.record_id)",
    "common last bits of keys": "-(xor(a.record_id, b.record_id) % 65536)",
    "common start of hashes": "-xor(hash(a.record_id), hash(b.record_id))::DOUBLE",
    "difference of dates": "-abs(date_diff('day', a.captured_on, b.captured_on))",
}
"""How much two records look like one person's, by what is no value of theirs."""

NUMBERED = """
    CREATE OR REPLACE TABLE numbered AS
    SELECT {key} AS record_id, source, captured_on, known.file_row_number, individual_id,
        individual_id // {person} AS household_id,
        row_number() OVER (ORDER BY {order}) AS place,
        row_number() OVER (PARTITION BY source ORDER BY md5(record_id::VARCHAR)) - 1 AS turn,
        count(*) OVER (PARTITION BY source) AS of_source
    FROM source_records AS known JOIN person_links USING (record_id)
"""
# The other record of a pair that does not match is of the same source: sources differ in dates, and may be known.
PAIRS = """
    CREATE OR REPLACE TABLE pairs AS
    SELECT 1 AS same, {score} AS score FROM numbered AS a JOIN numbered AS b ON {together} AND a.turn < b.turn
    UNION ALL
    SELECT 0, {attack} FROM numbered AS a JOIN numbered AS m ON {met} AND a.turn < m.turn
    JOIN numbered AS b ON b.source = m.source
        AND b.turn = (m.turn + 1 + hash(a.turn, m.turn) % (m.of_source - 1)) % m.of_source
    WHERE a.household_id <> b.household_id
"""
TOGETHER = {
    "person": "a.individual_id = {0}.individual_id",
    "household": "a.household_id = {0}.household_id AND a.individual_id <> {0}.individual_id",
}
AUC = """
    SELECT (SUM(rank) FILTER (same = 1) - COUNT(*) FILTER (same = 1) * (COUNT(*) FILTER (same = 1) + 1) / 2)
        / (COUNT(*) FILTER (same = 1) * COUNT(*) FILTER (same = 0)::DOUBLE), COUNT(*) FILTER (same = 1)
    FROM (SELECT same, rank() OVER (ORDER BY score) + (count(*) OVER (PARTITION BY score) - 1) / 2.0 AS rank FROM pairs)
"""


@pytest.fixture(scope="module")
def records(identity_dataset: Path) -> Iterator[Any]:
    """Source records with the people that are to be guessed."""
    with opened(identity_dataset) as connection:
        connection.execute(
            NUMBERED.format(person=PERSON, key="record_id", order="known.filename, known.file_row_number")
        )
        yield connection


def auc(records: Any, attack: str, target: str) -> float:
    """How often a pair that belongs together looks more alike than one that does not."""
    together, met = TOGETHER[target].format("b"), TOGETHER[target].format("m")
    records.execute(PAIRS.format(score=ATTACKS[attack], attack=ATTACKS[attack], together=together, met=met))
    area, pairs = records.execute(AUC).fetchall()[0]
    assert pairs > 5_000
    return float(area)


@pytest.mark.parametrize("target", TOGETHER)
@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_tells_who_belongs_together(attack: str, target: str, records: Any) -> None:
    assert auc(records, attack, target) == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("attack", ["row order", "difference of keys", "common first bits of keys"])
def test_the_attacks_succeed_on_keys_that_follow_people(attack: str, records: Any) -> None:
    records.execute(NUMBERED.format(person=PERSON, key="individual_id * 32 + record_id % 32", order="individual_id"))
    assert auc(records, attack, "person") > 0.9
    records.execute(NUMBERED.format(person=PERSON, key="record_id", order="known.filename, known.file_row_number"))
