"""Shapefile, with each of its limits said where it bites."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from mapserver.errors import N_, DataError
from mapserver.model import Layer
from mapserver.settings import limits
from mapserver.text.findings import Finding, Severity
from mapserver.writers.columns import (
    find_text_columns,
    flatten_frame,
    format_times,
    list_ids,
    make_names_distinct,
    parse_day_columns,
    report_renamed_columns,
    require_encodable,
    write_objects_as_texts,
)
from mapserver.writers.geometry_kinds import find_shapefile_kinds
from mapserver.writers.layer import WriteOptions
from mapserver.writers.projected import project_frame


def write_shapefile(layers: Sequence[Layer], path: Path, options: WriteOptions) -> list[Finding]:
    """Write one layer as a shapefile, with ``.prj`` and ``.cpg``.

    Column names of more than 10 bytes are cut and told apart, texts of more than 254 bytes are cut
    and counted, times become text. Rows without a place have an empty shape.

    Raises
    ------
    DataError
        The layer has several kinds of geometry, or text that the encoding has no letters for.
    """
    (layer,) = layers
    entry = layer.entry
    layer_kinds = find_shapefile_kinds(layer.frame)
    if len(layer_kinds) > 1:
        raise DataError(
            N_("a shapefile holds one kind of geometry; the layer has {kinds}"),
            where=entry.id,
            mend=N_("Name a folder: each kind gets a file of its own"),
            kinds=", ".join(layer_kinds),
        )
    codec = options.encoding or "utf-8"
    frame = project_frame(
        write_objects_as_texts(format_times(flatten_frame(layer.frame))), options.crs, entry.id
    )
    require_encodable(
        pd.DataFrame(frame.drop(columns="geometry")), list_ids(layer.frame), codec, entry.id
    )
    # What is lost is found before anything is written: letters, names, ends of texts, heights.
    columns = [c for c in frame.columns if c != "geometry"]
    names = make_names_distinct(
        columns, shorten=lambda name, room: _cut_text(name, limits.DBF_NAME_BYTES - room, codec)
    )
    findings = report_renamed_columns(entry.id, names)
    frame, text_findings = _shorten_texts(frame, layer, codec)
    frame, height_findings = _drop_partial_heights(frame, entry.id)
    frame = _convert_large_numbers(frame)
    if layer_kinds == ["multipoints"]:
        frame = frame.set_geometry(_convert_to_multipoints(frame))
    # GDAL takes Arrow in UTF-8 alone, and only Arrow has dates.
    is_utf8 = codec == "utf-8"
    pyogrio.write_dataframe(
        (parse_day_columns(frame) if is_utf8 else frame).rename(columns=names),
        path,
        driver="ESRI Shapefile",
        layer=path.stem,
        encoding=codec.upper(),
        use_arrow=is_utf8,
        geometry_type=_name_geometry_type(frame, layer_kinds),
    )
    return [*findings, *text_findings, *height_findings]


def _name_geometry_type(frame: gpd.GeoDataFrame, layer_kinds: list[str]) -> str:
    type_names = {"points": "Point", "multipoints": "MultiPoint", "lines": "LineString"}
    kind = type_names.get(layer_kinds[0], "Polygon") if layer_kinds else "Point"
    # A shapefile holds heights only if its type says so.
    return f"{kind} Z" if shapely.has_z(frame.geometry.to_numpy()).any() else kind


def _cut_text(text: str, room: int, codec: str) -> str:
    """Cut a text to so many bytes, at a letter's end."""
    # The last bytes may be half of a letter, which decoding leaves out.
    return text.encode(codec)[:room].decode(codec, "ignore")


def _shorten_texts(
    frame: gpd.GeoDataFrame, layer: Layer, codec: str
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    findings, short_texts = [], {}
    for column in find_text_columns(frame):
        values = frame[column]
        # dBASE counts bytes, of which a Hangul syllable has three in UTF-8 and two in cp949.
        bytes_ = values.map(lambda text: len(text.encode(codec)), na_action="ignore")
        is_long = (bytes_ > limits.DBF_TEXT_BYTES).fillna(False).to_numpy(bool)
        if not is_long.any():
            continue
        cut_texts = values[is_long].map(lambda text: _cut_text(text, limits.DBF_TEXT_BYTES, codec))
        short_texts[column] = values.where(~is_long, cut_texts)
        findings.append(
            Finding(
                Severity.WARNING,
                "text-cut",
                layer.entry.id,
                N_("column {column}: texts cut to {bytes} bytes: {count}, the longest of {most}"),
                N_("Use gpkg, which holds them whole"),
                ", ".join(map(str, layer.frame.index[is_long][:3])),
                {
                    "column": repr(column),
                    "count": int(is_long.sum()),
                    "bytes": limits.DBF_TEXT_BYTES,
                    "most": int(bytes_.max()),
                },
            )
        )
    return frame.assign(**short_texts), findings


def _drop_partial_heights(
    frame: gpd.GeoDataFrame, layer: str
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Leave heights out where some are unknown: the format would make them 0 m."""
    geometries = frame.geometry.to_numpy()
    heights = shapely.get_coordinates(geometries, include_z=True)[:, 2]
    unknown = int(np.isnan(heights).sum())
    if unknown in {0, len(heights)}:
        return frame, []
    flat_ = gpd.GeoSeries(shapely.force_2d(geometries), frame.index, crs=frame.crs)
    return frame.set_geometry(flat_), [
        Finding(
            Severity.WARNING,
            "heights-left-out",
            layer,
            N_("heights are left out, since {count} of {all} are unknown: it would say 0 m"),
            N_("Use gpkg or gpx, which hold them"),
            values={"count": unknown, "all": len(heights)},
        )
    ]


def _convert_large_numbers(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    integers = frame.select_dtypes(["integer"])
    # GDAL writes integers into fields of 18 characters, sign included.
    large = [c for c in integers if (integers[c].abs() >= limits.MAX_DBF_INTEGER).any()]
    return frame.astype(dict.fromkeys(large, "str"))


def _convert_to_multipoints(frame: gpd.GeoDataFrame) -> gpd.GeoSeries:
    def make_multipoint(point: Any) -> Any:
        return shapely.multipoints([point]) if point.geom_type == "Point" else point

    multipoints = [None if g is None or g.is_empty else make_multipoint(g) for g in frame.geometry]
    return gpd.GeoSeries(multipoints, frame.index, crs=frame.crs)
