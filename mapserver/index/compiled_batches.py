"""Millions of points and what is nearest to each, from degrees to metres; compiled by numba.

Projection, search, the way back and measuring are each one pass over the points, and PROJ has no
part in them (:mod:`mapserver.index.patches`). A point about which rounding or the error of a patch
could matter is left to the other searches, which ask PROJ itself.

Helpers are inlined by LLVM (``forceinline``) and not by numba (``inline="always"``): only so it
sees that arrays outlive the calls. Else each call counts the references of every array that it is
given, up and down, one locked instruction each: 34 of them were half of the time of a search.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from mapserver.geo.geodesy import Floats
from mapserver.geo.threads import CHUNK, run_in_threads
from mapserver.index import compiled_geodesics as geodesics
from mapserver.index.compiled_lookup import DOUBTFUL, OUTSIDE, look_up_nearest
from mapserver.index.compiled_patches import transform_point
from mapserver.index.flat_lines import RUN
from mapserver.index.kernels import TINY
from mapserver.settings import limits

Ints = npt.NDArray[np.int32]

TOGETHER = 512
"""Points that are fetched and searched together: what they need fits the processor's cache."""
CLOSE = 1e-6
"""Patches are at most 1e-7 m off in each direction, so a point is up to 1.5e-7 m elsewhere, and the
difference of two of its distances d and e changes by at most 3e-7 m, that of their squares by
3e-7 (d + e), which is less than 1e-6 (1 + d^2). Two features whose squared distances differ by no
more than that are too close to be told apart here."""
TOUCHING = 1e-10
"""Square of a distance (10 micrometres) at which the point may lie on the line itself."""
NOTHING, UNDECIDED = -1, DOUBTFUL
"""Stand for a feature: none within the limit; or the point is left to another search."""
ONE, TWO, THREE, FOUR = (np.uint64(n) for n in range(1, 5))
"""Places without a sign: for others numba asks each time whether they count from the end."""
COUNTED_RINGS = limits.MAX_EMPTY_RINGS
"""A cell with so many empty rings around it may have more."""


@numba.njit(nogil=True, cache=True, forceinline=True, error_model="numpy")
def _place_on_segment(x, y, vertex, is_point, xs, ys):
    """Find the place of the segment from a vertex to the next that is nearest to (x, y).

    The formula is that of ``compiled_nearest.snap_to_segment`` (Ericson 2005, section 5.1.2).
    """
    x1, y1 = xs[vertex], ys[vertex]
    if is_point:
        return x1, y1
    ux, uy = xs[vertex + 1] - x1, ys[vertex + 1] - y1
    t = ((x - x1) * ux + (y - y1) * uy) / (ux * ux + uy * uy + TINY)
    t = t if t > 0.0 else 0.0
    t = t if t < 1.0 else 1.0
    return x1 + t * ux, y1 + t * uy


@numba.njit(nogil=True, cache=True, forceinline=True, error_model="numpy")
def _measure_run(x, y, start, end, xs, ys, squared):
    """Measure to each segment of a run, and return the least square of a distance.

    ``squared`` gets that of each. The loop has no branch, and the compiler must not know how often
    it runs: then it computes four segments at a time, and else unrolls it and computes each alone.
    """
    first, segments = np.uint64(start), np.uint64(max(end - start, 0))
    # A run of one vertex is a point.
    if segments == 0:
        squared[0] = (xs[first] - x) * (xs[first] - x) + (ys[first] - y) * (ys[first] - y)
    for n in range(segments):
        vertex = first + n
        x1, y1 = xs[vertex], ys[vertex]
        ux, uy = xs[vertex + ONE] - x1, ys[vertex + ONE] - y1
        t = ((x - x1) * ux + (y - y1) * uy) / (ux * ux + uy * uy + TINY)
        t = t if t > 0.0 else 0.0
        t = t if t < 1.0 else 1.0
        dx, dy = x1 + t * ux - x, y1 + t * uy - y
        squared[n] = dx * dx + dy * dy
    best = squared[0]
    for n in range(ONE, segments):
        best = squared[n] if squared[n] < best else best
    return best


