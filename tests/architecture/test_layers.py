"""The house as walls: who may import whom, and what code that runs on every engine must not use."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAZY = ("generation/tables", "generation/entities", "generation/engine")

# The only module that makes a session: it sets the log level of a classic one.
SESSION = ROOT / "generation/engine/session.py"

FORBIDDEN = {
    **dict.fromkeys(("sparkContext", "rdd", "_jdf", "_jvm", "_sc"), "is not in Spark Connect"),
    **dict.fromkeys(("cache", "persist", "unpersist", "checkpoint", "localCheckpoint"), "serverless refuses it"),
    **dict.fromkeys(
        ("udf", "udtf", "pandas_udf", "mapInPandas", "mapInArrow", "applyInPandas", "applyInArrow"),
        "Python in the engine is slow, and one more thing that may differ",
    ),
    **dict.fromkeys(("toPandas", "toArrow", "collect", "toLocalIterator", "foreachPartition"), "generation is lazy"),
    **dict.fromkeys(
        ("rand", "randn", "uuid", "shuffle", "monotonically_increasing_id", "spark_partition_id"),
        "a value may depend on seed, decision and key only",
    ),
    **dict.fromkeys(
        ("current_timestamp", "current_date", "now", "today", "utcnow", "localtimestamp"),
        "no value comes from the clock",
    ),
}
PURE_MODULES = {"functools"}


def violations(source: str) -> Iterator[str]:
    """Every use of a forbidden name, as an attribute or as an import, with its line and reason."""
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Attribute):
            pure = isinstance(node.value, ast.Name) and node.value.id in PURE_MODULES
            names = [] if pure else [node.attr]
        elif isinstance(node, ast.ImportFrom) and node.module not in PURE_MODULES:
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            names = ["rand"] if any(alias.name == "random" for alias in node.names) else []
        yield from (f"line {node.lineno}: {name}: {FORBIDDEN[name]}" for name in names if name in FORBIDDEN)


def lazy_modules() -> list[Path]:
    return sorted(path for folder in LAZY for path in (ROOT / folder).rglob("*.py") if path != SESSION)


def test_there_is_generation_code_to_check() -> None:
    assert {path.relative_to(ROOT).parts[1] for path in lazy_modules()} == {"tables", "entities", "engine"}


@pytest.mark.parametrize("path", lazy_modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_generation_code_runs_on_every_engine(path: Path) -> None:
    assert list(violations(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "spark.sparkContext.setLogLevel('ERROR')",
        "frame.rdd.map(str)",
        "frame.select('a').cache()",
        "frame.toPandas()",
        "from pyspark.sql.functions import udf",
        "F.rand(42)",
        "datetime.date.today()",
        "import random",
    ],
)
def test_a_forbidden_use_is_found(source: str) -> None:
    assert len(list(violations(source))) == 1


@pytest.mark.parametrize(
    "source", ["@functools.cache\ndef f(): ...", "from functools import cache", "F.collect_list('a')"]
)
def test_a_pure_use_is_allowed(source: str) -> None:
    assert list(violations(source)) == []


def test_every_import_keeps_to_its_layer() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
