"""Answers that are kept for later requests: as many as fit into a number of bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar

from mapserver.web.responses import Body

V = TypeVar("V")


class Latest(OrderedDict[Hashable, V]):
    """The values that were asked for last, so many of them; others are made again.

    Parameters
    ----------
    most
        How many are kept.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def get(self, key: Hashable, make: Callable[[], V]) -> V:  # type: ignore[override]  # a maker in place of a default
        """Return the value of a key, or make and keep it, and let the oldest go."""
        if key not in self:
            self[key] = make()
        self.move_to_end(key)
        while len(self) > self._most:
            self.popitem(last=False)
        return self[key]


class Kept:
    """Answers by key, the least recently asked for let go first.

    Parameters
    ----------
    max_bytes
        The most that is held.

    Notes
    -----
    An answer is counted with its compressed twins from the start (:attr:`Body.size_bytes`).
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._bodies: OrderedDict[Hashable, Body] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    @property
    def size_bytes(self) -> int:
        """Bytes that are held at most, compressed twins included."""
        return self._size

    def renew_lock(self) -> None:
        """Make the lock free in a forked process, where the thread that held it is not."""
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._bodies)

    def get(self, key: Hashable, make: Callable[[], Body]) -> Body:
        """Return what is kept under a key, or make and keep it; what is larger than all is not."""
        with self._lock:
            body = self._bodies.get(key)
            if body is not None:
                self._bodies.move_to_end(key)
                return body
        new_body = make()
        if new_body.size_bytes > self.max_bytes:
            return new_body
        with self._lock:
            # Another request may have made the same: then its body, perhaps compressed, is taken.
            body = self._bodies.setdefault(key, new_body)
            if body is new_body:
                self._size += new_body.size_bytes
            while self._size > self.max_bytes:
                _, oldest = self._bodies.popitem(last=False)
                self._size -= oldest.size_bytes
        return body
