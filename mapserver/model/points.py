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


def extract_xy(points: gpd.GeoDataFrame) -> tuple[geodesy.Floats, geodesy.Floats]:
    """Return the coordinates of a frame of points in its own CRS, east before north.

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
    is_point, x, y = map_chunks(_split_bounds, points.geometry.to_numpy())
    if not is_point.all():
        raise QueryError(
            N_("row {row} has no point"),
            parameter="points",
            mend=N_("Leave out empty rows, and take the centroids of lines and polygons"),
            row=points.index[int(np.argmin(is_point))],
        )
    return x, y


def convert_to_degrees(
    crs: CRS, x: geodesy.Floats, y: geodesy.Floats
) -> tuple[geodesy.Floats, geodesy.Floats]:
    """Convert coordinates of any CRS, east before north, to longitudes and latitudes."""
    if crs.equals(geodesy.LONLAT, ignore_axis_order=True):
        return x, y
    lon, lat = map_chunks(geodesy.build_transformer(crs, geodesy.LONLAT).transform, x, y)
    return lon, lat


def _split_bounds(geometries: geodesy.Geometries) -> tuple[npt.NDArray[Any], ...]:
    """Return whether each geometry lies at one place, and its x and y."""
    # Bounds cost as much as one coordinate. Their two corners are read as one complex number each,
    # so that one subtraction compares both sides: the difference is 0 at a point, and NaN for what
    # is missing, empty or infinite.
    bounds = shapely.bounds(geometries)
    corners = bounds.view(complex)
    with np.errstate(invalid="ignore"):
        return corners[:, 0] - corners[:, 1] == 0, bounds[:, 0], bounds[:, 1]


def read_places(lons: npt.ArrayLike, lats: npt.ArrayLike) -> tuple[geodesy.Floats, geodesy.Floats]:
    """Read degrees as arrays, and check that each pair is a place on earth.

    Raises
    ------
    QueryError
        One is not; the message has the first, with a guess at the mistake.
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
    bad = geodesy.find_no_places(lon, lat)
    if len(bad):
        geodesy.require_lonlat(float(lon[bad[0]]), float(lat[bad[0]]))
    return lon, lat


def attach_columns(
    points: gpd.GeoDataFrame, row: npt.NDArray[np.intp], answers: Mapping[str, Any]
) -> gpd.GeoDataFrame:
    """Return points with columns of answers; a point with several answers has several rows.

    Parameters
    ----------
    points
        The points; a copy is made.
    row
        For each answer the position of its point.
    answers
        Columns by name.
    """
    result = points.copy(deep=False) if len(row) == len(points) else points.iloc[row].copy()
    for name, column in answers.items():
        result[name] = column
    return result


def take_values(column: ExtensionArray, feature: npt.NDArray[Any]) -> ExtensionArray:
    """Return the values of a column at the positions of features; a missing one for -1."""
    has_feature = feature >= 0
    is_text = isinstance(column, pd.arrays.ArrowStringArray) and len(column) > 0
    if not is_text or len(feature) <= CHUNK or has_feature.all():
        return column.take(feature, allow_fill=True)
    # Arrow takes as long for rows without a feature as for the others. So only the others are
    # looked up, and the result is put together from buffers: Arrow's layout of a text column has
    # the bytes of all texts one after the other, an offset at which each row's text ends, and a
    # bit for each row that says whether it has a text. A row without one ends where it begins.
    missing = column.isna()
    if missing.any():
        has_feature &= ~missing[feature]
    row = np.flatnonzero(has_feature)
    _, ends, data = pa.array(column.take(feature[row]), type=pa.large_string()).buffers()
    end = np.zeros(len(feature) + 1, np.int64)
    end[row + 1] = np.diff(np.frombuffer(ends, np.int64)[: len(row) + 1])
    np.cumsum(end, out=end)
    valid = pa.py_buffer(np.packbits(has_feature, bitorder="little"))
    rows = pa.LargeStringArray.from_buffers(len(feature), pa.py_buffer(end), data, valid)
    return pd.array(rows, dtype=column.dtype)


def align_answers(
    points: int, point: npt.NDArray[np.intp], answer: pd.DataFrame
) -> tuple[npt.NDArray[np.intp], pd.DataFrame]:
    """Return the answers of each point, in the order of the points; an empty row for one without.

    Returns
    -------
    row : ndarray of int
        The point that each row belongs to, in order.
    answers : DataFrame
        The rows.
    """
    positions = np.arange(points)
    if np.array_equal(point, positions):  # one answer each: by far the most common case
        return positions, answer
    points_table = pd.DataFrame({"point": positions})
    rows = points_table.merge(answer.assign(point=point), on="point", how="left")
    return rows["point"].to_numpy(), rows[answer.columns]
