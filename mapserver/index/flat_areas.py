"""The areas of a layer as flat arrays: cells that lie in one, and edges for those on a border."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from mapserver.geo.geodesy import Floats, Geometries
from mapserver.index.flat_lines import vertices
from mapserver.index.grid import Grid, Ints, ranges

CELLS_PER_EDGE, MOST_CELLS = 24, 2**23
FINE_PER_EDGE, FINE_CELLS = 800, 2**20
"""A layer of few edges has more cells, as long as they fit the processor's cache."""
CELLS_PER_MARGIN = 10
"""No cell is smaller than so many margins, or most would be on a border."""
EDGES_PER_STRIP = 2
MOST_STRIPS = 512
AT_A_TIME = 200_000
"""Edges, and cells, that are worked on together: few enough that it takes little memory."""


class Strips(NamedTuple):
    """Edges by the level strips that each area is divided into.

    Attributes
    ----------
    start
        For each area its first strip, and one more at the end.
    level
        For each area where its strips begin in the south, and how many of them there are to a
        unit, one after the other.
    edge, vertex
        The edges that touch each strip: where they begin (one more at the end), and of each edge
        the vertex at which it begins. It ends at the next.
    xy
        The vertices, x and y one after the other.
    """

    start: npt.NDArray[np.int32]
    level: Floats
    edge: Ints
    vertex: npt.NDArray[np.int32]
    xy: Floats

    @classmethod
    def joined(cls, parts: list[Strips]) -> Strips:
        """Put those of some areas, which have counts instead of starts, after one another."""
        strips, levels, edges, vertex, xy = zip(*parts, strict=True)
        before = np.cumsum([0, *(len(some) // 2 for some in xy[:-1])]).astype(np.int32)
        return cls(
            np.concatenate([[0], np.cumsum(np.concatenate(strips))]).astype(np.int32),
            np.concatenate(levels),
            np.concatenate([[0], np.cumsum(np.concatenate(edges))]),
            np.concatenate([some + n for some, n in zip(vertex, before, strict=True)]),
            np.concatenate(xy),
        )


@dataclass(frozen=True)
class Areas:
    """What :func:`mapserver.index.kernels.containing` searches.

    Attributes
    ----------
    grid
        Cells over the plane.
    margin
        A point nearer than this to an edge is not decided here; 0 where only rounding is in doubt.
    cell
        For each cell 0 if no area has a part in it; ``area + 1`` if it lies wholly in that area and
        in no other; else ``-entry - 1`` with its place in ``entry_start``.
    entry_start, entry
        For such cells the areas: ``2 * area`` if the cell lies wholly in it, ``2 * area + 1`` if
        its border crosses the cell.
    strips
        The edges of the areas.
    """

    grid: Grid
    margin: float
    cell: npt.NDArray[np.int32]
    entry_start: npt.NDArray[np.int32]
    entry: npt.NDArray[np.int32]
    strips: Strips

    @classmethod
    def of(cls, polygons: Geometries, margin: float = 0.0) -> Areas | None:
        """Index polygons, of which some may be missing; None when there are none."""
        count = shapely.get_num_coordinates(polygons)
        if not count.any():
            return None
        west, south, east, north = shapely.total_bounds(polygons)
        edges = int(count.sum())
        cells = min(max(CELLS_PER_EDGE * edges, min(FINE_PER_EDGE * edges, FINE_CELLS)), MOST_CELLS)
        corners = np.array([west, east]), np.array([south, north])
        grid = Grid.over(*corners, cells, CELLS_PER_MARGIN * margin)
        borders, strips = [], []
        # Some areas after the others: what is worked out on the way takes ten times the memory.
        for some in np.split(np.arange(len(polygons)), _cuts(count)):
            xy, start, area = vertices(polygons[some])
            vertex, ends = _edges(xy, start, area)
            borders.append(_crossed(grid, ends, margin) + some[0] * grid.columns * grid.rows)
            strips.append(_strips(len(some), vertex, ends, margin, xy))
        edges_of_all = Strips.joined(strips)
        cells_of_all = _cells(grid, np.concatenate(borders), edges_of_all)
        return cls(grid, margin, *cells_of_all, edges_of_all)

    @cached_property
    def arrays(self) -> tuple[Any, ...]:
        """Grid, cells and strips, as the search takes them."""
        grid = self.grid
        return (
            (grid.x, grid.y, grid.size, grid.columns, grid.rows),
            self.margin,
            self.cell,
            self.entry_start,
            self.entry,
            *self.strips,
        )

    @cached_property
    def views(self) -> tuple[Any, ...]:
        """The same as memoryviews, of which Python reads one number faster than of an array."""
        grid, margin, *arrays = self.arrays
        return grid, margin, *(memoryview(array) for array in arrays)


class _Edges(NamedTuple):
    """Edges of some areas, in the order of the areas: which area's, and its two ends."""

    area: Ints
    ax: Floats
    ay: Floats
    bx: Floats
    by: Floats


def _edges(xy: Floats, start: Ints, line_area: Ints) -> tuple[Ints, _Edges]:
    """Take rings apart: the vertex at which each edge begins, and the edges."""
    last = np.zeros(len(xy), bool)
    last[start[1:] - 1] = True
    vertex = np.flatnonzero(~last)
    a, b = xy[vertex], xy[vertex + 1]
    area = np.repeat(line_area, np.diff(start) - 1)
    return vertex, _Edges(area, a[:, 0], a[:, 1], b[:, 0], b[:, 1])


def _cuts(count: Ints) -> Ints:
    """Cut a row of areas into pieces that have some ``AT_A_TIME`` corners together."""
    before = np.cumsum(count) - count
    return np.flatnonzero(np.diff(before // AT_A_TIME)) + 1


def _crossed(grid: Grid, edges: _Edges, margin: float) -> Ints:
    """Give each pair of an area and a cell its border crosses: ``area * cells + cell``, sorted."""
    edge, crossed = grid.crossed(*edges[1:], margin)
    pairs = edges.area[edge] * (grid.columns * grid.rows) + crossed
    pairs.sort()  # np.unique would take twice as long
    return pairs[np.r_[True, pairs[1:] > pairs[:-1]]]


def _strips(areas: int, vertex: Ints, edges: _Edges, margin: float, xy: Floats) -> Strips:
    """Divide each area into level strips, and list the edges that touch each strip."""
    area = edges.area
    low, high = np.minimum(edges.ay, edges.by), np.maximum(edges.ay, edges.by)
    south, north = np.full(areas, np.inf), np.full(areas, -np.inf)
    np.minimum.at(south, area, low)
    np.maximum.at(north, area, high)
    strips = np.clip(np.bincount(area, minlength=areas) // EDGES_PER_STRIP, 1, MOST_STRIPS)
    with np.errstate(invalid="ignore", divide="ignore"):
        per = np.where(north > south, strips / (north - south), 0.0)
    south = np.where(np.isfinite(south), south, 0.0)
    begin = np.cumsum(strips) - strips
    edge, touched = ranges(
        begin[area] + _strip(low - margin, south[area], per[area], strips[area]),
        begin[area] + _strip(high + margin, south[area], per[area], strips[area]),
    )
    count = np.bincount(touched, minlength=strips.sum())
    listed = vertex[edge[np.argsort(touched, kind="stable")]].astype(np.int32)
    level = np.column_stack([south, per]).ravel()
    return Strips(strips.astype(np.int32), level, count, listed, xy.ravel())


def _strip(y: Floats, south: Floats, per: Floats, strips: Ints) -> Ints:
    """Tell in which strip of an area a level lies, by the same sum as the search's."""
    return np.clip(np.floor((y - south) * per), 0, strips - 1).astype(np.int64)


def _cells(
    grid: Grid, border: Ints, strips: Strips
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Tell for each cell which areas it lies in and whose borders cross it."""
    every = grid.columns * grid.rows
    owner, crossed = np.divmod(border, every)
    first, last, within = _inner(grid, owner, crossed, strips)
    # How many areas each cell lies wholly in, and the sum of their numbers: of one, its number.
    covers, code = np.zeros(every + 1, np.int32), np.zeros(every + 1, np.int32)
    for at, sign in ((first, 1), (last + 1, -1)):
        np.add.at(covers, at, sign)
        np.add.at(code, at, sign * (within + 1).astype(np.int32))
    np.cumsum(covers, dtype=np.int32, out=covers)
    np.cumsum(code, dtype=np.int32, out=code)
    mixed = covers > 1
    mixed[crossed] = True
    code[covers == 0] = 0
    code[mixed] = -np.arange(1, np.count_nonzero(mixed) + 1)
    del covers
    # Of the rows of cells within an area, those that lie in another, too, or on its border.
    rank = np.zeros(every + 2, np.int32)
    np.cumsum(mixed, out=rank[1:])
    part, also = ranges(rank[first].astype(np.int64), rank[last + 1].astype(np.int64) - 1)
    keys = np.concatenate(
        [
            rank[crossed].astype(np.int64) * (1 << 32) + 2 * owner + 1,
            also * (1 << 32) + 2 * within[part],
        ]
    )
    keys.sort()
    start = np.searchsorted(keys >> 32, np.arange(rank[-1] + 1)).astype(np.int32)
    return code[:-1], start, (keys & 0xFFFFFFFF).astype(np.int32)


def _inner(grid: Grid, owner: Ints, crossed: Ints, strips: Strips) -> tuple[Ints, Ints, Ints]:
    """Find the rows of cells that lie wholly in an area: first and last cell, and the area."""
    row, column = np.divmod(crossed, grid.columns)
    # Between two cells on the border of an area, in one row, all are inside or all are outside.
    gap = np.flatnonzero(
        (owner[1:] == owner[:-1]) & (row[1:] == row[:-1]) & (column[1:] > column[:-1] + 1)
    )
    x = grid.x + (column[gap] + 1.5) * grid.size
    y = grid.y + (row[gap] + 0.5) * grid.size
    parts = [slice(at, at + AT_A_TIME) for at in range(0, len(gap), AT_A_TIME)]
    inside = [_inside(strips, owner[gap[part]], x[part], y[part]) for part in parts]
    gap = gap[np.concatenate([*inside, np.zeros(0, bool)])]
    return crossed[gap] + 1, crossed[gap + 1] - 1, owner[gap]


def _inside(strips: Strips, area: Ints, x: Floats, y: Floats) -> npt.NDArray[np.bool_]:
    """Tell which points, none of them near an edge, lie in the area that each is asked about."""
    south, per = strips.level.reshape(-1, 2)[area].T
    start = strips.start[area].astype(np.int64)
    strip = start + _strip(y, south, per, strips.start[area + 1] - start)
    point, edge = ranges(strips.edge[strip], strips.edge[strip + 1] - 1)
    vertex = strips.vertex[edge]
    (ax, ay), (bx, by) = (strips.xy.reshape(-1, 2)[each].T for each in (vertex, vertex + 1))
    x, y = x[point], y[point]
    passed = (ay > y) != (by > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        passed &= ax + (y - ay) / (by - ay) * (bx - ax) > x
    odd: npt.NDArray[np.bool_] = np.bincount(point[passed], minlength=len(area)) % 2 == 1
    return odd
