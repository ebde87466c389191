"""Configurations: chosen by options, printed, estimated."""

from __future__ import annotations

import argparse
import dataclasses
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from generation.spec.config import Config
from generation.spec.files import merged, read_file, to_yaml, with_setting
from generation.spec.pace import forecast, past_runs
from generation.spec.presets import PRESET_BY_NAME, PRESETS, Preset
from generation.spec.problems import InvalidConfig, Problem, validated


def chosen_config(options: argparse.Namespace) -> Config:
    """The configuration of the options: preset, then file, then flags, each over the one before."""
    values = _preset(options.preset or "starter").config.model_dump(mode="json")
    if options.config:
        values = merged(values, read_file(Path(options.config)))
        _check_sections(values)
    for assignment in options.set:
        values = with_setting(values, assignment)
    if options.households is not None:
        values = merged(values, {"households": {"count": _number(options.households)}})
    output = {
        "seed": None if options.seed is None else _number(options.seed),
        "engine": options.engine,
        "path": getattr(options, "output", None) or None,
        "mode": getattr(options, "mode", None),
    }
    config = validated(merged(values, {"output": {name: value for name, value in output.items() if value is not None}}))
    check_market(config)
    return config


def check_market(config: Config) -> None:
    """Refuses a city that there is not. Where no engine's package is installed, estimates do without that."""
    if find_spec("pyspark") is not None:
        from generation.entities.places import check_market as check

        check(config)


def _number(text: str) -> int | float | str:
    """A flag's number as it is read in decimal; anything else stays text, for the configuration to refuse."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _check_sections(values: dict[str, Any]) -> None:
    """Refuse a file with a value in a section's place, which flags would otherwise replace unseen."""
    try:
        validated(values)
    except InvalidConfig as error:
        if any(problem.code == "model_type" for problem in error.problems):
            raise


def _preset(name: str) -> Preset:
    if name not in PRESET_BY_NAME:
        raise InvalidConfig(
            [Problem("/preset", "unknown_preset", f"preset {name!r} is unknown; there are {', '.join(PRESET_BY_NAME)}")]
        )
    return PRESET_BY_NAME[name]


def estimate(options: argparse.Namespace) -> int:
    """Rows, bytes, seconds and memory before anything is made."""
    config = chosen_config(options)
    expected = forecast(config, config.output.engine, past_runs(options.datasets))
    if options.json:
        tables = {name: dataclasses.asdict(table) for name, table in expected.tables.items()}
        total: dict[str, Any] = {
            "rows": expected.rows,
            "bytes": expected.bytes,
            "seconds": round(expected.seconds, 1),
            "phases": {name: round(seconds, 1) for name, seconds in dataclasses.asdict(expected.phases).items()},
            "memory_bytes": expected.memory,
            "basis": expected.basis,
        }
        print(json.dumps({"tables": tables, **total}))
        return 0
    for name, table in expected.tables.items():
        print(f"{name:22} {table.rows:>15,} rows {table.bytes / 1e6:>10,.1f} MB")
    print(f"{'total':22} {expected.rows:>15,} rows {expected.bytes / 1e6:>10,.1f} MB")
    phases = ", ".join(f"{name} {seconds:,.0f}" for name, seconds in dataclasses.asdict(expected.phases).items())
    print(f"about {expected.seconds:,.0f} seconds ({phases}) and {expected.memory / 1e9:,.1f} GB of memory")
    print(f"time {expected.basis}")
    return 0


def config(options: argparse.Namespace) -> int:
    """A configuration as commented YAML."""
    print(to_yaml(_preset(options.preset).config), end="")
    return 0


def presets(options: argparse.Namespace) -> int:
    """The presets."""
    if options.json:
        print(json.dumps([{"name": p.name, "says": p.says, "households": p.config.households.count} for p in PRESETS]))
        return 0
    for preset in PRESETS:
        print(f"{preset.name:12} {preset.says}")
    return 0
