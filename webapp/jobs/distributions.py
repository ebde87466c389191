"""How the rows of two datasets are distributed, side by side: counted in their files, where both lie on this host."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from generation.spec.catalog import TABLE_BY_NAME
from generation.spec.charts import Bars, Series
from generation.spec.meaning import Meaning
from webapp.reading import Gone, Snapshot, TooSlow, connected
from webapp.store.models import Job


@dataclass(frozen=True)
class Question:
    """A share by group of one table; `group` is SQL over its columns."""

    title: str
    over: str
    table: str
    group: str


QUESTIONS = (
    Question("Household sizes", "people", "households", "CASE WHEN size < 7 THEN size::VARCHAR ELSE '7+' END"),
    Question("Ages", "age from", "individuals", "LPAD((age // 10 * 10)::VARCHAR, 2, '0')"),
    Question("Identifier types", "identifier type", "identity_mappings", "identifier_type"),
    Question("Exposures by channel", "channel", "campaign_exposures", "channel"),
)


def side_by_side(left: Job, right: Job) -> list[Meaning]:
    """A chart a question; none where a dataset is not (any more) there."""
    return [_meaning(chart) for chart in _charts(left, right)]


def _meaning(chart: Bars) -> Meaning:
    return Meaning(chart.title, chart.svg(), chart.head(), chart.rows())


def _charts(left: Job, right: Job) -> Iterator[Bars]:
    names = (left.name, right.name) if left.name != right.name else (f"{left.name} (first)", f"{right.name} (second)")
    for question in QUESTIONS:
        try:
            one, other = _shares(left, question), _shares(right, question)
        except (Gone, TooSlow):
            continue
        labels = tuple(sorted(one | other))
        if labels:
            series = tuple(
                Series(name, tuple(shares.get(label, 0.0) for label in labels))
                for name, shares in zip(names, (one, other), strict=True)
            )
            yield Bars(question.title, labels, series, "%", question.over)


def _shares(job: Job, question: Question) -> dict[str, float]:
    entry = (job.manifest or {}).get("tables", {}).get(question.table)
    if entry is None:
        raise Gone(question.table)
    table = TABLE_BY_NAME[question.table]
    snapshot = Snapshot.of(Path(job.target) / entry["location"], table, int(entry["version"]))
    with connected() as connection:
        counted = connection.execute(f"SELECT {question.group}, COUNT(*) FROM {snapshot.source} GROUP BY 1").fetchall()
    total = sum(count for _, count in counted)
    return {str(label): count / total for label, count in counted}
