"""A run's Spark session: the Spark Connect protocol, with Unity Catalog in front of the embedded engine.

A job reaches it as jobs on serverless compute reach theirs, by `SparkSession.builder.getOrCreate()` with SPARK_REMOTE in
the environment; no code of the job knows of it. Of all that passes through, three things are looked at: SQL statements
(judged, and done here if the engine lacks them), tables that plans read, and writes of tables.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import grpc
import pyarrow as pa
import pyspark.sql.connect.proto as spark
from google.protobuf import any_pb2
from google.protobuf.descriptor import Descriptor
from google.rpc import error_details_pb2, status_pb2

from tests.fakes.databricks.cluster import UNLIMITED, Cluster, EngineSession
from tests.fakes.databricks.plan_bytes import Asked, tables_read
from tests.fakes.databricks.sql.engine import Engine, as_sql
from tests.fakes.databricks.sql.failures import SqlError
from tests.fakes.databricks.sql.reading import Parameter, Reader, bound
from tests.fakes.databricks.sql.sessions import Session
from tests.fakes.databricks.table_writes import TableWrite, table_write

if TYPE_CHECKING:
    from tests.fakes.databricks.workspace import Workspace

SERVICE = "/spark.connect.SparkConnectService/"
STREAMING = {"ExecutePlan", "ReattachExecute"}
JAVA_CLASS = "org.apache.spark.sql.AnalysisException"


class Gateway:
    """Serves Spark sessions of one principal on a free port until it is closed."""

    def __init__(self, workspace: Workspace, session: Session, cluster: Cluster) -> None:
        self._session, self._cluster = session, cluster
        self._engine, self._workspace = Engine(workspace), workspace
        self._workers = ThreadPoolExecutor(32, "gateway")
        self._server = grpc.server(self._workers, options=UNLIMITED)
        self._server.add_generic_rpc_handlers((_Methods(self),))
        self._port = self._server.add_insecure_port("127.0.0.1:0")
        self._own: set[str] = set()
        self._sessions: dict[str, Session] = {}
        self._server.start()

    @property
    def remote(self) -> str:
        """The address for SPARK_REMOTE."""
        return f"sc://127.0.0.1:{self._port}"

    def close(self) -> None:
        """Afterwards no session is served and the engine has ended."""
        self._server.stop(0).wait()
        self._cluster.close()
        self._workers.shutdown(wait=False)

    def unary(self, method: str, request: bytes, context: grpc.ServicerContext) -> bytes:
        """A method of one answer."""
        if (
            method == "ReleaseExecute"
            and (asked := spark.ReleaseExecuteRequest.FromString(request)).operation_id in self._own
        ):
            return spark.ReleaseExecuteResponse(
                session_id=asked.session_id, operation_id=asked.operation_id
            ).SerializeToString()
        try:
            if method == "AnalyzePlan":
                self._check_reads(spark.AnalyzePlanRequest.DESCRIPTOR, request)
            return self._cluster.channel().unary_unary(SERVICE + method)(request)
        except (grpc.RpcError, SqlError) as error:
            raise self._abort(context, error) from error

    def uploading(self, method: str, requests: Iterator[bytes], context: grpc.ServicerContext) -> bytes:
        """A method of many requests."""
        try:
            return self._cluster.channel().stream_unary(SERVICE + method)(requests)
        except (grpc.RpcError, SqlError) as error:
            raise self._abort(context, error) from error

    def streaming(self, method: str, request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        """A method of many answers."""
        try:
            if method == "ExecutePlan":
                yield from self._execute(request, context)
            else:
                yield from self._passed(method, request, context)
        except (grpc.RpcError, SqlError) as error:
            raise self._abort(context, error) from error

    def _passed(self, method: str, request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        call = self._cluster.channel().unary_stream(SERVICE + method)(request)
        context.add_callback(call.cancel)
        yield from call

    def _execute(self, request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        asked = Asked.read(request)
        if asked.command == "sql_command":
            yield from self._sql(asked, request, context)
        elif (write := table_write(asked)) is not None:
            yield from self._write(asked, write, request, context)
        else:
            self._check_reads(spark.ExecutePlanRequest.DESCRIPTOR, request)
            yield from self._passed("ExecutePlan", request, context)

    def _sql(self, asked: Asked, request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        command = spark.SqlCommand.FromString(asked.content)
        written = command.input.sql.query or command.sql
        self._hold(written, context)
        answer = self._engine.judged(self._of(asked.head), bound(written, _parameters(command)))
        if isinstance(answer, pa.Table):
            yield from self._answered(asked.head, answer)
        elif answer == written:
            yield from self._passed("ExecutePlan", request, context)
        else:
            other = spark.SqlCommand(sql=answer, input=spark.Relation(sql=spark.SQL(query=answer)))
            request = asked.with_command("sql_command", other.SerializeToString())
            yield from self._passed("ExecutePlan", request, context)

    def _answered(self, asked: spark.ExecutePlanRequest, rows: pa.Table) -> Iterator[bytes]:
        """The answer of a statement done here: its rows as a local relation, then the end."""
        self._own.add(asked.operation_id)
        result = spark.ExecutePlanResponse.SqlCommandResult(relation=_relation(rows))
        for number, content in enumerate(({"sql_command_result": result}, {"result_complete": _COMPLETE})):
            yield spark.ExecutePlanResponse(
                session_id=asked.session_id,
                server_side_session_id=asked.client_observed_server_side_session_id,
                operation_id=asked.operation_id,
                response_id=f"{asked.operation_id}-{number}",
                **content,
            ).SerializeToString()

    def _write(self, asked: Asked, write: TableWrite, request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        session = self._of(asked.head)
        name = session.table(Reader(write.name).name())
        self._hold(write.described(name), context)
        reads = [("SELECT", other) for other in tables_read(spark.Relation.DESCRIPTOR, write.input)]
        if write.makes_table(self._workspace.securables.find("TABLE", name) is not None):
            self._engine.note(session, write.described(name), reads)
            yield from self._made(asked, write, (session, name), context)
        else:
            self._engine.note(session, write.described(name), [*reads, ("MODIFY", name)])
            yield from self._passed("ExecutePlan", request, context)

    def _made(
        self, asked: Asked, write: TableWrite, target: tuple[Session, str], context: grpc.ServicerContext
    ) -> Iterator[bytes]:
        """A write that makes or replaces a table goes to the table's folder; afterwards the catalog knows it."""
        session, name = target
        try:
            table = write.register(self._workspace, session, name)
        except Exception as error:
            raise as_sql(error) from error
        assert table.location is not None
        try:
            request = asked.with_command("write_operation", write.to_path(table.location))
            yield from self._passed("ExecutePlan", request, context)
        except grpc.RpcError:
            write.forget(self._workspace, table)
            raise
        write.keep(table)

    def _hold(self, text: str, context: grpc.ServicerContext) -> None:
        """A statement before which the task is killed waits for that."""
        if self._session.via.startswith("run") and self._workspace.faults.holds_back(text):
            while context.is_active():
                time.sleep(0.02)
            raise SqlError("[SESSION_CLOSED] The task was killed. SQLSTATE: HY000", "HY000", "SESSION_CLOSED")

    def _check_reads(self, message: Descriptor, request: bytes) -> None:
        if any(catalog.encode() in request for catalog in self._cluster.catalogs):
            self._engine.allow_reading(self._session, tables_read(message, request))

    def _of(self, asked: spark.ExecutePlanRequest) -> Session:
        """The session, with the engine as this very client sees it (its temporary views, its settings)."""
        if asked.session_id not in self._sessions:
            own = EngineSession(self._cluster, asked.session_id, asked.user_context.user_id)
            self._sessions[asked.session_id] = replace(self._session, spark=lambda: own)
        return self._sessions[asked.session_id]

    def _abort(self, context: grpc.ServicerContext, error: Exception) -> Exception:
        if isinstance(error, SqlError):
            context.set_trailing_metadata((("grpc-status-details-bin", _status(error).SerializeToString()),))
            context.abort(grpc.StatusCode.INTERNAL, error.message)
        context.set_trailing_metadata(error.trailing_metadata() or ())
        context.abort(error.code(), error.details() or "")
        return error


