"""Tables with coordinates: shops, parks and other points as offices publish them."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from mapserver.errors import N_, DataError
from mapserver.files.sizes import require_size
from mapserver.geo import extent, geodesy
from mapserver.model import LayerEntry
from mapserver.readers.formula_cells import describe_formulas, restore_cells_of_table
from mapserver.readers.sheets import (
    SheetTable,
    convert_columns,
    find_coordinate_columns,
    find_first_axis,
    find_pair_column,
    join_split_degrees,
    parse_degrees,
    parse_numbers,
    read_delimited,
    read_records,
    read_sheet,
    strip_label,
    tabulate,
)
from mapserver.readers.vector.projection import ask_crs
from mapserver.readers.vector.row_faults import find_row_faults, report_row_fault
from mapserver.readers.vector.source import Source
from mapserver.readers.vector.unplaced import has_coordinates, read_unplaced_rows
from mapserver.readers.vector.wkt import find_wkt_column, parse_geometries
from mapserver.text.code_pages import Box
from mapserver.text.findings import Finding, Severity

HALF_EQUATOR_M = 2e7
"""No coordinate of a projected CRS is larger: half the length of the equator."""

FEWEST_COARSE = 3
COARSE = re.compile(r"-?\d{1,3}([.,]\d{1,2})?")
THREE_DECIMALS = re.compile(r"[+-]?[1-9]\d{2}\.\d{3}")
"""A number that may mean thousands as well: ``187.000``."""

NEAR_DEGREES = 1.0
"""So far from the city a table may lie before its columns are looked at the other way round."""


def read_point_table(
    path: Path, entry: LayerEntry, *, name: str, city_box: Box | None = None
) -> Source:
    """Read a CSV table with a column for each coordinate.

    Parameters
    ----------
    entry
        What the catalogue says: the CRS (degrees on WGS 84 unless stated), the encoding, and the
        column of ids, which stays text.
    city_box
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
    grid, text = read_delimited(path, name=name, label=entry.encoding, city_box=city_box)
    sheet = tabulate(grid, header_row=entry.header_row)
    sheet.findings.extend(describe_formulas(sheet.table, name))
    table = restore_cells_of_table(sheet.table)
    names = dict(zip(sheet.table.columns, table.columns, strict=True))
    kinds = {str(names.get(name, name)): kind for name, kind in sheet.kinds.items()}
    sheet = replace(sheet, table=table, kinds=kinds)
    source = _locate_rows(sheet, entry, name, city_box)
    return replace(source, encoding=text.encoding, encoding_from=text.encoding_from)


def read_workbook(
    path: Path, entry: LayerEntry, *, name: str, city_box: Box | None = None
) -> Source:
    """Read a sheet of a workbook with a column for each coordinate; as :func:`read_point_table`.

    The sheet is the one that the catalogue names as ``layer``, or the only one that is shown and
    holds something.
    """
    require_size([path], name)
    sheet = tabulate(read_sheet(path, name=name, sheet=entry.layer), header_row=entry.header_row)
    return _locate_rows(sheet, entry, name, city_box)


def read_point_records(
    path: Path, entry: LayerEntry, *, name: str, city_box: Box | None = None
) -> Source:
    """Read records in JSON or XML with a field for each coordinate; as :func:`read_point_table`."""
    grid = read_records(path, name=name, label=entry.encoding, city_box=city_box)
    return _locate_rows(tabulate(grid), entry, name, city_box)


