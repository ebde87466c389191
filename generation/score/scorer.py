"""Scoring predictions against a dataset's answer key."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from generation.score.counts import counted, given_pairs
from generation.score.measures import Score
from generation.score.predictions import Predictions, read_predictions
from generation.spec.problems import InvalidConfig, Problem
from generation.verify.bench import Room, bench, run
from generation.verify.dataset import open_dataset

NEEDED = ("source_records", "person_links", "hard_cases")


def score(root: Path, predictions: Path, threshold: float | None = None) -> Score:
    """How well the predictions resolve the dataset below `root`; pairs count from the probability `threshold`."""
    with answer_key(root) as connection:
        run(connection, "CREATE TEMP VIEW cases AS SELECT * FROM stored_hard_cases", "hard_cases")
        run(connection, "CREATE TEMP VIEW known AS SELECT record_id FROM stored_source_records", "source_records")
        return scored(connection, read_predictions(connection, predictions, threshold))


@contextmanager
def answer_key(root: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with a view `stored_<table>` for every table of a dataset that has source records."""
    dataset = open_dataset(root, None)
    there = {stored.table.name for stored in dataset.tables}
    missing = [name for name in NEEDED if name not in there]
    if missing:
        remedy = "generate it with demographics.sources.enabled=true"
        message = f"--dataset {root} has no {' and no '.join(missing)}; {remedy}"
        raise InvalidConfig([Problem("/dataset", "no_answer_key", message)])
    with bench(dataset, 0, Room()) as connection:
        yield connection


def scored(connection: duckdb.DuckDBPyConnection, predictions: Predictions) -> Score:
    """The score of the relation predicted(record_id, cluster), which may leave records out."""
    sql = """
        CREATE OR REPLACE TEMP TABLE resolved AS
        SELECT record_id, source, individual_id AS person, COALESCE(cluster, record_id) AS cluster
        FROM stored_source_records JOIN stored_person_links USING (record_id) LEFT JOIN predicted USING (record_id)
    """
    run(connection, sql, "source_records")
    found = counted(connection)
    given = given_pairs(connection, found.overall.pairs.true) if predictions.pairs else None
    return dataclasses.replace(found, as_given=given, notes=predictions.notes)
