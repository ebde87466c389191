"""The list of jobs: what is found, in which order, and how little is asked of the database for it."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.webapp.jobs.conftest import MakeJob
from webapp.services import Services
from webapp.store.history import PAGE, Wanted
from webapp.store.jobs import JOB


def names(client: FlaskClient, query: str = "") -> list[str]:
    page = client.get(f"/jobs?{query}").get_data(as_text=True)
    return re.findall(r'<a href="/jobs/[0-9a-f-]{36}">([^<]*)</a>', page)


def test_without_jobs_the_page_offers_the_next_action(client: FlaskClient) -> None:
    page = client.get("/jobs").get_data(as_text=True)
    assert "No datasets yet" in page and 'href="/wizard/new"' in page


def test_the_newest_job_comes_first(client: FlaskClient, make_job: MakeJob) -> None:
    for name in ("first", "second", "third"):
        make_job(name, "queued")
    assert names(client) == ["third", "second", "first"]
    assert names(client, "sort=name") == ["first", "second", "third"]
    assert names(client, "sort=name&order=down") == ["third", "second", "first"]


def test_text_state_and_owner_narrow_the_list(client: FlaskClient, make_job: MakeJob) -> None:
    make_job("retail-a", "failed")
    job = make_job("bank-b", "queued")
    assert names(client, "q=TAIL") == ["retail-a"]
    assert names(client, f"q={job.id[:8]}") == ["bank-b"]
    assert names(client, "state=failed") == ["retail-a"]
    assert names(client, "whose=shared") == []


def test_wildcards_of_the_database_are_ordinary_characters(client: FlaskClient, make_job: MakeJob) -> None:
    make_job("a_b", "cancelled")
    make_job("axb", "cancelled")
    assert names(client, "q=a_b") == ["a_b"]
    assert names(client, "q=%25") == []


@pytest.mark.parametrize(
    "query", ["page=0", "page=99999999999999999999", "sort=;drop", "state=x&whose=y", "q=%00", "page=1e3"]
)
def test_a_strange_address_is_read_as_far_as_it_makes_sense(client: FlaskClient, make_job: MakeJob, query: str) -> None:
    make_job("one", "cancelled")
    assert client.get(f"/jobs?{query}").status_code == 200


def test_another_users_job_is_listed_only_when_it_is_shared(
    client: FlaskClient, make_job: MakeJob, services: Services
) -> None:
    job = make_job("theirs", "cancelled")
    with services.store.engine.begin() as connection:
        connection.execute(sa.update(JOB).values(owner="somebody"))
    assert names(client) == [] and client.get(f"/jobs/{job.id}").status_code == 404
    services.store.jobs.share(job.id, True)
    assert names(client, "whose=shared") == ["theirs"] and client.get(f"/jobs/{job.id}").status_code == 200
    assert client.post(f"/jobs/{job.id}/delete").status_code == 403


def fill(services: Services, like: str, count: int) -> None:
    job = services.store.jobs.get(like)
    assert job is not None
    rows = [
        {**job.model_dump(), "id": f"{n:036d}", "name": f"job-{n}", "target": f"t{n}", "created_at": float(n)}
        for n in range(count)
    ]
    with services.store.engine.begin() as connection:
        connection.execute(sa.insert(JOB), rows)


def test_a_page_takes_two_queries_and_no_large_column_however_many_jobs_there_are(
    make_job: MakeJob, services: Services
) -> None:
    fill(services, make_job("one", "cancelled").id, 500)
    asked: list[str] = []
    sa.event.listen(services.store.engine, "before_cursor_execute", lambda c, cur, sql, *_: asked.append(sql))
    found = services.store.history.find("local", Wanted(page=3))
    assert (len(found.entries), found.total) == (PAGE, 501)
    queries = [sql for sql in asked if sql.startswith("SELECT")]
    assert len(queries) == 2 and not any("job.config," in sql or "manifest" in sql for sql in queries)


def test_pages_follow_each_other_without_gap_or_repetition(make_job: MakeJob, services: Services) -> None:
    fill(services, make_job("one", "cancelled").id, 60)
    pages = [services.store.history.find("local", Wanted(sort="state", page=n)).entries for n in (1, 2, 3)]
    ids = [entry.id for page in pages for entry in page]
    assert len(ids) == len(set(ids)) == 61
