"""Rows of GPX files, and the frames of trails and waypoints that they become."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import chain, groupby
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from mapserver.geo import geodesy
from mapserver.geo.slopes import SLOPE_COLUMNS
from mapserver.readers.gpx.document import Counts
from mapserver.text.findings import Finding

UTC = "datetime64[us, UTC]"

TRAIL_COLUMNS: dict[str, Any] = {
    **{"name": "str", "description": "str", "file": "str", "kind": "str"},
    **{"segments": "int64", "points": "int64", "length_m": float},
    **{"ascent_m": float, "descent_m": float, "min_ele_m": float, "max_ele_m": float},
    **dict.fromkeys(SLOPE_COLUMNS, float),
    **{"time_start": UTC, "time_end": UTC},
}

MEASURED = {c: f"stated_{c}" for c in TRAIL_COLUMNS if c not in {"name", "description"}}
"""Columns of trails that come from the lines themselves, and how a table's own is then called."""
WAYPOINT_COLUMNS: dict[str, Any] = {
    **{"name": "str", "description": "str", "kind": "str"},
    **{"elevation_m": float, "file": "str", "trail": "str"},
}

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class GpxRows:
    """The content of one GPX file, for a frame of many.

    Attributes
    ----------
    trails, waypoints
        By id, with the columns of :class:`GpxFile`.
    findings, counts
        As of :class:`GpxFile`.
    """

    trails: dict[str, Row]
    waypoints: dict[str, Row]
    findings: tuple[Finding, ...]
    counts: Counts


@dataclass(frozen=True, slots=True)
class GpxFile:
    """The content of one GPX file, or of a folder of them.

    Attributes
    ----------
    trails
        EPSG:4326, indexed by ``id``, MultiLineString: one row for each track and route that has
        a line. ``length_m`` is geodesic within the segments; ``ascent_m`` and ``descent_m``
        (:mod:`mapserver.readers.gpx.climbs`) and slopes (:mod:`mapserver.geo.slopes`) are NaN
        without heights; times are in UTC. Points
        and heights that cannot be true are left out (:mod:`mapserver.readers.gpx.strays`,
        ``heights``), and so is a route that repeats a track of its file.
    waypoints
        EPSG:4326, indexed by ``id``, Point; ``kind`` is the waypoint's type or symbol.
    findings
        What was odd.
    counts
        What the file holds, as it stands.
    """

    trails: gpd.GeoDataFrame
    waypoints: gpd.GeoDataFrame
    findings: tuple[Finding, ...]
    counts: Counts


def join_files(contents: Sequence[GpxRows | GpxFile]) -> GpxFile:
    """Join the content of files into one, in their order; none of them is changed."""
    findings = chain.from_iterable(content.findings for content in contents)
    counts = {f.name: sum(getattr(c.counts, f.name) for c in contents) for f in fields(Counts)}
    # One frame is made of all rows: a frame for each file takes ten times as long.
    # Those that hold columns of an export of ours have frames already, and keep their place.
    files = list(_frame_neighbours(contents))
    return GpxFile(
        _concatenate([trails for trails, _ in files], TRAIL_COLUMNS),
        _concatenate([waypoints for _, waypoints in files], WAYPOINT_COLUMNS),
        tuple(findings),
        Counts(**counts),
    )


def _frame_neighbours(
    contents: Sequence[GpxRows | GpxFile],
) -> Iterator[tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]]:
    """Yield frames of trails and waypoints: together of neighbours of which there are rows."""
    for are_rows, group in groupby(contents, lambda content: isinstance(content, GpxRows)):
        if are_rows:
            files = list(group)
            yield (
                _make_frame([file.trails for file in files], TRAIL_COLUMNS),
                _make_frame([file.waypoints for file in files], WAYPOINT_COLUMNS),
            )
        else:
            yield from ((file.trails, file.waypoints) for file in group)


def _concatenate(frames: list[gpd.GeoDataFrame], columns: dict[str, Any]) -> gpd.GeoDataFrame:
    # Empty frames would turn the columns of the others into objects.
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return _make_frame([], columns)
    return filled[0].copy() if len(filled) == 1 else gpd.GeoDataFrame(pd.concat(filled))


def _make_frame(files: list[dict[str, Row]], columns: dict[str, Any]) -> gpd.GeoDataFrame:
    """Make a frame of the rows of files, with its columns and types even when there is no row."""
    if not any(files):  # as of the waypoints of most files: a copy takes a twentieth of the time
        return _empty_frame(tuple(columns.items())).copy()
    return _frame_of(files, columns)


@lru_cache
def _empty_frame(columns: tuple[tuple[str, Any], ...]) -> gpd.GeoDataFrame:
    return _frame_of([], dict(columns))


def _frame_of(files: list[dict[str, Row]], columns: dict[str, Any]) -> gpd.GeoDataFrame:
    rows = [row for file in files for row in file.values()]
    # Each column is made in its own type at once: converting a frame takes twice the time.
    table = {
        column: _make_column([row[column] for row in rows], columns[column]) for column in columns
    }
    index = pd.Index([id_ for file in files for id_ in file], name="id", dtype="str")
    geometries = np.array([row["geometry"] for row in rows], dtype=object)
    return gpd.GeoDataFrame(table, geometry=geometries, index=index, crs=geodesy.LONLAT)


def _make_column(values: list[Any], kind: Any) -> Any:
    if kind == UTC:
        return pd.DatetimeIndex(values, dtype=kind)
    return pd.array(values, dtype=kind) if kind == "str" else np.array(values, dtype=kind)
