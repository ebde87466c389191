"""What code that runs inside the platform must not do, by reading it."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import tomllib

from tests.builders import ROOT

IN_THE_JOB = (
    *(ROOT / "generation").glob("*.py"), *(ROOT / "generation/targets").glob("*.py"),
    *(ROOT / "generation/verify").glob("*.py"), *(ROOT / "generation/entities").glob("*.py"),
    *(ROOT / "generation/tables").glob("*.py"), *(ROOT / "generation/engine").glob("*.py"),
)  # fmt: skip
FORBIDDEN = {"sparkContext", "rdd", "_jvm", "_jsc", "_jdf", "cache", "persist", "checkpoint", "localCheckpoint",
             "createGlobalTempView", "createOrReplaceGlobalTempView", "addPyFile", "addFile", "setCheckpointDir"}  # fmt: skip
SETTABLE = {"spark.sql.shuffle.partitions", "spark.sql.session.timeZone", "spark.sql.ansi.enabled",
            "spark.sql.files.maxPartitionBytes", "spark.sql.legacy.timeParserPolicy"}  # fmt: skip
FUNCTIONS = frozenset((Path(__file__).parent / "spark_3_5/functions.txt").read_text().split())
"""The names in pyspark.sql.functions of PySpark 3.5.9, as that release lists them."""
SINCE_FOUR = {"toArrow", "lateralJoin", "mergeInto", "transpose"}
"""Methods of frames in Spark 4 that Spark 3.5 lacks."""
APACHE_ONLY = ROOT / "generation/engine/session.py"
"""It makes the classic session of the command line, which a job never asks for."""


def used(source: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and not (isinstance(node.value, ast.Name) and node.value.id == "functools"):
            yield node.lineno, node.attr


@pytest.mark.parametrize("path", IN_THE_JOB, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_used_that_serverless_forbids_or_spark_3_5_lacks(path: Path) -> None:
    forbidden = SINCE_FOUR if path == APACHE_ONLY else FORBIDDEN | SINCE_FOUR
    assert [(line, name) for line, name in used(path.read_text(encoding="utf-8")) if name in forbidden] == []


@pytest.mark.parametrize("path", IN_THE_JOB, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_settings_are_set_that_serverless_lets_be_set(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        is_set = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "set"
        if is_set and ast.unparse(node.func).endswith("conf.set"):
            assert ast.literal_eval(node.args[0]) in SETTABLE


@pytest.mark.parametrize("path", IN_THE_JOB, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_function_is_one_of_spark_3_5(path: Path) -> None:
    nodes = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Attribute)]
    used = {node.attr for node in nodes if isinstance(node.value, ast.Name) and node.value.id == "F"}
    assert used <= FUNCTIONS


def test_a_forbidden_use_is_found() -> None:
    assert [name for _, name in used("frame.persist()") if name in FORBIDDEN] == ["persist"]


def test_the_wheel_brings_no_pyspark() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert not [name for name in project["dependencies"] if "spark" in name.lower()]


def test_the_entry_point_answers_before_pyspark_is_looked_for() -> None:
    code = "import sys; from generation.__main__ import task; assert 'pyspark' not in sys.modules, 'loaded'"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
