"""Answers that stay while the snapshot stays, held in memory up to a limit."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections import OrderedDict
from dataclasses import dataclass, field

from mapserver.settings import limits
from mapserver.web.sent import Headers
from mapserver.web.served_city import ServedCity

Key = tuple[str | None, ...]
Age = tuple[ServedCity, dt.date]
"""What answers follow from beside the request: the snapshot and the day."""
Kept = tuple[Headers, bytes, str]
"""Headers, bytes and route of an answer that is held."""


@dataclass(slots=True)
class Held:
    """The answers of one age: they go together, so that none of yesterday's is given today.

    Attributes
    ----------
    age
        Of all of them; None where there are none yet.
    answers
        The least recently asked for first.
    size_bytes
        Of all of them.
    """

    age: Age | None
    answers: OrderedDict[Key, Kept] = field(default_factory=OrderedDict)
    size_bytes: int = 0


class Memory:
    """Fixed answers of one snapshot on one day, the least recently asked for let go first.

    Parameters
    ----------
    most_bytes
        The most that is held.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._held = Held(None)

    def recall(self, key: Key, age: Age) -> Kept | None:
        """Return headers, body and route of an answer; None where it is not held or has aged."""
        held = self._held
        if held.age is None or held.age[0] is not age[0] or held.age[1] != age[1]:
            self._held = Held(age)
            return None
        answer = held.answers.get(key)
        if answer is not None:
            # Another thread may have let go of it meanwhile.
            with contextlib.suppress(KeyError):
                held.answers.move_to_end(key)
        return answer

    def keep(self, key: Key, age: Age, answer: Kept) -> None:
        """Keep an answer of the snapshot and day that are current."""
        held = self._held
        size_bytes = _measure_size(key, answer)
        if held.age != age or size_bytes > self._most_bytes or key in held.answers:
            return
        held.answers[key] = answer
        held.size_bytes += size_bytes
        while held.size_bytes > self._most_bytes:
            # Another thread may have emptied it meanwhile.
            try:
                old_key, old = held.answers.popitem(last=False)
            except KeyError:
                return
            held.size_bytes -= _measure_size(old_key, old)


def _measure_size(key: Key, answer: Kept) -> int:
    """Return the bytes that an answer is counted with when it is held."""
    return len(answer[1]) + sum(len(text or "") for text in key) + limits.KEPT_OBJECT_BYTES
