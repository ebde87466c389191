"""A frame that several tables are made from is made once, and what a killed run left of it is not taken for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pyspark.sql import DataFrame

from generation.engine.context import Engine
from generation.engine.session import session
from generation.spec.config import Config


@pytest.fixture(scope="module")
def without_folder() -> Iterator[Engine]:
    with session("embedded") as spark:
        yield Engine.of(spark, Config())


class Maker:
    """Makes three rows, and counts how often it was asked to."""

    def __init__(self, engine: Engine, rows: int = 3) -> None:
        self.asked, self._engine, self._rows = 0, engine, rows

    def __call__(self) -> DataFrame:
        self.asked += 1
        return self._engine.spark.range(self._rows)


def _ids(frame: DataFrame) -> list[int]:
    return sorted(row[0] for row in frame.collect())


def test_with_a_folder_a_frame_is_made_once(without_folder: Engine, tmp_path: Path) -> None:
    engine = replace(without_folder, folder=tmp_path)
    make = Maker(engine)
    assert [_ids(engine.kept("three", make)) for _ in range(2)] == [[0, 1, 2], [0, 1, 2]]
    assert make.asked == 1


def test_without_a_folder_it_is_made_for_everyone_who_asks(without_folder: Engine) -> None:
    make = Maker(without_folder)
    assert [_ids(without_folder.kept("three", make)) for _ in range(2)] == [[0, 1, 2], [0, 1, 2]]
    assert make.asked == 2


def test_what_a_killed_run_left_is_made_again(without_folder: Engine, tmp_path: Path) -> None:
    engine = replace(without_folder, folder=tmp_path)
    engine.spark.range(7).write.parquet(str(tmp_path / "three.unfinished"))
    assert _ids(engine.kept("three", Maker(engine))) == [0, 1, 2]
    assert [path.name for path in tmp_path.iterdir()] == ["three"]


def test_a_frame_without_rows_has_its_columns(without_folder: Engine, tmp_path: Path) -> None:
    engine = replace(without_folder, folder=tmp_path)
    for _ in range(2):
        kept = engine.kept("nobody", Maker(engine, rows=0))
        assert (kept.columns, kept.collect()) == (["id"], [])


def test_parts_keep_apart_and_forget_their_own(without_folder: Engine, tmp_path: Path) -> None:
    engine = replace(without_folder, folder=tmp_path)
    one, other = engine.within("one"), engine.within("other")
    makers = Maker(engine), Maker(engine, rows=2)
    assert [_ids(one.kept("ids", makers[0])), _ids(other.kept("ids", makers[1]))] == [[0, 1, 2], [0, 1]]
    one.forget()
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


def test_without_a_folder_there_is_nothing_to_forget(without_folder: Engine) -> None:
    without_folder.within("one").forget()
    assert without_folder.within("one") is without_folder
