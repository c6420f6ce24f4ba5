"""Points that cannot be places on their trail, and waypoints that cannot belong to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from mapserver import extent, geodesy
from mapserver.errors import N_
from mapserver.findings import Finding, Severity
from mapserver.geodesy import Floats, Geometries
from mapserver.gpx.heights import HIGHEST_M, LOWEST_M

Bools = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.intp]

NULL_DEG = 0.001
"""A point so near to 0, 0 was written by a receiver that did not know where it was, if the others
are ``FAR_M`` away from there."""

NOWHERE_DEG = 1e-5
"""A point so near to 0, 0, a metre, is no place even if there are no others."""

FAR_M = 100_000.0
"""What lies farther from a trail belongs to no city in which the trail is."""

LEAP_M = 50_000.0
LEAP_FACTOR = 10.0
"""A few points that lie farther than this, and than ten times the usual distance, from the middle
of their trail, with a leap there and back, were not walked."""

FEWEST_POINTS = 10
"""Of fewer points nobody can say which of them are out of place."""

LONGEST_LEAP = 10
"""A leap of more points was somewhere: a trail walked on both sides of a flight."""

BESIDE_M = 1_000.0
"""A waypoint farther from the trail is none of its facilities."""

MANY_NAMED = 5


def find_strays(places: Floats, segment: Positions) -> Bools:
    """Find points of a trail that cannot be places on it.

    Parameters
    ----------
    places
        Longitude and latitude in degrees, shape (n, 2).
    segment
        The number of each point's segment, ascending, shape (n,).

    Returns
    -------
    ndarray of bool, shape (n,)
        Points at 0, 0, and a few points far out of everything.
    """
    strays = _find_nulls(places)
    kept = np.flatnonzero(~strays)
    strays[kept] = _find_leaps(places[kept], segment[kept])
    return strays


def describe_strays(
    strays: Bools, places: Floats, segment: Positions, number: Positions, file: str
) -> Iterator[Finding]:
    """Write a finding for each segment with strays, which names them.

    Parameters
    ----------
    strays, places, segment
        As for :func:`find_strays`.
    number
        Of each point its number in its segment, shape (n,).
    file
        What to call the file.
    """
    for each in np.unique(segment[strays]):
        at = np.flatnonzero(strays & (segment == each))
        named = [
            f"{number[n]} ({places[n, 0]:.7g}, {places[n, 1]:.7g})"
            for n in at[:MANY_NAMED].tolist()
        ]
        values = {
            "count": len(at),
            "segment": int(each),
            "points": ", ".join([*named, "..."] if len(at) > MANY_NAMED else named),
        }
        yield Finding(
            Severity.WARNING,
            "point-astray",
            file,
            N_(
                "points of segment {segment} that cannot be on this trail, {count}, are left "
                "out: point {points}"
            ),
            N_("Delete these points"),
            values=values,
        )


def check_waypoints(
    waypoints: gpd.GeoDataFrame, trails: gpd.GeoDataFrame, file: str
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Leave out waypoints that are no place beside the trails, and free those far from theirs.

    Parameters
    ----------
    waypoints, trails
        Of one file, EPSG:4326; waypoints with ``name``, ``elevation_m`` and ``trail``.
    file
        What to call the file.

    Returns
    -------
    waypoints : GeoDataFrame
        Without those at 0, 0 or more than ``FAR_M`` from every trail of the file; ``trail`` is
        empty where it is more than ``BESIDE_M`` away, ``elevation_m`` where it is none on earth.
    findings : list of Finding
        What was left out.
    """
    if not len(waypoints):
        return waypoints, []
    points = waypoints.geometry.to_numpy()
    away_m = _measure_away(points, trails.geometry.to_numpy())
    nowhere = np.abs(shapely.get_coordinates(points)).max(axis=1) <= NOWHERE_DEG
    lost = (nowhere & ~(away_m <= FAR_M)) | (away_m > FAR_M)
    height = waypoints["elevation_m"]
    kept = waypoints.assign(
        trail=waypoints["trail"].where(~(away_m > BESIDE_M), None),
        elevation_m=height.where(height.between(LOWEST_M, HIGHEST_M)),
    )
    names = waypoints["name"].fillna("").astype(object).to_numpy()
    findings = [
        *_describe_waypoints(names[lost], file, lost=True),
        *_describe_waypoints(names[~lost & (away_m > BESIDE_M)], file, lost=False),
    ]
    return kept[~lost], findings


