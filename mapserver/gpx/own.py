"""Columns that this product wrote into a GPX file: read back into the frames of the file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import geopandas as gpd
import pandas as pd

from mapserver.gpx.original import OWN, Originals, read_own_values
from mapserver.gpx.xmltext import MAX_BYTES

COMPUTED = frozenset(
    {"id", "file", "kind", "segments", "points", "length_m", "ascent_m", "descent_m"}
    | {"min_ele_m", "max_ele_m", "time_start", "time_end", "elevation_m", "trail"}
    | {"name", "description", "heights_m", "geometry"}
)
"""Columns that follow from the file itself, or have an element of GPX."""

FLAGS = {"true": True, "false": False}


def has_own_values(data: bytes) -> bool:
    """Return whether a file may hold columns of this product."""
    return OWN.encode() in data


def with_own_lines(trails: gpd.GeoDataFrame, path: Path, name: str) -> gpd.GeoDataFrame:
    """Add to trails the columns that stand in the extensions of their tracks and routes.

    Parameters
    ----------
    trails
        As read from the file.
    path, name
        The file, and what the column ``file`` calls it.

    Returns
    -------
    GeoDataFrame
        With the columns as text, numbers for ``width_m`` and booleans where all cells are
        ``true`` or ``false``. Several trails of one file have the ids that it gives them.
    """
    originals = Originals({name: path}, MAX_BYTES)
    lines = zip(trails["kind"], trails.geometry, strict=True)
    found = [originals.find_line(name, str(kind), line) for kind, line in lines]
    values = [{} if line is None else read_own_values(line.element) for line in found]
    result = _with_columns(trails, values, taken=trails.columns)
    return _with_ids(result, values) if len(trails) > 1 else result


def with_own_points(
    waypoints: gpd.GeoDataFrame, trails: Iterable[str], path: Path, name: str
) -> gpd.GeoDataFrame:
    """Add to waypoints the columns that stand in their extensions, their ids and their trails.

    Parameters
    ----------
    waypoints
        As read from the file.
    trails
        Ids of the trails in the file: a waypoint of a single one is that one's.
    path, name
        As for :func:`with_own_lines`.
    """
    originals = Originals({name: path}, MAX_BYTES)
    rows = zip(waypoints["name"], waypoints.geometry, strict=True)
    found = [
        originals.find_waypoint(name, "" if pd.isna(text) else str(text), point)
        for text, point in rows
    ]
    values = [{} if element is None else read_own_values(element) for element in found]
    result = _with_columns(waypoints, values, taken=waypoints.columns)
    known = set(trails)
    owners = [
        own.get("trail") if own.get("trail") in known or pd.isna(owner) else owner
        for own, owner in zip(values, waypoints["trail"], strict=True)
    ]
    result = result.assign(trail=pd.Series(owners, result.index, dtype="str"))
    return _with_ids(result, values)


def _with_columns(
    frame: gpd.GeoDataFrame, values: list[dict[str, str]], taken: Iterable[str]
) -> gpd.GeoDataFrame:
    names = dict.fromkeys(column for own in values for column in own)
    columns = [column for column in names if column not in {*COMPUTED, *taken}]
    added = {
        column: _parse_column([own.get(column) for own in values], column, frame.index)
        for column in columns
    }
    return frame.assign(**added)


def _parse_column(texts: list[str | None], column: str, index: pd.Index) -> pd.Series:
    """Return texts as booleans if all are, widths as numbers, and anything else as text."""
    known = {text for text in texts if text is not None}
    if known <= set(FLAGS):
        return pd.Series([FLAGS.get(text or "") for text in texts], index, dtype="boolean")
    whole = pd.Series(texts, index, dtype="str")
    return pd.to_numeric(whole, errors="coerce") if column == "width_m" else whole


def _with_ids(frame: gpd.GeoDataFrame, values: list[dict[str, str]]) -> gpd.GeoDataFrame:
    """Return a frame under the ids of its file, if every row has one of its own."""
    ids = [own.get("id") or "" for own in values]
    if not all(ids) or len(set(ids)) < len(ids):
        return frame
    return frame.set_index(pd.Index(ids, name="id", dtype="str"))
