"""What is nearest to one point, in plain Python: each cell of a grid knows what may be nearest."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import pairwise
from struct import Struct
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mapserver.geo.geodesy import Floats
from mapserver.index.flat_lines import Lines, runs_in_cells
from mapserver.index.grid import Grid, Ints, ranges
from mapserver.index.kernels import TINY

CELLS_PER_RUN, FEWEST_CELLS, MOST_CELLS = 1.0, 2**14, 2**19
ROOM_M = 5_000.0
"""So far beyond the layer cells are laid, half of its own size at most: a city's other places."""
LONGEST = 6
"""Cells guess by steps of so many powers of two; far from a large layer they have no guess."""
ROUNDING_M = 1e-6
PAIRS_AT_A_TIME, MOST_PAIRS = 2**18, 2**12
"""A cell with more runs around it gets no list: far from a large layer rings are walked."""

SIDES = ("west", "south", "east", "north")
BOX = np.dtype([("least", "<f4"), *((side, "<f4") for side in SIDES), ("run", "<i4")])
"""A run in the list of a cell: the square of what it is away from the cell at least, and its box,
in 32 bits, rounded outward."""
BOXES, VERTICES = Struct("<5fi").iter_unpack, Struct("=2d").iter_unpack
"""Python takes numbers out of bytes faster than out of any array."""


Window = tuple[slice, slice]
INFINITE = float("inf")


class Place(NamedTuple):
    """The nearest place on any line.

    Attributes
    ----------
    feature
        Position of the line's feature.
    squared
        Square of the distance in the plane.
    x, y
        The place.
    """

    feature: int
    squared: float
    x: float
    y: float


