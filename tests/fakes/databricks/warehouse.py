"""A SQL warehouse over Thrift: the connector's own protocol classes, this time on the serving side."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
from databricks.sql.thrift_api.TCLIService import TCLIService, ttypes
from thrift.protocol.TBinaryProtocol import TBinaryProtocol
from thrift.protocol.TProtocol import TProtocolException
from thrift.transport.TTransport import TMemoryBuffer

from tests.fakes.databricks.cluster import Cluster, EngineSession
from tests.fakes.databricks.principals import Principal
from tests.fakes.databricks.sql.engine import Engine
from tests.fakes.databricks.sql.failures import SqlError
from tests.fakes.databricks.sql.reading import Parameter
from tests.fakes.databricks.sql.sessions import DEFAULT_CATALOG, DEFAULT_SCHEMA, Session, Spark
from tests.fakes.databricks.thrift_results import fetched, metadata, modified_rows
from tests.fakes.databricks.wire import ApiError, Call, Reply, Request, Route, reply

if TYPE_CHECKING:
    from tests.fakes.databricks.workspace import Workspace

PATH = "/sql/1.0/warehouses/"
CONTENT = "application/x-thrift"
SUCCESS = ttypes.TStatus(statusCode=ttypes.TStatusCode.SUCCESS_STATUS)
State = Literal["RUNNING", "ASLEEP", "STOPPED", "DELETED"]


@dataclass
class Operation:
    """A statement that was sent: its result once there is one."""

    future: Future[pa.Table]
    handle: Any
    sent: int = 0


@dataclass
class Warehouse:
    """One warehouse. `state` ASLEEP makes the next session wait `start_seconds`; STOPPED and DELETED refuse to work.

    A statement that takes longer than `direct_seconds` is answered with "still running", and clients ask again.
    """

    id: str = "0123456789abcdef"
    state: State = "RUNNING"
    start_seconds: float = 0.0
    direct_seconds: float = 5.0
    sessions: dict[bytes, Session] = field(default_factory=dict)
    operations: dict[bytes, Operation] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _workers: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(8, "warehouse"))
    _cluster: Cluster | None = None

    def sleep(self, start_seconds: float = 2.0) -> None:
        """The next session has to wait for the warehouse to start."""
        self.state, self.start_seconds = "ASLEEP", start_seconds

    def wake(self) -> None:
        """Afterwards the warehouse runs; raises if it is not to be had."""
        if self.state == "DELETED":
            raise ApiError(
                404, "RESOURCE_DOES_NOT_EXIST", f"SQL warehouse {self.id} does not exist at all in the database"
            )
        if self.state == "STOPPED":
            says = f"Warehouse {self.id} is stopped and may not be started by you"
            raise ApiError(
                503, "TEMPORARILY_UNAVAILABLE", says, {"Retry-After": "1", "X-Thriftserver-Error-Message": says}
            )
        if self.state == "ASLEEP":
            time.sleep(self.start_seconds)
            self.state = "RUNNING"

    def submit(self, work: Callable[[], pa.Table]) -> tuple[bytes, Operation]:
        """Starts a statement."""
        guid = uuid.uuid4().bytes
        handle = ttypes.TOperationHandle(
            operationId=ttypes.THandleIdentifier(guid=guid, secret=uuid.uuid4().bytes),
            operationType=ttypes.TOperationType.EXECUTE_STATEMENT,
            hasResultSet=True,
        )
        self.operations[guid] = Operation(self._workers.submit(work), handle)
        return guid, self.operations[guid]

    def spark(self, make: Callable[[], Cluster]) -> EngineSession:
        """A session on the warehouse's engine, which starts when it is first used, and again when there are other catalogs."""
        with self._lock:
            wanted = make()
            if self._cluster is None or self._cluster.catalogs != wanted.catalogs:
                if self._cluster is not None:
                    self._cluster.close()
                self._cluster = wanted
            return EngineSession(self._cluster)

    def close(self) -> None:
        """Afterwards nothing of it runs."""
        self._workers.shutdown(wait=False, cancel_futures=True)
        if self._cluster is not None:
            self._cluster.close()


