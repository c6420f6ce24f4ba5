"""Geometries that a role takes: polygons, lines or points; the others are named and left out."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from mapserver.errors import N_, DataError
from mapserver.geo.geodesy import Geometries
from mapserver.model import Role
from mapserver.settings import limits
from mapserver.text.findings import Finding, Severity

NO_DIMENSION = -1
"""Stands for the dimension of a row without a geometry."""

LEFT_OUT = {
    NO_DIMENSION: N_("rows without a geometry are left out, {count}: {rows}"),
    0: N_("points are left out, {count}: {rows}"),
    1: N_("lines are left out, {count}: {rows}"),
    2: N_("polygons are left out, {count}: {rows}"),
}
MENDS = {
    0: N_("Shops, facilities and services are points; add the others with another --as"),
    1: N_("Trails are lines; add the others with another --as"),
    2: N_("Districts, neighborhoods and zones are polygons; add the others with another --as"),
}
MULTI = {0: shapely.multipoints, 1: shapely.multilinestrings, 2: shapely.multipolygons}


@dataclass(frozen=True, slots=True)
class Selection:
    """Rows that a role takes.

    Attributes
    ----------
    frame
        EPSG:4326, indexed by id.
    findings
        What was left out, by kind and with the ids, and what was taken apart.
    left_out
        How many rows were left out.
    """

    frame: gpd.GeoDataFrame
    findings: list[Finding]
    left_out: int


def select_kind(frame: gpd.GeoDataFrame, role: Role, name: str) -> Selection:
    """Select the rows whose geometry is of the kind that a role takes.

    Of a collection the parts of that kind are taken. Several points in one geometry become a row
    each, where the role is one of points. Rows without a geometry stay, but for trails, which are
    files of their own and cannot be empty.

    Parameters
    ----------
    frame
        EPSG:4326, indexed by id.
    role
        What the data means to the city; ``layer`` takes every kind.
    name
        Name of the file for messages.

    Raises
    ------
    DataError
        No row has a geometry of that kind.
    """
    dimension = role.row.dimension
    geometries = frame.geometry.to_numpy()
    kinds = _compute_dimensions(geometries)
    if dimension is None:
        _require_rows(frame, kinds != NO_DIMENSION, [], name)
        return Selection(frame, [], 0)
    # Collections first: what is left of one may be of the kind that the role takes.
    geometries, kinds, findings = _extract_parts(frame, geometries, kinds, dimension, name)
    is_suitable = kinds == dimension
    is_kept = is_suitable | ((kinds == NO_DIMENSION) & (role is not Role.TRAILS))
    row_findings = [
        _report_left_out(frame[(kinds == kind) & ~is_kept], kind, dimension, name)
        for kind in LEFT_OUT
        if ((kinds == kind) & ~is_kept).any()
    ]
    # Of rows that may lack places all may: there is something to list.
    is_enough = is_kept if role.row.may_lack_places else is_suitable
    _require_rows(frame, is_enough, row_findings, name)
    result = frame.set_geometry(gpd.GeoSeries(geometries, frame.index, crs=frame.crs))[is_kept]
    if dimension == 0:
        result, point_findings = _split_points(result, name)
        findings = findings + point_findings
    return Selection(result, [*findings, *row_findings], int((~is_kept).sum()))


def _compute_dimensions(geometries: Geometries) -> np.ndarray:
    """Return 0, 1 or 2 for each geometry (of a collection the highest), -1 where there is none."""
    is_empty = shapely.is_missing(geometries) | shapely.is_empty(geometries)
    return np.where(is_empty, NO_DIMENSION, shapely.get_dimensions(geometries))


def _extract_parts(
    frame: gpd.GeoDataFrame, geometries: Geometries, kinds: np.ndarray, dimension: int, name: str
) -> tuple[Geometries, np.ndarray, list[Finding]]:
    """Reduce collections to their parts of one dimension, and report which others they had."""
    collections = shapely.get_type_id(geometries) == shapely.GeometryType.GEOMETRYCOLLECTION
    geometries, kinds, findings = geometries.copy(), kinds.copy(), []
    for position in np.flatnonzero(collections & (kinds != NO_DIMENSION)):
        parts = shapely.get_parts(geometries[position])
        while (shapely.get_type_id(parts) >= shapely.GeometryType.MULTIPOINT).any():
            # Collections and multi-geometries may be nested.
            parts = shapely.get_parts(parts)
        suitable_parts = parts[_compute_dimensions(parts) == dimension]
        if not len(suitable_parts):
            continue
        geometries[position] = _unite_parts(suitable_parts, dimension)
        kinds[position] = dimension
        if left_out := len(parts) - len(suitable_parts):
            findings.append(_report_parts_left_out(str(frame.index[position]), left_out, name))
    return geometries, kinds, findings


def _unite_parts(parts: Geometries, dimension: int) -> shapely.Geometry:
    """Return one geometry of several; triangles that share sides become their area."""
    if len(parts) == 1:
        return parts[0]
    # Polygons that overlap or share sides make no valid multipolygon.
    united = MULTI[dimension](parts)
    return united if shapely.is_valid(united) else shapely.union_all(parts)


def _report_parts_left_out(feature: str, count: int, name: str) -> Finding:
    return Finding(
        Severity.WARNING,
        "parts-left-out",
        name,
        N_("parts of another kind: {count}; they are left out"),
        N_("Save points, lines and polygons in layers of their own"),
        feature,
        {"count": count},
    )


def _report_left_out(rows: gpd.GeoDataFrame, kind: int, dimension: int, name: str) -> Finding:
    return Finding(
        Severity.WARNING,
        "kind-left-out",
        name,
        LEFT_OUT[kind],
        MENDS[dimension],
        values={"count": len(rows), "rows": list_rows(rows)},
    )


def list_rows(rows: pd.DataFrame) -> str:
    """Return ids, and names where there are some, of the first rows of a frame."""
    names = rows["name"] if "name" in rows else pd.Series("", rows.index)
    texts = [
        f"{id_} ({name})" if isinstance(name, str) and name else str(id_)
        for id_, name in names.head(limits.MAX_NAMED_ROWS).items()
    ]
    return ", ".join([*texts, *(["…"] if len(rows) > limits.MAX_NAMED_ROWS else [])])


def _require_rows(
    frame: gpd.GeoDataFrame, is_suitable: np.ndarray, findings: list[Finding], name: str
) -> None:
    if is_suitable.any():
        return
    if not len(frame):
        raise DataError(
            N_("it has no rows that can be used"),
            where=name,
            mend=N_("Open it and look whether the data is there"),
        )
    if not findings:
        raise DataError(
            N_("no row has a geometry; rows: {count}"),
            where=name,
            mend=N_("Draw them, or export the layer again with its geometries"),
            count=len(frame),
        )
    reason = findings[0]
    raise DataError(reason.what, where=name, mend=reason.mend, **reason.values)


def _split_points(frame: gpd.GeoDataFrame, name: str) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Make a row of each point where a geometry has several; they are called A-1, A-2 ..."""
    counts = shapely.get_num_geometries(frame.geometry.to_numpy())
    multiple_positions = np.flatnonzero(counts > 1)
    if not len(multiple_positions):
        return frame, []
    # The row of each new row, and which of its points it is, counted from 1.
    order = np.repeat(np.arange(len(frame)), np.maximum(counts, 1))
    numbers = np.concatenate([np.arange(1, max(count, 1) + 1) for count in counts])
    ids = [
        f"{frame.index[position]}-{number}" if counts[position] > 1 else str(frame.index[position])
        for position, number in zip(order, numbers, strict=True)
    ]
    points = [
        None if geometry is None else shapely.get_geometry(geometry, number - 1)
        for geometry, number in zip(frame.geometry.to_numpy()[order], numbers, strict=True)
    ]
    rows = frame.iloc[order].set_index(pd.Index(ids, name="id", dtype="str"))
    findings = [
        Finding(
            Severity.WARNING,
            "points-split",
            name,
            N_("it has {count} points; each is a row of its own: {first} to {last}"),
            N_("Look whether they are one place"),
            str(frame.index[position]),
            {
                "count": int(counts[position]),
                "first": f"{frame.index[position]}-1",
                "last": f"{frame.index[position]}-{counts[position]}",
            },
        )
        for position in multiple_positions
    ]
    return rows.set_geometry(gpd.GeoSeries(points, rows.index, crs=frame.crs)), findings
