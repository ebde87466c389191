"""Identifiers are spelled as their kind is, whatever is drawn."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pytest
from pyspark.sql import functions as F

from generation import reference
from generation.engine.context import Engine
from generation.engine.session import session
from generation.entities.identifier_values import NO_LETTERS, device_uuid, spelled
from generation.entities.names import first_names
from generation.spec.config import Config


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with session("embedded") as spark:
        yield Engine.of(spark, Config())


def test_names_have_nothing_beside_letters_that_addresses_do_not_know_of() -> None:
    _, cells = first_names()
    names = {*reference.surnames()["surname"], *cells.columns["own"], *cells.columns["other"]}
    assert {sign for name in names for sign in re.sub("[a-z]", "", str(name).lower())} <= set(NO_LETTERS)


def test_the_digits_of_a_uuid_keep_their_order(engine: Engine) -> None:
    halves = F.lit("1123456789ABCDEF"), F.lit("B0FEDCBA98765432")
    assert engine.spark.range(1).select(spelled(*halves)).collect()[0][0] == "12345678-9abc-8def-b0fe-dcba98765432"


def test_uuids_are_of_version_8_and_differ(engine: Engine) -> None:
    rows = engine.spark.range(5_000).select(device_uuid(engine, F.col("id"), 28)).collect()
    made = [uuid.UUID(row[0]) for row in rows]
    assert {one.version for one in made} == {8}
    assert {one.variant for one in made} == {uuid.RFC_4122}
    assert [str(one) for one in made] == [row[0] for row in rows]
    assert len(set(made)) == len(made)
