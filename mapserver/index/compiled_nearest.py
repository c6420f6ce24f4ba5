"""The nearest search compiled by numba, over many points and several threads; imported when needed.

The machine code is kept in numba's cache on disk, so it is compiled once on a machine.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from mapserver.geo import geodesy
from mapserver.geo.geodesy import Floats
from mapserver.geo.threads import CHUNK, over_threads
from mapserver.index import kernels

Positions = npt.NDArray[np.int64]

_nearest = numba.njit(nogil=True, cache=True, inline="always")(kernels.nearest)


WIDEST = 3
"""Cells from a point to the sides of a square that is looked through; else rings are walked."""


@numba.njit(nogil=True, cache=True, inline="always")
def _nearest_on_run(x, y, run, lines):
    """Find the nearest place on the segments of a run: square of the distance, and where."""
    _, _, (run_first, run_last, _, _), (xs, ys) = lines
    first, last = run_first[run], run_last[run]
    best, at_x, at_y = np.inf, 0.0, 0.0
    ax, ay = xs[first], ys[first]
    for vertex in range(first, max(last, first + 1)):
        beyond = vertex + 1 if vertex < last else last
        bx, by = xs[beyond], ys[beyond]
        ux, uy = bx - ax, by - ay
        share = ((x - ax) * ux + (y - ay) * uy) / (ux * ux + uy * uy + kernels.TINY)
        share = min(max(share, 0.0), 1.0)
        px, py = ax + share * ux, ay + share * uy
        d = (px - x) * (px - x) + (py - y) * (py - y)
        if d < best:
            best, at_x, at_y = d, px, py
        ax, ay = bx, by
    return best, at_x, at_y


@numba.njit(nogil=True, cache=True)
def _nearest_in_square(x, y, worst, guess, lines):
    """Find the nearest run where one is known to be within a distance, in the cells so near.

    The run that was nearest to the point before is looked at first: what it gives is hardly ever
    far from the answer, and leaves few cells and boxes to look at.
    """
    (gx, gy, size, columns, rows), (cell_start, cell_run, _), runs, _ = lines
    _, _, run_feature, run_box = runs
    nearest, at_x, at_y = -1, 0.0, 0.0
    if guess >= 0:
        d, px, py = _nearest_on_run(x, y, guess, lines)
        if d <= worst:
            worst, nearest, at_x, at_y = d, guess, px, py
    away = np.sqrt(worst)
    west = max(int(np.floor((x - away - gx) / size)), 0)
    east = min(int(np.floor((x + away - gx) / size)), columns - 1)
    south = max(int(np.floor((y - away - gy) / size)), 0)
    north = min(int(np.floor((y + away - gy) / size)), rows - 1)
    if west > east:
        return nearest, worst, at_x, at_y
    for row in range(south, north + 1):
        cell = row * columns
        for position in range(cell_start[cell + west], cell_start[cell + east + 1]):
            run = cell_run[position]
            box = 4 * run
            dx = max(run_box[box] - x, 0.0, x - run_box[box + 2])
            dy = max(run_box[box + 1] - y, 0.0, y - run_box[box + 3])
            if dx * dx + dy * dy > worst or run == nearest:
                continue
            d, px, py = _nearest_on_run(x, y, run, lines)
            if d < worst or (
                d == worst and (nearest < 0 or run_feature[run] < run_feature[nearest])
            ):
                worst, nearest, at_x, at_y = d, run, px, py
    return nearest, worst, at_x, at_y


@numba.njit(nogil=True, cache=True)
def _nearest_of(order, x, y, k, limit, lines, found, squared, feature, at_x, at_y):
    """Search for the points of a chunk, each bounded by the answer of the one before."""
    grid, cells, runs, vertices = lines
    reach, last_x, last_y, run = np.inf, 0.0, 0.0, -1
    last = k - 1
    for position in range(len(order)):
        i = order[position]
        within = limit
        if reach < np.inf:
            # What was nearest to the last point is at most this far from the next.
            moved = np.sqrt((x[i] - last_x) ** 2 + (y[i] - last_y) ** 2)
            within = min(limit, (reach + moved) ** 2 * (1 + 1e-9) + 1e-9)
        if k == 1 and within < (WIDEST * grid[2]) ** 2:
            run, squared[i], at_x[i], at_y[i] = _nearest_in_square(x[i], y[i], within, run, lines)
            count = 1 if run >= 0 else 0
            feature[i] = runs[2][run] if run >= 0 else -1
        else:
            count = _nearest(
                x[i], y[i], k, within, grid, cells[0], cells[1], cells[2], runs[0], runs[1],
                runs[2], runs[3], vertices[0], vertices[1], i * k, squared, feature, at_x, at_y,
            )  # fmt: skip
            run = -1
        found[i] = count
        if count == k:
            reach, last_x, last_y = np.sqrt(squared[i * k + last]), x[i], y[i]


@numba.njit(nogil=True, cache=True)
def _in_cells(x, y, grid):
    gx, gy, size, columns, rows = grid
    cell = np.empty(len(x), np.int32)
    start = np.zeros(columns * rows + 1, np.int64)
    for i in range(len(x)):
        column = min(max(np.floor((x[i] - gx) / size), 0.0), columns - 1.0)
        row = min(max(np.floor((y[i] - gy) / size), 0.0), rows - 1.0)
        cell[i] = int(row) * columns + int(column)
        start[cell[i] + 1] += 1
    for c in range(columns * rows):
        start[c + 1] += start[c]
    order = np.empty(len(x), np.int64)
    for i in range(len(x)):
        order[start[cell[i]]] = i
        start[cell[i]] += 1
    return order


def in_cells(x: Floats, y: Floats, grid: tuple[float, float, float, int, int]) -> Positions:
    """Order points by the cell they are in, with a counting sort."""
    order: Positions = _in_cells(x, y, grid)
    return order


def nearest(
    lines: tuple[Any, ...], x: Floats, y: Floats, order: Positions, k: int, limit: float
) -> tuple[npt.NDArray[np.int32], Floats, npt.NDArray[np.int32], Floats, Floats]:
    """Find the ``k`` nearest features of many points in the plane.

    Parameters
    ----------
    lines
        Grid, cells, runs and vertices, as :func:`mapserver.index.kernels.nearest` takes them.
    x, y
        ``m`` points in metres.
    order
        The points in the order in which they are taken: neighbours after one another are faster.
    k, limit
        How many, and the square of the distance beyond which nothing is looked for.

    Returns
    -------
    found : ndarray
        Shape (m,): how many were found for each point.
    squared, feature, at_x, at_y : ndarray
        Shape (m, k): squares of distances, positions of features, and the nearest places on them.
    """
    many = len(x)
    found = np.zeros(many, np.int32)
    squared, at_x, at_y = (np.empty(many * k) for _ in range(3))
    feature = np.empty(many * k, np.int32)

    def chunk(start: int) -> None:
        part = order[start : start + CHUNK]
        _nearest_of(part, x, y, k, limit, lines, found, squared, feature, at_x, at_y)

    over_threads(chunk, range(0, many, CHUNK))
    shape = (many, k)
    return found, *(a.reshape(shape) for a in (squared, feature, at_x, at_y))  # type: ignore[return-value]


@numba.njit(nogil=True, cache=True)
def _candidates_of(first, last, reach, to_x, to_y, grid, runs, vertices, count, start, found):
    """Count, or where there is room write, the segments that can be nearest to a cell's points.

    Over a cell of half diagonal r around c, the difference of the distances to two convex things
    changes by at most r times the difference of the directions in which they are seen. From c the
    directions are u and v; elsewhere in the cell each differs from that by at most 2 r / d, for
    what is left of a projection on a convex set does not expand (Moreau 1965).
    """
    gx, gy, size, columns, _ = grid
    run_first, run_last, _, run_box = runs
    xs, ys = vertices
    for cell in range(first, last):
        x, y = gx + (cell % columns + 0.5) * size, gy + (cell // columns + 0.5) * size
        near, half = reach[cell], size * 0.70710679
        to_us = max(near, 1e-9)
        ux0, uy0 = (to_x[cell] - x) / to_us, (to_y[cell] - y) / to_us
        limit = (near + 2 * half) ** 2
        n = 0
        for run in range(len(run_first)):
            box = 4 * run
            dx = max(run_box[box] - x, 0.0, x - run_box[box + 2])
            dy = max(run_box[box + 1] - y, 0.0, y - run_box[box + 3])
            if dx * dx + dy * dy > limit:
                continue
            for vertex in range(run_first[run], max(run_last[run], run_first[run] + 1)):
                beyond = vertex + 1 if vertex < run_last[run] else vertex
                ax, ay = xs[vertex], ys[vertex]
                ux, uy = xs[beyond] - ax, ys[beyond] - ay
                share = ((x - ax) * ux + (y - ay) * uy) / (ux * ux + uy * uy + kernels.TINY)
                share = min(max(share, 0.0), 1.0)
                dx, dy = ax + share * ux - x, ay + share * uy - y
                d = np.sqrt(dx * dx + dy * dy)
                to_it = max(d, 1e-9)
                turn = np.sqrt((dx / to_it - ux0) ** 2 + (dy / to_it - uy0) ** 2)
                turn = min(2.0, turn + 2 * half / to_it + 2 * half / to_us)
                if d - near <= half * turn * (1 + 1e-9) + 1e-9:
                    if len(found):
                        found[start[cell] + n] = vertex if beyond > vertex else ~vertex
                    n += 1
        count[cell] = n


def candidates(
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
    gx, gy, size, columns, rows = grid
    cell = np.arange(columns * rows)
    x: Any = gx + (cell % columns + 0.5) * size
    y: Any = gy + (cell // columns + 0.5) * size
    _, squared, _, to_x, to_y = nearest(lines, x, y, cell, 1, np.inf)
    to_x, to_y = to_x[:, 0], to_y[:, 0]
    reach, count = np.sqrt(squared[:, 0]), np.zeros(len(cell), np.int64)
    start, segment = np.zeros(len(cell) + 1, np.int64), np.empty(0, np.int32)

    def chunk(begin: int) -> None:
        end = min(begin + CHUNK, len(cell))
        _candidates_of(
            begin, end, reach, to_x, to_y, grid, lines[2], lines[3], count, start, segment
        )

    over_threads(chunk, range(0, len(cell), CHUNK))
    np.cumsum(count, out=start[1:])
    segment = np.empty(start[-1], np.int32)
    over_threads(chunk, range(0, len(cell), CHUNK))
    return start, segment


TOGETHER = 1024
"""Points that are looked up together: what they need fits the processor's cache."""


