"""Hard cases: records of people who are alike, and records that hold what belongs to others or to nobody."""

from __future__ import annotations

import functools

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from generation.engine.columns import conform, position
from generation.spec.catalog.hard_cases import HARD_CASES
from generation.spec.sources import CASE_TYPES, WRITTEN_CASES

CASES = 32


def hard_cases(records: DataFrame) -> DataFrame:
    """The hard cases among records."""
    parts = [_cases_of_one_record(records), _namesakes(records), _shared_tvs(records)]
    return conform(functools.reduce(DataFrame.unionByName, parts), HARD_CASES).orderBy("case_id")


def _cases_of_one_record(records: DataFrame) -> DataFrame:
    """Cases that a record is in by itself; one row a case."""
    person, home = F.col("individual_id"), F.col("household_id")
    causes = {"twins": F.col("twins").cast("string"), "junior_senior": F.col("juniors").cast("string")}
    for kind, column in WRITTEN_CASES.items():
        cause = person if kind == "maiden_name" else F.col(column)
        causes[kind] = F.when(F.col(f"why_{column}") == kind, cause.cast("string"))
    causes["move_and_name_change"] = F.when(F.col("moved_and_renamed"), home.cast("string"))
    # One pass over the records: each further use of them would make all of them again.
    cells = [F.struct(F.lit(kind).alias("kind"), cause.alias("cause")) for kind, cause in causes.items()]
    found = records.select("record_id", "individual_id", F.explode(F.array(*cells)).alias("case"))
    return _cases(found.select("record_id", "individual_id", "case.*").filter(F.col("cause").isNotNull()))


def _cases(found: DataFrame) -> DataFrame:
    """Rows with record_id, individual_id, kind and cause as cases; those of one kind and cause are one group."""
    return found.select(
        (F.col("record_id") * CASES + position(F.col("kind"), CASE_TYPES)).alias("case_id"),
        F.col("kind").alias("case_type"),
        F.xxhash64("kind", "cause").bitwiseAND(F.lit(2**63 - 1)).alias("group_id"),
        "record_id",
        "individual_id",
    )


def _namesakes(records: DataFrame) -> DataFrame:
    """Records of people of one name who live in one ZIP code, in different households."""
    keys = ("true_first_name", "true_last_name", "true_postal_code")
    named = records.withColumns({"kind": F.lit("namesakes_in_zip"), "cause": F.concat_ws("|", *keys)})
    return _cases(_with_several(named, "household_id"))


def _shared_tvs(records: DataFrame) -> DataFrame:
    """Records of one TV that several people use."""
    seen = records.filter(F.col("tv_id").isNotNull())
    return _cases(
        _with_several(seen.withColumns({"kind": F.lit("shared_tv"), "cause": F.col("tv_id")}), "individual_id")
    )


def _with_several(found: DataFrame, different: str) -> DataFrame:
    """The rows whose cause has more than one value of a column."""
    found = found.select("record_id", "individual_id", "household_id", "kind", "cause")
    groups = found.groupBy("cause").agg(F.min(different).alias("_least"), F.max(different).alias("_most"))
    return found.join(groups.filter(F.col("_least") < F.col("_most")), "cause")
