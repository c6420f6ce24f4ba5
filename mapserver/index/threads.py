"""Work on many points in chunks, on all processors; what it calls must release Python's lock."""

from __future__ import annotations

import os
from collections.abc import Callable
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
    if len(starts) < 2 or THREADS < 2:
        for start in starts:
            work(start)
        return
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, starts))


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
    if many <= CHUNK:
        return function(*columns)
    parts: dict[int, tuple[Column, ...]] = {}

    def chunk(start: int) -> None:
        parts[start] = function(*(column[start : start + CHUNK] for column in columns))

    over_threads(chunk, range(0, many, CHUNK))
    return tuple(
        np.concatenate(column) for column in zip(*(parts[s] for s in sorted(parts)), strict=True)
    )
