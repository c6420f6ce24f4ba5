"""The slow and certain way: every segment of every feature, measured on the ellipsoid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from pyproj import Geod

GEOD = Geod(ellps="WGS84")
ROUNDS = 35
"""After which a segment of two kilometres is searched to a tenth of a millimetre."""
GOLDEN = (np.sqrt(5) - 1) / 2


def tolerance_m(distance_m: float) -> float:
    """Give what the contract allows: 0.1 % or 0.1 m, whichever is larger."""
    return max(0.1, distance_m / 1000)


def distance_m(geometry: shapely.Geometry, lon: float, lat: float) -> float:
    """Measure from a point to the nearest place of a geometry; 0 inside a polygon."""
    return float(distances_m([geometry], lon, lat)[0])


def distances_m(geometries: Sequence[shapely.Geometry], lon: float, lat: float) -> np.ndarray:
    """Measure from a point to the nearest place of each of many geometries."""
    place = shapely.Point(lon, lat)
    best_m = np.full(len(geometries), np.inf)
    owners, starts, ends = [], [], []
    for owner, geometry in enumerate(geometries):
        if geometry.geom_type.endswith("Point"):
            best_m[owner] = _to(lon, lat, shapely.get_coordinates(geometry)).min()
        elif geometry.geom_type.endswith("Polygon") and geometry.covers(place):
            best_m[owner] = 0.0
        else:
            start, end = segments(geometry)
            owners.append(np.full(len(start), owner))
            starts.append(start)
            ends.append(end)
    if owners:
        segment_m = _nearest_of_segments(lon, lat, *map(np.concatenate, (owners, starts, ends)))
        np.minimum.at(best_m, np.concatenate(owners), segment_m)
    return best_m


def _nearest_of_segments(lon, lat, owner, start, end) -> np.ndarray:
    """Measure from a point to each segment, or to its ends where another of its owner is nearer."""
    azimuth, _, long_m = GEOD.inv(*start.T, *end.T)
    start_m, end_m = _to(lon, lat, start), _to(lon, lat, end)
    nearest_m = np.minimum(start_m, end_m)
    best_m = np.full(owner.max() + 1, np.inf)
    np.minimum.at(best_m, owner, nearest_m)
    # No place of a segment is nearer than the triangle of it and the point allows.
    may_be = (start_m + end_m - long_m) / 2 <= best_m[owner]
    start, azimuth, long_m = start[may_be], azimuth[may_be], long_m[may_be]

    def at(along_m: np.ndarray) -> np.ndarray:
        """Measure to the place so far along each segment, which is a geodesic."""
        lons, lats, _ = GEOD.fwd(*start.T, azimuth, along_m)
        return _to(lon, lat, np.column_stack([lons, lats]))

    # Along a short segment the distance falls and rises once: golden section search on all.
    low, high = np.zeros(len(start)), long_m
    left, right = high - GOLDEN * high, GOLDEN * high
    left_m, right_m = at(left), at(right)
    for _ in range(ROUNDS):
        closer = left_m < right_m
        low, high = np.where(closer, low, left), np.where(closer, right, high)
        span = GOLDEN * (high - low)
        probe = np.where(closer, high - span, low + span)
        probe_m = at(probe)
        left, right = np.where(closer, probe, right), np.where(closer, left, probe)
        left_m, right_m = (
            np.where(closer, probe_m, right_m),
            np.where(closer, left_m, probe_m),
        )
    nearest_m[may_be] = np.minimum(nearest_m[may_be], np.minimum(left_m, right_m))
    return nearest_m


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
