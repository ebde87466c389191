"""The HTTP server: authentication, scopes, routes, faults and the record, in this order."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.fakes.databricks.faults import Fault
from tests.fakes.databricks.principals import ENGINE, Unauthenticated
from tests.fakes.databricks.privileges import Denied
from tests.fakes.databricks.securables import Missing
from tests.fakes.databricks.warehouse import thrift_method
from tests.fakes.databricks.wire import ApiError, Call, Reply, Request, Route

if TYPE_CHECKING:
    from tests.fakes.databricks.workspace import Workspace

LOST = Reply(status=0)


class Server:
    """Serves a workspace on a free port of this machine until it is closed."""

    def __init__(self, workspace: Workspace, routes: Sequence[Route], port: int = 0) -> None:
        self._workspace, self._routes = workspace, routes
        self._closing = threading.Event()
        self._http = _Listener(("127.0.0.1", port), _handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    @property
    def address(self) -> str:
        """The base address."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def start(self) -> None:
        """Afterwards requests are answered."""
        self._thread.start()

    def close(self) -> None:
        """Afterwards the port is free."""
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def answer(self, request: Request) -> Reply:
        """The reply to a request; `LOST` when none is to be sent."""
        label = thrift_method(request) or f"{request.method} {request.path}"
        fault = self._workspace.faults.for_request(label, request)
        principal, reply = None, fault.answer if fault else None
        if reply is None:
            self._closing.wait(fault.delay if fault else 0)
            principal, reply = self._carried_out(request)
        if fault is not None and (fault.lose or fault.hang):
            reply = self._silence(fault)
        if principal != ENGINE:
            self._workspace.record.request(request, principal, reply.status)
        return reply

    def _silence(self, fault: Fault) -> Reply:
        self._closing.wait(fault.hang)
        return LOST

    def _carried_out(self, request: Request) -> tuple[str | None, Reply]:
        name = None
        try:
            route, parts = self._route(request)
            principal = self._workspace.directory.caller(request, anonymous=route.scope is None)
            name = principal.name
            if route.scope is not None and not principal.may(route.scope):
                raise ApiError(403, "PERMISSION_DENIED", _scope_error(route.scope))
            return name, route.handler(self._workspace, Call(request, principal, parts))
        except Exception as error:
            return name, _translated(error).as_reply()

    def _route(self, request: Request) -> tuple[Route, tuple[str, ...]]:
        for route in self._routes:
            if (parts := route.match(request.method, request.path)) is not None:
                return route, tuple(unquote(part) for part in parts)
        raise ApiError(404, "ENDPOINT_NOT_FOUND", f"No API found for '{request.method} {request.path}'")


def _translated(error: Exception) -> ApiError:
    if isinstance(error, Unauthenticated):
        return ApiError(401, "UNAUTHENTICATED", str(error), {"WWW-Authenticate": "Bearer"})
    if isinstance(error, Denied):
        return ApiError(403, "PERMISSION_DENIED", f"{error}.")
    if isinstance(error, Missing):
        return ApiError(404, error.code, str(error))
    if isinstance(error, ApiError):
        return error
    traceback.print_exception(error)
    return ApiError(500, "INTERNAL_ERROR", f"{type(error).__name__} in the fake workspace; see its standard error")


def _scope_error(scope: str) -> str:
    return f"Provided OAuth token does not have required scopes: {scope}"


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that went away are part of the game; anything else is the fake's own fault and is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def log_message(self, format: str, *arguments: object) -> None:
            """The record keeps what came in."""

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            headers = {name: str(value) for name, value in self.headers.items()}
            reply = server.answer(Request(self.command, parts.path, query, headers, body))
            if reply is LOST:
                self.close_connection = True
                return
            self._send(reply)

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if "Content-Length" not in reply.headers:
                self.send_header("Content-Length", str(len(reply.body)))
            self.send_header("X-Databricks-Org-Id", "1")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)
            self.wfile.flush()

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _serve

    return Handler
