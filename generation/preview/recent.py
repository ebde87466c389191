"""A memory of bounded size."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """Values by key, of which those that were not used for longest are given up first."""

    def __init__(self, size: int) -> None:
        self._size, self._values = size, OrderedDict[Key, Value]()
        self._lock = threading.Lock()

    def get(self, key: Key) -> Value | None:
        """The value, which counts as used now."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: Key, value: Value) -> None:
        """Remembers a value; older ones stay until `surplus` is asked for."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)

    def drop(self, key: Key) -> Value | None:
        """Gives up one value."""
        with self._lock:
            return self._values.pop(key, None)

    def surplus(self) -> list[Value]:
        """Gives up what there is too much of."""
        with self._lock:
            return [self._values.popitem(last=False)[1] for _ in range(len(self._values) - self._size)]
