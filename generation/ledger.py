"""The ledger of a run: which units of work are finished, one small file each, so that a killed run resumes."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from generation.engine.context import Span
from generation.spec.config import Config
from generation.spec.run_directory import write_json
from generation.spec.table import Table
from generation.targets.delta_path import DeltaPath, StagedFile

WHOLE = "whole"


@dataclass(frozen=True)
class Unit:
    """A table for a range of households, or a whole-axis table; `name` is its folder and ledger name."""

    table: Table
    name: str
    span: Span


def units(config: Config, tables: tuple[Table, ...], first: int) -> Iterator[Unit]:
    """All units from household `first` on, whole tables first, then range by range with parents before children,
    at last those that gather all households.
    """
    everybody = Span(1, config.households.count, 1)
    size, last = config.output.unit_households, config.households.count
    yield from (Unit(table, WHOLE, Span(1, 1, 1)) for table in tables if table.axis == "whole")
    for start in range(first - (first - 1) % size, last + 1, size):
        span = Span(max(start, first), min(start + size - 1, last))
        name = f"households-{span.first:010d}-{span.last:010d}"
        yield from (Unit(table, name, span) for table in tables if table.axis == "households")
    yield from (Unit(table, WHOLE, everybody) for table in tables if table.gathers)


def chains_of(planned: list[Unit]) -> list[list[list[Unit]]]:
    """Units in their order as stages of chains: ranges of households do not need each other, all else needs what is above."""
    stages: list[list[list[Unit]]] = []
    for apart, stage in itertools.groupby(planned, key=lambda unit: unit.table.axis == "households"):
        made = list(stage)
        by_range = [list(chain) for _, chain in itertools.groupby(made, key=lambda unit: unit.name)]
        stages.append(by_range if apart else [made])
    return stages


def turns_of(stages: list[list[list[Unit]]], most: int) -> list[list[list[list[Unit]]]]:
    """The stages in turns of at most so many chains; a stage that is cut goes on in the next turn."""
    turns: list[list[list[list[Unit]]]] = []
    room = 0
    for stage in stages:
        left = stage
        while left:
            if not room:
                turns.append([])
                room = most
            turns[-1].append(left[:room])
            left, room = left[room:], room - min(room, len(left))
    return turns


@dataclass(frozen=True)
class Ledger:
    """Entries below `folder`."""

    folder: Path

    def _path(self, unit: Unit) -> Path:
        return self.folder / unit.table.name / f"{unit.name}.json"

    def finished(self, unit: Unit, target: DeltaPath) -> list[StagedFile] | None:
        """The files of a finished unit whose files are still whole; None if it must be made (again)."""
        try:
            entries = json.loads(self._path(unit).read_text(encoding="utf-8"))
            files = [StagedFile(**entry) for entry in entries]
        except (OSError, ValueError, TypeError):
            return None
        return files if target.holds(unit.table, files) else None

    def record(self, unit: Unit, files: list[StagedFile]) -> None:
        """Marks a unit as finished."""
        write_json(self._path(unit), [dataclasses.asdict(file) for file in files])
