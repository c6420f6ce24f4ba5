"""One trail as a file for watches, telephones and globes: GPX 1.1, KML 2.2."""

from __future__ import annotations

import io
import math
from typing import Any

import geopandas as gpd
import gpxpy.gpx
import pyogrio
import shapely


def gpx(row: dict[str, Any], line: shapely.Geometry, facilities: gpd.GeoDataFrame) -> bytes:
    """Write a trail as GPX 1.1, its facilities as waypoints.

    Parameters
    ----------
    row
        Attributes of the trail; ``name`` and ``description`` are written.
    line
        LineString or MultiLineString in EPSG:4326; heights are written where they are known.
    facilities
        Points with ``name`` and ``kind``.
    """
    document = gpxpy.gpx.GPX()
    document.creator = "Maenballo"
    document.name = _text(row.get("name"))
    for kind, name, point in _points(facilities):
        document.waypoints.append(
            gpxpy.gpx.GPXWaypoint(point.y, point.x, name=name, type=kind or None)
        )
    track = gpxpy.gpx.GPXTrack(_text(row.get("name")), _text(row.get("description")))
    for part in shapely.get_parts(line):
        segment = gpxpy.gpx.GPXTrackSegment()
        for lon, lat, height in shapely.get_coordinates(part, include_z=True).tolist():
            known = None if math.isnan(height) else height
            segment.points.append(gpxpy.gpx.GPXTrackPoint(lat, lon, elevation=known))
        track.segments.append(segment)
    document.tracks.append(track)
    return str(document.to_xml(version="1.1")).encode()


def kml(row: dict[str, Any], line: shapely.Geometry, facilities: gpd.GeoDataFrame) -> bytes:
    """Write a trail and its facilities as KML 2.2; the parameters are those of :func:`gpx`."""
    points = list(_points(facilities))
    table = gpd.GeoDataFrame(
        {
            "Name": [_text(row.get("name")) or "", *(name or "" for _, name, _ in points)],
            "Description": [_text(row.get("description")) or "", *(kind for kind, _, _ in points)],
        },
        geometry=[shapely.force_2d(line), *(point for _, _, point in points)],
        crs=4326,
    )
    file = io.BytesIO()
    pyogrio.write_dataframe(table, file, driver="KML", layer="trail")
    return file.getvalue()


def _points(facilities: gpd.GeoDataFrame) -> list[tuple[str, str | None, shapely.Point]]:
    rows = zip(facilities["kind"], facilities["name"], facilities.geometry, strict=True)
    return [
        (_text(kind) or "", _text(name), point)
        for kind, name, point in rows
        if point is not None and not point.is_empty
    ]


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, str) and value else None
