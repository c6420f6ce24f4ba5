"""The content of a GPX file: tracks, routes and waypoints of gpxpy, with points as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import gpxpy.gpx
import pandas as pd

from mapserver.geo.geodesy import Floats
from mapserver.text.findings import Finding


@dataclass(slots=True)
class Counts:
    """What a GPX file holds, as it stands; segments without a point are counted apart."""

    waypoints: int = 0
    routes: int = 0
    route_points: int = 0
    tracks: int = 0
    track_points: int = 0
    segments: int = 0
    empty_segments: int = 0


@dataclass(frozen=True, slots=True)
class Points:
    """The points of one segment.

    Attributes
    ----------
    lonlat
        Shape (n, 2), degrees.
    elevation_m
        Shape (n,), NaN where unknown.
    times
        The first and the last known time in UTC; empty when none is known.
    """

    lonlat: Floats
    elevation_m: Floats
    times: tuple[pd.Timestamp, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """A track or a route: what gpxpy holds of it, and the points of its segments."""

    element: gpxpy.gpx.GPXTrack | gpxpy.gpx.GPXRoute
    kind: str
    segments: list[Points]


@dataclass(frozen=True, slots=True)
class Document:
    """The content of a GPX file.

    Attributes
    ----------
    title
        The name of the whole; None if it has none.
    ways
        Tracks, then routes, each in the order of the file.
    waypoints
        Waypoints of gpxpy.
    counts
        What the file holds, as it stands.
    findings
        An encoding that is misstated, elevations and times that cannot be used.
    """

    title: str | None
    ways: list[Way]
    waypoints: list[gpxpy.gpx.GPXWaypoint]
    counts: Counts
    findings: list[Finding]
