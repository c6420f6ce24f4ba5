"""What lies within a distance of trails: in a straight line, or walked along a network."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Protocol

import geopandas as gpd
import numpy as np
import shapely
from contourpy import FillType, contour_generator
from pyproj import CRS

from mapserver.analysis.frames import points_of, shapes_in
from mapserver.analysis.network import Network
from mapserver.geodesy import Floats

CIRCLE = 32
"""Segments of a quarter circle: a buffer's area is 0.04 % too small."""
FINE_M, COARSE_M = 2.0, 20.0
"""Walks over a network are measured at places so far apart, and outlined between them."""


class Reach(Protocol):
    """The ground within a distance of trails, in a plane.

    Attributes
    ----------
    lines
        The trails as one geometry.
    """

    lines: shapely.Geometry

    def metres(self, points: Floats) -> Floats:
        """Measure from points, shape (m, 2), to the nearest trail."""

    def zone(self, distance_m: float) -> shapely.Geometry:
        """Outline the ground that is no farther away."""


def reach_of(trails: gpd.GeoDataFrame, crs: CRS, network: Network | None) -> Reach:
    """Choose how to measure: straight without a network."""
    shapes = shapes_in(trails, crs)
    lines = shapely.union_all(shapes[~shapely.is_missing(shapes)])
    if network is None:
        return Straight(lines)
    return Walked(lines, network, network.distance_to(trails))


class Straight:
    """Reach in a straight line.

    Parameters
    ----------
    lines
        The trails as one geometry in the plane.
    """

    def __init__(self, lines: shapely.Geometry) -> None:
        self.lines = lines
        shapely.prepare(lines)

    def metres(self, points: Floats) -> Floats:
        """Measure from points, shape (m, 2), to the nearest trail; NaN without a trail."""
        far: Floats = shapely.distance(points_of(points), self.lines)
        return far

    def zone(self, distance_m: float) -> shapely.Geometry:
        """Outline the ground that is no farther away: circles along the lines."""
        # Part by part is six times as quick as all at once, and the same ground. Lines that meet
        # end to end become one first; merging drops points, so these are brought apart.
        parts = shapely.get_parts(self.lines)
        is_line = shapely.get_dimensions(parts) == 1
        merged = shapely.line_merge(shapely.multilinestrings(parts[is_line]))
        parts = np.concatenate([shapely.get_parts(merged), parts[~is_line]])
        return shapely.union_all(shapely.buffer(parts, distance_m, quad_segs=CIRCLE))


class Walked:
    """Reach along a network.

    Parameters
    ----------
    lines
        The trails as one geometry in the plane.
    network
        Paths.
    node_m
        Metres from its nodes to a trail.

    Notes
    -----
    The walk is measured on a lattice whose step is a tenth of the distance, from 2 to 20 m, and a
    zone is outlined by linear interpolation between its places (marching squares). Where the walk
    changes smoothly the outline is right to a metre or two; where it jumps, as over a river, to
    half a step of the lattice.
    """

    def __init__(self, lines: shapely.Geometry, network: Network, node_m: Floats) -> None:
        self.lines = lines
        self.network = network
        self.node_m = node_m

    def metres(self, points: Floats) -> Floats:
        """Measure from points, shape (m, 2), to the nearest trail; infinite where none leads."""
        return self.network.measure(points, self.lines, self.node_m)

    def zone(self, distance_m: float) -> shapely.Geometry:
        """Outline the ground that is no farther away."""
        if self.lines.is_empty or distance_m <= 0:
            return shapely.Polygon()
        step_m = float(np.clip(distance_m / 10, FINE_M, COARSE_M))
        around = shapely.buffer(self.lines, distance_m + 2 * step_m, quad_segs=4)
        # Each group of trails for itself, should they lie far apart.
        rings = [
            polygon
            for part in shapely.get_parts(around)
            for polygon in _outlined(*self._lattice(part, step_m), distance_m, step_m)
        ]
        zone = shapely.union_all(shapely.make_valid(np.array(rings, dtype=object)))
        # A walk is never shorter than the straight way; the outline shall not be either.
        near = shapely.buffer(self.lines, distance_m, quad_segs=CIRCLE)
        return shapely.intersection(zone, near)

    def _lattice(self, part: shapely.Polygon, step_m: float) -> tuple[Floats, Floats, Floats]:
        """Measure the walk at the places of a lattice in a shape: x, y, and metres of each."""
        x, y = axes(part, step_m)
        walk = np.full((len(y), len(x)), np.inf)
        shapely.prepare(part)
        row, column = np.nonzero(shapely.intersects_xy(part, *np.meshgrid(x, y)))
        walk[row, column] = self.metres(np.stack([x[column], y[row]], axis=1))
        return x, y, walk


def axes(shape: shapely.Geometry, step_m: float) -> tuple[Floats, Floats]:
    """Give the x and y of a lattice over a shape; it lies the same whatever the shape."""
    west, south, east, north = shapely.bounds(shape)
    x = np.arange(np.floor(west / step_m), np.ceil(east / step_m) + 1) * step_m
    y = np.arange(np.floor(south / step_m), np.ceil(north / step_m) + 1) * step_m
    return x, y


def _outlined(
    x: Floats, y: Floats, walk: Floats, metres: float, step_m: float
) -> Iterator[shapely.Polygon]:
    # Half-way between two places where the walk jumps, however far it jumps.
    near = np.clip(walk, metres - step_m, metres + step_m)
    contours = contour_generator(x, y, near, fill_type=FillType.OuterOffset)
    for points, offsets in zip(*contours.filled(metres - 2 * step_m, metres), strict=True):
        outer, *holes = (points[a:b] for a, b in itertools.pairwise(offsets) if b - a > 3)
        yield shapely.Polygon(outer, holes)
