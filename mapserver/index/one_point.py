"""What is nearest to one point, in plain Python: each cell of a grid knows what may be nearest."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from struct import Struct
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mapserver.geo.geodesy import Floats
from mapserver.index.flat_lines import Lines, group_runs_by_cell
from mapserver.index.flooding import find_middles, guess_runs, measure_to_guesses
from mapserver.index.grid import Grid, Ints, expand_ranges, sum_rectangles, tabulate_sums
from mapserver.index.index_file import IndexParts, describe_foreign, open_index, write_index
from mapserver.index.kernels import TINY
from mapserver.settings import limits

CELLS_PER_RUN, FEWEST_CELLS = 1.0, 2**14
ROOM_M = 5_000.0
"""The grid reaches so far beyond the layer, or half of the layer's own size where that is less: to
the other places of a city."""
ROUNDING_M = 1e-6
PAIRS_AT_A_TIME = 2**18
"""Pairs of a cell and a run that are worked on together. A cell with very many runs around it gets
no list: far from a large layer the search walks rings instead."""

SIDES = ("west", "south", "east", "north")
BOX = np.dtype([("least", "<f4"), *((side, "<f4") for side in SIDES), ("run", "<i4")])
"""A run in the list of a cell. ``least`` is a lower bound on the squared distance between the run
and any point of the cell. The box is rounded outward to 32 bits, ``least`` downward, so that both
stay bounds."""
BOXES, VERTICES = Struct("<5fi").iter_unpack, Struct("=2d").iter_unpack
"""Python reads numbers out of bytes faster than out of any array."""

KIND = "one point"
TYPES = {
    "start": "<i8", "boxes": "|u1", "run_begin": "<i8", "run_end": "<i8", "vertices": "<f8",
    "run_feature": "<i4",
}  # fmt: skip
"""The arrays of the lists, and the type of each."""

INFINITE = float("inf")


class SnappedPoint(NamedTuple):
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


class OnePointIndex:
    """Finds the nearest line of one point.

    Each cell of a grid lists the runs of segments that can be nearest to any point in it, those
    nearest to its middle first. A search looks at about ten boxes and the segments of two runs.

    It is built :meth:`of` lines.
    """

    def __init__(self, parts: IndexParts) -> None:
        self._parts = parts
        self._grid = tuple(parts.facts["grid"])
        start, boxes, begin, end, vertices, feature = (
            parts.take(name, dtype) for name, dtype in TYPES.items()
        )
        self._start, self._boxes = start.data, boxes.data
        self._run_begin, self._run_end = begin.data, end.data
        self._vertices, self._feature = vertices.data.cast("B"), feature.data

    @classmethod
    def of(cls, lines: Lines) -> OnePointIndex:
        """Build the lists of the lines to search."""
        grid = _build_grid(lines)
        start, boxes = _list_near_runs(grid, lines)
        # Where the vertices of a run begin and end, in bytes: two numbers of 8 bytes each.
        arrays: dict[str, npt.NDArray[Any]] = {
            "start": start,
            "boxes": boxes.view(np.uint8),
            "run_begin": 16 * lines.run_first.astype(np.int64),
            "run_end": 16 * (lines.run_last.astype(np.int64) + 1),
            "vertices": np.column_stack([lines.xs, lines.ys]),
            "run_feature": lines.run_feature,
        }
        return cls(IndexParts({"grid": grid.list_facts()}, arrays))

    @classmethod
    def open(cls, path: Path) -> OnePointIndex:
        """Open the lists that :meth:`write` has written.

        Raises
        ------
        DataError
            The file cannot be used: damaged, cut off, foreign, or of another format.
        """
        try:
            return cls(open_index(path, KIND))
        except (KeyError, TypeError, ValueError) as error:
            raise describe_foreign(path.name) from error

    def write(self, path: Path) -> None:
        """Write the lists into a file, whole or not at all."""
        write_index(path, KIND, self._parts)

    def find_nearest(self, x: float, y: float) -> SnappedPoint | None:
        """Find the nearest place; None where the point's cell has no list, or outside the grid."""
        grid_x, grid_y, size, columns, rows = self._grid
        column, row = int((x - grid_x) // size), int((y - grid_y) // size)
        if not (0 <= column < columns and 0 <= row < rows):
            return None
        cell = row * columns + column
        begin, end = self._start[cell], self._start[cell + 1]
        if begin == end:
            return None
        worst, best, best_x, best_y = INFINITE, -1, x, y
        for least, west, south, east, north, run in BOXES(self._boxes[begin:end]):
            # The list is in the order of this bound: all later runs are as far, too.
            if least > worst:
                break
            # Distance to a box (Roussopoulos et al. 1995, MINDIST): dx = max(west - x, 0, x - east)
            dx = west - x if west > x else (x - east if x > east else 0.0)
            dy = south - y if south > y else (y - north if y > north else 0.0)
            if dx * dx + dy * dy > worst:
                continue
            squared, px, py = self._snap_to_run(run, x, y)
            if squared <= worst:
                # Of equal distances the feature with the lower number wins.
                feature = self._feature[run]
                if squared < worst or feature < best:
                    worst, best, best_x, best_y = squared, feature, px, py
        return SnappedPoint(best, worst, best_x, best_y)

    def _snap_to_run(self, run: int, x: float, y: float) -> tuple[float, float, float]:
        """Find the nearest place on a run: the square of its distance, and x, y.

        The nearest point of a segment AB to P is A + t * (B - A), where
        t = (P - A) . (B - A) / |B - A|^2, cut off at 0 and at 1. The formula stands here again and
        is not that of :mod:`mapserver.index.compiled_nearest`, because it must run without numba,
        and a call for each segment would be slow.
        """
        vertices = VERTICES(self._vertices[self._run_begin[run] : self._run_end[run]])
        x1, y1 = next(vertices)
        best, best_x, best_y = (x1 - x) * (x1 - x) + (y1 - y) * (y1 - y), x1, y1
        for x2, y2 in vertices:
            ux, uy = x2 - x1, y2 - y1
            t = (x - x1) * ux + (y - y1) * uy
            # At t <= 0 the nearest point is A, which the segment before has looked at. The sign is
            # that of the dividend, so half of the segments need no division.
            if t > 0.0:
                t /= ux * ux + uy * uy + TINY
                if t > 1.0:  # min() is a call, and slow here
                    t = 1.0
                x1 += t * ux
                y1 += t * uy
                d2 = (x1 - x) * (x1 - x) + (y1 - y) * (y1 - y)
                if d2 < best:
                    best, best_x, best_y = d2, x1, y1
            x1, y1 = x2, y2
        return best, best_x, best_y


def _build_grid(lines: Lines) -> Grid:
    """Build a grid over the layer and some room around it."""
    sides = []
    for values in (lines.xs, lines.ys):
        low, high = float(values.min()), float(values.max())
        room = min((high - low) / 2, ROOM_M)
        sides.append(np.array([low - room, high + room]))
    runs = len(lines.run_first)
    fewest = min(FEWEST_CELLS, limits.MAX_CELLS_PER_RUN * runs)
    cells = min(max(CELLS_PER_RUN * runs, fewest), limits.MAX_POINT_CELLS)
    return Grid.from_extent(sides[0], sides[1], cells)


def _list_near_runs(grid: Grid, lines: Lines) -> tuple[Ints, npt.NDArray[np.void]]:
    """List for each cell the runs that can be nearest to a point in it.

    Let r be the half diagonal of a cell, and d the distance from its middle to any one run. Every
    point of the cell has that run within d + r (triangle inequality), so a run that is farther than
    d + r from the whole cell is nearest to none of its points.

    Returns
    -------
    start
        Where the runs of each cell begin, in bytes.
    boxes
        The runs, those nearest to the middle of the cell first.
    """
    box = lines.run_box.reshape(-1, 4)
    begin, crossing = group_runs_by_cell(
        grid, lines.xs, lines.ys, lines.run_first.astype(np.int64), lines.run_last.astype(np.int64)
    )
    run = crossing.astype(np.int64)
    cells = np.arange(grid.columns * grid.rows)
    # r, and d + r for the run that jump flooding guesses.
    radius = grid.size * np.sqrt(0.5)
    guess = guess_runs(grid, begin, run, box)
    reach = measure_to_guesses(grid, lines, guess) + radius
    # Step 1: all runs that cross a cell within that reach. Such cells are a square, that is, a
    # slice of each of some rows, one above the other.
    width = np.ceil(reach / grid.size).astype(np.int64)
    row, column = np.divmod(cells, grid.columns)
    west, east = np.maximum(column - width, 0), np.minimum(column + width, grid.columns - 1) + 1
    south, north = np.maximum(row - width, 0), np.minimum(row + width, grid.rows - 1)
    sums = tabulate_sums(np.diff(begin).reshape(grid.rows, grid.columns))
    pairs = sum_rectangles(sums, west, south, east, north + 1)
    has_no_list = (guess < 0) | (pairs > limits.MAX_CELL_PAIRS)
    north, pairs = np.where(has_no_list, south - 1, north), np.where(has_no_list, 0, pairs)
    counts = np.zeros(len(cells), np.int64)
    listed: deque[tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]] = deque()
    for part in _divide_cells(pairs):
        cell = cells[part]
        # The rows of each square, then the entries of each slice: pairs of a cell and a run.
        owner, level = expand_ranges(south[part], north[part])
        level *= grid.columns
        slice_, entry = expand_ranges(
            begin[level + west[part][owner]], begin[level + east[part][owner]] - 1
        )
        owner, near_run = owner[slice_], run[entry]
        # Step 2: of these, the runs that are near enough, with a smaller reach from the boxes.
        owner, near_run, squared = _select_near_pairs(
            find_middles(grid, cell), grid.size, (owner, near_run), box, reach[part]
        )
        # Step 3: by cell, and by distance within a cell. The owners are whole numbers and the
        # fraction is less than 1, so that one sum holds both.
        order = np.argsort(owner + squared / (1 + squared.max(initial=0)), kind="stable")
        owner, near_run, squared = owner[order], near_run[order], squared[order]
        # A run that crosses several cells of the square is there as often; once is enough.
        is_new = np.r_[True, (owner[1:] != owner[:-1]) | (near_run[1:] != near_run[:-1])]
        counts[part] = np.bincount(owner[is_new], minlength=len(cell))
        # From elsewhere in the cell the run may be nearer by r, and by a rounding.
        nearest = np.maximum(np.sqrt(squared[is_new]) - radius - ROUNDING_M, 0) ** 2
        least = np.nextafter(nearest.astype(np.float32), np.float32(-np.inf))
        listed.append((near_run[is_new].astype(np.int32), least))
    start = np.zeros(len(cells) + 1, np.int64)
    np.cumsum(counts * BOX.itemsize, out=start[1:])
    return start, _pack_boxes(box, listed)


