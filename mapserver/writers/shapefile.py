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
from mapserver.text.findings import Finding, Severity
from mapserver.writers.columns import (
    apart,
    flat,
    ids,
    iso_times,
    placeless,
    renamed,
    require_encodable,
    texts,
    with_dates,
)
from mapserver.writers.layer import How
from mapserver.writers.projected import projected

NAME_BYTES = 10
TEXT_BYTES = 254
MOST_NUMBER = 10**17
"""Whole numbers with more digits do not fit the field that GDAL makes."""

KINDS = {
    "points": ("Point",),
    "multipoints": ("MultiPoint",),
    "lines": ("LineString", "MultiLineString", "LinearRing"),
    "polygons": ("Polygon", "MultiPolygon"),
}
"""What one shapefile can hold, and the geometries of it."""


def kinds(frame: gpd.GeoDataFrame) -> list[str]:
    """Name the kinds of shapefile that a layer needs: one for each kind of geometry.

    Raises
    ------
    DataError
        A feature is a collection, which no shapefile holds.
    """
    geometries = frame.geometry.to_numpy()
    there = set(frame.geom_type[~placeless(geometries)])
    known = {name for names in KINDS.values() for name in names}
    if there - known:
        raise DataError(
            N_("a shapefile holds no {kind}"),
            mend=N_("Use gpkg, or take the collections apart"),
            kind=", ".join(sorted(there - known)),
        )
    found = [kind for kind, names in KINDS.items() if there & set(names)]
    if found == ["points", "multipoints"]:
        return ["multipoints"]
    return found


def write(layers: Sequence[Layer], path: Path, how: How) -> list[Finding]:
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
    there = kinds(layer.frame)
    if len(there) > 1:
        raise DataError(
            N_("a shapefile holds one kind of geometry; the layer has {kinds}"),
            where=entry.id,
            mend=N_("Name a folder: each kind gets a file of its own"),
            kinds=", ".join(there),
        )
    codec = how.encoding or "utf-8"
    frame = projected(iso_times(flat(layer.frame)), how.crs, entry.id)
    require_encodable(
        pd.DataFrame(frame.drop(columns="geometry")), ids(layer.frame), codec, entry.id
    )
    columns = [c for c in frame.columns if c != "geometry"]
    names = apart(columns, cut=lambda name, room: _cut(name, NAME_BYTES - room, codec))
    findings = renamed(entry.id, names)
    frame, about_texts = _with_short_texts(frame, layer, codec)
    frame, about_heights = _with_known_heights(frame, entry.id)
    frame = _with_small_numbers(frame)
    if there == ["multipoints"]:
        frame = frame.set_geometry(_as_multipoints(frame))
    is_utf8 = codec == "utf-8"  # only then can GDAL be handed Arrow, and only Arrow has dates
    pyogrio.write_dataframe(
        (with_dates(frame) if is_utf8 else frame).rename(columns=names),
        path,
        driver="ESRI Shapefile",
        layer=path.stem,
        encoding=codec.upper(),
        use_arrow=is_utf8,
        geometry_type=_geometry_type(frame, there),
    )
    return [*findings, *about_texts, *about_heights]


def _geometry_type(frame: gpd.GeoDataFrame, there: list[str]) -> str:
    plain = {"points": "Point", "multipoints": "MultiPoint", "lines": "LineString"}
    kind = plain.get(there[0], "Polygon") if there else "Point"
    return f"{kind} Z" if shapely.has_z(frame.geometry.to_numpy()).any() else kind


def _cut(text: str, room: int, codec: str) -> str:
    """Cut a text to so many bytes, at a letter's end."""
    return text.encode(codec)[:room].decode(codec, "ignore")


def _with_short_texts(
    frame: gpd.GeoDataFrame, layer: Layer, codec: str
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    findings, short = [], {}
    for column in texts(frame):
        values = frame[column]
        bytes_ = values.map(lambda text: len(text.encode(codec)), na_action="ignore")
        long = (bytes_ > TEXT_BYTES).fillna(False).to_numpy(bool)
        if not long.any():
            continue
        cut = values[long].map(lambda text: _cut(text, TEXT_BYTES, codec))
        short[column] = values.where(~long, cut)
        findings.append(
            Finding(
                Severity.WARNING,
                "text-cut",
                layer.entry.id,
                N_("column {column}: texts cut to {bytes} bytes: {count}, the longest of {most}"),
                N_("Use gpkg, which holds them whole"),
                ", ".join(map(str, layer.frame.index[long][:3])),
                {
                    "column": repr(column),
                    "count": int(long.sum()),
                    "bytes": TEXT_BYTES,
                    "most": int(bytes_.max()),
                },
            )
        )
    return frame.assign(**short), findings


def _with_known_heights(
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


def _with_small_numbers(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    whole = frame.select_dtypes(["integer"])
    large = [c for c in whole if whole[c].abs().max() >= MOST_NUMBER]
    return frame.astype(dict.fromkeys(large, "str"))


def _as_multipoints(frame: gpd.GeoDataFrame) -> gpd.GeoSeries:
    def many(point: Any) -> Any:
        return shapely.multipoints([point]) if point.geom_type == "Point" else point

    made = [None if g is None or g.is_empty else many(g) for g in frame.geometry]
    return gpd.GeoSeries(made, frame.index, crs=frame.crs)
