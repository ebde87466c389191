"""Loads the web app as many users would while datasets are made one after the other, and states the answer times.

    python scripts/load.py [--clients 50] [--seconds 60] [--pause 0.5]

A server of its own with the local backend is started on a free port. Each client polls the status of the running job and
validates a wizard step in turn, pausing between requests (`--pause 0`: none). Prints a table for docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

STEPS = ("households", "demographics", "engagement", "campaigns", "review")


@dataclass
class Measured:
    """Answer times in seconds by kind of request, and what went wrong."""

    times: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, kind: str, seconds: float, status: int) -> None:
        """One answer; everything but 2xx and 304 is an error."""
        with self.lock:
            self.times.setdefault(kind, []).append(seconds)
            if status >= 300 and status != 304:
                self.errors.append(f"{kind} {status}")


class Client:
    """One kept connection."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON body."""
        data = None if body is None else json.dumps(body)
        self._connection.request(method, path, data, {"Content-Type": "application/json"} if data else {})
        answer = self._connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None


def start(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """A server and its address."""
    environment = {
        **os.environ,
        "DATASETS_DIR": str(folder),
        "PORT": "0",
        "IDGRAPH_STARTER": "no",
        "IDGRAPH_LOG_LEVEL": "info",
    }
    log = folder / "server.log"
    with log.open("wb") as out:
        server = subprocess.Popen([sys.executable, "-m", "webapp"], env=environment, stdout=out, stderr=out)
    while True:
        time.sleep(0.1)
        for line in log.read_text().splitlines():
            if '"serving"' in line:
                return server, json.loads(line)["addresses"][0]
        if server.poll() is not None:
            raise SystemExit(log.read_text())


def generate(address: str, jobs: list[str], ended: threading.Event) -> None:
    """Keeps one job running until told to stop."""
    client = Client(address)
    while not ended.is_set():
        config = {"output": {"name": f"load-{len(jobs)}"}}
        _, body = client.ask("POST", "/generate/start", {"config": config})
        jobs.append(body["job_id"])
        while not ended.is_set():
            _, status = client.ask("GET", f"/generate/status/{body['job_id']}")
            if status["state"] in ("succeeded", "failed", "cancelled"):
                print(f"  job {len(jobs)} {status['state']}", flush=True)
                break
            time.sleep(0.5)


def load(address: str, jobs: list[str], ended: threading.Event, measured: Measured, pause: float) -> None:
    """One client."""
    client, number = Client(address), 0
    while not ended.is_set():
        number += 1
        begun = time.perf_counter()
        if number % 2:
            kind, (status, _) = "status", client.ask("GET", f"/generate/status/{jobs[-1]}")
        else:
            body = {"config": {"households": {"count": random.randint(1, 1_000_000)}}}
            kind, (status, _) = "validate", client.ask("POST", f"/wizard/step/{random.choice(STEPS)}/validate", body)
        measured.add(kind, time.perf_counter() - begun, status)
        time.sleep(pause * random.uniform(0.5, 1.5))


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pause", type=float, default=0.5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server, address = start(Path(folder))
        try:
            measured, jobs = measure(address, options)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=30)
            time.sleep(2)
    print(
        f"\n{options.clients} clients, {options.seconds:.0f} s, mean pause {options.pause} s, {len(jobs)} generations begun"
    )
    print("| request | answers | p50 ms | p95 ms | p99 ms | max ms |\n|---|---:|---:|---:|---:|---:|")
    for kind, times in sorted(measured.times.items()):
        cuts = statistics.quantiles(times, n=100)
        row = [f"{1000 * value:.0f}" for value in (cuts[49], cuts[94], cuts[98], max(times))]
        print(f"| {kind} | {len(times):,} | {' | '.join(row)} |")
    print(f"errors: {len(measured.errors)} {sorted(set(measured.errors))}")


def measure(address: str, options: argparse.Namespace) -> tuple[Measured, list[str]]:
    """The clients' times while datasets are made."""
    jobs: list[str] = []
    ended, measured = threading.Event(), Measured()
    maker = threading.Thread(target=generate, args=(address, jobs, ended))
    maker.start()
    while not jobs:
        time.sleep(0.05)
    time.sleep(3)
    given = (address, jobs, ended, measured, options.pause)
    clients = [threading.Thread(target=load, args=given) for _ in range(options.clients)]
    for client in clients:
        client.start()
    time.sleep(options.seconds)
    ended.set()
    for thread in (*clients, maker):
        thread.join()
    return measured, jobs


if __name__ == "__main__":
    main()
