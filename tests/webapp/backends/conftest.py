"""Every test of this folder that asks for a place runs on every backend."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from tests.webapp.backends.in_workspace import in_workspace
from tests.webapp.backends.places import Place, watched
from tests.webapp.serving import of_folder
from webapp.backends.base import Order, Product, Sight, Work
from webapp.backends.fake import Fake, FakeWork
from webapp.backends.local import Local, LocalWork


def _end_thread(work: Work) -> None:
    assert isinstance(work, FakeWork)
    work.stopped.set()
    work.thread.join()
    work.sight = Sight("lost")


def _end_process(work: Work) -> None:
    assert isinstance(work, LocalWork)
    os.kill(work.process.pid, signal.SIGKILL)


@pytest.fixture(scope="session", params=["fake", "local", "databricks"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A backend over a folder of its own."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "fake":
        yield Place(Fake(folder, step_seconds=0.05), folder, _end_thread)
        return
    if request.param == "databricks":
        with in_workspace(folder) as made:
            yield made
        return
    environment = os.environ.get("DATASETS_DIR")
    os.environ["DATASETS_DIR"] = str(folder)
    yield Place(Local(folder, lease_seconds=10), folder, _end_process)
    for left in of_folder(folder):
        left.kill()
    os.environ.pop("DATASETS_DIR") if environment is None else os.environ.update(DATASETS_DIR=environment)


@pytest.fixture(scope="session")
def published(place: Place) -> tuple[Order, Product]:
    """An order that was carried out and published without any trouble."""
    order = place.order("whole")
    work = place.backend.start(order)
    assert watched(work).state == "finished"
    product = place.backend.product(order)
    place.backend.publish(order, product.manifest_hash)
    return order, product
