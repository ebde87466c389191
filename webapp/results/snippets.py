"""How to read a table elsewhere: text to copy. Tests run the ones that need no cluster."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

OFFLINE = "# Reads the files that Delta's log names: DuckDB's own delta_scan needs an extension, which it downloads.\n"


@dataclass(frozen=True)
class Snippet:
    """Text for a tool."""

    tool: str
    text: str


def snippets(path: str, name: str, version: int) -> list[Snippet]:
    """A table at a version."""
    place = _quoted(path)
    return [
        Snippet(
            "Python (pandas)",
            f"import pandas\n{_IMPORT}\n{name} = pandas.read_parquet(DeltaTable({place}, version={version}).file_uris())",
        ),
        Snippet(
            "DuckDB",
            f"{_DUCK}{OFFLINE}{name} = duckdb.read_parquet(DeltaTable({place}, version={version}).file_uris())\n"
            f"print({name}.limit(10))",
        ),
        Snippet(
            "PySpark",
            f'{name} = spark.read.format("delta").option("versionAsOf", {version}).load({place})\n{name}.show(10)',
        ),
        Snippet("Spark SQL", f"SELECT * FROM {_ticked(path)} VERSION AS OF {version} LIMIT 10"),
    ]


def dataset_snippets(root: str, tables: Mapping[str, tuple[str, int]]) -> list[Snippet]:
    """All tables of a dataset; `tables` has the place below the root and the version of each."""
    listed = "".join(
        f"    {_quoted(name)}: ({_quoted(place)}, {version}),\n" for name, (place, version) in tables.items()
    )
    head = f"root = {_quoted(root)}\ntables = {{\n{listed}}}\n"
    opened = (
        'for name, (place, version) in tables.items():\n    table = DeltaTable(f"{root}/{place}", version=version)\n'
    )
    spark = (
        'for name, (place, version) in tables.items():\n    frame = spark.read.format("delta").option("versionAsOf", version)\n'
        '    frame.load(f"{root}/{place}").createOrReplaceTempView(name)\n'
    )
    return [
        Snippet(
            "DuckDB",
            f"{_DUCK}{head}{OFFLINE}{opened}    if files := table.file_uris():\n"
            f"        duckdb.read_parquet(files).create_view(name)\n\nprint(duckdb.sql({_JOIN}))",
        ),
        Snippet("PySpark", f"{head}{spark}\nspark.sql({_JOIN}).show()"),
    ]


_IMPORT = "from deltalake import DeltaTable\n"
_DUCK = f"import duckdb\n{_IMPORT}\n"
_JOIN = '''"""
    SELECT household_type, COUNT(*) AS people, AVG(age) AS mean_age
    FROM households JOIN individuals USING (household_id)
    GROUP BY household_type ORDER BY people DESC
"""'''


def _quoted(text: str) -> str:
    """A text in Python."""
    return json.dumps(text, ensure_ascii=False)


def _ticked(path: str) -> str:
    """A folder in Spark SQL."""
    return f"delta.`{path.replace('`', '``')}`"