def _measure_away(points: Geometries, lines: Geometries) -> Floats:
    """Measure metres from points to the nearest line; infinite out of reach, NaN without lines."""
    if not len(lines):
        return np.full(len(points), np.nan)
    lon, lat = extent.find_middle(shapely.get_coordinates(lines))
    transform = geodesy.plane_about(lon, lat)
    every = shapely.multilinestrings(
        shapely.get_parts(shapely.transform(shapely.force_2d(lines), transform, interleaved=False))
    )
    flat = shapely.transform(points, transform, interleaved=False)
    away_m = np.full(len(points), np.inf)
    reached = np.isfinite(shapely.get_coordinates(flat)).all(axis=1)
    shapely.prepare(every)
    away_m[reached] = shapely.distance(flat[reached], every)
    # Far from its middle the plane is wrong by more than a little.
    far = ~(away_m <= FAR_M / 2)
    lonlat = shapely.get_coordinates(points[far])
    away_m[far] = geodesy.distance_m(lon, lat, lonlat[:, 0], lonlat[:, 1])
    return away_m


def _describe_waypoints(names: Sequence[str], file: str, *, lost: bool) -> Iterator[Finding]:
    if not len(names):
        return
    named = [repr(name) for name in names[:MANY_NAMED]]
    yield Finding(
        Severity.WARNING if lost else Severity.NOTE,
        "waypoint-astray",
        file,
        N_("waypoints that cannot be beside the trail, {count}, are left out: {names}")
        if lost
        else N_("waypoints more than 1 km from the trail, {count}, are none of its: {names}"),
        N_("Correct their coordinates, or delete them"),
        values={
            "count": len(names),
            "names": ", ".join([*named, "..."] if len(names) > MANY_NAMED else named),
        },
    )


def _find_nulls(places: Floats) -> Bools:
    null: Bools = np.abs(places).max(axis=1, initial=0) <= NULL_DEG
    others = places[~null]
    if not len(others):
        nowhere: Bools = np.abs(places).max(axis=1, initial=0) <= NOWHERE_DEG
        return nowhere & nowhere.all()
    if null.any():
        null &= geodesy.distance_m(0.0, 0.0, others[:, 0], others[:, 1]).min() > FAR_M
    return null


def _find_leaps(places: Floats, segment: Positions) -> Bools:
    """Find runs of few points that are far from the middle of all, there and back by a leap."""
    strays = np.zeros(len(places), dtype=bool)
    if len(places) < FEWEST_POINTS:
        return strays
    lon, lat = extent.find_middle(places)
    away_m = geodesy.distance_m(lon, lat, places[:, 0], places[:, 1])
    far = away_m > max(LEAP_M, LEAP_FACTOR * float(np.median(away_m)))
    if not far.any():
        return strays
    # Cut where a segment begins, and at every leap.
    step_m = geodesy.distance_m(*places[:-1].T, *places[1:].T)
    cuts = np.flatnonzero((segment[1:] != segment[:-1]) | (step_m > LEAP_M)) + 1
    run = np.searchsorted(cuts, np.arange(len(places)), side="right")
    count = np.bincount(run)
    whole = np.bincount(run, far) == count
    few = count <= min(LONGEST_LEAP, len(places) // 3)
    strays[:] = (whole & few)[run]
    return strays
