"""The table of manifests in Unity Catalog: a dataset is published when its manifest is a row here, and not before."""

from __future__ import annotations

import json

from generation.spec.ddl import literal
from generation.spec.run_directory import digest

MANIFEST_TABLE = "_manifest"

COLUMNS = (
    ("serial", "BIGINT", "Number of the dataset in this schema; the highest is the current one."),
    ("manifest_hash", "STRING", "SHA-256 of the manifest's text."),
    ("config_hash", "STRING", "Hash of the settings that decide rows."),
    ("job_id", "STRING", "The job that made it; empty for the command line."),
    ("manifest", "STRING", "The manifest as JSON: every table with its rows, Delta version and fingerprint."),
)


def create_manifest_table(name: str) -> str:
    """The statement that makes the table unless it is there; `name` is used as it is written."""
    columns = ", ".join(f"`{column}` {kind} NOT NULL COMMENT {literal(says)}" for column, kind, says in COLUMNS)
    says = "Published datasets of this schema, one row each; versions named here stay readable by VERSION AS OF."
    return f"CREATE TABLE IF NOT EXISTS {name} ({columns}) USING DELTA COMMENT {literal(says)}"


def manifest_row(data: bytes, job_id: str) -> dict[str, str | int]:
    """The row that publishes a manifest's bytes."""
    values = json.loads(data)
    return {
        "serial": int(values["serial"]),
        "manifest_hash": digest(data),
        "config_hash": str(values["config_hash"]),
        "job_id": job_id,
        "manifest": data.decode(),
    }


def publish_statement(name: str, row: dict[str, str | int]) -> str:
    """The statement that publishes a manifest; said again it changes nothing, as it may be sent twice.

    It also does nothing when a later dataset is there: whoever comes late must not bring an old one back.
    """
    values = ", ".join(
        f"{row[column] if kind == 'BIGINT' else literal(str(row[column]))} AS {column}" for column, kind, _ in COLUMNS
    )
    names = ", ".join(column for column, _, _ in COLUMNS)
    return (
        f"MERGE INTO {name} AS kept USING (SELECT {values}) AS made ON kept.serial >= made.serial "
        f"WHEN NOT MATCHED THEN INSERT ({names}) VALUES ({', '.join(f'made.{column}' for column, _, _ in COLUMNS)})"
    )


def latest_statement(name: str) -> str:
    """The statement that reads the current dataset's row."""
    return f"SELECT serial, manifest_hash, job_id, manifest FROM {name} ORDER BY serial DESC LIMIT 1"
