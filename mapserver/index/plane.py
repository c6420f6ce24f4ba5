"""What is nearest in a plane: one point by the list of its cell, few by a walk, many compiled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from mapserver.geo.geodesy import Floats, Geometries
from mapserver.index import kernels
from mapserver.index.flat_lines import Lines, extract_vertices, sort_in_space
from mapserver.index.grid import Grid
from mapserver.index.index_file import IndexParts
from mapserver.index.one_point import OnePointIndex, SnappedPoint

Positions = npt.NDArray[np.intp]
KeepLists = Callable[[Callable[[], OnePointIndex]], OnePointIndex]

FEW_POINTS = 2_000
"""Up to so many points, plain Python answers before the compiled search is loaded."""
FIRST_QUESTIONS = 8
"""So many questions about one point wait a millisecond each, before lists are made for a city in
which the next ones take microseconds: to make them takes as long as sixty."""
MANY_POINTS, FEW_RUNS, FINE_CELLS = 50_000, 4_000, 512
"""From so many points on, a layer of at most so many runs gets a fine grid, in which one look-up
answers a point. It has so many cells a side, and reaches beyond the layer by half of its size."""


@dataclass(frozen=True, slots=True)
class SnappedPoints:
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
    lines
        The lines of all features; None when there is no line.
    features
        How many features they are of.

    Attributes
    ----------
    keep_lists
        Called with the function that makes the lists of one-point searches, which takes seconds for
        a country: it returns those that were kept, or makes and keeps them. None keeps nothing.

    Notes
    -----
    Segments lie in the cells of a uniform grid; a search walks rings of cells outward until the
    next ring cannot hold a nearer one. For a small layer and many points there is a second, fine
    grid: each cell lists the segments that can be nearest to any point of it
    (``docs/searching.md``).
    """

    def __init__(self, lines: Lines | None, features: int) -> None:
        self.keep_lists: KeepLists | None = None
        self._empty = lines is None
        if lines is not None:
            self._lines = lines
        self.features = features
        self._asked = 0

    @classmethod
    def of(cls, geometries: Geometries) -> PlaneIndex:
        """Build the index of geometries.

        Parameters
        ----------
        geometries
            ``n`` geometries of any type, in metres or whatever the plane is measured in; of
            polygons the border counts. Missing and empty ones are never found, nor lines that the
            plane cannot represent.
        """
        coordinates, start, feature = _drop_unplaced(*extract_vertices(geometries))
        if not len(feature):
            return cls(None, 0)
        coordinates, start, feature = sort_in_space(coordinates, start, feature)
        lines = Lines.from_vertices(coordinates[:, 0], coordinates[:, 1], start, feature)
        return cls(lines, len(np.unique(feature)))

    def pack(self) -> IndexParts:
        """Return what it is made of, for a file."""
        parts = IndexParts({"features": self.features})
        if not self._empty:
            parts.nest("lines", self._lines.pack())
        return parts

    @classmethod
    def unpack(cls, parts: IndexParts) -> PlaneIndex:
        """Build it from what a file has."""
        lines = Lines.unpack(parts.part("lines")) if "lines" in parts.facts else None
        return cls(lines, int(parts.facts["features"]))

    def query(self, x: Floats, y: Floats, k: int = 1, limit: float = np.inf) -> SnappedPoints:
        """Find the ``k`` nearest distinct features of each point.

        Parameters
        ----------
        x, y
            ``m`` points in the plane.
        k
            How many features a point gets at most.
        limit
            Features farther than this are not searched.

        Returns
        -------
        SnappedPoints
            At most ``m * k`` rows. Equal distances come in the order of the features.
        """
        if self._empty or not len(x) or k < 1:
            positions, metres = np.empty(0, np.intp), np.empty(0)
            return SnappedPoints(positions, positions, metres, metres, metres)
        k = min(k, self.features)
        if len(x) <= FEW_POINTS:
            return self._walk_in_python(x, y, k, limit)
        # Numba compiles all anew for arrays with gaps or without the right to write, as of tables.
        x, y = (np.require(values, float, ["C", "W"]) for values in (x, y))
        if k == 1 and len(x) >= MANY_POINTS and self.has_fine:
            return self._look_up(x, y, limit)
        return self._walk_compiled(x, y, k, limit)

    @property
    def lines(self) -> Lines | None:
        """The lines of the layer; None where it has none."""
        return None if self._empty else self._lines

    @property
    def has_fine(self) -> bool:
        """Whether the layer is small enough for a fine grid, which many points are looked up in."""
        return not self._empty and len(self._lines.run_first) <= FEW_RUNS

    def query_one(self, x: float, y: float) -> SnappedPoint | None:
        """Find the nearest feature of one point, in microseconds; None when there is none."""
        if self._empty:
            return None
        snapped = None
        if self._asked < FIRST_QUESTIONS and self.keep_lists is None:
            self._asked += 1
        else:
            snapped = self._one_point.find_nearest(x, y)
        if snapped is None:
            # Far from the layer cells have no list; there the search walks rings.
            views: Any = self._lines.views
            squared, feature, snapped_x, snapped_y = [0.0], [0], [0.0], [0.0]
            answer: Any = (0, squared, feature, snapped_x, snapped_y)
            kernels.search_nearest(x, y, 1, np.inf, *views, *answer)
            snapped = SnappedPoint(feature[0], squared[0], snapped_x[0], snapped_y[0])
        return snapped

    @cached_property
    def _one_point(self) -> OnePointIndex:
        def make() -> OnePointIndex:
            return OnePointIndex.of(self._lines)

        return make() if self.keep_lists is None else self.keep_lists(make)

    def _walk_in_python(self, x: Floats, y: Floats, k: int, limit: float) -> SnappedPoints:
        views: Any = self._lines.views
        squared_limit = limit * limit
        squared, feature, snapped_x, snapped_y = [0.0] * k, [0] * k, [0.0] * k, [0.0] * k
        answer: Any = (0, squared, feature, snapped_x, snapped_y)
        rows: list[tuple[int, int, float, float, float]] = []
        for i, (px, py) in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
            count = kernels.search_nearest(px, py, k, squared_limit, *views, *answer)
            rows += [(i, feature[j], squared[j], snapped_x[j], snapped_y[j]) for j in range(count)]
        if not rows:
            return self.query(x[:0], y[:0])
        points, features, squares, xs, ys = zip(*rows, strict=True)
        return SnappedPoints(
            np.array(points, np.intp),
            np.array(features, np.intp),
            np.sqrt(squares),
            np.array(xs),
            np.array(ys),
        )

    def _walk_compiled(self, x: Floats, y: Floats, k: int, limit: float) -> SnappedPoints:
        from mapserver.index import compiled_nearest  # noqa: PLC0415 -- numba is heavy; few points need none

        # Neighbours one after the other: the answer of each bounds the search of the next.
        order = compiled_nearest.sort_by_cell(x, y, self._lines.arrays[0])
        counts, squared, feature, snapped_x, snapped_y = compiled_nearest.find_nearest_features(
            self._lines.arrays, x, y, order, k, limit * limit
        )
        is_answer = np.arange(k) < counts[:, None]
        point = np.repeat(np.arange(len(x)), counts)
        return SnappedPoints(
            point,
            feature[is_answer].astype(np.intp),
            np.sqrt(squared[is_answer]),
            snapped_x[is_answer],
            snapped_y[is_answer],
        )

    def _look_up(self, x: Floats, y: Floats, limit: float) -> SnappedPoints:
        from mapserver.index import compiled_lookup  # noqa: PLC0415 -- numba is heavy; few points need none

        squared, feature, snapped_x, snapped_y = compiled_lookup.look_up_nearest(self.fine, x, y)
        outside = np.flatnonzero(feature < 0)
        if len(outside):
            walked = self._walk_compiled(x[outside], y[outside], 1, np.inf)
            squared[outside], feature[outside] = walked.distance**2, walked.feature
            snapped_x[outside], snapped_y[outside] = walked.x, walked.y
        snapped = SnappedPoints(
            np.arange(len(x)), feature.astype(np.intp), np.sqrt(squared), snapped_x, snapped_y
        )
        is_near = snapped.distance <= limit
        if is_near.all():
            return snapped
        return SnappedPoints(*(getattr(snapped, name)[is_near] for name in SnappedPoints.__slots__))

    @cached_property
    def fine(self) -> tuple[Any, ...]:
        """The fine grid, its candidates, the feature of each vertex, and the vertices."""
        from mapserver.index import compiled_nearest  # noqa: PLC0415 -- numba is heavy; few points need none

        lines = self._lines
        west, south, east, north = lines.xs.min(), lines.ys.min(), lines.xs.max(), lines.ys.max()
        half_width, half_height = (east - west) / 2, (north - south) / 2
        grid = Grid.from_extent(
            np.array([west - half_width, east + half_width]),
            np.array([south - half_height, north + half_height]),
            FINE_CELLS**2,
        )
        cells = grid.x, grid.y, grid.size, grid.columns, grid.rows
        start, segment = compiled_nearest.list_candidates(lines.arrays, cells)
        # A segment is known by its first vertex, and runs share vertices only within a line: each
        # vertex has one feature.
        counts = lines.run_last - lines.run_first + 1
        vertex = np.repeat(lines.run_first - np.cumsum(counts) + counts, counts)
        vertex = vertex + np.arange(counts.sum())
        owner = np.empty(len(lines.xs), np.int32)
        owner[vertex] = np.repeat(lines.run_feature, counts)
        return cells, start, segment, owner, lines.xs, lines.ys


def _drop_unplaced(
    coordinates: Floats, start: npt.NDArray[np.int64], feature: npt.NDArray[np.int64]
) -> tuple[Floats, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Leave out lines with a vertex that the plane cannot represent, as on another continent.

    Parameters
    ----------
    coordinates, start, feature
        Lines as :func:`mapserver.index.flat_lines.extract_vertices` returns them.
    """
    # A transverse Mercator has no finite place for what is 90 degrees away from its middle.
    is_unplaced = ~np.isfinite(coordinates).all(axis=1)
    if not is_unplaced.any():
        return coordinates, start, feature
    line = np.repeat(np.arange(len(feature)), np.diff(start))
    is_good = np.bincount(line, is_unplaced, len(feature)) == 0
    counts = np.diff(start)[is_good]
    return coordinates[is_good[line]], np.concatenate([[0], np.cumsum(counts)]), feature[is_good]
