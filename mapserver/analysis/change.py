"""Compare two versions of a layer: features added, removed and moved, names and values changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from mapserver.analysis.frames import (
    choose_plane,
    convert_indexed_layer,
    convert_layer,
    project_shapes,
)
from mapserver.analysis.values import format_value, is_same_value
from mapserver.geo import geodesy
from mapserver.model import arguments

MOVED_M = 0.5
"""A feature that moved less has the same place: coordinates are written to about a decimetre."""
COLUMNS = ["id", "name", "kind", "attribute", "before", "after", "moved_m"]
KINDS = (
    *("column_added", "column_removed", "added", "removed"),
    *("renumbered", "renamed", "moved", "changed"),
)
"""Kinds of changes, in the order in which they are listed."""


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
        A feature that moved by less has not moved.

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
    # One format reads ids as numbers and another as text: then 7 and "7" are the same id.
    if before.index.inferred_type != after.index.inferred_type:
        before, after = (
            version.set_axis(version.index.map(format_value)) for version in (before, after)
        )
    new_ids = _match_renumbered(before, after, crs, moved_m)
    rows = _list_renumbered(new_ids)
    # Of a feature in both versions the new name counts.
    names = {**_name_features(before), **_name_features(after)}
    if new_ids:
        before = before.set_axis([new_ids.get(id_, id_) for id_ in before.index])
    rows += [{"id": id_, "kind": "removed"} for id_ in before.index.difference(after.index)]
    rows += [{"id": id_, "kind": "added"} for id_ in after.index.difference(before.index)]
    common_ids = before.index.intersection(after.index)
    rows += [
        {"id": id_, "kind": "moved", "moved_m": metres}
        for id_, metres in _measure_moves(
            before.loc[common_ids], after.loc[common_ids], crs
        ).items()
        if metres > moved_m or np.isnan(metres)
    ]
    rows += _compare_columns(before, after, common_ids)
    return _sort_changes(rows, names)


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
            name: {"features": float(len(frame)), **_measure_features(frame).sum(skipna=False)}
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
    old = _measure_features(convert_indexed_layer(before, "before"))
    new = _measure_features(convert_indexed_layer(after, "after"))
    ids = old.index.union(new.index, sort=False)
    old, new = old.reindex(ids, fill_value=0.0), new.reindex(ids, fill_value=0.0)
    columns = {}
    for measure in old.columns:
        columns[f"{measure}_before"] = old[measure]
        columns[f"{measure}_after"] = new[measure]
        columns[f"{measure}_difference"] = new[measure] - old[measure]
    return pd.DataFrame(columns)


def _measure_features(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the geodesic length of each line and area of each polygon, 0 for the other measure."""
    shapes = frame.geometry.to_numpy()
    areal = shapely.get_dimensions(shapes) == 2
    # Both measures of a feature without a geometry are unknown.
    is_drawn = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    length, area = np.where(is_drawn, 0.0, np.nan), np.where(is_drawn, 0.0, np.nan)
    areal, lines = areal & is_drawn, ~areal & is_drawn
    length[lines] = geodesy.length_m(shapes[lines])
    area[areal] = geodesy.area_m2(shapes[areal])
    return pd.DataFrame({"length_m": length, "area_m2": area}, index=frame.index)


def _match_renumbered(
    before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, crs: CRS, moved_m: float
) -> dict[Hashable, Hashable]:
    """Match removed features with added ones that are the same under another id.

    Returns
    -------
    dict
        From old ids to new ones; each id at most once.
    """
    gone = before.loc[before.index.difference(after.index)]
    come = after.loc[after.index.difference(before.index)]
    old_shapes, new_shapes = project_shapes(gone, crs), project_shapes(come, crs)
    # The Hausdorff distance is at least the distance that the tree compares: the tree preselects.
    old, new = shapely.STRtree(new_shapes).query(old_shapes, "dwithin", distance=moved_m)
    is_same_place = _measure_hausdorff(old_shapes[old], new_shapes[new]) <= moved_m
    pairs = _select_unique_pairs(old[is_same_place], new[is_same_place])
    names = _name_features(gone), _name_features(come)
    unique_names = [_find_unique_names(version_names) for version_names in names]
    matched_new = set(pairs.values())
    for name in unique_names[0].keys() & unique_names[1].keys():
        old_position, new_position = unique_names[0][name], unique_names[1][name]
        do_touch = shapely.intersects(old_shapes[old_position], new_shapes[new_position])
        if do_touch and old_position not in pairs and new_position not in matched_new:
            pairs[old_position] = new_position
    return {gone.index[a]: come.index[b] for a, b in pairs.items()}


