"""A dataset at a glance."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.webapp.results.conftest import Shown, cells, copied, table_sql
from webapp.results.snippets import dataset_snippets, snippets


def test_every_table_is_listed_in_the_order_of_the_catalogue_with_the_rows_of_the_manifest(shown: Shown) -> None:
    html = shown.get("results")
    listed = [(row[0].split(" ")[0], row[1]) for row in cells(html, "tables")]
    tables = shown.manifest["tables"]
    assert [name[: len(real)] for (name, _), real in zip(listed, tables, strict=True)] == list(tables)
    assert [rows for _, rows in listed] == [f"{entry['rows']:,}" for entry in tables.values()]


def test_fingerprints_are_short_and_whole_ones_can_be_copied(shown: Shown) -> None:
    mark = shown.manifest["tables"]["devices"]["fingerprint"]
    html = shown.get("results")
    assert f'data-copy-text="{mark}" aria-label="Copy the fingerprint of devices"' in html and f">{mark[-12:]}<" in html


def test_it_says_that_all_of_it_is_invented_and_what_it_was_made_from(shown: Shown) -> None:
    html = shown.get("results")
    assert shown.manifest["notice"] in html and shown.manifest["config_hash"][:16] in html
    assert f"<dd>{shown.manifest['config']['output']['seed']}" in html
    assert f"version {shown.manifest['generator']}" in html


def test_a_table_that_the_catalogue_does_not_know_is_told_but_not_opened(shown: Shown) -> None:
    old = {"rows": 5, "bytes": 10, "version": 1, "location": "old_table", "fingerprint": None}
    shown.change(manifest={**shown.manifest, "tables": {**shown.manifest["tables"], "old_table": old}})
    html = shown.get("results")
    assert cells(html, "tables")[-1][:2] == ["old_table", "5"] and "tables/old_table" not in html


def test_findings_of_the_certificate_are_shown_as_text(shown: Shown) -> None:
    finding = {"rule": "keys_unique", "table": "<b>devices</b>", "count": 3, "says": "three times"}
    shown.change(certificate={"ok": False, "rules_checked": 9, "rows": 1, "findings": [finding]})
    html = shown.get("results")
    assert cells(html, "findings") == [["keys_unique", "<b>devices</b>", "3", "three times"]]
    assert "Fail" in html and "Keys are unique, and" not in html


def test_a_dataset_that_was_deleted_is_told_from_its_manifest(shown: Shown) -> None:
    shutil.rmtree(shown.job.target)
    html = shown.get("results")
    assert "is not there any more" in html and len(cells(html, "tables")) == len(shown.manifest["tables"])


def test_the_report_is_served_on_its_own_under_a_policy_that_lets_it_run_nothing(shown: Shown) -> None:
    assert shown.status("report") == 404 and "Quality report" not in shown.get("results")
    folder = shown.services.settings.runs_dir / shown.job.id
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("<h1>Report</h1>")
    assert "Quality report" in shown.get("results")
    answer = shown.client.get(f"/jobs/{shown.job.id}/report", buffered=True)
    assert answer.data == b"<h1>Report</h1>" and "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert (
        "sandbox" in answer.headers["Content-Security-Policy"]
        and "script" not in answer.headers["Content-Security-Policy"]
    )


def with_report(shown: Shown, good_dataset: Path) -> Path:
    """The run directory of the job, with the report that its run left there."""
    folder = shown.services.settings.runs_dir / shown.job.id
    folder.mkdir(parents=True)
    for name in ("report.html", "report.json"):
        shutil.copy(good_dataset / "_run" / name, folder / name)
    return folder


def test_the_page_holds_the_sections_of_the_report(shown: Shown, good_dataset: Path) -> None:
    assert 'class="report"' not in shown.get("results")
    with_report(shown, good_dataset)
    html, sections = shown.get("results"), r'<section class="r-section" id="r-(\w+)"'
    whole = re.findall(sections, shown.get("report"))
    assert re.findall(sections, html) == [name for name in whole if name not in ("tables", "dictionary")]
    assert "style=" not in html.split('class="report"')[1]


def test_the_report_can_be_kept_as_json(shown: Shown, good_dataset: Path) -> None:
    assert shown.status("report.json") == 404
    with_report(shown, good_dataset)
    assert json.loads(shown.get("report.json"))["ok"] is True


def test_a_damaged_report_leaves_the_page_as_it_is(shown: Shown, good_dataset: Path) -> None:
    (with_report(shown, good_dataset) / "report.json").write_text("{")
    assert 'class="report"' not in shown.get("results")


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(("number", "tool"), [(1, "Python"), (2, "DuckDB")])
def test_the_lines_for_a_table_run_as_they_are(shown: Shown, number: int, tool: str) -> None:
    html = shown.get("tables/devices")
    assert tool in html
    code = copied(html, number)
    assert "device_type" in run(code if "print" in code else f"{code}\nprint(devices.columns)")


def test_the_lines_for_the_dataset_run_as_they_are_and_give_its_rows(shown: Shown, good_dataset: Path) -> None:
    printed = run(copied(shown.get("results"), 1))
    people = table_sql(good_dataset, "individuals")
    sql = f"SELECT COUNT(*) FROM {people} JOIN {table_sql(good_dataset, 'households')} USING (household_id) GROUP BY household_type"
    assert all(f" {count} " in printed for (count,) in duckdb.sql(sql).fetchall())


def test_a_strange_folder_is_quoted(tmp_path: Path) -> None:
    place = '/data/a "quoted" `name` \\ 1'
    for snippet in (*snippets(place, "devices", 3), *dataset_snippets(place, {"devices": ("devices", 3)})):
        if snippet.tool != "Spark SQL":
            compile(snippet.text, snippet.tool, "exec")
    assert "``name``" in snippets(place, "devices", 3)[-1].text


def test_the_certificate_and_the_manifest_can_be_kept(shown: Shown) -> None:
    assert json.loads(shown.get("manifest.json")) == shown.job.manifest
    assert json.loads(shown.get("certificate.json")) == shown.job.certificate


def test_a_job_without_a_dataset_says_so(shown: Shown) -> None:
    other = shown.client.post(f"/jobs/{shown.job.id}/again", data={"seed": "new"}).headers["Location"]
    answer = shown.client.get(f"{other}/results")
    assert answer.status_code == 409 and b"has no dataset" in answer.data


PATHS = ["results", "tables/devices", "tables/devices.csv", "report", "manifest.json"]


@pytest.mark.parametrize("path", PATHS)
def test_somebody_elses_dataset_is_found_only_when_it_is_shared(shown: Shown, path: str) -> None:
    (folder := shown.services.settings.runs_dir / shown.job.id).mkdir(parents=True)
    (folder / "report.html").write_text("report")
    shown.change(owner="somebody")
    assert shown.status(path) == 404
    shown.change(shared=True)
    assert shown.status(path) == 200
