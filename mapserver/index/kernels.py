"""The searches themselves, one point at a time, over flat arrays.

These functions are plain Python for one question and, compiled by numba, for millions
(:mod:`mapserver.index.compiled_nearest`): one method, two speeds. They use but numbers and
indexing.
"""

from __future__ import annotations

from typing import Any

Array: Any = Any
"""A numpy array when compiled; else a list or a memoryview, which Python reads faster."""


TINY = 1e-300
"""Keeps a segment without length from dividing by 0; changes nothing else."""


def nearest(  # noqa: PLR0912, PLR0913, PLR0915, PLR0917 -- one hot loop, compiled as one
    x: float,
    y: float,
    k: int,
    limit: float,
    grid: Any,
    cell_start: Array,
    cell_run: Array,
    empty: Array,
    run_first: Array,
    run_last: Array,
    run_feature: Array,
    run_box: Array,
    xs: Array,
    ys: Array,
    base: int,
    squared: Array,
    feature: Array,
    at_x: Array,
    at_y: Array,
) -> int:
    """Find the ``k`` nearest features of a point in the plane.

    Cells are walked in square rings outward. Of each run of segments in a cell the box is looked
    at first, and its segments only if the box is nearer than the worst answer so far. The walk
    ends when all that is left is farther than that.

    Parameters
    ----------
    x, y
        The point, in metres.
    k
        How many features.
    limit
        Square of a distance beyond which nothing is looked for.
    grid
        Its ``x, y, size, columns, rows``.
    cell_start, cell_run
        Runs that cross each cell.
    empty
        For each cell how many rings around it, itself included, are empty.
    run_first, run_last, run_feature, run_box
        First and last vertex of each run, the feature it belongs to, and west, south, east, north
        one after the other.
    xs, ys
        Vertices.
    base, squared, feature, at_x, at_y
        Where the answers are written, from position ``base`` on, nearest first.

    Returns
    -------
    int
        How many were found.
    """
    gx, gy, size, columns, rows = grid
    column, row = int((x - gx) // size), int((y - gy) // size)
    found = 0
    worst = limit
    if 0 <= column < columns and 0 <= row < rows:
        ring = empty[row * columns + column]
    else:
        ring = max(-column, column - columns + 1, -row, row - rows + 1)
    while True:
        # All that lies beyond the rings walked so far is at least as far as their edge.
        if ring > 0:
            edge = min(
                x - (gx + (column - ring + 1) * size),
                gx + (column + ring) * size - x,
                y - (gy + (row - ring + 1) * size),
                gy + (row + ring) * size - y,
            )
            if edge > 0 and edge * edge > worst:
                break
        west, east = column - ring, column + ring
        south, north = row - ring, row + ring
        if west < 0 and east >= columns and south < 0 and north >= rows:
            break
        for j in range(max(south, 0), min(north, rows - 1) + 1):
            # Whole rows at the top and the bottom of the ring, two cells in between.
            step = 1 if j in (south, north) or ring == 0 else 2 * ring
            i = west if west >= 0 or step > 1 else 0
            while i <= east and i < columns:
                if i >= 0:
                    cell = j * columns + i
                    for position in range(cell_start[cell], cell_start[cell + 1]):
                        run = cell_run[position]
                        box = 4 * run
                        west_of, east_of = run_box[box] - x, x - run_box[box + 2]
                        dx = west_of if west_of > 0.0 else (east_of if east_of > 0.0 else 0.0)
                        if dx * dx > worst:
                            continue
                        south_of, north_of = run_box[box + 1] - y, y - run_box[box + 3]
                        dy = south_of if south_of > 0.0 else (north_of if north_of > 0.0 else 0.0)
                        if dx * dx + dy * dy > worst:
                            continue
                        best, best_x, best_y = -1.0, 0.0, 0.0
                        first, last = run_first[run], run_last[run]
                        ax, ay = xs[first], ys[first]
                        for vertex in range(first, max(last, first + 1)):
                            beyond = vertex + 1 if vertex < last else last
                            bx, by = xs[beyond], ys[beyond]
                            ux, uy = bx - ax, by - ay
                            share = ((x - ax) * ux + (y - ay) * uy) / (ux * ux + uy * uy + TINY)
                            share = 0.0 if share < 0.0 else (1.0 if share > 1.0 else share)
                            px, py = ax + share * ux, ay + share * uy
                            d = (px - x) * (px - x) + (py - y) * (py - y)
                            if best < 0.0 or d < best:
                                best, best_x, best_y = d, px, py
                            ax, ay = bx, by
                        if best > worst:
                            continue
                        # Keep the answers sorted by distance, then feature; each feature once.
                        one = run_feature[run]
                        end = base + found
                        place = base
                        while place < end and feature[place] != one:
                            place += 1
                        if place < end:
                            if best >= squared[place]:
                                continue
                        elif found < k:
                            found += 1
                        else:
                            place = end - 1
                            if best == squared[place] and one > feature[place]:
                                continue
                        while place > base and (
                            best < squared[place - 1]
                            or (best == squared[place - 1] and one < feature[place - 1])
                        ):
                            squared[place] = squared[place - 1]
                            feature[place] = feature[place - 1]
                            at_x[place] = at_x[place - 1]
                            at_y[place] = at_y[place - 1]
                            place -= 1
                        squared[place] = best
                        feature[place] = one
                        at_x[place] = best_x
                        at_y[place] = best_y
                        if found == k:
                            worst = squared[base + k - 1]
                i += step
        ring += 1
    return found


NO_AREA = -1
"""Instead of the position of an area, where there is none."""
UNSURE = -1
"""Instead of a count: the point is so near to an edge that this search must not decide."""

# Shewchuk 1997, Adaptive precision floating-point arithmetic, section 4.1: beyond this share of
# the sum of its terms, an orientation has the right sign whatever the rounding.
ORIENTATION_ERROR = 3.3306690738754716e-16


def containing(  # noqa: PLR0912, PLR0913, PLR0917 -- one hot loop, compiled as one
    x: float,
    y: float,
    grid: Any,
    margin: float,
    cell: Array,
    entry_start: Array,
    entry: Array,
    strip_start: Array,
    strip_level: Array,
    strip_edge: Array,
    vertex: Array,
    xy: Array,
    room: int,
    found: Array,
) -> int:
    """Find the areas that contain a point; the border belongs to them.

    A cell that lies wholly in one area, or in none, answers by itself. In others the edges of
    each area whose border crosses the cell are counted that a ray to the east crosses: only those
    that touch the point's own level strip.

    Parameters
    ----------
    x, y
        The point.
    grid, margin, cell, entry_start, entry, strip_start, strip_level, strip_edge, vertex, xy
        As :class:`mapserver.index.flat_areas.Areas` has them.
    room, found
        Where the positions of the areas are written, in ascending order, and how many find room.

    Returns
    -------
    int
        How many areas contain it; ``UNSURE`` if that depends on rounding, or if an edge is nearer
        than the margin.
    """
    gx, gy, size, columns, rows = grid
    across, up = (x - gx) / size, (y - gy) / size
    if not (0.0 <= across < columns and 0.0 <= up < rows):
        return 0
    code = cell[int(up) * columns + int(across)]
    if code == 0:
        return 0
    if code > 0:
        if room > 0:
            found[0] = code - 1
        return 1
    count = 0
    slot = -code - 1
    west, east, south, north = x - margin, x + margin, y - margin, y + margin
    for position in range(entry_start[slot], entry_start[slot + 1]):
        area, crossed = entry[position] >> 1, entry[position] & 1
        inside = True
        if crossed:
            inside = False
            level = (y - strip_level[2 * area]) * strip_level[2 * area + 1]
            strip = strip_start[area]
            strips = strip_start[area + 1] - strip
            if level > 0.0:
                strip += int(level) if level < strips else strips - 1
            for edge in range(strip_edge[strip], strip_edge[strip + 1]):
                end = 2 * vertex[edge]
                x1, y1, x2, y2 = xy[end], xy[end + 1], xy[end + 2], xy[end + 3]
                if (
                    (x1 < west and x2 < west)
                    or (y1 < south and y2 < south)
                    or (y1 > north and y2 > north)
                ):
                    continue
                left, right = (x1 - x) * (y2 - y), (x2 - x) * (y1 - y)
                turn = left - right
                if margin > 0.0:
                    # |turn|: the distance to the edge's line times its length, at most this sum.
                    near = margin * (abs(x2 - x1) + abs(y2 - y1))
                    if (x1 <= east or x2 <= east) and abs(turn) <= near:
                        return UNSURE
                else:
                    if (x1 == x and y1 == y) or (x2 == x and y2 == y):
                        inside = True
                        break
                    if y1 == y2:
                        # A level edge at the point's level: it is on it, or it does not count.
                        if (x1 <= x <= x2) or (x2 <= x <= x1):
                            inside = True
                            break
                        continue
                    if abs(turn) <= ORIENTATION_ERROR * (abs(left) + abs(right)):
                        return UNSURE
                if ((y1 > y) != (y2 > y)) and ((turn > 0.0) == (y2 > y1)):
                    inside = not inside
        if inside:
            if count < room:
                found[count] = area
            count += 1
    return count
