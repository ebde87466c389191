"""A throw-away PostgreSQL server for tests: a socket in a temporary folder, and nothing that waits for the disk."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import sqlalchemy as sa

PACKAGED = "/usr/lib/postgresql"
"""Where Debian and Ubuntu put every version's programs."""

QUICK = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=200"


def programs() -> Path | None:
    """The folder of the newest server's programs; None if none is installed."""
    versions = sorted(Path(PACKAGED).glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    found = versions[-1] if versions else shutil.which("initdb")
    return Path(found).parent if found else None


@dataclass(frozen=True)
class Postgres:
    """A server that answers; `maintenance` is a database of it from which others can be made."""

    maintenance: sa.URL

    def execute(self, statement: str) -> None:
        """Runs a statement outside of any transaction."""
        where = self.maintenance.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(statement.encode())

    def url(self, database: str) -> str:
        """The URL of a database, as DATABASE_URL has it."""
        return self.maintenance.set(database=database).render_as_string(hide_password=False)

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """The URL of a new database, a copy of the template, which goes afterwards."""
        name = f"t_{uuid.uuid4().hex}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")


@dataclass(frozen=True)
class Cluster:
    """A server's files and programs."""

    folder: Path
    bin: Path

    def run(self, program: str, *arguments: str) -> None:
        """Runs one of the programs as a user the server accepts: never as root."""
        command = [str(self.bin / program), "-D", str(self.folder / "data"), *arguments]
        if os.getuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.folder)

    def start(self) -> Postgres:
        """The server, answering."""
        self.run("pg_ctl", "-w", "-s", "-l", str(self.folder / "log"), "-o", f"{QUICK} -k {self.folder}", "start")
        return Postgres(sa.make_url(f"postgresql+psycopg://postgres@/postgres?host={self.folder}"))

    def crash(self) -> None:
        """The server ends without closing anything, as in a power cut."""
        self.run("pg_ctl", "-s", "-m", "immediate", "stop")


@contextmanager
def cluster(programs: Path) -> Iterator[Cluster]:
    """Files for a server, which end with it. The path is short, for a socket's may have about 100 characters."""
    folder = Path(tempfile.mkdtemp(prefix="idgraph-pg-"))
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")
    made = Cluster(folder, programs)
    try:
        made.run("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync", "--no-instructions")
        yield made
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            made.crash()
        shutil.rmtree(folder)


@contextmanager
def server(dsn: str | None, programs: Path | None) -> Iterator[Postgres]:
    """The server a DSN names, or else a throw-away one."""
    if dsn:
        yield Postgres(sa.make_url(dsn).set(drivername="postgresql+psycopg"))
        return
    assert programs is not None
    with cluster(programs) as files:
        yield files.start()
