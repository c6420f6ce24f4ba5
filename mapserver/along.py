"""A trail as one walks it: metres from its start, heights on the way, and what lies beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from pyproj import CRS

from mapserver import geodesy
from mapserver.errors import N_
from mapserver.geodesy import Floats
from mapserver.index.nearest import project

LOOP_M = 20.0
"""A line whose ends are no farther apart is walked in a circle."""
ON_THE_WAY_M = 3.0
"""What is no farther from the line lies on it, not beside it."""
COMPASS = (
    *(N_("north"), N_("north-east"), N_("east"), N_("south-east")),
    *(N_("south"), N_("south-west"), N_("west"), N_("north-west")),
)


@dataclass(frozen=True, slots=True)
class Way:
    """The vertices of a trail in the order in which they are walked.

    Attributes
    ----------
    lon, lat
        Shape (n,), degrees.
    elevation_m
        Shape (n,), NaN where unknown.
    distance_m
        Shape (n,), geodesic metres from the start; a gap between two segments is not walked.
    begins
        Shape (n,), true where a segment begins.
    """

    lon: Floats
    lat: Floats
    elevation_m: Floats
    distance_m: Floats
    begins: np.ndarray[tuple[int], np.dtype[np.bool_]]

    @property
    def length_m(self) -> float:
        """Geodesic length."""
        return float(self.distance_m[-1]) if len(self.distance_m) else 0.0

    @property
    def is_loop(self) -> bool:
        """Whether it ends where it begins."""
        if not len(self.lon):
            return False
        apart = geodesy.distance_m(self.lon[0], self.lat[0], self.lon[-1], self.lat[-1])
        return bool(apart <= LOOP_M < self.length_m)

    @property
    def bearing_deg(self) -> float:
        """Direction from the start to the end, clockwise from north."""
        bearing, _ = geodesy.azimuth_and_distance(
            self.lon[0], self.lat[0], self.lon[-1], self.lat[-1]
        )
        return float(bearing)


@dataclass(frozen=True, slots=True)
class Beside:
    """Where something lies along a trail.

    Attributes
    ----------
    distance_m
        Metres from the start of the trail to the place on it that is nearest.
    off_m
        Metres from there.
    side
        ``left``, ``right``, or ``on`` the trail.
    """

    distance_m: float
    off_m: float
    side: str


def way(line: shapely.Geometry) -> Way:
    """Walk a line or the segments of a multi-line one after the other.

    Parameters
    ----------
    line
        LineString or MultiLineString in EPSG:4326, with heights or without.
    """
    parts = shapely.get_parts(line)
    corners, part = shapely.get_coordinates(parts, include_z=True, return_index=True)
    if not len(corners):
        nothing = np.empty(0)
        return Way(nothing, nothing, nothing, nothing, np.empty(0, bool))
    lon, lat, height = corners.T
    begins = np.r_[True, part[1:] != part[:-1]]
    steps = geodesy.distance_m(lon[:-1], lat[:-1], lon[1:], lat[1:])
    steps = np.where(begins[1:], 0.0, steps)
    return Way(lon, lat, height, np.r_[0.0, np.cumsum(steps)], begins)


def beside(line: shapely.Geometry, point: shapely.Point, crs: CRS) -> Beside:
    """Tell where along a trail something lies.

    Parameters
    ----------
    line
        LineString or MultiLineString in EPSG:4326.
    point
        In EPSG:4326.
    crs
        Projected CRS in metres, true to scale around them.
    """
    forward = geodesy.transformer(geodesy.LONLAT, crs).transform
    parts = project(shapely.get_parts(shapely.force_2d(line)), forward)
    place = project(np.array([shapely.force_2d(point)], dtype=object), forward)[0]
    off = shapely.distance(parts, place)
    nearest = int(np.argmin(off))
    lengths = shapely.length(parts)
    at = float(shapely.line_locate_point(parts[nearest], place))
    # In the plane lengths differ by some 1e-4 from geodesic ones.
    scale = way(line).length_m / lengths.sum() if lengths.sum() else 1.0
    side = "on" if off[nearest] <= ON_THE_WAY_M else _side(parts[nearest], at, place)
    return Beside(float(lengths[:nearest].sum() + at) * scale, float(off[nearest]), side)


def compass(bearing_deg: float) -> str:
    """Name a direction, one of eight; empty for NaN."""
    return "" if math.isnan(bearing_deg) else COMPASS[round(bearing_deg / 45) % 8]


def _side(line: shapely.LineString, at: float, place: shapely.Point) -> str:
    before = shapely.line_interpolate_point(line, max(at - 1, 0))
    after = shapely.line_interpolate_point(line, min(at + 1, line.length))
    turn = (after.x - before.x) * (place.y - before.y) - (after.y - before.y) * (place.x - before.x)
    return "left" if turn > 0 else "right"