def _locate_rows(sheet: SheetTable, entry: LayerEntry, name: str, city_box: Box | None) -> Source:
    """Find the places of a table's rows; those without one are left out and described."""
    table = sheet.table
    # A column of geometries with a usual name counts before coordinates; one with another name only
    # where there are no coordinates.
    wkt_column = find_wkt_column(table)
    in_degrees = _is_degrees(entry.crs)
    if wkt_column is None and not find_coordinate_columns(table, prefer_grid=not in_degrees):
        wkt_column = find_wkt_column(table, usual_name=False)
    if wkt_column is not None:
        return _read_geometries(sheet, entry, name, city_box, wkt_column)
    if entry.role.row.finds_places and not has_coordinates(table, prefer_grid=not in_degrees):
        return read_unplaced_rows(sheet, entry)
    texts, about_columns = _find_coordinates(table, entry.crs, city_box, name)
    x_column, y_column = texts.columns
    x = _parse_coordinates(texts[x_column], "lon", in_degrees=in_degrees)
    y = _parse_coordinates(texts[y_column], "lat", in_degrees=in_degrees)
    faults = find_row_faults(texts, x, y, in_degrees=in_degrees)
    # Rows without a place are left out and reported by their line; the others stand.
    good = np.ones(len(table), dtype=bool)
    good[list(faults)] = False
    # Degrees are at most 180; numbers above 1000 in both columns are metres of some grid.
    in_metres = (np.abs(x) > 1000) & (np.abs(y) > 1000)
    _require_sizes(texts, x, y, good, name)
    if entry.crs is None and not good.any() and in_metres.any():
        raise ask_crs(name, float(x[in_metres][0]), float(y[in_metres][0]), city_box)
    _require_order((x_column, y_column), x, y, entry.crs, city_box, name)
    word = "row" if sheet.is_workbook else "line"
    # A register of which no row has a place is none, unless the city itself may know some.
    may_lack_places = entry.role.row.finds_places or (
        entry.role.row.may_lack_places and bool(good.any())
    )
    findings = [
        *sheet.findings,
        *about_columns,
        *_find_coarse(texts[good], name, in_degrees=in_degrees),
        *(
            report_row_fault(name, f"{word} {table.index[position]}", fault, stays=may_lack_places)
            for position, fault in faults.items()
            if not (may_lack_places and fault[0] == "no-coordinates")
        ),
    ]
    points = np.where(good, shapely.points(np.where(good, x, 0.0), np.where(good, y, 0.0)), None)
    # Where a role's rows may lack places, those without one stay as rows.
    stays = np.ones(len(table), dtype=bool) if may_lack_places else good
    rows = convert_columns(sheet, table[stays].reset_index(drop=True), keep=(entry.id_column,))
    rows = rows.rename(columns={"geometry": "original_geometry"})
    frame = gpd.GeoDataFrame(rows, geometry=points[stays])
    lines = table.index.to_numpy()[stays]
    return Source(frame, implied=True, findings=findings, lines=lines)


def _find_coordinates(
    table: pd.DataFrame, crs: str | None, city_box: Box | None, name: str
) -> tuple[pd.DataFrame, list[Finding]]:
    """Find the texts of the coordinates: in two columns, or both in the cells of one.

    Returns
    -------
    texts : DataFrame
        Two columns, x and y (longitude and latitude), under their names in the file.
    findings : list of Finding
        What was concluded of a column with both.
    """
    # Split degrees first: a column named for a longitude may hold no more than its whole degrees.
    joined = join_split_degrees(table)
    if joined is not None:
        return joined, []
    pair = find_coordinate_columns(table.columns, prefer_grid=not _is_degrees(crs))
    if pair is not None:
        return table[list(pair[:2])], []
    pair_column = find_pair_column(table)
    if pair_column is None:
        raise DataError(
            N_("no columns with coordinates among: {columns}"),
            where=name,
            mend=N_("Name two columns lon and lat (or 경도 and 위도, or x and y), or one wkt"),
            columns=", ".join(map(str, table)),
        )
    is_near = None if city_box is None else partial(_is_near_city, crs=crs, city_box=city_box)
    axis = find_first_axis(pair_column, is_near)
    example = table[pair_column.name].dropna().iloc[0]
    if axis is None:
        raise DataError(
            N_("column {column} holds both coordinates, and not which is first: {text}"),
            where=name,
            mend=N_("Write them in two columns, lon and lat, or call this one lat,lon or lon,lat"),
            column=repr(pair_column.name),
            text=example,
        )
    first_texts, second_texts = (
        t.map(strip_label, na_action="ignore") for t in (pair_column.first, pair_column.second)
    )
    lon, lat = (first_texts, second_texts) if axis == "lon" else (second_texts, first_texts)
    finding = Finding(
        Severity.NOTE,
        "coordinates-in-one-column",
        name,
        N_("column {column} holds both coordinates; longitude is read first: {text}")
        if axis == "lon"
        else N_("column {column} holds both coordinates; latitude is read first: {text}"),
        N_("If that is wrong, write them in two columns, lon and lat"),
        values={"column": repr(pair_column.name), "text": example},
    )
    names = (f"{pair_column.name} (lon)", f"{pair_column.name} (lat)")
    return pd.DataFrame(dict(zip(names, (lon, lat), strict=True)), table.index), [finding]


def _find_coarse(texts: pd.DataFrame, name: str, *, in_degrees: bool) -> list[Finding]:
    """Find out whether all places are rounded to a hundredth of a degree, a kilometre, or more."""
    cells = texts.to_numpy().ravel()
    if (
        not in_degrees
        or len(texts) < FEWEST_COARSE
        or not all(COARSE.fullmatch(str(cell)) for cell in cells)
    ):
        return []
    return [
        Finding(
            Severity.WARNING,
            "coordinates-coarse",
            name,
            N_("the coordinates are rounded to a kilometre or more: {text}"),
            N_("Look whether the file was saved with all of their decimals"),
            values={"text": ", ".join(map(str, texts.iloc[0]))},
        )
    ]


