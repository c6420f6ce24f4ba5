"""The content of a GPX file: tracks, routes and waypoints of gpxpy, with points as arrays."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import gpxpy.gpx
import numpy as np
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


@dataclass(slots=True)
class SegmentRecord:
    """The points of a segment while it is read.

    Attributes
    ----------
    lon, lat, elevations_m
        An entry for each point, degrees and metres.
    times
        Those that points have, in their order.
    timed_position
        Position of the last point that has a time.
    """

    lon: list[float] = field(default_factory=list)
    lat: list[float] = field(default_factory=list)
    elevations_m: list[float | None] = field(default_factory=list)
    times: list[dt.datetime] = field(default_factory=list)
    timed_position: int | None = None

    def build_points(self) -> Points:
        """Build the arrays of a finished segment."""
        lonlat = np.column_stack([self.lon, self.lat]).astype(np.float64)
        # numpy makes NaN of None.
        elevation_m = np.array(self.elevations_m, dtype=np.float64)
        times = self.times
        span = (pd.Timestamp(min(times)), pd.Timestamp(max(times))) if times else ()
        return Points(lonlat, elevation_m, span)


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
