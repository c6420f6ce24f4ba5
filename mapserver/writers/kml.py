"""KML 2.2 for globes: a folder for each layer, in its colours, with every column."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pandas.api import types

from mapserver.drawing.symbols import symbol
from mapserver.geo import heights
from mapserver.model import DECIMALS, Layer, plain_records
from mapserver.text.findings import Finding
from mapserver.writers.columns import flat, iso_times
from mapserver.writers.layer import How, credit, heading
from mapserver.writers.xml import Element, add, document, root

NAMESPACE = "http://www.opengis.net/kml/2.2"


def write(layers: Sequence[Layer], path: Path, how: How) -> list[Finding]:
    """Write layers into one file; rows without a place are in it without one."""
    path.write_bytes(kml(layers, how))
    return []


def kml(layers: Sequence[Layer], how: How) -> bytes:
    """Write layers as KML 2.2.

    Every column is in ``ExtendedData`` as it is. ``description``, which globes show as HTML, has
    the same text with its markup made harmless. A line of which only some heights are known has
    them in ``heights_m`` alone: readers take a missing one for 0 m.
    """
    whole = root("kml", {"xmlns": NAMESPACE})
    main = add(whole, "Document")
    if how.title:
        add(main, "name", how.title)
    for layer in layers:
        _style(main, layer)
    frames = [heights.move_to_column(iso_times(flat(layer.frame))) for layer in layers]
    for layer, frame in zip(layers, frames, strict=True):
        _schema(main, layer.entry.id, frame)
    for layer, frame in zip(layers, frames, strict=True):
        folder = add(main, "Folder")
        add(folder, "name", heading(layer.entry, how.lang))
        if about := credit(layer.entry, how.lang):
            add(folder, "description", html.escape(about, quote=False))
        _placemarks(folder, layer.entry.id, frame)
    return document(whole, indented=False)


def _style(main: Element, layer: Layer) -> None:
    look = symbol(layer.entry)
    style = add(main, "Style", attributes={"id": f"style-{layer.entry.id}"})
    icon = add(style, "IconStyle")
    add(icon, "color", _color(look.color))
    add(icon, "scale", 0.7)
    line = add(style, "LineStyle")
    add(line, "color", _color(look.color))
    add(line, "width", look.weight_px)
    inside = add(style, "PolyStyle")
    add(inside, "color", _color(look.fill, look.fill_opacity or 0.0))
    add(inside, "fill", int(bool(look.fill_opacity)))


def _color(color: str, opacity: float = 1.0) -> str:
    """Write a colour as KML has it: opacity, blue, green, red."""
    red, green, blue = color[1:3], color[3:5], color[5:7]
    return f"{round(255 * opacity):02x}{blue}{green}{red}".lower()


def _schema(main: Element, id_: str, frame: gpd.GeoDataFrame) -> None:
    attributes = {"name": id_, "id": f"columns-{id_}"}
    schema = add(main, "Schema", attributes=attributes)
    for column in frame.columns.drop("geometry"):
        add(schema, "SimpleField", attributes={"type": _type(frame[column]), "name": column})


def _type(column: pd.Series) -> str:
    if types.is_bool_dtype(column.dtype):
        return "bool"
    if types.is_integer_dtype(column.dtype):
        return "int" if column.abs().max() < 2**31 else "string"
    return "double" if types.is_float_dtype(column.dtype) else "string"


def _placemarks(folder: Element, id_: str, frame: gpd.GeoDataFrame) -> None:
    records = plain_records(frame)
    rounded = shapely.transform(
        frame.geometry.to_numpy(), lambda xyz: np.round(xyz, DECIMALS), include_z=True
    )
    oriented = shapely.orient_polygons(rounded, exterior_cw=False)
    for about, geometry in zip(records, oriented, strict=True):
        mark = add(folder, "Placemark")
        if about.get("name"):
            add(mark, "name", about["name"])
        if about.get("description"):
            add(mark, "description", html.escape(str(about["description"]), quote=False))
        add(mark, "styleUrl", f"#style-{id_}")
        data = add(add(mark, "ExtendedData"), "SchemaData", None, {"schemaUrl": f"#columns-{id_}"})
        for column, value in about.items():
            if value is not None:
                text = int(value) if isinstance(value, bool | np.bool_) else value
                add(data, "SimpleData", text, {"name": column})
        if geometry is not None and not geometry.is_empty:
            _geometry(mark, geometry)


def _geometry(parent: Element, geometry: shapely.Geometry) -> None:
    match geometry.geom_type:
        case "Point":
            add(add(parent, "Point"), "coordinates", _coordinates(geometry))
        case "LineString" | "LinearRing":
            add(add(parent, "LineString"), "coordinates", _coordinates(geometry))
        case "Polygon":
            polygon = add(parent, "Polygon")
            for place, ring in (
                ("outerBoundaryIs", geometry.exterior),
                *(("innerBoundaryIs", ring) for ring in geometry.interiors),
            ):
                boundary = add(add(polygon, place), "LinearRing")
                add(boundary, "coordinates", _coordinates(ring))
        case _:
            several = add(parent, "MultiGeometry")
            for part in geometry.geoms:
                if not part.is_empty:
                    _geometry(several, part)


def _coordinates(geometry: Any) -> str:
    """Write places as KML has them; an unknown height is left out."""
    places = shapely.get_coordinates(geometry, include_z=True).tolist()
    return " ".join(
        f"{lon:.7f},{lat:.7f}"
        + ("" if math.isnan(height) else f",{np.format_float_positional(height, trim='-')}")
        for lon, lat, height in places
    )
