"""What is asked of every point of a join, and the task that carries it to a worker."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class IndexFile:
    """An index as a worker finds it: by path, with what proves that it is the same one.

    Attributes
    ----------
    path
        The file of the index.
    labels
        The file with ids and names of its features, in their order.
    crs
        The plane in which the nearest is searched, as WKT; empty for an index of areas.
    digest
        Of both files: of sums of the index, and of the bytes of ids and names.
    """

    path: str
    labels: str
    crs: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of every point: the same of all parts of a join.

    Attributes
    ----------
    within
        Id of the polygon layer whose features contain the points; None to ask for none.
    nearest
        Id of the layer whose nearest features are found; None to ask for none.
    k, max_distance_m
        How many of those a point gets, and how far they may be in geodesic metres; None is no
        limit.
    keep
        The columns of the input that are written; None for all.
    crs
        Of points whose file does not state one; None where that is not needed.
    box
        West, south, east, north in degrees of the layers that are asked and of the city; None
        where nothing has a place.
    batch_rows
        Rows that are read, answered and written together. The bytes of a part depend on it.
    """

    within: str | None = None
    nearest: str | None = None
    k: int = 1
    max_distance_m: float | None = None
    keep: tuple[str, ...] | None = None
    crs: str | None = None
    box: tuple[float, float, float, float] | None = None
    batch_rows: int = 0

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that are asked, in their order."""
        return tuple(layer for layer in (self.within, self.nearest) if layer is not None)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values, for the manifest."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }


KEEP, STOP = "keep", "stop"
"""What is done with bad rows."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a join is done; no answer depends on it.

    Attributes
    ----------
    on_bad
        ``keep`` bad rows, marked, or ``stop`` at the first.
    progress
        Whether to show how far it is, on a terminal or in a notebook.
    scheduler
        Where parts are made: None for this process, ``local``, an address, a Dask client, or a
        function that maps another over tasks.
    """

    on_bad: str = KEEP
    progress: bool = True
    scheduler: Any = None


@dataclass(frozen=True, slots=True)
class Task:
    """One part of a join: all that travels to a worker, which finds the rest by path.

    Attributes
    ----------
    name
        Of the part within the folders of points and of answers.
    points, out
        The file of points, and that of the answers.
    footer
        Digest of the footer of the file of points, as it was planned.
    rows
        How many points it has.
    job
        What the answers depend on beside the points, as a digest: data, question, program.
    question
        What is asked.
    indexes
        The file of the index of each layer that is asked.
    stop
        Whether the first bad row ends the join.
    program
        Version of the program that planned the join.
    threads
        How many threads search within the part.
    """

    name: str
    points: str
    out: str
    footer: str
    rows: int
    job: str
    question: Question
    indexes: tuple[IndexFile, ...]
    stop: bool = False
    program: str = ""
    threads: int = 1


@dataclass(frozen=True, slots=True)
class PartResult:
    """What came of a part.

    Attributes
    ----------
    name
        Of the part.
    rows, written
        Points that were read, and rows of answers that were written.
    answered
        How many points have an answer, by layer.
    bad
        Of each kind of bad row how many there are, and the number of the first, counted from 1.
    """

    name: str
    rows: int
    written: int
    answered: dict[str, int] = field(default_factory=dict)
    bad: dict[str, tuple[int, int]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values, for the footer of the part and for the manifest."""
        return asdict(self) | {"bad": {kind: list(pair) for kind, pair in self.bad.items()}}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> PartResult:
        """Build it from what :meth:`as_json` returned."""
        bad = {str(kind): (int(n), int(first)) for kind, (n, first) in values["bad"].items()}
        answered = {str(layer): int(n) for layer, n in values["answered"].items()}
        return cls(str(values["name"]), int(values["rows"]), int(values["written"]), answered, bad)


def digest_values(values: Any) -> str:
    """Return a digest of plain values, the same in every process and on every machine."""
    text = json.dumps(values, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
