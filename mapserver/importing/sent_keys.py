"""Which entries of inspectors were written, so that none that is sent again is written twice."""

from __future__ import annotations

import hashlib
from pathlib import Path

from mapserver.files.drafts import write_file
from mapserver.settings import limits

FILE = ".inspections-sent"
"""Beside ``gpx/`` and ``layers/``: it is no data of the city, and no reader looks there."""


class SentKeys:
    """The keys of the latest entries, in a file of the city folder; ask only under its lock.

    Each key is noted twice: before its rows are written, and after. So a program that is ended in
    between leaves a note that the rows may be there, and whoever comes next looks for them.

    Parameters
    ----------
    city
        The city folder.
    """

    BEGUN, DONE = "begun", "done"

    def __init__(self, city: Path) -> None:
        self._path = city / FILE

    def find(self, key: str) -> str:
        """Find how far the entry of a key has come; empty where nobody has begun."""
        return self._read().get(_digest(key), "")

    def note(self, key: str, state: str) -> None:
        """Note how far the entry of a key has come; the earliest keys are let go."""
        states = self._read()
        name = _digest(key)
        states.pop(name, None)
        states[name] = state
        latest = list(states.items())[-limits.MAX_SENT_KEYS :]
        write_file(self._path, "".join(f"{name} {state}\n" for name, state in latest).encode())

    def _read(self) -> dict[str, str]:
        try:
            lines = self._path.read_text("utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return {}
        pairs = (line.split(" ") for line in lines)
        return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}


def _digest(key: str) -> str:
    # A browser makes the key up: what is kept has one length and no sign of its choice.
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:32]
