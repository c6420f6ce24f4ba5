"""The look-up of what is nearest in a fine grid, compiled by numba; imported when needed."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from mapserver.geo.geodesy import Floats
from mapserver.geo.threads import CHUNK, run_in_threads
from mapserver.index.compiled_nearest import snap_to_segment

OUTSIDE, DOUBTFUL = -1, -2
"""Stand for a feature: the point is outside of the grid; or two features are too close to decide.
"""
TOGETHER = 1024
"""Points that are looked up together: what they need fits the processor's cache."""


@numba.njit(nogil=True, cache=True)
def _look_up_chunk(begin, end, x, y, cells, close, touching, answers):
    """Look up the nearest feature of the points from ``begin`` to ``end``."""
    (grid, start, segment, owner, xs, ys), (squared, feature, snapped_x, snapped_y) = cells, answers
    grid_x, grid_y, size, columns, rows = grid
    per_unit = 1.0 / size
    list_begin, list_end, seen = np.empty((3, TOGETHER), np.int64)
    for offset in range(begin, end, TOGETHER):
        points = min(TOGETHER, end - offset)
        # Each loop does one step for all points, so that the processor waits for many places in
        # memory at once: first the cell of each point, then where the cell's list begins and ends,
        # then the list itself.
        for n in range(points):
            i = offset + n
            x_cells, y_cells = (x[i] - grid_x) * per_unit, (y[i] - grid_y) * per_unit
            is_inside = (0.0 <= x_cells < columns) and (0.0 <= y_cells < rows)
            list_begin[n] = int(y_cells) * columns + int(x_cells) if is_inside else -1
        for n in range(points):
            cell = list_begin[n]
            list_begin[n], list_end[n] = (start[cell], start[cell + 1]) if cell >= 0 else (0, -1)
        for n in range(points):
            # The sum is written, or the compiler would leave out the reading.
            seen[n] = segment[list_begin[n]] + segment[max(list_end[n] - 1, 0)]
        for n in range(points):
            i = offset + n
            px, py = x[i], y[i]
            best, best_x, best_y, best_feature = np.inf, 0.0, 0.0, OUTSIDE
            is_doubtful = False
            for position in range(list_begin[n], list_end[n]):
                vertex = segment[position]
                following = vertex + 1
                if vertex < 0:
                    # A point: a segment from its vertex to itself.
                    vertex = ~vertex
                    following = vertex
                qx, qy = snap_to_segment(
                    px, py, xs[vertex], ys[vertex], xs[following], ys[following]
                )
                d2 = (qx - px) * (qx - px) + (qy - py) * (qy - py)
                is_close = best_feature >= 0 and abs(d2 - best) <= close * (1.0 + best)
                if is_close and owner[vertex] != best_feature:
                    # Where trails meet, both have the same nearest place.
                    is_doubtful |= qx != best_x or qy != best_y
                elif d2 < best and not is_close:
                    is_doubtful = False
                if d2 < best or (d2 == best and owner[vertex] < best_feature):
                    best, best_x, best_y, best_feature = d2, qx, qy, owner[vertex]
            squared[i], snapped_x[i], snapped_y[i] = best, best_x, best_y
            feature[i] = DOUBTFUL if is_doubtful or best < touching else best_feature


def look_up_nearest(
    cells: tuple[Any, ...], x: Floats, y: Floats, close: float = -1.0, touching: float = 0.0
) -> tuple[Floats, npt.NDArray[np.int32], Floats, Floats]:
    """Find the nearest feature of many points, each with one look-up in a fine grid.

    Parameters
    ----------
    cells
        Fine grid, the two arrays of :func:`mapserver.index.compiled_nearest.list_candidates`, the
        feature of each vertex, and the vertices.
    x, y
        ``m`` points in metres.
    close, touching
        A point is doubtful if the squares d^2 and e^2 of its distances to two features differ by
        at most ``close`` (1 + d^2), or if d^2 is less than ``touching``. As they stand, none is.

    Returns
    -------
    squared, feature, snapped_x, snapped_y : ndarray
        Shape (m,); feature is ``OUTSIDE`` for a point outside the fine grid, or ``DOUBTFUL``.
    """
    points = len(x)
    squared, snapped_x, snapped_y = np.empty(points), np.empty(points), np.empty(points)
    feature = np.empty(points, np.int32)
    answers = squared, feature, snapped_x, snapped_y

    def look_up_part(begin: int) -> None:
        end = min(begin + CHUNK, points)
        _look_up_chunk(begin, end, x, y, cells, close, touching, answers)

    run_in_threads(look_up_part, range(0, points, CHUNK))
    return answers
