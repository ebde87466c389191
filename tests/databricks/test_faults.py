"""What goes wrong in a workspace: the right verdict, and nothing twice. The job itself need not run for these."""

from __future__ import annotations

import dataclasses
import uuid
from pathlib import Path

import pytest

from generation.spec.config import Config
from generation.spec.presets import PRESET_BY_NAME
from tests.databricks.conftest import ALICE
from tests.fakes.databricks import Workspace
from tests.webapp.serving import until
from webapp.backends.base import Order, Sight
from webapp.backends.databricks import Databricks, DatabricksWork, token
from webapp.warehouse import Governance, rows
from webapp.workspace import Unavailable

DEMO = Config.model_validate({"output": {"catalog": "bryan_li", "schema_name": "demo", "name": "demo"}})


def ordered(place: Databricks, attempt: int = 1) -> Order:
    small = PRESET_BY_NAME["small"].config.model_dump(mode="json")
    small["output"] |= {"catalog": "bryan_li", "schema_name": "demo"}
    config = place.prepared(Config.model_validate(small))
    return Order(str(uuid.uuid4()), attempt, config.model_dump(mode="json"), Path("unused"))


def launches(workspace: Workspace) -> int:
    return len(workspace.record.requests("/api/2.2/jobs/run-now", "POST"))


def ended(work: DatabricksWork) -> Sight:
    return until(lambda: ((s := work.look()).state not in ("running", "unknown") and s) or None, 30, "the end")


def test_a_launch_whose_answer_got_lost_is_one_run(workspace: Workspace, place: Databricks) -> None:
    workspace.faults.lose_reply()
    work = place.start(ordered(place))
    assert launches(workspace) == 2, "the SDK sends it again by itself"
    listed = list(place.workspace.client.jobs.list_runs(job_id=place.workspace.job_id))
    assert [run.run_id for run in listed] == [work.run_id]
    work.stop()


def test_an_app_that_was_restarted_takes_the_run_up(place: Databricks) -> None:
    order = ordered(place)
    first = place.start(order)
    again = place.start(dataclasses.replace(order, attempt=2))
    assert again.run_id == first.run_id
    again.stop()


def test_another_run_is_launched_only_after_the_first_has_ended(place: Databricks) -> None:
    order = ordered(place)
    first = place.start(order)
    first.stop()
    second = place.start(dataclasses.replace(order, attempt=2))
    assert second.run_id != first.run_id and first.look().state == "lost"
    second.stop()


def test_a_supervisor_that_leaves_does_not_end_the_run(place: Databricks) -> None:
    work = place.start(ordered(place))
    work.leave()
    assert work.look().state == "running"
    work.stop()


def test_too_many_requests_are_waited_out(workspace: Workspace, place: Databricks) -> None:
    workspace.faults.too_many_requests("POST /api/2.2/jobs/run-now")
    work = place.start(ordered(place))
    assert len(list(place.workspace.client.jobs.list_runs(job_id=place.workspace.job_id))) == 1
    work.stop()


def test_a_state_that_nobody_knows_yet_is_unknown_and_no_end(workspace: Workspace, place: Databricks) -> None:
    work = place.start(ordered(place))
    workspace.faults.unknown_state()
    work.looked = float("-inf")
    assert work.look().state == "unknown"
    work.looked = float("-inf")
    assert work.look().state == "running"
    work.stop()


@pytest.mark.parametrize(
    ("fault", "code"),
    [("internal_error_next_run", "INTERNAL_ERROR"), ("skip_next_run", "MAX_CONCURRENT_RUNS_EXCEEDED")],
)
def test_a_run_that_never_began_may_be_tried_again(
    workspace: Workspace, place: Databricks, fault: str, code: str
) -> None:
    getattr(workspace.faults, fault)()
    order = ordered(place)
    sight = ended(place.start(order))
    assert sight.state == "lost" and sight.fault and (sight.fault.code, sight.fault.may_pass) == (code, True)
    again = place.start(dataclasses.replace(order, attempt=2))
    assert again.look().state == "running"
    again.stop()


def test_a_workspace_that_is_away_is_unknown(workspace: Workspace, place: Databricks) -> None:
    work = place.start(ordered(place))
    workspace.faults.refuse("GET /api/2.2/jobs/runs/get", 400, "BAD_REQUEST", "no", times=1)
    work.looked = float("-inf")
    assert work.look().state == "unknown"
    work.stop()


