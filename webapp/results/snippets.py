"""How to read a table elsewhere: text to copy. A test runs the ones that need no cluster."""

from __future__ import annotations


def snippets(path: str, name: str, version: int) -> list[dict[str, str]]:
    """Each with the tool's name and the text."""
    python = f'from deltalake import DeltaTable\n\n{name} = DeltaTable("{path}", version={version}).to_pandas()'
    duck = (
        "import duckdb\nfrom deltalake import DeltaTable\n\n"
        f'{name} = DeltaTable("{path}", version={version}).to_pyarrow_dataset()\n'
        f'duckdb.sql("SELECT COUNT(*) FROM {name}").show()'
    )
    spark = f'{name} = spark.read.format("delta").option("versionAsOf", {version}).load("{path}")\n{name}.show()'
    sql = f"SELECT * FROM delta.`{path}` VERSION AS OF {version} LIMIT 10"
    return [
        {"tool": "Python", "text": python},
        {"tool": "DuckDB", "text": duck},
        {"tool": "PySpark", "text": spark},
        {"tool": "Spark SQL", "text": sql},
    ]
