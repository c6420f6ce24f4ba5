"""What a city holds, one line a layer: counts, length, area, CRS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from mapserver.geo import geodesy
from mapserver.model import Role, Title

if TYPE_CHECKING:
    from mapserver.model import Snapshot


@dataclass(frozen=True, slots=True)
class LayerSummary:
    """One layer of a city in numbers.

    Attributes
    ----------
    layer
        Its id.
    title, role
        As in the catalogue.
    file
        The file or folder it came from, relative to the city folder.
    features
        How many rows it has, those without geometry included.
    geometry
        Kinds of geometry, the most frequent first (``MultiPolygon, Polygon``); empty for none.
    crs
        CRS of the file; the frame itself is always in EPSG:4326.
    length_m, area_m2
        Total on the WGS 84 ellipsoid; None for layers without lines, or without polygons.
    sample
        The data is invented.
    """

    layer: str
    title: Title
    role: Role
    file: str
    features: int
    geometry: str
    crs: str
    length_m: float | None
    area_m2: float | None
    sample: bool


def summarise(city: Snapshot) -> list[LayerSummary]:
    """Count and measure every layer of a city, in the order of the catalogue."""
    return [_measure_layer(city, layer, frame) for layer, frame in city.layers.items()]


def _measure_layer(city: Snapshot, layer: str, frame: gpd.GeoDataFrame) -> LayerSummary:
    entry = city.entry(layer)
    geometries = frame.geometry.to_numpy()
    dimension = shapely.get_dimensions(geometries)
    lines, polygons = geometries[dimension == 1], geometries[dimension == 2]
    return LayerSummary(
        layer=layer,
        title=entry.title,
        role=entry.role,
        file=city.file(layer),
        features=len(frame),
        geometry=_name_kinds(geometries),
        crs=frame.attrs.get("file_crs", entry.crs or "EPSG:4326"),
        length_m=float(geodesy.length_m(lines).sum()) if len(lines) else None,
        area_m2=float(geodesy.area_m2(polygons).sum()) if len(polygons) else None,
        sample=entry.sample,
    )


def _name_kinds(geometries: geodesy.Geometries) -> str:
    present = geometries[~shapely.is_missing(geometries)]
    names, counts = np.unique(shapely.get_type_id(present), return_counts=True)
    order = np.lexsort((names, -counts))
    kinds = [shapely.GeometryType(names[position]).name for position in order]
    return ", ".join(KIND_NAMES.get(kind, kind) for kind in kinds)


KIND_NAMES = {
    "POINT": "Point",
    "LINESTRING": "LineString",
    "LINEARRING": "LinearRing",
    "POLYGON": "Polygon",
    "MULTIPOINT": "MultiPoint",
    "MULTILINESTRING": "MultiLineString",
    "MULTIPOLYGON": "MultiPolygon",
    "GEOMETRYCOLLECTION": "GeometryCollection",
}
