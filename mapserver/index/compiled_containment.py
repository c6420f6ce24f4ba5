"""The in-district search compiled by numba, over many points; imported when needed."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from mapserver.geo.geodesy import Floats
from mapserver.geo.threads import CHUNK, over_threads
from mapserver.index import kernels
from mapserver.index.compiled_nearest import TOGETHER

Positions = npt.NDArray[np.int64]

_containing = numba.njit(nogil=True, cache=True, inline="always")(kernels.containing)

NOT_TOLD = kernels.NO_AREA - 1
"""A code instead of an area; a point in several has this less their number."""


@numba.njit(nogil=True, cache=True)
def _fetch(point, many, y, code, areas, at, to, seen):
    """Read once what the search of some points will read, step by step for all of them.

    A search reads a chain of places in memory, each of which tells the next, and waits for each. In
    these loops the processor waits for many points at once, and the search finds all of it at hand.
    """
    _, _, _, entry_start, entry, strip_start, level, strip_edge, vertex, xy = areas
    for n in range(many):
        at[n] = entry_start[-code[point[n]] - 2]
    for n in range(many):
        at[n] = entry[at[n]] >> 1
    for n in range(many):
        area = at[n]
        strip = strip_start[area]
        strips = strip_start[area + 1] - strip
        up = (y[point[n]] - level[2 * area]) * level[2 * area + 1]
        at[n] = strip + (int(min(up, strips - 1.0)) if up > 0.0 else 0)
    for n in range(many):
        at[n], to[n] = strip_edge[at[n]], max(strip_edge[at[n] + 1] - 1, 0)
    for n in range(many):
        at[n], to[n] = vertex[at[n]], vertex[to[n]]
    for n in range(many):
        seen[n] = xy[2 * at[n]] + xy[2 * to[n]]  # kept, or the compiler would not read it


@numba.njit(nogil=True, cache=True)
def _told_of(first, last, x, y, areas, code):
    """Write the codes of a chunk of points; tell whether there are others than areas and none."""
    grid, margin, cell, entry_start, entry, strip_start, level, strip_edge, vertex, xy = areas
    gx, gy, size, columns, rows = grid
    per, width = 1.0 / size, np.int32(columns)
    point, at, to = np.empty((3, TOGETHER), np.int64)
    seen, found = np.empty(TOGETHER), np.empty(1, np.int64)
    others = False
    for start in range(first, last, TOGETHER):
        end = min(start + TOGETHER, last)
        # Most cells answer by themselves. The loop that asks them is plain enough for the compiler
        # to take several points at a time (with max and min it is not); cells at the side of the
        # grid answer for all beyond, and for what is no number.
        for i in range(start, end):
            across, up = (x[i] - gx) * per, (y[i] - gy) * per
            across = across if across > 0.0 else 0.0
            across = across if across < columns - 1.0 else columns - 1.0
            up = up if up > 0.0 else 0.0
            up = up if up < rows - 1.0 else rows - 1.0
            code[i] = cell[np.uint32(np.int32(up) * width + np.int32(across))] - np.int32(1)
        many = 0
        for i in range(start, end):
            point[many] = i
            many += code[i] < kernels.NO_AREA
        _fetch(point, many, y, code, areas, at, to, seen)
        for n in range(many):
            i = point[n]
            count = _containing(
                x[i], y[i], grid, margin, cell, entry_start, entry, strip_start, level, strip_edge,
                vertex, xy, 1, found,
            )  # fmt: skip
            if count == 1:
                code[i] = found[0]
            elif count == 0:
                code[i] = kernels.NO_AREA
            else:
                code[i] = NOT_TOLD - max(count, 0)
                others = True
    return others


def told(areas: tuple[Any, ...], x: Floats, y: Floats) -> tuple[npt.NDArray[np.int32], Positions]:
    """Tell for many points which area contains them.

    Parameters
    ----------
    areas
        As :func:`mapserver.index.kernels.containing` takes them.
    x, y
        ``m`` points.

    Returns
    -------
    code : ndarray of int32
        Shape (m,): the position of the one area, or ``search.NO_AREA``.
    others : ndarray of int
        Points that have another code: in several, or so near to an edge that they are not told.
    """
    many = len(x)
    code = np.empty(many, np.int32)
    some: list[int] = []

    def chunk(first: int) -> None:
        if _told_of(first, min(first + CHUNK, many), x, y, areas, code):
            some.append(first)

    over_threads(chunk, range(0, many, CHUNK))
    others = [np.flatnonzero(code[at : at + CHUNK] < kernels.NO_AREA) + at for at in sorted(some)]
    return code, np.concatenate([*others, np.empty(0, np.int64)])


@numba.njit(nogil=True, cache=True)
def _listed_of(first, last, point, start, x, y, areas, feature):
    grid, margin, cell, entry_start, entry, strip_start, level, strip_edge, vertex, xy = areas
    for n in range(first, last):
        i = point[n]
        _containing(
            x[i], y[i], grid, margin, cell, entry_start, entry, strip_start, level, strip_edge,
            vertex, xy, start[n + 1] - start[n], feature[start[n] : start[n + 1]],
        )  # fmt: skip


def listed(
    areas: tuple[Any, ...], x: Floats, y: Floats, point: Positions, count: Positions
) -> Positions:
    """List the areas of points that are in several, point by point.

    Parameters
    ----------
    areas, x, y
        As :func:`told` takes them.
    point, count
        Which points, and how many areas each is in.
    """
    start = np.zeros(len(point) + 1, np.int64)
    np.cumsum(count, out=start[1:])
    feature = np.empty(start[-1], np.int64)

    def chunk(first: int) -> None:
        last = min(first + CHUNK, len(point))
        _listed_of(first, last, point, start, x, y, areas, feature)

    over_threads(chunk, range(0, len(point), CHUNK))
    return feature
