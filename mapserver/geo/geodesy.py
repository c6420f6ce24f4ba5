"""Metres: geodesic length, area, distance and bearing, and the metric CRS of a city."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Geod, Proj, Transformer
from pyproj.exceptions import ProjError
from pyproj.list import get_ellps_map

from mapserver.errors import N_, CrsError, QueryError
from mapserver.settings import walking

Floats = npt.NDArray[np.float64]
Geometries = npt.NDArray[np.object_]

LONLAT = CRS.from_epsg(4326)
"""Longitude and latitude in degrees on WGS 84; we always write longitude first."""

MAP_DECIMALS = 6
"""Decimals of a degree that maps and pages show: 0.1 m."""

GEOD = Geod(ellps="WGS84")
"""Geodesics on the WGS 84 ellipsoid, by the algorithms of Karney (2013), in PROJ."""

WALKING_KM_PER_H = walking.WALKING_KM_PER_H
"""The one walking speed, of :mod:`mapserver.settings.walking`."""

WALKING_M_PER_MIN = WALKING_KM_PER_H * 1000 / 60
"""The walking speed behind every ``walk_min``."""


def length_m(geometries: Sequence[Any] | Geometries) -> Floats:
    """Measure the geodesic length of lines.

    Parameters
    ----------
    geometries
        ``n`` lines in lon/lat (EPSG:4326). Gaps between the parts of a multi-part line are not
        walked, so they are not counted. Points measure 0, polygons their perimeter.

    Returns
    -------
    ndarray of float, shape (n,)
        Lengths in metres on the WGS 84 ellipsoid; 0 for an empty or missing geometry.
    """
    array = np.asarray(geometries, dtype=object)
    parts, owner = shapely.get_parts(array, return_index=True)
    # Polygons are replaced by their rings, which count for the same geometry.
    polygon = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    if polygon.any():
        parts = parts.copy()
        parts[polygon] = shapely.boundary(parts[polygon])
        parts, inner = shapely.get_parts(parts, return_index=True)
        owner = owner[inner]
    coordinates, part = shapely.get_coordinates(parts, return_index=True)
    # A step goes from each vertex to the next one, but not from one part to another.
    is_step = part[1:] == part[:-1]
    start, end = coordinates[:-1][is_step], coordinates[1:][is_step]
    steps = distance_m(start[:, 0], start[:, 1], end[:, 0], end[:, 1])
    totals = np.bincount(owner[part[1:][is_step]], weights=steps, minlength=len(array))
    return totals.astype(np.float64)


def area_m2(geometries: Sequence[Any] | Geometries) -> Floats:
    """Measure the geodesic area of polygons in lon/lat, holes taken out, in square metres."""
    array = np.asarray(geometries, dtype=object)
    # The sign of a ring's area depends on its direction. With shells counter-clockwise and holes
    # clockwise the sum is the area without the holes.
    oriented = shapely.orient_polygons(array)
    return np.array([abs(GEOD.geometry_area_perimeter(g)[0]) if g else 0.0 for g in oriented])


def distance_m(
    lon: npt.ArrayLike, lat: npt.ArrayLike, other_lon: npt.ArrayLike, other_lat: npt.ArrayLike
) -> Floats:
    """Measure the geodesic distance between points, pair by pair, in metres."""
    return azimuth_and_distance(lon, lat, other_lon, other_lat)[1]


def azimuth_and_distance(
    lon: npt.ArrayLike, lat: npt.ArrayLike, other_lon: npt.ArrayLike, other_lat: npt.ArrayLike
) -> tuple[Floats, Floats]:
    """Solve the inverse geodesic problem, pair by pair.

    Parameters
    ----------
    lon, lat, other_lon, other_lat
        Degrees on WGS 84, scalars or arrays of one shape.

    Returns
    -------
    bearing_deg, distance_m : ndarray of float
        The direction in which one sets out, clockwise from north in [0, 360), and the metres.
    """
    arrays = np.broadcast_arrays(*(np.asarray(a, float) for a in (lon, lat, other_lon, other_lat)))
    lons, lats, other_lons, other_lats = (np.array(a) for a in arrays)
    forward, _, metres = GEOD.inv(lons, lats, other_lons, other_lats)
    return np.mod(np.asarray(forward), 360.0), np.asarray(metres)


def build_metric_crs(lon: float, lat: float) -> CRS:
    """Build the CRS in which a city is searched when its catalogue names none.

    A transverse Mercator on WGS 84 with its origin in the middle of the city: conformal, and
    within 40 km of the middle true to scale to 0.002 %. It serves to find what is nearest and
    to draw shapes; every distance that leaves the package is measured again on the ellipsoid.

    Parameters
    ----------
    lon, lat
        The middle of the city in degrees.
    """
    return CRS.from_dict(
        {
            "proj": "tmerc",
            "lon_0": round(lon, 3),
            "lat_0": round(lat, 3),
            "k": 1,
            "ellps": "WGS84",
            "units": "m",
        }
    )


def build_plane(lon: float, lat: float) -> Proj:
    """Return the projection from degrees to the plane of ``build_metric_crs`` at a place.

    Its numbers are those of ``build_transformer``. The plane is on WGS 84, so PROJ looks up no
    shift between two datums for it: it is built in a hundredth of the time, and each track needs
    one.

    Parameters
    ----------
    lon, lat
        The middle of the plane in degrees.

    Returns
    -------
    Proj
        To be called with longitudes and latitudes in degrees, any shape: x and y in metres,
        infinite where the plane does not reach.
    """
    return Proj(build_metric_crs(lon, lat))


def compute_scale(crs: CRS, lon: float, lat: float) -> float:
    """Compute how many metres of a projected CRS stand for a metre on the ground at a place.

    Returns
    -------
    float
        The areal scale's square root: 1 is true to scale, NaN where the CRS has no such place.
    """
    try:
        factors = Proj(crs).get_factors(lon, lat, errcheck=True)
    except ProjError:
        return math.nan
    # The areal scale is the product of the greatest and the least scale at the place (the axes of
    # Tissot's indicatrix), so its root is their geometric mean.
    return math.sqrt(factors.areal_scale)


def parse_crs(value: str, *, where: str = "") -> CRS:
    """Read a CRS as people write it (``EPSG:5186``, ``5186``, WKT).

    Raises
    ------
    CrsError
        PROJ knows no such CRS.
    """
    text = value.strip()
    try:
        crs = _find_crs(int(text) if text.isdecimal() else text)
    except Exception as error:  # pyproj raises many kinds; all mean the same to the reader
        raise CrsError(
            N_("{value} is not a coordinate reference system that PROJ knows"),
            where=where,
            mend=N_("Write it as EPSG:N, for example EPSG:5186"),
            value=repr(value),
        ) from error
    if _names_only_an_ellipsoid(text, crs):
        raise CrsError(
            N_("{value} is an ellipsoid, which many coordinate reference systems have"),
            where=where,
            mend=N_("Write it as EPSG:N, for example EPSG:5186"),
            value=repr(value),
        )
    return crs


@lru_cache(maxsize=32)
def _find_crs(name: int | str) -> CRS:
    """Look a CRS up, which takes PROJ a millisecond or two; threads may share it."""
    return CRS.from_user_input(name)


def _names_only_an_ellipsoid(text: str, crs: CRS) -> bool:
    """Check whether a text names an ellipsoid; PROJ takes ``Bessel`` for a CRS of the Netherlands.

    ``WGS84`` is the name of both, and the CRS is meant.
    """
    if text.replace(" ", "").casefold() == crs.name.replace(" ", "").casefold():
        return False
    return text.casefold() in {name.casefold() for name in get_ellps_map()}


@lru_cache(maxsize=32)
def build_transformer(source: CRS, target: CRS) -> Transformer:
    """Make a transformer that always takes and gives x (east) before y (north).

    One is made once for each pair, which takes PROJ some milliseconds; threads may share it.
    EPSG:5186, 5179 and 5174 are defined northing first, and files store easting first.
    """
    return Transformer.from_crs(source, target, always_xy=True)


def find_lonlat_fault(lon: float, lat: float) -> tuple[str, str] | None:
    """Find what is wrong with a coordinate that is no place on earth, and guess the mistake.

    Returns
    -------
    (what, mend) or None
        Message templates that use ``{lon}`` and ``{lat}``; None when the place exists.
    """
    if not (math.isfinite(lon) and math.isfinite(lat)):
        return N_("longitude {lon}, latitude {lat}: not a number"), N_("Give finite degrees")
    if abs(lon) <= 180 and abs(lat) <= 90:
        return None
    # Swapped: each would be right as the other.
    if abs(lon) <= 90 and abs(lat) <= 180:
        return (
            N_("latitude {lat} is out of range: lon and lat swapped?"),
            N_("Give longitude first, then latitude"),
        )
    # Eastings and northings of the Korean planes have six or seven digits.
    if abs(lon) > 1000 and abs(lat) > 1000:
        return (
            N_("longitude {lon}, latitude {lat}: these look like metres of a projected CRS"),
            N_("Convert them to degrees (EPSG:4326) first, for example from EPSG:5186"),
        )
    if abs(lat) > 90:
        return N_("latitude {lat} is out of range"), N_("Latitude goes from -90 to 90 degrees")
    return N_("longitude {lon} is out of range"), N_("Longitude goes from -180 to 180 degrees")


def find_no_places(lon: Floats, lat: Floats) -> npt.NDArray[np.intp]:
    """Find which of many coordinates are no place on earth: not finite, or out of range.

    Returns
    -------
    ndarray of int
        Their positions, in ascending order; mostly none, which four extremes say in a nanosecond a
        point.
    """
    # NaN is the extreme of any row that holds it, and fails each comparison.
    if not len(lon) or (
        lon.min() >= -180 and lat.min() >= -90 and lon.max() <= 180 and lat.max() <= 90
    ):
        return np.empty(0, np.intp)
    with np.errstate(invalid="ignore"):
        return np.flatnonzero(~((np.abs(lon) <= 180) & (np.abs(lat) <= 90)))


def require_lonlat(lon: float, lat: float) -> None:
    """Refuse a coordinate that is no place on earth.

    Raises
    ------
    QueryError
        With a message that guesses the mistake.
    """
    fault = find_lonlat_fault(lon, lat)
    if fault:
        what, mend = fault
        parameter = "lat" if what.startswith("latitude") else "lon"
        raise QueryError(what, parameter=parameter, mend=mend, lon=lon, lat=lat)
