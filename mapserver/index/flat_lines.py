"""The lines of a layer as flat arrays: vertices, runs of segments, and the cells they cross."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from mapserver.geo.geodesy import Floats, Geometries
from mapserver.index.grid import Grid, Ints, grouped

RUN = 8
"""Segments that share a box: one test leaves out all of them."""
CELLS_PER_RUN = 0.8
MOST_EMPTY = 32
"""Rings of empty cells that are counted; beyond, they are walked."""


@dataclass(frozen=True)
class Lines:
    """What :func:`mapserver.index.kernels.nearest` searches.

    Attributes
    ----------
    grid
        Cells over the plane.
    cell_start, cell_run
        Runs that cross each cell.
    empty
        For each cell how many rings around it, itself included, are empty.
    run_first, run_last, run_feature, run_box
        First and last vertex of each run, its feature, and its west, south, east, north.
    xs, ys
        Vertices in metres; runs of one line share theirs.
    """

    grid: Grid
    cell_start: Ints
    cell_run: npt.NDArray[np.int32]
    empty: npt.NDArray[np.int32]
    run_first: npt.NDArray[np.int32]
    run_last: npt.NDArray[np.int32]
    run_feature: npt.NDArray[np.int32]
    run_box: Floats
    xs: Floats
    ys: Floats

    @classmethod
    def of(cls, xs: Floats, ys: Floats, start: Ints, feature: Ints) -> Lines:
        """Index lines.

        Parameters
        ----------
        xs, ys
            Vertices of all lines, one line after the other, in metres.
        start
            Shape (n + 1,): line ``i`` has the vertices from ``start[i]`` to ``start[i + 1]``. One
            vertex alone is a point.
        feature
            Shape (n,): the feature that each line belongs to.
        """
        count = np.diff(start)
        runs = np.maximum(1, -(-(count - 1) // RUN))
        line = np.repeat(np.arange(len(count)), runs)
        number = np.arange(len(line)) - np.repeat(np.cumsum(runs) - runs, runs)
        first = start[:-1][line] + number * RUN
        last = np.minimum(first + RUN, start[1:][line] - 1)
        grid = Grid.over(xs, ys, max(CELLS_PER_RUN * len(first), 16))
        cell_start, cell_run = runs_in_cells(grid, xs, ys, first, last)
        return cls(
            grid,
            cell_start,
            cell_run,
            _empty_rings(np.diff(cell_start).reshape(grid.rows, grid.columns)),
            first.astype(np.int32),
            last.astype(np.int32),
            feature[line].astype(np.int32),
            _boxes(xs, ys, first, last),
            np.ascontiguousarray(xs),
            np.ascontiguousarray(ys),
        )

    @cached_property
    def arrays(self) -> tuple[Any, ...]:
        """Grid, cells, runs and vertices, as the compiled search takes them."""
        grid = self.grid
        return (
            (grid.x, grid.y, grid.size, grid.columns, grid.rows),
            (self.cell_start, self.cell_run, self.empty),
            (self.run_first, self.run_last, self.run_feature, self.run_box),
            (self.xs, self.ys),
        )

    @cached_property
    def views(self) -> tuple[Any, ...]:
        """The same as memoryviews, of which Python reads one number faster than of an array."""
        grid, *groups = self.arrays
        return grid, *(memoryview(array) for group in groups for array in group)


def runs_in_cells(
    grid: Grid, xs: Floats, ys: Floats, first: Ints, last: Ints
) -> tuple[Ints, npt.NDArray[np.int32]]:
    """Group the runs by the cells they cross. Few segments leave their cell; only those are cut."""
    cell = grid.row(ys) * grid.columns + grid.column(xs)
    length = last - first
    run = np.repeat(np.arange(len(first)), np.maximum(length, 1))
    vertex = (
        first[run]
        + np.arange(len(run))
        - np.repeat(np.cumsum(np.maximum(length, 1)) - np.maximum(length, 1), np.maximum(length, 1))
    )
    after = np.minimum(vertex + 1, last[run])
    stays = cell[vertex] == cell[after]
    new = stays.copy()  # the cell of a run is told once, not for each segment that stays in it
    new[1:] &= ~(stays[:-1] & (run[1:] == run[:-1]) & (cell[vertex][1:] == cell[vertex][:-1]))
    cut = np.flatnonzero(~stays)
    a, b = vertex[cut], after[cut]
    segment, crossed = grid.crossed(xs[a], ys[a], xs[b], ys[b])
    return grouped(
        np.concatenate([cell[vertex[new]], crossed]),
        np.concatenate([run[new], run[cut][segment]]),
        grid.columns * grid.rows,
    )


def _boxes(xs: Floats, ys: Floats, first: Ints, last: Ints) -> Floats:
    """Give the box of each run: west, south, east, north, one after the other."""
    # reduceat takes pairs of bounds; what lies between two runs is worked out and left.
    bounds = np.column_stack([first, last + 1]).ravel()
    boxes = np.empty((len(first), 4))
    for column, values in enumerate((xs, ys)):
        padded = np.append(values, values[-1])
        boxes[:, column] = np.minimum.reduceat(padded, bounds)[::2]
        boxes[:, column + 2] = np.maximum.reduceat(padded, bounds)[::2]
    return boxes.ravel()


def _empty_rings(count: Ints) -> npt.NDArray[np.int32]:
    """Count for each cell the rings around it in which nothing is, at most ``MOST_EMPTY``."""
    rows, columns = count.shape
    empty = np.zeros((rows, columns), np.int32)
    # Sums over squares by a summed-area table (Crow 1984).
    sums = np.zeros((rows + 1, columns + 1), np.int64)
    np.cumsum(np.cumsum(count > 0, axis=0), axis=1, out=sums[1:, 1:])
    row, column = np.arange(rows)[:, None], np.arange(columns)
    for ring in range(MOST_EMPTY):
        south, north = np.maximum(row - ring, 0), np.minimum(row + ring + 1, rows)
        west, east = np.maximum(column - ring, 0), np.minimum(column + ring + 1, columns)
        inside = sums[north, east] - sums[south, east] - sums[north, west] + sums[south, west]
        still = inside == 0
        if not still.any():
            break
        empty += still
    return empty.ravel()


def vertices(geometries: Geometries) -> tuple[Floats, Ints, Ints]:
    """Take geometries of any type apart into lines.

    Returns
    -------
    coordinates : ndarray
        Shape (v, 2), of all lines one after the other; a polygon has its rings.
    start : ndarray of int
        Shape (n + 1,), where each line begins.
    feature : ndarray of int
        Shape (n,), the position of the geometry that each line is of.
    """
    parts, feature = shapely.get_parts(geometries, return_index=True)
    while (shapely.get_type_id(parts) >= shapely.GeometryType.MULTIPOINT).any():
        parts, within = shapely.get_parts(parts, return_index=True)
        feature = feature[within]
    areal = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    rings, polygon = shapely.get_rings(parts[areal], return_index=True)
    lines = np.concatenate([parts[~areal], rings])
    feature = np.concatenate([feature[~areal], feature[areal][polygon]])
    filled = ~shapely.is_empty(lines)
    lines, feature = lines[filled], feature[filled]
    coordinates, line = shapely.get_coordinates(lines, return_index=True)
    start = np.searchsorted(line, np.arange(len(lines) + 1))
    return coordinates, start.astype(np.int64), feature.astype(np.int64)


def in_space(coordinates: Floats, start: Ints, feature: Ints) -> tuple[Floats, Ints, Ints]:
    """Order lines so that those near one another in the plane are near in memory."""
    corner = coordinates[start[:-1]]
    strip = max(float(np.ptp(corner[:, 1])) / max(np.sqrt(len(corner)), 1.0), 1e-9)
    order = np.lexsort((corner[:, 0], np.floor(corner[:, 1] / strip)))
    count = np.diff(start)[order]
    begin = np.concatenate([[0], np.cumsum(count)])
    position = np.arange(begin[-1]) + np.repeat(start[:-1][order] - begin[:-1], count)
    return coordinates[position], begin, feature[order]
