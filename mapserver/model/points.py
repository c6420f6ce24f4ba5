"""Points that people ask about: frames and arrays into checked degrees, and answers beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import shapely
from pandas.api.extensions import ExtensionArray
from pyproj import CRS

from mapserver.errors import N_, CrsError, QueryError
from mapserver.geo import geodesy
from mapserver.geo.threads import CHUNK, map_chunks
from mapserver.model import arguments


def xy_of(points: gpd.GeoDataFrame) -> tuple[geodesy.Floats, geodesy.Floats]:
    """Take the coordinates of a frame of points in its own CRS, east before north.

    Raises
    ------
    CrsError
        The frame has no CRS.
    QueryError
        It is no frame; or a row is no point, nor anything else that lies at one place.
    """
    arguments.require_frame(points, "points")
    if points.crs is None:
        raise CrsError(
            N_("the points have no CRS"),
            where="points",
            mend=N_('Say which it is, for example points.set_crs("EPSG:5186")'),
        )
    is_point, x, y = map_chunks(_taken_apart, points.geometry.to_numpy())
    if not is_point.all():
        raise QueryError(
            N_("row {row} has no point"),
            parameter="points",
            mend=N_("Leave out empty rows, and take the centroids of lines and polygons"),
            row=points.index[int(np.argmin(is_point))],
        )
    return x, y


def degrees_of(
    crs: CRS, x: geodesy.Floats, y: geodesy.Floats
) -> tuple[geodesy.Floats, geodesy.Floats]:
    """Take coordinates of any CRS, east before north, to longitudes and latitudes."""
    if crs.equals(geodesy.LONLAT, ignore_axis_order=True):
        return x, y
    lon, lat = map_chunks(geodesy.transformer(crs, geodesy.LONLAT).transform, x, y)
    return lon, lat


def _taken_apart(geometries: geodesy.Geometries) -> tuple[npt.NDArray[Any], ...]:
    # Bounds cost as much as one coordinate. Their two corners are one complex number each, whose
    # difference is 0 at a point; of what is missing, empty or infinite it is no number.
    bounds = shapely.bounds(geometries)
    corners = bounds.view(complex)
    with np.errstate(invalid="ignore"):
        return corners[:, 0] - corners[:, 1] == 0, bounds[:, 0], bounds[:, 1]


def places(lons: npt.ArrayLike, lats: npt.ArrayLike) -> tuple[geodesy.Floats, geodesy.Floats]:
    """Take degrees as arrays, each a place on earth.

    Raises
    ------
    QueryError
        The first that is not, with a guess at the mistake.
    """
    lon, lat = arguments.read_degrees(lons, "lon"), arguments.read_degrees(lats, "lat")
    if len(lon) != len(lat):
        raise QueryError(
            N_("there are {lons} longitudes and {lats} latitudes"),
            parameter="lon, lat",
            mend=N_("Give as many of the one as of the other"),
            lons=len(lon),
            lats=len(lat),
        )
    if len(lon):
        # The least and the greatest tell whether there is a bad one to look for.
        west, south, east, north = lon.min(), lat.min(), lon.max(), lat.max()
        if not (west >= -180 and south >= -90 and east <= 180 and north <= 90):
            with np.errstate(invalid="ignore"):
                good = (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
            first = int(np.argmin(good))
            geodesy.require_lonlat(float(lon[first]), float(lat[first]))
    return lon, lat


def attach(
    points: gpd.GeoDataFrame, row: npt.NDArray[np.intp], answers: Mapping[str, Any]
) -> gpd.GeoDataFrame:
    """Put columns of answers beside the points they belong to, which have one or more each."""
    result = points.copy(deep=False) if len(row) == len(points) else points.iloc[row].copy()
    for name, column in answers.items():
        result[name] = column
    return result


def taken(column: ExtensionArray, feature: npt.NDArray[Any]) -> ExtensionArray:
    """Take what a column says of features by their positions; of -1 nothing."""
    there = feature >= 0
    text = isinstance(column, pd.arrays.ArrowStringArray) and len(column) > 0
    if not text or len(feature) <= CHUNK or there.all():
        return column.take(feature, allow_fill=True)
    # Arrow takes as long for rows that are nowhere as for the others. So only the others' texts are
    # taken, and put into their rows: a row's text ends where its offset says.
    missing = column.isna()
    if missing.any():
        there &= ~missing[feature]
    row = np.flatnonzero(there)
    _, ends, data = pa.array(column.take(feature[row]), type=pa.large_string()).buffers()
    end = np.zeros(len(feature) + 1, np.int64)
    end[row + 1] = np.diff(np.frombuffer(ends, np.int64)[: len(row) + 1])
    np.cumsum(end, out=end)
    valid = pa.py_buffer(np.packbits(there, bitorder="little"))
    rows = pa.LargeStringArray.from_buffers(len(feature), pa.py_buffer(end), data, valid)
    return pd.array(rows, dtype=column.dtype)


def for_each(
    points: int, point: npt.NDArray[np.intp], answer: pd.DataFrame
) -> tuple[npt.NDArray[np.intp], pd.DataFrame]:
    """Give every point its answers, an empty row where there is none.

    Returns
    -------
    row : ndarray of int
        The point that each row belongs to, in order.
    answers : DataFrame
        The rows.
    """
    every = np.arange(points)
    if np.array_equal(point, every):  # the plain case, and by far the most common
        return every, answer
    asked = pd.DataFrame({"point": every})
    rows = asked.merge(answer.assign(point=point), on="point", how="left")
    return rows["point"].to_numpy(), rows[answer.columns]
