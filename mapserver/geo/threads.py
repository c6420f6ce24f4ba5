"""Work on many points in chunks, on all processors; what it calls must release Python's lock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

from mapserver.settings import limits

Column = npt.NDArray[Any]

THREADS = min(os.cpu_count() or 1, limits.MAX_THREADS)
CHUNK = 16_384
"""Points that a thread works on at a time: few enough that all threads end together."""


def run_in_threads(work: Callable[[int], None], starts: range) -> None:
    """Call a function for the start of each chunk, on several threads.

    Parameters
    ----------
    work
        Works on the chunk that begins at a number.
    starts
        Where the chunks begin. The first error that a chunk raises is raised here.
    """
    remaining = iter(starts)

    def run_chunks() -> None:
        # All threads share one iterator, and each asks it for the next chunk when it is free. To
        # hand out chunk by chunk through the pool would cost more than some chunks do.
        for start in remaining:
            work(start)

    # This thread works, too.
    helpers = min(THREADS, len(starts)) - 1
    if helpers < 1:
        run_chunks()
        return
    with ThreadPoolExecutor(helpers) as pool:
        workers = [pool.submit(run_chunks) for _ in range(helpers)]
        run_chunks()
        for worker in workers:
            worker.result()


def map_chunks(function: Callable[..., tuple[Column, ...]], *columns: Column) -> tuple[Column, ...]:
    """Apply a function of columns to columns, chunk by chunk.

    Parameters
    ----------
    function
        It gets columns of equal length and returns columns of that length, row by row.
    columns
        Columns of equal length.
    """
    rows = len(columns[0])
    # The first chunk says how many columns come out, and of what type.
    parts = function(*(column[:CHUNK] for column in columns))
    if rows <= CHUNK:
        return parts
    results = tuple(np.empty(rows, part.dtype) for part in parts)
    for result, part in zip(results, parts, strict=True):
        result[:CHUNK] = part

    def map_chunk(start: int) -> None:
        chunk = slice(start, start + CHUNK)
        parts = function(*(column[chunk] for column in columns))
        for result, part in zip(results, parts, strict=True):
            result[chunk] = part

    run_in_threads(map_chunk, range(CHUNK, rows, CHUNK))
    return results


def map_in_threads(function: Callable[[Any], Any], items: Iterable[Any], rows: int) -> list[Any]:
    """Apply a function to items, each on a thread if it has many ``rows`` to work on."""
    if rows <= CHUNK:
        return [function(item) for item in items]
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(function, items))