@numba.njit(nogil=True, cache=True, forceinline=True, error_model="numpy")
def _find_segment(best, segments, squared):
    """Find the first segment of a run that is as near as the nearest."""
    number = 0
    while number < segments - 1 and squared[number] != best:
        number += 1
    return number


@numba.njit(nogil=True, cache=True, forceinline=True, error_model="numpy")
def _clip_to_cells(value, cells):
    value = value if value > 0.0 else 0.0
    return int(value if value < cells - 1.0 else cells - 1.0)


@numba.njit(nogil=True, cache=True, forceinline=True, error_model="numpy")
def _measure_gap(value, low, high):
    return low - value if value < low else (value - high if value > high else 0.0)


@numba.njit(nogil=True, cache=True, forceinline=True, error_model="numpy")
def _search_point(x, y, worst, run, lines, squared):
    """Find the nearest run of a point that has one within the square root of ``worst``.

    The run that was nearest to the previous point, ``run``, is looked at first, as in
    ``compiled_nearest._search_square``.

    Returns
    -------
    run, segment, worst, is_doubtful
        The run, or -1; the number of its segment; the square of the distance; and whether another
        feature is so close to that distance that a patch's error could matter.
    """
    (grid_x, grid_y, size, columns, rows), (cell_start, cell_run, _), runs, (xs, ys) = lines
    run_first, run_last, run_feature, run_box = runs
    segment, is_doubtful = 0, False
    if run >= 0:
        d2 = _measure_run(x, y, run_first[run], run_last[run], xs, ys, squared)
        if d2 <= worst:
            worst, segment = d2, _find_segment(d2, run_last[run] - run_first[run], squared)
        else:
            run = -1
    guess = run
    # What is only a little farther is looked at, too, for it may be a doubt.
    close = CLOSE * (1.0 + worst)
    bound = worst + close
    reach = np.sqrt(bound)
    west = _clip_to_cells((x - reach - grid_x) / size, columns)
    east = _clip_to_cells((x + reach - grid_x) / size, columns)
    south = _clip_to_cells((y - reach - grid_y) / size, rows)
    north = _clip_to_cells((y + reach - grid_y) / size, rows)
    for row in range(south, north + 1):
        cell = row * columns
        begin = np.uint64(cell_start[np.uint64(cell + west)])
        for position in range(begin, np.uint64(cell_start[np.uint64(cell + east + 1)])):
            other = np.int64(cell_run[position])
            box = FOUR * np.uint64(other)
            west_m, east_m = run_box[box] - x, x - run_box[box + TWO]
            dx = west_m if west_m > east_m else east_m
            dx = dx if dx > 0.0 else 0.0
            south_m, north_m = run_box[box + ONE] - y, y - run_box[box + THREE]
            dy = south_m if south_m > north_m else north_m
            dy = dy if dy > 0.0 else 0.0
            if dx * dx + dy * dy > bound or other in (run, guess):
                continue
            d2 = _measure_run(x, y, run_first[other], run_last[other], xs, ys, squared)
            if d2 > bound:
                continue
            number = _find_segment(d2, run_last[other] - run_first[other], squared)
            is_close = run >= 0 and abs(d2 - worst) <= close
            if is_close and run_feature[other] != run_feature[run]:
                # Where trails meet, both have the same nearest place, and the lower number wins
                # whatever the error.
                ax, ay = _place_on_segment(
                    x, y, run_first[run] + segment, run_last[run] == run_first[run], xs, ys
                )
                bx, by = _place_on_segment(
                    x, y, run_first[other] + number, run_last[other] == run_first[other], xs, ys
                )
                is_doubtful |= ax != bx or ay != by
            elif d2 < worst and not is_close:
                is_doubtful = False
            # Of equal distances the feature with the lower number wins.
            if d2 < worst or (d2 == worst and (run < 0 or run_feature[other] < run_feature[run])):
                worst, run, segment = d2, other, number
                close = CLOSE * (1.0 + worst)
                bound = worst + close
    return run, segment, worst, is_doubtful


