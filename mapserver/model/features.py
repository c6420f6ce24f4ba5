"""GeoJSON features: the rows of a layer as RFC 7946 says them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import msgspec
import numpy as np
import pandas as pd
import shapely

from mapserver.geo.geodesy import Geometries

DECIMALS = 7
"""Decimals of a degree that are written: 1 cm, which is finer than any survey we hold."""


class Features:
    """The rows of one layer, ready to be written as GeoJSON.

    Parameters
    ----------
    frame
        A layer in EPSG:4326, indexed by id.
    heights
        Write heights where they are known; no consumer of the API asked for them.

    Notes
    -----
    Outer rings run counter-clockwise (RFC 7946, 3.1.6), coordinates have at most 7 decimals,
    what is missing is null. Values are text, numbers, true, false and ISO 8601 dates; nothing is
    escaped but what JSON itself requires.
    """

    def __init__(self, frame: gpd.GeoDataFrame, *, heights: bool = False) -> None:
        self._ids = [str(id_) for id_ in frame.index]
        self._position = {id_: i for i, id_ in enumerate(self._ids)}
        self._geometries = _geojson(frame.geometry.to_numpy(), heights=heights)
        self._properties = plain_records(frame)

    def __len__(self) -> int:
        return len(self._ids)

    def position(self, id_: str) -> int | None:
        """Find a feature by its id."""
        return self._position.get(id_)

    def id_of(self, position: int) -> str:
        """Return the id of a feature."""
        return self._ids[position]

    def feature(self, position: int, extra: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return one feature for :func:`encode`, with more properties if there are any."""
        return {
            "type": "Feature",
            "id": self._ids[position],
            "geometry": self._geometries[position],
            "properties": self._properties[position] | dict(extra or {}),
        }


def encode(document: object) -> bytes:
    """Write a GeoJSON or JSON document as UTF-8; NaN and infinity become null."""
    return msgspec.json.encode(document, enc_hook=_plain)


def plain_records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Turn rows into dictionaries of plain values, without the geometry; missing is None."""
    columns = [c for c in frame.columns if not _is_geometry(frame[c])]
    if not columns:
        return [{} for _ in range(len(frame))]
    # By columns and not by rows of a table of objects, which takes two to four times as long.
    values = {str(c): _list_plain_values(frame[c]) for c in columns}
    return [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]


def _list_plain_values(column: pd.Series) -> list[Any]:
    values = column.astype(object).to_numpy()
    is_missing = pd.isna(values).tolist()
    return [
        None if missing else value.item() if isinstance(value, np.generic) else value
        for value, missing in zip(values.tolist(), is_missing, strict=True)
    ]


def _is_geometry(column: pd.Series) -> bool:
    return isinstance(column.dtype, gpd.array.GeometryDtype)


def _geojson(geometries: Geometries, *, heights: bool = False) -> list[msgspec.Raw | None]:
    shapes = np.asarray(geometries, dtype=object)
    rounded = shapely.transform(
        shapes if heights else shapely.force_2d(shapes),
        lambda places: np.round(places, DECIMALS),
        include_z=heights,
    )
    oriented = shapely.orient_polygons(rounded, exterior_cw=False)
    texts = shapely.to_geojson(oriented)
    return [
        None if text is None or empty else msgspec.Raw(text.encode())
        for text, empty in zip(texts, shapely.is_empty(oriented), strict=True)
    ]


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    return str(value)


def drop_infinite(column: pd.Series[Any]) -> tuple[pd.Series[Any], int]:
    """Return a column without infinite numbers, which JSON has none for, and how many it had."""
    if not pd.api.types.is_float_dtype(column.dtype):
        return column, 0
    # Nullable columns (Float64) have a missing value of their own, which is not infinite either.
    is_infinite = np.isinf(column.to_numpy(float, na_value=np.nan))
    count = int(is_infinite.sum())
    return (column.mask(is_infinite), count) if count else (column, 0)