def test_tokens_are_short_and_differ_by_launch() -> None:
    assert len({token("job", n) for n in range(1, 50)}) == 49 and len(token("job", 1)) <= 64


def verdicts(governance: Governance, workspace: Workspace, whose: str = "you") -> dict[str, str]:
    found = governance.rights(DEMO, ALICE, workspace.token_of(ALICE))
    return {f"{right.privilege} {right.on}": right.verdict for right in found if right.whose == whose}


def test_what_is_missing_is_said_with_its_grant(governance: Governance, workspace: Workspace) -> None:
    workspace.grant("USE CATALOG", "bryan_li", "analysts")
    found = governance.rights(DEMO, ALICE, workspace.token_of(ALICE))
    missing = [right.grant for right in found if right.whose == "you" and right.verdict == "missing"]
    assert missing == [
        f"GRANT USE SCHEMA ON SCHEMA `bryan_li`.`demo` TO `{ALICE}`",
        f"GRANT CREATE TABLE ON SCHEMA `bryan_li`.`demo` TO `{ALICE}`",
    ]
    for statement in missing:
        workspace.sql(statement)
    assert set(verdicts(governance, workspace).values()) == {"allowed"}


def test_the_writers_rights_are_its_own(governance: Governance, workspace: Workspace) -> None:
    assert set(verdicts(governance, workspace, "writer").values()) == {"allowed"}
    workspace.revoke("CREATE TABLE", "bryan_li.demo", workspace.client_id)
    assert verdicts(governance, workspace, "writer")["CREATE TABLE bryan_li.demo"] == "missing"


def test_tables_that_are_there_need_modify_on_the_schema_or_on_each(
    governance: Governance, workspace: Workspace
) -> None:
    workspace.grant("USE CATALOG, USE SCHEMA, CREATE TABLE", "bryan_li", ALICE)
    workspace.sql("CREATE TABLE bryan_li.demo.households (id BIGINT) USING DELTA")
    workspace.grant("SELECT", "bryan_li.demo.households", workspace.client_id)
    assert verdicts(governance, workspace)["MODIFY bryan_li.demo"] == "missing"
    workspace.grant("MODIFY", "bryan_li.demo.households", ALICE)
    assert verdicts(governance, workspace)["MODIFY bryan_li.demo"] == "allowed"


def test_rights_of_groups_count(governance: Governance, workspace: Workspace) -> None:
    workspace.grant("USE CATALOG, USE SCHEMA, CREATE TABLE", "bryan_li", "analysts")
    assert set(verdicts(governance, workspace).values()) == {"allowed"}
    workspace.folds_groups = False
    assert set(verdicts(governance, workspace).values()) == {"allowed"}


def test_an_empty_page_of_permissions_is_not_the_last(governance: Governance, workspace: Workspace) -> None:
    workspace.grant("USE CATALOG, USE SCHEMA, CREATE TABLE", "bryan_li", ALICE)
    workspace.faults.empty_permission_page(times=6)
    assert set(verdicts(governance, workspace).values()) == {"allowed"}


def test_a_warehouse_that_sleeps_makes_nothing_missing(governance: Governance, workspace: Workspace) -> None:
    workspace.grant("USE CATALOG, USE SCHEMA", "bryan_li", ALICE)
    workspace.warehouse.state = "DELETED"
    assert verdicts(governance, workspace)["CREATE TABLE bryan_li.demo"] == "unknown"


def test_without_a_token_nothing_is_known_of_the_user(governance: Governance) -> None:
    found = governance.rights(DEMO, ALICE, None)
    assert {right.verdict for right in found if right.whose == "you"} == {"unknown"}


def test_ddl_whose_answer_does_not_come_is_unavailable_and_can_be_said_again(
    workspace: Workspace, place: Databricks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.warehouse.SOCKET_SECONDS", 1)
    workspace.faults.hang("THRIFT ExecuteStatement", 3, times=1, holding="CREATE TABLE")
    statement = "CREATE TABLE IF NOT EXISTS bryan_li.demo.late (id BIGINT) USING DELTA"
    with pytest.raises(Unavailable):
        rows(place.workspace, statement)
    rows(place.workspace, statement)
    assert workspace.sql("SELECT count(*) AS n FROM bryan_li.demo.late").to_pylist() == [{"n": 0}]


def test_no_secret_is_shown(place: Databricks, workspace: Workspace) -> None:
    assert workspace.client_secret not in repr(place)
