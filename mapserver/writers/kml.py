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
from mapserver.writers.columns import flatten_frame, format_times
from mapserver.writers.layer import WriteOptions, build_credit, build_title
from mapserver.writers.xml import Element, add_child, encode_document, make_root

NAMESPACE = "http://www.opengis.net/kml/2.2"


def write_kml(layers: Sequence[Layer], path: Path, options: WriteOptions) -> list[Finding]:
    """Write layers into one file; rows without a place are in it without one."""
    path.write_bytes(encode_kml(layers, options))
    return []


def encode_kml(layers: Sequence[Layer], options: WriteOptions) -> bytes:
    """Write layers as KML 2.2.

    Every column is in ``ExtendedData`` as it is. ``description``, which globes show as HTML, has
    the same text with its markup made harmless. A line of which only some heights are known has
    them in ``heights_m`` alone: readers take a missing one for 0 m.
    """
    document_root = make_root("kml", {"xmlns": NAMESPACE})
    main = add_child(document_root, "Document")
    if options.title:
        add_child(main, "name", options.title)
    for layer in layers:
        _add_style(main, layer)
    frames = [heights.move_to_column(format_times(flatten_frame(layer.frame))) for layer in layers]
    # Styles and schemas stand before the placemarks that name them: KML is read from the top.
    for layer, frame in zip(layers, frames, strict=True):
        _add_schema(main, layer.entry.id, frame)
    for layer, frame in zip(layers, frames, strict=True):
        folder = add_child(main, "Folder")
        add_child(folder, "name", build_title(layer.entry, options.lang))
        if description := build_credit(layer.entry, options.lang):
            add_child(folder, "description", html.escape(description, quote=False))
        _add_placemarks(folder, layer.entry.id, frame)
    return encode_document(document_root, indented=False)


def _add_style(main: Element, layer: Layer) -> None:
    look = symbol(layer.entry)
    style = add_child(main, "Style", attributes={"id": f"style-{layer.entry.id}"})
    icon = add_child(style, "IconStyle")
    add_child(icon, "color", _encode_color(look.color))
    add_child(icon, "scale", 0.7)
    line = add_child(style, "LineStyle")
    add_child(line, "color", _encode_color(look.color))
    add_child(line, "width", look.weight_px)
    area = add_child(style, "PolyStyle")
    add_child(area, "color", _encode_color(look.fill, look.fill_opacity or 0.0))
    add_child(area, "fill", int(bool(look.fill_opacity)))


def _encode_color(color: str, opacity: float = 1.0) -> str:
    """Write a colour as KML has it: opacity, blue, green, red."""
    red, green, blue = color[1:3], color[3:5], color[5:7]
    return f"{round(255 * opacity):02x}{blue}{green}{red}".lower()


def _add_schema(main: Element, id_: str, frame: gpd.GeoDataFrame) -> None:
    attributes = {"name": id_, "id": f"columns-{id_}"}
    schema = add_child(main, "Schema", attributes=attributes)
    for column in frame.columns.drop("geometry"):
        add_child(
            schema,
            "SimpleField",
            attributes={"type": _find_field_type(frame[column]), "name": column},
        )


def _find_field_type(column: pd.Series) -> str:
    if types.is_bool_dtype(column.dtype):
        return "bool"
    if types.is_integer_dtype(column.dtype):
        # The schema of KML has 32-bit integers; larger ones stay exact as text.
        return "string" if (column.abs() >= 2**31).any() else "int"
    return "double" if types.is_float_dtype(column.dtype) else "string"


def _add_placemarks(folder: Element, id_: str, frame: gpd.GeoDataFrame) -> None:
    records = plain_records(frame)
    rounded = shapely.transform(
        frame.geometry.to_numpy(), lambda xyz: np.round(xyz, DECIMALS), include_z=True
    )
    # KML 2.2, 10.4: outer rings are counterclockwise, or their faces are hidden from above.
    oriented = shapely.orient_polygons(rounded, exterior_cw=False)
    for record, geometry in zip(records, oriented, strict=True):
        mark = add_child(folder, "Placemark")
        if record.get("name"):
            add_child(mark, "name", record["name"])
        if record.get("description"):
            add_child(mark, "description", html.escape(str(record["description"]), quote=False))
        add_child(mark, "styleUrl", f"#style-{id_}")
        data = add_child(
            add_child(mark, "ExtendedData"), "SchemaData", None, {"schemaUrl": f"#columns-{id_}"}
        )
        for column, value in record.items():
            if value is not None:
                # A schema's bool is 1 or 0.
                text = int(value) if isinstance(value, bool | np.bool_) else value
                add_child(data, "SimpleData", text, {"name": column})
        if geometry is not None and not geometry.is_empty:
            _add_geometry(mark, geometry)


def _add_geometry(parent: Element, geometry: shapely.Geometry) -> None:
    match geometry.geom_type:
        case "Point":
            add_child(add_child(parent, "Point"), "coordinates", _encode_coordinates(geometry))
        case "LineString" | "LinearRing":
            add_child(add_child(parent, "LineString"), "coordinates", _encode_coordinates(geometry))
        case "Polygon":
            polygon = add_child(parent, "Polygon")
            for place, ring in (
                ("outerBoundaryIs", geometry.exterior),
                *(("innerBoundaryIs", ring) for ring in geometry.interiors),
            ):
                boundary = add_child(add_child(polygon, place), "LinearRing")
                add_child(boundary, "coordinates", _encode_coordinates(ring))
        case _:
            collection = add_child(parent, "MultiGeometry")
            for part in geometry.geoms:
                if not part.is_empty:
                    _add_geometry(collection, part)


def _encode_coordinates(geometry: Any) -> str:
    """Write places as KML has them; an unknown height is left out."""
    places = shapely.get_coordinates(geometry, include_z=True).tolist()
    # 7 decimals are a centimetre. Heights have no exponent (1e-05), which readers stumble over.
    return " ".join(
        f"{lon:.7f},{lat:.7f}"
        + ("" if math.isnan(height) else f",{np.format_float_positional(height, trim='-')}")
        for lon, lat, height in places
    )
