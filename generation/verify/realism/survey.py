"""All comparisons of a dataset, from its manifest and its files alone."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import duckdb

from generation.spec.config import Config, Households
from generation.verify.bench import Room, bench, lay_out
from generation.verify.dataset import open_dataset
from generation.verify.realism import coherence, engagement, homes, identity, income, names, people
from generation.verify.realism.measure import CONFIGURED, Measure

ROOM = Room(memory_megabytes=3_000)

US_TOPICS = ("households", "people", "income")

TOPICS = (homes, people, income, names, identity, engagement, coherence)


def survey(root: Path, manifest: dict[str, Any] | None = None) -> tuple[Config, tuple[Measure, ...]]:
    """The dataset's configuration and every comparison; `Unverifiable` when the dataset cannot be read."""
    dataset = open_dataset(Path(root), manifest)
    with bench(dataset, 0, ROOM) as connection:
        lay_out(connection, dataset, {})
        prepare(connection)
        found = [measure for topic in TOPICS for measure in topic.measures(connection, dataset.config)]
    return dataset.config, tuple(_fair(measure, dataset.config) for measure in found)


def _fair(measure: Measure, config: Config) -> Measure:
    """In another market than the US, what is compared with the US has no verdict."""
    default = Households(count=config.households.count)
    compared = measure.topic in US_TOPICS and measure.source != CONFIGURED
    if compared and config.households != default:
        return dataclasses.replace(measure, weight="reported")
    return measure


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Relations that several topics read: `person` with facts of the home, `home` with facts of its reference person."""
    connection.execute("""
        CREATE TEMP TABLE person AS
        SELECT i.*, h.size, h.household_type, h.household_income, h.income_bracket, h.tenure,
               h.location.state AS state, h.location.time_zone AS time_zone,
               i.employment IN ('full_time', 'part_time', 'self_employed', 'armed_forces') AS earns
        FROM individuals AS i JOIN households AS h USING (household_id)""")
    connection.execute("""
        CREATE TEMP TABLE home AS
        SELECT household_id, ANY_VALUE(size) AS size, ANY_VALUE(household_type) AS household_type,
               ANY_VALUE(household_income) AS household_income, ANY_VALUE(income_bracket) AS income_bracket,
               ANY_VALUE(tenure) AS tenure, ANY_VALUE(state) AS state, ANY_VALUE(time_zone) AS time_zone,
               MAX(age) FILTER (relationship = 'reference_person') AS age,
               MAX(gender) FILTER (relationship = 'reference_person') AS gender,
               MAX(education) FILTER (relationship = 'reference_person') AS education,
               LEAST(COUNT(*) FILTER (earns), 3) AS earners,
               COUNT(*) FILTER (age < 18) AS minors,
               COUNT(*) FILTER (age < 18 AND relationship = 'child') AS own_children,
               COUNT(*) FILTER (relationship = 'spouse') AS spouses,
               COUNT(*) FILTER (relationship = 'unmarried_partner') AS partners,
               COUNT(*) FILTER (relationship = 'parent') AS parents,
               COUNT(*) FILTER (relationship IN ('child', 'grandchild')) AS children,
               COUNT(*) FILTER (relationship = 'grandchild') AS grandchildren,
               COUNT(*) FILTER (relationship NOT IN ('reference_person', 'unmarried_partner', 'roommate')) AS relatives
        FROM person GROUP BY household_id""")
