"""Kinds of geometry that formats hold: GPX lines and points, a shapefile one kind."""

from __future__ import annotations

import geopandas as gpd
import shapely

from mapserver.errors import N_, DataError
from mapserver.writers.columns import find_placeless_rows

LINES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)
POINTS = (shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT)
"""Types of geometry that GPX has elements for."""

SHAPEFILE_KINDS = {
    "points": ("Point",),
    "multipoints": ("MultiPoint",),
    "lines": ("LineString", "MultiLineString", "LinearRing"),
    "polygons": ("Polygon", "MultiPolygon"),
}
"""What one shapefile can hold, and the geometries of it."""


def find_shapefile_kinds(frame: gpd.GeoDataFrame) -> list[str]:
    """Find the kinds of shapefile that a layer needs: one for each kind of geometry.

    Raises
    ------
    DataError
        A feature is a collection, which no shapefile holds.
    """
    geometries = frame.geometry.to_numpy()
    layer_kinds = set(frame.geom_type[~find_placeless_rows(geometries)])
    writable_kinds = {name for names in SHAPEFILE_KINDS.values() for name in names}
    if layer_kinds - writable_kinds:
        raise DataError(
            N_("a shapefile holds no {kind}"),
            mend=N_("Use gpkg, or take the collections apart"),
            kind=", ".join(sorted(layer_kinds - writable_kinds)),
        )
    needed_kinds = [kind for kind, names in SHAPEFILE_KINDS.items() if layer_kinds & set(names)]
    # A multipoint of one is a point, so both fit into one file.
    if needed_kinds == ["points", "multipoints"]:
        return ["multipoints"]
    return needed_kinds
