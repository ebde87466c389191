"""Hosts with the local backend, dispatchers inside the test's own process, and what an undisturbed run makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.builders import fingerprints, shared
from tests.webapp.stage import Stage
from webapp.dispatcher import Dispatcher


@pytest.fixture
def local(postgres_url: str, tmp_path: Path) -> Iterator[Stage]:
    """A host that makes real datasets; test_chaos.py has such hosts on SQLite, too."""
    with Stage(tmp_path / "datasets", postgres_url, {"IDGRAPH_BACKEND": "local"}) as made:
        yield made


@pytest.fixture
def within(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Dispatcher]]:
    """Makes dispatchers in this process, whose supervisors are real processes."""
    for name, value in stage.environment.items():
        monkeypatch.setenv(name, value)
    made: list[Dispatcher] = []

    def make() -> Dispatcher:
        made.append(Dispatcher(stage.services))
        return made[-1]

    yield make
    for child, _ in (pair for dispatcher in made for pair in dispatcher.children.values()):
        child.kill()
        child.wait()


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The fingerprints that `DATA` has when nothing goes wrong."""
    return fingerprints(shared(tmp_path_factory, "undisturbed", households=100))
