"""Writes small GPX files for tests."""

from __future__ import annotations

from collections.abc import Iterable

GPX_11 = "http://www.topografix.com/GPX/1/1"
PATH = ((126.85, 35.15), (126.851, 35.15), (126.852, 35.151))


def points(lonlat: Iterable[tuple[float, ...]], tag: str = "trkpt") -> str:
    """Write points; a third value is the elevation."""
    return "".join(
        f'<{tag} lat="{lat}" lon="{lon}">{f"<ele>{ele[0]}</ele>" if ele else ""}</{tag}>'
        for lon, lat, *ele in lonlat
    )


def track(*segments: Iterable[tuple[float, ...]], name: str = "길") -> str:
    inside = "".join(f"<trkseg>{points(segment)}</trkseg>" for segment in segments)
    return f"<trk><name>{name}</name>{inside}</trk>"


def gpx(*inside: str, version: str = "1.1") -> str:
    """Wrap elements into a whole file; without any, one short track."""
    namespace = GPX_11 if version == "1.1" else "http://www.topografix.com/GPX/1/0"
    body = "".join(inside) or track(PATH)
    root = f'<gpx version="{version}" creator="test" xmlns="{namespace}">'
    return f'<?xml version="1.0"?>{root}{body}</gpx>'