@numba.njit(nogil=True, cache=True, forceinline=True, error_model="numpy")
def _search_together(points, limit, lines, previous, found, squared):
    """Search for some points of the plane, each bounded by the answer of the previous one.

    ``points`` is ``x`` and ``y``; ``previous`` is the run of the point before, its distance and
    place. ``found`` gets a feature, ``NOTHING`` or ``UNDECIDED`` for each, and the place on it.
    """
    (x, y), (feature, place_x, place_y) = points, found
    (grid_x, grid_y, size, columns, rows), (_, _, empty), runs, (xs, ys) = lines
    run_first, run_last, run_feature, _ = runs
    run, reach, previous_x, previous_y = previous
    for n in range(len(x)):
        px, py = x[n], y[n]
        # NaN is outside of the patches.
        if not (px > -np.inf and py > -np.inf):
            feature[n] = UNDECIDED
            continue
        # The nearest place within the grid, and the way there.
        column = _clip_to_cells((px - grid_x) / size, columns)
        row = _clip_to_cells((py - grid_y) / size, rows)
        gap_x = _measure_gap(px, grid_x, grid_x + columns * size)
        gap_y = _measure_gap(py, grid_y, grid_y + rows * size)
        gap = np.sqrt(gap_x * gap_x + gap_y * gap_y)
        if gap * gap > limit:
            feature[n] = NOTHING
            continue
        worst = limit
        # A run crosses a cell of the first ring that is not empty, and no place in that is farther
        # than its far corner: (ring + 1) sides away in both directions.
        ring = empty[row * columns + column]
        if ring < COUNTED_RINGS:
            corner = (gap + (ring + 1.0) * size * 1.41421357) ** 2
            worst = corner if corner < worst else worst
        elif reach == np.inf:
            feature[n] = UNDECIDED
            continue
        if reach < np.inf:
            # Triangle inequality, as in compiled_nearest._search_chunk.
            moved = np.sqrt((px - previous_x) ** 2 + (py - previous_y) ** 2)
            bound = (reach + moved) ** 2 * (1 + 1e-9) + 1e-9
            worst = bound if bound < worst else worst
        run, segment, worst, is_doubtful = _search_point(px, py, worst, run, lines, squared)
        if run < 0:
            feature[n], reach = NOTHING, np.inf
            continue
        reach, previous_x, previous_y = np.sqrt(worst), px, py
        first = run_first[run]
        place_x[n], place_y[n] = _place_on_segment(
            px, py, first + segment, run_last[run] == first, xs, ys
        )
        feature[n] = UNDECIDED if is_doubtful or worst < TOUCHING else run_feature[run]
    return run, reach, previous_x, previous_y


@numba.njit(nogil=True, cache=True, error_model="numpy")
def _search_chunk(order, x, y, limit, lines, answers):
    """Search for the points of a chunk; their answers get a feature and a place in the plane.

    Points come from all over the memory. Loops that do nothing but fetch them or put their answers
    back wait for many at once; a search that fetched each for itself would take half as long again.
    """
    feature, _, _, snapped_x, snapped_y = answers
    squared, fetched, places = np.empty(RUN), np.empty((2, TOGETHER)), np.empty((2, TOGETHER))
    found, previous = np.empty(TOGETHER, np.int64), (-1, np.inf, 0.0, 0.0)
    for start in range(0, len(order), TOGETHER):
        count = min(TOGETHER, len(order) - start)
        for n in range(count):
            i = order[start + n]
            fetched[0, n], fetched[1, n] = x[i], y[i]
        previous = _search_together(
            (fetched[0, :count], fetched[1, :count]), limit, lines, previous,
            (found, places[0], places[1]), squared,
        )  # fmt: skip
        for n in range(count):
            i = order[start + n]
            feature[i], snapped_x[i], snapped_y[i] = found[n], places[0, n], places[1, n]