def _relation(rows: pa.Table) -> spark.Relation:
    if not rows.num_columns:
        # The engine has no relation without columns; what matters is that no rows come.
        return spark.Relation(range=spark.Range(start=0, end=0, step=1, num_partitions=1))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        # Without any batch the engine would see no columns either.
        for batch in rows.to_batches() or [pa.RecordBatch.from_pylist([], rows.schema)]:
            stream.write_batch(batch)
    return spark.Relation(local_relation=spark.LocalRelation(data=sink.getvalue().to_pybytes()))


_COMPLETE = spark.ExecutePlanResponse.ResultComplete()


class _Methods(grpc.GenericRpcHandler):
    """All methods of the service, as bytes."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        method = details.method.rpartition("/")[2]
        if method in STREAMING:
            return grpc.unary_stream_rpc_method_handler(lambda r, c: self._gateway.streaming(method, r, c))
        if method == "AddArtifacts":
            return grpc.stream_unary_rpc_method_handler(lambda r, c: self._gateway.uploading(method, r, c))
        return grpc.unary_unary_rpc_method_handler(lambda r, c: self._gateway.unary(method, r, c))


def _parameters(command: Any) -> list[Parameter]:
    named = command.input.sql.named_arguments if command.HasField("input") else {}
    found = []
    for name, expression in named.items():
        kind = expression.literal.WhichOneof("literal_type")
        value = getattr(expression.literal, kind)
        type_ = {"string": "STRING", "integer": "INT", "long": "BIGINT", "boolean": "BOOLEAN"}.get(kind, kind.upper())
        found.append(Parameter(name, type_, str(value).lower() if isinstance(value, bool) else str(value)))
    return found


def _status(error: SqlError) -> status_pb2.Status:
    """The failure as Spark's clients expect it, so that they raise an AnalysisException with class and state."""
    info = error_details_pb2.ErrorInfo(
        reason=JAVA_CLASS,
        domain="org.apache.spark",
        metadata={
            "classes": json.dumps([JAVA_CLASS]),
            "sqlState": error.state or "",
            "errorClass": error.condition or "",
            "messageParameters": "{}",
        },
    )
    detail = any_pb2.Any()
    detail.Pack(info)
    return status_pb2.Status(code=grpc.StatusCode.INTERNAL.value[0], message=error.message, details=[detail])
