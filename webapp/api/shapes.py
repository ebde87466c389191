"""The JSON objects of both APIs: what requests carry (`Asked`) and what answers hold (`Told`)."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema, model_validator

from generation.spec.presets import PRESET_BY_NAME
from generation.spec.values import Whole
from webapp.lifecycle import State
from webapp.steps import Step

KEY = r"^[!-~]{1,200}$"
"""An idempotency key: it travels in headers and logs, so it has visible ASCII characters only."""
DOCUMENTED_AS = "x-documented-as"
"""Names the shape that the OpenAPI document shows instead."""
LARGEST_VERSION = 2**31 - 1


class Asked(BaseModel):
    """What a request carries; members that are not declared are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


class Told(BaseModel):
    """What an answer holds; later versions may add members."""

    model_config = ConfigDict(
        frozen=True, use_attribute_docstrings=True, json_schema_serialization_defaults_required=True
    )


# --- parts --------------------------------------------------------------------------------------------------------------


def _preset(name: str) -> str:
    if name not in PRESET_BY_NAME:
        raise ValueError(f"there is no preset {name[:40]!r}; there are {', '.join(PRESET_BY_NAME)}")
    return name


def checked_key(text: str) -> str:
    """The text, if it can be an idempotency key; raises `ValueError`."""
    if not re.fullmatch(KEY, text):
        raise ValueError("an idempotency key has 1 to 200 visible ASCII characters and no blanks, such as a UUID")
    return text


def _uuid(text: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text):
        raise ValueError("an id is a UUID with its dashes")
    return str(uuid.UUID(text))


ConfigObject = Annotated[dict[str, Any], WithJsonSchema({DOCUMENTED_AS: "Config"})]
"""A configuration: judged after the rest of the body, and in its own words."""
PresetName = Annotated[str, AfterValidator(_preset), WithJsonSchema({"type": "string", "enum": list(PRESET_BY_NAME)})]
Key = Annotated[str, AfterValidator(checked_key), WithJsonSchema({"type": "string", "pattern": KEY})]
Id = Annotated[str, AfterValidator(_uuid), WithJsonSchema({"type": "string", "format": "uuid"})]
Version = Annotated[Whole, Field(ge=1, le=LARGEST_VERSION)]


# --- what requests carry --------------------------------------------------------------------------------------------------


class SessionRequest(Asked):
    """What a draft begins with: a preset, a configuration, or neither, which means the defaults. Never both."""

    model_config = ConfigDict(json_schema_extra={"maxProperties": 1})

    preset: PresetName | None = None
    """A named starting point."""
    config: ConfigObject | None = None
    """A configuration; what it leaves out has its default."""

    @model_validator(mode="after")
    def _one(self) -> SessionRequest:
        if len(self.model_fields_set) > 1:
            raise ValueError("give preset or config, not both")
        return self


class StepRequest(Asked):
    """The whole draft as the client has it, and the session to save it to."""

    config: dict[str, Any]
    """The whole draft, as far as it is answered; settings that are left out have their defaults."""
    session_id: Id | None = None
    """The session to save the draft to if the step is valid; nothing is saved without it."""
    version: Version | None = None
    """The version that the draft was made from; without it the draft is saved over whatever there is."""


class SubmitRequest(Asked):
    """Which version of a draft to generate."""

    version: Version | None = None
    """The version the client last saw; without it whatever the draft is now."""


class StartRequest(Asked):
    """A dataset to generate."""

    config: ConfigObject
    """The configuration; what it leaves out has its default."""
    idempotency_key: Key | None = None
    """Makes asking twice the same as asking once; the header Idempotency-Key is read if it is left out."""


class CancelRequest(Asked):
    """Nothing: the body may be left out, with its content type."""


# --- what answers hold ----------------------------------------------------------------------------------------------------


class Session(Told):
    """A draft of the wizard."""

    session_id: Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]
    version: int
    """Counts saves; a save names the version it changes."""
    step: Step
    """The first step that has not been answered."""
    config: dict[str, Any]
    """The draft: a configuration, perhaps one with problems."""
    origin: str
    """What it was begun from, in words."""
    created_at: dt.datetime
    updated_at: dt.datetime


class ConfigProblem(Told):
    """One thing that is wrong."""

    pointer: str
    """JSON pointer (RFC 6901) to it: into the configuration, or into the body for problems of the code invalid_body."""
    code: str
    """What is wrong, as a word that stays the same."""
    message: str
    """What is wrong and what to do, as a sentence."""


