"""Two versions of a layer compared: what came, went, moved, and changed its name or values."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from mapserver import geodesy

MOVED_M = 0.5
"""What moved less has the same place: coordinates are written to a decimetre or so."""
COLUMNS = ["id", "name", "kind", "attribute", "before", "after", "moved_m"]


def compare(
    before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, crs: CRS, *, moved_m: float = MOVED_M
) -> pd.DataFrame:
    """List what changed between two versions of a layer.

    Parameters
    ----------
    before, after
        In EPSG:4326, indexed by id; features are the same when their ids are.
    crs
        Projected CRS in metres in which to measure.
    moved_m
        What moved by less has not moved.

    Returns
    -------
    DataFrame
        A row for each change: ``id``, ``name``, ``kind`` (``added``, ``removed``, ``moved``,
        ``renamed`` or ``changed``), ``attribute``, ``before`` and ``after`` (text), ``moved_m``
        (for ``moved``: the Hausdorff distance, the farthest that any place of one is from the
        other).
    """
    names = {**_names(before), **_names(after)}
    gone, come = before.index.difference(after.index), after.index.difference(before.index)
    both = before.index.intersection(after.index)
    rows: list[dict[str, Any]] = [
        *({"id": id_, "kind": "removed"} for id_ in gone),
        *({"id": id_, "kind": "added"} for id_ in come),
        *(
            {"id": id_, "kind": "moved", "moved_m": metres}
            for id_, metres in _moved(before.loc[both], after.loc[both], crs).items()
            if metres > moved_m or np.isnan(metres)
        ),
    ]
    columns = [c for c in dict.fromkeys([*before.columns, *after.columns]) if c != "geometry"]
    for column in columns:
        one, other = _texts(before, column, both), _texts(after, column, both)
        rows += [
            {
                "id": id_,
                "kind": "renamed" if column == "name" else "changed",
                "attribute": column,
                "before": one[id_],
                "after": other[id_],
            }
            for id_ in both[(one != other).to_numpy()]
        ]
    order = {"added": 0, "removed": 1, "renamed": 2, "moved": 3, "changed": 4}
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["name"] = table["id"].map(names)
    return table.sort_values(
        ["kind", "id", "attribute"], key=lambda c: c.map(order) if c.name == "kind" else c,
        ignore_index=True,
    )  # fmt: skip


def totals(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> pd.DataFrame:
    """Measure both versions: how many features, how long, how large.

    Returns
    -------
    DataFrame
        Rows ``features``, ``length_m`` (of lines) and ``area_m2`` (of polygons), geodesic; columns
        ``before``, ``after`` and ``difference``.
    """
    table = pd.DataFrame({"before": _measured(before), "after": _measured(after)})
    return table.assign(difference=table["after"] - table["before"])


def _measured(frame: gpd.GeoDataFrame) -> dict[str, float]:
    shapes = frame.geometry.to_numpy()
    areal = shapely.get_dimensions(shapes) == 2
    return {
        "features": float(len(frame)),
        "length_m": float(geodesy.length_m(shapes[~areal]).sum()),
        "area_m2": float(geodesy.area_m2(shapes[areal]).sum()),
    }


def _names(frame: gpd.GeoDataFrame) -> dict[Any, str]:
    names = frame["name"] if "name" in frame else pd.Series("", frame.index)
    return dict(zip(frame.index, names.astype(object).where(names.notna(), ""), strict=True))


def _moved(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, crs: CRS) -> pd.Series:
    """Measure how far each feature moved; NaN where one of the two is nowhere."""
    one, other = (frame.to_crs(crs).geometry.to_numpy() for frame in (before, after))
    metres = np.where(shapely.equals(one, other), 0.0, shapely.hausdorff_distance(one, other))
    nowhere = [shapely.is_missing(each) | shapely.is_empty(each) for each in (one, other)]
    return pd.Series(np.where(nowhere[0] & nowhere[1], 0.0, metres), before.index)


def _texts(frame: gpd.GeoDataFrame, column: str, index: pd.Index) -> pd.Series:
    if column not in frame:
        return pd.Series("", index)
    values = frame.loc[index, column]
    texts: pd.Series = values.astype(object).where(values.notna(), "").map(str)
    return texts
