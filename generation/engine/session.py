"""The only place that makes a Spark session: the embedded engine, Apache Spark on this machine, or a Connect server."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


CLIENT_MARKS = ("SPARK_CONNECT_MODE_ENABLED", "SPARK_REMOTE", "SPARK_LOCAL_REMOTE", "SPARK_API_MODE")
"""Environment variables that pyspark sets for itself and its children once it is a Connect client."""


class EngineUnavailable(Exception):
    """The asked-for engine cannot start here; the message says what to install or check."""


# The embedded engine's own settings. Joins keep the order they are written in: lookups stand on the left, so that they
# are the side that is held in memory and the rows streaming by keep their order.
EMBEDDED_SETTINGS = {
    "SAIL_OPTIMIZER__ENABLE_JOIN_SWAP": "false",
    "SAIL_EXECUTION__BATCH_SIZE": "16384",
    "SAIL_PARQUET__COMPRESSION": "zstd(1)",
    # A dictionary that grows beyond this is given up early: columns of keys and digests have none worth writing.
    "SAIL_PARQUET__DICTIONARY_PAGE_SIZE_LIMIT": "131072",
    "SAIL_PARQUET__STATISTICS_ENABLED": "chunk",
    # A task writes its own file; the other core has a task, too.
    "SAIL_PARQUET__ALLOW_SINGLE_FILE_PARALLELISM": "false",
    "SAIL_OPTIMIZER__EXPAND_VIEWS_AT_OUTPUT": "false",
    "SAIL_SPARK__SESSION_TIMEOUT_SECS": "86400",
    "RUST_LOG": "off",
    # Milliseconds until freed memory goes back to the system: at 0 a run is a fifth slower, at the usual 1,000 it holds more.
    "MIMALLOC_PURGE_DELAY": "100",
}

# Every call of a column function would otherwise look for a notebook and walk the stack, for errors that quote the caller's
# line: a sixth of a small run. Not set where the session belongs to somebody else.
UNTRACED = ("spark.python.sql.dataFrameDebugging.enabled", "false")


@contextmanager
def session(engine: str) -> Iterator[SparkSession]:
    """A session on `embedded`, `local`, `local[n]` or `sc://host:port`, closed at the end; `session` is the one the platform
    gives to a job, and stays open.

    Raises `EngineUnavailable` with the remedy when the engine is not installed or does not answer.
    """
    if engine == "embedded":
        with _embedded() as spark:
            yield spark
    elif engine == "session":
        yield _given()
    elif engine.startswith("local"):
        with _apache(engine if "[" in engine else "local[*]") as spark:
            yield spark
    else:
        with _connect(engine) as spark:
            yield spark


def _given() -> SparkSession:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise EngineUnavailable(
            "engine session: there is no pyspark here; run this inside a Databricks job, or use engine embedded"
        ) from error
    spark = SparkSession.builder.getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    return spark


@contextmanager
def _embedded() -> Iterator[SparkSession]:
    for name, value in EMBEDDED_SETTINGS.items():
        os.environ.setdefault(name, value)
    try:
        from pysail.spark import SparkConnectServer
    except ImportError as error:
        raise EngineUnavailable(
            "engine embedded: package pysail is not installed; run pip install 'idgraph-generator[embedded]'"
        ) from error
    server = SparkConnectServer(ip="127.0.0.1", port=0)
    server.start(background=True)
    try:
        _, port = server.listening_address
        with _connect(f"sc://127.0.0.1:{port}", UNTRACED) as spark:
            yield spark
    finally:
        server.stop()


@contextmanager
def _connect(url: str, *settings: tuple[str, str]) -> Iterator[SparkSession]:
    try:
        import grpc  # noqa: F401  (the Connect client's transport)
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise EngineUnavailable(
            f"engine {url}: no Spark Connect client is installed; run pip install 'idgraph-generator[embedded]'"
        ) from error
    _reachable(url)
    before = {name: os.environ.get(name) for name in CLIENT_MARKS}
    builder = SparkSession.builder.remote(url)
    for name, value in settings:
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    try:
        spark.conf.set("spark.sql.session.timeZone", "UTC")
        yield spark
    finally:
        spark.stop()
        _restore(before)


def _restore(environment: dict[str, str | None]) -> None:
    for name, value in environment.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _reachable(url: str) -> None:
    """Refuse a server that does not answer within five seconds, before any retries of the client."""
    import grpc

    address = url.removeprefix("sc://").split("/")[0]
    host = address if ":" in address else f"{address}:15002"
    channel = grpc.insecure_channel(host)
    try:
        grpc.channel_ready_future(channel).result(timeout=5)
    except grpc.FutureTimeoutError as error:
        raise EngineUnavailable(
            f"engine {url}: no Spark Connect server answers at {host} within 5 s; check host and port"
        ) from error
    finally:
        channel.close()


@contextmanager
def _apache(master: str) -> Iterator[SparkSession]:
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        raise EngineUnavailable("engine local: no Java found; install Java 17 or set JAVA_HOME, or use engine embedded")
    try:
        import py4j  # noqa: F401  (only full pyspark brings it)
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise EngineUnavailable(
            "engine local: full pyspark is not installed; run pip install 'idgraph-generator[spark]'"
        ) from error
    for name in CLIENT_MARKS:
        # A parent that is a Connect client would make this process one.
        os.environ.pop(name, None)
    builder = SparkSession.builder.master(master).appName("idgraph")
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": os.environ.get("IDGRAPH_SPARK_MEMORY", "2g"),
        # Rows go through methods of generated code that are longer than the compiler takes by itself; interpreted they crawl.
        "spark.driver.extraJavaOptions": "-XX:-DontCompileHugeMethods",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        "spark.sql.parquet.compression.codec": "zstd",
        # Lookups of tens of thousands of rows go to the JVM by the column instead of one by one.
        "spark.sql.execution.arrow.pyspark.enabled": "true",
    }
    for name, value in (*settings.items(), UNTRACED):
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    # Failures come as exceptions; the log would repeat them with pages of generated code.
    spark.sparkContext.setLogLevel("FATAL")
    try:
        yield spark
    finally:
        spark.stop()


def engine_version(engine: str) -> str | None:
    """Name and version of an engine of this machine; None for a server's, which need not be that of its client."""
    name, package = {"embedded": ("Sail", "pysail"), "local": ("Apache Spark", "pyspark")}.get(
        engine.partition("[")[0], ("", "")
    )
    try:
        return f"{name} {version(package)}" if package else None
    except PackageNotFoundError:
        return None
