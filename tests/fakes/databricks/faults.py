"""Switches for what goes wrong. Each is used up by the requests, runs or pages it strikes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from tests.fakes.databricks.wire import ApiError, Reply, Request

RunFault = Literal["skipped", "internal_error"]


@dataclass
class Fault:
    """Strikes requests whose label (`METHOD /path`, or `THRIFT Method`) starts with `where`, so many times.

    `answer` replaces the work; `delay` comes before it; `lose` does it and closes the connection without a word; `hang`
    does it and keeps silent for so many seconds first, so that clients run into their time-out.
    """

    where: str
    times: int = 1
    holding: str = ""
    answer: Reply | None = None
    delay: float = 0.0
    lose: bool = False
    hang: float = 0.0

    def strikes(self, label: str, request: Request) -> bool:
        """Whether this request is hit."""
        return self.times > 0 and label.startswith(self.where) and self.holding.encode() in request.body


@dataclass
class TaskKill:
    """The platform kills a running task and counts the attempt as failed: when `when` says so, or as it reaches a statement
    or write that contains `before`, which is then not carried out."""

    when: Callable[[], bool]
    before: str = ""
    times: int = 1
    reached: bool = False


@dataclass
class Faults:
    """The switches. Methods arm them; the server consumes them."""

    _lock: threading.RLock = field(default_factory=threading.RLock)
    _requests: list[Fault] = field(default_factory=list)
    _runs: list[RunFault] = field(default_factory=list)
    _kills: list[TaskKill] = field(default_factory=list)
    _states: list[str] = field(default_factory=list)
    _empty_pages: int = 0

    def lose_reply(self, where: str = "POST /api/2.2/jobs/run-now", times: int = 1, holding: str = "") -> None:
        """The request is carried out and its reply lost. `holding` picks requests whose body contains it."""
        self.add(Fault(where, times, holding, lose=True))

    def hang(self, where: str, seconds: float, times: int = 1, holding: str = "") -> None:
        """The request is carried out and the reply does not come for so long: a read time-out at the client."""
        self.add(Fault(where, times, holding, hang=seconds))

    def delay(self, where: str, seconds: float, times: int = 1, holding: str = "") -> None:
        """The request waits before it is carried out."""
        self.add(Fault(where, times, holding, delay=seconds))

    def too_many_requests(self, where: str, retry_after: int = 1, times: int = 1) -> None:
        """429 with Retry-After."""
        error = ApiError(429, "REQUEST_LIMIT_EXCEEDED", "Rate limit exceeded", {"Retry-After": str(retry_after)})
        self.add(Fault(where, times, answer=error.as_reply()))

    def refuse(self, where: str, status: int, code: str, message: str, times: int = 1) -> None:
        """Any error instead of an answer."""
        self.add(Fault(where, times, answer=ApiError(status, code, message).as_reply()))

    def skip_next_run(self) -> None:
        """The next run is SKIPPED without having been started."""
        self._arm(self._runs, "skipped")

    def internal_error_next_run(self) -> None:
        """The next run ends in INTERNAL_ERROR without having been started."""
        self._arm(self._runs, "internal_error")

    def kill_task(self, when: Callable[[], bool] = lambda: True, before: str = "", times: int = 1) -> None:
        """The platform kills the running task's processes; retries follow the task's settings."""
        self._arm(self._kills, TaskKill(when, before, times))

    def unknown_state(self, name: str = "HIBERNATING", times: int = 1) -> None:
        """The next answers of runs/get carry a state that no client knows yet."""
        for _ in range(times):
            self._arm(self._states, name)

    def empty_permission_page(self, times: int = 1) -> None:
        """The next listings of permissions begin with an empty page that has a next_page_token."""
        with self._lock:
            self._empty_pages += times

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            for armed in (self._requests, self._runs, self._kills, self._states):
                armed.clear()
            self._empty_pages = 0

    def add(self, fault: Fault) -> None:
        """Arms a request fault of any kind."""
        self._arm(self._requests, fault)

    def for_request(self, label: str, request: Request) -> Fault | None:
        """The fault that strikes this request, used up by one."""
        with self._lock:
            for fault in self._requests:
                if fault.strikes(label, request):
                    fault.times -= 1
                    return fault
        return None

    def for_run(self) -> RunFault | None:
        """What happens to the run that is being accepted."""
        with self._lock:
            return self._runs.pop(0) if self._runs else None

    def kills_now(self) -> bool:
        """Whether the running task is killed at this moment."""
        with self._lock:
            for kill in self._kills:
                if kill.times > 0 and (kill.reached if kill.before else kill.when()):
                    kill.times, kill.reached = kill.times - 1, False
                    return True
        return False

    def holds_back(self, text: str) -> bool:
        """Whether this statement is not to be carried out, because the task is killed before it."""
        with self._lock:
            for kill in self._kills:
                if kill.times > 0 and kill.before and kill.before.lower() in " ".join(text.split()).lower():
                    kill.reached = True
                    return True
        return False

    def for_state(self) -> str | None:
        """The state to show instead of the real one."""
        with self._lock:
            return self._states.pop(0) if self._states else None

    def empties_page(self) -> bool:
        """Whether this listing begins with an empty page."""
        with self._lock:
            self._empty_pages -= 1 if (struck := self._empty_pages > 0) else 0
            return struck

    def _arm(self, armed: list, fault: object) -> None:
        with self._lock:
            armed.append(fault)
