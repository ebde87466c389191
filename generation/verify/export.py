"""The rules as plain SQL files, bound to a dataset, for whoever wants to judge it without this program."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from generation.spec.catalog import EVERY
from generation.verify.bench import FUNCTIONS
from generation.verify.dataset import Dataset, open_dataset
from generation.verify.judge import rulebook
from generation.verify.rule import Relation, Rule
from generation.verify.schema import stored_column
from generation.verify.slices import rows_of
from generation.verify.spelling import in_spark

README = """# Rules of the dataset `{name}`

Every rule is a query for the rows that break it. None of them uses the program that made the dataset.

| file | what it is |
|---|---|
| `tables.sql` | views of the Parquet files of the manifest's versions, and functions by their Spark names |
| `relations.sql` | joins and sums that several rules read |
| `rules/<table>.sql` | {rules} rules: `violations` counts the rows that break one |
| `verify.sql` | all rules in one query, for what is broken only |
| `spark/` | relations and rules for Apache Spark |

With DuckDB, from this folder; no row of the last answer means that every rule holds:

```sh
duckdb -c '.read tables.sql' -c '.read relations.sql' -c '.read verify.sql'
```

With Spark or Databricks SQL, where the tables have these names in the current schema: run `spark/relations.sql`, then any
file of `spark/rules/`. They say the same in Spark's words, with backslashes escaped as Spark does unless told otherwise.
The time zone of the session has to be UTC.
"""


def export(root: Path, folder: Path) -> int:
    """Writes the files and returns the number of rules. Raises `Unverifiable` when the dataset cannot be read."""
    dataset = open_dataset(root, None)
    book = rulebook(dataset)
    relations = "\n".join(_relation(relation) for relation in book.relations)
    rules = dict(_by_table(book.rules))
    texts = {
        "README.md": README.format(name=dataset.config.output.name, rules=len(book.rules)),
        "tables.sql": "\n".join(_tables(dataset)),
        "relations.sql": relations,
        "verify.sql": _all(book.rules),
        **rules,
        **{f"spark/{name}": in_spark(text) for name, text in {"relations.sql": relations, **rules}.items()},
    }
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.rstrip() + "\n", encoding="utf-8")
    return len(book.rules)


def _tables(dataset: Dataset) -> Iterator[str]:
    yield "SET TimeZone = 'UTC';"
    yield from (f"{function};" for function in FUNCTIONS)
    for stored in dataset.tables:
        columns = ", ".join(stored_column(column) for column in stored.table.columns)
        yield f"CREATE TEMP VIEW {stored.table.name} AS SELECT {columns} FROM {rows_of(stored)};"


def _relation(relation: Relation) -> str:
    return f"CREATE TEMPORARY VIEW {relation.name} AS\n{relation.sql};\n"


def _counted(rule: Rule) -> str:
    return f"SELECT '{rule.name}' AS rule, '{rule.table}' AS table_name, COUNT(*) AS violations FROM (\n{rule.select}\n) AS broken"


def _by_table(rules: tuple[Rule, ...]) -> Iterator[tuple[str, str]]:
    order = [table.name for table in EVERY]
    for name, members in groupby(sorted(rules, key=lambda rule: order.index(rule.table)), key=lambda rule: rule.table):
        yield f"rules/{name}.sql", "\n".join(f"-- {rule.says}\n{_counted(rule)};\n" for rule in members)


def _all(rules: tuple[Rule, ...]) -> str:
    parts = "\nUNION ALL\n".join(_counted(rule) for rule in rules)
    return f"SELECT rule, table_name, violations FROM (\n{parts}\n) AS judged WHERE violations > 0;"