class Service:
    """The Thrift service for one caller; methods carry the names of the protocol."""

    def __init__(self, workspace: Workspace, warehouse: Warehouse, principal: Principal) -> None:
        self._workspace, self._warehouse, self._principal = workspace, warehouse, principal
        self._engine = Engine(workspace)

    def OpenSession(self, req: Any) -> Any:
        """A session with its default catalog and schema."""
        guid = uuid.uuid4().bytes
        namespace = req.initialNamespace
        session = Session(
            self._principal,
            "warehouse",
            catalog=(namespace and namespace.catalogName) or DEFAULT_CATALOG,
            schema=(namespace and namespace.schemaName) or DEFAULT_SCHEMA,
            settings=dict(req.configuration or {}),
        )
        session.spark = _engine_of(self._workspace, self._warehouse, session)
        self._warehouse.sessions[guid] = session
        handle = ttypes.TSessionHandle(ttypes.THandleIdentifier(guid=guid, secret=uuid.uuid4().bytes))
        return ttypes.TOpenSessionResp(
            status=SUCCESS,
            serverProtocolVersion=ttypes.TProtocolVersion.SPARK_CLI_SERVICE_PROTOCOL_V8,
            sessionHandle=handle,
            initialNamespace=namespace,
            canUseMultipleCatalogs=True,
        )

    def CloseSession(self, req: Any) -> Any:
        """Ends a session."""
        self._warehouse.sessions.pop(req.sessionHandle.sessionId.guid, None)
        return ttypes.TCloseSessionResp(status=SUCCESS)

    def ExecuteStatement(self, req: Any) -> Any:
        """Starts a statement, and answers with its result if that comes quickly."""
        session = self._warehouse.sessions.get(req.sessionHandle.sessionId.guid)
        if session is None:
            return ttypes.TExecuteStatementResp(status=_error("Invalid SessionHandle"))
        parameters = [Parameter(p.name, p.type, p.value and p.value.stringValue) for p in req.parameters or []]
        guid, operation = self._warehouse.submit(lambda: self._engine.execute(session, req.statement, parameters))
        direct = None
        if req.getDirectResults:
            direct = self._direct(guid, operation, req.getDirectResults.maxRows, _seconds(session))
        return ttypes.TExecuteStatementResp(status=SUCCESS, operationHandle=operation.handle, directResults=direct)

    def _direct(self, guid: bytes, operation: Operation, rows: int, limit: float | None) -> Any:
        patience = self._warehouse.direct_seconds
        status = self._status(operation, patience if limit is None else min(patience, limit), limit)
        direct = ttypes.TSparkDirectResults(operationStatus=status)
        if status.operationState == ttypes.TOperationState.FINISHED_STATE:
            direct.resultSetMetadata = metadata(operation.future.result())
            direct.resultSet = self._fetch(operation, rows)
            if not direct.resultSet.hasMoreRows:
                direct.closeOperation = ttypes.TCloseOperationResp(status=SUCCESS)
                self._warehouse.operations.pop(guid, None)
        return direct

    def _status(self, operation: Operation, patience: float, limit: float | None = None) -> Any:
        states = ttypes.TOperationState
        try:
            result = operation.future.result(timeout=patience)
            return ttypes.TGetOperationStatusResp(
                status=SUCCESS, operationState=states.FINISHED_STATE, numModifiedRows=modified_rows(result)
            )
        except StillRunning:
            if limit is not None and patience >= limit:
                return _failed(SqlError(f"[STATEMENT_TIMEOUT] Statement timed out after {limit} seconds.", "57014"))
            return ttypes.TGetOperationStatusResp(status=SUCCESS, operationState=states.RUNNING_STATE)
        except SqlError as error:
            return _failed(error)

    def GetOperationStatus(self, req: Any) -> Any:
        """How a statement stands."""
        operation = self._warehouse.operations.get(req.operationHandle.operationId.guid)
        if operation is None:
            return ttypes.TGetOperationStatusResp(status=_error("Invalid OperationHandle"))
        return self._status(operation, self._warehouse.direct_seconds)

    def GetResultSetMetadata(self, req: Any) -> Any:
        """The columns of a result."""
        return metadata(self._warehouse.operations[req.operationHandle.operationId.guid].future.result())

    def FetchResults(self, req: Any) -> Any:
        """The next rows of a result."""
        return self._fetch(self._warehouse.operations[req.operationHandle.operationId.guid], req.maxRows)

    def _fetch(self, operation: Operation, rows: int) -> Any:
        response, operation.sent = fetched(operation.future.result(), operation.sent, rows)
        return response

    def CancelOperation(self, req: Any) -> Any:
        """Nobody waits for the statement any more."""
        operation = self._warehouse.operations.get(req.operationHandle.operationId.guid)
        if operation is not None:
            operation.future.cancel()
        return ttypes.TCancelOperationResp(status=SUCCESS)

    def CloseOperation(self, req: Any) -> Any:
        """Forgets a result."""
        self._warehouse.operations.pop(req.operationHandle.operationId.guid, None)
        return ttypes.TCloseOperationResp(status=SUCCESS)

    def GetInfo(self, req: Any) -> Any:
        """What the server calls itself."""
        return ttypes.TGetInfoResp(status=SUCCESS, infoValue=ttypes.TGetInfoValue(stringValue="Spark SQL"))


