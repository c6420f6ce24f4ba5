"""Columns that this product wrote into a GPX file: read back into the frames of the file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import geopandas as gpd
import pandas as pd

from mapserver.geo.slopes import SLOPE_COLUMNS
from mapserver.readers.gpx.original import (
    OWN,
    Originals,
    find_children,
    read_own_values,
    rewrite_element,
)
from mapserver.settings import limits

COMPUTED = frozenset(
    {"id", "file", "kind", "segments", "points", "length_m", "ascent_m", "descent_m"}
    | {"min_ele_m", "max_ele_m", "time_start", "time_end", "elevation_m", "trail"}
    | {"name", "description", "heights_m", "geometry", *SLOPE_COLUMNS}
)
"""Columns that follow from the file itself, or have an element of GPX."""

TEXTS = {"comment": "cmt", "symbol": "sym", "type": "type", "time": "time", "link": "link"}
"""Columns of a layer made of waypoints, and the elements that they come from and go to."""

FLAGS = {"true": True, "false": False}


def has_own_values(data: bytes) -> bool:
    """Return whether a file may hold columns of this product."""
    return OWN.encode() in data


def add_own_line_columns(trails: gpd.GeoDataFrame, path: Path, name: str) -> gpd.GeoDataFrame:
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
        With the columns as text, numbers for widths and booleans where all cells are
        ``true`` or ``false``. Several trails of one file have the ids that it gives them.
    """
    originals = Originals({name: path}, limits.MAX_GPX_BYTES)
    lines = zip(trails["kind"], trails.geometry, strict=True)
    original_lines = [originals.find_line(name, str(kind), line) for kind, line in lines]
    values = [{} if line is None else read_own_values(line.element) for line in original_lines]
    result = _add_columns(trails, values, trails.columns)
    return _set_own_ids(result, values) if len(trails) > 1 else result


def add_own_point_columns(
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
        As for :func:`add_own_line_columns`.
    """
    originals = Originals({name: path}, limits.MAX_GPX_BYTES)
    rows = zip(waypoints["name"], waypoints.geometry, strict=True)
    elements = [
        originals.find_waypoint(name, "" if pd.isna(text) else str(text), point)
        for text, point in rows
    ]
    values = [{} if element is None else read_own_values(element) for element in elements]
    result = _add_columns(waypoints, values, waypoints.columns)
    trail_ids = set(trails)
    # An exported city names the trail of each waypoint; a name of no trail here says nothing.
    owners = [
        cells.get("trail") if cells.get("trail") in trail_ids or pd.isna(owner) else owner
        for cells, owner in zip(values, waypoints["trail"], strict=True)
    ]
    result = result.assign(trail=pd.Series(owners, result.index, dtype="str"))
    return _set_own_ids(result, values)


def add_original_texts(waypoints: gpd.GeoDataFrame, path: Path, name: str) -> gpd.GeoDataFrame:
    """Add to waypoints what their file says beside the name, for a layer that is made of them.

    Returns
    -------
    GeoDataFrame
        With ``comment``, ``symbol``, ``type``, ``time`` and ``link`` as text, those of them that
        any waypoint has.
    """
    originals = Originals({name: path}, limits.MAX_GPX_BYTES)
    columns: dict[str, list[str | None]] = {column: [] for column in TEXTS}
    for text, point in zip(waypoints["name"], waypoints.geometry, strict=True):
        element = originals.find_waypoint(name, "" if pd.isna(text) else str(text), point)
        renewed = None if element is None else rewrite_element(element)
        for column, tag in TEXTS.items():
            child = None if renewed is None else next(find_children(renewed, tag), None)
            value = "" if child is None else (child.get("href") or child.text or "")
            columns[column].append(value or None)
    added = {
        column: pd.Series(values, waypoints.index, dtype="str")
        for column, values in columns.items()
        if any(values) and column not in waypoints
    }
    return waypoints.assign(**added)


def _add_columns(
    frame: gpd.GeoDataFrame, values: list[dict[str, str]], frame_columns: Iterable[str]
) -> gpd.GeoDataFrame:
    # A dictionary keeps the columns in the order of the file, which a set would not.
    names = dict.fromkeys(column for cells in values for column in cells)
    columns = [column for column in names if column not in {*COMPUTED, *frame_columns}]
    added = {
        column: _parse_column([cells.get(column) for cells in values], column, frame.index)
        for column in columns
    }
    return frame.assign(**added)


def _parse_column(texts: list[str | None], column: str, index: pd.Index) -> pd.Series:
    """Return texts as booleans if all are, widths as numbers, and anything else as text."""
    stated_texts = {text for text in texts if text is not None}
    if stated_texts <= set(FLAGS):
        return pd.Series([FLAGS.get(text or "") for text in texts], index, dtype="boolean")
    column_texts = pd.Series(texts, index, dtype="str")
    is_width = column in {"width_m", "least_width_m"}
    return pd.to_numeric(column_texts, errors="coerce") if is_width else column_texts


def _set_own_ids(frame: gpd.GeoDataFrame, values: list[dict[str, str]]) -> gpd.GeoDataFrame:
    """Return a frame under the ids of its file, if every row has one of its own."""
    # Half of the ids, or one twice, would mix the file's ids with those made from its name.
    ids = [cells.get("id") or "" for cells in values]
    if not all(ids) or len(set(ids)) < len(ids):
        return frame
    return frame.set_index(pd.Index(ids, name="id", dtype="str"))