def _divide_cells(pairs: Ints) -> Iterator[slice]:
    """Divide cells into slices that have about ``PAIRS_AT_A_TIME`` pairs each."""
    sums = np.cumsum(pairs)
    ends = np.searchsorted(sums, np.arange(PAIRS_AT_A_TIME, sums[-1], PAIRS_AT_A_TIME))
    yield from (slice(a, b) for a, b in pairwise(np.unique(np.r_[0, ends, len(pairs)]).tolist()))


def _select_near_pairs(
    middles: tuple[Floats, Floats],
    size: float,
    pairs: tuple[Ints, Ints],
    box: Floats,
    reach: Floats,
) -> tuple[Ints, Ints, Floats]:
    """Select the pairs of a cell and a run that are near enough.

    Parameters
    ----------
    middles, size
        The middles of the cells, and the side of a cell.
    pairs
        Positions of cells and of runs, one pair a row.
    box
        Shape (runs, 4): west, south, east, north.
    reach
        For each cell a distance within which a run is known to lie from each of its points.

    Returns
    -------
    owner, run, squared : ndarray
        The pairs that are left, and the square of the distance from the middle of the cell to the
        box of the run.
    """
    half = size / 2
    owner, run = pairs
    x, y = middles[0][owner], middles[1][owner]
    west, south, east, north = box[run].T
    dx = np.maximum(np.maximum(west - x, x - east), 0)
    dy = np.maximum(np.maximum(south - y, y - north), 0)
    # A line touches all four sides of its box, so it is no farther than the farther end of the
    # nearest side (Roussopoulos et al. 1995, MINMAXDIST).
    near_x = np.minimum(abs(x - west), abs(x - east))
    far_x = np.maximum(abs(x - west), abs(x - east))
    near_y = np.minimum(abs(y - south), abs(y - north))
    far_y = np.maximum(abs(y - south), abs(y - north))
    min_max = np.sqrt(np.minimum(near_x * near_x + far_y * far_y, near_y * near_y + far_x * far_x))
    # Any run gives a reach of d + r; the smallest of them holds for the cell.
    best = reach.copy()
    np.minimum.at(best, owner, min_max + half * np.sqrt(2))
    # Distance between two boxes: the cell, which is half a side wide on each side, and the run's.
    gap = np.hypot(np.maximum(dx - half, 0), np.maximum(dy - half, 0))
    is_near = gap <= best[owner] * (1 + 1e-9)
    return owner[is_near], run[is_near], (dx * dx + dy * dy)[is_near]


def _pack_boxes(
    box: Floats, listed: deque[tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]]
) -> npt.NDArray[np.void]:
    """Write the lists of all cells into one array; each part is freed once it is written."""
    small = np.empty(box.shape, np.float32)
    for i in range(len(SIDES)):
        # West and south are rounded down, east and north up.
        outward = np.float32(-np.inf if i < 2 else np.inf)
        small[:, i] = np.nextafter(box[:, i].astype(np.float32), outward)
    rows = np.empty(sum(len(run) for run, _ in listed), BOX)
    begin = 0
    while listed:
        run, least = listed.popleft()
        part = rows[begin : begin + len(run)]
        part["run"], part["least"] = run, least
        for i, side in enumerate(SIDES):
            part[side] = small[run, i]
        begin += len(run)
    return rows
