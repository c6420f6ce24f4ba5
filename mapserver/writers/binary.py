"""GeoParquet and FlatGeobuf: for pandas and for reading a part of a large layer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio

from mapserver.errors import N_
from mapserver.geo import heights
from mapserver.model import Layer
from mapserver.text.findings import Finding, Severity
from mapserver.writers.columns import (
    find_placeless_rows,
    flatten_frame,
    make_names_distinct,
    parse_day_columns,
    report_renamed_columns,
)
from mapserver.writers.layer import WriteOptions, build_credit
from mapserver.writers.projected import project_frame


def write_parquet(layers: Sequence[Layer], path: Path, options: WriteOptions) -> list[Finding]:
    """Write one layer as GeoParquet 1.0 with its CRS."""
    (layer,) = layers
    frame = parse_day_columns(flatten_frame(layer.frame))
    frame = project_frame(frame, options.crs, layer.entry.id)
    # What was concluded when the layer was read is not the file's, and GeoPandas would write it.
    frame.attrs = {}
    frame.to_parquet(path, index=False)
    return []


def write_flatgeobuf(layers: Sequence[Layer], path: Path, options: WriteOptions) -> list[Finding]:
    """Write one layer as FlatGeobuf with a spatial index, which orders the rows by place.

    The index knows no rows without a place; with any there is none, and the findings say so.
    """
    (layer,) = layers
    entry = layer.entry
    frame = project_frame(flatten_frame(layer.frame), options.crs, entry.id)
    # GDAL, which most readers are, finds columns whatever their case.
    names = make_names_distinct(frame.columns)
    frame = frame.rename(columns=names)
    # Lines with no known height at all are flat; NaN is a value like any other to GDAL.
    geometries = heights.drop_unknown(frame.geometry.to_numpy())
    # The format has one dimension for all rows.
    geometries = heights.fill_dimension(geometries)
    frame = frame.set_geometry(gpd.GeoSeries(geometries, frame.index, crs=frame.crs))
    is_placeless = find_placeless_rows(geometries)
    description: dict[str, Any] = {
        "TITLE": entry.title.in_language(options.lang),
        "DESCRIPTION": build_credit(entry, options.lang),
    }
    pyogrio.write_dataframe(
        frame,
        path,
        driver="FlatGeobuf",
        layer=entry.id,
        use_arrow=True,
        SPATIAL_INDEX="NO" if is_placeless.any() else "YES",
        **{key: value for key, value in description.items() if value},
    )
    findings = report_renamed_columns(entry.id, names)
    if not is_placeless.any():
        return findings
    return [
        *findings,
        Finding(
            Severity.NOTE,
            "no-spatial-index",
            entry.id,
            N_("rows without a place: {count}; with them FlatGeobuf has no spatial index"),
            values={"count": int(is_placeless.sum())},
        ),
    ]
