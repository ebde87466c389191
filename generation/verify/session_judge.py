"""The judge on a Spark session: the same rules as `judge`, over tables that only the platform may read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from generation.spec.config import Config
from generation.spec.fingerprint import SparkDialect, query, rendered
from generation.spec.table import Table
from generation.verify.bench import SAMPLES, Tally, count_query
from generation.verify.bindings import bindings
from generation.verify.catalogue_rules import catalogue_rules
from generation.verify.rule import Relation, Rule, Rulebook, read_rulebook
from generation.verify.spelling import in_spark
from generation.verify.verdict import Finding, Verdict

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def judge_session(
    spark: SparkSession,
    config: Config,
    frames: Mapping[Table, DataFrame],
    promised: Mapping[str, int],
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Verdict:
    """The verdict on finished tables, given as frames of the versions that were committed, and their promised rows."""
    for table, frame in frames.items():
        frame.createOrReplaceTempView(table.name)
    counts = {table.name: _count(spark, table.name) for table in frames}
    findings = tuple(_misfit(name, counts[name], promised[name]) for name in counts if counts[name] != promised[name])
    written = read_rulebook(bindings(config))
    rules = (*catalogue_rules(), *written.rules)
    book = Rulebook(written.relations, tuple(rule for rule in rules if rule.table in counts))
    for relation in book.relations:
        spark.sql(_view(relation))
    tally = Tally()
    groups = _groups(book.rules)
    for done, members in enumerate(groups, 1):
        _apply(spark, members, tally)
        on_progress(done, len(groups))
    found = findings + tally.findings()
    return Verdict(not found, found, len(book.rules) + 2 * len(frames), sum(counts.values()))


def session_fingerprint(spark: SparkSession, table: Table) -> str:
    """The fingerprint of a table that `judge_session` has laid out."""
    row = spark.sql(query(table, table.name, SparkDialect())).collect()[0]
    return rendered(int(row["total"]))


def _count(spark: SparkSession, name: str) -> int:
    return int(spark.sql(f"SELECT count(*) AS n FROM {name}").collect()[0]["n"])


def _misfit(name: str, found: int, promised: int) -> Finding:
    says = f"The table has the manifest's {promised} rows; it has {found}."
    return Finding("row_count", name, says, abs(found - promised))


def _view(relation: Relation) -> str:
    return f"CREATE OR REPLACE TEMPORARY VIEW {relation.name} AS {in_spark(relation.sql)}"


def _groups(rules: Iterable[Rule]) -> list[list[Rule]]:
    """Rules that share a scan."""
    groups: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        groups[rule.over or rule.name].append(rule)
    return list(groups.values())


def _apply(spark: SparkSession, rules: list[Rule], tally: Tally) -> None:
    values: list[Any] = list(spark.sql(in_spark(count_query(rules))).collect()[0])
    for rule, value in zip(rules, values, strict=True):
        if value:
            tally.counts[rule] += int(value)
            rows = spark.sql(f"SELECT key FROM ({in_spark(rule.select)}) AS broken LIMIT {SAMPLES}").collect()
            tally.samples[rule] += [str(row[0]) for row in rows]
