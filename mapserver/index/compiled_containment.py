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
BUCKETS = 65_536
"""Into so many heaps of neighbouring cells points are sorted: their counts fit the second cache."""
SORTED_TOGETHER = 16 * CHUNK
"""Points that are sorted together where there are many: the more, the nearer are neighbours."""
ONE, TWO, THREE = (np.uint64(n) for n in range(1, 4))
"""Places without a sign: for others numba asks each time whether they count from the end."""


@numba.njit(nogil=True, cache=True)
def _prefetch(slot, y, areas, low, high, seen):
    """Read once what the search of some points will read, step by step for all of them.

    A search reads a chain of places in memory: each place says where the next one is, and the
    processor waits for each. In these loops it waits for many points at once, and afterwards the
    search finds everything in the cache. ``low`` and ``high`` have room for one number a point;
    they hold the place of each step, and at last the first and last vertex of the point's strip.
    """
    _, _, _, entry_start, entry, strip_start, level, strip_edge, vertex, xy = areas
    points = len(slot)
    # The chain is that of search_containing.
    for n in range(points):
        low[n] = entry_start[slot[n]]
    for n in range(points):
        low[n] = entry[low[n]] >> 1
    for n in range(points):
        area = low[n]
        strip = strip_start[area]
        strips = strip_start[area + 1] - strip
        offset = (y[n] - level[2 * area]) * level[2 * area + 1]
        low[n] = strip + (int(min(offset, strips - 1.0)) if offset > 0.0 else 0)
    for n in range(points):
        low[n], high[n] = strip_edge[low[n]], max(strip_edge[low[n] + 1] - 1, 0)
    for n in range(points):
        low[n], high[n] = vertex[low[n]], vertex[high[n]]
    for n in range(points):
        # The sum is written, or the compiler would leave out the reading.
        seen[n] = xy[2 * low[n]] + xy[2 * high[n]]


@numba.njit(nogil=True, cache=True, forceinline=True, error_model="numpy")
def _find_parity(x, y, strip_edges, vertex, xy):
    """Tell whether a point is inside of an area, by the edges of its strip, without a branch.

    It is what ``kernels.search_containing`` does for an edge where the margin is 0: a branch for
    each question would be guessed wrong at every second edge, and that costs more than to compute
    all of them.

    Returns
    -------
    is_inside, is_special
        The second is True where the point is a corner, level with a level edge, or so near to an
        edge that rounding matters: then the first says nothing, and the other search is asked.
    """
    first, end = strip_edges
    is_inside, is_special = False, False
    for edge in range(np.uint64(first), np.uint64(end)):
        at = np.uint64(2) * np.uint64(vertex[edge])
        x1, y1, x2, y2 = xy[at], xy[at + ONE], xy[at + TWO], xy[at + THREE]
        # The ray to the east, as the search has it: what is wholly west, south or north is left
        # out, and is no doubt either.
        is_aside = ((x1 < x) & (x2 < x)) | ((y1 < y) & (y2 < y)) | ((y1 > y) & (y2 > y))
        plus, minus = (x1 - x) * (y2 - y), (x2 - x) * (y1 - y)
        turn = plus - minus
        # A corner has no turn, so it is among those whose turn is too small.
        is_small = abs(turn) <= kernels.ORIENTATION_ERROR * (abs(plus) + abs(minus))
        is_special |= (not is_aside) & (is_small | (y1 == y2))
        is_crossed = ((y1 > y) != (y2 > y)) & ((turn > 0.0) == (y2 > y1))
        is_inside ^= (not is_aside) & is_crossed
    return is_inside, is_special


@numba.njit(nogil=True, cache=True, forceinline=True, error_model="numpy")
def _count_plainly(x, y, slot, entries, strips):
    """Count the areas of a point whose cell has a list of them, where no edge is near.

    Returns
    -------
    count, area
        -1 where the other search is to be asked; and the last area that contains the point.
    """
    (entry_start, entry), (strip_start, level, strip_edge, vertex, xy) = entries, strips
    count, answer = 0, kernels.NO_AREA
    for position in range(entry_start[slot], entry_start[slot + 1]):
        area = np.uint64(entry[position] >> 1)
        is_inside, is_special = True, False
        if entry[position] & 1:
            offset = (y - level[TWO * area]) * level[TWO * area + ONE]
            strip = strip_start[area]
            last_strip = strip_start[area + ONE] - strip - 1.0
            offset = offset if offset > 0.0 else 0.0
            strip += int(offset if offset < last_strip else last_strip)
            edges = strip_edge[strip], strip_edge[strip + 1]
            is_inside, is_special = _find_parity(x, y, edges, vertex, xy)
        if is_special:
            return -1, answer
        count += is_inside
        answer = np.int64(area) if is_inside else answer  # type: ignore[assignment]  # one kind in numba
    return count, answer


