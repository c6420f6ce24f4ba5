"""The spatial functions (S_*): how geometries lie to each other, over whole columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from mapserver.filters.operands import Kind, Mask, Operand, make_booleans, require_kind

Predicate = Callable[[Any, Any], Any]

PREDICATES: dict[str, Predicate] = {
    "s_intersects": shapely.intersects,
    "s_disjoint": shapely.disjoint,
    "s_equals": shapely.equals,
    "s_touches": shapely.touches,
    "s_crosses": shapely.crosses,
    "s_within": shapely.within,
    "s_contains": shapely.contains,
    "s_overlaps": shapely.overlaps,
}
MIRRORS = {"s_within": "s_contains", "s_contains": "s_within"}
"""What is asked of the second geometry instead, so that the constant one stands first."""


def relate_geometries(name: str, left: Operand, right: Operand, frame: gpd.GeoDataFrame) -> Operand:
    """Compute a spatial relation.

    Parameters
    ----------
    name
        A key of ``PREDICATES``.
    left, right
        Geometries in longitude and latitude: columns or constants.
    frame
        Whose index of geometries is used where one of the two is its geometry.

    Returns
    -------
    Operand
        Unknown where a geometry is missing, and where two cannot be compared because they are
        not valid.

    Raises
    ------
    QueryError
        One of them is no geometry.
    """
    for operand in (left, right):
        require_kind(operand, (Kind.GEOMETRY,), name.upper())
    is_unknown = left.is_unknown | right.is_unknown
    if Kind.NULL in {left.kind, right.kind}:
        return make_booleans(np.zeros_like(is_unknown), np.ones_like(is_unknown))
    if right.is_constant and not left.is_constant:
        left, right, name = right, left, MIRRORS.get(name, name)
    rows = np.flatnonzero(~is_unknown)
    if left.is_constant and not right.is_constant and name != "s_disjoint":
        rows = _find_candidates(left.values[0], right, frame, rows)
    values = np.full(len(is_unknown), fill_value=False)
    failed = np.zeros(len(is_unknown), dtype=bool)
    ones = left.values if len(left.values) == 1 else left.values[rows]
    others = right.values if len(right.values) == 1 else right.values[rows]
    values[rows], failed[rows] = _apply_predicate(PREDICATES[name], ones, others)
    return make_booleans(values, is_unknown | failed)


def _find_candidates(
    constant: shapely.Geometry,
    column: Operand,
    frame: gpd.GeoDataFrame,
    rows: npt.NDArray[np.intp],
) -> npt.NDArray[np.intp]:
    """Return the rows whose box meets that of a constant: no other can be related to it."""
    geometry_name = getattr(frame, "_geometry_column_name", None)
    if geometry_name in frame and column.values is np.asarray(frame.geometry.array):
        # GeoPandas keeps the tree with the geometries, so it is built once for a frame.
        return np.sort(np.asarray(frame.sindex.query(constant), dtype=np.intp))
    west, south, east, north = constant.bounds
    boxes = shapely.bounds(column.values[rows])
    with np.errstate(invalid="ignore"):
        is_near = (boxes[:, 0] <= east) & (boxes[:, 2] >= west)
        is_near &= (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
    near: npt.NDArray[np.intp] = rows[is_near]
    return near


def _apply_predicate(
    predicate: Predicate, ones: npt.NDArray[Any], others: npt.NDArray[Any]
) -> tuple[Mask, Mask]:
    """Return the answers for pairs of geometries, and which of them could not be found."""
    count = max(len(ones), len(others)) if len(ones) and len(others) else 0
    if len(ones) == 1:
        shapely.prepare(ones)
    try:
        return np.asarray(predicate(ones, others), dtype=bool)[:count], np.zeros(count, dtype=bool)
    except shapely.GEOSException:
        # One geometry that is not valid must not leave all others without an answer.
        pairs = zip(*np.broadcast_arrays(ones, others), strict=True)
        answers = [_apply_to_pair(predicate, one, other) for one, other in pairs]
    values = np.array([answer is True for answer in answers], dtype=bool)
    failed = np.array([answer is None for answer in answers], dtype=bool)
    return values, failed


def _apply_to_pair(
    predicate: Predicate, one: shapely.Geometry, other: shapely.Geometry
) -> bool | None:
    """Return the answer for two geometries; None where there is none."""
    try:
        return bool(predicate(one, other))
    except shapely.GEOSException:
        return None
