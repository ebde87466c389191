"""Jobs in a Databricks workspace: runs of one saved job, found again by their idempotency tokens.

The token of a launch follows from job and launch number alone, so it is committed as soon as the job is: whoever asks for the
same launch again, after any crash, gets the run that is there. Nothing has to be remembered here.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from databricks.sdk.service import jobs

from generation.spec.config import Config
from generation.spec.ddl import identifier
from generation.spec.manifest_table import MANIFEST_TABLE, latest_statement, manifest_row, publish_statement
from generation.spec.problems import Problem
from generation.spec.run_directory import CERTIFICATE, CONFIG, FAILURE, PENDING, PROGRESS, digest
from webapp import failpoint
from webapp.backends.base import Fault, Missing, Order, Product, Sight
from webapp.warehouse import counted, rows
from webapp.workspace import Absent, Denied, Rejected, Unavailable, Workspace, translated

if TYPE_CHECKING:
    from databricks.sdk.service.jobs import Run

LOOK_SECONDS = 2.0
"""Between two questions about a run: the Jobs API counts them."""
END_SECONDS = 60.0
"""How long a run that is being cancelled may take to end, before another launch is given up for now."""

L, R = jobs.RunLifeCycleState, jobs.RunResultState
GOING = {L.QUEUED, L.PENDING, L.RUNNING, L.TERMINATING, L.BLOCKED, L.WAITING_FOR_RETRY}
MAY_PASS = {"INTERNAL_ERROR", "DRIVER_ERROR", "CLUSTER_ERROR", "CLOUD_FAILURE", "MAX_CONCURRENT_RUNS_EXCEEDED",
            "WORKSPACE_RUN_LIMIT_EXCEEDED", "RUN_EXECUTION_ERROR", "MAX_JOB_QUEUE_SIZE_EXCEEDED"}  # fmt: skip
"""Termination codes after which another launch may do better."""


@dataclass
class Databricks:
    """Datasets go to `catalog.schema`; the work is done by a saved job that runs as a principal of its own."""

    workspace: Workspace
    look_seconds: float = LOOK_SECONDS
    name: str = "databricks"

    def prepared(self, config: Config) -> Config:
        """The configuration with its schema, for the job's own session."""
        _, schema = config.output.schema_full_name.split(".")
        given = {"engine": "session", "target": "unity_catalog", "schema_name": schema, "path": None}
        return config.model_copy(update={"output": config.output.model_copy(update=given)})

    def problems(self, config: Config) -> list[Problem]:
        """Names that the workspace needs for something else."""
        schema = config.output.schema_full_name.partition(".")[2]
        if schema.endswith("_truth") or schema == "information_schema":
            message = f"output.schema_name {schema!r} is kept for other things; choose another name"
            return [Problem("/output/schema_name", "target", message)]
        return []

    def target(self, config: Config) -> str:
        """Catalog and schema."""
        return config.output.schema_full_name

    def folder(self, order: Order) -> str:
        """The run directory in the Volume."""
        return f"{self.workspace.volume}/{order.job_id}"

    # --- runs -----------------------------------------------------------------------------------------------------------

    def start(self, order: Order) -> DatabricksWork:
        """The run of the latest launch, or of a new one when every earlier launch was seen to have ended badly."""
        data = json.dumps(dict(order.config), indent=2).encode()
        self.workspace.write(f"{self.folder(order)}/{CONFIG}", data)
        failpoint.reached("before_run_now", order.attempt)
        for launch in range(1, order.attempt + 1):
            run_id = self._launched(order, launch, digest(data))
            if run_id is None:
                continue
            failpoint.reached("after_run_now", order.attempt)
            if launch == order.attempt or not self._ended_badly(run_id):
                return DatabricksWork(self, order, run_id, self._page(run_id))
            self.workspace.remove(f"{self.folder(order)}/{FAILURE}")
        raise Rejected("every launch of this job was deleted in the workspace; run it again as a new job")

    def _launched(self, order: Order, launch: int, config_hash: str) -> int | None:
        """The run of a launch, started if it was not; None if somebody deleted it."""
        parameters = {"run_directory": self.folder(order), "config_sha256": config_hash, "job_uuid": order.job_id}
        try:
            with translated("starting the job"):
                answer = self.workspace.client.jobs.run_now(
                    self.workspace.job_id, job_parameters=parameters, idempotency_token=token(order.job_id, launch)
                )
        except Rejected as error:
            if "deleted" in str(error):
                return None
            raise
        run_id: int | None = answer.response.run_id  # type: ignore[attr-defined]  # of the SDK's `Wait`
        if run_id is None:
            raise Unavailable("starting the job: the workspace named no run; the same launch is asked for again")
        return run_id

    def _ended_badly(self, run_id: int) -> bool:
        """Whether a run has ended without success; waits for one that is being cancelled."""
        end = time.monotonic() + END_SECONDS
        while True:
            state = self.run(run_id).state
            life = state.life_cycle_state if state else None
            if life is not L.TERMINATING:
                break
            if time.monotonic() > end:
                raise Unavailable(f"run {run_id} is still being cancelled; it is looked at again later")
            time.sleep(min(1.0, self.look_seconds))
        if life in (L.SKIPPED, L.INTERNAL_ERROR):
            return True
        return life is L.TERMINATED and state is not None and state.result_state not in (R.SUCCESS, None)

    def _page(self, run_id: int) -> str:
        """The run's page in the workspace, if it can be told just now."""
        try:
            return self.run(run_id).run_page_url or ""
        except (Absent, Denied, Rejected, Unavailable):
            return ""

    def run(self, run_id: int) -> Run:
        """The run as the workspace has it."""
        with translated(f"looking at run {run_id}"):
            return self.workspace.client.jobs.get_run(run_id)

    def cancel(self, reference: Mapping[str, Any]) -> None:
        """Asks for the end of a run, known by what its work's `reference` said; asking again changes nothing."""
        run_id = reference.get("run_id")
        if run_id is None:
            return
        try:
            with translated(f"cancelling run {run_id}"):
                self.workspace.client.jobs.cancel_run(int(run_id))
        except (Absent, Rejected):
            return

    def why(self, run: Run) -> str:
        """What the failed tasks say: a run's own output is refused, each task's is not."""
        said = []
        for task in run.tasks or []:
            if task.run_id is None:
                continue
            try:
                with translated("reading the output"):
                    output = self.workspace.client.jobs.get_run_output(task.run_id)
            except (Absent, Denied, Rejected, Unavailable):
                continue
            if output.error:
                said.append(f"{task.task_key}: {output.error}")
        return "; ".join(said)

    # --- products -------------------------------------------------------------------------------------------------------

    def product(self, order: Order) -> Product:
        """The judged manifest and its verdict, from the Volume."""
        data, verdict = (self.workspace.read(f"{self.folder(order)}/{name}") for name in (PENDING, CERTIFICATE))
        if data is None or verdict is None:
            raise Missing(f"{self.folder(order)} holds no judged manifest; run it again")
        return Product(json.loads(data), json.loads(verdict), digest(data))

    def publish(self, order: Order, manifest_hash: str) -> None:
        """The manifest becomes the latest row of the schema's table of manifests."""
        data = self.workspace.read(f"{self.folder(order)}/{PENDING}")
        if data is None or digest(data) != manifest_hash:
            raise Missing(f"the manifest in {self.folder(order)} is not the one that was judged; run it again")
        table = self._manifests(str(Config.model_validate(order.config).output.schema_full_name))
        try:
            rows(self.workspace, publish_statement(table, manifest_row(data, order.job_id)))
            found = rows(self.workspace, latest_statement(table))
        except Absent as error:
            raise Missing(f"{table} is not there; run it again") from error
        except (Denied, Rejected) as error:
            raise Unavailable(str(error)) from error
        if not found or str(found[0][1]) != manifest_hash:
            raise Missing(f"{table} has got another dataset meanwhile; run it again")

    def _manifests(self, target: str) -> str:
        return identifier(*target.split("."), MANIFEST_TABLE)

    def locations(self, target: str, manifest: Mapping[str, Any]) -> dict[str, str]:
        """The tables' names."""
        statement = f"SELECT count(*) FROM {self._manifests(target)} WHERE config_hash = '{manifest['config_hash']}'"
        try:
            found = rows(self.workspace, statement)
        except (Absent, Denied, Rejected) as error:
            raise Missing(f"{target} cannot be read any more: {error}") from error
        if not int(found[0][0]):
            raise Missing(f"{target} no longer has this dataset; generate it again")
        return {name: str(table["location"]) for name, table in manifest["tables"].items()}

    def counts(self, manifest: Mapping[str, Any]) -> dict[str, int]:
        """The rows that the warehouse finds in each table of a manifest."""
        return counted(self.workspace, manifest)


