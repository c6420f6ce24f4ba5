"""What is nearest: a search over a grid in the plane, measured on the ellipsoid."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer

from mapserver.geo import geodesy
from mapserver.geo.geodesy import Floats, Geometries
from mapserver.geo.threads import CHUNK, THREADS, mapped
from mapserver.index.plane import FEW_POINTS, PlaneIndex, Positions, Snapped
from mapserver.index.within import AREAL, WithinIndex

Transform = Callable[..., Any]


# A conformal plane keeps the order of distances only where its scale hardly changes. Beyond this
# distance the order is taken on the ellipsoid instead.
PLANE_REACH_M = 50_000.0
SLACK = 1.002
"""More than the scale of a transverse Mercator changes within 500 km of its middle."""

BLOCK = 8 * THREADS * CHUNK
"""Points that are answered at a time."""


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

    def after(self, points: int) -> Nearest:
        """Give the same answers for points that come after so many others."""
        return replace(self, point=self.point + points) if points else self

    @classmethod
    def of(cls, found: Snap | None, max_distance_m: float | None = None) -> Nearest:
        """Make arrays of the answer for one point; none are left of one that is too far."""
        most = math.inf if max_distance_m is None else max_distance_m
        rows = [(0, *found)] if found is not None and found.distance_m <= most else []
        columns = np.array(rows, float).reshape(-1, 6).T
        return cls(columns[0].astype(np.intp), columns[1].astype(np.intp), *columns[2:])


class Snap(NamedTuple):
    """The answer of a nearest search for one point and one feature.

    Attributes
    ----------
    feature
        Position of the feature found.
    distance_m, bearing_deg, lon, lat
        As of :class:`Nearest`.
    """

    feature: int
    distance_m: float
    bearing_deg: float
    lon: float
    lat: float


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
        self._forward = geodesy.transformer(geodesy.LONLAT, crs).transform
        self._inverse = geodesy.transformer(crs, geodesy.LONLAT).transform
        found = ~(shapely.is_missing(self._lonlat) | shapely.is_empty(self._lonlat))
        self._positions = np.flatnonzero(found)
        self._index = PlaneIndex(project(self._lonlat, self._forward))
        areal = np.isin(shapely.get_type_id(self._lonlat), AREAL)
        areas = self._lonlat.copy()
        areas[~areal] = None
        self._within = WithinIndex(areas) if areal.any() else None

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
            The points in ``crs``, where that is what they came in; projected else.

        Returns
        -------
        Nearest
            At most ``m * k`` rows.
        """
        lon, lat = np.atleast_1d(np.asarray(lons, float)), np.atleast_1d(np.asarray(lats, float))
        # What is worked out on the way takes more memory than the answer: not all at once.
        blocks = max(-(-len(lon) // BLOCK), 1)
        bounds = np.linspace(0, len(lon), blocks + 1).astype(int).tolist()
        known = (lon, lat) if plane is None else (lon, lat, *plane)
        answers = (
            self._query(k, max_distance_m, *(c[first:last] for c in known)).after(first)
            for first, last in pairwise(bounds)
        )
        return next(answers) if blocks == 1 else _joined(answers)

    def _query(
        self, k: int, max_distance_m: float | None, lon: Floats, lat: Floats, *plane: Floats
    ) -> Nearest:
        x, y = plane or mapped(self._forward, lon, lat)
        k = min(k, len(self._positions))
        reach = PLANE_REACH_M * SLACK
        if max_distance_m is not None:
            reach = min(reach, max_distance_m * SLACK + 1.0)
        there = np.isfinite(x + y)
        if not there.all():
            x, y = np.where(there, x, 0.0), np.where(there, y, 0.0)
        found = self._index.query(x, y, k, reach)
        answer = self._measured(lon, lat, x, y, found)
        if self._within is not None:
            answer = _merged(answer, _inside(self._within, lon, lat), k)
        if max_distance_m is None or max_distance_m * SLACK + 1.0 > reach:
            short = ~there
            if len(answer.point) < k * len(lon):
                short |= np.bincount(answer.point, minlength=len(lon)) < k
            far = [self._far(lon, lat, int(i), k) for i in np.flatnonzero(short)]
            if far:
                near = answer.take(~short[answer.point])
                answer = _first(_concatenate([near, *far]), k)
        if max_distance_m is not None:
            answer = answer.take(answer.distance_m <= max_distance_m)
        return answer if k < 2 or _in_order(answer) else _first(answer, k)

    def at(self, lon: float, lat: float) -> Snap | None:
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
        if self._within is not None and (inside := self._within.at(lon, lat)):
            return Snap(inside[0], 0.0, math.nan, lon, lat)
        x, y = self._forward(lon, lat)
        place = self._index.at(x, y) if math.isfinite(x + y) else None
        if place is None or place.squared > PLANE_REACH_M * PLANE_REACH_M:
            found = self.query(lon, lat)
            rows = zip(*(getattr(found, name).tolist() for name in Snap._fields), strict=True)
            return next((Snap(*row) for row in rows), None)
        if place.x == x and place.y == y:
            return Snap(place.feature, 0.0, math.nan, lon, lat)
        snapped_lon, snapped_lat = self._inverse(place.x, place.y)
        bearing, _, metres = geodesy.GEOD.inv(lon, lat, snapped_lon, snapped_lat)
        return Snap(place.feature, metres, bearing % 360.0, snapped_lon, snapped_lat)

    def measure(self, lon: Floats, lat: Floats, point: Positions, feature: Positions) -> Nearest:
        """Measure given pairs of points and features, in the order given."""
        return self._plane.measure(lon, lat, point, feature)

    def _measured(self, lon: Floats, lat: Floats, x: Floats, y: Floats, found: Snapped) -> Nearest:
        """Measure on the ellipsoid what was found in the plane."""
        snapped_lon, snapped_lat = mapped(self._inverse, found.x, found.y)
        point = found.point
        if len(point) > FEW_POINTS:
            from mapserver.index import compiled_nearest  # noqa: PLC0415 -- numba is heavy; few need none

            there = snapped_lon, snapped_lat
            bearing, metres = compiled_nearest.measured(
                (lon, lat, x, y), point, (found.x, found.y), there
            )
            return Nearest(point, found.feature, metres, bearing, *there)
        return _between(
            lon[point], lat[point], snapped_lon, snapped_lat, point, found.feature,
            touching=(found.x == x[point]) & (found.y == y[point]),
        )  # fmt: skip

    @cached_property
    def _plane(self) -> _Plane:
        return _Plane.of(self._lonlat, self._forward, self._inverse)

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
        # A pipeline is made in microseconds, a CRS of its own in milliseconds.
        around = Transformer.from_pipeline(
            f"+proj=aeqd +lon_0={lon[i]!r} +lat_0={lat[i]!r} +ellps=WGS84"
        ).transform
        plane = _Plane.of(self._lonlat[feature], around, partial(around, direction="INVERSE"))
        every = np.arange(len(feature))
        answer = plane.measure(lon[[i]], lat[[i]], np.zeros_like(every), every)
        return replace(answer, point=np.full_like(every, i), feature=feature)


@dataclass(frozen=True, slots=True)
class _Plane:
    """The geometries of a layer in a projected CRS, and the way there and back."""

    geometries: Geometries
    forward: Transform
    inverse: Transform

    @classmethod
    def of(cls, lonlat: Geometries, forward: Transform, inverse: Transform) -> _Plane:
        return cls(project(lonlat, forward), forward, inverse)

    def measure(self, lon: Floats, lat: Floats, point: Positions, feature: Positions) -> Nearest:
        """Snap in the plane, measure on the ellipsoid."""
        x, y = self.forward(lon, lat)
        links = shapely.shortest_line(shapely.points(x, y)[point], self.geometries[feature])
        ends = shapely.get_coordinates(links)[1::2]
        snapped_lon, snapped_lat = self.inverse(ends[:, 0], ends[:, 1])
        return _between(
            lon[point], lat[point], snapped_lon, snapped_lat, point, feature,
            touching=shapely.length(links) == 0,
        )  # fmt: skip


def _inside(within: WithinIndex, lon: Floats, lat: Floats) -> Nearest:
    """Give the polygons that contain points: 0 metres away."""
    point, feature = within.query(lon, lat)
    zero = np.zeros(len(point))
    return Nearest(point, feature, zero, np.full_like(zero, np.nan), lon[point], lat[point])


def _between(  # noqa: PLR0913, PLR0917 -- two places and the pair they belong to
    lon: Floats,
    lat: Floats,
    snapped_lon: Floats,
    snapped_lat: Floats,
    point: Positions,
    feature: Positions,
    *,
    touching: npt.NDArray[np.bool_],
) -> Nearest:
    """Measure from points to their snapped points on the ellipsoid."""
    # The way back from the plane costs a nanometre, which would give 0 m a bearing.
    snapped_lon = np.where(touching, lon, snapped_lon)
    snapped_lat = np.where(touching, lat, snapped_lat)
    bearing, metres = mapped(geodesy.azimuth_and_distance, lon, lat, snapped_lon, snapped_lat)
    bearing = np.where(touching, np.nan, bearing)
    return Nearest(point, feature, metres, bearing, snapped_lon, snapped_lat)


def project(geometries: Geometries, transform: Transform) -> Geometries:
    """Take geometries from one plane to another, vertex by vertex."""
    projected: Geometries = shapely.transform(geometries, transform, interleaved=False)
    return projected


def _concatenate(answers: list[Nearest]) -> Nearest:
    columns = (np.concatenate([getattr(a, name) for a in answers]) for name in Nearest.__slots__)
    return Nearest(*columns)


def _joined(answers: Iterable[Nearest]) -> Nearest:
    """Put answers one after the other, column by column, so that little is held twice."""
    columns: dict[str, list[npt.NDArray[Any]]] = {name: [] for name in Nearest.__slots__}
    for answer in answers:
        for name, parts in columns.items():
            parts.append(getattr(answer, name))
    return Nearest(**{name: np.concatenate(columns.pop(name)) for name in Nearest.__slots__})


def _merged(found: Nearest, inside: Nearest, k: int) -> Nearest:
    """Put the polygons that contain a point before what else is near it."""
    again = np.zeros(found.point.max(initial=-1) + 1, bool)
    again[inside.point[inside.point < len(again)]] = True
    both = again[found.point]
    first = _first(_concatenate([inside, found.take(both)]), k)
    whole = _concatenate([first, found.take(~both)])
    return whole.take(np.argsort(whole.point, kind="stable"))


def _in_order(found: Nearest) -> bool:
    """Tell whether the answers of each point come nearest first, as they mostly do."""
    same = found.point[1:] == found.point[:-1]
    return not (same & (found.distance_m[1:] < found.distance_m[:-1])).any()


def _first(found: Nearest, k: int) -> Nearest:
    """Sort by point, distance and feature, and keep the first ``k`` features of each point."""
    order = np.lexsort((found.feature, np.round(found.distance_m, 6), found.point))
    found = found.take(order)
    # A polygon that contains a point is found twice, by its inside and by its border.
    pair = np.lexsort((found.distance_m, found.feature, found.point))
    again = np.zeros(len(pair), bool)
    again[pair[1:]] = (np.diff(found.point[pair]) == 0) & (np.diff(found.feature[pair]) == 0)
    found = found.take(~again)
    starts = np.flatnonzero(np.r_[True, found.point[1:] != found.point[:-1]])
    rank = np.arange(len(found.point)) - np.repeat(starts, np.diff(np.r_[starts, len(found.point)]))
    return found.take(rank < k)