class TableSize(Told):
    """The expected size of a table."""

    rows: int
    bytes: int
    """Of its compressed Parquet files."""


class Estimate(Told):
    """What a configuration will make."""

    rows: int
    """Rows of all tables."""
    bytes: int
    """Bytes of all tables."""
    seconds: float
    """Seconds until the dataset is published."""
    phases: dict[str, float]
    """Those seconds by phase: starting, making, judging, fingerprinting, reporting."""
    memory_bytes: int
    """Memory that a run on one machine holds at most."""
    basis: str
    """What the seconds rest on: past runs, a calibration of the machine, or figures of a core; goes on after "Time"."""
    tables: dict[str, TableSize]
    """By name of the table."""


class StepAnswer(Told):
    """What is wrong with a draft as seen from a step, and what it would make."""

    valid: bool
    """Whether the step may be left."""
    errors: list[ConfigProblem]
    """Problems of the step and those between sections; all of them at the step review."""
    estimate: Estimate | None
    """Null while any part of the draft has a problem."""
    saved: bool
    """Whether the draft was saved: a session was given and the step is valid."""
    version: int | None
    """The session's version after the save; null if nothing was saved."""


class JobStarted(Told):
    """A job that will make a dataset."""

    job_id: Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]
    status_url: str
    """Where to ask how it stands."""


class TableProgress(Told):
    """How far a table is."""

    name: str
    done: int = 0
    """Units of work done."""
    total: int = 0
    """Units of work planned."""
    rows: int = 0
    """Rows so far."""


class Progress(Told):
    """How far a job is; nothing in it goes back while the attempt stays the same."""

    phase: str = "waiting"
    """waiting, generate, commit, verify or done."""
    done: int = 0
    """Units of work done."""
    total: int = 0
    """Units of work planned; 0 until that is known."""
    fraction: float = Field(default=0.0, ge=0, le=1)
    """Share of the expected rows, from 0 to 1."""
    rows: int = 0
    """Rows so far."""
    rows_per_second: float = 0.0
    eta_seconds: float | None = None
    """Expected seconds to the end; null while nobody can know."""
    tables: list[TableProgress] = []


class JobError(Told):
    """Why a job has failed."""

    code: str
    """What went wrong, as a word that stays the same."""
    message: str
    """What went wrong and what to do, as a sentence."""
    attempt: int
    """The attempt that ended the job."""


class JobStatus(Told):
    """How a job stands."""

    job_id: Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]
    state: State
    """queued, running and cancelling are followed by others; cancelled, succeeded and failed are final."""
    position: int | None
    """Place in the queue, 1 is next; null unless the job is queued."""
    progress: Progress
    error: JobError | None
    """Null unless the job has failed."""
    attempt: int
    """Starts so far; a job whose worker was lost is started again and goes on with what is finished."""
    max_attempts: int
    """Starts before a job whose worker is lost has failed."""
    name: str
    """output.name of the configuration."""
    households: int
    """households.count of the configuration."""
    session_id: str | None
    """The draft it was submitted from."""
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    result_url: str | None
    """Where the result is, once the job has succeeded."""


class ResultTable(Told):
    """A finished table."""

    name: str
    rows: int
    bytes: int
    """Of its files."""
    location: str
    """Where a reader of Delta tables finds it."""
    version: int
    """The Delta version this job made; later jobs leave it readable."""
    fingerprint: str | None
    """Equal for equal rows, wherever they were made."""


class JobResult(Told):
    """What a job made."""

    job_id: Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]
    tables: list[ResultTable]
    manifest: dict[str, Any]
    """The dataset's manifest.json."""
    certificate: dict[str, Any]
    """The verdict of the independent check."""


class JobCancelled(Told):
    """A job that is cancelled, or will be within two seconds."""

    job_id: Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]
    state: State
    """cancelling or cancelled."""


class Health(Told):
    """That all is well."""

    status: str


class ProblemDetails(Told):
    """Why a request was not carried out (RFC 9457)."""

    type: str
    """urn:idgraph:problem: and the problem's code."""
    title: str
    """The status in words."""
    status: int
    detail: str
    """What is wrong and what to do, as a sentence."""
    request_id: str
    """Names the request in the server's log."""
    errors: list[ConfigProblem] = []
    """Each thing that is wrong with what was sent."""


class StaleDraft(ProblemDetails):
    """The draft was saved by somebody else since: here is what it is now."""

    session_id: str
    version: int
    step: Step
    config: dict[str, Any]
