"""Heights of vertices: an unknown one is NaN and stays unknown on the way out and back in."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

Floats = npt.NDArray[np.float64]
Geometries = npt.NDArray[np.object_]

COLUMN = "heights_m"
"""Column for the heights of lines that know only some: a list, null where one is unknown."""


def drop_unknown(geometries: Geometries) -> Geometries:
    """Return geometries without the third dimension where not one height is known."""
    array = np.asarray(geometries, dtype=object)
    has_heights = count_known(array) > 0
    return np.asarray(np.where(has_heights, array, shapely.force_2d(array)), dtype=object)


def count_known(geometries: Geometries) -> npt.NDArray[np.int64]:
    """Return how many vertices of each geometry have a height, shape (n,)."""
    xyz, owner = shapely.get_coordinates(geometries, include_z=True, return_index=True)
    # A vertex without a third dimension has the height NaN, too.
    is_known = np.isfinite(xyz[:, 2])
    return np.bincount(owner[is_known], minlength=len(geometries)).astype(np.int64)


def is_partly_known(geometries: Geometries) -> npt.NDArray[np.bool_]:
    """Return which geometries know the heights of some vertices and not of others, shape (n,)."""
    counts = count_known(geometries)
    is_partly: npt.NDArray[np.bool_] = (counts > 0) & (
        counts < shapely.get_num_coordinates(geometries)
    )
    return is_partly


def move_to_column(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Move heights that are known in part into a column, for formats that would read them as 0.

    Parameters
    ----------
    frame
        Any geometries, perhaps with heights; NaN is an unknown one.

    Returns
    -------
    GeoDataFrame
        Where a geometry knows only some heights it has two dimensions, and ``heights_m`` has a
        JSON list with a number or null for each vertex in its order. Where it knows none it has
        two dimensions, too.
    """
    geometries = frame.geometry.to_numpy()
    partly = is_partly_known(geometries)
    plain = np.where(partly, shapely.force_2d(geometries), drop_unknown(geometries))
    moved = frame.set_geometry(gpd.GeoSeries(plain, frame.index, crs=frame.crs))
    # A column of this name that the file brought along is not overwritten.
    if not partly.any() or COLUMN in frame:
        return moved
    texts = [
        json.dumps(_encode_heights(geometry)) if is_partly else None
        for geometry, is_partly in zip(geometries, partly, strict=True)
    ]
    return moved.assign(**{COLUMN: pd.Series(texts, frame.index, dtype="str")})


def restore_from_column(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return geometries with the heights of the column: the reverse of :func:`move_to_column`.

    If any list is not one of numbers and nulls, or not as long as its geometry, the frame comes
    back as it is.
    """
    if COLUMN not in frame:
        return frame
    heights = [_decode_heights(value) for value in frame[COLUMN]]
    geometries = frame.geometry.to_numpy()
    counts = shapely.get_num_coordinates(geometries)
    # All or none: a list that does not fit says that the column means something else.
    fitting = [
        len(list_) == count if list_ is not None else pd.isna(value)
        for list_, count, value in zip(heights, counts, frame[COLUMN].astype("str"), strict=True)
    ]
    if not all(fitting):
        return frame
    restored = [
        geometry if list_ is None else set_heights(geometry, list_)
        for geometry, list_ in zip(geometries, heights, strict=True)
    ]
    series = gpd.GeoSeries(restored, frame.index, crs=frame.crs)
    return frame.drop(columns=COLUMN).set_geometry(series)


def project_shapes(shapes: gpd.GeoSeries, crs: Any) -> gpd.GeoSeries:
    """Return geometries in another CRS, with their heights; unknown ones stay unknown.

    PROJ calls a place unknown whose height is: ``GeoSeries.to_crs`` alone would lose it.
    """
    projected = shapes.to_crs(crs)
    geometries = shapes.to_numpy()
    counts = count_known(geometries)
    is_unknown = shapely.has_z(geometries) & (counts < shapely.get_num_coordinates(geometries))
    if not is_unknown.any():
        return projected
    partly = geometries[is_unknown]
    flat = gpd.GeoSeries(shapely.force_2d(partly), crs=shapes.crs).to_crs(crs)
    # Both have the vertices in the same order.
    heights_m = (shapely.get_coordinates(geometry, include_z=True)[:, 2] for geometry in partly)
    result = projected.to_numpy().copy()
    result[is_unknown] = [set_heights(*pair) for pair in zip(flat, heights_m, strict=True)]
    return gpd.GeoSeries(result, shapes.index, crs=projected.crs)


def project_frame(frame: gpd.GeoDataFrame, crs: Any) -> gpd.GeoDataFrame:
    """Return a layer in another CRS, as :func:`project_shapes`."""
    return frame.set_geometry(project_shapes(frame.geometry, crs))


def fill_dimension(geometries: Geometries) -> Geometries:
    """Return all geometries with three dimensions if any has them; unknown heights are NaN."""
    if not shapely.has_z(geometries).any():
        return geometries
    lacking = ~shapely.has_z(geometries) & ~shapely.is_missing(geometries)
    filled = geometries.copy()
    for i in np.flatnonzero(lacking).tolist():
        count = shapely.get_num_coordinates(filled[i])
        filled[i] = set_heights(filled[i], np.full(count, np.nan))
    return filled


def set_heights(
    geometry: shapely.Geometry, heights_m: Sequence[float] | Floats
) -> shapely.Geometry:
    """Return a geometry with a height for each vertex, in its order; NaN where unknown."""
    column = np.asarray(heights_m, dtype=np.float64)

    def replace_heights(xyz: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.column_stack([xyz[:, :2], column])

    return shapely.transform(shapely.force_3d(geometry), replace_heights, include_z=True)


def _encode_heights(geometry: shapely.Geometry) -> list[float | None]:
    heights = shapely.get_coordinates(geometry, include_z=True)[:, 2].tolist()
    return [height if math.isfinite(height) else None for height in heights]


def _decode_heights(value: object) -> list[float] | None:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return None
    if not isinstance(value, list):
        return None
    if not all(item is None or isinstance(item, (int, float)) for item in value):
        return None
    return [math.nan if item is None else float(item) for item in value]
