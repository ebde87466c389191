"""Resolve the people of a dataset's source records with Splink 4 on DuckDB: the reference run of docs/identity-benchmark.md.

    pip install 'splink>=4.0.12,<5' 'deltalake>=1.6,<2'
    python examples/splink_reference.py DATASET --output predictions.parquet
    idgraph score predictions.parquet --dataset DATASET

Everything that decides the result stands in this file and is the same for every dataset: blocking rules, comparisons,
training and one threshold. Only source_records is read; the answer key never is.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import duckdb
import splink.comparison_level_library as levels
import splink.comparison_library as compare
from deltalake import DeltaTable
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

THRESHOLD = 0.99
"""Match probability from which two records are one person's."""

SEED, SAMPLED_PAIRS, ITERATIONS = 1, 2_000_000, 25

# What the sources have in common: the plain address is hashed as the others hash it, placeholders count as unknown.
PREPARED = """
    CREATE OR REPLACE TABLE records AS
    SELECT
        record_id AS unique_id, source,
        lower(trim(first_name)) AS first_name, lower(trim(last_name)) AS last_name, gender,
        CASE WHEN birth_date NOT IN (DATE '1900-01-01', DATE '1970-01-01', DATE '1980-01-01')
            THEN strftime(birth_date, '%Y-%m-%d') END AS birth_date,
        lower(trim(email)) AS email,
        coalesce(hashed_email, sha256(lower(trim(email)))) AS email_hash,
        regexp_replace(phone, '[^0-9]', '', 'g') AS phone,
        lower(trim(street_address)) AS street, lower(trim(city)) AS city, state, postal_code,
        cookie_id, tv_id, ip_address
    FROM read_parquet({files})
"""

BLOCKING = (
    block_on("email_hash"),
    block_on("phone"),
    block_on("cookie_id"),
    block_on("tv_id"),
    block_on("ip_address", "postal_code"),
    block_on("last_name", "birth_date"),
    block_on("first_name", "birth_date"),
    block_on("birth_date", "postal_code"),
    block_on("first_name", "last_name", "postal_code"),
    block_on("first_name", "street"),
    block_on("last_name", "street"),
    block_on("substr(first_name, 1, 3)", "substr(last_name, 1, 3)", "city", "state"),
)
"""Pairs that agree on any of these are compared."""

RECORDS_PER_PERSON = 4
"""A guess, as whoever links has to make one; with it goes how probable it is that two records taken at random match."""

SHARED = 0.05
"""Of pairs that agree on an e-mail address, a phone number or a cookie, the share that is two people's: families, firms,
numbers given anew. Random samples cannot tell: nearly all pairs in them that agree on one are of one person."""

TRAINING = (
    block_on("first_name", "last_name"),
    block_on("email_hash"),
    block_on("phone"),
    block_on("birth_date", "postal_code"),
)
"""Blocks of the expectation-maximisation passes; each estimates what its block does not fix."""


def name_comparison(column: str, frequency: bool) -> compare.CustomComparison:
    """Exact, alike, similar; with the rarity of the name."""
    other = "last_name" if column == "first_name" else "first_name"
    return compare.CustomComparison(
        output_column_name=column,
        comparison_levels=[
            levels.NullLevel(column),
            levels.ExactMatchLevel(column, term_frequency_adjustments=frequency),
            levels.JaroWinklerLevel(column, 0.92),
            levels.JaroWinklerLevel(column, 0.80),
            levels.CustomLevel(f"{column}_l = {other}_r AND {other}_l = {column}_r", "Names exchanged"),
            levels.ElseLevel(),
        ],
    )


def birth_comparison() -> compare.CustomComparison:
    """Exact, one slip of a digit, day and month exchanged, a year, ten years."""
    parts = "substr(birth_date_{0}, 6, 2) = substr(birth_date_{1}, 9, 2)"
    exchanged = f"substr(birth_date_l, 1, 4) = substr(birth_date_r, 1, 4) AND {parts.format('l', 'r')} AND {parts.format('r', 'l')}"
    return compare.CustomComparison(
        output_column_name="birth_date",
        comparison_levels=[
            levels.NullLevel("birth_date"),
            levels.ExactMatchLevel("birth_date"),
            levels.DamerauLevenshteinLevel("birth_date", 1),
            levels.CustomLevel(exchanged, "Day and month exchanged"),
            levels.AbsoluteDateDifferenceLevel("birth_date", input_is_string=True, threshold=10, metric="year"),
            levels.ElseLevel(),
        ],
    )


