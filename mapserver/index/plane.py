"""What is nearest in a plane: one point by the list of its cell, few by a walk, many compiled."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from mapserver.geo.geodesy import Floats, Geometries
from mapserver.index import kernels
from mapserver.index.flat_lines import Lines, in_space, vertices
from mapserver.index.grid import Grid
from mapserver.index.one_point import Place, Single

Positions = npt.NDArray[np.intp]

FEW_POINTS = 2_000
"""Up to so many points Python has answered before the compiled search is loaded."""
MANY_POINTS, FEW_RUNS, FINE_CELLS = 50_000, 4_000, 512
"""From so many points on, a layer of few runs gets a fine grid with one look-up a point: so many
cells a side, half of the layer's size beyond it on each side."""


@dataclass(frozen=True, slots=True)
class Snapped:
    """Nearest places in the plane, one row a pair, by point and then nearest first.

    Attributes
    ----------
    point, feature
        Positions of the query point and of the feature found.
    distance, x, y
        Distance in the plane and the nearest place on the feature, in the plane's metres.
    """

    point: Positions
    feature: Positions
    distance: Floats
    x: Floats
    y: Floats


class PlaneIndex:
    """Finds the ``k`` nearest features in a plane: what the nearest search is built on.

    Parameters
    ----------
    geometries
        ``n`` geometries of any type, in metres or whatever the plane is measured in; of polygons
        the border counts. Missing and empty ones, and lines that are nowhere in the plane, are
        never found.

    Notes
    -----
    Segments lie in the cells of a uniform grid; a search walks rings of cells outward until the
    next ring cannot hold a nearer one. For a small layer and many points a second, fine grid has,
    for each cell, the segments that can be nearest to any point of it (``docs/searching.md``).
    """

    def __init__(self, geometries: Geometries) -> None:
        coordinates, start, feature = _somewhere(*vertices(geometries))
        self._empty = not len(feature)
        if not self._empty:
            coordinates, start, feature = in_space(coordinates, start, feature)
            self._lines = Lines.of(coordinates[:, 0], coordinates[:, 1], start, feature)
            self.features = len(np.unique(feature))

    def query(self, x: Floats, y: Floats, k: int = 1, limit: float = np.inf) -> Snapped:
        """Find the ``k`` nearest distinct features of each point.

        Parameters
        ----------
        x, y
            ``m`` points in the plane.
        k
            How many features a point gets at most.
        limit
            A distance beyond which nothing is looked for.

        Returns
        -------
        Snapped
            At most ``m * k`` rows. Equal distances come in the order of the features.
        """
        if self._empty or not len(x) or k < 1:
            nothing, nowhere = np.empty(0, np.intp), np.empty(0)
            return Snapped(nothing, nothing, nowhere, nowhere, nowhere)
        k = min(k, self.features)
        if len(x) <= FEW_POINTS:
            return self._few(x, y, k, limit)
        if k == 1 and len(x) >= MANY_POINTS and len(self._lines.run_first) <= FEW_RUNS:
            return self._looked_up(x, y, limit)
        return self._many(x, y, k, limit)

    def at(self, x: float, y: float) -> Place | None:
        """Find the nearest feature of one point, in microseconds; None when there is none."""
        if self._empty:
            return None
        place = self._single.nearest(x, y)
        if place is None:  # far from the layer, where no cell knows the answer
            views: Any = self._lines.views
            squared, feature, at_x, at_y = [0.0], [0], [0.0], [0.0]
            answer: Any = (0, squared, feature, at_x, at_y)
            kernels.nearest(x, y, 1, np.inf, *views, *answer)
            place = Place(feature[0], squared[0], at_x[0], at_y[0])
        return place

    @cached_property
    def _single(self) -> Single:
        return Single(self._lines)

    def _few(self, x: Floats, y: Floats, k: int, limit: float) -> Snapped:
        views: Any = self._lines.views
        bound = limit * limit
        squared, feature, at_x, at_y = [0.0] * k, [0] * k, [0.0] * k, [0.0] * k
        answer: Any = (0, squared, feature, at_x, at_y)
        rows: list[tuple[int, int, float, float, float]] = []
        for i, (px, py) in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
            found = kernels.nearest(px, py, k, bound, *views, *answer)
            rows += [(i, feature[j], squared[j], at_x[j], at_y[j]) for j in range(found)]
        if not rows:
            return self.query(x[:0], y[:0])
        point, one, d2, ax, ay = zip(*rows, strict=True)
        return Snapped(
            np.array(point, np.intp),
            np.array(one, np.intp),
            np.sqrt(d2),
            np.array(ax),
            np.array(ay),
        )

    def _many(self, x: Floats, y: Floats, k: int, limit: float) -> Snapped:
        from mapserver.index import compiled_nearest  # noqa: PLC0415 -- numba is heavy; few points need none

        order = compiled_nearest.in_cells(x, y, self._lines.arrays[0])
        found, squared, feature, at_x, at_y = compiled_nearest.nearest(
            self._lines.arrays, x, y, order, k, limit * limit
        )
        there = np.arange(k) < found[:, None]
        point = np.repeat(np.arange(len(x)), found)
        return Snapped(
            point,
            feature[there].astype(np.intp),
            np.sqrt(squared[there]),
            at_x[there],
            at_y[there],
        )

    def _looked_up(self, x: Floats, y: Floats, limit: float) -> Snapped:
        from mapserver.index import compiled_nearest  # noqa: PLC0415 -- numba is heavy; few points need none

        squared, feature, at_x, at_y = compiled_nearest.look_up(self._fine, x, y)
        outside = np.flatnonzero(feature < 0)
        if len(outside):
            beyond = self._many(x[outside], y[outside], 1, np.inf)
            squared[outside], feature[outside] = beyond.distance**2, beyond.feature
            at_x[outside], at_y[outside] = beyond.x, beyond.y
        found = Snapped(np.arange(len(x)), feature.astype(np.intp), np.sqrt(squared), at_x, at_y)
        near = found.distance <= limit
        if near.all():
            return found
        return Snapped(*(getattr(found, name)[near] for name in Snapped.__slots__))

    @cached_property
    def _fine(self) -> tuple[Any, ...]:
        from mapserver.index import compiled_nearest  # noqa: PLC0415 -- numba is heavy; few points need none

        lines = self._lines
        west, south, east, north = lines.xs.min(), lines.ys.min(), lines.xs.max(), lines.ys.max()
        wide, high = (east - west) / 2, (north - south) / 2
        grid = Grid.over(
            np.array([west - wide, east + wide]),
            np.array([south - high, north + high]),
            FINE_CELLS**2,
        )
        cells = grid.x, grid.y, grid.size, grid.columns, grid.rows
        start, segment = compiled_nearest.candidates(lines.arrays, cells)
        count = lines.run_last - lines.run_first + 1
        of = np.empty(len(lines.xs), np.int32)
        vertex = np.repeat(lines.run_first - np.cumsum(count) + count, count) + np.arange(
            count.sum()
        )
        of[vertex] = np.repeat(lines.run_feature, count)
        return cells, start, segment, of, lines.xs, lines.ys


def _somewhere(
    coordinates: Floats, start: npt.NDArray[np.int64], feature: npt.NDArray[np.int64]
) -> tuple[Floats, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Leave out lines with a vertex that the plane cannot represent, on another continent."""
    nowhere = ~np.isfinite(coordinates).all(axis=1)
    if not nowhere.any():
        return coordinates, start, feature
    line = np.repeat(np.arange(len(feature)), np.diff(start))
    good = np.bincount(line, nowhere, len(feature)) == 0
    count = np.diff(start)[good]
    return coordinates[good[line]], np.concatenate([[0], np.cumsum(count)]), feature[good]
