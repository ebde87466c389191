"""A viewer's events are dealt to the screens of their home: each has its part, and all of them have all."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest

from generation.engine.context import Engine, Span
from generation.engine.session import session
from generation.entities.users import users
from generation.entities.viewers import APPS, AT_COMPUTER, BROWSER, FIRST_TV, ON_TABLET, screens, viewers
from generation.spec.config import Config
from generation.tables.households import households
from generation.tables.individuals import individuals


@pytest.fixture(scope="module")
def dealt() -> Iterator[pd.DataFrame]:
    """The screens of 400 households."""
    with session("embedded") as spark:
        engine, span = Engine.of(spark, Config()), Span(1, 400)
        home, people = households(engine, span), individuals(engine, span)
        yield screens(engine, viewers(engine, users(engine, people, home))).toPandas()


def test_screens_take_up_where_the_one_before_ends_and_the_last_has_the_rest(dealt: pd.DataFrame) -> None:
    for _, rows in dealt.sort_values("screen").groupby("individual_id"):
        ends = rows["end"].tolist()
        assert rows["first"].tolist() == [0, *ends[:-1]]
        assert ends[-1] == rows["events"].iloc[0]
        assert (rows["end"] >= rows["first"]).all()


@pytest.mark.parametrize(
    ("screen", "device"), [(APPS, "phone"), (BROWSER, "phone"), (ON_TABLET, "tablets"), (AT_COMPUTER, "computers")]
)
def test_nobody_has_events_on_a_device_that_is_not_there(dealt: pd.DataFrame, screen: int, device: str) -> None:
    without = dealt[(dealt["screen"] == screen) & (dealt[device] == 0)]
    assert len(without)
    assert (without["end"] == without["first"]).all()


def test_the_tvs_of_a_home_differ_by_no_more_than_an_event(dealt: pd.DataFrame) -> None:
    counts = dealt[dealt["screen"] >= FIRST_TV].assign(count=lambda rows: rows["end"] - rows["first"])
    spread = counts.groupby("individual_id")["count"].agg(lambda events: events.max() - events.min())
    assert (spread <= 1).all()


def test_apps_always_see_an_identifier_and_no_screen_sees_one_without_a_life(dealt: pd.DataFrame) -> None:
    with_events = dealt[dealt["end"] > dealt["first"]]
    assert with_events[with_events["screen"] == APPS]["mapping"].notna().all()
    assert (with_events[with_events["mapping"].notna()]["period"] > 0).all()
