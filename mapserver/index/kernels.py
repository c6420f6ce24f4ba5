"""The searches themselves, one point at a time, over flat arrays.

These functions are plain Python for one question and, compiled by numba, for millions
(:mod:`mapserver.index.compiled_nearest`): one method, two speeds. They use only numbers and
indexing, which numba compiles best, and they call no functions: in plain Python a call would cost
as much as the arithmetic in it.
"""

from __future__ import annotations

from typing import Any

Array: Any = Any
"""A numpy array when compiled; else a list or a memoryview, which Python reads faster."""


TINY = 1e-300
"""Added to the squared length of a segment: one without length then divides 0 by this and not by
0. It is far below the rounding of any other squared length, so it changes nothing else."""


def search_nearest(  # noqa: PLR0912, PLR0913, PLR0915, PLR0917 -- one hot loop, compiled as one
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
    snapped_x: Array,
    snapped_y: Array,
) -> int:
    """Find the ``k`` nearest features of a point in the plane.

    The search walks the cells in square rings around the point, from the inside outward. For each
    run of segments in a cell it computes the distance to the run's box first, and looks at the
    segments only if the box is nearer than the worst answer so far. The walk ends when everything
    outside the rings is farther than that answer.

    Parameters
    ----------
    x, y
        The point, in metres.
    k
        How many features to find.
    limit
        The square of a distance; features farther than that are not searched.
    grid
        The tuple ``x, y, size, columns, rows`` of a :class:`mapserver.index.grid.Grid`.
    cell_start, cell_run
        The runs that cross each cell, as compressed rows.
    empty
        For each cell, how many rings around it are empty; the cell itself is ring 0.
    run_first, run_last, run_feature, run_box
        The first and last vertex of each run, the feature it belongs to, and its box: four numbers
        in a row for west, south, east, north.
    xs, ys
        The vertices.
    base, squared, feature, snapped_x, snapped_y
        The answers are written into these arrays from position ``base`` on, nearest first.

    Returns
    -------
    int
        How many features were found.
    """
    grid_x, grid_y, size, columns, rows = grid
    column, row = int((x - grid_x) // size), int((y - grid_y) // size)
    count = 0
    worst = limit
    # The first ring that can hold a run. Outside the grid that is the ring which touches the grid:
    # its number is the Chebyshev distance, in cells, from the point's cell to the grid.
    if 0 <= column < columns and 0 <= row < rows:
        ring = empty[row * columns + column]
    else:
        ring = max(-column, column - columns + 1, -row, row - rows + 1)
    while True:
        # Everything outside the rings walked so far is at least as far away as the nearest of the
        # four sides of the square that they fill.
        if ring > 0:
            edge = min(
                x - (grid_x + (column - ring + 1) * size),
                grid_x + (column + ring) * size - x,
                y - (grid_y + (row - ring + 1) * size),
                grid_y + (row + ring) * size - y,
            )
            if edge > 0 and edge * edge > worst:
                break
        west, east = column - ring, column + ring
        south, north = row - ring, row + ring
        # A ring that encloses the grid on all sides has no cell in it, and no later one has.
        if west < 0 and east >= columns and south < 0 and north >= rows:
            break
        for j in range(max(south, 0), min(north, rows - 1) + 1):
            # The ring has whole rows at its top and bottom, and two cells in each row between.
            step = 1 if j in (south, north) or ring == 0 else 2 * ring
            i = west if west >= 0 or step > 1 else 0
            while i <= east and i < columns:
                if i >= 0:
                    cell = j * columns + i
                    for position in range(cell_start[cell], cell_start[cell + 1]):
                        run = cell_run[position]
                        box = 4 * run
                        # Distance to a box (Roussopoulos et al. 1995, MINDIST):
                        # dx = max(west - x, 0, x - east), and dy likewise.
                        west_m, east_m = run_box[box] - x, x - run_box[box + 2]
                        dx = west_m if west_m > 0.0 else (east_m if east_m > 0.0 else 0.0)
                        if dx * dx > worst:
                            continue
                        south_m, north_m = run_box[box + 1] - y, y - run_box[box + 3]
                        dy = south_m if south_m > 0.0 else (north_m if north_m > 0.0 else 0.0)
                        if dx * dx + dy * dy > worst:
                            continue
                        # Nearest point of a segment AB to P (Ericson 2005, Real-Time Collision
                        # Detection, section 5.1.2): A + t * (B - A), where
                        # t = (P - A) . (B - A) / |B - A|^2, cut off at 0 and at 1.
                        # compiled_nearest.snap_to_segment is the same formula. A call is too
                        # slow here.
                        best, best_x, best_y = -1.0, 0.0, 0.0
                        start, end = run_first[run], run_last[run]
                        x1, y1 = xs[start], ys[start]
                        # A run of one vertex is a point: a segment from that vertex to itself.
                        for vertex in range(start, max(end, start + 1)):
                            following = vertex + 1 if vertex < end else end
                            x2, y2 = xs[following], ys[following]
                            ux, uy = x2 - x1, y2 - y1
                            t = ((x - x1) * ux + (y - y1) * uy) / (ux * ux + uy * uy + TINY)
                            t = 0.0 if t < 0.0 else (1.0 if t > 1.0 else t)
                            px, py = x1 + t * ux, y1 + t * uy
                            d2 = (px - x) * (px - x) + (py - y) * (py - y)
                            if best < 0.0 or d2 < best:
                                best, best_x, best_y = d2, px, py
                            x1, y1 = x2, y2
                        if best > worst:
                            continue
                        # Insertion sort: the answers stay in the order of distance, then of
                        # feature, and each feature stands among them once, with its nearest run.
                        candidate = run_feature[run]
                        stop = base + count
                        place = base
                        while place < stop and feature[place] != candidate:
                            place += 1
                        if place < stop:
                            # The feature is an answer already; this run must be nearer.
                            if best >= squared[place]:
                                continue
                        elif count < k:
                            count += 1
                        else:
                            # The feature takes the place of the last answer. At an equal distance
                            # the feature with the lower number wins, in whatever order they come.
                            place = stop - 1
                            if best == squared[place] and candidate > feature[place]:
                                continue
                        while place > base and (
                            best < squared[place - 1]
                            or (best == squared[place - 1] and candidate < feature[place - 1])
                        ):
                            squared[place] = squared[place - 1]
                            feature[place] = feature[place - 1]
                            snapped_x[place] = snapped_x[place - 1]
                            snapped_y[place] = snapped_y[place - 1]
                            place -= 1
                        squared[place] = best
                        feature[place] = candidate
                        snapped_x[place] = best_x
                        snapped_y[place] = best_y
                        # Only a full list bounds the search: until then the next one is welcome.
                        if count == k:
                            worst = squared[base + k - 1]
                i += step
        ring += 1
    return count


NO_AREA = -1
"""Stands for the position of an area where no area contains the point."""
UNSURE = -1
"""Stands for a count: the point is so near to an edge that this search must not decide."""

# Shewchuk 1997, Adaptive precision floating-point arithmetic, section 4.1: an orientation that is
# greater than this share of the sum of its terms has the right sign, whatever the rounding. The
# share is (3 + 16 e) e with e = 2^-53.
ORIENTATION_ERROR = 3.3306690738754716e-16


def search_containing(  # noqa: PLR0912, PLR0913, PLR0917 -- one hot loop, compiled as one
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
    result: Array,
) -> int:
    """Find the areas that contain a point; the border of an area belongs to it.

    A cell that lies wholly in one area, or in none, gives the answer by itself. In any other cell
    the search sends a ray from the point to the east and counts the edges that the ray crosses, of
    each area whose border crosses the cell. It looks only at the edges in the point's own strip.

    Parameters
    ----------
    x, y
        The point.
    grid, margin, cell, entry_start, entry, strip_start, strip_level, strip_edge, vertex, xy
        The members of :class:`mapserver.index.flat_areas.Areas`.
    room, result
        The positions of the areas are written into ``result``, in ascending order, as many as
        there is ``room`` for.

    Returns
    -------
    int
        How many areas contain the point; ``UNSURE`` if that depends on rounding, or if an edge is
        nearer than the margin.
    """
    grid_x, grid_y, size, columns, rows = grid
    x_cells, y_cells = (x - grid_x) / size, (y - grid_y) / size
    # Written so that NaN fails the test, too.
    if not (0.0 <= x_cells < columns and 0.0 <= y_cells < rows):
        return 0
    code = cell[int(y_cells) * columns + int(x_cells)]
    if code == 0:
        return 0
    if code > 0:
        if room > 0:
            result[0] = code - 1
        return 1
    count = 0
    slot = -code - 1
    west, east, south, north = x - margin, x + margin, y - margin, y + margin
    for position in range(entry_start[slot], entry_start[slot + 1]):
        # An entry is 2 * area, and one more if the border of the area crosses the cell.
        area, is_crossed = entry[position] >> 1, entry[position] & 1
        is_inside = True
        if is_crossed:
            is_inside = False
            # The strip in which the point lies: floor((y - south) * strips per unit), as in
            # flat_areas._find_strips, which listed the edges; another sum could round otherwise.
            level = (y - strip_level[2 * area]) * strip_level[2 * area + 1]
            strip = strip_start[area]
            strips = strip_start[area + 1] - strip
            if level > 0.0:
                strip += int(level) if level < strips else strips - 1
            for edge in range(strip_edge[strip], strip_edge[strip + 1]):
                end = 2 * vertex[edge]
                x1, y1, x2, y2 = xy[end], xy[end + 1], xy[end + 2], xy[end + 3]
                # Edges wholly to the west, south or north can neither be crossed nor be near.
                if (
                    (x1 < west and x2 < west)
                    or (y1 < south and y2 < south)
                    or (y1 > north and y2 > north)
                ):
                    continue
                # Orientation of the triangle of the point and the edge's ends: twice its signed
                # area, greater than 0 where the ends run counter-clockwise around the point.
                plus, minus = (x1 - x) * (y2 - y), (x2 - x) * (y1 - y)
                turn = plus - minus
                if margin > 0.0:
                    # |turn| is the distance to the edge's line times the edge's length, and the
                    # length is at most |dx| + |dy|: every point within the margin is unsure here.
                    bound = margin * (abs(x2 - x1) + abs(y2 - y1))
                    if (x1 <= east or x2 <= east) and abs(turn) <= bound:
                        return UNSURE
                else:
                    # The point is a corner.
                    if (x1 == x and y1 == y) or (x2 == x and y2 == y):
                        is_inside = True
                        break
                    if y1 == y2:
                        # A level edge is at the point's own level here. Either the point is on
                        # it, or the ray runs along it and does not cross it.
                        if (x1 <= x <= x2) or (x2 <= x <= x1):
                            is_inside = True
                            break
                        continue
                    if abs(turn) <= ORIENTATION_ERROR * (abs(plus) + abs(minus)):
                        return UNSURE
                # Crossing number (Shimrat 1962, algorithm 112): the edge has one end above the
                # ray's level and the other not, so that a corner counts once, and the crossing is
                # to the east of the point.
                if ((y1 > y) != (y2 > y)) and ((turn > 0.0) == (y2 > y1)):
                    is_inside = not is_inside
        if is_inside:
            if count < room:
                result[count] = area
            count += 1
    return count
