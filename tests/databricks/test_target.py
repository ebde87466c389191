"""Datasets in Unity Catalog, made by the bundle's job: every statement, and what a killed and retried run leaves."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generation.spec.catalog import TABLES
from generation.spec.config import Config
from generation.spec.ddl import add_foreign_keys, add_primary_key, identifier
from generation.spec.presets import PRESET_BY_NAME
from generation.spec.table import Table
from tests.databricks.deployed import CATALOG, backend, furnish
from tests.fakes.databricks import Workspace, fake_workspace
from tests.webapp.serving import until
from webapp.backends.base import Order, Product
from webapp.backends.databricks import Databricks, DatabricksWork


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with fake_workspace(tmp_path_factory.mktemp("workspace")) as made:
        yield made


@pytest.fixture(scope="module")
def place(workspace: Workspace) -> Databricks:
    return backend(workspace, furnish(workspace, retries=1))


def order(place: Databricks, schema: str, households: int = 100, mode: str = "create") -> Order:
    values = PRESET_BY_NAME["small"].config.model_dump(mode="json")
    values["households"]["count"] = households
    values["engagement"]["titles"] = 100
    values["output"] |= {"catalog": CATALOG, "schema_name": schema, "mode": mode}
    config = place.prepared(Config.model_validate(values))
    return Order(str(uuid.uuid4()), 1, config.model_dump(mode="json"), Path("unused"))


def made(place: Databricks, asked: Order) -> tuple[DatabricksWork, Product]:
    work = place.start(asked)
    sight = until(lambda: ((s := work.look()).state not in ("running", "unknown") and s) or None, 120, "the end")
    assert sight.state == "finished", sight.fault
    product = place.product(asked)
    place.publish(asked, product.manifest_hash)
    return work, product


@pytest.fixture(scope="module")
def first(place: Databricks) -> tuple[DatabricksWork, Product]:
    """A dataset that nobody disturbed."""
    return made(place, order(place, "calm"))


def content(product: Product) -> dict[str, Any]:
    return {name: (t["rows"], t["fingerprint"], t["version"]) for name, t in product.manifest["tables"].items()}


def schema_of(table: Table, schema: str) -> str:
    return f"{schema}_truth" if table.home == "truth" else schema


def changes(workspace: Workspace, work: DatabricksWork) -> list[str]:
    """What the run said to change anything, in order."""
    said = [one.text for one in workspace.record.statements(via=f"run {work.run_id}")]
    return [text for text in said if text.startswith(("CREATE SCHEMA", "CREATE TABLE", "ALTER", "MERGE", "<"))]


def test_the_statements_are_these(workspace: Workspace, first: tuple[DatabricksWork, Product]) -> None:
    work, _ = first
    said = changes(workspace, work)
    names = {table.name: identifier(CATALOG, schema_of(table, "calm"), table.name) for table in TABLES}
    schemas = [text for text in said if text.startswith("CREATE SCHEMA")]
    assert [text.split()[2] for text in schemas] == list(
        dict.fromkeys(identifier(CATALOG, name) for name in sorted(schema_of(t, "calm") for t in TABLES))
    )
    made = [text for text in said if text.startswith(("CREATE TABLE", "<"))][:-1]
    for table, create, write in zip(TABLES, made[::2], made[1::2], strict=True):
        assert create.startswith(f"CREATE TABLE IF NOT EXISTS {names[table.name]} (")
        tail = create.rpartition("USING DELTA")[2]
        assert f"CLUSTER BY (`{table.primary_key}`)" in tail and "COMMENT '" in tail
        for said_property in ("idgraph.config_hash", "idgraph.seed", "idgraph.version", "idgraph.synthetic"):
            assert f"'{said_property}' = '" in tail
        name = names[table.name].replace("`", "")
        assert write.startswith(f"<writeTo {name} overwrite userMetadata=v0001-")
    keys = [add_primary_key(table, names[table.name]) for table in TABLES]
    keys += [statement for table in TABLES for statement in add_foreign_keys(table, names)]
    assert [text for text in said if "ADD CONSTRAINT" in text] == keys
    assert len([text for text in said if "SET TAGS" in text]) == len(TABLES)
    assert said[-1].startswith(f"CREATE TABLE IF NOT EXISTS `{CATALOG}`.`calm`.`_manifest` (")


def test_the_manifest_comes_last_and_names_every_version(
    workspace: Workspace, place: Databricks, first: tuple[DatabricksWork, Product]
) -> None:
    row = workspace.sql(f"SELECT serial, manifest, manifest_hash FROM {CATALOG}.calm._manifest").to_pylist()[0]
    _, product = first
    assert row["serial"] == 1 and row["manifest_hash"] == product.manifest_hash
    assert json.loads(row["manifest"]) == product.manifest
    assert place.counts(product.manifest) == {n: t["rows"] for n, t in product.manifest["tables"].items()}


def test_a_run_killed_and_retried_by_the_platform_leaves_what_an_undisturbed_one_leaves(
    workspace: Workspace, place: Databricks, first: tuple[DatabricksWork, Product]
) -> None:
    workspace.faults.kill_task(before="<writeTo bryan_li.shaken.content_engagements")
    work, product = made(place, order(place, "shaken"))
    attempts = workspace.jobs.run(work.run_id)[0].attempts
    assert [attempt.outcome and attempt.outcome.ok for attempt in attempts] == [False, True]
    assert content(product) == content(first[1])
    for table in TABLES:
        name = f"{CATALOG}.{schema_of(table, 'shaken')}.{table.name}"
        versions = [r["version"] for r in workspace.sql(f"DESCRIBE HISTORY {name}").to_pylist()]
        calm = name.replace("shaken", "calm")
        assert versions == [r["version"] for r in workspace.sql(f"DESCRIBE HISTORY {calm}").to_pylist()]


def test_a_dataset_grows_once_even_if_the_append_is_retried_and_old_versions_stay(
    workspace: Workspace, place: Databricks
) -> None:
    _, small = made(place, order(place, "growing", 80))
    workspace.faults.kill_task(before="<writeTo bryan_li.growing.identity_mappings")
    _, grown = made(place, order(place, "growing", 100, "append"))
    tables = grown.manifest["tables"]
    assert tables["households"]["rows"] == 100
    old = small.manifest["tables"]["households"]
    query = f"SELECT count(*) AS n FROM {CATALOG}.growing.households VERSION AS OF {old['version']}"
    assert workspace.sql(query).to_pylist() == [{"n": 80}]


def test_what_was_grown_equals_what_was_made_at_once(
    workspace: Workspace, place: Databricks, first: tuple[DatabricksWork, Product]
) -> None:
    text = workspace.sql(f"SELECT manifest FROM {CATALOG}.growing._manifest ORDER BY serial DESC LIMIT 1").to_pylist()
    grown, whole = json.loads(text[0]["manifest"])["tables"], first[1].manifest["tables"]
    stable = [table.name for table in TABLES if table.growth == "stable"]
    assert {n: (grown[n]["rows"], grown[n]["fingerprint"]) for n in stable} == {
        n: (whole[n]["rows"], whole[n]["fingerprint"]) for n in stable
    }
