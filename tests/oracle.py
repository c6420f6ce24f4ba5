"""The slow and certain way: every segment of every feature, measured on the ellipsoid."""

from __future__ import annotations

import numpy as np
import shapely
from pyproj import Geod

GEOD = Geod(ellps="WGS84")
ROUNDS = 45
GOLDEN = (np.sqrt(5) - 1) / 2


def tolerance_m(distance_m: float) -> float:
    """Give what the contract allows: 0.1 % or 0.1 m, whichever is larger."""
    return max(0.1, distance_m / 1000)


def distance_m(geometry: shapely.Geometry, lon: float, lat: float) -> float:
    """Measure from a point to the nearest place of a geometry; 0 inside a polygon."""
    if geometry.geom_type.endswith("Polygon") and geometry.covers(shapely.Point(lon, lat)):
        return 0.0
    if geometry.geom_type.endswith("Point"):
        corners = shapely.get_coordinates(geometry)
        return float(_to(lon, lat, corners).min())
    start, end = segments(geometry)
    azimuth, _, long_m = GEOD.inv(*start.T, *end.T)

    def at(along_m: np.ndarray) -> np.ndarray:
        """Measure to the place so far along each segment, which is a geodesic."""
        lons, lats, _ = GEOD.fwd(*start.T, azimuth, along_m)
        return _to(lon, lat, np.column_stack([lons, lats]))

    # Along a short segment the distance falls and rises once: golden section search on all.
    low, high = np.zeros(len(start)), long_m
    for _ in range(ROUNDS):
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        closer = at(left) < at(right)
        low, high = np.where(closer, low, left), np.where(closer, right, high)
    return float(
        min(
            at((low + high) / 2).min(),
            _to(lon, lat, start).min(),
            _to(lon, lat, end).min(),
        )
    )


def segments(geometry: shapely.Geometry) -> tuple[np.ndarray, np.ndarray]:
    """Give start and end of every segment of the lines or rings, none across a gap."""
    starts, ends = [], []
    for part in shapely.get_parts(geometry):
        rings = shapely.get_rings(part) if part.geom_type == "Polygon" else [part]
        for ring in rings:
            corners = shapely.get_coordinates(ring)
            starts.append(corners[:-1])
            ends.append(corners[1:])
    return np.concatenate(starts), np.concatenate(ends)


def length_m(geometry: shapely.Geometry) -> float:
    """Add up the segments of a line."""
    start, end = segments(geometry)
    return float(GEOD.inv(*start.T, *end.T)[2].sum())


def containing(geometries: np.ndarray, lon: float, lat: float) -> list[int]:
    """Tell which polygons a point lies in or on, asking each."""
    point = shapely.Point(lon, lat)
    return [at for at, area in enumerate(geometries) if area is not None and area.covers(point)]


def _to(lon, lat, places):
    n = len(places)
    return GEOD.inv(np.full(n, lon), np.full(n, lat), places[:, 0], places[:, 1])[2]
