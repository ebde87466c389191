"""What stands before an app in a workspace: a proxy that says who the user is and hands on a token of theirs.

`/.fake/as/NAME` makes this browser another user.
"""

from __future__ import annotations

import http.client
import threading
import uuid
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from tests.fakes.databricks.workspace import Workspace

SWITCH, COOKIE = "/.fake/as/", "fake_user"
HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "upgrade"}
SECONDS = 120
"""The platform's own limit for a request; it cannot be changed there."""


class AppsProxy:
    """Serves an app on a free port as the platform would, for `user` unless the browser has chosen another."""

    def __init__(self, workspace: Workspace, app: str, user: str, port: int = 0) -> None:
        self._workspace, self._app, self._user = workspace, urlsplit(app), user
        self._tokens: dict[str, str] = {}
        self._http = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """Where browsers go."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def close(self) -> None:
        """Afterwards the port is free."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def user_of(self, cookies: str) -> str:
        """The user a browser stands for."""
        chosen = SimpleCookie(cookies).get(COOKIE)
        name = unquote(chosen.value) if chosen else self._user
        return name if self._workspace.directory.knows(name) else self._user

    def headers(self, user: str, host: str) -> dict[str, str]:
        """The headers the platform adds; whatever the browser sent under these names is dropped."""
        if user not in self._tokens:
            self._tokens[user] = self._workspace.token_of(user)
        return {
            "X-Forwarded-Host": host,
            "X-Forwarded-Preferred-Username": user,
            "X-Forwarded-User": f"{self._workspace.directory.named(user).id}@1",
            "X-Forwarded-Email": user,
            "X-Real-Ip": "127.0.0.1",
            "X-Request-Id": str(uuid.uuid4()),
            "X-Forwarded-Access-Token": self._tokens[user],
        }

    def ask(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """The app's answer."""
        connection = http.client.HTTPConnection(self._app.hostname or "127.0.0.1", self._app.port, timeout=SECONDS)
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        except TimeoutError:
            return 504, [], b"upstream request timeout"
        except OSError:
            return 502, [], b"App Not Available"
        finally:
            connection.close()


def _handler(proxy: AppsProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *arguments: object) -> None:
            """Silence."""

        def _serve(self) -> None:
            if self.path.startswith(SWITCH):
                self._answer(
                    303, [("Location", "/"), ("Set-Cookie", f"{COOKIE}={self.path[len(SWITCH) :]}; Path=/")], b""
                )
                return
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            kept = {
                k: v
                for k, v in self.headers.items()
                if k.lower() not in HOP and not k.lower().startswith("x-forwarded")
            }
            user = proxy.user_of(self.headers.get("Cookie", ""))
            host = self.headers.get("Host", "")
            self._answer(*proxy.ask(self.command, self.path, {**kept, "Host": host, **proxy.headers(user, host)}, body))

        def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _serve

    return Handler
