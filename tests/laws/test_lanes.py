"""Ranges of households are made side by side: what needs each other keeps its order, and errors end all of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from generation import run
from generation.__main__ import main
from generation.engine.session import session
from generation.lanes import side_by_side
from generation.ledger import chains_of, turns_of, units
from generation.spec.catalog import tables_of
from generation.spec.presets import PRESET_BY_NAME
from tests.builders import fingerprints, generating

PLENTY = 10.0


def test_steps_of_a_chain_follow_each_other_and_all_of_them_come() -> None:
    chains = [[lambda chain=chain, step=step: (chain, step) for step in range(20)] for chain in range(5)]
    found = list(side_by_side(chains, 2))
    assert sorted(found) == [(chain, step) for chain in range(5) for step in range(20)]
    for chain in range(5):
        assert [step for number, step in found if number == chain] == list(range(20))


def test_two_chains_are_under_way_at_a_time() -> None:
    meeting = threading.Barrier(2, timeout=PLENTY)
    assert len(list(side_by_side([[meeting.wait], [meeting.wait]], 2))) == 2


def test_an_error_ends_the_other_chains_after_the_step_under_way() -> None:
    failed, done = threading.Event(), []

    def fail() -> None:
        failed.set()
        raise OSError("disk")

    def wait_and_note() -> None:
        assert failed.wait(PLENTY)
        time.sleep(0.01)
        done.append(1)

    def slow() -> list[Callable[[], None]]:
        return [wait_and_note for _ in range(1_000)]

    with pytest.raises(OSError, match="disk"):
        list(side_by_side([slow(), [fail]], 2))
    assert len(done) < 1_000


def test_leaving_early_starts_nothing_more() -> None:
    started = []

    def note() -> int:
        started.append(1)
        time.sleep(0.01)
        return len(started)

    for _ in side_by_side([[note] * 1_000], 1):
        break
    assert len(started) < 1_000


def test_only_ranges_of_households_are_chains_of_their_own() -> None:
    config = PRESET_BY_NAME["small"].config
    config = config.model_copy(update={"output": config.output.model_copy(update={"unit_households": 400})})
    stages = chains_of(list(units(config, tuple(tables_of(config)), 1)))
    assert [len(stage) for stage in stages][:2] == [1, 3]
    assert {unit.table.axis for unit in stages[0][0]} == {"whole"}
    for chain in stages[1]:
        assert len({unit.span for unit in chain}) == 1
        assert [unit.table.name for unit in chain] == [unit.table.name for unit in stages[1][0]]


def test_turns_hold_everything_in_order_and_no_more_than_they_may() -> None:
    config = PRESET_BY_NAME["small"].config
    config = config.model_copy(update={"output": config.output.model_copy(update={"unit_households": 100})})
    planned = list(units(config, tuple(tables_of(config)), 1))
    turns = turns_of(chains_of(planned), 4)
    assert [unit for turn in turns for stage in turn for chain in stage for unit in chain] == planned
    assert [sum(map(len, turn)) for turn in turns] == [4, 4, 3]
    assert turns_of(chains_of(planned), 1_000) == [chains_of(planned)]
    assert turns_of([], 4) == []


def test_engines_that_take_turns_make_the_same_rows(
    good_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []

    @contextmanager
    def noted(engine: str) -> Iterator[SparkSession]:
        started.append(engine)
        with session(engine) as spark:
            yield spark

    monkeypatch.setattr(run, "session", noted)
    monkeypatch.setattr(run, "HOUSEHOLDS_AN_ENGINE", 120)
    assert main(generating(tmp_path / "d", 200, 42, ("output.unit_households=100",), "embedded")) == 0
    assert started == ["embedded"] * 3
    assert fingerprints(tmp_path / "d") == fingerprints(good_dataset)
