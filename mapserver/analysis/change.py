"""Two versions of a layer compared: what came, went, moved, and changed its name or values."""

from __future__ import annotations

import datetime as dt
import numbers
from collections import Counter
from collections.abc import Hashable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from mapserver import arguments, geodesy
from mapserver.analysis.frames import (
    choose_plane,
    convert_indexed_layer,
    convert_layer,
    project_shapes,
)

MOVED_M = 0.5
"""What moved less has the same place: coordinates are written to a decimetre or so."""
COLUMNS = ["id", "name", "kind", "attribute", "before", "after", "moved_m"]
KINDS = (
    *("column_added", "column_removed", "added", "removed"),
    *("renumbered", "renamed", "moved", "changed"),
)
"""Kinds of changes, in the order in which they are listed."""
TRUTHS = {"True", "False", "true", "false", "TRUE", "FALSE"}
"""A truth value as text: Python, GeoJSON and Excel write it differently."""

DIGITS = 12
"""Numbers that agree to so many digits are the same: formats write them differently."""


def compare(
    before: gpd.GeoDataFrame,
    after: gpd.GeoDataFrame,
    crs: CRS | str | None = None,
    *,
    moved_m: float = MOVED_M,
) -> pd.DataFrame:
    """List what changed between two versions of a layer.

    Parameters
    ----------
    before, after
        In any CRS, indexed by id: features are the same when their ids are. One whose id is new
        and whose place is that of one that is gone (or that touches it and alone has its name) was
        renumbered, and is compared with that one. Where ids are only positions in a file, set
        another index first, such as the names.
    crs
        Projected CRS in metres to measure in, as ``city.metric_crs``; by default one true to scale
        here.
    moved_m
        What moved by less has not moved.

    Returns
    -------
    DataFrame
        A row for each change, in the order of ``KINDS``: ``id`` (the new one; None of a column),
        ``name`` (the new one), ``kind``, ``attribute``, ``before`` and ``after`` (text; of a
        renumbered feature the ids) and ``moved_m``.

        ``moved``: the Hausdorff distance of the vertices of one to the other, the farthest that a
        vertex of either is from the other shape; NaN where one of the two is nowhere. The order of
        vertices and the direction of a line do not matter. ``column_added``, ``column_removed``:
        one row, whatever stands in the column. A value that is only written in another way (1, 1.0
        and "1"; None, NaN and empty; a day with midnight; true and "True"; spaces around it) has
        not changed; a code that lost its leading zeros has, and so has a text that is another
        text ("1" and "1.0").

    Raises
    ------
    CrsError
        A version has no CRS, or ``crs`` is none in metres.
    DataError
        An id stands twice.

    Examples
    --------
    >>> import geopandas, shapely
    >>> old = geopandas.GeoDataFrame(
    ...     {"name": ["A", "B"]}, geometry=[shapely.Point(127, 35)] * 2, crs=4326
    ... )
    >>> new = old.assign(name=["A", "C"])
    >>> compare(old, new)[["id", "kind", "before", "after"]].to_numpy().tolist()
    [[1, 'renamed', 'B', 'C']]
    """
    before, after = convert_indexed_layer(before, "before"), convert_indexed_layer(after, "after")
    moved_m = arguments.read_number(moved_m, "moved_m", zero=True)
    crs = choose_plane(crs, before, after)
    if before.index.inferred_type != after.index.inferred_type:  # 7 and "7" are one id
        before, after = (each.set_axis(each.index.map(_text)) for each in (before, after))
    new_ids = _renumbered(before, after, crs, moved_m)
    rows: list[dict[str, Any]] = [
        {
            "id": new,
            "kind": "renumbered",
            "attribute": "id",
            "before": _text(old),
            "after": _text(new),
        }
        for old, new in new_ids.items()
    ]
    names = {**_names(before), **_names(after)}
    if new_ids:
        before = before.set_axis([new_ids.get(id_, id_) for id_ in before.index])
    rows += [{"id": id_, "kind": "removed"} for id_ in before.index.difference(after.index)]
    rows += [{"id": id_, "kind": "added"} for id_ in after.index.difference(before.index)]
    both = before.index.intersection(after.index)
    rows += [
        {"id": id_, "kind": "moved", "moved_m": metres}
        for id_, metres in _moved(before.loc[both], after.loc[both], crs).items()
        if metres > moved_m or np.isnan(metres)
    ]
    rows += _of_columns(before, after, both)
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["name"] = table["id"].map(names)
    order = {kind: at for at, kind in enumerate(KINDS)}
    return table.sort_values(
        ["kind", "id", "attribute"],
        key=lambda c: c.map(order) if c.name == "kind" else c.map(str),
        kind="stable",
        ignore_index=True,
    )