def _require_sizes(
    texts: pd.DataFrame,
    x: geodesy.Floats,
    y: geodesy.Floats,
    is_good: npt.NDArray[np.bool_],
    name: str,
) -> None:
    """Ask where numbers are neither degrees nor metres: a separator may have been misread.

    Raises
    ------
    DataError
        No row has a place, and the numbers are larger than the earth, or may have points between
        their thousands.
    """
    # Both coordinates must be numbers before their size says anything.
    placed = np.isfinite(x) & np.isfinite(y)
    if is_good.any() or not placed.any():
        return
    row = int(np.flatnonzero(placed)[0])
    values = {"text": ", ".join(texts.iloc[row].astype("str"))}
    mend = N_("Write them without separators of thousands and with a decimal point")
    if min(abs(x[row]), abs(y[row])) > HALF_EQUATOR_M:
        what = N_("{text} are neither degrees nor metres: a decimal point may have been lost")
        raise DataError(what, where=name, mend=mend, **values)
    # 187.000 is either 187 with three decimals or 187 thousand; nothing in the row decides which.
    if all(THREE_DECIMALS.fullmatch(text) for text in texts[placed].to_numpy().ravel()):
        what = N_("{text} are no degrees; the points may stand between thousands or be decimal")
        raise DataError(what, where=name, mend=mend, **values)


def _read_geometries(
    sheet: SheetTable, entry: LayerEntry, name: str, city_box: Box | None, wkt_column: str
) -> Source:
    """Read the geometries in a column of texts; rows without one stay."""
    table = sheet.table
    geometries, own_crs, parse_findings = parse_geometries(table[wkt_column], name)
    xy = shapely.get_coordinates(geometries)
    is_degrees = not len(xy) or (np.abs(xy[0]) <= [180, 90]).all()
    if own_crs is None and entry.crs is None and not is_degrees:
        raise ask_crs(name, float(xy[0, 0]), float(xy[0, 1]), city_box)
    other_columns = table.drop(columns=wkt_column).reset_index(drop=True)
    rows = convert_columns(sheet, other_columns, keep=(entry.id_column,))
    rows = rows.rename(columns={"geometry": "original_geometry"})
    frame = gpd.GeoDataFrame(rows, geometry=geometries)
    stated = None if own_crs is None else geodesy.parse_crs(own_crs, where=name)
    lines = table.index.to_numpy()
    return Source(
        frame, stated, implied=True, findings=[*sheet.findings, *parse_findings], lines=lines
    )


def _is_degrees(crs: str | None) -> bool:
    return crs is None or CRS(geodesy.parse_crs(crs)).is_geographic


def _parse_coordinates(column: pd.Series[str], axis: str, *, in_degrees: bool) -> geodesy.Floats:
    # Grid coordinates are plain numbers; only degrees are also written with minutes and seconds.
    if not in_degrees:
        return np.fromiter(parse_numbers(column), float, len(column))
    cells = (cell if isinstance(cell, str) else None for cell in column.to_numpy(object))
    return np.fromiter((parse_degrees(cell, axis) for cell in cells), float, len(column))


def _require_order(  # noqa: PLR0913, PLR0917 -- two columns, their numbers, and what is known
    columns: tuple[str, str],
    x: geodesy.Floats,
    y: geodesy.Floats,
    crs: str | None,
    city_box: Box | None,
    name: str,
) -> None:
    """Ask where the two columns seem to be swapped: they are places the other way round alone.

    Raises
    ------
    DataError
        Most rows are no place on earth, or none near the city, but would be with the columns
        swapped.
    """
    placed = np.isfinite(x) & np.isfinite(y) & ((x != 0) | (y != 0))
    if not placed.any():
        return
    # The median is robust: a few mistyped rows do not move it.
    middle = float(np.median(x[placed])), float(np.median(y[placed]))
    is_right, is_swapped = (
        _is_near_city(*place, crs, city_box) for place in (middle, middle[::-1])
    )
    if is_swapped and not is_right:
        example = int(np.flatnonzero(placed)[0])
        raise DataError(
            N_("the columns seem to be swapped: {x_column} holds {x}, {y_column} holds {y}"),
            where=name,
            mend=N_("If they are, swap their names in the file; nothing is guessed"),
            x_column=repr(columns[0]),
            y_column=repr(columns[1]),
            x=float(x[example]),
            y=float(y[example]),
        )


def _is_near_city(x: float, y: float, crs: str | None, city_box: Box | None) -> bool:
    """Return whether a place lies near the city, or on earth where no city is known."""
    stated = geodesy.LONLAT if crs is None else CRS(geodesy.parse_crs(crs))
    # Near means near on earth, so coordinates of a grid are transformed first.
    lon, lat = geodesy.build_transformer(stated, geodesy.LONLAT).transform(x, y)
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        return False
    if city_box is None:
        return True
    west, south, east, north = city_box
    widened = (west - NEAR_DEGREES, south - NEAR_DEGREES, east + NEAR_DEGREES, north + NEAR_DEGREES)
    return bool(extent.is_within(lon, lat, widened))
