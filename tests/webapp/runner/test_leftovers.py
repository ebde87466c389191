"""What a job left behind that was cancelled or failed: no obstacle to the next, and no danger to what is published."""

from __future__ import annotations

from pathlib import Path

from tests.builders import fingerprints, idgraph, rows_of
from tests.webapp.stage import DATA, Stage, until
from webapp.store.models import Job


def cancelled_halfway(stage: Stage, job: Job) -> None:
    """The job is cancelled when it has staged some tables."""
    until(lambda: stage.units(job) >= 4, 60, "units")
    stage.jobs.cancel(job.id, "test")
    assert stage.ended(job).state == "cancelled"


def test_a_cancelled_job_is_no_obstacle_to_the_next_and_no_danger_to_what_is_published(
    sqlite_url: str, tmp_path: Path, undisturbed: dict[str, str]
) -> None:
    with Stage(tmp_path / "datasets", sqlite_url, {"IDGRAPH_BACKEND": "local"}) as stage:
        first = stage.submit(households={"count": 3_000})
        stage.dispatcher()
        cancelled_halfway(stage, first)
        root = Path(first.target)
        assert (root / "_unpublished.json").exists() and any(root.glob("*/v*")), "there is something left behind"

        second = stage.submit(**DATA)
        assert stage.ended(second, 90).state == "succeeded" and fingerprints(root) == undisturbed
        assert not (root / "_unpublished.json").exists()
        published = (root / "manifest.json").read_bytes()

        third = stage.submit(households={"count": 3_000}, output={"mode": "regenerate"})
        cancelled_halfway(stage, third)
        assert (root / "manifest.json").read_bytes() == published
        assert rows_of(root, "individuals")[1] in undisturbed["individuals"]

        fourth = stage.submit(households=DATA["households"], output={**DATA["output"], "mode": "regenerate"})
        assert stage.ended(fourth, 90).state == "succeeded" and fingerprints(root) == undisturbed
        manifest = stage.job(fourth).manifest
        assert manifest is not None and manifest["serial"] == 2
        assert idgraph("verify", str(root)).returncode == 0