def totals(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> pd.DataFrame:
    """Measure both versions: how many features, how long, how large.

    Parameters
    ----------
    before, after
        In any CRS.

    Returns
    -------
    DataFrame
        Rows ``features``, ``length_m`` (of lines) and ``area_m2`` (of polygons), geodesic; columns
        ``before``, ``after`` and ``difference``. NaN where a feature of the version is not drawn.

    Raises
    ------
    CrsError
        A version has no CRS.
    """
    versions = {"before": convert_layer(before, "before"), "after": convert_layer(after, "after")}
    table = pd.DataFrame(
        {
            name: {"features": float(len(frame)), **_measured(frame).sum(skipna=False)}
            for name, frame in versions.items()
        }
    )
    return table.assign(difference=table["after"] - table["before"])


def measures(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> pd.DataFrame:
    """Measure each feature in both versions.

    Parameters
    ----------
    before, after
        In any CRS, indexed by id.

    Returns
    -------
    DataFrame
        Indexed by the ids of either: ``length_m_before``, ``length_m_after`` and
        ``length_m_difference`` (of lines), the same of ``area_m2`` (of polygons), geodesic; 0 in
        the version that has no such feature, so that the columns add up to :func:`totals`.

    Raises
    ------
    CrsError
        A version has no CRS.
    """
    one = _measured(convert_indexed_layer(before, "before"))
    other = _measured(convert_indexed_layer(after, "after"))
    every = one.index.union(other.index, sort=False)
    one, other = one.reindex(every, fill_value=0.0), other.reindex(every, fill_value=0.0)
    columns = {}
    for measure in one.columns:
        columns[f"{measure}_before"] = one[measure]
        columns[f"{measure}_after"] = other[measure]
        columns[f"{measure}_difference"] = other[measure] - one[measure]
    return pd.DataFrame(columns)


def _measured(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    shapes = frame.geometry.to_numpy()
    areal = shapely.get_dimensions(shapes) == 2
    # Of what is not drawn neither is known.
    is_drawn = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    length, area = np.where(is_drawn, 0.0, np.nan), np.where(is_drawn, 0.0, np.nan)
    areal, lines = areal & is_drawn, ~areal & is_drawn
    length[lines] = geodesy.length_m(shapes[lines])
    area[areal] = geodesy.area_m2(shapes[areal])
    return pd.DataFrame({"length_m": length, "area_m2": area}, index=frame.index)


def _renumbered(
    before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, crs: CRS, moved_m: float
) -> dict[Hashable, Hashable]:
    """Find features that stand under another id; each that is gone for one that came, or none."""
    gone = before.loc[before.index.difference(after.index)]
    come = after.loc[after.index.difference(before.index)]
    here, there = project_shapes(gone, crs), project_shapes(come, crs)
    old, new = shapely.STRtree(there).query(here, "dwithin", distance=moved_m)
    same = _apart(here[old], there[new]) <= moved_m
    pairs = _one_to_one(old[same], new[same])
    names = _names(gone), _names(come)
    alone = [_alone(each) for each in names]
    taken = set(pairs.values())
    for name in alone[0].keys() & alone[1].keys():
        at, other = alone[0][name], alone[1][name]
        touch = shapely.intersects(here[at], there[other])
        if touch and at not in pairs and other not in taken:
            pairs[at] = other
    return {gone.index[a]: come.index[b] for a, b in pairs.items()}


def _alone(names: dict[Any, str]) -> dict[str, int]:
    """Give the positions of the names that one feature alone has."""
    count = Counter(names.values())
    return {name: at for at, name in enumerate(names.values()) if name and count[name] == 1}


def _one_to_one(old: np.ndarray, new: np.ndarray) -> dict[Any, Any]:
    """Keep the pairs of which neither side has another."""
    table = pd.DataFrame({"old": old, "new": new})
    table = table[~(table["old"].duplicated(keep=False) | table["new"].duplicated(keep=False))]
    return dict(zip(table["old"], table["new"], strict=True))


def _of_columns(
    before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, both: pd.Index
) -> list[dict[str, Any]]:
    old = [column for column in before.columns if column != before.geometry.name]
    new = [column for column in after.columns if column != after.geometry.name]
    rows: list[dict[str, Any]] = [
        *({"id": None, "kind": "column_removed", "attribute": c} for c in old if c not in new),
        *({"id": None, "kind": "column_added", "attribute": c} for c in new if c not in old),
    ]
    for column in (c for c in old if c in new):
        pairs = zip(both, before.loc[both, column], after.loc[both, column], strict=True)
        rows += [
            {
                "id": id_,
                "kind": "renamed" if column == "name" else "changed",
                "attribute": column,
                "before": _text(one),
                "after": _text(other),
            }
            for id_, one, other in pairs
            if not _same(one, other)
        ]
    return rows


def _names(frame: gpd.GeoDataFrame) -> dict[Any, str]:
    names = frame["name"] if "name" in frame else pd.Series("", frame.index)
    return dict(zip(frame.index, names.astype(object).where(names.notna(), ""), strict=True))


def _moved(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, crs: CRS) -> pd.Series:
    return pd.Series(_apart(project_shapes(before, crs), project_shapes(after, crs)), before.index)


def _apart(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Measure how far shapes are from one another; NaN where one of the two is nowhere."""
    nowhere = [shapely.is_missing(each) | shapely.is_empty(each) for each in (one, other)]
    metres = np.where(shapely.equals(one, other), 0.0, shapely.hausdorff_distance(one, other))
    apart: np.ndarray = np.where(nowhere[0] & nowhere[1], 0.0, metres)
    return apart


def _same(one: object, other: object) -> bool:
    """Tell whether two values are the same, however they are written."""
    if one is other or _text(one) == _text(other):
        return True
    left, right = _number(one), _number(other)
    if left is None or right is None:
        return False
    # A text counts as the number only if it is how the number would be written.
    written = isinstance(one, str) and isinstance(other, str)
    return not written and (left == right or f"{left:.{DIGITS}g}" == f"{right:.{DIGITS}g}")


def _number(value: object) -> float | None:
    if isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_):
        return float(value)
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            return None
        plain = value.strip().lstrip("-")
        zeros = len(plain) > 1 and plain[0] == "0" and plain[1] != "."
        return None if zeros else number
    return None


def _text(value: object) -> str:
    if value is None or (pd.api.types.is_scalar(value) and bool(pd.isna(value))):  # type: ignore[call-overload]
        return ""
    if isinstance(value, pd.Timestamp | dt.datetime | np.datetime64):
        moment = pd.Timestamp(value)
        return "" if pd.isna(moment) else moment.isoformat().removesuffix("T00:00:00")
    if isinstance(value, bool | np.bool_) or (isinstance(value, str) and value.strip() in TRUTHS):
        return str(value).strip().lower()
    if isinstance(value, numbers.Real) and not isinstance(value, numbers.Integral):
        return f"{float(value):.15g}"
    return value.strip() if isinstance(value, str) else str(value)
