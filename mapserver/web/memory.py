"""Answers that stay while the snapshot stays, held in memory up to a limit."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections import OrderedDict

from mapserver.settings import limits
from mapserver.web.sent import Headers
from mapserver.web.served_city import ServedCity

Key = tuple[str | None, ...]
Age = tuple[ServedCity, dt.date]
"""What answers follow from beside the request: the snapshot and the day."""
Kept = tuple[Headers, bytes, str]
"""Headers, bytes and route of an answer that is held."""


class Memory:
    """Fixed answers of one snapshot on one day, the least recently asked for let go first.

    Parameters
    ----------
    most_bytes
        The most that is held.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._size_bytes = 0
        self._age: Age | None = None
        self._answers: OrderedDict[Key, Kept] = OrderedDict()

    def recall(self, key: Key, age: Age) -> Kept | None:
        """Return headers, body and route of an answer; None where it is not held or has aged."""
        if self._age is None or self._age[0] is not age[0] or self._age[1] != age[1]:
            self._answers, self._size_bytes, self._age = OrderedDict(), 0, age
            return None
        answer = self._answers.get(key)
        if answer is not None:
            # Another thread may have let go of it meanwhile.
            with contextlib.suppress(KeyError):
                self._answers.move_to_end(key)
        return answer

    def keep(self, key: Key, age: Age, answer: Kept) -> None:
        """Keep an answer of the snapshot and day that are current."""
        size_bytes = _measure_size(key, answer)
        if self._age != age or size_bytes > self._most_bytes or key in self._answers:
            return
        self._answers[key] = answer
        self._size_bytes += size_bytes
        while self._size_bytes > self._most_bytes:
            # Another thread may have emptied it meanwhile.
            try:
                old_key, old = self._answers.popitem(last=False)
            except KeyError:
                return
            self._size_bytes -= _measure_size(old_key, old)


def _measure_size(key: Key, answer: Kept) -> int:
    """Return the bytes that an answer is counted with when it is held."""
    return len(answer[1]) + sum(len(text or "") for text in key) + limits.KEPT_OBJECT_BYTES
