"""How fast this machine is: found on one core within moments, and spread over the cores that a process may use."""

from __future__ import annotations

from pathlib import Path

import pytest

from generation.spec import calibration
from generation.spec.calibration import Machine, task_seconds, this_machine, usable_cores
from generation.spec.rates import CALIBRATION_SECONDS, MEASURED_CORES


def test_a_machine_like_that_of_the_rates_takes_as_long() -> None:
    assert Machine(1.0, MEASURED_CORES).factor == pytest.approx(1.0)


def test_time_grows_with_the_slowness_of_a_core() -> None:
    assert Machine(2.0, MEASURED_CORES).factor == pytest.approx(2.0)


def test_twice_the_cores_save_less_than_half_the_time() -> None:
    one, two, four, many = (Machine(1.0, cores).factor for cores in (1, 2, 4, 1_000))
    assert 1 < one / two < 2 and 1 < two / four < 2 and many > 0.1


def test_every_task_of_the_reference_is_timed() -> None:
    seconds = task_seconds()
    assert list(seconds) == list(CALIBRATION_SECONDS) and all(value > 0 for value in seconds.values())


def test_a_process_looks_at_its_machine_once() -> None:
    assert this_machine() is this_machine()


def test_words_tell_cores_and_how_fast_they_are() -> None:
    assert Machine(0.5, 4.0).words == "4 cores, each 2.0 times as fast as one of the reference machine"
    assert Machine(1.0, 1.0).words.startswith("1 core, each 1.0 times")
    assert Machine(1.0, 128.0).words.startswith("128 cores")


def quota(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *texts: str) -> None:
    files = tuple(tmp_path / str(number) for number in range(len(texts)))
    for file, text in zip(files, texts, strict=True):
        file.write_text(text)
    monkeypatch.setattr(calibration, "QUOTAS", (files, (tmp_path / "not there",)))


@pytest.mark.parametrize(("texts", "cores"), [(("50000 100000\n",), 0.5), (("25000\n", "100000\n"), 0.25)])
def test_a_control_groups_quota_limits_the_cores(
    texts: tuple[str, ...], cores: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quota(tmp_path, monkeypatch, *texts)
    assert usable_cores() == cores


@pytest.mark.parametrize("texts", [("max 100000\n",), ("-1\n", "100000\n"), ("what\n",), ()])
def test_without_a_quota_there_are_the_cores_a_process_may_run_on(
    texts: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibration, "QUOTAS", ())
    there = usable_cores()
    quota(tmp_path, monkeypatch, *texts)
    assert usable_cores() == there >= 1
