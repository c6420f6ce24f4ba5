"""The types of geometries that GeoJSON has (RFC 7946, section 1.4)."""

from __future__ import annotations

GEOMETRY_TYPES = (
    *("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"),
    "GeometryCollection",
)
