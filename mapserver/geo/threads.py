"""Work on many points in chunks, on all processors; what it calls must release Python's lock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
import numpy.typing as npt

from mapserver.settings import limits

Column = npt.NDArray[Any]

CHUNK = 16_384
"""Points that a thread works on at a time: few enough that all threads end together."""

_chosen: ContextVar[int | None] = ContextVar("threads", default=None)
"""How many threads the caller wants; None for as many as suit the machine."""


def count_threads() -> int:
    """Count the threads that work is shared out over: those asked for, or one a processor.

    Processors are those that this process may use, which a container or ``taskset`` may make fewer
    than the machine has; they are counted anew each time, in a microsecond.
    """
    chosen = _chosen.get()
    if chosen is not None:
        return chosen
    is_known = hasattr(os, "sched_getaffinity")  # neither Windows nor macOS has it
    processors = len(os.sched_getaffinity(0)) if is_known else os.cpu_count() or 1
    return min(processors, limits.MAX_THREADS)


@contextmanager
def use_threads(threads: int | None) -> Iterator[None]:
    """Share work out over so many threads, as long as the block lasts, in this thread alone.

    Parameters
    ----------
    threads
        1 or more, as many as are wanted; None leaves it as it is.

    Examples
    --------
    >>> with use_threads(1):
    ...     count_threads()
    1
    """
    token = _chosen.set(_chosen.get() if threads is None else max(int(threads), 1))
    try:
        yield
    finally:
        _chosen.reset(token)


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
    helpers = min(count_threads(), len(starts)) - 1
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
    threads = count_threads()
    if rows <= CHUNK or threads == 1:
        return [function(item) for item in items]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(function, items))
