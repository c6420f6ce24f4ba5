"""The areas of a layer as flat arrays: a code for each cell, and the edges of each area."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from mapserver.geo.geodesy import Floats, Geometries
from mapserver.index.flat_lines import extract_vertices
from mapserver.index.grid import Grid, Ints, expand_ranges
from mapserver.index.index_file import IndexParts
from mapserver.settings import limits

CELLS_PER_EDGE = 24
FINE_PER_EDGE, FINE_CELLS = 800, 2**20
"""A layer of few edges has more cells, as long as they fit the processor's cache."""
CELLS_PER_MARGIN = 10
"""A cell is at least so many margins wide, or most cells would be on a border."""
EDGES_PER_STRIP = 2
BATCH = 200_000
"""Edges, and cells, that are worked on together: few enough that they take little memory."""

CELL_TYPES = {"cell": "<i4", "entry_start": "<i4", "entry": "<i4"}
STRIP_TYPES = {"start": "<i4", "level": "<f8", "edge": "<i8", "vertex": "<i4", "xy": "<f8"}
"""The arrays of :class:`Areas` and of :class:`Strips`, and the type of each."""


class Strips(NamedTuple):
    """The edges of areas, listed by the level strips into which each area is divided.

    Attributes
    ----------
    start
        For each area its first strip; one more number at the end.
    level
        Two numbers for each area, one after the other: the level at which its strips begin in the
        south, and how many strips there are to a unit.
    edge, vertex
        The edges that touch each strip: ``edge`` says where they begin in ``vertex`` (one more
        number at the end), which has the vertex where each edge begins. An edge ends at the vertex
        after that.
    xy
        The vertices, x and y one after the other.
    """

    start: npt.NDArray[np.int32]
    level: Floats
    edge: Ints
    vertex: npt.NDArray[np.int32]
    xy: Floats

    @classmethod
    def concatenate(cls, parts: list[Strips]) -> Strips:
        """Return the strips of all areas from those of some areas each.

        Parameters
        ----------
        parts
            Their ``start`` and ``edge`` hold counts: of the strips of each area, and of the edges
            in each strip.
        """
        strip_counts, levels, edge_counts, vertices, xys = zip(*parts, strict=True)
        # Each part numbers its vertices from 0; in the result those of earlier parts come before.
        shift = np.cumsum([0, *(len(xy) // 2 for xy in xys[:-1])]).astype(np.int32)
        return cls(
            np.concatenate([[0], np.cumsum(np.concatenate(strip_counts))]).astype(np.int32),
            np.concatenate(levels),
            np.concatenate([[0], np.cumsum(np.concatenate(edge_counts))]),
            np.concatenate([vertex + n for vertex, n in zip(vertices, shift, strict=True)]),
            np.concatenate(xys),
        )


@dataclass(frozen=True)
class Areas:
    """The arrays that :func:`mapserver.index.kernels.search_containing` searches.

    Attributes
    ----------
    grid
        Cells over the plane.
    margin
        A point nearer than this to an edge is not decided here; 0 where only rounding is in doubt.
    cell
        A code for each cell: 0 if no area has a part in it; ``area + 1`` if it lies wholly in that
        area and no other has a part in it; else ``-slot - 1``, where ``slot`` is its position in
        ``entry_start``.
    entry_start, entry
        The areas of such a cell: ``2 * area`` if the cell lies wholly in the area, and
        ``2 * area + 1`` if the area's border crosses the cell.
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
    def from_polygons(cls, polygons: Geometries, margin: float = 0.0) -> Areas | None:
        """Index polygons, of which some may be missing; return None when there are none."""
        corners = shapely.get_num_coordinates(polygons)
        if not corners.any():
            return None
        west, south, east, north = shapely.total_bounds(polygons)
        edges = int(corners.sum())
        cells = min(
            max(CELLS_PER_EDGE * edges, min(FINE_PER_EDGE * edges, FINE_CELLS)),
            limits.MAX_AREA_CELLS,
        )
        extent = np.array([west, east]), np.array([south, north])
        grid = Grid.from_extent(*extent, cells, CELLS_PER_MARGIN * margin)
        borders, strips = [], []
        # In batches of areas: the arrays on the way take ten times the memory of the result.
        for batch in np.split(np.arange(len(polygons)), _find_batch_starts(corners)):
            xy, start, area = extract_vertices(polygons[batch])
            vertex, ends = _split_rings(xy, start, area)
            # Areas are numbered from 0 in each batch; the whole has the batch's first one before.
            shift = batch[0] * grid.columns * grid.rows
            borders.append(_find_border_cells(grid, ends, margin) + shift)
            strips.append(_divide_into_strips(len(batch), vertex, ends, margin, xy))
        all_strips = Strips.concatenate(strips)
        all_cells = _encode_cells(grid, np.concatenate(borders), all_strips)
        return cls(grid, margin, *all_cells, all_strips)

    def pack(self) -> IndexParts:
        """Return what it is made of, for a file."""
        facts = {"grid": self.grid.list_facts(), "margin": self.margin}
        arrays = {name: getattr(self, name) for name in CELL_TYPES} | self.strips._asdict()
        return IndexParts(facts, arrays)

    @classmethod
    def unpack(cls, parts: IndexParts) -> Areas:
        """Build it from what a file has."""
        cell, entry_start, entry = (parts.take(name, dtype) for name, dtype in CELL_TYPES.items())
        strips = Strips(*(parts.take(name, dtype) for name, dtype in STRIP_TYPES.items()))
        grid = Grid.from_facts(parts.facts["grid"])
        return cls(grid, float(parts.facts["margin"]), cell, entry_start, entry, strips)

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
        """The same as memoryviews: Python reads one number of them faster than of an array."""
        grid, margin, *arrays = self.arrays
        return grid, margin, *(memoryview(array) for array in arrays)


class _Edges(NamedTuple):
    """Edges in the order of their areas: the area of each, and its two ends."""

    area: Ints
    x1: Floats
    y1: Floats
    x2: Floats
    y2: Floats


def _split_rings(xy: Floats, start: Ints, ring_area: Ints) -> tuple[Ints, _Edges]:
    """Split rings into edges; return the vertex where each edge begins, and the edges."""
    # Each vertex begins an edge, but for the last one of a ring, which is its first again.
    is_closing = np.zeros(len(xy), bool)
    is_closing[start[1:] - 1] = True
    vertex = np.flatnonzero(~is_closing)
    begin, end = xy[vertex], xy[vertex + 1]
    area = np.repeat(ring_area, np.diff(start) - 1)
    return vertex, _Edges(area, begin[:, 0], begin[:, 1], end[:, 0], end[:, 1])


def _find_batch_starts(corners: Ints) -> Ints:
    """Find where to cut a row of areas, so that the corners of a batch are about ``BATCH``."""
    previous = np.cumsum(corners) - corners
    return np.flatnonzero(np.diff(previous // BATCH)) + 1


def _find_border_cells(grid: Grid, edges: _Edges, margin: float) -> Ints:
    """Find the cells that the border of each area crosses.

    Returns
    -------
    ndarray of int
        ``area * cells + cell`` for each pair, sorted, each pair once.
    """
    edge, crossed_cell = grid.find_crossed_cells(*edges[1:], margin)
    pairs = edges.area[edge] * (grid.columns * grid.rows) + crossed_cell
    pairs.sort()  # np.unique would take twice as long
    return pairs[np.r_[True, pairs[1:] > pairs[:-1]]]


def _divide_into_strips(
    areas: int, vertex: Ints, edges: _Edges, margin: float, xy: Floats
) -> Strips:
    """Divide each area into level strips, and list the edges that touch each strip."""
    area = edges.area
    low, high = np.minimum(edges.y1, edges.y2), np.maximum(edges.y1, edges.y2)
    # From where to where each area reaches.
    south, north = np.full(areas, np.inf), np.full(areas, -np.inf)
    np.minimum.at(south, area, low)
    np.maximum.at(north, area, high)
    strips = np.clip(
        np.bincount(area, minlength=areas) // EDGES_PER_STRIP, 1, limits.MAX_AREA_STRIPS
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        per_unit = np.where(north > south, strips / (north - south), 0.0)
    south = np.where(np.isfinite(south), south, 0.0)
    begin = np.cumsum(strips) - strips
    # An edge is in all strips from its lower to its higher end, each widened by the margin: the
    # search reads one strip only, and must meet there every edge that is as near as that.
    edge, touched = expand_ranges(
        begin[area] + _find_strips(low - margin, south[area], per_unit[area], strips[area]),
        begin[area] + _find_strips(high + margin, south[area], per_unit[area], strips[area]),
    )
    count = np.bincount(touched, minlength=strips.sum())
    sorted_vertex = vertex[edge[np.argsort(touched, kind="stable")]].astype(np.int32)
    level = np.column_stack([south, per_unit]).ravel()
    return Strips(strips.astype(np.int32), level, count, sorted_vertex, xy.ravel())


def _find_strips(y: Floats, south: Floats, per_unit: Floats, strips: Ints) -> Ints:
    """Find the strip of an area in which each level lies, counted from the area's first.

    The sum is the same as in :func:`mapserver.index.kernels.search_containing`, so that both round
    alike.
    """
    return np.clip(np.floor((y - south) * per_unit), 0, strips - 1).astype(np.int64)


def _encode_cells(
    grid: Grid, border: Ints, strips: Strips
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Compute ``cell``, ``entry_start`` and ``entry`` of :class:`Areas`.

    Parameters
    ----------
    grid
        The cells.
    border
        Pairs of an area and a cell that its border crosses, as :func:`_find_border_cells` returns
        them.
    strips
        The edges of the areas.
    """
    cells = grid.columns * grid.rows
    border_area, border_cell = np.divmod(border, cells)
    begin, end, area = _find_inner_slices(grid, border_area, border_cell, strips)
    # For each cell: how many areas it lies wholly in, and the sum of their numbers (from 1), which
    # is the number itself where it is one area. Each slice adds 1 at its first cell and takes it
    # off after its last; the running sum of that is the count in every cell (a difference array).
    covers, code = np.zeros(cells + 1, np.int32), np.zeros(cells + 1, np.int32)
    for position, sign in ((begin, 1), (end + 1, -1)):
        np.add.at(covers, position, sign)
        np.add.at(code, position, sign * (area + 1).astype(np.int32))
    np.cumsum(covers, dtype=np.int32, out=covers)
    np.cumsum(code, dtype=np.int32, out=code)
    # Cells in several areas, or on a border, get a slot with a list of areas.
    has_list = covers > 1
    has_list[border_cell] = True
    code[covers == 0] = 0
    code[has_list] = -np.arange(1, np.count_nonzero(has_list) + 1)
    del covers
    # slot[c]: how many cells before c have a list, so that of a slice just those are expanded.
    slot = np.zeros(cells + 2, np.int32)
    np.cumsum(has_list, out=slot[1:])
    owner, inner_slot = expand_ranges(
        slot[begin].astype(np.int64), slot[end + 1].astype(np.int64) - 1
    )
    # One number for a slot (upper 32 bits) and an entry (lower 32 bits), to be sorted by both.
    keys = np.concatenate(
        [
            slot[border_cell].astype(np.int64) * (1 << 32) + 2 * border_area + 1,
            inner_slot * (1 << 32) + 2 * area[owner],
        ]
    )
    keys.sort()
    start = np.searchsorted(keys >> 32, np.arange(slot[-1] + 1)).astype(np.int32)
    return code[:-1], start, (keys & 0xFFFFFFFF).astype(np.int32)


def _find_inner_slices(
    grid: Grid, border_area: Ints, border_cell: Ints, strips: Strips
) -> tuple[Ints, Ints, Ints]:
    """Find the slices of rows of cells that lie wholly in an area.

    Returns
    -------
    begin, end, area : ndarray of int
        The first and last cell of each slice, and the area.
    """
    row, column = np.divmod(border_cell, grid.columns)
    # No border of the area crosses the cells between two of its border cells in one row, so all of
    # them are inside or all are outside. The middle of the first one decides.
    gap = np.flatnonzero(
        (border_area[1:] == border_area[:-1])
        & (row[1:] == row[:-1])
        & (column[1:] > column[:-1] + 1)
    )
    x = grid.x + (column[gap] + 1.5) * grid.size
    y = grid.y + (row[gap] + 0.5) * grid.size
    batches = [slice(start, start + BATCH) for start in range(0, len(gap), BATCH)]
    is_inside = [
        _count_crossings(strips, border_area[gap[batch]], x[batch], y[batch]) % 2 == 1
        for batch in batches
    ]
    gap = gap[np.concatenate([*is_inside, np.zeros(0, bool)])]
    return border_cell[gap] + 1, border_cell[gap + 1] - 1, border_area[gap]


def _count_crossings(strips: Strips, area: Ints, x: Floats, y: Floats) -> Ints:
    """Count the edges of an area that a ray to the east from each point crosses.

    Parameters
    ----------
    strips
        The edges of the areas.
    area, x, y
        An area and a point in each row; no point is near an edge.

    Returns
    -------
    ndarray of int
        An odd number where the point lies in the area (Shimrat 1962, algorithm 112).
    """
    south, per_unit = strips.level.reshape(-1, 2)[area].T
    start = strips.start[area].astype(np.int64)
    strip = start + _find_strips(y, south, per_unit, strips.start[area + 1] - start)
    point, edge = expand_ranges(strips.edge[strip], strips.edge[strip + 1] - 1)
    vertex = strips.vertex[edge]
    xy = strips.xy.reshape(-1, 2)
    (x1, y1), (x2, y2) = xy[vertex].T, xy[vertex + 1].T
    x, y = x[point], y[point]
    # The edge has one end above the point's level and the other not, and at that level it is to
    # the east: x1 + (y - y1) / (y2 - y1) * (x2 - x1) > x. A level edge divides by 0 here,
    # but has failed the first test.
    is_crossed = (y1 > y) != (y2 > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        is_crossed &= x1 + (y - y1) / (y2 - y1) * (x2 - x1) > x
    return np.bincount(point[is_crossed], minlength=len(area))
