"""Between lon/lat and the metres in which the sample city is drawn."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import shapely

METRIC_CRS = "EPSG:5186"
LONLAT = "EPSG:4326"
GEOD = pyproj.Geod(ellps="WGS84")

Floats = npt.NDArray[np.float64]

_THERE = pyproj.Transformer.from_crs(LONLAT, METRIC_CRS, always_xy=True)


def to_metres(lonlat: npt.ArrayLike) -> Floats:
    """Turn lon/lat, shape (n, 2), into metres of EPSG:5186."""
    return np.column_stack(_THERE.transform(*np.asarray(lonlat, dtype=np.float64).T))


def to_lonlat(metres: npt.ArrayLike) -> Floats:
    """Turn metres of EPSG:5186, shape (n, 2), into lon/lat."""
    at = np.asarray(metres, dtype=np.float64).T
    return np.column_stack(_THERE.transform(*at, direction="INVERSE"))


def length_m(line: Floats) -> float:
    """Measure a line of metres, shape (n, 2 or more), on the ellipsoid."""
    return float(GEOD.line_length(*to_lonlat(line[:, :2]).T))


def lonlat_frame(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Turn a frame in metres into lon/lat with seven decimals, about a centimetre."""
    there = frame.to_crs(LONLAT)
    rounded = shapely.transform(there.geometry.to_numpy(), lambda xy: np.round(xy, 7))
    return there.set_geometry(gpd.GeoSeries(rounded, index=there.index, crs=LONLAT))
