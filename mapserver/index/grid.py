"""A uniform grid over the plane: which cells a segment crosses, as flat arrays made by numpy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mapserver.geo.geodesy import Floats

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Grid:
    """Square cells in rows, the first at the lower left.

    Attributes
    ----------
    x, y
        Lower left corner.
    size
        Side of a cell.
    columns, rows
        How many there are.
    """

    x: float
    y: float
    size: float
    columns: int
    rows: int

    @classmethod
    def over(cls, x: Floats, y: Floats, cells: float, smallest: float = 0.0) -> Grid:
        """Lay some ``cells`` over all coordinates, none smaller, with the room of one around."""
        west, south, east, north = x.min(), y.min(), x.max(), y.max()
        size = max(np.sqrt((east - west) * (north - south) / cells), (east - west) / cells)
        # A straight line, or a single point, has no area.
        size = max(float(size), (north - south) / cells, 1e-9 * max(abs(east), abs(north), 1.0))
        size = max(size, smallest)
        columns, rows = int((east - west) / size) + 3, int((north - south) / size) + 3
        return cls(float(west) - size, float(south) - size, size, columns, rows)

    def column(self, x: Floats) -> Ints:
        """Give the columns of coordinates, none outside the grid."""
        return np.clip(np.floor((x - self.x) / self.size), 0, self.columns - 1).astype(np.int64)

    def row(self, y: Floats) -> Ints:
        """Give the rows of coordinates, none outside the grid."""
        return np.clip(np.floor((y - self.y) / self.size), 0, self.rows - 1).astype(np.int64)

    def crossed(
        self, ax: Floats, ay: Floats, bx: Floats, by: Floats, margin: float = 0.0
    ) -> tuple[Ints, Ints]:
        """Pair segments with the cells they cross or touch.

        Parameters
        ----------
        ax, ay, bx, by
            Ends of ``n`` segments.
        margin
            A segment touches a cell that it comes so near to.

        Returns
        -------
        segment, cell : ndarray of int
            A segment on the edge of a cell is in the cells on both sides.
        """
        # Coordinates are no finer than this, so what is as near as this touches.
        fine = 1e-12 * max(abs(self.x), abs(self.y), self.size * max(self.columns, self.rows))
        touch = margin + fine
        first, last = self.row(np.minimum(ay, by) - touch), self.row(np.maximum(ay, by) + touch)
        segment, row = ranges(first, last)
        sx, sy, dx, dy = ax[segment], ay[segment], (bx - ax)[segment], (by - ay)[segment]
        low = self.y + row * self.size - touch
        with np.errstate(divide="ignore", invalid="ignore"):
            # Where the segment enters and leaves the row; a level one has its whole length in it.
            enters, leaves = (low - sy) / dy, (low + self.size + 2 * touch - sy) / dy
        enters, leaves = np.minimum(enters, leaves), np.maximum(enters, leaves)
        level = dy == 0
        x1 = sx + np.where(level, 0.0, np.clip(enters, 0.0, 1.0)) * dx
        x2 = sx + np.where(level, 1.0, np.clip(leaves, 0.0, 1.0)) * dx
        first = self.column(np.minimum(x1, x2) - touch)
        last = self.column(np.maximum(x1, x2) + touch)
        part, column = ranges(first, last)
        return segment[part], row[part] * self.columns + column


def grouped(keys: Ints, values: Ints, groups: int) -> tuple[Ints, npt.NDArray[np.int32]]:
    """Sort values by key into one flat array with offsets (compressed rows).

    Returns
    -------
    start : ndarray of int64
        Shape (groups + 1,): the values of key ``i`` are ``value[start[i]:start[i + 1]]``.
    value : ndarray of int32
        Each value once in a group.
    """
    both = np.unique(keys * (values.max(initial=0) + 1) + values)
    keys, values = np.divmod(both, values.max(initial=0) + 1)
    start = np.zeros(groups + 1, dtype=np.int64)
    np.cumsum(np.bincount(keys, minlength=groups), out=start[1:])
    return start, values.astype(np.int32)


def ranges(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Count from each first to its last; give the position and the number, one pair a row."""
    count = last - first + 1
    owner = np.repeat(np.arange(len(first)), count)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    return owner, first[owner] + number
