"""Counts requests in memory that forked workers share, so that any of them knows the sum."""

from __future__ import annotations

import mmap
import threading
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from mapserver.settings import limits

ROUTE = "mapserver.route"
"""Where the environment of WSGI has the route of a request."""
OTHER = "(other)"
"""The route of requests that no route of ours answers; their paths would be labels without end."""
STATUSES = (
    200,
    204,
    301,
    302,
    303,
    304,
    308,
    400,
    403,
    404,
    405,
    406,
    412,
    413,
    415,
    429,
    500,
    503,
    0,
)
"""The statuses that are counted apart; 0 stands for any other."""
COUNTERS_KNOWN = 256
"""Pairs of a route and a status whose place is known: few of all pairs ever come."""
BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, float("inf"))


class Figures:
    """Counts of requests by route and status, and how long answers took.

    Each process adds to a row of its own, so none waits for another, and a worker that is killed
    leaves nothing locked. A row is handed on with its counts: sums never become less.

    Parameters
    ----------
    routes
        All routes of the application.
    """

    def __init__(self, routes: list[str]) -> None:
        self.routes = [*sorted(set(routes)), OTHER]
        self._place = {route: number for number, route in enumerate(self.routes)}
        self._status = {status: number for number, status in enumerate(STATUSES)}
        # One field for each status, one for each bound, one for the sum of seconds.
        self._fields = len(STATUSES) + len(BOUNDS_S) + 1
        self._width = self._fields * len(self.routes)
        memory = mmap.mmap(-1, limits.MAX_COUNTED_PROCESSES * self._width * 8)
        self._counts = memoryview(memory).cast("d")
        self._lock = threading.Lock()
        self._row = 0
        # Where in a row the counts of a route and a status stand; looked up anew each time, the
        # two would take as long as the counting itself.
        self._find_fields = lru_cache(COUNTERS_KNOWN)(self._place_fields)

    def take_next_row(self) -> None:
        """Count in another row, before a worker is forked: the row is its own then.

        Rows go round. When the first comes again, its worker has long ended.
        """
        self._row = (self._row + 1) % limits.MAX_COUNTED_PROCESSES
        self._lock = threading.Lock()

    def count(self, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        of_status, first_bound, of_seconds = self._find_fields(self._row, route, status)
        counts, of_bound = self._counts, first_bound + bisect_left(BOUNDS_S, seconds)
        with self._lock:
            counts[of_status] += 1
            counts[of_bound] += 1
            counts[of_seconds] += seconds

    def _place_fields(self, row: int, route: str, status: int) -> tuple[int, int, int]:
        """Return where a row counts a status of a route, its first bound, and its seconds."""
        place = self._place.get(route, len(self.routes) - 1)
        start = row * self._width + place * self._fields
        of_status = start + self._status.get(status, len(STATUSES) - 1)
        return of_status, start + len(STATUSES), start + self._fields - 1

    def read(self) -> Iterator[tuple[str, list[float], list[float], float]]:
        """Yield routes that were asked for: counts by status and by bound, and seconds in all."""
        sums = (
            np.asarray(self._counts)
            .reshape(limits.MAX_COUNTED_PROCESSES, len(self.routes), self._fields)
            .sum(axis=0)
        )
        split = len(STATUSES)
        for route, row in zip(self.routes, sums.tolist(), strict=True):
            if any(row):
                yield route, row[:split], row[split:-1], row[-1]
