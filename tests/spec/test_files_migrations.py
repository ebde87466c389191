"""A file of an older version is read as today's, and says what was changed."""

from __future__ import annotations

from typing import Any

import pytest

from generation.spec import files
from generation.spec.files import imported, migrated, read_values
from generation.spec.migration import Renamed, Rewritten, Step
from generation.spec.problems import InvalidConfig

STEPS: tuple[Step, ...] = (
    Renamed("size.n_households", "households.count"),
    Renamed("ads", "campaigns"),
    Rewritten("campaigns.reach", lambda percent: percent / 100, "gave campaigns.reach in percent; divided by 100"),
)


@pytest.fixture(autouse=True)
def _an_older_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(files.MIGRATIONS, 0, STEPS)


OLDER = """\
version: 0
size:
  n_households: 500
ads: {reach: 30, seed: 5}
"""


def test_an_older_file_is_read_with_a_note_for_every_change() -> None:
    done = imported(OLDER.replace(", seed: 5", ""), "old.yaml")
    assert (done.config.households.count, done.config.campaigns.reach) == (500, 0.3)
    assert done.notes == (
        "the file has version 0; it was read as version 1",
        "version 0 named households.count `size.n_households`; renamed",
        "version 0 named campaigns `ads`; renamed",
        "version 0 gave campaigns.reach in percent; divided by 100",
    )


def test_the_values_of_an_older_file_are_in_today_s_shape() -> None:
    values: dict[str, Any] = {"version": 1, "households": {"count": 500}, "campaigns": {"reach": 0.3, "seed": 5}}
    assert read_values(OLDER, "old.yaml") == values


def test_only_what_stands_in_the_file_is_noted() -> None:
    assert imported("version: 0", "old.yaml").notes == ("the file has version 0; it was read as version 1",)


def test_problems_lie_where_the_older_file_has_them() -> None:
    with pytest.raises(InvalidConfig) as caught:
        imported(OLDER.replace("500", "-500"), "old.yaml")
    assert [(p.pointer, p.line, p.column) for p in caught.value.problems] == [
        ("/households/count", 3, 17),
        ("/campaigns/seed", 4, 18),
    ]


def test_a_section_that_is_not_empty_after_a_renaming_is_refused() -> None:
    with pytest.raises(InvalidConfig, match=r"^line 2, column 1: size is not a setting; there are"):
        imported("version: 0\nsize: {n_households: 500, colour: 1}", "old.yaml")


def test_a_value_its_change_cannot_take_is_refused_by_name() -> None:
    with pytest.raises(InvalidConfig, match=r"line 2, column 14: campaigns\.reach must be a number, got 'most'"):
        imported("version: 0\nads: {reach: most}", "old.yaml")


def test_a_file_with_the_old_and_the_new_name_is_refused() -> None:
    with pytest.raises(InvalidConfig, match=r"line 2, column 1: size is not a setting"):
        imported("version: 0\nsize: {n_households: 5}\nhouseholds: {count: 6}", "old.yaml")


def test_problems_of_what_was_not_renamed_lie_where_they_are() -> None:
    with pytest.raises(InvalidConfig, match=r"^line 2, column 21: households\.count must be at least 1, got 0$"):
        imported("version: 0\nhouseholds: {count: 0}", "old.yaml")


def test_a_file_without_a_version_is_one_of_today() -> None:
    assert migrated({"campaigns": {"reach": 0.5}}) == {"campaigns": {"reach": 0.5}, "version": 1}


@pytest.mark.parametrize("version", [-1, 2, "0", None, False])
def test_versions_without_a_way_to_today_are_refused(version: Any) -> None:
    with pytest.raises(InvalidConfig, match="version must be 0 to 1, got "):
        migrated({"version": version})


def test_a_migration_leaves_its_argument_alone() -> None:
    values = {"version": 0, "size": {"n_households": 5}, "ads": {"reach": 30}}
    migrated(values)
    assert values == {"version": 0, "size": {"n_households": 5}, "ads": {"reach": 30}}