class Single:
    """Finds the nearest line of one point.

    Each cell of a grid lists the runs of segments that can be nearest to any point in it, those
    nearest to its middle first: a search looks at some ten boxes and the segments of two runs.

    Parameters
    ----------
    lines
        What is searched.
    """

    def __init__(self, lines: Lines) -> None:
        grid = _grid(lines)
        self._grid = (grid.x, grid.y, grid.size, grid.columns, grid.rows)
        start, boxes = _candidates(grid, lines)
        self._start, self._boxes = start.data, boxes.data.cast("B")
        self._first = (16 * lines.run_first.astype(np.int64)).data
        self._beyond = (16 * (lines.run_last.astype(np.int64) + 1)).data
        self._vertices = np.column_stack([lines.xs, lines.ys]).data.cast("B")
        self._feature = lines.run_feature.data

    def nearest(self, x: float, y: float) -> Place | None:
        """Find the nearest place; None when the point lies outside of the grid."""
        gx, gy, size, columns, rows = self._grid
        column, row = int((x - gx) // size), int((y - gy) // size)
        if not (0 <= column < columns and 0 <= row < rows):
            return None
        cell = row * columns + column
        first, last = self._start[cell], self._start[cell + 1]
        if first == last:
            return None
        worst, best, at_x, at_y = INFINITE, -1, x, y
        for least, west, south, east, north, run in BOXES(self._boxes[first:last]):
            if least > worst:
                break  # and so are all that follow
            dx = west - x if west > x else (x - east if x > east else 0.0)
            dy = south - y if south > y else (y - north if y > north else 0.0)
            if dx * dx + dy * dy > worst:
                continue
            squared, px, py = self._snap(run, x, y)
            if squared <= worst:
                feature = self._feature[run]
                if squared < worst or feature < best:
                    worst, best, at_x, at_y = squared, feature, px, py
        return Place(best, worst, at_x, at_y)

    def _snap(self, run: int, x: float, y: float) -> tuple[float, float, float]:
        """Give the nearest place on a run: the square of its distance, and itself."""
        vertices = VERTICES(self._vertices[self._first[run] : self._beyond[run]])
        ax, ay = next(vertices)
        best, at_x, at_y = (ax - x) * (ax - x) + (ay - y) * (ay - y), ax, ay
        for bx, by in vertices:
            ux, uy = bx - ax, by - ay
            share = ((x - ax) * ux + (y - ay) * uy) / (ux * ux + uy * uy + TINY)
            if share > 0.0:
                if share > 1.0:  # min() is a call, and slow here
                    share = 1.0
                ax += share * ux
                ay += share * uy
                d = (ax - x) * (ax - x) + (ay - y) * (ay - y)
                if d < best:
                    best, at_x, at_y = d, ax, ay
            ax, ay = bx, by
        return best, at_x, at_y


def _grid(lines: Lines) -> Grid:
    """Lay cells over the layer and some room around it."""
    sides = []
    for values in (lines.xs, lines.ys):
        low, high = float(values.min()), float(values.max())
        room = min((high - low) / 2, ROOM_M)
        sides.append(np.array([low - room, high + room]))
    cells = min(max(CELLS_PER_RUN * len(lines.run_first), FEWEST_CELLS), MOST_CELLS)
    return Grid.over(sides[0], sides[1], cells)


def _candidates(grid: Grid, lines: Lines) -> tuple[Ints, npt.NDArray[np.void]]:
    """List for each cell the runs that can be nearest to a point in it.

    From the middle of a cell with half diagonal r, let d be the distance to any one run. A point of
    the cell has its nearest run within d + r, so a run farther than that from the cell is none.

    Returns
    -------
    start
        Where the runs of each cell begin, in bytes.
    boxes
        The runs, those nearest to the middle first.
    """
    box = lines.run_box.reshape(-1, 4)
    begin, crossing = runs_in_cells(
        grid, lines.xs, lines.ys, lines.run_first.astype(np.int64), lines.run_last.astype(np.int64)
    )
    run = crossing.astype(np.int64)
    every = np.arange(grid.columns * grid.rows)
    radius = grid.size * np.sqrt(0.5)
    guess = _guesses(grid, begin, run, box)
    reach = _away(grid, lines, guess) + radius
    # All runs that cross a cell so near: level slices of cells, one above the other.
    far = np.ceil(reach / grid.size).astype(np.int64)
    row, column = np.divmod(every, grid.columns)
    west, east = np.maximum(column - far, 0), np.minimum(column + far, grid.columns - 1) + 1
    south, north = np.maximum(row - far, 0), np.minimum(row + far, grid.rows - 1)
    pairs = _inside(np.diff(begin).reshape(grid.rows, grid.columns), west, south, east, north + 1)
    none = (guess < 0) | (pairs > MOST_PAIRS)
    north, pairs = np.where(none, south - 1, north), np.where(none, 0, pairs)
    counts = np.zeros(len(every), np.int64)
    listed: deque[tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]] = deque()
    for part in _parts(pairs):
        cell = every[part]
        owner, level = ranges(south[part], north[part])
        level *= grid.columns
        of, entry = ranges(begin[level + west[part][owner]], begin[level + east[part][owner]] - 1)
        owner, found = owner[of], run[entry]
        owner, found, away = _near(
            _middles(grid, cell), grid.size, (owner, found), box, reach[part]
        )
        # The owners are in order; within each, the nearest come first.
        order = np.argsort(owner + away / (1 + away.max(initial=0)), kind="stable")
        owner, found, away = owner[order], found[order], away[order]
        # A run that crosses several of the cells was found as often.
        once = np.r_[True, (owner[1:] != owner[:-1]) | (found[1:] != found[:-1])]
        counts[part] = np.bincount(owner[once], minlength=len(cell))
        # From elsewhere in the cell it may be nearer by the half diagonal, and by a rounding.
        nearest = np.maximum(np.sqrt(away[once]) - radius - ROUNDING_M, 0) ** 2
        least = np.nextafter(nearest.astype(np.float32), np.float32(-np.inf))
        listed.append((found[once].astype(np.int32), least))
    start = np.zeros(len(every) + 1, np.int64)
    np.cumsum(counts * BOX.itemsize, out=start[1:])
    return start, _boxes(box, listed)


def _inside(count: Ints, west: Ints, south: Ints, east: Ints, north: Ints) -> Ints:
    """Add up counts over rectangles of cells, by a summed-area table (Crow 1984)."""
    sums = np.zeros((count.shape[0] + 1, count.shape[1] + 1), np.int64)
    np.cumsum(np.cumsum(count, axis=0), axis=1, out=sums[1:, 1:])
    total: Ints = sums[north, east] - sums[south, east] - sums[north, west] + sums[south, west]
    return total


def _parts(pairs: Ints) -> Iterator[slice]:
    """Divide cells into parts with not too many pairs each."""
    sums = np.cumsum(pairs)
    ends = np.searchsorted(sums, np.arange(PAIRS_AT_A_TIME, sums[-1], PAIRS_AT_A_TIME))
    yield from (slice(a, b) for a, b in pairwise(np.unique(np.r_[0, ends, len(pairs)]).tolist()))


def _middles(grid: Grid, cell: Ints) -> tuple[Floats, Floats]:
    """Give the middles of cells."""
    row, column = np.divmod(cell, grid.columns)
    return grid.x + (column + 0.5) * grid.size, grid.y + (row + 0.5) * grid.size