def token(job_id: str, launch: int) -> str:
    """The idempotency token of a launch: 32 of at most 64 characters, the same whenever it is asked for."""
    return hashlib.sha256(f"idgraph {job_id} launch {launch}".encode()).hexdigest()[:32]


@dataclass
class DatabricksWork:
    """A run of the saved job."""

    backend: Databricks
    order: Order
    run_id: int
    page: str = ""
    stopped: bool = False
    sight: Sight = field(default_factory=lambda: Sight("running"))
    looked: float = float("-inf")

    @property
    def reference(self) -> Mapping[str, Any]:
        """The run, and its page in the workspace."""
        return {"run_id": self.run_id, **({"run_page_url": self.page} if self.page else {})}

    def look(self) -> Sight:
        """From the run's state and the progress in the Volume, asked for every two seconds at most."""
        if time.monotonic() - self.looked >= self.backend.look_seconds:
            self.sight = self._looked()
            self.looked = time.monotonic()
        return self.sight

    def _looked(self) -> Sight:
        try:
            run = self.backend.run(self.run_id)
            self.page = run.run_page_url or self.page
            return self._seen(run)
        except Absent:
            return Sight(
                "lost", self.sight.progress, Fault("RUN_DELETED", "the run is no longer in the workspace", True)
            )
        except (Denied, Rejected, Unavailable):
            # Nothing is known about the run; what was known of its progress still is.
            return Sight("unknown", self.sight.progress)

    def _seen(self, run: Run) -> Sight:
        state, progress = run.state, self._progress()
        life = state.life_cycle_state if state else None
        if life in GOING:
            return Sight("running", progress)
        if state is None or life is None or (life is L.TERMINATED and state.result_state is None):
            return Sight("unknown", progress)
        if state.result_state is R.SUCCESS:
            return Sight("finished", progress)
        if self.stopped:
            return Sight("lost", progress, Fault("CANCELED", "the run was cancelled", may_pass=True))
        return self._ended(run, progress)

    def _ended(self, run: Run, progress: Mapping[str, Any] | None) -> Sight:
        fault = self._written() or self._fault(run)
        page = f" See {run.run_page_url}" if run.run_page_url else ""
        fault = Fault(fault.code, f"{fault.message}{page}", fault.may_pass)
        return Sight("lost" if fault.may_pass else "failed", progress, fault)

    def _written(self) -> Fault | None:
        """What the generator wrote down before it failed."""
        found = _json(self.backend.workspace.read(f"{self.backend.folder(self.order)}/{FAILURE}"))
        if found is None:
            return None
        return Fault(str(found.get("code", "LOST")), str(found.get("message", "")), bool(found.get("may_pass", True)))

    def _fault(self, run: Run) -> Fault:
        """What the platform says."""
        details = run.status.termination_details if run.status else None
        code = str(details.code.value) if details and details.code else ""
        state = run.state
        code = code or str(state.result_state.value if state and state.result_state else "LOST")
        message = self.backend.why(run) or (state.state_message if state else "") or "the run ended without a word"
        return Fault(code, message[:1500], code in MAY_PASS)

    def _progress(self) -> Mapping[str, Any] | None:
        try:
            found = _json(self.backend.workspace.read(f"{self.backend.folder(self.order)}/{PROGRESS}"))
        except (Denied, Rejected, Unavailable):
            return self.sight.progress
        if found is None or found.get("job_id") != self.order.job_id:
            return self.sight.progress
        return {**found, "attempt": self.order.attempt}

    def beat(self) -> None:
        """A run ends by itself or by its time-out; it is not led by a supervisor."""

    def stop(self) -> None:
        """The run is cancelled, and has ended unless the workspace takes its time: what it leaves nobody publishes."""
        if self.stopped or self.sight.state in ("finished", "failed", "lost"):
            return
        self.stopped, self.looked = True, float("-inf")
        self.backend.cancel(self.reference)
        _wait(lambda: self._looked().state not in ("running",), 5.0)
        self.looked = float("-inf")

    def leave(self) -> None:
        """The run goes on without this supervisor; the next attempt finds it by its token."""


def _wait(ended: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not ended() and time.monotonic() < end:
        time.sleep(0.2)


def _json(data: bytes | None) -> dict[str, Any] | None:
    """The JSON object in a file; None for a file that is not there, or is just being written."""
    try:
        value = json.loads(data or b"null")
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
