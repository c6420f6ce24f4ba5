"""The areas of a layer as flat arrays: cells that lie in one, and edges for those on a border."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from mapserver.geodesy import Floats, Geometries
from mapserver.index.grid import Grid, Ints, ranges
from mapserver.index.lines import vertices

CELLS_PER_EDGE = 24
FEWEST_CELLS, MOST_CELLS = 2**12, 2**23
EDGES_PER_STRIP = 2
MOST_STRIPS = 512
EDGES_AT_A_TIME = 200_000

NONE, ONE, BORDER = 0, 1, 2
"""What a cell is: in no area, wholly in one and crossed by no border, or anything else."""


@dataclass(frozen=True)
class Areas:
    """What :func:`mapserver.index.search.containing` searches.

    Attributes
    ----------
    grid
        Cells over the plane.
    cell
        For each cell 0 if no area has a part in it; ``area + 1`` if it lies wholly in that area and
        in no other; else ``-entry - 1`` with its place in ``entry_start``.
    entry_start, entry
        For such cells the areas: ``2 * area`` if the cell lies wholly in it, ``2 * area + 1`` if
        its border crosses the cell.
    strip_start, strip_level
        For each area its first strip; where its strips begin in the south, and how many of them
        there are to a unit, one after the other.
    strip_edge, ends
        The edges that touch each strip: where they begin (one more at the end), and of each edge
        the two ends, x and y one after the other.
    """

    grid: Grid
    cell: npt.NDArray[np.int32]
    entry_start: npt.NDArray[np.int32]
    entry: npt.NDArray[np.int32]
    strip_start: npt.NDArray[np.int32]
    strip_level: Floats
    strip_edge: Ints
    ends: Floats

    @classmethod
    def of(cls, geometries: Geometries) -> Areas | None:
        """Index the polygons among geometries; None when there are none."""
        coordinates, start, line_area = vertices(geometries)
        if not len(line_area):
            return None
        last = np.zeros(len(coordinates), bool)
        last[start[1:] - 1] = True
        area = np.repeat(line_area, np.diff(start))[~last]
        a, b = coordinates[:-1][~last[:-1]], coordinates[1:][~last[:-1]]
        edges = a[:, 0], a[:, 1], b[:, 0], b[:, 1]
        cells = np.clip(CELLS_PER_EDGE * len(area), FEWEST_CELLS, MOST_CELLS)
        grid = Grid.over(coordinates[:, 0], coordinates[:, 1], float(cells))
        cell, entry_start, entry = _cells(grid, geometries, area, edges)
        strips = _strips(len(geometries), area, edges)
        return cls(grid, cell, entry_start, entry, *strips)

    @cached_property
    def arrays(self) -> tuple[Any, ...]:
        """Grid, cells and strips, as the search takes them."""
        grid = self.grid
        return (
            (grid.x, grid.y, grid.size, grid.columns, grid.rows),
            self.cell,
            self.entry_start,
            self.entry,
            self.strip_start,
            self.strip_level,
            self.strip_edge,
            self.ends,
        )

    @cached_property
    def views(self) -> tuple[Any, ...]:
        """The same as memoryviews, of which Python reads one number faster than of an array."""
        grid, *arrays = self.arrays
        return grid, *(memoryview(array) for array in arrays)


def _cells(
    grid: Grid, geometries: Geometries, area: Ints, edges: tuple[Floats, ...]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Tell for each cell which areas it lies in and whose borders cross it."""
    every = grid.columns * grid.rows
    border = _crossed(grid, area, edges)
    owner, cell = np.divmod(border, every)
    row, column = np.divmod(cell, grid.columns)
    # Between two cells on the border of an area, in one row, all are inside or all are outside.
    gap = np.flatnonzero(
        (owner[1:] == owner[:-1]) & (row[1:] == row[:-1]) & (column[1:] > column[:-1] + 1)
    )
    x = grid.x + (column[gap] + 1.5) * grid.size
    y = grid.y + (row[gap] + 0.5) * grid.size
    inside = gap[shapely.intersects_xy(geometries[owner[gap]], x, y)]
    part, full = ranges(cell[inside] + 1, cell[inside + 1] - 1)
    # A cell and an entry as one number: sorted in place, which takes no memory beside it.
    kinds = 2 * len(geometries)
    keys = np.concatenate([cell * kinds + 2 * owner + 1, full * kinds + 2 * owner[inside][part]])
    del part, full
    keys.sort()
    cells, entries = (keys // kinds).astype(np.int32), (keys % kinds).astype(np.int32)
    first = np.flatnonzero(np.r_[True, cells[1:] != cells[:-1]])
    found, count = cells[first], np.diff(np.r_[first, len(cells)])
    alone = (count == 1) & (entries[first] % 2 == 0)
    code = np.zeros(every, np.int32)
    code[found[alone]] = entries[first[alone]] // 2 + 1
    mixed = np.flatnonzero(~alone)
    code[found[mixed]] = -np.arange(len(mixed)) - 1
    kept = np.repeat(~alone, count)
    start = np.zeros(len(mixed) + 1, np.int32)
    np.cumsum(count[mixed], out=start[1:])
    return code, start, entries[kept]


def _crossed(grid: Grid, area: Ints, edges: tuple[Floats, ...]) -> Ints:
    """Give each pair of an area and a cell its border crosses: ``area * cells + cell``, sorted."""
    pairs = []
    # By parts: what is worked out on the way takes ten times the memory of the answer.
    for first in range(0, len(area), EDGES_AT_A_TIME):
        part = slice(first, first + EDGES_AT_A_TIME)
        edge, crossed = grid.crossed(*(ends[part] for ends in edges))
        pairs.append(np.unique(area[part][edge] * (grid.columns * grid.rows) + crossed))
    return np.unique(np.concatenate(pairs))


def _strips(
    areas: int, area: Ints, edges: tuple[Floats, ...]
) -> tuple[npt.NDArray[np.int32], Floats, Ints, Floats]:
    """Divide each area into level strips, and list the edges that touch each strip."""
    _, ay, _, by = edges
    south, north = np.full(areas, np.inf), np.full(areas, -np.inf)
    np.minimum.at(south, area, np.minimum(ay, by))
    np.maximum.at(north, area, np.maximum(ay, by))
    strips = np.clip(np.bincount(area, minlength=areas) // EDGES_PER_STRIP, 1, MOST_STRIPS)
    with np.errstate(invalid="ignore", divide="ignore"):
        per = np.where(north > south, strips / (north - south), 0.0)
    south = np.where(np.isfinite(south), south, 0.0)
    strip_start = np.zeros(areas + 1, np.int32)
    np.cumsum(strips, out=strip_start[1:])

    def strip(y: Floats) -> Ints:
        # The same sum as the search does, so that both round alike.
        number = np.floor((y - south[area]) * per[area]).astype(np.int64)
        inside: Ints = strip_start[area] + np.clip(number, 0, strips[area] - 1)
        return inside

    edge, touched = ranges(strip(np.minimum(ay, by)), strip(np.maximum(ay, by)))
    begin = np.zeros(strip_start[-1] + 1, np.int64)
    np.cumsum(np.bincount(touched, minlength=strip_start[-1]), out=begin[1:])
    listed = edge.astype(np.int32)[np.argsort(touched, kind="stable")]
    del edge, touched
    ends = np.empty((len(listed), 4))
    for column, of_all in enumerate(edges):
        ends[:, column] = of_all[listed]
    return strip_start, np.column_stack([south, per]).ravel(), begin, ends.ravel()
