"""Work on many points in chunks, on all processors; what it calls must release Python's lock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[Any]

THREADS = min(os.cpu_count() or 1, 8)
CHUNK = 16_384
"""Points that a thread takes at a time: few enough that all threads end together."""


def over_threads(work: Callable[[int], None], starts: range) -> None:
    """Do the chunks of a piece of work; the first error is raised."""
    todo = iter(starts)

    def worker() -> None:
        # Each takes the next that is left: handing out chunk by chunk would cost more than some do.
        for start in todo:
            work(start)

    others = min(THREADS, len(starts)) - 1
    if others < 1:
        worker()
        return
    with ThreadPoolExecutor(others) as pool:
        workers = [pool.submit(worker) for _ in range(others)]
        worker()
        for done in workers:
            done.result()


def mapped(function: Callable[..., tuple[Column, ...]], *columns: Column) -> tuple[Column, ...]:
    """Apply a function of columns to columns, chunk by chunk.

    Parameters
    ----------
    function
        Takes columns of equal length and gives columns of that length, row by row.
    columns
        Of equal length.
    """
    many = len(columns[0])
    first = function(*(column[:CHUNK] for column in columns))
    if many <= CHUNK:
        return first
    results = tuple(np.empty(many, part.dtype) for part in first)
    for result, part in zip(results, first, strict=True):
        result[:CHUNK] = part

    def chunk(start: int) -> None:
        some = slice(start, start + CHUNK)
        parts = function(*(column[some] for column in columns))
        for result, part in zip(results, parts, strict=True):
            result[some] = part

    over_threads(chunk, range(CHUNK, many, CHUNK))
    return results


def side_by_side(function: Callable[[Any], Any], items: Iterable[Any], many: int) -> list[Any]:
    """Apply a function to items, each on a thread where it has ``many`` rows to work on."""
    if many <= CHUNK:
        return [function(item) for item in items]
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(function, items))
