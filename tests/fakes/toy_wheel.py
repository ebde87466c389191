"""A wheel that does what a test asks of a job, and the settings of a job that runs it."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

SOURCE = """
import json, os, subprocess, sys, time


def report():
    facts = {"arguments": sys.argv[1:], "home": os.environ["HOME"], "runtime": os.environ["DATABRICKS_RUNTIME_VERSION"]}
    print(json.dumps(facts))


def fail():
    print("about to fail")
    raise RuntimeError("the sky is green")


def leave():
    sys.exit(3)


def return_three():
    return 3


def sleep():
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    with open(sys.argv[1], "w") as file:
        file.write(f"{os.getpid()} {child.pid}")
    time.sleep(60)


def keep_a_table():
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.getOrCreate()
    name = sys.argv[1]
    spark.sql(f"CREATE TABLE IF NOT EXISTS {name} (id BIGINT NOT NULL) USING DELTA CLUSTER BY (id)")
    spark.range(int(sys.argv[2])).write.insertInto(name, overwrite=True)
"""
FUNCTIONS = ("report", "fail", "leave", "return_three", "sleep", "keep_a_table")


def build(folder: Path) -> Path:
    """The wheel, in a folder."""
    wheel = folder / "toy-1.0-py3-none-any.whl"
    points = "\n".join(f"{name} = toy:{name}" for name in FUNCTIONS)
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("toy.py", SOURCE)
        archive.writestr("toy-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: toy\nVersion: 1.0\n")
        archive.writestr("toy-1.0.dist-info/entry_points.txt", f"[console_scripts]\n{points}\n")
    return wheel


def settings(function: str, *parameters: str, **more: Any) -> dict[str, Any]:
    """A job with one task that calls a function of the wheel; `task_...` arguments go to the task."""
    task = {name.removeprefix("task_"): value for name, value in more.items() if name.startswith("task_")}
    return {
        "name": function,
        "tasks": [
            {
                "task_key": "toy",
                "environment_key": "default",
                "max_retries": 0,
                "disable_auto_optimization": True,
                "python_wheel_task": {"package_name": "toy", "entry_point": function, "parameters": list(parameters)},
                **task,
            }
        ],
        "environments": [
            {
                "environment_key": "default",
                "spec": {
                    "environment_version": "4",
                    "dependencies": ["/Volumes/main/default/wheels/toy-1.0-py3-none-any.whl"],
                },
            }
        ],
        **{name: value for name, value in more.items() if not name.startswith("task_")},
    }