@numba.njit(nogil=True, cache=True, error_model="numpy")
def _measure_chunk(begin, end, lon, lat, back, answers):
    """Take the places of answers back to degrees, and measure to them on the ellipsoid."""
    feature, metres, bearing, snapped_lon, snapped_lat = answers
    grid, factors = back
    columns = np.empty(geodesics.SIX)
    for start in range(begin, end, geodesics.TOGETHER):
        count = min(geodesics.TOGETHER, end - start)
        for n in range(count):
            i = start + n
            to_lon, to_lat = transform_point(snapped_lon[i], snapped_lat[i], grid, factors)
            columns[n], columns[n + geodesics.TOGETHER] = lon[i], lat[i]
            columns[n + geodesics.TWO], columns[n + geodesics.THREE] = to_lon, to_lat
        geodesics.measure_columns(columns, count)
        for n in range(count):
            i = start + n
            snapped_lon[i] = columns[n + geodesics.TWO]
            snapped_lat[i] = columns[n + geodesics.THREE]
            metres[i] = columns[n + geodesics.FOUR]
            bearing[i] = columns[n + geodesics.FIVE]
            # What has no answer was measured from nowhere to nowhere, and stays without one.
            is_far = feature[i] >= 0 and columns[n + geodesics.FOUR] < 0.0
            feature[i] = UNDECIDED if is_far else feature[i]


class Answers(NamedTuple):
    """The answer of each point: a feature, ``NOTHING`` or ``UNDECIDED``, and what was measured."""

    feature: npt.NDArray[np.int64]
    metres: Floats
    bearing: Floats
    lon: Floats
    lat: Floats


def answer_batch(
    order: Ints, x: Floats, y: Floats, limit: float, lines: tuple[Any, ...]
) -> Answers:
    """Find the nearest feature of many points, and the place on it in the plane.

    Parameters
    ----------
    order
        The points in the order in which they are searched: neighbours follow one another.
    x, y
        In the plane, NaN for a point that is to be left out.
    limit
        The square of the distance beyond which none is searched.
    lines
        ``arrays`` of :class:`mapserver.index.flat_lines.Lines`.

    Returns
    -------
    Answers
        ``lon`` and ``lat`` are x and y of the places, and nothing is measured yet.
    """
    count = len(order)
    answers = Answers(np.empty(count, np.int64), *(np.empty(count) for _ in range(4)))

    def search_part(start: int) -> None:
        _search_chunk(order[start : start + CHUNK], x, y, limit, lines, tuple(answers))

    run_in_threads(search_part, range(0, count, CHUNK))
    return answers


def answer_by_cells(x: Floats, y: Floats, limit: float, cells: tuple[Any, ...]) -> Answers:
    """Do the same by one look-up a point in the ``cells`` of a fine grid, for a small layer."""
    squared, feature, snapped_x, snapped_y = look_up_nearest(cells, x, y, CLOSE, TOUCHING)
    answers = Answers(feature.astype(np.int64), squared, np.empty(len(x)), snapped_x, snapped_y)
    # Nothing is known of what is outside of the grid.
    answers.feature[feature == OUTSIDE] = UNDECIDED
    answers.feature[(feature >= 0) & (squared > limit)] = NOTHING
    return answers


def measure_answers(lon: Floats, lat: Floats, back: tuple[Any, ...], answers: Answers) -> None:
    """Take places back to degrees and measure to them, in place.

    Parameters
    ----------
    lon, lat
        The points in degrees.
    back
        ``arrays`` of the patches from the plane to degrees.
    answers
        With places in the plane; one that is far becomes ``UNDECIDED``.
    """

    def measure_part(start: int) -> None:
        end = min(start + CHUNK, len(lon))
        _measure_chunk(start, end, lon, lat, back, tuple(answers))

    # As the points stand in memory, and not in the order of cells.
    run_in_threads(measure_part, range(0, len(lon), CHUNK))
