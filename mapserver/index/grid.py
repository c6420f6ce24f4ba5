"""A uniform grid over the plane: which cells a segment crosses, as flat arrays made by numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mapserver.geo.geodesy import Floats

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Grid:
    """Square cells in rows; the first cell is at the lower left.

    Attributes
    ----------
    x, y
        Lower left corner of the first cell.
    size
        Side of a cell.
    columns, rows
        How many columns and rows of cells there are.
    """

    x: float
    y: float
    size: float
    columns: int
    rows: int

    def list_facts(self) -> list[float | int]:
        """List x, y, size, columns and rows, for a file."""
        return [self.x, self.y, self.size, self.columns, self.rows]

    @classmethod
    def from_facts(cls, facts: list[Any]) -> Grid:
        """Build it from those numbers."""
        x, y, size, columns, rows = facts
        return cls(float(x), float(y), float(size), int(columns), int(rows))

    @classmethod
    def from_extent(cls, x: Floats, y: Floats, cells: float, smallest: float = 0.0) -> Grid:
        """Build a grid of about ``cells`` cells over coordinates, with one cell more on each side.

        Parameters
        ----------
        x, y
            The coordinates that the grid covers.
        cells
            About how many cells the extent of the coordinates is divided into.
        smallest
            The least side that a cell may have.
        """
        west, south, east, north = x.min(), y.min(), x.max(), y.max()
        # side^2 = area / cells. A straight line or a single point has no area; then a side is at
        # least its length / cells, and in any case more than the rounding of the coordinates.
        size = max(np.sqrt((east - west) * (north - south) / cells), (east - west) / cells)
        size = max(float(size), (north - south) / cells, 1e-9 * max(abs(east), abs(north), 1.0))
        size = max(size, smallest)
        # One cell for the remainder of the division, and one on each side.
        columns, rows = int((east - west) / size) + 3, int((north - south) / size) + 3
        return cls(float(west) - size, float(south) - size, size, columns, rows)

    def find_columns(self, x: Floats) -> Ints:
        """Return the columns of coordinates; those outside the grid get its first or last one."""
        return np.clip(np.floor((x - self.x) / self.size), 0, self.columns - 1).astype(np.int64)

    def find_rows(self, y: Floats) -> Ints:
        """Return the rows of coordinates; those outside the grid get its first or last one."""
        return np.clip(np.floor((y - self.y) / self.size), 0, self.rows - 1).astype(np.int64)

    def find_crossed_cells(
        self, x1: Floats, y1: Floats, x2: Floats, y2: Floats, margin: float = 0.0
    ) -> tuple[Ints, Ints]:
        """Pair segments with the cells they cross or touch.

        Parameters
        ----------
        x1, y1, x2, y2
            Ends of ``n`` segments.
        margin
            A segment also touches the cells that it comes so near to.

        Returns
        -------
        segment, cell : ndarray of int
            One pair a row. A segment on the edge of a cell is in the cells on both sides.
        """
        # Coordinates have about 16 digits, so what is nearer than this may touch.
        rounding = 1e-12 * max(abs(self.x), abs(self.y), self.size * max(self.columns, self.rows))
        touch = margin + rounding
        # Step 1: the rows that each segment reaches, one pair of a segment and a row each.
        lowest = self.find_rows(np.minimum(y1, y2) - touch)
        highest = self.find_rows(np.maximum(y1, y2) + touch)
        segment, row = expand_ranges(lowest, highest)
        # Step 2: the part of the segment in that row. On A + t * (B - A) it enters the row at
        # t = (bottom of the row - ay) / (by - ay), and leaves it at the row's top likewise.
        start_x, start_y = x1[segment], y1[segment]
        dx, dy = (x2 - x1)[segment], (y2 - y1)[segment]
        bottom = self.y + row * self.size - touch
        top = bottom + self.size + 2 * touch
        with np.errstate(divide="ignore", invalid="ignore"):
            enters, leaves = (bottom - start_y) / dy, (top - start_y) / dy
        # A segment that goes down enters at the top.
        enters, leaves = np.minimum(enters, leaves), np.maximum(enters, leaves)
        # A level segment has no such t; its whole length lies in its row.
        is_level = dy == 0
        enter_x = start_x + np.where(is_level, 0.0, np.clip(enters, 0.0, 1.0)) * dx
        leave_x = start_x + np.where(is_level, 1.0, np.clip(leaves, 0.0, 1.0)) * dx
        # Step 3: the columns between the two, one pair of a segment and a cell each.
        western = self.find_columns(np.minimum(enter_x, leave_x) - touch)
        eastern = self.find_columns(np.maximum(enter_x, leave_x) + touch)
        part, column = expand_ranges(western, eastern)
        return segment[part], row[part] * self.columns + column


def group_values(keys: Ints, values: Ints, groups: int) -> tuple[Ints, npt.NDArray[np.int32]]:
    """Sort values by key into one flat array with offsets (compressed rows).

    Returns
    -------
    start : ndarray of int64
        Shape (groups + 1,): the values of key ``i`` are ``value[start[i]:start[i + 1]]``.
    value : ndarray of int32
        Each value once in a group, in ascending order.
    """
    # One number for a pair of a key and a value sorts faster than two columns do.
    factor = values.max(initial=0) + 1
    pairs = np.unique(keys * factor + values)
    keys, values = np.divmod(pairs, factor)
    start = np.zeros(groups + 1, dtype=np.int64)
    np.cumsum(np.bincount(keys, minlength=groups), out=start[1:])
    return start, values.astype(np.int32)


def expand_ranges(lowest: Ints, highest: Ints) -> tuple[Ints, Ints]:
    """Return all whole numbers of many ranges, one after the other.

    Parameters
    ----------
    lowest, highest
        Shape (n,): both ends of each range, which belong to it; a range whose highest number is
        one less than its lowest is empty.

    Returns
    -------
    owner, number : ndarray of int
        For each number the position of its range, and the number itself.

    Examples
    --------
    >>> owner, number = expand_ranges(np.array([3, 7]), np.array([5, 7]))
    >>> owner.tolist(), number.tolist()
    ([0, 0, 0, 1], [3, 4, 5, 7])
    """
    count = highest - lowest + 1
    owner = np.repeat(np.arange(len(lowest)), count)
    # The position of a number within its range: its place among all, less where the range begins.
    offset = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    return owner, lowest[owner] + offset


def tabulate_sums(counts: npt.NDArray[Any]) -> Ints:
    """Compute a summed-area table (Crow 1984) of the counts of cells, to sum over rectangles.

    Parameters
    ----------
    counts
        Shape (rows, columns), a count for each cell.

    Returns
    -------
    ndarray of int
        Shape (rows + 1, columns + 1). ``sums[j, i]`` is the sum of all cells below row ``j`` and
        to the west of column ``i``, so the cells from ``west`` up to but not including ``east``
        and from ``south`` to ``north`` have the sum ``sums[north, east] - sums[south, east] -
        sums[north, west] + sums[south, west]``.
    """
    sums = np.zeros((counts.shape[0] + 1, counts.shape[1] + 1), np.int64)
    np.cumsum(np.cumsum(counts, axis=0), axis=1, out=sums[1:, 1:])
    return sums


def sum_rectangles(sums: Ints, west: Ints, south: Ints, east: Ints, north: Ints) -> Ints:
    """Return the sums over rectangles of cells, of a table of :func:`tabulate_sums`."""
    totals: Ints = sums[north, east] - sums[south, east] - sums[north, west] + sums[south, west]
    return totals
