"""The only place that makes a Spark session: the embedded engine, Apache Spark on this machine, or a Connect server."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import TYPE_CHECKING

from generation.engine import embedded

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


CLIENT_MARKS = ("SPARK_CONNECT_MODE_ENABLED", "SPARK_REMOTE", "SPARK_LOCAL_REMOTE", "SPARK_API_MODE")
"""Environment variables that pyspark sets for itself and its children once it is a Connect client."""


class EngineUnavailable(Exception):
    """The asked-for engine cannot start here; the message says what to install or check."""


class EngineLost(Exception):
    """The engine's process ended while it was needed; the message says how. Nothing is wrong with what was asked of it."""


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


def need_pyspark() -> None:
    """Raises `EngineUnavailable` with the remedy where there is no pyspark."""
    if find_spec("pyspark") is None:
        raise EngineUnavailable(
            "there is no pyspark here; in a Databricks job it is part of the runtime, elsewhere "
            "run pip install 'idgraph-generator[embedded]'"
        )


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
    if not embedded.is_installed():
        raise EngineUnavailable(
            "engine embedded: package pysail is not installed; run pip install 'idgraph-generator[embedded]'"
        )
    try:
        with embedded.server() as server, _connect(f"sc://127.0.0.1:{server.port}", UNTRACED) as spark:
            _only_while_it_lives(spark, server)
            yield from _unless_lost(spark, server)
    except embedded.NotStarted as error:
        raise EngineUnavailable(f"engine embedded: {error}; look above for what it wrote") from error


def _only_while_it_lives(spark: SparkSession, server: embedded.Server) -> None:
    """A client waits ten minutes for a server that does not answer; this one does not come back once its process is gone."""
    from pyspark.sql.connect.client.retries import DefaultPolicy

    class WhileItLives(DefaultPolicy):
        def can_retry(self, exception: BaseException) -> bool:
            return server.ended() is None and super().can_retry(exception)

    spark.client.set_retry_policies([WhileItLives()])


def _unless_lost(spark: SparkSession, server: embedded.Server) -> Iterator[SparkSession]:
    try:
        yield spark
    except Exception as error:
        if how := server.ended():
            # Nothing is left that could be told that the session is over.
            setattr(spark, "release_session_on_close", False)  # noqa: B010
            raise EngineLost(
                f"the embedded engine's process is gone: {how}; run again, finished units are kept "
                "(a machine that runs out of memory ends processes like this: make room, or fewer things at a time)"
            ) from error
        raise


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
        # And a collector that stops the program for its work does less of it.
        "spark.driver.extraJavaOptions": "-XX:-DontCompileHugeMethods -XX:+UseParallelGC",
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
