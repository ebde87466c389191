"""The identity graph as nodes and relationships in CSV files, with the headers that property-graph databases import."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from generation.spec.problems import InvalidConfig, Problem
from generation.verify.bench import Room, bench
from generation.verify.dataset import open_dataset

IDENTIFIER = "identifier_type || ':' || identifier_value"
"""The key of an identifier's node: one for a value, however many people it stands for."""

FILES = {
    "nodes_households.csv": """
        SELECT household_id AS "household_id:ID(Household)", size AS "size:int", household_type, income_bracket,
            'Household' AS ":LABEL"
        FROM stored_households ORDER BY household_id
    """,
    "nodes_people.csv": """
        SELECT individual_id AS "individual_id:ID(Person)", first_name, last_name, birth_date AS "birth_date:date", gender,
            'Person' AS ":LABEL"
        FROM stored_individuals ORDER BY individual_id
    """,
    "nodes_devices.csv": """
        SELECT device_id AS "device_id:ID(Device)", device_type, os, shared AS "shared:boolean", 'Device' AS ":LABEL"
        FROM stored_devices ORDER BY device_id
    """,
    "nodes_identifiers.csv": f"""
        SELECT DISTINCT {IDENTIFIER} AS "identifier:ID(Identifier)", identifier_type, identifier_value,
            'Identifier' AS ":LABEL"
        FROM stored_identity_mappings ORDER BY identifier_type, identifier_value
    """,
    "relationships_lives_in.csv": """
        SELECT individual_id AS ":START_ID(Person)", household_id AS ":END_ID(Household)", relationship,
            'LIVES_IN' AS ":TYPE"
        FROM stored_individuals ORDER BY individual_id
    """,
    "relationships_belongs_to.csv": """
        SELECT device_id AS ":START_ID(Device)", household_id AS ":END_ID(Household)", 'BELONGS_TO' AS ":TYPE"
        FROM stored_devices ORDER BY device_id
    """,
    "relationships_uses.csv": """
        SELECT individual_id AS ":START_ID(Person)", device_id AS ":END_ID(Device)", 'USES' AS ":TYPE"
        FROM stored_devices WHERE individual_id IS NOT NULL ORDER BY device_id
    """,
    "relationships_has_identifier.csv": f"""
        SELECT individual_id AS ":START_ID(Person)", {IDENTIFIER} AS ":END_ID(Identifier)", match_type,
            confidence AS "confidence:double", source, first_seen AS "first_seen:datetime",
            last_seen AS "last_seen:datetime", is_active AS "is_active:boolean", 'HAS_IDENTIFIER' AS ":TYPE"
        FROM stored_identity_mappings ORDER BY mapping_id
    """,
    "relationships_carries.csv": f"""
        SELECT DISTINCT device_id AS ":START_ID(Device)", {IDENTIFIER} AS ":END_ID(Identifier)", 'CARRIES' AS ":TYPE"
        FROM stored_identity_mappings WHERE device_id IS NOT NULL ORDER BY ALL
    """,
}

PROFILE_FILES = {
    "nodes_profiles.csv": """
        SELECT profile_id AS "profile_id:ID(Profile)", is_retired AS "is_retired:boolean", retired_at AS "retired_at:datetime",
            'Profile' AS ":LABEL"
        FROM stored_canonical_ids ORDER BY profile_id
    """,
    "relationships_made_of.csv": """
        SELECT profile_id AS ":START_ID(Profile)", individual_id AS ":END_ID(Person)", 'MADE_OF' AS ":TYPE"
        FROM stored_canonical_ids ORDER BY profile_id
    """,
    "relationships_resolves_to.csv": """
        SELECT profile_id AS ":START_ID(Profile)", canonical_id AS ":END_ID(Profile)", 'RESOLVES_TO' AS ":TYPE"
        FROM stored_canonical_ids WHERE is_retired ORDER BY profile_id
    """,
    "relationships_seen_with.csv": f"""
        SELECT profile_id AS ":START_ID(Profile)", {IDENTIFIER} AS ":END_ID(Identifier)", match_type,
            confidence AS "confidence:double", source, observations AS "observations:long",
            first_observed AS "first_observed:datetime", last_observed AS "last_observed:datetime", 'SEEN_WITH' AS ":TYPE"
        FROM stored_identity_edges ORDER BY edge_id
    """,
}
"""What there is besides in a dataset with `demographics.graph.enabled`."""


@dataclass(frozen=True)
class Written:
    """A file and its rows."""

    path: Path
    rows: int


def write_property_graph(root: Path, folder: Path) -> tuple[Written, ...]:
    """Every file of the graph of the dataset below `root`; memory does not grow with it, and the same dataset gives the
    same files.
    """
    dataset = open_dataset(root, None)
    has_profiles = any(stored.table.name == "identity_edges" for stored in dataset.tables)
    files = FILES | PROFILE_FILES if has_profiles else FILES
    with bench(dataset, 0, Room()) as connection:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return tuple(_write(connection, folder / name, sql) for name, sql in files.items())
        except (OSError, duckdb.IOException) as error:
            message = f"--output {folder}: {error}; give a folder that can be written"
            raise InvalidConfig([Problem("/output", "target", message)]) from error


def _write(connection: duckdb.DuckDBPyConnection, path: Path, sql: str) -> Written:
    target = str(path).replace("'", "''")
    form = "FORMAT csv, HEADER true, TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%SZ'"
    rows = connection.execute(f"COPY ({sql}) TO '{target}' ({form})").fetchall()[0][0]
    return Written(path, int(str(rows)))
