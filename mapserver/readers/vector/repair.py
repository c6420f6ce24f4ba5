"""Repair of invalid polygons, reported feature by feature with the change of its area."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from mapserver.errors import N_
from mapserver.geo import extent, geodesy
from mapserver.text.findings import Finding, Severity

POLYGONAL = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


def repair_polygons(
    geometries: geodesy.Geometries, ids: pd.Index[str], name: str
) -> tuple[geodesy.Geometries, list[Finding]]:
    """Make polygons valid, and report features that have no geometry.

    Parameters
    ----------
    geometries
        ``n`` geometries in EPSG:4326.
    ids
        Their ids, for the findings.
    name
        Name of the file.

    Returns
    -------
    geometries : ndarray of geometry, shape (n,)
        Polygons are valid in the sense of OGC Simple Features, a multipoint of one point is that
        point; the others are as they were. None for what is empty or collapsed.
    findings : list of Finding
        A warning for each repaired polygon, with the change of its area in square metres.

    Notes
    -----
    ``shapely.make_valid`` by structure: rings keep their meaning as shell or hole, and overlaps
    are merged. Lines and points that the repair leaves over are dropped.
    """
    result = with_single_points(geometries)
    empty = shapely.is_missing(result) | shapely.is_empty(result)
    # An empty geometry has no place, and formats write it in several ways; one missing value stands
    # for all.
    result[empty] = None
    findings = [
        _describe_missing_geometry(name, ids[position])
        for position in np.flatnonzero(empty).tolist()
    ]
    polygonal = np.isin(shapely.get_type_id(result), POLYGONAL)
    # A polygon wider than 180 degrees most probably crosses the antimeridian (RFC 7946, 3.1.9). It
    # is divided before the repair, which would keep the wide shape.
    for position in np.flatnonzero(polygonal & (_measure_width(result) > 180)).tolist():
        divided = extent.divide_at_180(result[position])
        if divided is not None:
            result[position] = divided
            findings.append(_describe_division(name, ids[position]))
    for position in np.flatnonzero(polygonal & ~shapely.is_valid(result)).tolist():
        before = result[position]
        result[position] = _make_valid(before)
        findings.append(_describe_repair(name, ids[position], before, result[position]))
    return result, findings


def _measure_width(geometries: geodesy.Geometries) -> geodesy.Floats:
    west, _, east, _ = shapely.bounds(geometries).T
    width: geodesy.Floats = np.nan_to_num(east - west)
    return width


def _describe_division(name: str, feature: str) -> Finding:
    return Finding(
        Severity.WARNING,
        "polygon-over-180",
        name,
        N_("the polygon goes over 180 degrees of longitude; it is divided there"),
        N_("Divide it at 180 degrees, as GeoJSON (RFC 7946) asks"),
        feature,
    )


def with_single_points(geometries: geodesy.Geometries) -> geodesy.Geometries:
    """Return a copy in which each multipoint of one point is that point."""
    result = geometries.copy()
    kinds, counts = shapely.get_type_id(result), shapely.get_num_geometries(result)
    single = (kinds == shapely.GeometryType.MULTIPOINT) & (counts == 1)
    result[single] = shapely.get_geometry(result[single], 0)
    return result


def _make_valid(polygon: shapely.Geometry) -> shapely.Geometry | None:
    # The repair may return a collection with lines and points; a polygon layer keeps the polygons.
    mended = shapely.make_valid(polygon, method="structure", keep_collapsed=False)
    parts = shapely.get_parts(shapely.get_parts(mended))
    polygons = parts[np.isin(shapely.get_type_id(parts), POLYGONAL)]
    if len(polygons) == 0:
        return None
    return polygons[0] if len(polygons) == 1 else shapely.multipolygons(polygons)


def _describe_missing_geometry(name: str, feature: str) -> Finding:
    return Finding(
        Severity.WARNING,
        "no-geometry",
        name,
        N_("the feature has no geometry; it is listed but not on the map"),
        N_("Draw it, or delete the row"),
        feature,
    )


def _describe_repair(
    name: str, feature: str, before: shapely.Geometry, after: shapely.Geometry | None
) -> Finding:
    reason = shapely.is_valid_reason(before)
    if after is None:
        return Finding(
            Severity.ERROR,
            "polygon-collapsed",
            name,
            N_("the polygon encloses no area ({reason}); it is not on the map"),
            N_("Draw it again"),
            feature,
            {"reason": reason},
        )
    # Both areas are geodesic on WGS 84, with the rings wound the right way round.
    area_before, area_after = geodesy.area_m2(np.array([before, after], dtype=object))
    return Finding(
        Severity.WARNING,
        "polygon-repaired",
        name,
        N_("the polygon was invalid ({reason}) and was repaired; its area changed by {change} m2"),
        N_("Mend it at the source, for example with Fix geometries in QGIS"),
        feature,
        {"reason": reason, "change": round(float(area_after - area_before), 1)},
    )
