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
    between leaves a note that the rows may be there, and whoever comes next looks for them. Beside
    a key stands a digest of what was entered, which tells an entry that was sent again from another
    one under its key.

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
        return self._read().get(digest_key(key), ("", ""))[0]

    def is_of_another(self, key: str, content: str) -> bool:
        """Return whether a key is known with something else in its entry."""
        noted = self._read().get(digest_key(key), ("", ""))[1]
        # Notes of earlier versions have no content: they are taken for the entry itself.
        return bool(noted) and noted != digest_content(key, content)

    def note(self, key: str, content: str, state: str) -> None:
        """Note how far the entry of a key has come; the earliest keys are let go."""
        states = self._read()
        name = digest_key(key)
        states.pop(name, None)
        states[name] = state, digest_content(key, content)
        latest = list(states.items())[-limits.MAX_SENT_KEYS :]
        lines = [f"{name} {state} {digest}".rstrip() + "\n" for name, (state, digest) in latest]
        write_file(self._path, "".join(lines).encode())

    def _read(self) -> dict[str, tuple[str, str]]:
        """Read the state and the digest of the content of each key."""
        try:
            lines = self._path.read_text("utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return {}
        notes = (line.split(" ") for line in lines)
        return {
            note[0]: (note[1], note[2] if len(note) == 3 else "")
            for note in notes
            if len(note) in {2, 3}
        }


def digest_key(key: str) -> str:
    """Compute what is kept of a key."""
    # A browser makes the key up: what is kept has one length and no sign of its choice.
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:32]


def digest_content(key: str, content: str) -> str:
    """Compute what is kept of an entry."""
    # With the key, which stands nowhere: nobody finds out from it what was entered.
    return digest_key(f"{key}\n{content}")