@numba.njit(nogil=True, cache=True)
def _look_up_of(first, last, x, y, grid, start, segment, of, xs, ys, squared, feature, at_x, at_y):
    gx, gy, size, columns, rows = grid
    per = 1.0 / size
    begin, end, seen = np.empty((3, TOGETHER), np.int64)
    for offset in range(first, last, TOGETHER):
        many = min(TOGETHER, last - offset)
        # Step by step for all, so that the processor waits for many places in memory at once.
        for n in range(many):
            across, up = (x[offset + n] - gx) * per, (y[offset + n] - gy) * per
            inside = (0.0 <= across < columns) and (0.0 <= up < rows)
            begin[n] = int(up) * columns + int(across) if inside else -1
        for n in range(many):
            cell = begin[n]
            begin[n], end[n] = (start[cell], start[cell + 1]) if cell >= 0 else (0, -1)
        for n in range(many):
            seen[n] = segment[begin[n]] + segment[max(end[n] - 1, 0)]  # kept, or it is not read
        for n in range(many):
            i = offset + n
            px, py = x[i], y[i]
            best, best_x, best_y, one = np.inf, 0.0, 0.0, -1
            for position in range(begin[n], end[n]):
                vertex = segment[position]
                beyond = vertex + 1
                if vertex < 0:
                    vertex = ~vertex
                    beyond = vertex
                ax, ay = xs[vertex], ys[vertex]
                ux, uy = xs[beyond] - ax, ys[beyond] - ay
                share = ((px - ax) * ux + (py - ay) * uy) / (ux * ux + uy * uy + kernels.TINY)
                share = min(max(share, 0.0), 1.0)
                qx, qy = ax + share * ux, ay + share * uy
                d = (qx - px) * (qx - px) + (qy - py) * (qy - py)
                if d < best or (d == best and of[vertex] < one):
                    best, best_x, best_y, one = d, qx, qy, of[vertex]
            squared[i], feature[i], at_x[i], at_y[i] = best, one, best_x, best_y


