"""What is nearest: a search over a grid in the plane, measured on the ellipsoid."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer

from mapserver.geo import geodesy
from mapserver.geo.geodesy import Floats, Geometries
from mapserver.geo.threads import CHUNK, THREADS, map_chunks
from mapserver.index.nearest_answers import (
    Nearest,
    Snap,
    concatenate_answers,
    is_sorted,
    join_answers,
    merge_containing,
    select_nearest,
)
from mapserver.index.plane import FEW_POINTS, PlaneIndex, Positions, SnappedPoints
from mapserver.index.within import AREAL, WithinIndex

Transform = Callable[..., Any]


PLANE_REACH_M = 50_000.0
"""A conformal plane keeps the order of distances only where its scale hardly changes. Features
farther from the point than this are put in order on the ellipsoid instead."""
SLACK = 1.002
"""More than the scale of a transverse Mercator changes within 500 km of its middle."""

BLOCK = 8 * THREADS * CHUNK
"""Points that are answered together, which bounds the memory."""


class NearestIndex:
    """Finds the ``k`` nearest features of a layer, of any geometry type.

    Parameters
    ----------
    geometries
        ``n`` geometries in lon/lat (EPSG:4326); missing and empty ones are never found.
    crs
        Projected CRS in metres in which to search, true to scale around the data.

    Notes
    -----
    The search runs in the plane (:class:`PlaneIndex`); distances and bearings to the places found
    are PROJ's geodesics. Points more than 50 km from their answer are ranked in an azimuthal
    equidistant plane of their own, in which distances from its centre are geodesic (Snyder 1987,
    USGS PP 1395, p. 191). Whether a point lies in a polygon is asked in lon/lat, as everywhere.
    """

    def __init__(self, geometries: Geometries, crs: CRS) -> None:
        self._lonlat = np.array(geometries, dtype=object)
        self._forward = geodesy.build_transformer(geodesy.LONLAT, crs).transform
        self._inverse = geodesy.build_transformer(crs, geodesy.LONLAT).transform
        has_place = ~(shapely.is_missing(self._lonlat) | shapely.is_empty(self._lonlat))
        self._positions = np.flatnonzero(has_place)
        self._index = PlaneIndex(project_geometries(self._lonlat, self._forward))
        # The plane knows borders only; a point inside a polygon is 0 m away.
        is_areal = np.isin(shapely.get_type_id(self._lonlat), AREAL)
        areas = self._lonlat.copy()
        areas[~is_areal] = None
        self._within = WithinIndex(areas) if is_areal.any() else None

    def query(
        self,
        lons: npt.ArrayLike,
        lats: npt.ArrayLike,
        k: int = 1,
        max_distance_m: float | None = None,
        plane: tuple[Floats, Floats] | None = None,
    ) -> Nearest:
        """Find the ``k`` nearest distinct features of each point.

        Parameters
        ----------
        lons, lats
            ``m`` points in degrees, each a place on earth.
        k
            How many features a point gets at most.
        max_distance_m
            Leave out what is farther, in geodesic metres.
        plane
            The points in ``crs``, if they came in that; without this they are projected.

        Returns
        -------
        Nearest
            At most ``m * k`` rows.
        """
        lon, lat = np.atleast_1d(np.asarray(lons, float)), np.atleast_1d(np.asarray(lats, float))
        # The arrays on the way take more memory than the answer, so blocks are answered in turn.
        blocks = max(-(-len(lon) // BLOCK), 1)
        bounds = np.linspace(0, len(lon), blocks + 1).astype(int).tolist()
        columns = (lon, lat) if plane is None else (lon, lat, *plane)
        answers = (
            self._query_block(
                k, max_distance_m, *(column[start:end] for column in columns)
            ).shift_points(start)
            for start, end in pairwise(bounds)
        )
        return next(answers) if blocks == 1 else join_answers(answers)

    def _query_block(
        self, k: int, max_distance_m: float | None, lon: Floats, lat: Floats, *plane: Floats
    ) -> Nearest:
        x, y = plane or map_chunks(self._forward, lon, lat)
        k = min(k, len(self._positions))
        # Step 1: search in the plane, a little farther than asked for, because its scale is not
        # exactly 1. What is too far is left out at the end, when it is measured.
        reach = PLANE_REACH_M * SLACK
        if max_distance_m is not None:
            reach = min(reach, max_distance_m * SLACK + 1.0)
        # Far from its middle the plane has no finite place.
        is_placed = np.isfinite(x + y)
        if not is_placed.all():
            x, y = np.where(is_placed, x, 0.0), np.where(is_placed, y, 0.0)
        snapped = self._index.query(x, y, k, reach)
        # Step 2: measure on the ellipsoid, and add the polygons that contain a point.
        answer = self._measure_snapped(lon, lat, x, y, snapped)
        if self._within is not None:
            answer = merge_containing(answer, _find_containing(self._within, lon, lat), k)
        # Step 3: points that lack answers because the plane reaches only so far.
        if max_distance_m is None or max_distance_m * SLACK + 1.0 > reach:
            is_lacking = ~is_placed
            if len(answer.point) < k * len(lon):
                is_lacking |= np.bincount(answer.point, minlength=len(lon)) < k
            remote = [self._query_remote(lon, lat, int(i), k) for i in np.flatnonzero(is_lacking)]
            if remote:
                complete = answer.select_rows(~is_lacking[answer.point])
                answer = select_nearest(concatenate_answers([complete, *remote]), k)
        # Step 4: the limit, and the order, in geodesic metres.
        if max_distance_m is not None:
            answer = answer.select_rows(answer.distance_m <= max_distance_m)
        return answer if k < 2 or is_sorted(answer) else select_nearest(answer, k)

    def query_one(self, lon: float, lat: float) -> Snap | None:
        """Find the feature nearest to one point, in microseconds and without an array.

        Parameters
        ----------
        lon, lat
            Degrees, a place on earth.

        Returns
        -------
        Snap or None
            What :meth:`query` finds; None when the layer has no place.
        """
        if self._within is not None and (areas := self._within.query_one(lon, lat)):
            return Snap(areas[0], 0.0, math.nan, lon, lat)
        x, y = self._forward(lon, lat)
        place = self._index.query_one(x, y) if math.isfinite(x + y) else None
        # Beyond its reach the plane may have another order than the ellipsoid.
        if place is None or place.squared > PLANE_REACH_M * PLANE_REACH_M:
            return next(iter(self.query(lon, lat).list_snaps()), None)
        # The way back from the plane costs a nanometre, which would give 0 m a bearing.
        if place.x == x and place.y == y:
            return Snap(place.feature, 0.0, math.nan, lon, lat)
        snapped_lon, snapped_lat = self._inverse(place.x, place.y)
        bearing, _, metres = geodesy.GEOD.inv(lon, lat, snapped_lon, snapped_lat)
        return Snap(place.feature, metres, bearing % 360.0, snapped_lon, snapped_lat)

    def measure_pairs(
        self, lon: Floats, lat: Floats, point: Positions, feature: Positions
    ) -> Nearest:
        """Measure given pairs of points and features, in the order given."""
        return self._plane.measure_pairs(lon, lat, point, feature)

    def _measure_snapped(
        self, lon: Floats, lat: Floats, x: Floats, y: Floats, snapped: SnappedPoints
    ) -> Nearest:
        """Measure on the ellipsoid what was found in the plane."""
        snapped_lon, snapped_lat = map_chunks(self._inverse, snapped.x, snapped.y)
        point = snapped.point
        if len(point) > FEW_POINTS:
            from mapserver.index import compiled_geodesics  # noqa: PLC0415 -- numba is heavy; few need none

            degrees = snapped_lon, snapped_lat
            bearing, metres = compiled_geodesics.measure_answers(
                (lon, lat, x, y), point, (snapped.x, snapped.y), degrees
            )
            return Nearest(point, snapped.feature, metres, bearing, *degrees)
        return _measure_links(
            lon[point], lat[point], snapped_lon, snapped_lat, point, snapped.feature,
            is_touching=(snapped.x == x[point]) & (snapped.y == y[point]),
        )  # fmt: skip

    @cached_property
    def _plane(self) -> _Plane:
        return _Plane.from_lonlat(self._lonlat, self._forward, self._inverse)

    @cached_property
    def _circles(self) -> tuple[Floats, Floats, Floats]:
        """Enclose each feature in a geodesic circle: centre lon, lat, and radius in metres."""
        west, south, east, north = shapely.bounds(self._lonlat[self._positions]).T
        lon, lat = (west + east) / 2, (south + north) / 2
        # The radius reaches the farthest corner of the box, and 1 % more, because the sides of the
        # box are no geodesics.
        corners = [
            geodesy.distance_m(lon, lat, *corner)
            for corner in ((west, south), (west, north), (east, south), (east, north))
        ]
        radius = np.max(corners, axis=0) * 1.01
        # The corner is the farthest point of a box only while the box is small.
        radius[(east - west > 10) | (north - south > 10)] = np.inf
        return lon, lat, radius

    def _query_remote(self, lon: Floats, lat: Floats, i: int, k: int) -> Nearest:
        """Find the ``k`` features nearest to point ``i``, which is far from everything."""
        # A feature is at least distance - radius and at most distance + radius away. The k-th
        # smallest of the upper bounds bounds the k-th answer, so features whose lower bound is
        # greater are left out.
        centre_lon, centre_lat, radius = self._circles
        to_centre = geodesy.distance_m(lon[i], lat[i], centre_lon, centre_lat)
        kth = min(k, len(radius)) - 1
        bound = np.partition(to_centre + radius, kth)[kth]
        feature = self._positions[to_centre - radius <= bound]
        # In an azimuthal equidistant plane distances from its centre are geodesic (Snyder 1987,
        # USGS PP 1395, p. 191). A pipeline is made in microseconds, a CRS in milliseconds.
        centred = Transformer.from_pipeline(
            f"+proj=aeqd +lon_0={lon[i]!r} +lat_0={lat[i]!r} +ellps=WGS84"
        ).transform
        plane = _Plane.from_lonlat(
            self._lonlat[feature], centred, partial(centred, direction="INVERSE")
        )
        positions = np.arange(len(feature))
        answer = plane.measure_pairs(lon[[i]], lat[[i]], np.zeros_like(positions), positions)
        return replace(answer, point=np.full_like(positions, i), feature=feature)


@dataclass(frozen=True, slots=True)
class _Plane:
    """The geometries of a layer in a projected CRS, and the transforms there and back."""

    geometries: Geometries
    forward: Transform
    inverse: Transform

    @classmethod
    def from_lonlat(cls, lonlat: Geometries, forward: Transform, inverse: Transform) -> _Plane:
        return cls(project_geometries(lonlat, forward), forward, inverse)

    def measure_pairs(
        self, lon: Floats, lat: Floats, point: Positions, feature: Positions
    ) -> Nearest:
        """Snap points to features in the plane, and measure on the ellipsoid."""
        x, y = self.forward(lon, lat)
        links = shapely.shortest_line(shapely.points(x, y)[point], self.geometries[feature])
        # Each link has two vertices: the point, and its snapped point.
        ends = shapely.get_coordinates(links)[1::2]
        snapped_lon, snapped_lat = self.inverse(ends[:, 0], ends[:, 1])
        return _measure_links(
            lon[point], lat[point], snapped_lon, snapped_lat, point, feature,
            is_touching=shapely.length(links) == 0,
        )  # fmt: skip


def _find_containing(within: WithinIndex, lon: Floats, lat: Floats) -> Nearest:
    """Find the polygons that contain points; they are 0 metres away."""
    point, feature = within.query(lon, lat)
    zeros = np.zeros(len(point))
    return Nearest(point, feature, zeros, np.full_like(zeros, np.nan), lon[point], lat[point])


def _measure_links(  # noqa: PLR0913, PLR0917 -- two places and the pair they belong to
    lon: Floats,
    lat: Floats,
    snapped_lon: Floats,
    snapped_lat: Floats,
    point: Positions,
    feature: Positions,
    *,
    is_touching: npt.NDArray[np.bool_],
) -> Nearest:
    """Measure from points to their snapped points on the ellipsoid.

    Parameters
    ----------
    lon, lat, snapped_lon, snapped_lat
        Both ends of each link, in degrees.
    point, feature
        The pair that each link belongs to.
    is_touching
        Whether the point lies on the feature.
    """
    # The way back from the plane costs a nanometre, which would give 0 m a bearing.
    snapped_lon = np.where(is_touching, lon, snapped_lon)
    snapped_lat = np.where(is_touching, lat, snapped_lat)
    bearing, metres = map_chunks(geodesy.azimuth_and_distance, lon, lat, snapped_lon, snapped_lat)
    bearing = np.where(is_touching, np.nan, bearing)
    return Nearest(point, feature, metres, bearing, snapped_lon, snapped_lat)


def project_geometries(geometries: Geometries, transform: Transform) -> Geometries:
    """Return geometries with every vertex transformed from one plane to another."""
    projected: Geometries = shapely.transform(geometries, transform, interleaved=False)
    return projected