def _engine_of(workspace: Workspace, warehouse: Warehouse, session: Session) -> Callable[[], Spark]:
    """The engine of a session, with the session's defaults in force."""
    made: list[EngineSession] = []

    def engine() -> Spark:
        if not made:
            made.append(warehouse.spark(workspace.new_cluster))
        if workspace.securables.find("SCHEMA", f"{session.catalog}.{session.schema}") is not None:
            made[0].sql(f"USE CATALOG `{session.catalog}`")
            made[0].sql(f"USE SCHEMA `{session.schema}`")
        return made[0]

    return engine


def _failed(error: SqlError) -> Any:
    return ttypes.TGetOperationStatusResp(
        status=SUCCESS,
        operationState=ttypes.TOperationState.ERROR_STATE,
        sqlState=error.state,
        errorMessage=error.message,
        displayMessage=error.message,
        diagnosticInfo=f"org.apache.hive.service.cli.HiveSQLException: {error.message}",
    )


def _error(message: str) -> Any:
    return ttypes.TStatus(statusCode=ttypes.TStatusCode.ERROR_STATUS, errorMessage=message)


def _seconds(session: Session) -> float | None:
    text = next((v for k, v in session.settings.items() if k.upper() == "STATEMENT_TIMEOUT"), None)
    return None if text is None or float(text) <= 0 else float(text)


def thrift_method(request: Request) -> str | None:
    """`THRIFT` and the method of a request to a warehouse; None for other requests."""
    if request.method != "POST" or not request.path.startswith(PATH):
        return None
    try:
        return f"THRIFT {TBinaryProtocol(TMemoryBuffer(request.body)).readMessageBegin()[0]}"
    except (TProtocolException, EOFError):
        return None


def thrift(workspace: Workspace, call: Call) -> Reply:
    """One Thrift message."""
    warehouse = _warehouse(workspace, call)
    warehouse.wake()
    source, sink = TMemoryBuffer(call.request.body), TMemoryBuffer()
    processor = TCLIService.Processor(Service(workspace, warehouse, call.principal))
    processor.process(TBinaryProtocol(source), TBinaryProtocol(sink))
    return Reply(200, sink.getvalue(), {"Content-Type": CONTENT})


def get(workspace: Workspace, call: Call) -> Reply:
    """The warehouse and its state; asking does not wake it."""
    warehouse = _warehouse(workspace, call)
    state = {"ASLEEP": "STOPPED"}.get(warehouse.state, warehouse.state)
    return reply({"id": warehouse.id, "name": "fake", "state": state, "warehouse_type": "PRO", "auto_stop_mins": 10})


def _warehouse(workspace: Workspace, call: Call) -> Warehouse:
    if call.parts[0] != workspace.warehouse.id:
        says = f"SQL warehouse {call.parts[0]} does not exist at all in the database"
        raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", says)
    return workspace.warehouse


ROUTES = [
    Route("POST", f"{PATH}*", thrift, "sql"),
    Route("GET", "/api/2.0/sql/warehouses/*", get, "sql"),
]
