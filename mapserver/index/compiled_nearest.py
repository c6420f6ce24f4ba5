"""The nearest search compiled by numba, over many points and several threads; imported when needed.

The machine code is kept in numba's cache on disk, so it is compiled once on a machine.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from mapserver.geo.geodesy import Floats
from mapserver.geo.threads import CHUNK, run_in_threads
from mapserver.index import kernels

Positions = npt.NDArray[np.int64]

_search_nearest = numba.njit(nogil=True, cache=True, inline="always")(kernels.search_nearest)


WIDEST = 3
"""Cells from a point to the sides of a square that is searched; beyond, rings are walked."""


@numba.njit(nogil=True, cache=True, inline="always")
def snap_to_segment(
    x: float, y: float, x1: float, y1: float, x2: float, y2: float
) -> tuple[float, float]:
    """Find the point of a segment that is nearest to (x, y).

    The nearest point of a segment AB to P is A + t * (B - A), where
    t = (P - A) . (B - A) / |B - A|^2, cut off at 0 and at 1 (Ericson 2005, Real-Time Collision
    Detection, section 5.1.2).
    """
    ux, uy = x2 - x1, y2 - y1
    t = ((x - x1) * ux + (y - y1) * uy) / (ux * ux + uy * uy + kernels.TINY)
    t = min(max(t, 0.0), 1.0)
    return x1 + t * ux, y1 + t * uy


@numba.njit(nogil=True, cache=True, inline="always")
def _measure_to_box(x, y, run_box, box):
    """Compute the square of the distance from (x, y) to the box of a run; 0 within the box.

    The formula is MINDIST of Roussopoulos et al. 1995: dx = max(west - x, 0, x - east), and dy
    likewise.
    """
    dx = max(run_box[box] - x, 0.0, x - run_box[box + 2])
    dy = max(run_box[box + 1] - y, 0.0, y - run_box[box + 3])
    return dx * dx + dy * dy


@numba.njit(nogil=True, cache=True, inline="always")
def _snap_to_run(x, y, run, lines):
    """Find the nearest place on the segments of a run: the square of the distance, and x, y."""
    _, _, (run_first, run_last, _, _), (xs, ys) = lines
    start, end = run_first[run], run_last[run]
    best, best_x, best_y = np.inf, 0.0, 0.0
    x1, y1 = xs[start], ys[start]
    # A run of one vertex is a point: a segment from that vertex to itself.
    for vertex in range(start, max(end, start + 1)):
        following = vertex + 1 if vertex < end else end
        x2, y2 = xs[following], ys[following]
        px, py = snap_to_segment(x, y, x1, y1, x2, y2)
        d2 = (px - x) * (px - x) + (py - y) * (py - y)
        if d2 < best:
            best, best_x, best_y = d2, px, py
        x1, y1 = x2, y2
    return best, best_x, best_y


@numba.njit(nogil=True, cache=True)
def _search_square(x, y, worst, guess, lines):
    """Find the nearest run where one is known to lie within the square root of ``worst``.

    The search looks first at ``guess``, the run that was nearest to the previous point: its
    distance is hardly ever far from the answer, and leaves few cells and boxes to look at. Then it
    looks at all cells within that distance.
    """
    (grid_x, grid_y, size, columns, rows), (cell_start, cell_run, _), runs, _ = lines
    _, _, run_feature, run_box = runs
    nearest, snapped_x, snapped_y = -1, 0.0, 0.0
    if guess >= 0:
        d2, px, py = _snap_to_run(x, y, guess, lines)
        if d2 <= worst:
            worst, nearest, snapped_x, snapped_y = d2, guess, px, py
    # The cells of the square from (x - reach, y - reach) to (x + reach, y + reach).
    reach = np.sqrt(worst)
    west = max(int(np.floor((x - reach - grid_x) / size)), 0)
    east = min(int(np.floor((x + reach - grid_x) / size)), columns - 1)
    south = max(int(np.floor((y - reach - grid_y) / size)), 0)
    north = min(int(np.floor((y + reach - grid_y) / size)), rows - 1)
    if west > east:
        return nearest, worst, snapped_x, snapped_y
    for row in range(south, north + 1):
        cell = row * columns
        # The cells of a row are neighbours in memory, and so are their runs.
        for position in range(cell_start[cell + west], cell_start[cell + east + 1]):
            run = cell_run[position]
            if _measure_to_box(x, y, run_box, 4 * run) > worst or run == nearest:
                continue
            d2, px, py = _snap_to_run(x, y, run, lines)
            # Of equal distances the feature with the lower number wins.
            if d2 < worst or (
                d2 == worst and (nearest < 0 or run_feature[run] < run_feature[nearest])
            ):
                worst, nearest, snapped_x, snapped_y = d2, run, px, py
    return nearest, worst, snapped_x, snapped_y


@numba.njit(nogil=True, cache=True)
def _search_chunk(order, x, y, k, limit, lines, counts, squared, feature, snapped_x, snapped_y):
    """Search for the points of a chunk, each bounded by the answer of the previous one."""
    grid, cells, runs, vertices = lines
    reach, previous_x, previous_y, run = np.inf, 0.0, 0.0, -1
    farthest = k - 1
    for position in range(len(order)):
        i = order[position]
        bound = limit
        if reach < np.inf:
            # Triangle inequality: the k features within the reach of the previous point are
            # within reach + |the way from there to this point| of this one. The factor and the
            # summand make up for rounding.
            moved = np.sqrt((x[i] - previous_x) ** 2 + (y[i] - previous_y) ** 2)
            bound = min(limit, (reach + moved) ** 2 * (1 + 1e-9) + 1e-9)
        if k == 1 and bound < (WIDEST * grid[2]) ** 2:
            run, squared[i], snapped_x[i], snapped_y[i] = _search_square(
                x[i], y[i], bound, run, lines
            )
            count = 1 if run >= 0 else 0
            feature[i] = runs[2][run] if run >= 0 else -1
        else:
            count = _search_nearest(
                x[i], y[i], k, bound, grid, cells[0], cells[1], cells[2], runs[0], runs[1],
                runs[2], runs[3], vertices[0], vertices[1], i * k, squared, feature, snapped_x,
                snapped_y,
            )  # fmt: skip
            run = -1
        counts[i] = count
        if count == k:
            reach = np.sqrt(squared[i * k + farthest])
            previous_x, previous_y = x[i], y[i]


@numba.njit(nogil=True, cache=True)
def _sort_by_cell(x, y, grid):
    """Sort points by cell with a counting sort (Knuth, TAOCP 3, algorithm 5.2D)."""
    grid_x, grid_y, size, columns, rows = grid
    # 32 bits, for half of the memory is twice as fast here; no array of points is longer.
    cell = np.empty(len(x), np.int32)
    start = np.zeros(columns * rows + 1, np.int32)
    # Count the points of each cell, one place farther on ...
    for i in range(len(x)):
        # Cut off at the sides; NaN goes to the first cell.
        column, row = (x[i] - grid_x) / size, (y[i] - grid_y) / size
        column = column if column > 0.0 else 0.0
        column = column if column < columns - 1.0 else columns - 1.0
        row = row if row > 0.0 else 0.0
        row = row if row < rows - 1.0 else rows - 1.0
        cell[i] = int(row) * columns + int(column)
        start[cell[i] + 1] += 1
    # ... so that the running sum is where each cell begins ...
    for c in range(columns * rows):
        start[c + 1] += start[c]
    # ... and moves on by one with each point that is put there.
    order = np.empty(len(x), np.int32)
    for i in range(len(x)):
        order[start[cell[i]]] = i
        start[cell[i]] += 1
    return order


def sort_by_cell(
    x: Floats, y: Floats, grid: tuple[float, float, float, int, int]
) -> npt.NDArray[np.int32]:
    """Return the positions of points in the order of the cells in which they lie."""
    order: npt.NDArray[np.int32] = _sort_by_cell(x, y, grid)
    return order


def find_nearest_features(
    lines: tuple[Any, ...], x: Floats, y: Floats, order: npt.NDArray[np.int32], k: int, limit: float
) -> tuple[npt.NDArray[np.int32], Floats, npt.NDArray[np.int32], Floats, Floats]:
    """Find the ``k`` nearest features of many points in the plane.

    Parameters
    ----------
    lines
        Grid, cells, runs and vertices: ``arrays`` of :class:`mapserver.index.flat_lines.Lines`.
    x, y
        ``m`` points in metres.
    order
        The points in the order in which they are searched; it is faster when neighbours follow one
        another.
    k, limit
        How many features, and the square of the distance beyond which none is searched.

    Returns
    -------
    counts : ndarray
        Shape (m,): how many features were found for each point.
    squared, feature, snapped_x, snapped_y : ndarray
        Shape (m, k): squares of distances, positions of features, and the nearest places on them.
    """
    points = len(x)
    counts = np.zeros(points, np.int32)
    squared, snapped_x, snapped_y = (np.empty(points * k) for _ in range(3))
    feature = np.empty(points * k, np.int32)

    def search_part(start: int) -> None:
        part = order[start : start + CHUNK]
        _search_chunk(part, x, y, k, limit, lines, counts, squared, feature, snapped_x, snapped_y)

    run_in_threads(search_part, range(0, points, CHUNK))
    shape = (points, k)
    snapped = snapped_x.reshape(shape), snapped_y.reshape(shape)
    return counts, squared.reshape(shape), feature.reshape(shape), *snapped


@numba.njit(nogil=True, cache=True)
def _list_candidates(
    begin, end, reach, nearest_x, nearest_y, grid, runs, vertices, counts, start, segment
):
    """Count, or where ``segment`` has room write, the candidates of cells ``begin`` to ``end``.

    A candidate of a cell is a segment that can be nearest to some point of the cell. Notation:
    the cell has its middle at c and the half diagonal r; N is the nearest place of all to c, at
    the distance d0 in the direction u; S is the nearest place to c on the segment in question, at
    the distance d in the direction v.

    Over the cell, the difference of the distances to two convex things changes by at most r times
    the greatest difference of the directions in which they are seen. From c that difference is
    |u - v|; elsewhere in the cell each direction differs from its own at c by at most 2 r / d,
    because what remains of a projection on a convex set does not expand (Moreau 1965). Two
    directions differ by at most 2. So the segment is a candidate only if

        d - d0 <= r * min(2, |u - v| + 2 r / d + 2 r / d0).
    """
    grid_x, grid_y, size, columns, _ = grid
    run_first, run_last, _, run_box = runs
    xs, ys = vertices
    for cell in range(begin, end):
        # c, d0 and r; r is sqrt(1/2) of the side, rounded up.
        x, y = grid_x + (cell % columns + 0.5) * size, grid_y + (cell // columns + 0.5) * size
        nearest_m, radius = reach[cell], size * 0.70710679
        # u = (N - c) / d0. At distance 0 there is no direction; the least divisor lets the bound
        # below be 2 then.
        nearest_divisor = max(nearest_m, 1e-9)
        ux, uy = (nearest_x[cell] - x) / nearest_divisor, (nearest_y[cell] - y) / nearest_divisor
        # min(2, ...) is at most 2, so nothing farther than d0 + 2 r is a candidate.
        limit = (nearest_m + 2 * radius) ** 2
        count = 0
        for run in range(len(run_first)):
            if _measure_to_box(x, y, run_box, 4 * run) > limit:
                continue
            for vertex in range(run_first[run], max(run_last[run], run_first[run] + 1)):
                following = vertex + 1 if vertex < run_last[run] else vertex
                px, py = snap_to_segment(x, y, xs[vertex], ys[vertex], xs[following], ys[following])
                # d and v = (S - c) / d.
                dx, dy = px - x, py - y
                distance = np.sqrt(dx * dx + dy * dy)
                divisor = max(distance, 1e-9)
                turn = np.sqrt((dx / divisor - ux) ** 2 + (dy / divisor - uy) ** 2)
                turn = min(2.0, turn + 2 * radius / divisor + 2 * radius / nearest_divisor)
                # The factor and the summand make up for rounding.
                if distance - nearest_m <= radius * turn * (1 + 1e-9) + 1e-9:
                    if len(segment):
                        # The complement marks a point, which has no second vertex.
                        segment[start[cell] + count] = vertex if following > vertex else ~vertex
                    count += 1
        counts[cell] = count


def list_candidates(
    lines: tuple[Any, ...], grid: tuple[float, float, float, int, int]
) -> tuple[Positions, npt.NDArray[np.int32]]:
    """List for each cell of a fine grid the segments that can be nearest to any point in it.

    Returns
    -------
    start : ndarray
        Offsets, one for each cell and one more.
    segment : ndarray
        First vertices of segments; ``~vertex`` for a point.
    """
    grid_x, grid_y, size, columns, rows = grid
    cell = np.arange(columns * rows, dtype=np.int32)
    x: Any = grid_x + (cell % columns + 0.5) * size
    y: Any = grid_y + (cell // columns + 0.5) * size
    _, squared, _, nearest_x, nearest_y = find_nearest_features(
        lines, x, y, cell.astype(np.int32), 1, np.inf
    )
    nearest_x, nearest_y = nearest_x[:, 0], nearest_y[:, 0]
    reach, counts = np.sqrt(squared[:, 0]), np.zeros(len(cell), np.int64)
    start, segment = np.zeros(len(cell) + 1, np.int64), np.empty(0, np.int32)

    def list_part(begin: int) -> None:
        end = min(begin + CHUNK, len(cell))
        _list_candidates(
            begin, end, reach, nearest_x, nearest_y, grid, lines[2], lines[3], counts, start,
            segment,
        )  # fmt: skip

    # Once to count, which says how much room there must be, and once more to write.
    run_in_threads(list_part, range(0, len(cell), CHUNK))
    np.cumsum(counts, out=start[1:])
    segment = np.empty(start[-1], np.int32)
    run_in_threads(list_part, range(0, len(cell), CHUNK))
    return start, segment