def _near(
    middles: tuple[Floats, Floats],
    size: float,
    pairs: tuple[Ints, Ints],
    box: Floats,
    reach: Floats,
) -> tuple[Ints, Ints, Floats]:
    """Keep the pairs of a cell and a run that are near enough, and tell how far each is."""
    half = size / 2
    owner, run = pairs
    x, y = middles[0][owner], middles[1][owner]
    west, south, east, north = box[run].T
    dx = np.maximum(np.maximum(west - x, x - east), 0)
    dy = np.maximum(np.maximum(south - y, y - north), 0)
    # A line touches all sides of its box, so it is no farther than the farther end of the nearest
    # side (Roussopoulos et al. 1995, MINMAXDIST).
    ax, bx = np.minimum(abs(x - west), abs(x - east)), np.maximum(abs(x - west), abs(x - east))
    ay, by = np.minimum(abs(y - south), abs(y - north)), np.maximum(abs(y - south), abs(y - north))
    at_most = np.sqrt(np.minimum(ax * ax + by * by, ay * ay + bx * bx))
    best = reach.copy()
    np.minimum.at(best, owner, at_most + half * np.sqrt(2))
    apart = np.hypot(np.maximum(dx - half, 0), np.maximum(dy - half, 0))
    near = apart <= best[owner] * (1 + 1e-9)
    return owner[near], run[near], (dx * dx + dy * dy)[near]


def _boxes(
    box: Floats, listed: deque[tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]]
) -> npt.NDArray[np.void]:
    """Write the lists of all cells, part by part, and let go of each part."""
    small = np.empty(box.shape, np.float32)
    for at in range(len(SIDES)):
        outward = np.float32(-np.inf if at < 2 else np.inf)
        small[:, at] = np.nextafter(box[:, at].astype(np.float32), outward)
    rows = np.empty(sum(len(run) for run, _ in listed), BOX)
    begin = 0
    while listed:
        run, least = listed.popleft()
        part = rows[begin : begin + len(run)]
        part["run"], part["least"] = run, least
        for at, side in enumerate(SIDES):
            part[side] = small[run, at]
        begin += len(run)
    return rows


def _away(grid: Grid, lines: Lines, run: Ints) -> Floats:
    """Measure from the middle of each cell to the nearest vertex of the run it guesses."""
    x, y = _middles(grid, np.arange(len(run)))
    first, last = lines.run_first[run], lines.run_last[run]
    best = np.full(len(run), np.inf)
    for step in range(int((last - first).max()) + 1):
        vertex = np.minimum(first + step, last)
        best = np.minimum(best, (lines.xs[vertex] - x) ** 2 + (lines.ys[vertex] - y) ** 2)
    away: Floats = np.sqrt(best)
    return away


def _guesses(grid: Grid, start: Ints, run: Ints, box: Floats) -> Ints:
    """Name for each cell a run near its middle by jump flooding (Rong and Tan 2006), or -1."""
    shape = grid.rows, grid.columns
    mx, my = (box[:, 0] + box[:, 2]) / 2, (box[:, 1] + box[:, 3]) / 2
    x, y = (middle.reshape(shape) for middle in _middles(grid, np.arange(len(start) - 1)))
    x, y = x[:1], y[:, :1]
    count = np.diff(start)
    cell = np.repeat(np.arange(len(count)), count)
    across, up = mx[run] - x[0, cell % grid.columns], my[run] - y[cell // grid.columns, 0]
    squared = across * across + up * up
    order = np.lexsort((squared, cell))[start[:-1][count > 0]]
    guess, away = np.full(len(count), -1, np.int64), np.full(len(count), np.inf)
    guess[count > 0], away[count > 0] = run[order], squared[order]
    guess, away = guess.reshape(shape), away.reshape(shape)
    # Long steps reach empty cells; the last short ones let each ask its neighbours twice.
    longest = min((max(shape) - 1).bit_length() - 1, LONGEST)
    for step in (*(1 << n for n in range(longest, -1, -1)), 1):
        for down, right in ((0, step), (step, 0), (step, step), (step, -step)):
            here, there = _beside(shape, down, right)
            for asks, answers in ((here, there), (there, here)):
                theirs = guess[answers]
                across, up = mx[theirs] - x[:, asks[1]], my[theirs] - y[asks[0]]
                nearer = across * across + up * up
                better = (theirs >= 0) & (nearer < away[asks])
                guess[asks][better] = theirs[better]
                away[asks][better] = nearer[better]
    return guess.ravel()


def _beside(shape: tuple[int, int], down: int, right: int) -> tuple[Window, Window]:
    """Give two windows of a plane of cells, one beside the other."""
    rows, columns = shape
    here = slice(0, max(rows - down, 0)), slice(max(-right, 0), max(columns - max(right, 0), 0))
    there = slice(min(down, rows), rows), slice(max(right, 0), max(columns + min(right, 0), 0))
    return here, there