def _sort_changes(rows: list[dict[str, Any]], names: dict[Any, str]) -> pd.DataFrame:
    """Return changes as a table with names, in the order of kinds and ids."""
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["name"] = table["id"].map(names)
    # By kind in the order of KINDS; ids may be of several types, so they are sorted as text.
    order = {kind: position for position, kind in enumerate(KINDS)}
    return table.sort_values(
        ["kind", "id", "attribute"],
        key=lambda c: c.map(order) if c.name == "kind" else c.map(str),
        kind="stable",
        ignore_index=True,
    )


def _list_renumbered(new_ids: dict[Hashable, Hashable]) -> list[dict[str, Any]]:
    """Return a row for each feature that has another id, from old ids to new ones."""
    return [
        {
            "id": new,
            "kind": "renumbered",
            "attribute": "id",
            "before": format_value(old),
            "after": format_value(new),
        }
        for old, new in new_ids.items()
    ]


def _find_unique_names(names: dict[Any, str]) -> dict[str, int]:
    """Return the position of each name that only one feature has."""
    counts = Counter(names.values())
    return {
        name: position for position, name in enumerate(names.values()) if name and counts[name] == 1
    }


def _select_unique_pairs(old: np.ndarray, new: np.ndarray) -> dict[Any, Any]:
    """Return the pairs whose old and new feature stand in no other pair."""
    table = pd.DataFrame({"old": old, "new": new})
    table = table[~(table["old"].duplicated(keep=False) | table["new"].duplicated(keep=False))]
    return dict(zip(table["old"], table["new"], strict=True))


def _compare_columns(
    before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, common_ids: pd.Index
) -> list[dict[str, Any]]:
    """Return a row for each column added or removed and each value changed."""
    old = [column for column in before.columns if column != before.geometry.name]
    new = [column for column in after.columns if column != after.geometry.name]
    rows: list[dict[str, Any]] = [
        *({"id": None, "kind": "column_removed", "attribute": c} for c in old if c not in new),
        *({"id": None, "kind": "column_added", "attribute": c} for c in new if c not in old),
    ]
    for column in (c for c in old if c in new):
        pairs = zip(
            common_ids, before.loc[common_ids, column], after.loc[common_ids, column], strict=True
        )
        rows += [
            {
                "id": id_,
                "kind": "renamed" if column == "name" else "changed",
                "attribute": column,
                "before": format_value(old_value),
                "after": format_value(new_value),
            }
            for id_, old_value, new_value in pairs
            if not is_same_value(old_value, new_value)
        ]
    return rows


def _name_features(frame: gpd.GeoDataFrame) -> dict[Any, str]:
    """Return the name of each feature by id, empty where it has none."""
    names = frame["name"] if "name" in frame else pd.Series("", frame.index)
    return dict(zip(frame.index, names.astype(object).where(names.notna(), ""), strict=True))


def _measure_moves(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, crs: CRS) -> pd.Series:
    """Measure how far each feature of both versions moved, in metres, indexed by id."""
    return pd.Series(
        _measure_hausdorff(project_shapes(before, crs), project_shapes(after, crs)), before.index
    )


def _measure_hausdorff(old_shapes: np.ndarray, new_shapes: np.ndarray) -> np.ndarray:
    """Measure the Hausdorff distance of pairs of shapes in metres.

    It is NaN where one of the two shapes is missing or empty, and 0 where both are.
    """
    is_missing = [
        shapely.is_missing(shapes) | shapely.is_empty(shapes) for shapes in (old_shapes, new_shapes)
    ]
    # GEOS measures at vertices only, so two drawings of one line with other vertices could differ:
    # equal shapes have not moved.
    metres = np.where(
        shapely.equals(old_shapes, new_shapes),
        0.0,
        shapely.hausdorff_distance(old_shapes, new_shapes),
    )
    distances_m: np.ndarray = np.where(is_missing[0] & is_missing[1], 0.0, metres)
    return distances_m
