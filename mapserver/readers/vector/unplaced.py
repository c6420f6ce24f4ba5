"""Rows without a place, of roles that may have such: they are counted, and stay in the layer."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from mapserver.errors import N_
from mapserver.geo.geodesy import Geometries
from mapserver.model import LayerEntry
from mapserver.readers.sheets import (
    SheetTable,
    convert_columns,
    find_coordinate_columns,
    find_pair_column,
    join_split_degrees,
)
from mapserver.readers.vector.source import Source
from mapserver.text.findings import Finding, Severity


def has_coordinates(table: pd.DataFrame, *, prefer_grid: bool) -> bool:
    """Check whether any column of a table has a name of coordinates."""
    return (
        join_split_degrees(table) is not None
        or find_coordinate_columns(table.columns, prefer_grid=prefer_grid) is not None
        or find_pair_column(table) is not None
    )


def read_unplaced_rows(sheet: SheetTable, entry: LayerEntry) -> Source:
    """Read the rows of a table without any coordinates.

    The national register of public toilets is one since February 2025.

    Parameters
    ----------
    sheet
        The table.
    entry
        The layer: its column of ids stays text.
    """
    table = sheet.table.reset_index(drop=True)
    rows = convert_columns(sheet, table, keep=(entry.id_column,))
    rows = rows.rename(columns={"geometry": "original_geometry"})
    places = np.full(len(rows), None, dtype=object)
    lines = sheet.table.index.to_numpy()
    frame = gpd.GeoDataFrame(rows, geometry=places)
    return Source(frame, implied=True, findings=list(sheet.findings), lines=lines)


def count_unplaced(
    findings: Sequence[Finding], geometries: Geometries, entry: LayerEntry, name: str
) -> list[Finding]:
    """Replace what is said of each row without a place by their number, where a role may have such.

    Parameters
    ----------
    findings
        What was found, among it ``no-geometry`` of each such row.
    geometries
        Of all rows.
    entry
        The layer, with its role.
    name
        What to call the file in messages.
    """
    if not entry.role.row.may_lack_places:
        return list(findings)
    count = int((shapely.is_missing(geometries) | shapely.is_empty(geometries)).sum())
    others = [finding for finding in findings if finding.code != "no-geometry"]
    if not count:
        return others
    counted = Finding(
        Severity.NOTE,
        "rows-without-place",
        name,
        N_("rows without a place: {count} of {all}; they are listed but not on the map"),
        N_("Add columns lon and lat, or a place of the city with the same address or name")
        if entry.role.row.finds_places
        else N_("Look the places up and enter their longitude and latitude"),
        values={"count": count, "all": len(geometries)},
    )
    return [*others, counted]
