"""Columns that this product wrote into a GPX file: read back into the frames of the file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import geopandas as gpd
import pandas as pd

from mapserver.gpx.original import OWN, Originals, children, read_own_values, renew
from mapserver.gpx.xmltext import MAX_BYTES

COMPUTED = frozenset(
    {"id", "file", "kind", "segments", "points", "length_m", "ascent_m", "descent_m"}
    | {"min_ele_m", "max_ele_m", "time_start", "time_end", "elevation_m", "trail"}
    | {"name", "description", "heights_m", "geometry"}
)
"""Columns that follow from the file itself, or have an element of GPX."""

TEXTS = {"comment": "cmt", "symbol": "sym", "type": "type", "time": "time", "link": "link"}
"""Columns of a layer made of waypoints, and the elements that they come from and go to."""

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


def with_original_texts(waypoints: gpd.GeoDataFrame, path: Path, name: str) -> gpd.GeoDataFrame:
    """Add to waypoints what their file says beside the name, for a layer that is made of them.

    Returns
    -------
    GeoDataFrame
        With ``comment``, ``symbol``, ``type``, ``time`` and ``link`` as text, those of them that
        any waypoint has.
    """
    originals = Originals({name: path}, MAX_BYTES)
    columns: dict[str, list[str | None]] = {column: [] for column in TEXTS}
    for text, point in zip(waypoints["name"], waypoints.geometry, strict=True):
        element = originals.find_waypoint(name, "" if pd.isna(text) else str(text), point)
        made = None if element is None else renew(element)
        for column, tag in TEXTS.items():
            child = None if made is None else next(children(made, tag), None)
            value = "" if child is None else (child.get("href") or child.text or "")
            columns[column].append(value or None)
    added = {
        column: pd.Series(values, waypoints.index, dtype="str")
        for column, values in columns.items()
        if any(values) and column not in waypoints
    }
    return waypoints.assign(**added)


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
