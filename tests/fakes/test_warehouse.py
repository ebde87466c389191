from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from databricks.sql.exc import ServerOperationError

from tests.fakes import clients
from tests.fakes.databricks import Workspace

ALICE = "alice@example.com"
TABLE = "bryan_li.demo.t"


@pytest.fixture
def granted(workspace: Workspace) -> Workspace:
    """Alice may use and create in bryan_li.demo."""
    workspace.grant("USE CATALOG", "bryan_li", "analysts")
    workspace.grant("USE SCHEMA, CREATE TABLE", "bryan_li.demo", ALICE)
    return workspace


def refused(workspace: Workspace, statement: str, name: str = ALICE) -> str:
    """What somebody is told."""
    with pytest.raises(ServerOperationError) as caught:
        clients.ask(workspace, name, statement)
    return str(caught.value)


def test_the_session_is_the_tokens_owners(workspace: Workspace) -> None:
    assert clients.ask(workspace, ALICE, "SELECT current_user() AS me, 1 AS one") == [(ALICE, 1)]


def test_a_service_principal_connects_with_its_own_credentials(workspace: Workspace) -> None:
    app = clients.app(workspace)
    settings = {"access_token": None, "credentials_provider": lambda: app.config.authenticate}
    assert clients.ask(workspace, ALICE, "SELECT current_user()", **settings) == [(workspace.client_id,)]


@pytest.mark.parametrize(
    ("granted", "says"),
    [
        (
            "",
            "[INSUFFICIENT_PERMISSIONS] Insufficient privileges:\nUser does not have USE CATALOG on Catalog 'bryan_li'.",
        ),
        ("USE CATALOG", "[INSUFFICIENT_PERMISSIONS] Insufficient privileges:\nUser does not have USE SCHEMA on Schema"),
        ("USE CATALOG, USE SCHEMA", "User does not have SELECT on Table 'bryan_li.demo.t'. SQLSTATE: 42501"),
    ],
)
def test_reading_names_the_first_privilege_that_is_missing(workspace: Workspace, granted: str, says: str) -> None:
    workspace.sql(f"CREATE TABLE {TABLE} (id BIGINT) USING DELTA")
    if granted:
        workspace.grant(granted, "bryan_li", ALICE)
    assert says in refused(workspace, f"SELECT 1 FROM {TABLE} LIMIT 0")


def test_creating_without_the_right_is_denied_in_one_plain_line(workspace: Workspace) -> None:
    workspace.grant("USE CATALOG, USE SCHEMA", "bryan_li", ALICE)
    told = refused(workspace, f"CREATE TABLE IF NOT EXISTS {TABLE} (x INT) USING DELTA")
    assert told == "PERMISSION_DENIED: User does not have CREATE TABLE on Schema 'bryan_li.demo'."


def test_the_probe_of_a_table_leaves_nothing(granted: Workspace) -> None:
    for _ in range(2):
        clients.ask(granted, ALICE, "CREATE TABLE IF NOT EXISTS bryan_li.demo._probe (x INT) USING DELTA")
    for _ in range(2):
        clients.ask(granted, ALICE, "DROP TABLE IF EXISTS bryan_li.demo._probe")
    assert granted.tables() == []
    assert [s.error for s in granted.record.statements("_probe")] == [None] * 4


def test_create_schema_if_not_exists_asks_for_the_right_even_if_it_exists(granted: Workspace) -> None:
    told = refused(granted, "CREATE SCHEMA IF NOT EXISTS bryan_li.demo")
    assert told == "PERMISSION_DENIED: User does not have CREATE SCHEMA on Catalog 'bryan_li'."
    assert clients.ask(granted, ALICE, "SHOW SCHEMAS IN bryan_li LIKE 'demo'") == [("demo",)]


@pytest.mark.parametrize(
    ("statement", "state"),
    [
        ("SELECT count(*) FROM bryan_li.demo.nope", "[TABLE_OR_VIEW_NOT_FOUND]"),
        ("CREATE TABLE bryan_li.nope.t (x INT)", "[SCHEMA_NOT_FOUND]"),
        ("SHOW SCHEMAS IN nope", "[NO_SUCH_CATALOG_EXCEPTION]"),
        ("SHOW GRANTS ON", "[PARSE_SYNTAX_ERROR]"),
    ],
)
def test_what_is_missing_is_told_by_class(granted: Workspace, statement: str, state: str) -> None:
    assert state in refused(granted, statement)


def test_show_grants_lists_what_is_granted_and_where_it_comes_from(granted: Workspace) -> None:
    granted.grant("USE SCHEMA", "bryan_li", "analysts")
    found = clients.ask(granted, ALICE, f"SHOW GRANTS `{ALICE}` ON SCHEMA bryan_li.demo")
    assert [row[1:] for row in found] == [
        ("CREATE TABLE", "SCHEMA", "bryan_li.demo"),
        ("USE SCHEMA", "SCHEMA", "bryan_li.demo"),
    ]
    assert ("analysts", "USE SCHEMA", "CATALOG", "bryan_li") in clients.ask(
        granted, ALICE, "SHOW GRANTS ON SCHEMA bryan_li.demo"
    )


def test_information_schema_holds_the_same_with_underscores(granted: Workspace) -> None:
    query = (
        "SELECT privilege_type, inherited_from FROM bryan_li.information_schema.schema_privileges WHERE grantee = :who"
    )
    assert set(clients.ask(granted, ALICE, query, {"who": ALICE})) == {("CREATE_TABLE", "NONE"), ("USE_SCHEMA", "NONE")}


