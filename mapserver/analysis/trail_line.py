"""The line of a trail: metres from its start, heights, and the position of points along it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from pyproj import CRS

from mapserver.errors import N_
from mapserver.geo import geodesy
from mapserver.geo.geodesy import Floats
from mapserver.geo.slopes import add_up_distances
from mapserver.index import project_geometries

LOOP_M = 20.0
"""A line whose ends are no farther apart than this is a loop."""
ON_THE_WAY_M = 3.0
"""A point no farther from the line than this lies on it, not beside it."""
COMPASS = (
    *(N_("north"), N_("north-east"), N_("east"), N_("south-east")),
    *(N_("south"), N_("south-west"), N_("west"), N_("north-west")),
)


@dataclass(frozen=True, slots=True)
class TrailLine:
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
        ends_distance_m = geodesy.distance_m(self.lon[0], self.lat[0], self.lon[-1], self.lat[-1])
        return bool(ends_distance_m <= LOOP_M < self.length_m)

    @property
    def bearing_deg(self) -> float:
        """Direction from the start to the end, clockwise from north."""
        bearing, _ = geodesy.azimuth_and_distance(
            self.lon[0], self.lat[0], self.lon[-1], self.lat[-1]
        )
        return float(bearing)


@dataclass(frozen=True, slots=True)
class LinePosition:
    """The position of a point along a trail.

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


def measure_line(line: shapely.Geometry) -> TrailLine:
    """Measure the distance from the start to each vertex of a line, segment by segment.

    Parameters
    ----------
    line
        LineString or MultiLineString in EPSG:4326, with heights or without.

    Returns
    -------
    TrailLine
        The vertices of all segments; without any for an empty or missing line.
    """
    parts = shapely.get_parts(line)
    corners, segment = shapely.get_coordinates(parts, include_z=True, return_index=True)
    if not len(corners):
        empty = np.empty(0)
        return TrailLine(empty, empty, empty, empty, np.empty(0, bool))
    lon, lat, elevation_m = corners.T
    begins = np.r_[True, segment[1:] != segment[:-1]]
    return TrailLine(lon, lat, elevation_m, add_up_distances(lon, lat, begins), begins)


def locate_on_line(line: shapely.Geometry, point: shapely.Point, crs: CRS) -> LinePosition:
    """Find the position of a point along a trail.

    Parameters
    ----------
    line
        LineString or MultiLineString in EPSG:4326.
    point
        In EPSG:4326.
    crs
        Projected CRS in metres, true to scale around them.

    Returns
    -------
    LinePosition
        The nearest place on the trail, its geodesic distance from the start, and the side.
    """
    forward = geodesy.build_transformer(geodesy.LONLAT, crs).transform
    parts = project_geometries(shapely.get_parts(shapely.force_2d(line)), forward)
    place = project_geometries(np.array([shapely.force_2d(point)], dtype=object), forward)[0]
    offsets_m = shapely.distance(parts, place)
    nearest = int(np.argmin(offsets_m))
    lengths_m = shapely.length(parts)
    position_m = float(shapely.line_locate_point(parts[nearest], place))
    # Metres in the plane, scaled to geodesic ones, from which they differ by some 1e-4.
    scale = measure_line(line).length_m / lengths_m.sum() if lengths_m.sum() else 1.0
    side = (
        "on"
        if offsets_m[nearest] <= ON_THE_WAY_M
        else _find_side(parts[nearest], position_m, place)
    )
    return LinePosition(
        float(lengths_m[:nearest].sum() + position_m) * scale, float(offsets_m[nearest]), side
    )


def name_direction(bearing_deg: float) -> str:
    """Return the name of a direction, one of eight; empty for NaN."""
    # Each of the eight names covers 45°, centred on its direction; 360° is north again.
    return "" if math.isnan(bearing_deg) else COMPASS[round(bearing_deg / 45) % 8]


def _find_side(line: shapely.LineString, position_m: float, place: shapely.Point) -> str:
    """Return ``left`` or ``right``: the side of a place as seen in the direction of a line."""
    # The direction at the position comes from the places 1 m before and after it. The cross
    # product of direction and offset, d.x * o.y - d.y * o.x, is positive on the left of it.
    before = shapely.line_interpolate_point(line, max(position_m - 1, 0))
    after = shapely.line_interpolate_point(line, min(position_m + 1, line.length))
    turn = (after.x - before.x) * (place.y - before.y) - (after.y - before.y) * (place.x - before.x)
    return "left" if turn > 0 else "right"