def look_up(
    cells: tuple[Any, ...], x: Floats, y: Floats
) -> tuple[Floats, npt.NDArray[np.int32], Floats, Floats]:
    """Find the nearest feature of many points in one look-up each.

    Parameters
    ----------
    cells
        Fine grid, the two arrays of :func:`candidates`, the feature of each vertex, and vertices.
    x, y
        ``m`` points in metres.

    Returns
    -------
    squared, feature, at_x, at_y : ndarray
        Shape (m,); feature is -1 for a point outside the fine grid.
    """
    many = len(x)
    squared, at_x, at_y = np.empty(many), np.empty(many), np.empty(many)
    feature = np.empty(many, np.int32)

    def chunk(first: int) -> None:
        last = min(first + CHUNK, many)
        _look_up_of(first, last, x, y, *cells, squared, feature, at_x, at_y)

    over_threads(chunk, range(0, many, CHUNK))
    return squared, feature, at_x, at_y


SHORT_DEG, POLAR_DEG = 0.2, 80.0
"""Up to so many degrees, and that far from a pole, the formulas below err by 2 micrometres."""
AXIS_M = geodesy.GEOD.a
FLATTER = geodesy.GEOD.es / (1 - geodesy.GEOD.es)
"""Square of the second eccentricity of WGS 84."""


