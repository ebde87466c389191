"""Memory is told before a run, and units that do not fit are refused with the arithmetic."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from generation.spec import memory, standing
from generation.spec.config import Config
from generation.spec.estimate import estimate
from generation.spec.memory import fitting_unit, machine_memory, needed_memory
from generation.spec.problems import InvalidConfig
from generation.spec.standing import check_room

GB = 1_000_000_000


def config(path: Path, *, households: int, unit: int, engine: str = "embedded") -> Config:
    """A configuration whose memory is asked for."""
    output = {"path": str(path), "unit_households": unit, "engine": engine}
    return Config.model_validate({"households": {"count": households}, "output": output})


def test_memory_grows_with_the_units_and_not_with_the_households(tmp_path: Path) -> None:
    of = [config(tmp_path, households=count, unit=100_000) for count in (1_000, 1_000_000, 100_000_000)]
    needed = [needed_memory(one) for one in of]
    assert needed[0] < needed[1] == needed[2]
    assert needed_memory(config(tmp_path, households=1_000_000, unit=500_000)) > needed[1]
    assert estimate(of[1]).memory == needed[1]


def test_units_that_do_not_fit_are_refused_with_those_that_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "machine_memory", lambda: 4 * GB)
    with pytest.raises(InvalidConfig) as refused:
        check_room(tmp_path, config(tmp_path, households=3_000_000, unit=1_000_000))
    said = str(refused.value)
    assert said.startswith(
        "output.unit_households: a run needs about 8.3 GB of memory (units of 1,000,000 households, "
    )
    assert "up to 2 at a time, each 3.8 GB; 0.7 GB besides" in said
    assert f"but this machine has 4.0 GB; set it to {fitting_unit(4 * GB):,} or less" in said
    check_room(tmp_path, config(tmp_path, households=3_000_000, unit=fitting_unit(4 * GB)))


def test_a_dataset_that_the_disk_does_not_hold_is_refused_with_the_arithmetic(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = config(tmp_path / "large", households=1_000_000, unit=100_000)
    needed = estimate(large).bytes
    monkeypatch.setattr(standing.shutil, "disk_usage", lambda _: SimpleNamespace(free=needed - 2 * GB))
    with pytest.raises(InvalidConfig) as refused:
        check_room(tmp_path / "large", large)
    said = f"needs about {needed / GB:.1f} GB, but {tmp_path} has {(needed - 2 * GB) / GB:.1f} GB free (2.0 GB short)"
    assert said in str(refused.value)
    monkeypatch.setattr(standing.shutil, "disk_usage", lambda _: SimpleNamespace(free=needed))
    check_room(tmp_path / "large", large)


def test_another_engine_has_memory_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "machine_memory", lambda: 1 * GB)
    check_room(tmp_path, config(tmp_path, households=1_000_000, unit=1_000_000, engine="local[2]"))


def test_the_limit_of_a_control_group_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(memory, "LIMITS", (limit, tmp_path / "not there"))
    limit.write_text("max\n")
    whole = machine_memory()
    assert whole is not None and whole > GB / 2
    limit.write_text("123456789\n")
    assert machine_memory() == 123_456_789
