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
from mapserver.writers.layer import How, build_credit
from mapserver.writers.projected import project_frame


def write_parquet(layers: Sequence[Layer], path: Path, how: How) -> list[Finding]:
    """Write one layer as GeoParquet 1.0 with its CRS."""
    (layer,) = layers
    frame = project_frame(parse_day_columns(flatten_frame(layer.frame)), how.crs, layer.entry.id)
    frame.attrs = {}  # what was concluded when it was read is not the file's
    frame.to_parquet(path, index=False)
    return []


def write_flatgeobuf(layers: Sequence[Layer], path: Path, how: How) -> list[Finding]:
    """Write one layer as FlatGeobuf with a spatial index, which orders the rows by place.

    The index knows no rows without a place; with any there is none, and the findings say so.
    """
    (layer,) = layers
    entry, frame = layer.entry, project_frame(flatten_frame(layer.frame), how.crs, layer.entry.id)
    names = make_names_distinct(
        frame.columns
    )  # GDAL, which most readers are, finds columns whatever their case
    frame = frame.rename(columns=names)
    # Lines with no known height at all are flat; NaN is a value like any other to GDAL.
    geometries = heights.drop_unknown(frame.geometry.to_numpy())
    geometries = heights.fill_dimension(geometries)  # the format has one for all rows
    frame = frame.set_geometry(gpd.GeoSeries(geometries, frame.index, crs=frame.crs))
    without = find_placeless_rows(geometries)
    description: dict[str, Any] = {
        "TITLE": entry.title.in_language(how.lang),
        "DESCRIPTION": build_credit(entry, how.lang),
    }
    pyogrio.write_dataframe(
        frame,
        path,
        driver="FlatGeobuf",
        layer=entry.id,
        use_arrow=True,
        SPATIAL_INDEX="NO" if without.any() else "YES",
        **{key: value for key, value in description.items() if value},
    )
    findings = report_renamed_columns(entry.id, names)
    if not without.any():
        return findings
    return [
        *findings,
        Finding(
            Severity.NOTE,
            "no-spatial-index",
            entry.id,
            N_("rows without a place: {count}; with them FlatGeobuf has no spatial index"),
            values={"count": int(without.sum())},
        ),
    ]
