from __future__ import annotations

import pytest

from generation.spec.config import Config
from generation.spec.presets import PRESET_BY_NAME
from generation.spec.sizing import EFFICIENCY, FIXED_SECONDS, plan


def of(count: int) -> Config:
    standard = PRESET_BY_NAME["standard"].config
    return standard.model_copy(update={"households": standard.households.model_copy(update={"count": count})})


@pytest.mark.parametrize("count", [1_000, 1_000_000, 100_000_000])
def test_the_plan_stays_under_five_minutes(count: int) -> None:
    made = plan(of(count))
    assert made.seconds < 300 and made.is_quick


@pytest.mark.parametrize("count", [1_000, 1_000_000, 100_000_000])
def test_the_seconds_are_the_work_over_the_cores_that_were_asked_for(count: int) -> None:
    made = plan(of(count))
    assert made.seconds == pytest.approx(FIXED_SECONDS + made.core_seconds / (EFFICIENCY * made.workers * 8))


def test_one_worker_less_would_be_too_few_at_scale() -> None:
    made = plan(of(100_000_000))
    assert FIXED_SECONDS + made.core_seconds / (EFFICIENCY * (made.workers * 0.93) * 8) > 300


def test_large_tables_are_cut_into_tasks_of_seconds() -> None:
    assert plan(of(1_000)).partitions["content_engagements"] == 1
    assert plan(of(100_000_000)).partitions["content_engagements"] > 1_000
