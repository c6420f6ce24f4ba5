"""Projection by patches, compiled by numba, over many points; imported when needed."""

from __future__ import annotations

import numba
import numpy as np

from mapserver.geo.geodesy import Floats
from mapserver.geo.threads import CHUNK, run_in_threads
from mapserver.index.patches import Patches

ONE, TWO, THREE, ROW, FACTORS = (np.uint64(n) for n in (1, 2, 3, 4, 16))
"""Places of factors without a sign: for a place with one, numba would ask each time whether it is
less than 0 and counts from the end."""


@numba.njit(nogil=True, cache=True, inline="always", error_model="numpy")
def _evaluate_row(factors, begin, v):
    """Evaluate a polynomial of the third degree by Horner's rule."""
    outer = factors[begin + THREE] * v + factors[begin + TWO]
    return (outer * v + factors[begin + ONE]) * v + factors[begin]


@numba.njit(nogil=True, cache=True, inline="always", error_model="numpy")
def _evaluate_square(factors, begin, u, v):
    """Evaluate a polynomial in v and u by Horner's rule; its 16 factors start at ``begin``."""
    total = _evaluate_row(factors, begin + ROW + ROW + ROW, v)
    total = total * u + _evaluate_row(factors, begin + ROW + ROW, v)
    total = total * u + _evaluate_row(factors, begin + ROW, v)
    return total * u + _evaluate_row(factors, begin, v)


@numba.njit(nogil=True, cache=True, inline="always", error_model="numpy")
def transform_point(
    x: float, y: float, grid: tuple[float, float, float, int, int], factors: Floats
) -> tuple[float, float]:
    """Transform one point; NaN outside of the patches."""
    west, south, side, columns, rows = grid
    u, v = (x - west) / side, (y - south) / side
    # Written so that NaN is outside, too.
    if not (0.0 <= u < columns and 0.0 <= v < rows):
        return np.nan, np.nan
    column, row = np.int64(u), np.int64(v)
    begin = np.uint64(32 * (row * columns + column))
    u -= column
    v -= row
    first = _evaluate_square(factors, begin, u, v)
    return first, _evaluate_square(factors, begin + FACTORS, u, v)


@numba.njit(nogil=True, cache=True, error_model="numpy")
def _transform_chunk(begin, end, x, y, patches, first, second):
    grid, factors = patches
    for i in range(begin, end):
        first[i], second[i] = transform_point(x[i], y[i], grid, factors)


def transform_points(patches: Patches, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Transform many points; those outside of the patches become NaN.

    Parameters
    ----------
    patches
        Of the transform.
    x, y
        Contiguous columns that may be written: numba compiles all anew for others.
    """
    first, second = np.empty(len(x)), np.empty(len(x))

    def transform_part(begin: int) -> None:
        end = min(begin + CHUNK, len(x))
        _transform_chunk(begin, end, x, y, patches.arrays, first, second)

    run_in_threads(transform_part, range(0, len(x), CHUNK))
    return first, second
