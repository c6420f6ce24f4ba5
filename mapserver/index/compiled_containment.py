"""The search for containing areas compiled by numba, over many points; imported when needed."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from mapserver.geo.geodesy import Floats
from mapserver.geo.threads import CHUNK, run_in_threads
from mapserver.index import kernels
from mapserver.index.compiled_lookup import TOGETHER

Positions = npt.NDArray[np.int64]

_search_containing = numba.njit(nogil=True, cache=True, inline="always")(kernels.search_containing)

UNDECIDED = kernels.NO_AREA - 1
"""Code of a point that is too near to an edge. A point in ``n`` areas has ``UNDECIDED - n``."""


@numba.njit(nogil=True, cache=True)
def _prefetch(point, points, y, code, areas, low, high, seen):
    """Read once what the search of some points will read, step by step for all of them.

    A search reads a chain of places in memory: each place says where the next one is, and the
    processor waits for each. In these loops it waits for many points at once, and afterwards the
    search finds everything in the cache. ``low`` and ``high`` have room for one number a point;
    they hold the place of each step, and at last the first and last vertex of the point's strip.
    """
    _, _, _, entry_start, entry, strip_start, level, strip_edge, vertex, xy = areas
    # The chain is that of search_containing. The slot is -cell - 1, and code is cell - 1.
    for n in range(points):
        low[n] = entry_start[-code[point[n]] - 2]
    for n in range(points):
        low[n] = entry[low[n]] >> 1
    for n in range(points):
        area = low[n]
        strip = strip_start[area]
        strips = strip_start[area + 1] - strip
        offset = (y[point[n]] - level[2 * area]) * level[2 * area + 1]
        low[n] = strip + (int(min(offset, strips - 1.0)) if offset > 0.0 else 0)
    for n in range(points):
        low[n], high[n] = strip_edge[low[n]], max(strip_edge[low[n] + 1] - 1, 0)
    for n in range(points):
        low[n], high[n] = vertex[low[n]], vertex[high[n]]
    for n in range(points):
        # The sum is written, or the compiler would leave out the reading.
        seen[n] = xy[2 * low[n]] + xy[2 * high[n]]


@numba.njit(nogil=True, cache=True)
def _encode_chunk(begin, end, x, y, areas, code):
    """Write the codes of a chunk of points; return whether any point is undecided or in several."""
    grid, margin, cell, entry_start, entry, strip_start, level, strip_edge, vertex, xy = areas
    grid_x, grid_y, size, columns, rows = grid
    per_unit, width = 1.0 / size, np.int32(columns)
    point, low, high = np.empty((3, TOGETHER), np.int64)
    seen, result = np.empty(TOGETHER), np.empty(1, np.int64)
    has_special = False
    for start in range(begin, end, TOGETHER):
        stop = min(start + TOGETHER, end)
        # Most cells answer by themselves. The loop that asks them is plain enough for the compiler
        # to take several points at a time (with max and min it is not). A point outside the grid
        # is cut off at the grid's side, where the cells are empty; so is NaN, at 0.
        for i in range(start, stop):
            column, row = (x[i] - grid_x) * per_unit, (y[i] - grid_y) * per_unit
            column = column if column > 0.0 else 0.0
            column = column if column < columns - 1.0 else columns - 1.0
            row = row if row > 0.0 else 0.0
            row = row if row < rows - 1.0 else rows - 1.0
            code[i] = cell[np.uint32(np.int32(row) * width + np.int32(column))] - np.int32(1)
        # The points whose cell has a list of areas. Each is written and the number moves on only
        # if it is one: a branch here would often be guessed wrong.
        points = 0
        for i in range(start, stop):
            point[points] = i
            points += code[i] < kernels.NO_AREA
        _prefetch(point, points, y, code, areas, low, high, seen)
        for n in range(points):
            i = point[n]
            count = _search_containing(
                x[i], y[i], grid, margin, cell, entry_start, entry, strip_start, level, strip_edge,
                vertex, xy, 1, result,
            )  # fmt: skip
            if count == 1:
                code[i] = result[0]
            elif count == 0:
                code[i] = kernels.NO_AREA
            else:
                # UNSURE is less than 0 and becomes 0 areas.
                code[i] = UNDECIDED - max(count, 0)
                has_special = True
    return has_special


def encode_points(
    areas: tuple[Any, ...], x: Floats, y: Floats
) -> tuple[npt.NDArray[np.int32], Positions]:
    """Find for many points the one area that contains each.

    Parameters
    ----------
    areas
        The arrays of :class:`mapserver.index.flat_areas.Areas`.
    x, y
        ``m`` points.

    Returns
    -------
    code : ndarray of int32
        Shape (m,): the position of the one area, or ``kernels.NO_AREA``, or a special code:
        ``UNDECIDED``, or ``UNDECIDED - n`` of a point in ``n`` areas.
    special : ndarray of int
        The points with a special code, in ascending order.
    """
    points = len(x)
    code = np.empty(points, np.int32)
    chunks: list[int] = []

    def encode_part(begin: int) -> None:
        if _encode_chunk(begin, min(begin + CHUNK, points), x, y, areas, code):
            chunks.append(begin)

    run_in_threads(encode_part, range(0, points, CHUNK))
    # Threads end in any order.
    special = [
        np.flatnonzero(code[begin : begin + CHUNK] < kernels.NO_AREA) + begin
        for begin in sorted(chunks)
    ]
    return code, np.concatenate([*special, np.empty(0, np.int64)])


@numba.njit(nogil=True, cache=True)
def _list_chunk(begin, end, point, start, x, y, areas, feature):
    grid, margin, cell, entry_start, entry, strip_start, level, strip_edge, vertex, xy = areas
    for n in range(begin, end):
        i = point[n]
        _search_containing(
            x[i], y[i], grid, margin, cell, entry_start, entry, strip_start, level, strip_edge,
            vertex, xy, start[n + 1] - start[n], feature[start[n] : start[n + 1]],
        )  # fmt: skip


def list_areas(
    areas: tuple[Any, ...], x: Floats, y: Floats, point: Positions, counts: Positions
) -> Positions:
    """List the areas of points that are in several, point by point.

    Parameters
    ----------
    areas, x, y
        As for :func:`encode_points`.
    point, counts
        Which points, and how many areas contain each.
    """
    start = np.zeros(len(point) + 1, np.int64)
    np.cumsum(counts, out=start[1:])
    feature = np.empty(start[-1], np.int64)

    def list_part(begin: int) -> None:
        end = min(begin + CHUNK, len(point))
        _list_chunk(begin, end, point, start, x, y, areas, feature)

    run_in_threads(list_part, range(0, len(point), CHUNK))
    return feature
