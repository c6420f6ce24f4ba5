"""CSV as Korean spreadsheets open it: points with lon and lat, anything else as WKT."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pandas.api import types

from mapserver.errors import N_
from mapserver.model import DECIMALS, Layer, is_table, restore_cells
from mapserver.text.findings import Finding, Severity
from mapserver.writers.columns import (
    find_placeless_rows,
    find_text_columns,
    flatten_frame,
    format_times,
    list_ids,
    make_safe_table,
    require_encodable,
    write_objects_as_texts,
)
from mapserver.writers.layer import WriteOptions

SAME_PLACE = 1e-6
"""Degrees within which a column of coordinates says what the geometry says."""


def write_csv(layers: Sequence[Layer], path: Path, options: WriteOptions) -> list[Finding]:
    """Write one layer as CSV.

    UTF-8 with a byte order mark unless ``options`` names an encoding: with the mark Excel takes the
    text for what it is, without it garbles Korean. A layer of points gets ``lon`` and ``lat``, any
    other a column ``wkt``; both have 7 decimals. Texts that a spreadsheet would run get an
    apostrophe before them, without which our readers read them; they are counted in the findings.

    Raises
    ------
    DataError
        The encoding has no letter for something; the message names row and letter.
    """
    (layer,) = layers
    table, findings = build_table(layer)
    # Excel opens a CSV as UTF-8 only where it begins with a byte order mark.
    codec = options.encoding or "utf-8-sig"
    require_encodable(table, list_ids(layer.frame), codec, layer.entry.id)
    safe_table = make_safe_table(table)
    findings += [*_report_formulas(table, safe_table, layer), *_report_booleans(table, layer)]
    safe_table.to_csv(path, index=False, encoding=codec, lineterminator="\r\n")
    return findings


def build_table(layer: Layer) -> tuple[pd.DataFrame, list[Finding]]:
    """Build a table of a layer whose last columns say where each row lies, if any has a place."""
    if is_table(layer):
        return restore_cells(layer.frame), []
    frame = write_objects_as_texts(format_times(flatten_frame(layer.frame)))
    table = pd.DataFrame(frame.drop(columns="geometry"))
    places = _build_place_columns(frame)
    # A column lon or lat that agrees with the geometry stays; another one is renamed, not lost.
    stated_columns = {c: table[c] for c in places if c in table.columns}
    free_names = {
        column: f"original_{column}"
        for column, stated in stated_columns.items()
        if not _is_same_place(stated, places[column])
    }
    table = table.rename(columns=free_names)
    for column, values in places.items():
        if column not in table.columns:
            table[column] = values
    return table, [
        Finding(
            Severity.NOTE,
            "columns-renamed",
            layer.entry.id,
            N_("column {column} is not where the features lie; it is called {free}"),
            values={"column": repr(column), "free": repr(free)},
        )
        for column, free in free_names.items()
    ]


def _build_place_columns(frame: gpd.GeoDataFrame) -> dict[str, pd.Series]:
    geometries = frame.geometry.to_numpy()
    kinds = set(shapely.get_type_id(geometries[~find_placeless_rows(geometries)]).tolist())
    if kinds <= {shapely.GeometryType.POINT} and not shapely.has_z(geometries).any():
        xy = shapely.get_x(geometries), shapely.get_y(geometries)
        return {
            name: pd.Series(np.round(values, DECIMALS), frame.index)
            for name, values in zip(("lon", "lat"), xy, strict=True)
        }
    # Lines, areas and heights have no two columns of numbers; well-known text holds them all.
    texts = shapely.to_wkt(geometries, rounding_precision=DECIMALS)
    return {"wkt": pd.Series(texts, frame.index, dtype="str")}


def _is_same_place(stated_values: pd.Series, own_values: pd.Series) -> bool:
    if own_values.dtype != float:
        return False
    stated_deg = pd.to_numeric(stated_values, errors="coerce")
    return bool(
        (
            (stated_deg - own_values).abs().le(SAME_PLACE)
            | (stated_values.isna() & own_values.isna())
        ).all()
    )


def _report_booleans(table: pd.DataFrame, layer: Layer) -> list[Finding]:
    columns = [str(c) for c in table.columns if types.is_bool_dtype(table[c].dtype)]
    if not columns:
        return []
    return [
        Finding(
            Severity.NOTE,
            "booleans-as-text",
            layer.entry.id,
            N_("a CSV has no booleans; they are the texts True and False in: {columns}"),
            N_("Use gpkg or parquet, which keep them"),
            values={"columns": ", ".join(columns)},
        )
    ]


def _report_formulas(table: pd.DataFrame, safe: pd.DataFrame, layer: Layer) -> list[Finding]:
    formula_columns = []
    for column in find_text_columns(table):
        # A heading that a spreadsheet would run is another one by now: columns keep their order.
        texts = safe.iloc[:, list(table.columns).index(column)]
        is_changed = (table[column].notna() & (table[column] != texts)).to_numpy(bool)
        if is_changed.any():
            first_id = layer.frame.index[np.flatnonzero(is_changed)[0]]
            formula_columns.append((column, first_id, int(is_changed.sum())))
    return [
        Finding(
            Severity.WARNING,
            "text-formula",
            layer.entry.id,
            N_(
                "column {column}: texts that look like formulas to a spreadsheet: {count}; "
                "they have an apostrophe before them"
            ),
            N_("Whoever reads the file with another program takes the apostrophe off"),
            str(first_id),
            {"column": repr(column), "count": count},
        )
        for column, first_id, count in formula_columns
    ]
