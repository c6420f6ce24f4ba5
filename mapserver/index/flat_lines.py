"""The lines of a layer as flat arrays: vertices, runs of segments, and the cells they cross."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from mapserver.geo.geodesy import Floats, Geometries
from mapserver.index.grid import Grid, Ints, group_values, sum_rectangles, tabulate_sums
from mapserver.index.index_file import IndexParts
from mapserver.settings import limits

RUN = 8
"""Segments that share a box: one test leaves out all of them."""
CELLS_PER_RUN = 0.8

TYPES = {
    "cell_start": "<i8", "cell_run": "<i4", "empty": "<i4", "run_first": "<i4", "run_last": "<i4",
    "run_feature": "<i4", "run_box": "<f8", "xs": "<f8", "ys": "<f8",
}  # fmt: skip
"""The arrays of :class:`Lines` in their order, and the type of each."""


@dataclass(frozen=True)
class Lines:
    """The arrays that :func:`mapserver.index.kernels.search_nearest` searches.

    Attributes
    ----------
    grid
        Cells over the plane.
    cell_start, cell_run
        The runs that cross each cell, as compressed rows.
    empty
        For each cell, how many rings around it are empty; the cell itself is ring 0.
    run_first, run_last, run_feature, run_box
        The first and last vertex of each run, its feature, and its west, south, east, north.
    xs, ys
        Vertices in metres; neighbouring runs of a line share the vertex between them.
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
    def from_vertices(cls, xs: Floats, ys: Floats, start: Ints, feature: Ints) -> Lines:
        """Build the arrays from the vertices of lines.

        Parameters
        ----------
        xs, ys
            Vertices of all lines, one line after the other, in metres.
        start
            Shape (n + 1,): line ``i`` has the vertices from ``start[i]`` to ``start[i + 1]``. A
            line of one vertex is a point.
        feature
            Shape (n,): the feature that each line belongs to.
        """
        vertices = np.diff(start)
        # A line of v vertices has v - 1 segments, thus ceil((v - 1) / RUN) runs; a point has one.
        runs = np.maximum(1, -(-(vertices - 1) // RUN))
        line = np.repeat(np.arange(len(vertices)), runs)
        number = np.arange(len(line)) - np.repeat(np.cumsum(runs) - runs, runs)
        # The last vertex of a run is the first of the next one.
        run_first = start[:-1][line] + number * RUN
        run_last = np.minimum(run_first + RUN, start[1:][line] - 1)
        grid = Grid.from_extent(xs, ys, max(CELLS_PER_RUN * len(run_first), 16))
        cell_start, cell_run = group_runs_by_cell(grid, xs, ys, run_first, run_last)
        return cls(
            grid,
            cell_start,
            cell_run,
            _count_empty_rings(np.diff(cell_start).reshape(grid.rows, grid.columns)),
            run_first.astype(np.int32),
            run_last.astype(np.int32),
            feature[line].astype(np.int32),
            _bound_runs(xs, ys, run_first, run_last),
            np.ascontiguousarray(xs),
            np.ascontiguousarray(ys),
        )

    def pack(self) -> IndexParts:
        """Return what it is made of, for a file."""
        return IndexParts(
            {"grid": self.grid.list_facts()}, {name: getattr(self, name) for name in TYPES}
        )

    @classmethod
    def unpack(cls, parts: IndexParts) -> Lines:
        """Build it from what a file has."""
        arrays = [parts.take(name, dtype) for name, dtype in TYPES.items()]
        return cls(Grid.from_facts(parts.facts["grid"]), *arrays)

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
        """The same as memoryviews: Python reads one number of them faster than of an array."""
        grid, *groups = self.arrays
        return grid, *(memoryview(array) for group in groups for array in group)


def group_runs_by_cell(
    grid: Grid, xs: Floats, ys: Floats, run_first: Ints, run_last: Ints
) -> tuple[Ints, npt.NDArray[np.int32]]:
    """List the runs that cross each cell, as compressed rows.

    Few segments leave the cell in which they begin; only those are cut at the edges of cells.
    """
    cell = grid.find_rows(ys) * grid.columns + grid.find_columns(xs)
    # Each segment by its run and its first vertex; a run of one vertex counts as one segment.
    segments = np.maximum(run_last - run_first, 1)
    run = np.repeat(np.arange(len(run_first)), segments)
    vertex = (
        run_first[run] + np.arange(len(run)) - np.repeat(np.cumsum(segments) - segments, segments)
    )
    following = np.minimum(vertex + 1, run_last[run])
    stays = cell[vertex] == cell[following]
    # The cell of a run is listed once, not again for each segment that stays in it.
    is_new = stays.copy()
    is_new[1:] &= ~(stays[:-1] & (run[1:] == run[:-1]) & (cell[vertex][1:] == cell[vertex][:-1]))
    leaving = np.flatnonzero(~stays)
    start, end = vertex[leaving], following[leaving]
    segment, crossed_cell = grid.find_crossed_cells(xs[start], ys[start], xs[end], ys[end])
    return group_values(
        np.concatenate([cell[vertex[is_new]], crossed_cell]),
        np.concatenate([run[is_new], run[leaving][segment]]),
        grid.columns * grid.rows,
    )


def _bound_runs(xs: Floats, ys: Floats, run_first: Ints, run_last: Ints) -> Floats:
    """Compute the box of each run: west, south, east, north, one after the other."""
    # reduceat takes the vertices from each bound to the next one. Every second of its results is a
    # run; the others lie between two runs and are left out.
    bounds = np.column_stack([run_first, run_last + 1]).ravel()
    boxes = np.empty((len(run_first), 4))
    for column, values in enumerate((xs, ys)):
        # The last bound is the number of vertices, which must be a position, too.
        padded = np.append(values, values[-1])
        boxes[:, column] = np.minimum.reduceat(padded, bounds)[::2]
        boxes[:, column + 2] = np.maximum.reduceat(padded, bounds)[::2]
    return boxes.ravel()


def _count_empty_rings(runs: Ints) -> npt.NDArray[np.int32]:
    """Count the rings around each cell that have no run in them, up to the limit of them.

    Parameters
    ----------
    runs
        Shape (rows, columns), how many runs cross each cell.
    """
    rows, columns = runs.shape
    empty = np.zeros((rows, columns), np.int32)
    sums = tabulate_sums(runs > 0)
    row, column = np.arange(rows)[:, None], np.arange(columns)
    for ring in range(limits.MAX_EMPTY_RINGS):
        # The square of all rings up to this one, cut off at the sides of the grid.
        south, north = np.maximum(row - ring, 0), np.minimum(row + ring + 1, rows)
        west, east = np.maximum(column - ring, 0), np.minimum(column + ring + 1, columns)
        is_empty = sum_rectangles(sums, west, south, east, north) == 0
        # A square is empty only if the smaller one within it is: once none is, none will be.
        if not is_empty.any():
            break
        empty += is_empty
    return empty.ravel()


def extract_vertices(geometries: Geometries) -> tuple[Floats, Ints, Ints]:
    """Return the vertices of geometries of any type, line by line.

    Returns
    -------
    coordinates : ndarray
        Shape (v, 2), of all lines one after the other; the lines of a polygon are its rings.
    start : ndarray of int
        Shape (n + 1,), where each line begins.
    feature : ndarray of int
        Shape (n,), the position of the geometry that each line is of.
    """
    parts, feature = shapely.get_parts(geometries, return_index=True)
    # A collection may hold collections.
    while (shapely.get_type_id(parts) >= shapely.GeometryType.MULTIPOINT).any():
        parts, owner = shapely.get_parts(parts, return_index=True)
        feature = feature[owner]
    is_areal = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    rings, polygon = shapely.get_rings(parts[is_areal], return_index=True)
    lines = np.concatenate([parts[~is_areal], rings])
    feature = np.concatenate([feature[~is_areal], feature[is_areal][polygon]])
    is_filled = ~shapely.is_empty(lines)
    lines, feature = lines[is_filled], feature[is_filled]
    coordinates, line = shapely.get_coordinates(lines, return_index=True)
    start = np.searchsorted(line, np.arange(len(lines) + 1))
    return coordinates, start.astype(np.int64), feature.astype(np.int64)


def sort_in_space(coordinates: Floats, start: Ints, feature: Ints) -> tuple[Floats, Ints, Ints]:
    """Sort lines so that those near one another in the plane are near one another in memory.

    Parameters
    ----------
    coordinates, start, feature
        Lines as :func:`extract_vertices` returns them.
    """
    # About sqrt(n) level strips, and from west to east in each, by the first vertex of a line.
    corner = coordinates[start[:-1]]
    strip = max(float(np.ptp(corner[:, 1])) / max(np.sqrt(len(corner)), 1.0), 1e-9)
    order = np.lexsort((corner[:, 0], np.floor(corner[:, 1] / strip)))
    vertices = np.diff(start)[order]
    begin = np.concatenate([[0], np.cumsum(vertices)])
    # Where each vertex of the sorted lines stood before.
    position = np.arange(begin[-1]) + np.repeat(start[:-1][order] - begin[:-1], vertices)
    return coordinates[position], begin, feature[order]
