"""What is asked of a SQL warehouse, and who may write where: as the user, and as the principal that will write.

A verdict is `allowed`, `missing` or `unknown`. It is `missing` only when the workspace said so: never because a warehouse is
asleep, a call timed out or a listing was not complete.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from databricks import sql
from databricks.sdk import WorkspaceClient

from generation.spec.catalog import EVERY, tables_of
from generation.spec.config import Config
from generation.spec.ddl import identifier
from webapp.rights import NotCounted, Right, Verdict
from webapp.workspace import Absent, Denied, Rejected, Unavailable, Workspace, translated

SOCKET_SECONDS = 15
STATEMENT_SECONDS = 60
PAGES = 100
"""Pages of a listing that are read at most: a server that always names another one must not keep us."""


@contextmanager
def cursor(workspace: Workspace, token: str | None = None) -> Iterator[Any]:
    """A cursor on the warehouse, as the app or as a user. A statement may be sent twice when an answer gets lost, so only
    what may be said twice is said. Raises what `translated` does.
    """
    config = workspace.client.config
    login: dict[str, Any] = {"access_token": token} if token else {"credentials_provider": lambda: config.authenticate}
    with translated("the SQL warehouse"):
        connection = sql.connect(
            server_hostname=workspace.host.partition("://")[2],
            http_path=workspace.warehouse_path,
            _connection_uri=workspace.host.rstrip("/") + workspace.warehouse_path,
            user_agent_entry="idgraph",
            enable_telemetry=False,
            session_configuration={"STATEMENT_TIMEOUT": str(STATEMENT_SECONDS)},
            _socket_timeout=SOCKET_SECONDS,
            _retry_delay_min=0.2,
            _retry_delay_max=5,
            _retry_stop_after_attempts_count=1,
            _retry_stop_after_attempts_duration=SOCKET_SECONDS,
            **login,
        )
        with connection, connection.cursor() as opened:
            yield opened


def rows(workspace: Workspace, statement: str, token: str | None = None) -> list[tuple[Any, ...]]:
    """The rows of a statement."""
    with cursor(workspace, token) as opened:
        opened.execute(statement)
        return [tuple(row) for row in opened.fetchall()] if opened.description else []


def counted(workspace: Workspace, manifest: Mapping[str, Any], token: str | None = None) -> dict[str, int]:
    """The rows of every table of a manifest, at the version it names; one query for all of them."""
    parts = [
        f"SELECT '{name}' AS name, count(*) AS n FROM {identifier(*entry['location'].split('.'))} "
        f"VERSION AS OF {int(entry['version'])}"
        for name, entry in manifest["tables"].items()
    ]
    return {str(name): int(n) for name, n in rows(workspace, " UNION ALL ".join(parts), token)}


@dataclass(frozen=True)
class Need:
    """A privilege on an object."""

    privilege: str
    kind: str
    name: str
    instead: tuple[str, ...] = ()
    """Tables on which the privilege, held on each of them, is as good."""

    @property
    def is_enough(self) -> frozenset[str]:
        """Privileges that include it, as the API spells them."""
        return frozenset({self.privilege.replace(" ", "_"), "ALL_PRIVILEGES"})

    def grant(self, principal: str) -> str:
        """What an administrator has to say."""
        return f"GRANT {self.privilege} ON {self.kind} {identifier(*self.name.split('.'))} TO `{principal}`"


@dataclass(frozen=True)
class Asker:
    """Through whose eyes a principal's rights are seen: a client, the principal's name, the token for the warehouse."""

    client: WorkspaceClient
    principal: str
    token: str | None


@dataclass(frozen=True)
class Governance:
    """Who may write where, as Unity Catalog has it."""

    workspace: Workspace

    def rights(self, config: Config, user: str, token: str | None) -> list[Right]:
        """A right for everything a run needs: first the user's, then the writing principal's."""
        try:
            needs = self._needs(config)
        except (Denied, Unavailable, Rejected) as error:
            return [Right("you", user, "", config.output.schema_full_name, "unknown", "", str(error))]
        own = self._of_user(needs, user, token)
        return [*own, *self._of_writers(needs)]

    def counts(self, manifest: Mapping[str, Any], token: str | None) -> dict[str, int]:
        """As the user sees the tables; raises `NotCounted`."""
        try:
            return counted(self.workspace, manifest, token)
        except (Absent, Denied, Rejected, Unavailable) as error:
            raise NotCounted(str(error)) from error

    def _of_user(self, needs: Sequence[Need], user: str, token: str | None) -> list[Right]:
        if not token:
            says = (
                "the request carries no token of yours; ask an administrator to turn on user authorization for this app"
            )
            return [_right("you", user, need, "unknown", says) for need in needs]
        try:
            asker = Asker(self.workspace.as_user(token), user, token)
        except Unavailable as error:
            return [_right("you", user, need, "unknown", str(error)) for need in needs]
        # Only the job reads back what it wrote.
        return [self._judged("you", asker, need) for need in needs if need.privilege != "SELECT"]

    def _of_writers(self, needs: Sequence[Need]) -> list[Right]:
        workspace = self.workspace
        try:
            with translated("reading the job"):
                job = workspace.client.jobs.get(workspace.job_id)
        except (Denied, Absent, Unavailable, Rejected) as error:
            return [_right("writer", workspace.client_id, need, "unknown", str(error)) for need in needs]
        runs_as = job.run_as_user_name or workspace.client_id
        writer = Asker(workspace.client, runs_as, None)
        found = [self._judged("writer", writer, need) for need in needs]
        if runs_as == workspace.client_id:
            return found
        # The app sees its own grants only, unless it manages the object: silence about another says nothing.
        return [right if right.verdict == "allowed" else right.unknown() for right in found]

    def _needs(self, config: Config) -> list[Need]:
        """What a run on the configuration's schemas needs."""
        output = config.output
        schemas = [output.schema_full_name]
        if any(table.home == "truth" for table in tables_of(config)):
            schemas.append(f"{output.schema_full_name}_truth")
        needs = [Need("USE CATALOG", "CATALOG", output.catalog)]
        for schema in schemas:
            if not self._has_schema(schema):
                needs.append(Need("CREATE SCHEMA", "CATALOG", output.catalog))
                continue
            needs += [Need("USE SCHEMA", "SCHEMA", schema), Need("CREATE TABLE", "SCHEMA", schema)]
            if tables := self._tables(schema):
                needs += [Need(privilege, "SCHEMA", schema, tables) for privilege in ("SELECT", "MODIFY")]
        return list(dict.fromkeys(needs))

    def _has_schema(self, name: str) -> bool:
        try:
            with translated(f"looking for schema {name}"):
                self.workspace.client.schemas.get(name)
        except Absent:
            return False
        except Denied:
            return True  # it is there, or may not be known to be: either way its rights are asked for
        return True

    def _tables(self, schema: str) -> tuple[str, ...]:
        catalog, _, name = schema.partition(".")
        ours = {table.name for table in EVERY}
        try:
            with translated(f"listing {schema}"):
                listed = list(self.workspace.client.tables.list(catalog, name, omit_columns=True))
        except (Denied, Absent):
            return ()
        return tuple(sorted(f"{schema}.{table.name}" for table in listed if table.name in ours))

    def _judged(self, whose: str, asker: Asker, need: Need) -> Right:
        try:
            if self._holds(asker, need) or self._holds_each(asker, need):
                return _right(whose, asker.principal, need, "allowed")
            # A second witness: what the API leaves out (groups of groups, say) the warehouse may know.
            if self._is_shown(asker, need):
                return _right(whose, asker.principal, need, "allowed")
        except Denied:
            return _right(whose, asker.principal, need, "missing")
        except Absent as error:
            return _right(whose, asker.principal, need, "missing" if need.kind != "TABLE" else "unknown", str(error))
        except (Unavailable, Rejected) as error:
            return _right(whose, asker.principal, need, "unknown", str(error))
        return _right(whose, asker.principal, need, "missing")

    def _holds_each(self, asker: Asker, need: Need) -> bool:
        """Whether the privilege is held on every table that would do instead of the schema."""
        each = (Need(need.privilege, "TABLE", name) for name in need.instead)
        return bool(need.instead) and all(self._holds(asker, one) for one in each)

    def _holds(self, asker: Asker, need: Need) -> bool:
        """Whether the effective permissions, or ownership, hold the privilege; every page is read."""
        with translated(f"your rights on {need.name}"):
            if self._owner(asker, need) in self._identities(asker):
                return True
            page: str | None = None
            for _ in range(PAGES):
                shown = asker.client.grants.get_effective(
                    need.kind, need.name, max_results=0, page_token=page, principal=asker.principal
                )
                for assignment in shown.privilege_assignments or []:
                    held = {p.privilege.value for p in assignment.privileges or [] if p.privilege}
                    if held & need.is_enough:
                        return True
                page = shown.next_page_token
                if not page:
                    return False
        raise Unavailable(f"the rights on {need.name} go over more than {PAGES} pages")

    def _owner(self, asker: Asker, need: Need) -> str | None:
        if need.instead:
            return None  # who owns a schema reads and writes its tables only as grants say
        if need.kind == "TABLE":
            return asker.client.tables.get(need.name).owner
        if need.kind == "CATALOG":
            return asker.client.catalogs.get(need.name).owner
        return asker.client.schemas.get(need.name).owner

    def _identities(self, asker: Asker) -> frozenset[str]:
        me = asker.client.current_user.me()
        groups = {group.display for group in me.groups or [] if group.display}
        return frozenset({asker.principal, *([me.user_name] if me.user_name else []), *groups})

    def _is_shown(self, asker: Asker, need: Need) -> bool:
        """Whether the warehouse shows a grant of the privilege to the principal or a group of it."""
        shown = rows(self.workspace, f"SHOW GRANTS ON {need.kind} {identifier(*need.name.split('.'))}", asker.token)
        with translated("your groups"):
            mine = self._identities(asker)
        return any(str(row[0]) in mine and str(row[1]).replace(" ", "_").upper() in need.is_enough for row in shown)


def _right(whose: str, principal: str, need: Need, verdict: Verdict, note: str = "") -> Right:
    return Right(whose, principal, need.privilege, need.name, verdict, need.grant(principal), note)
