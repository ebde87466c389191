"""The compute behind jobs and warehouse: the embedded engine as a process of its own, with the workspace as its catalog."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import pyarrow as pa
import pyspark.sql.connect.proto as spark
from grpc_status import rpc_status

from generation.engine import embedded
from tests.fakes.databricks.sql.failures import SqlError

UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


@dataclass
class Cluster:
    """An engine that starts when it is first needed. It ends when it is closed, or with the process that started it."""

    host: str
    token: str
    catalogs: Sequence[str]
    folder: Path
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _process: subprocess.Popen[str] | None = None
    _channel: grpc.Channel | None = None
    _closed: bool = False

    def channel(self) -> grpc.Channel:
        """A connection to the running engine."""
        with self._lock:
            if self._closed:
                raise SqlError("[SESSION_CLOSED] The cluster has ended. SQLSTATE: HY000", "HY000", "SESSION_CLOSED")
            if self._channel is None:
                self._channel = grpc.insecure_channel(f"127.0.0.1:{self._start()}", options=UNLIMITED)
            return self._channel

    def _start(self) -> int:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "engine.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, embedded.__file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=self.folder,
                env=self._environment(),
                text=True,
                start_new_session=True,
            )
        assert self._process.stdout is not None
        port = self._process.stdout.readline().strip()
        if not port:
            raise RuntimeError(f"the embedded engine did not start: {(self.folder / 'engine.log').read_text()[-2000:]}")
        return int(port)

    def _environment(self) -> dict[str, str]:
        address = f"{self.host}/api/2.1/unity-catalog"
        unity = [
            f'{{name={_text(name)}, type="unity", uri={_text(address)}, default_catalog={_text(name)}, token={_text(self.token)}}}'
            for name in self.catalogs
        ]
        memory = '{name="spark_catalog", type="memory", initial_database=["default"]}'
        return {
            **{k: v for k, v in os.environ.items() if not k.startswith(("DATABRICKS_", "SPARK_"))},
            **embedded.SETTINGS,
            "SAIL_CATALOG__LIST": f"[{', '.join([memory, *unity])}]",
            "SAIL_CATALOG__DEFAULT_CATALOG": "spark_catalog",
            "UNITY_ALLOW_HTTP_URL": "true",
            "NO_PROXY": "127.0.0.1",
        }

    def close(self) -> None:
        """Afterwards the engine has ended, whatever it was doing."""
        with self._lock:
            self._closed = True
            channel, process = self._channel, self._process
            self._channel = self._process = None
        if channel is not None:
            channel.close()
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()


def _text(value: str) -> str:
    return json.dumps(value)


@dataclass
class EngineSession:
    """A session on a cluster, spoken to without a Spark client, so that nothing of one stays in this process."""

    cluster: Cluster
    session_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    user_id: str = ""

    def sql(self, text: str) -> pa.Table:
        """The result of a query or command."""
        relation = spark.Relation(sql=spark.SQL(query=text))
        command = spark.Plan(command=spark.Command(sql_command=spark.SqlCommand(sql=text, input=relation)))
        for response in self._execute(command):
            if response.HasField("sql_command_result"):
                relation = response.sql_command_result.relation
        return self._rows(spark.Plan(root=relation))

    def write(self, query: str, path: Path) -> None:
        """Makes the result of a query the content of the Delta table at a path, in one commit, schema included."""
        operation = spark.WriteOperation(
            input=spark.Relation(sql=spark.SQL(query=query)),
            source="delta",
            path=str(path),
            mode=spark.WriteOperation.SAVE_MODE_OVERWRITE,
            options={"overwriteSchema": "true"},
        )
        list(self._execute(spark.Plan(command=spark.Command(write_operation=operation))))

    def _rows(self, plan: spark.Plan) -> pa.Table:
        batches: list[pa.RecordBatch] = []
        schema = None
        for response in self._execute(plan):
            if response.HasField("arrow_batch"):
                with pa.ipc.open_stream(response.arrow_batch.data) as stream:
                    schema = stream.schema
                    batches += list(stream)
        return pa.Table.from_batches(batches, schema) if schema is not None else pa.table({})

    def _execute(self, plan: spark.Plan) -> Iterator[spark.ExecutePlanResponse]:
        request = spark.ExecutePlanRequest(session_id=self.session_id, plan=plan, operation_id=str(uuid.uuid4()))
        request.user_context.user_id = self.user_id
        call = self.cluster.channel().unary_stream(
            "/spark.connect.SparkConnectService/ExecutePlan",
            request_serializer=spark.ExecutePlanRequest.SerializeToString,
            response_deserializer=spark.ExecutePlanResponse.FromString,
        )
        try:
            yield from call(request)
        except grpc.RpcError as error:
            raise _engine_error(error) from error


def _engine_error(error: grpc.RpcError) -> SqlError:
    status = rpc_status.from_call(error)
    message = status.message if status else str(error.details())
    return SqlError(message.splitlines()[0] if message else str(error.code()))
