from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.builders import ROOT
from tests.fakes.databricks import Workspace
from tests.fakes.databricks.apps_proxy import AppsProxy


@pytest.fixture
def echo() -> Iterator[str]:
    """An app that answers with the headers it got."""

    class Echo(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(dict(self.headers)).encode())

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def fetched(address: str, **headers: str) -> dict[str, str]:
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=10) as answer:
        return dict(json.loads(answer.read()))


def test_the_proxy_says_who_the_user_is_whatever_the_browser_says(workspace: Workspace, echo: str) -> None:
    proxy = AppsProxy(workspace, echo, "alice@example.com")
    try:
        got = fetched(proxy.address, **{"X-Forwarded-Email": "mallory@example.com"})
    finally:
        proxy.close()
    assert got["X-Forwarded-Email"] == "alice@example.com"
    assert got["X-Forwarded-Access-Token"].startswith("obo-")


def test_a_browser_can_be_another_user(workspace: Workspace, echo: str) -> None:
    workspace.user("bob@example.com")
    proxy = AppsProxy(workspace, echo, "alice@example.com")
    try:
        got = fetched(proxy.address, Cookie="fake_user=bob@example.com")
        unknown = fetched(proxy.address, Cookie="fake_user=nobody@example.com")
    finally:
        proxy.close()
    assert (got["X-Forwarded-Email"], unknown["X-Forwarded-Email"]) == ("bob@example.com", "alice@example.com")


def test_an_app_that_does_not_answer_is_a_bad_gateway(workspace: Workspace) -> None:
    proxy = AppsProxy(workspace, "http://127.0.0.1:9", "alice@example.com")
    try:
        with pytest.raises(urllib.error.HTTPError) as caught:
            fetched(proxy.address)
    finally:
        proxy.close()
    assert caught.value.code == 502
    caught.value.close()


def posted(address: str, body: dict[str, object]) -> dict[str, object]:
    request = urllib.request.Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return dict(json.loads(answer.read()))


def test_the_command_serves_a_seeded_workspace_until_it_is_told_to_stop(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fakes.databricks", "--root", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        posted(
            said["address"] + "/_fake/sql",
            {"statement": "GRANT CREATE TABLE ON SCHEMA bryan_li.demo TO `ada@example.com`"},
        )
        shown = posted(
            said["address"] + "/_fake/sql", {"statement": "SHOW GRANTS `ada@example.com` ON SCHEMA bryan_li.demo"}
        )
        armed = posted(said["address"] + "/_fake/faults/hang", {"where": "THRIFT ExecuteStatement", "seconds": 1})
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=15) == 0
    assert shown["rows"] == [["ada@example.com", "CREATE TABLE", "SCHEMA", "bryan_li.demo"]] and armed == {}