@numba.njit(nogil=True, cache=True)
def _sort_by_slot(point, x, y, code, slots):
    """Sort some points by the slots of their cells, roughly, with a counting sort.

    Slots are numbered cell by cell, so what one search needs the one before it has just read. The
    places of the points are put beside one another, too: fetched one by one from all over the
    memory they would take half as long as the search.

    Returns
    -------
    point, slot, x, y
        In the new order.
    """
    shift = 0
    while (slots >> shift) > BUCKETS:
        shift += 1
    start = np.zeros(BUCKETS + 2, np.int32)
    order, slot = np.empty((2, len(point)), np.int32)
    sorted_x, sorted_y = np.empty((2, len(point)))
    for i in point:
        start[(-code[i] - 2 >> shift) + 1] += 1
    for bucket in range(BUCKETS + 1):
        start[bucket + 1] += start[bucket]
    for i in point:
        # A list has the code -slot - 1, from which 1 is taken as from every code of a cell.
        bucket = -code[i] - 2 >> shift
        at = start[bucket]
        order[at], slot[at], sorted_x[at], sorted_y[at] = i, -code[i] - 2, x[i], y[i]
        start[bucket] += 1
    return order, slot, sorted_x, sorted_y


@numba.njit(nogil=True, cache=True)
def _look_up_cells(begin, end, x, y, areas, code, point):
    """Write what the cells of points say; list those whose cell has a list, and count these."""
    grid, cell = areas[0], areas[2]
    grid_x, grid_y, size, columns, rows = grid
    per_unit, width, points = 1.0 / size, np.int32(columns), 0
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
        # Each is written and the number moves on only if it is one: a branch here would often be
        # guessed wrong.
        for i in range(start, stop):
            point[points] = i
            points += code[i] < kernels.NO_AREA
    return points


@numba.njit(nogil=True, cache=True)
def _encode_chunk(begin, end, x, y, areas, code):
    """Write the codes of a chunk of points; return whether any point is undecided or in several."""
    grid, margin, cell, entry_start, entry, strip_start, level, strip_edge, vertex, xy = areas
    low, high = np.empty((2, TOGETHER), np.int64)
    seen, result = np.empty(TOGETHER), np.empty(1, np.int64)
    has_special = False
    listed = np.empty(end - begin + 1, np.int32)
    listed = listed[: _look_up_cells(begin, end, x, y, areas, code, listed)]
    point, slot, px, py = _sort_by_slot(listed, x, y, code, len(entry_start))
    entries, strips = (entry_start, entry), (strip_start, level, strip_edge, vertex, xy)
    for start in range(0, len(point), TOGETHER):
        stop = min(start + TOGETHER, len(point))
        _prefetch(slot[start:stop], py[start:stop], areas, low, high, seen)
        for n in range(start, stop):
            count, area = -1, kernels.NO_AREA
            if margin == 0.0:
                count, area = _count_plainly(px[n], py[n], slot[n], entries, strips)
            if count < 0 or count > 1:
                count = _search_containing(
                    px[n], py[n], grid, margin, cell, entry_start, entry, strip_start, level,
                    strip_edge, vertex, xy, 1, result,
                )  # fmt: skip
                area = result[0]
            if count < 0 or count > 1:
                # UNSURE is less than 0 and becomes 0 areas.
                code[point[n]] = UNDECIDED - max(count, 0)
                has_special = True
            else:
                code[point[n]] = area if count else kernels.NO_AREA
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
    chunk = CHUNK if points < 2 * SORTED_TOGETHER else SORTED_TOGETHER

    def encode_part(begin: int) -> None:
        if _encode_chunk(begin, min(begin + chunk, points), x, y, areas, code):
            chunks.append(begin)

    run_in_threads(encode_part, range(0, points, chunk))
    # Threads end in any order.
    special = [
        np.flatnonzero(code[begin : begin + chunk] < kernels.NO_AREA) + begin
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
