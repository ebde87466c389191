"""The pace of a machine comes from past runs that tell one, else from a calibration or from figures of a core."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from generation import __version__
from generation.spec.calibration import Machine
from generation.spec.config import Config
from generation.spec.estimate import estimate
from generation.spec.files import to_json
from generation.spec.pace import LAST, Pace, calibrated, forecast, pace_of_past, paced, past_runs
from generation.spec.report import Manifest
from generation.spec.sizing import plan

CONFIG = Config.model_validate({"households": {"count": 200_000}})
SMALL = Config.model_validate({"households": {"count": 200}})
APPENDED = Config.model_validate({"households": {"count": 200_000}, "output": {"mode": "append"}})


def ran(slowness: float, config: Config = CONFIG, engine: str = "embedded", **changes: Any) -> Manifest:
    """The manifest of a run that took so many times as long as the forecast's own figures say."""
    phases = estimate(config).phases
    seconds = {
        "generate": phases.making, "commit": 0.0, "verify": phases.judging, "fingerprint": phases.fingerprinting,
        "report": phases.reporting,
    }  # fmt: skip
    values = {
        "generator": __version__, "config_hash": "c", "config": json.loads(to_json(config)), "engine": engine, "serial": 1,
        "tables": {}, "seconds": {name: slowness * taken for name, taken in seconds.items()},
    }  # fmt: skip
    return Manifest.model_validate({**values, **changes})


def foreign() -> Manifest:
    """A manifest whose configuration this version does not take."""
    return ran(9).model_copy(update={"config": {"households": {"count": -1}}})


def factor(*past: Manifest, engine: str = "embedded") -> float | None:
    pace = pace_of_past(past, engine)
    return None if pace is None else pace.factor


def test_a_pace_changes_the_seconds_of_every_phase_and_nothing_else() -> None:
    made = estimate(CONFIG)
    slow = paced(made, Pace(3.0, "as told"))
    assert slow.seconds == pytest.approx(3 * made.seconds)
    assert slow.phases.judging == pytest.approx(3 * made.phases.judging)
    assert (slow.tables, slow.memory, slow.basis) == (made.tables, made.memory, "as told")


def test_a_past_run_tells_how_much_longer_runs_take_here() -> None:
    assert factor(ran(1.7)) == pytest.approx(1.7)


def test_one_slow_run_among_several_does_not_count() -> None:
    assert factor(ran(1.1), ran(40), ran(1.2)) == pytest.approx(1.2)


def test_the_newest_runs_count() -> None:
    assert factor(*[ran(1.0)] * LAST, *[ran(9.0)] * 20) == pytest.approx(1.0)


@pytest.mark.parametrize(
    "untelling",
    [
        ran(9, SMALL), ran(9, engine="local[2]"), ran(9, resumed=True), ran(9, APPENDED, serial=2), ran(9, generator="0"),
        ran(9, seconds={"generate": 1.0}), ran(9, seconds={}), ran(0), foreign(),
    ],
    ids=["short", "engine", "resumed", "appended", "version", "unjudged", "untimed", "no time", "foreign"],
)  # fmt: skip
def test_runs_that_do_not_tell_are_passed_over(untelling: Manifest) -> None:
    assert factor(untelling) is None
    assert factor(untelling, ran(1.5), untelling) == pytest.approx(1.5)


def test_a_first_run_in_append_mode_tells() -> None:
    assert factor(ran(2.0, APPENDED)) == pytest.approx(2.0)


def test_the_basis_names_the_runs() -> None:
    assert forecast(CONFIG, "embedded", [ran(1)]).basis == "measured on the last run here"
    assert forecast(CONFIG, "embedded", [ran(1)] * 3).basis == "measured on the last 3 runs here"


def test_without_runs_the_machine_is_calibrated() -> None:
    made = forecast(CONFIG, "embedded", [])
    assert made.basis.startswith("from a short calibration of this machine (")
    assert made.tables == estimate(CONFIG).tables and made.seconds > 0


def test_a_calibrated_pace_is_that_of_the_machine() -> None:
    machine = Machine(1.5, 4)
    assert calibrated(machine).factor == machine.factor


def test_another_engine_is_told_to_take_longer() -> None:
    assert "local[2] takes longer until a run has told" in forecast(CONFIG, "local[2]", [ran(1)]).basis
    assert forecast(CONFIG, "local[2]", [ran(5, engine="local[2]")]).basis == "measured on the last run here"


def test_a_workspace_has_figures_of_a_core_until_its_runs_tell() -> None:
    planned = plan(CONFIG)
    first = forecast(CONFIG, "session", [ran(1)])
    assert first.seconds == pytest.approx(planned.seconds)
    assert first.basis.startswith(f"from per-core figures for {planned.cores} cores")
    took = {"generate": planned.seconds, "verify": planned.seconds, "govern": 0.0}
    later = forecast(CONFIG, "session", [ran(1, engine="session", seconds=took)])
    assert later.seconds == pytest.approx(2 * planned.seconds) and later.basis == "measured on the last run here"


def test_past_runs_of_a_folder_come_newest_first_without_what_is_not_ours(tmp_path: Path) -> None:
    for number, name in enumerate(("old", "new", "newest")):
        path = tmp_path / name / "manifest.json"
        path.parent.mkdir()
        path.write_text(ran(1, config_hash=name).model_dump_json())
        os.utime(path, (number, number))
    for name, text in (("foreign", "{}"), ("broken", "{")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text(text)
    assert [manifest.config_hash for manifest in past_runs(tmp_path)] == ["newest", "new", "old"]
    assert not past_runs(tmp_path / "nowhere")