@numba.njit(nogil=True, cache=True)
def _measured_of(first, last, here, point, found, there, bearing, metres):
    (lon, lat, x, y), (at_x, at_y), (to_lon, to_lat) = here, found, there
    for i in range(first, last):
        one = point[i]
        if at_x[i] == x[one] and at_y[i] == y[one]:
            # The way back from the plane costs a nanometre, which would give 0 m a bearing.
            to_lon[i], to_lat[i] = lon[one], lat[one]
            metres[i], bearing[i] = 0.0, np.nan
            continue
        middle = (lat[one] + to_lat[i]) / 2.0
        up, across = to_lat[i] - lat[one], to_lon[i] - lon[one]
        if abs(middle) > POLAR_DEG or abs(up) > SHORT_DEG or abs(across) > SHORT_DEG:
            metres[i] = -1.0
            continue
        up, across = np.radians(up), np.radians(across)
        sine, cosine = np.sin(np.radians(middle)), np.cos(np.radians(middle))
        c2, t2, u2, a2 = cosine * cosine, (sine / cosine) ** 2, up * up, across * across
        eta2 = FLATTER * c2
        v2 = 1.0 + eta2
        radius = AXIS_M * np.sqrt(1.0 + FLATTER) / np.sqrt(v2)
        east = (1.0 + eta2 - 9.0 * eta2 * t2) / (24.0 * v2 * v2) * u2 - sine * sine * a2 / 24.0
        east = radius * cosine * across * (1.0 + east)
        north = eta2 * (1.0 - t2) / (8.0 * v2 * v2) * u2
        north -= c2 * (2.0 + 3.0 * t2 + 2.0 * eta2) / 24.0 * a2
        north = radius / v2 * up * (1.0 + north)
        turn = (3.0 + 2.0 * eta2 - 2.0 * eta2 * eta2) / (24.0 * v2 * v2) * u2
        turn = across * sine * (1.0 + turn + c2 * (1.0 + eta2) / 12.0 * a2)
        metres[i] = np.hypot(east, north)
        bearing[i] = np.degrees(np.arctan2(east, north) - turn / 2.0) % 360.0


def measured(
    here: tuple[Floats, ...],
    point: Positions,
    found: tuple[Floats, Floats],
    there: tuple[Floats, Floats],
) -> tuple[Floats, Floats]:
    """Measure from many points to the places found for them, on the ellipsoid.

    Gauss's mid-latitude formulas to the third order for all that is near, PROJ for the rest.

    Parameters
    ----------
    here
        Of ``m`` points lon, lat and x, y in the plane.
    point
        Shape (n,), the point of each answer.
    found, there
        Of each answer x, y in the plane, and lon, lat. The degrees of an answer that is its
        point's own place become those of the point.

    Returns
    -------
    bearing_deg, distance_m : ndarray
        Shape (n,); NaN and 0 at the point's own place.
    """
    bearing, metres = np.empty(len(point)), np.empty(len(point))

    def chunk(first: int) -> None:
        last = min(first + CHUNK, len(point))
        _measured_of(first, last, here, point, found, there, bearing, metres)
        far = first + np.flatnonzero(metres[first:last] < 0)
        if len(far):
            ends = (here[0][point[far]], here[1][point[far]], there[0][far], there[1][far])
            bearing[far], metres[far] = geodesy.azimuth_and_distance(*ends)

    over_threads(chunk, range(0, len(point), CHUNK))
    return bearing, metres
