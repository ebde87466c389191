"""Small truths and predictions to score, and the slow way to score them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path

import duckdb

from generation.score.measures import Score
from generation.score.predictions import read_predictions
from generation.score.scorer import scored


class Truth:
    """Records of people in sources, some in hard cases; predictions of them are scored without a dataset."""

    def __init__(
        self, people: Mapping[int, int], sources: Mapping[int, str] | None = None,
        cases: Iterable[tuple[int, str, int]] = (),
    ) -> None:  # fmt: skip
        self.people, self.sources, self.cases = dict(people), dict(sources or {}), list(cases)

    def connection(self) -> duckdb.DuckDBPyConnection:
        """The relations that scoring reads."""
        connection = duckdb.connect()
        for name, columns, rows in (
            ("stored_source_records", "record_id BIGINT, source VARCHAR", [(r, self.source(r)) for r in self.people]),
            ("stored_person_links", "record_id BIGINT, individual_id BIGINT", list(self.people.items())),
            ("cases", "record_id BIGINT, case_type VARCHAR, group_id BIGINT", self.cases),
        ):
            connection.execute(f"CREATE TABLE {name}({columns})")
            if rows:
                connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows[0]))})", rows)
        connection.execute("CREATE VIEW known AS SELECT record_id FROM stored_source_records")
        return connection

    def source(self, record: int) -> str:
        """The record's source; one for all unless said."""
        return self.sources.get(record, "crm")

    def score(self, clusters: Mapping[int, object], folder: Path) -> Score:
        """The score of clusters by record."""
        return self.score_file(write(folder / "p.csv", ("record_id", "cluster_id"), clusters.items()))

    def score_file(self, path: Path, threshold: float | None = None) -> Score:
        """The score of a file."""
        with self.connection() as connection:
            return scored(connection, read_predictions(connection, path, threshold))


def write(path: Path, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> Path:
    """A CSV file."""
    lines = [",".join(columns), *(",".join("" if v is None else str(v) for v in row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def pairs_by_hand(truth: Truth, clusters: Mapping[int, object], records: set[int]) -> tuple[int, int, int]:
    """Right, claimed and true pairs with one of the records, by going through all of them."""
    right = claimed = true = 0
    for one, other in itertools.combinations(sorted(truth.people), 2):
        if {one, other} & records:
            same, together = truth.people[one] == truth.people[other], clusters[one] == clusters[other]
            right, claimed, true = right + (same and together), claimed + together, true + same
    return right, claimed, true


def bcubed_by_hand(truth: Truth, clusters: Mapping[int, object], records: set[int]) -> tuple[Fraction, Fraction]:
    """Sums of precision and recall of the records."""
    precisions = recalls = Fraction(0)
    for record in records:
        cluster = {other for other in truth.people if clusters[other] == clusters[record]}
        person = {other for other in truth.people if truth.people[other] == truth.people[record]}
        precisions += Fraction(len(cluster & person), len(cluster))
        recalls += Fraction(len(cluster & person), len(person))
    return precisions, recalls
