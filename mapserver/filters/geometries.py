"""Geometries that stand in a filter: boxes, and what GeoJSON describes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
import shapely.geometry

from mapserver.errors import N_, QueryError
from mapserver.filters.operands import Kind, Operand, make_constant
from mapserver.geo.geometry_types import GEOMETRY_TYPES

EDGE_PARTS = 32
"""Parts of an edge of a box in another system: a straight line there is none on the globe."""

LONGITUDE_FIRST = N_("Longitude comes first, from -180 to 180, then latitude, from -90 to 90")
IN_ITS_ORDER = N_("Write coordinates in the axis order of their system")
"""How coordinates are written in longitude and latitude, and in any other system."""

ToLonLat = Callable[[shapely.Geometry], shapely.Geometry]


def make_geometry(tree: dict[str, Any], to_lonlat: ToLonLat | None) -> Operand:
    """Return a geometry of GeoJSON as a constant.

    Parameters
    ----------
    tree
        With ``type`` and ``coordinates`` or ``geometries``.
    to_lonlat
        Into longitude and latitude; None where they are that already.

    Raises
    ------
    QueryError
        It is no geometry, or lies outside of the globe.
    """
    name = str(tree.get("type")).upper()
    try:
        # Through shapely, which knows nothing of our limits: it refuses what it cannot build.
        is_known = tree.get("type") in GEOMETRY_TYPES and all(map(_is_closed, _list_rings(tree)))
        built = shapely.geometry.shape(tree) if is_known else None
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.GEOSException):
        built = None
    if built is None or built.is_empty:
        raise QueryError(
            N_("the geometry {name} cannot be built from its coordinates"),
            parameter="filter",
            mend=N_("Rings of polygons have four points at least and end where they began"),
            name=name,
        )
    moved = _move_to_lonlat(built, to_lonlat, is_elsewhere=to_lonlat is not None)
    return make_constant(Kind.GEOMETRY, moved, name)


def _list_rings(tree: dict[str, Any]) -> list[Any]:
    """List the rings of the polygons of a geometry of GeoJSON."""
    if tree.get("type") == "GeometryCollection":
        return [ring for part in tree["geometries"] for ring in _list_rings(part)]
    if tree.get("type") == "MultiPolygon":
        return [ring for polygon in tree["coordinates"] for ring in polygon]
    return list(tree["coordinates"]) if tree.get("type") == "Polygon" else []


def _is_closed(ring: Any) -> bool:
    """Return whether a ring ends where it began; the library would close another one itself."""
    return len(ring) >= 4 and list(ring[0]) == list(ring[-1])


def make_box(numbers: list[Any], to_lonlat: ToLonLat | None) -> Operand:
    """Return a box as a constant; one with west beyond east crosses 180 degrees.

    Parameters
    ----------
    numbers
        Four numbers, or six with heights, which do not count.
    to_lonlat
        Into longitude and latitude; None where they are that already.

    Raises
    ------
    QueryError
        They are no box.
    """
    is_number = [isinstance(one, (int, float)) and not isinstance(one, bool) for one in numbers]
    if len(numbers) not in {4, 6} or not all(is_number):
        raise QueryError(
            N_("BBOX has four numbers, or six with heights"),
            parameter="filter",
            mend=N_("Write {example}"),
            example="BBOX(126.8, 35.1, 126.9, 35.2)",
        )
    is_elsewhere = to_lonlat is not None
    half = len(numbers) // 2
    west, south, east, north = (*numbers[:2], *numbers[half : half + 2])
    if to_lonlat is not None and _writes_latitude_first(west, south, east, north, to_lonlat):
        west, south, east, north, to_lonlat = south, west, north, east, None
    if south > north or (west > east and to_lonlat is not None):
        raise QueryError(
            N_("the lower corner of BBOX is beyond its upper one"),
            parameter="filter",
            mend=IN_ITS_ORDER if is_elsewhere else N_("Write {example}"),
            example="BBOX(126.8, 35.1, 126.9, 35.2)",
        )
    if west > east:
        parts = [shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)]
        # Corners are checked before: a west beyond 180 would turn the box inside out.
        corners = shapely.MultiPoint([(west, south), (east, north)])
        _require_globe(corners, is_elsewhere=is_elsewhere)
        return make_constant(Kind.GEOMETRY, shapely.MultiPolygon(parts), "BBOX")
    built = _make_plain_box(west, south, east, north)
    if to_lonlat is not None:
        size = max(east - west, north - south)
        built = shapely.segmentize(built, size / EDGE_PARTS) if size > 0 else built
    moved = _move_to_lonlat(built, to_lonlat, is_elsewhere=is_elsewhere)
    return make_constant(Kind.GEOMETRY, moved, "BBOX")


def _writes_latitude_first(
    low_x: float, low_y: float, high_x: float, high_y: float, to_lonlat: ToLonLat
) -> bool:
    """Return whether a system is of degrees in another order alone, so that a box is one there."""
    # Two corners suffice: a system that exchanges the axes of both does so everywhere.
    corners = to_lonlat(shapely.MultiPoint([(low_x, low_y), (high_x, high_y)]))
    swapped = np.array([(low_y, low_x), (high_y, high_x)])
    return bool(np.array_equal(shapely.get_coordinates(corners), swapped))


def _make_plain_box(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    """Return a box; one without width or height is a line or a point, which can meet others."""
    if west == east and south == north:
        return shapely.Point(west, south)
    if west == east or south == north:
        return shapely.LineString([(west, south), (east, north)])
    return shapely.box(west, south, east, north)


def _move_to_lonlat(
    geometry: shapely.Geometry, to_lonlat: ToLonLat | None, *, is_elsewhere: bool
) -> shapely.Geometry:
    """Return a geometry in longitude and latitude, without heights, that lies on the globe."""
    flat = shapely.force_2d(geometry)
    if to_lonlat is not None:
        flat = to_lonlat(flat)
    _require_globe(flat, is_elsewhere=is_elsewhere)
    shapely.prepare(flat)
    return flat


def _require_globe(geometry: shapely.Geometry, *, is_elsewhere: bool) -> None:
    """Check that all coordinates are longitudes and latitudes.

    Parameters
    ----------
    geometry
        In longitude and latitude.
    is_elsewhere
        Whether the filter gives it in another reference system, which has an order of its own.

    Raises
    ------
    QueryError
        One is not; the message names it.
    """
    coordinates = shapely.get_coordinates(geometry)
    with np.errstate(invalid="ignore"):
        is_inside = (np.abs(coordinates) <= (180, 90)).all(axis=1)
    if not is_inside.all():
        x, y = coordinates[int(np.argmin(is_inside))]
        raise QueryError(
            N_("{x} {y} is no longitude and latitude"),
            parameter="filter",
            mend=IN_ITS_ORDER if is_elsewhere else LONGITUDE_FIRST,
            x=f"{x:g}",
            y=f"{y:g}",
        )