def test_a_grant_statement_works_for_who_manages_the_schema_only(granted: Workspace) -> None:
    grant = "GRANT CREATE TABLE ON SCHEMA `bryan_li`.`demo` TO `analysts`"
    assert "MANAGE" in refused(granted, grant)
    clients.ask(granted, granted.admin.name, grant)
    assert granted.privileges.grants_on(granted.securables.get("SCHEMA", "bryan_li.demo"))[-1].principal in (
        ALICE,
        "analysts",
    )


def test_rows_written_by_the_warehouse_are_counted_by_version(granted: Workspace) -> None:
    clients.ask(
        granted,
        ALICE,
        f"CREATE TABLE {TABLE} (id BIGINT, price DECIMAL(12,2), at TIMESTAMP, tags MAP<STRING,INT>) USING DELTA",
    )
    with clients.connected(granted, ALICE) as connection, connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE} VALUES (1, 2.50, TIMESTAMP '2026-01-01 00:00:00', map('a', 1)), (2, NULL, NULL, NULL)"
        )
        assert cursor.rowcount == 2
        cursor.execute("SELECT count(*) AS n FROM IDENTIFIER(:t) VERSION AS OF 0", {"t": TABLE})
        assert cursor.fetchall()[0].n == 0
        cursor.execute(f"SELECT count(*) FROM {TABLE}")
        assert cursor.fetchone()[0] == 2
        cursor.execute(f"SELECT * FROM {TABLE} WHERE id >= :low ORDER BY id LIMIT 1", {"low": 1})
        row = cursor.fetchone()
        assert (row.id, row.price, row.tags) == (1, Decimal("2.50"), [("a", 1)])
        assert row.at.replace(tzinfo=None) == dt.datetime(2026, 1, 1)
        cursor.execute(f"DESCRIBE HISTORY {TABLE} LIMIT 1")
        assert cursor.fetchone().version == 1


def test_long_results_come_in_pages(granted: Workspace) -> None:
    with clients.connected(granted, ALICE) as connection, connection.cursor(arraysize=100) as cursor:
        cursor.execute("SELECT id FROM range(1000)")
        assert sum(row.id for row in cursor.fetchall()) == 499_500


def test_a_statement_that_takes_longer_is_asked_for_again(granted: Workspace) -> None:
    granted.warehouse.direct_seconds = 0.0
    assert clients.ask(granted, ALICE, "SELECT max(id) AS m FROM range(10)") == [(9,)]
    assert [r for r in granted.record.requests("/sql/1.0/") if b"GetOperationStatus" in r.body]


def test_a_sleeping_warehouse_is_slow_and_then_there(granted: Workspace) -> None:
    granted.warehouse.sleep(0.3)
    assert clients.ask(granted, ALICE, "SELECT 1") == [(1,)]
    assert granted.warehouse.state == "RUNNING"


@pytest.mark.parametrize("state", ["STOPPED", "DELETED"])
def test_a_warehouse_that_is_not_to_be_had_is_no_question_of_privileges(granted: Workspace, state: str) -> None:
    granted.warehouse.state = state
    with pytest.raises(Exception) as caught:
        clients.ask(granted, ALICE, "SELECT 1", _retry_stop_after_attempts_duration=1)
    assert "42501" not in str(caught.value) and "PERMISSION_DENIED" not in str(caught.value)


def test_after_a_read_time_out_the_connector_sends_ddl_again(granted: Workspace) -> None:
    granted.faults.hang("THRIFT ExecuteStatement", seconds=1.5, holding="CREATE TABLE")
    clients.ask(granted, ALICE, f"CREATE TABLE IF NOT EXISTS {TABLE} (x INT) USING DELTA", _socket_timeout=0.5)
    assert len(granted.record.statements("CREATE TABLE")) == 2
    assert [table.full_name for table in granted.tables()] == [TABLE]


def test_an_expired_token_does_not_get_through(granted: Workspace) -> None:
    token = granted.token_of(ALICE, seconds=-1)
    with pytest.raises(Exception, match="has expired"):
        clients.ask(granted, ALICE, "SELECT 1", access_token=token)


def test_a_catalog_made_later_is_found_by_a_running_warehouse(granted: Workspace) -> None:
    assert clients.ask(granted, ALICE, "SELECT max(id) FROM range(3)") == [(2,)]
    granted.catalog("later", owner=ALICE)
    clients.ask(granted, ALICE, "CREATE TABLE later.default.t AS SELECT 7 AS n")
    assert clients.ask(granted, ALICE, "SELECT n FROM later.default.t") == [(7,)]


def test_owners_and_tags_of_a_schema_are_altered_by_who_manages_it(granted: Workspace) -> None:
    assert "MANAGE" in refused(granted, "ALTER SCHEMA bryan_li.demo OWNER TO `analysts`")
    granted.sql("ALTER SCHEMA bryan_li.demo SET TAGS ('domain' = 'synthetic')")
    granted.sql(f"ALTER SCHEMA bryan_li.demo OWNER TO `{ALICE}`")
    schema = granted.securables.get("SCHEMA", "bryan_li.demo")
    assert (schema.owner, schema.tags) == (ALICE, {"domain": "synthetic"})
