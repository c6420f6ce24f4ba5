"""What is nearest: a search in the plane, measured again on the ellipsoid."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import rtree
import shapely
from pyproj import CRS, Transformer

from mapserver import geodesy
from mapserver.geodesy import Floats, Geometries

Positions = npt.NDArray[np.intp]

# A conformal plane keeps the order of distances only where its scale hardly changes. Beyond this
# distance the order is taken on the ellipsoid instead; within it the scale changes by less than
# the slack, even 500 km from the middle of the projection.
PLANE_REACH_M = 50_000.0
SLACK = 1.001
SLACK_M = 0.1

# Where a vertex goes that the metric CRS cannot represent (a stray fix on another continent): far
# enough to win no search in the plane. Far searches use the ellipsoid and see it where it is.
NOWHERE_M = 1e8


@dataclass(frozen=True, slots=True)
class Nearest:
    """Answers of a nearest search, one row a pair, by point and then nearest first.

    Attributes
    ----------
    point, feature
        Positions of the query point and of the feature found.
    distance_m
        Geodesic metres on WGS 84; 0 inside a polygon.
    bearing_deg
        Direction from the point to the snapped point, clockwise from north; NaN at distance 0.
    lon, lat
        The snapped point: the place on the feature that is nearest, in degrees.
    """

    point: Positions
    feature: Positions
    distance_m: Floats
    bearing_deg: Floats
    lon: Floats
    lat: Floats

    def take(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> Nearest:
        """Keep some rows, in the order given."""
        return Nearest(*(getattr(self, name)[rows] for name in self.__slots__))


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
    Candidates come from the plane: an R-tree (rtree, the only one of ours with a k-nearest query)
    or, for one neighbour, shapely's STR-tree give a distance within which the answer must lie;
    everything within it and 0.1 % more is measured on the ellipsoid and ranked there. Points more
    than 50 km from their answer are ranked in an azimuthal equidistant plane of their own, in
    which distances from its centre are geodesic (Snyder 1987, USGS PP 1395, p. 191). Equal
    distances, to the micrometre, come in the order of the features.
    """

    def __init__(self, geometries: Geometries, crs: CRS) -> None:
        self._lonlat = np.array(geometries, dtype=object)
        self._plane = _Plane.of(self._lonlat, crs)
        found = ~(shapely.is_missing(self._lonlat) | shapely.is_empty(self._lonlat))
        self._positions = np.flatnonzero(found)
        shapely.prepare(self._plane.geometries)
        self._tree = shapely.STRtree(self._plane.geometries)

    @cached_property
    def _rtree(self) -> rtree.index.Index:
        boxes = shapely.bounds(self._plane.geometries[self._positions])
        return rtree.index.Index((self._positions, boxes[:, :2], boxes[:, 2:]))

    def query(
        self,
        lons: npt.ArrayLike,
        lats: npt.ArrayLike,
        k: int = 1,
        max_distance_m: float | None = None,
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

        Returns
        -------
        Nearest
            At most ``m * k`` rows.
        """
        lon, lat = np.atleast_1d(np.asarray(lons, float)), np.atleast_1d(np.asarray(lats, float))
        if not len(self._positions) or not len(lon) or k < 1:
            return self.measure(lon[:0], lat[:0], np.empty(0, np.intp), np.empty(0, np.intp))
        points = self._plane.points(lon, lat)
        reach = self._reach(points, min(k, len(self._positions)))
        near = reach <= PLANE_REACH_M
        point, feature = self._within_reach(points[near], reach[near])
        answers = [self._plane.measure(lon, lat, np.flatnonzero(near)[point], feature)]
        answers += [self._far(lon, lat, int(i), k) for i in np.flatnonzero(~near)]
        return _first(_concatenate(answers), k, max_distance_m)

    def measure(self, lon: Floats, lat: Floats, point: Positions, feature: Positions) -> Nearest:
        """Measure given pairs of points and features, in the order given."""
        return self._plane.measure(lon, lat, point, feature)

    def _reach(self, points: Geometries, k: int) -> Floats:
        """Bound the planar distance to the k-th nearest feature of each point from above."""
        if k == 1:
            _, nearest = self._tree.query_nearest(points, return_distance=True, all_matches=False)
            return np.asarray(nearest, float)
        corners = shapely.get_coordinates(points)
        # The k nearest boxes are k features; the farthest of those bounds the k-th nearest.
        feature, count = self._rtree.nearest_v(  # type: ignore[no-untyped-call]
            corners, corners, num_results=k, strict=True
        )
        count = count.astype(np.intp)
        distance = shapely.distance(np.repeat(points, count), self._plane.geometries[feature])
        return np.asarray(np.maximum.reduceat(distance, np.cumsum(count) - count), float)

    def _within_reach(self, points: Geometries, reach: Floats) -> tuple[Positions, Positions]:
        point, feature = self._tree.query(
            points, predicate="dwithin", distance=reach * SLACK + SLACK_M
        )
        return point, feature

    @cached_property
    def _circles(self) -> tuple[Floats, Floats, Floats]:
        """Enclose each feature in a geodesic circle: centre lon, lat, and radius in metres."""
        west, south, east, north = shapely.bounds(self._lonlat[self._positions]).T
        lon, lat = (west + east) / 2, (south + north) / 2
        corners = [
            geodesy.distance_m(lon, lat, *corner)
            for corner in ((west, south), (west, north), (east, south), (east, north))
        ]
        radius = np.max(corners, axis=0) * 1.01
        # The corner is the farthest point of a box only while the box is small.
        radius[(east - west > 10) | (north - south > 10)] = np.inf
        return lon, lat, radius

    def _far(self, lon: Floats, lat: Floats, i: int, k: int) -> Nearest:
        """Answer for one point far from everything, ranked on the ellipsoid."""
        centre_lon, centre_lat, radius = self._circles
        to_centre = geodesy.distance_m(lon[i], lat[i], centre_lon, centre_lat)
        last = min(k, len(radius)) - 1
        kth_at_most = np.partition(to_centre + radius, last)[last]
        feature = self._positions[to_centre - radius <= kth_at_most]
        local = CRS.from_dict(
            {"proj": "aeqd", "lon_0": lon[i], "lat_0": lat[i], "ellps": "WGS84", "units": "m"}
        )
        around = _Plane.of(self._lonlat[feature], local)
        every = np.arange(len(feature))
        answer = around.measure(lon[[i]], lat[[i]], np.zeros_like(every), every)
        return replace(answer, point=np.full_like(every, i), feature=feature)


@dataclass(frozen=True, slots=True)
class _Plane:
    """The geometries of a layer in a projected CRS, and the way there and back."""

    geometries: Geometries
    forward: Transformer
    inverse: Transformer

    @classmethod
    def of(cls, lonlat: Geometries, crs: CRS) -> _Plane:
        forward = geodesy.transformer(geodesy.LONLAT, crs)
        inverse = geodesy.transformer(crs, geodesy.LONLAT)
        return cls(_project(lonlat, forward), forward, inverse)

    def points(self, lon: Floats, lat: Floats) -> Geometries:
        x, y = self.forward.transform(lon, lat)
        points: Geometries = shapely.points(_somewhere(x), _somewhere(y))
        return points

    def measure(self, lon: Floats, lat: Floats, point: Positions, feature: Positions) -> Nearest:
        """Snap in the plane, measure on the ellipsoid."""
        links = shapely.shortest_line(self.points(lon, lat)[point], self.geometries[feature])
        ends = shapely.get_coordinates(links)[1::2]
        snapped_lon, snapped_lat = self.inverse.transform(ends[:, 0], ends[:, 1])
        # The way back from the plane costs a nanometre, which would give 0 m a bearing.
        touching = shapely.length(links) == 0
        snapped_lon = np.where(touching, lon[point], snapped_lon)
        snapped_lat = np.where(touching, lat[point], snapped_lat)
        bearing, metres = geodesy.azimuth_and_distance(
            lon[point], lat[point], snapped_lon, snapped_lat
        )
        bearing = np.where(touching, np.nan, bearing)
        return Nearest(point, feature, metres, bearing, snapped_lon, snapped_lat)


def _project(geometries: Geometries, transformer: Transformer) -> Geometries:
    def forward(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        x, y = transformer.transform(x, y)
        return _somewhere(x), _somewhere(y)

    projected: Geometries = shapely.transform(geometries, forward, interleaved=False)
    return projected


def _somewhere(values: Floats) -> Floats:
    return np.nan_to_num(values, nan=NOWHERE_M, posinf=NOWHERE_M, neginf=-NOWHERE_M)


def _concatenate(answers: list[Nearest]) -> Nearest:
    if len(answers) == 1:
        return answers[0]
    columns = (np.concatenate([getattr(a, name) for a in answers]) for name in Nearest.__slots__)
    return Nearest(*columns)


def _first(found: Nearest, k: int, max_distance_m: float | None) -> Nearest:
    """Sort by point, distance and feature, and keep the first ``k`` of each point."""
    order = np.lexsort((found.feature, np.round(found.distance_m, 6), found.point))
    found = found.take(order)
    starts = np.flatnonzero(np.r_[True, found.point[1:] != found.point[:-1]])
    rank = np.arange(len(found.point)) - np.repeat(starts, np.diff(np.r_[starts, len(found.point)]))
    keep = rank < k
    if max_distance_m is not None:
        keep &= found.distance_m <= max_distance_m
    return found.take(keep)
