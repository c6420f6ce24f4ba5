"""The ground within a distance of trails: in a straight line, or walked along a network."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Protocol

import geopandas as gpd
import numpy as np
import shapely
from contourpy import FillType, contour_generator
from pyproj import CRS

from mapserver.analysis.frames import make_points, project_shapes
from mapserver.analysis.network import Network
from mapserver.geo.geodesy import Floats

CIRCLE = 32
"""Segments of a quarter circle.

A polygon of 4 n corners on a circle has ``sin(x) / x`` of its area, with ``x = pi / (2 n)``: for
n = 32 it is 0.04 % too small.
"""
FINE_M, COARSE_M = 2.0, 20.0
"""The finest and the coarsest step of the lattice on which walks over a network are measured."""


class Reach(Protocol):
    """The ground within a distance of trails, in a plane.

    Attributes
    ----------
    lines
        The trails as one geometry.
    """

    lines: shapely.Geometry

    def measure_distances(self, points: Floats) -> Floats:
        """Measure from points, shape (m, 2), to the nearest trail."""

    def outline_zone(self, distance_m: float) -> shapely.Geometry:
        """Outline the ground that is no farther away."""


def choose_reach(trails: gpd.GeoDataFrame, crs: CRS, network: Network | None) -> Reach:
    """Return how to measure: along the network, or in a straight line without one."""
    shapes = project_shapes(trails, crs)
    lines = shapely.union_all(shapes[~shapely.is_missing(shapes)])
    if network is None:
        return StraightReach(lines)
    return WalkedReach(lines, network, network.distance_to(trails))


class StraightReach:
    """Reach in a straight line.

    Parameters
    ----------
    lines
        The trails as one geometry in the plane.
    """

    def __init__(self, lines: shapely.Geometry) -> None:
        self.lines = lines
        shapely.prepare(lines)

    def measure_distances(self, points: Floats) -> Floats:
        """Measure from points, shape (m, 2), to the nearest trail; NaN without a trail."""
        distances_m: Floats = shapely.distance(make_points(points), self.lines)
        return distances_m

    def outline_zone(self, distance_m: float) -> shapely.Geometry:
        """Outline the ground that is no farther away: circles along the lines."""
        # To buffer part by part takes a sixth of the time of all at once, for the same ground.
        # Lines that meet end to end are merged first, so that fewer circles overlap; merging
        # drops points, so these are added afterwards.
        parts = shapely.get_parts(self.lines)
        is_line = shapely.get_dimensions(parts) == 1
        merged = shapely.line_merge(shapely.multilinestrings(parts[is_line]))
        parts = np.concatenate([shapely.get_parts(merged), parts[~is_line]])
        return shapely.union_all(shapely.buffer(parts, distance_m, quad_segs=CIRCLE))


class WalkedReach:
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

    def measure_distances(self, points: Floats) -> Floats:
        """Measure from points, shape (m, 2), to the nearest trail; infinite where none leads."""
        return self.network.measure(points, self.lines, self.node_m)

    def outline_zone(self, distance_m: float) -> shapely.Geometry:
        """Outline the ground that is no farther away."""
        if self.lines.is_empty or distance_m <= 0:
            return shapely.Polygon()
        # A tenth of the distance, so that the outline is as exact for short walks as for long
        # ones; the margin of two steps lets the contour close within the lattice.
        step_m = float(np.clip(distance_m / 10, FINE_M, COARSE_M))
        around = shapely.buffer(self.lines, distance_m + 2 * step_m, quad_segs=4)
        # Each group of trails has a lattice of its own: one over all would be mostly empty where
        # the groups lie far apart.
        rings = [
            polygon
            for part in shapely.get_parts(around)
            for polygon in _trace_contours(*self._measure_lattice(part, step_m), distance_m, step_m)
        ]
        zone = shapely.union_all(shapely.make_valid(np.array(rings, dtype=object)))
        # A walk is never shorter than the straight way, so the ground within a walk lies within
        # the circles; interpolation may overstep them by part of a step.
        straight_zone = shapely.buffer(self.lines, distance_m, quad_segs=CIRCLE)
        return shapely.intersection(zone, straight_zone)

    def _measure_lattice(
        self, part: shapely.Polygon, step_m: float
    ) -> tuple[Floats, Floats, Floats]:
        """Measure the walk at the places of a lattice in a shape.

        Returns
        -------
        x, y : ndarray of float, shape (c,) and (r,)
            Coordinates of the columns and rows.
        walk : ndarray of float, shape (r, c)
            Metres, infinite outside of the shape and where no path leads.
        """
        x, y = lay_axes(part, step_m)
        walk = np.full((len(y), len(x)), np.inf)
        shapely.prepare(part)
        row, column = np.nonzero(shapely.intersects_xy(part, *np.meshgrid(x, y)))
        walk[row, column] = self.measure_distances(np.stack([x[column], y[row]], axis=1))
        return x, y, walk


def lay_axes(shape: shapely.Geometry, step_m: float) -> tuple[Floats, Floats]:
    """Return the x and y of a lattice over a shape.

    They are multiples of the step, so that the lattices of two shapes have the same places where
    the shapes overlap.
    """
    west, south, east, north = shapely.bounds(shape)
    x = np.arange(np.floor(west / step_m), np.ceil(east / step_m) + 1) * step_m
    y = np.arange(np.floor(south / step_m), np.ceil(north / step_m) + 1) * step_m
    return x, y


def _trace_contours(
    x: Floats, y: Floats, walk: Floats, distance_m: float, step_m: float
) -> Iterator[shapely.Polygon]:
    """Yield the polygons in which the walk is no longer than a distance (marching squares)."""
    # Interpolation between a place within reach and one that is cut off (infinite) would lie at
    # the near place. Clipped to one step beyond the distance either way, the contour crosses
    # about half-way between two places between which the walk jumps, however far it jumps.
    clipped_walk = np.clip(walk, distance_m - step_m, distance_m + step_m)
    contours = contour_generator(x, y, clipped_walk, fill_type=FillType.OuterOffset)
    # Each filled contour has its rings one after another in `points`: the outer one and the
    # holes, from one offset to the next. A ring closes on its first point, so 3 points are flat.
    for points, offsets in zip(*contours.filled(distance_m - 2 * step_m, distance_m), strict=True):
        outer, *holes = (points[a:b] for a, b in itertools.pairwise(offsets) if b - a > 3)
        yield shapely.Polygon(outer, holes)