def identifier_comparison(name: str, column: str, plain: str, unlike: float) -> compare.CustomComparison:
    """The same value of `column`; or of `plain`, at most two slips apart."""
    return compare.CustomComparison(
        output_column_name=name,
        comparison_levels=[
            levels.NullLevel(column),
            levels.ExactMatchLevel(column).configure(u_probability=unlike, fix_u_probability=True),
            levels.DamerauLevenshteinLevel(plain, 2 if plain == "email" else 1),
            levels.ElseLevel(),
        ],
    )


def place_comparison(frequency: bool, unlike: float) -> compare.CustomComparison:
    """Browser, street, TV, network, ZIP code, city: the first that agrees, since the one implies the others."""
    return compare.CustomComparison(
        output_column_name="place",
        comparison_levels=[
            levels.And(
                *(levels.NullLevel(column) for column in ("street", "tv_id", "ip_address", "postal_code", "city"))
            ),
            levels.ExactMatchLevel("cookie_id").configure(u_probability=unlike, fix_u_probability=True),
            levels.ExactMatchLevel("street", term_frequency_adjustments=frequency),
            levels.DamerauLevenshteinLevel("street", 2),
            levels.ExactMatchLevel("tv_id", term_frequency_adjustments=frequency),
            levels.ExactMatchLevel("ip_address", term_frequency_adjustments=frequency),
            levels.ExactMatchLevel("postal_code", term_frequency_adjustments=frequency),
            levels.CustomLevel("city_l = city_r AND state_l = state_r", "Same city"),
            levels.ElseLevel(),
        ],
    )


def settings(records: int, frequency: bool) -> SettingsCreator:
    """The model; `frequency` says whether agreement on a rare value counts for more."""
    match = (RECORDS_PER_PERSON - 1) / records
    return SettingsCreator(
        link_type="dedupe_only",
        probability_two_random_records_match=match,
        blocking_rules_to_generate_predictions=list(BLOCKING),
        comparisons=[
            name_comparison("first_name", frequency),
            name_comparison("last_name", frequency),
            birth_comparison(),
            compare.ExactMatch("gender"),
            identifier_comparison("email", "email_hash", "email", match * SHARED),
            identifier_comparison("phone", "phone", "phone", match * SHARED),
            place_comparison(frequency, match * SHARED),
        ],
        em_convergence=0.001,
        max_iterations=ITERATIONS,
    )


def read_records(connection: duckdb.DuckDBPyConnection, dataset: Path) -> int:
    """How many source records the table `records` now has."""
    files = DeltaTable(str(dataset / "source_records")).file_uris()
    connection.execute(PREPARED.format(files=files))
    return int(connection.execute("SELECT count(*) FROM records").fetchall()[0][0])


def resolve(connection: duckdb.DuckDBPyConnection, records: int, frequency: bool) -> str:
    """The name of a table with `unique_id` and `cluster_id` of every record."""
    linker = Linker("records", settings(records, frequency), db_api=DuckDBAPI(connection))
    linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLED_PAIRS, seed=SEED)
    for block in TRAINING:
        linker.training.estimate_parameters_using_expectation_maximisation(block)
    pairs = linker.inference.predict(threshold_match_probability=THRESHOLD)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, THRESHOLD)
    return str(clusters.physical_name)


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Resolve a dataset's source records with Splink.")
    parser.add_argument("dataset", type=Path, help="folder of the dataset")
    parser.add_argument("--output", type=Path, default=Path("predictions.parquet"), help="file to write")
    parser.add_argument(
        "--no-term-frequency", action="store_true", help="let agreement on a rare value count as any other"
    )
    return parser.parse_args()


def main() -> None:
    """Write record_id and cluster_id of every record."""
    chosen, begun = options(), time.monotonic()
    connection = duckdb.connect()
    records = read_records(connection, chosen.dataset)
    clusters = resolve(connection, records, not chosen.no_term_frequency)
    target = str(chosen.output).replace("'", "''")
    rows = f"SELECT unique_id AS record_id, cluster_id FROM {clusters} ORDER BY record_id"
    connection.execute(f"COPY ({rows}) TO '{target}' (FORMAT parquet)")
    found = connection.execute(f"SELECT count(DISTINCT cluster_id) FROM {clusters}").fetchall()[0][0]
    print(f"{records:,} records, {found:,} people found, {time.monotonic() - begun:.0f} seconds: {chosen.output}")


if __name__ == "__main__":
    main()
