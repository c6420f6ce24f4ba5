"""Cities in memory, for tests that need no files."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from mapserver.city import City
from mapserver.model import ROLES, Catalog, CityData, Layer, LayerEntry, Role, Title, complete_entry


def frame_of(geometries, **columns) -> gpd.GeoDataFrame:
    """Make a layer of geometries in degrees, with ids 0, 1, 2 ..."""
    table = {"name": [f"이름 {n}" for n in range(len(geometries))], **columns}
    index = pd.Index([str(n) for n in range(len(geometries))], name="id", dtype="str")
    return gpd.GeoDataFrame(table, geometry=list(geometries), crs=4326, index=index)


def city_of(*, metric_crs: str | None = None, **frames: gpd.GeoDataFrame) -> City:
    """Make a city of layers; one named after a role has it."""
    layers = {}
    for id_, frame in frames.items():
        role = ROLES.get(id_, Role.LAYER)
        entry = complete_entry(LayerEntry(id_, role, file=f"{id_}.geojson"))
        layers[id_] = Layer(entry, frame, f"layers/{id_}.geojson")
    entries = tuple(layer.entry for layer in layers.values())
    catalog = Catalog(Title("시험"), ("ko", "en"), metric_crs=metric_crs, layers=entries)
    return City(CityData(Path(), catalog, MappingProxyType(layers), None, None, (), "0" * 16))


PLANE = CRS.from_epsg(5186)
ORIGIN = (186_000, 282_000)
"""Of small cities drawn in metres: a place in Gwangju, where the plane is true to 1 in 10,000."""


def in_plane(shapes, **columns) -> gpd.GeoDataFrame:
    """Features drawn in metres about a place in Gwangju, as a layer has them: in degrees."""
    moved = [shapely.transform(shape, lambda xy: np.add(xy, ORIGIN)) for shape in shapes]
    frame = gpd.GeoDataFrame(columns, geometry=moved, crs=PLANE).to_crs(4326)
    frame.index = pd.Index([str(i) for i in range(len(frame))], name="id", dtype="str")
    return frame


def line(*corners) -> shapely.LineString:
    return shapely.LineString(corners)
