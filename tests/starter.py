"""A real dataset of 10,000 households, made by a real server through the wizard's API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from deltalake import DeltaTable

from tests.webapp.serving import Served, served

NAME = "starter"


@dataclass(frozen=True)
class Starter:
    """The dataset, its job and the server that still runs."""

    server: Served
    job_id: str
    result: dict[str, Any]
    folder: Path

    @property
    def config(self) -> dict[str, Any]:
        """What was asked for."""
        config: dict[str, Any] = self.result["manifest"]["config"]
        return config

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query over the tables as readers find them on the disk."""
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            for table in self.result["tables"]:
                files = DeltaTable(table["location"], version=table["version"]).file_uris()
                connection.execute(f"CREATE VIEW {table['name']} AS SELECT * FROM read_parquet({files!r})")
            return connection.execute(query).fetchall()


@contextmanager
def starter(folder: Path) -> Iterator[Starter]:
    """The dataset as a first visitor gets it: the preset's session, submitted as it is."""
    with served(folder, IDGRAPH_BACKEND="local") as server:
        code, session = server.ask("/wizard/session", {"preset": NAME})
        assert code == 201, session
        code, job = server.ask(f"/wizard/session/{session['session_id']}/submit", {"version": session["version"]})
        assert code == 202, job
        status = server.ended(job["job_id"], 180)
        assert status["state"] == "succeeded", status
        code, result = server.ask(f"/generate/result/{job['job_id']}")
        assert code == 200, result
        yield Starter(server, job["job_id"], result, folder / NAME)
