"""Points that cannot be places on their trail, and waypoints that cannot belong to it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from mapserver.errors import N_
from mapserver.geo import extent, geodesy
from mapserver.geo.geodesy import Floats, Geometries
from mapserver.readers.gpx.heights import HIGHEST_M, LOWEST_M
from mapserver.settings import limits
from mapserver.text.findings import Finding, Severity

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

LONGEST_DEGREE_M = 111_700.0
"""No degree is longer: of a meridian at the poles (111,694 m), of the equator 111,320 m."""

FEWEST_POINTS = 10
"""Of fewer points nobody can say which of them are out of place."""

LONGEST_LEAP = 10
"""A leap of more points was somewhere: a trail walked on both sides of a flight."""

BESIDE_M = 1_000.0
"""A waypoint farther from the trail is none of its facilities."""


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
    is_stray = _find_nulls(places)
    # Points at 0, 0 would pull the middle of the trail towards them, so they go first.
    plausible_points = np.flatnonzero(~is_stray)
    is_stray[plausible_points] = _find_leaps(places[plausible_points], segment[plausible_points])
    return is_stray


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
    for segment_number in np.unique(segment[strays]):
        positions = np.flatnonzero(strays & (segment == segment_number))
        descriptions = [
            f"{number[n]} ({places[n, 0]:.7g}, {places[n, 1]:.7g})"
            for n in positions[: limits.MAX_NAMED_POINTS].tolist()
        ]
        values = {
            "count": len(positions),
            "segment": int(segment_number),
            "points": ", ".join(
                [*descriptions, "..."] if len(positions) > limits.MAX_NAMED_POINTS else descriptions
            ),
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
    waypoints: Sequence[Mapping[str, Any]], lines: Geometries, file: str
) -> tuple[list[dict[str, Any] | None], list[Finding]]:
    """Leave out waypoints that cannot belong to the trails, and detach those far from their trail.

    Parameters
    ----------
    waypoints
        Of one file: ``name``, ``elevation_m``, ``trail`` and ``geometry``, a point in EPSG:4326.
    lines
        The trails of that file, in EPSG:4326.
    file
        What to call the file.

    Returns
    -------
    waypoints : list
        As given, and None for each at 0, 0 or more than ``FAR_M`` from every trail of the file;
        ``trail`` is None where it is more than ``BESIDE_M`` away, ``elevation_m`` NaN where it is
        none on earth.
    findings : list of Finding
        What was left out.
    """
    if not waypoints:
        return [], []
    points = np.array([waypoint["geometry"] for waypoint in waypoints], dtype=object)
    distances_m = _measure_distances(points, lines)
    is_null_place = np.abs(shapely.get_coordinates(points)).max(axis=1) <= NOWHERE_DEG
    # Without trails the distances are NaN, and NaN compares as false: then only 0, 0 is lost.
    is_lost = (is_null_place & ~(distances_m <= FAR_M)) | (distances_m > FAR_M)
    is_beside = ~(distances_m > BESIDE_M)
    # One that is left out keeps its place in the list, so that the others keep their numbers.
    checked_waypoints = [
        None
        if is_left_out
        else {
            **waypoint,
            "trail": waypoint["trail"] if is_its else None,
            "elevation_m": _keep_height(waypoint["elevation_m"]),
        }
        for waypoint, is_left_out, is_its in zip(waypoints, is_lost, is_beside, strict=True)
    ]
    names = np.array([waypoint["name"] or "" for waypoint in waypoints], dtype=object)
    findings = [
        *_describe_waypoints(names[is_lost], file, is_lost=True),
        *_describe_waypoints(names[~is_lost & ~is_beside], file, is_lost=False),
    ]
    return checked_waypoints, findings


def _keep_height(height_m: float) -> float:
    """Return a height that there may be on earth as it is, and NaN for any other."""
    return height_m if LOWEST_M <= height_m <= HIGHEST_M else math.nan


def _measure_distances(points: Geometries, lines: Geometries) -> Floats:
    """Compute metres from points to the nearest line; NaN without lines.

    Exact near the lines; beyond half of ``FAR_M`` it is the distance from the middle of the lines,
    which is enough to say that a point lies too far away.
    """
    if not len(lines):
        return np.full(len(points), np.nan)
    lon, lat = extent.find_middle(shapely.get_coordinates(lines))
    transform = geodesy.build_plane(lon, lat)
    plane_lines = shapely.multilinestrings(
        shapely.get_parts(shapely.transform(shapely.force_2d(lines), transform, interleaved=False))
    )
    plane_points = shapely.transform(points, transform, interleaved=False)
    # Points that the projection cannot hold become infinite; GEOS must not see those.
    distances_m = np.full(len(points), np.inf)
    is_in_plane = np.isfinite(shapely.get_coordinates(plane_points)).all(axis=1)
    shapely.prepare(plane_lines)
    distances_m[is_in_plane] = shapely.distance(plane_points[is_in_plane], plane_lines)
    # Far from its middle the plane is wrong by more than a little.
    is_far = ~(distances_m <= FAR_M / 2)
    lonlat = shapely.get_coordinates(points[is_far])
    distances_m[is_far] = geodesy.distance_m(lon, lat, lonlat[:, 0], lonlat[:, 1])
    return distances_m


def _describe_waypoints(names: Sequence[str], file: str, *, is_lost: bool) -> Iterator[Finding]:
    if not len(names):
        return
    named = [repr(name) for name in names[: limits.MAX_NAMED_POINTS]]
    yield Finding(
        Severity.WARNING if is_lost else Severity.NOTE,
        "waypoint-astray",
        file,
        N_("waypoints that cannot be beside the trail, {count}, are left out: {names}")
        if is_lost
        else N_("waypoints more than 1 km from the trail, {count}, are none of its: {names}"),
        N_("Correct their coordinates, or delete them"),
        values={
            "count": len(names),
            "names": ", ".join([*named, "..."] if len(names) > limits.MAX_NAMED_POINTS else named),
        },
    )


def _find_nulls(places: Floats) -> Bools:
    # max(|lon|, |lat|): the distance from 0, 0 in the larger of both directions, in degrees.
    is_null: Bools = np.abs(places).max(axis=1, initial=0) <= NULL_DEG
    other_places = places[~is_null]
    # A trail that begins in the Gulf of Guinea is possible; one that is nothing but 0, 0 is not.
    if not len(other_places):
        is_null_island: Bools = np.abs(places).max(axis=1, initial=0) <= NOWHERE_DEG
        return is_null_island & is_null_island.all()
    if is_null.any():
        is_null &= (
            geodesy.distance_m(0.0, 0.0, other_places[:, 0], other_places[:, 1]).min() > FAR_M
        )
    return is_null


def _find_leaps(places: Floats, segment: Positions) -> Bools:
    """Find runs of few points that are far from the middle of all, there and back by a leap."""
    is_stray = np.zeros(len(places), dtype=bool)
    # The middle lies in the box of all points, and none is farther from it than both sides of the
    # box are long: around most trails no point needs to be measured.
    if len(places) < FEWEST_POINTS or np.ptp(places, axis=0).sum() * LONGEST_DEGREE_M <= LEAP_M:
        return is_stray
    lon, lat = extent.find_middle(places)
    # The median distance is not moved by a few points on another continent, as a mean would be.
    distances_m = geodesy.distance_m(lon, lat, places[:, 0], places[:, 1])
    is_far = distances_m > max(LEAP_M, LEAP_FACTOR * float(np.median(distances_m)))
    if not is_far.any():
        return is_stray
    # Cut where a segment begins, and at every leap.
    step_m = geodesy.distance_m(*places[:-1].T, *places[1:].T)
    cuts = np.flatnonzero((segment[1:] != segment[:-1]) | (step_m > LEAP_M)) + 1
    run_number = np.searchsorted(cuts, np.arange(len(places)), side="right")
    # A run is astray if all of it is far away and it is short: a third of the trail is a place.
    run_sizes = np.bincount(run_number)
    is_run_far = np.bincount(run_number, is_far) == run_sizes
    is_run_short = run_sizes <= min(LONGEST_LEAP, len(places) // 3)
    is_stray[:] = (is_run_far & is_run_short)[run_number]
    return is_stray
