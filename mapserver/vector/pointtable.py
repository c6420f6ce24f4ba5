"""CSV tables with coordinates: shops, parks and other points as offices publish them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyogrio
import shapely
from pyproj import CRS

from mapserver import geodesy
from mapserver.catalog import LayerEntry
from mapserver.codepages import Box
from mapserver.errors import N_, DataError
from mapserver.findings import Finding, Severity
from mapserver.table import read_table, with_numbers
from mapserver.vector.projection import unknown_crs
from mapserver.vector.shapefile import choose_layer
from mapserver.vector.source import Source, require_size
from mapserver.vector.wkt import find_wkt_column, parse_geometries

DEGREES = (
    ("lon", "lat"),
    ("경도", "위도"),
    ("longitude", "latitude"),
    ("lng", "lat"),
    ("long", "lat"),
    ("lot", "lat"),  # open data of Seoul
    ("wgs84경도", "wgs84위도"),
    ("refinewgs84logt", "refinewgs84lat"),  # open data of Gyeonggi-do
)
GRID = (
    ("x", "y"),
    ("x좌표", "y좌표"),
    ("좌표x", "좌표y"),
    ("좌표정보x", "좌표정보y"),  # licensing data of the ministry
    ("xcrd", "ycrd"),
    ("xcoord", "ycoord"),
)


def read_points(path: Path, entry: LayerEntry, *, name: str, near: Box | None = None) -> Source:
    """Read a CSV table with a column for each coordinate.

    Parameters
    ----------
    entry
        What the catalogue says: the CRS (degrees on WGS 84 unless stated), the encoding, and the
        column of ids, which stays text.
    near
        Where the city lies, if that is known.

    Returns
    -------
    Source
        Rows with a place. Those without one, or with one that cannot be, are left out and listed
        in the findings by their line.

    Raises
    ------
    DataError
        No pair of columns has a name that we know.
    CrsError
        Not one row holds degrees, and nobody said which CRS it is.
    """
    table, findings = read_table(path, name=name, encoding_label=entry.encoding, near=near)
    about = table.attrs["encoding"], table.attrs["encoding_from"]
    source = _located(table, findings, name, entry.crs, entry.id_column)
    return replace(source, encoding=about[0], encoding_from=about[1])


def read_workbook(path: Path, entry: LayerEntry, *, name: str) -> Source:
    """Read a sheet of an Excel workbook with a column for each coordinate; as :func:`read_points`.

    The sheet is the one that the catalogue names as ``layer``, or the only one that is not empty.
    """
    require_size([path], name)
    sheets = [str(sheet) for sheet, _ in pyogrio.list_layers(path)]
    chosen = [sheet for sheet in sheets if entry.layer in {None, sheet}]
    # As text, so that codes keep their zeros; numbers are made of the columns that hold them.
    tables = {
        sheet: pyogrio.read_dataframe(path, layer=sheet, HEADERS="FORCE", FIELD_TYPES="STRING")
        for sheet in chosen
    }
    filled = {sheet: table for sheet, table in tables.items() if len(table)}
    if len(filled) != 1:
        raise choose_layer(sheets, entry.layer, name)
    table = pd.DataFrame(next(iter(filled.values()))).astype("str")
    table = table.apply(lambda column: column.str.strip()).replace("", None)
    table.index = pd.RangeIndex(2, len(table) + 2, name="line")
    return _located(table.dropna(how="all"), [], name, entry.crs, entry.id_column)


def _located(
    table: pd.DataFrame,
    findings: list[Finding],
    name: str,
    crs: str | None,
    id_column: str | None,
) -> Source:
    """Take the places out of a table of texts."""
    wkt_column = find_wkt_column(table)
    if wkt_column is not None:
        return _with_geometries(table, findings, name, crs, id_column, wkt_column)
    x_column, y_column = _coordinate_columns(table, name, prefer_grid=crs is not None)
    x, y = _number(table[x_column]), _number(table[y_column])
    faults = _faults(table[[x_column, y_column]], x, y, in_degrees=_is_degrees(crs))
    good = np.ones(len(table), dtype=bool)
    good[list(faults)] = False
    first_metres = np.flatnonzero((np.abs(x) > 1000) & (np.abs(y) > 1000))
    if crs is None and not good.any() and len(first_metres):
        at = first_metres[0]
        raise unknown_crs(name, float(x[at]), float(y[at]))
    findings = findings + [_finding(name, table.index[at], fault) for at, fault in faults.items()]
    rows = with_numbers(table[good].reset_index(drop=True), keep=id_column)
    rows = rows.rename(columns={"geometry": "original_geometry"})
    frame = gpd.GeoDataFrame(rows, geometry=shapely.points(x[good], y[good]))
    return Source(frame, implied=True, findings=findings)


def _with_geometries(  # noqa: PLR0913, PLR0917 -- what is known of the table, and its column
    table: pd.DataFrame,
    findings: list[Finding],
    name: str,
    crs: str | None,
    id_column: str | None,
    wkt_column: str,
) -> Source:
    """Take the geometries out of a column of texts; rows without one stay."""
    geometries, own_crs, about = parse_geometries(table[wkt_column], name)
    xy = shapely.get_coordinates(geometries)
    if own_crs is None and crs is None and len(xy) and not (np.abs(xy[0]) <= [180, 90]).all():
        raise unknown_crs(name, float(xy[0, 0]), float(xy[0, 1]))
    rows = with_numbers(table.drop(columns=wkt_column).reset_index(drop=True), keep=id_column)
    rows = rows.rename(columns={"geometry": "original_geometry"})
    frame = gpd.GeoDataFrame(rows, geometry=geometries)
    stated = None if own_crs is None else geodesy.parse_crs(own_crs, where=name)
    return Source(frame, stated, implied=True, findings=[*findings, *about])


def _coordinate_columns(table: pd.DataFrame, name: str, *, prefer_grid: bool) -> tuple[str, str]:
    columns = {re.sub(r"[\s_()\[\]]", "", str(column)).lower(): str(column) for column in table}
    pairs = (*GRID, *DEGREES) if prefer_grid else (*DEGREES, *GRID)
    for x, y in pairs:
        if x in columns and y in columns:
            return columns[x], columns[y]
    raise DataError(
        N_("no columns with coordinates among: {columns}"),
        where=name,
        mend=N_("Name two columns lon and lat (or 경도 and 위도, or x and y), or one wkt"),
        columns=", ".join(map(str, table)),
    )


def _is_degrees(crs: str | None) -> bool:
    return crs is None or CRS(geodesy.parse_crs(crs)).is_geographic


def _number(column: pd.Series[str]) -> geodesy.Floats:
    return pd.to_numeric(column, errors="coerce").to_numpy(float)


Fault = tuple[str, str, str, dict[str, Any]]
"""Code, what and mend of a finding, and its values."""


def _faults(
    texts: pd.DataFrame,
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    *,
    in_degrees: bool,
) -> dict[int, Fault]:
    """Find the rows that have no place, by position; ``texts`` is what the two cells say."""
    nowhere = ~(np.isfinite(x) & np.isfinite(y)) | ((x == 0) & (y == 0))
    if in_degrees:
        with np.errstate(invalid="ignore"):
            nowhere |= (np.abs(x) > 180) | (np.abs(y) > 90)
    faults = {}
    for at in np.flatnonzero(nowhere):
        x_text, y_text = texts.iloc[at]
        faults[int(at)] = _fault(x_text, y_text, float(x[at]), float(y[at]))
    return faults


def _fault(x_text: str, y_text: str, x: float, y: float) -> Fault:
    if pd.isna(x_text) or pd.isna(y_text) or (x == 0 and y == 0):
        return (
            "no-coordinates",
            N_("the row has no coordinates; it is left out"),
            N_("Look the place up and enter its longitude and latitude"),
            {},
        )
    if not (np.isfinite(x) and np.isfinite(y)):
        return (
            "coordinate-not-a-number",
            N_("{x}, {y} are not coordinates; the row is left out"),
            N_("Write degrees with a decimal point, such as 126.8514"),
            {"x": x_text, "y": y_text},
        )
    what, mend = geodesy.lonlat_fault(x, y) or ("", "")
    return "coordinate-out-of-range", what, mend, {"lon": x, "lat": y}


def _finding(name: str, line: int, fault: Fault) -> Finding:
    code, what, mend, values = fault
    return Finding(Severity.ERROR, code, name, what, mend, f"line {line}", values)
