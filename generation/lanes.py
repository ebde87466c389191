"""Work side by side: chains of steps that need each other only within a chain.

An engine plans on one core and writes the last file of a table on one core; a second chain keeps the others busy meanwhile.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Done = TypeVar("Done")


def side_by_side(chains: Sequence[Sequence[Callable[[], Done]]], lanes: int) -> Iterator[Done]:
    """What the steps of all chains bring, as it comes; the steps of a chain one after the other, `lanes` chains at a time.

    The first error ends all chains after the steps that are under way, and is raised; so does leaving early.
    """
    found: queue.SimpleQueue[Callable[[], Done] | None] = queue.SimpleQueue()
    stop = threading.Event()

    def run(chain: Sequence[Callable[[], Done]]) -> None:
        try:
            for step in chain:
                if stop.is_set():
                    return
                done = step()
                found.put(lambda done=done: done)  # type: ignore[misc]
        except BaseException as error:  # the caller's to handle
            stop.set()
            found.put(_raiser(error))
        finally:
            found.put(None)

    with ThreadPoolExecutor(max_workers=lanes, thread_name_prefix="lane") as pool:
        try:
            for chain in chains:
                pool.submit(run, chain)
            left = len(chains)
            while left:
                item = found.get()
                if item is None:
                    left -= 1
                else:
                    yield item()
        finally:
            stop.set()


def _raiser(error: BaseException) -> Callable[[], Done]:
    def raise_it() -> Done:
        raise error

    return raise_it
