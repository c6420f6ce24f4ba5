"""Trails and districts together: what lies within a few minutes' walk of a trail's ends."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from mapserver import geodesy
from mapserver.index import NearestIndex

STEPS_MIN = (5, 10)
"""A short walk and a longer one, in minutes."""


def ends(trails: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the ends of each trail: of every segment the first and the last point.

    Returns
    -------
    GeoDataFrame
        Points with the column ``trail``.
    """
    parts = trails.geometry.explode(index_parts=False)
    parts = parts[~(parts.is_empty | parts.isna())]
    lines = parts.to_numpy()
    points = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    return gpd.GeoDataFrame(
        {"trail": np.tile(parts.index.to_numpy(), 2)}, geometry=points, crs=trails.crs
    )


def walks(
    trails: gpd.GeoDataFrame,
    districts: gpd.GeoDataFrame,
    crs: CRS,
    minutes: float = STEPS_MIN[-1],
) -> pd.DataFrame:
    """Pair trails with the districts that are a short walk from one of their ends.

    Parameters
    ----------
    trails, districts
        In EPSG:4326, indexed by id.
    crs
        Projected CRS in metres in which to search.
    minutes
        How long a walk, at 4 km/h in a straight line.

    Returns
    -------
    DataFrame
        Columns ``trail``, ``district``, ``distance_m`` (geodesic, from the nearest end to the
        district; 0 inside it), ``bearing_deg`` (from there to the district, NaN inside) and
        ``walk_min``; one row a pair, nearest first.
    """
    starts = ends(trails)
    columns = ["trail", "district", "distance_m", "bearing_deg", "walk_min"]
    if starts.empty or districts.empty:
        return pd.DataFrame({column: [] for column in columns})
    points = starts.geometry.to_numpy()
    found = NearestIndex(districts.geometry.to_numpy(), crs).query(
        shapely.get_x(points),
        shapely.get_y(points),
        k=len(districts),
        max_distance_m=minutes * geodesy.WALKING_M_PER_MIN,
    )
    pairs = pd.DataFrame(
        {
            "trail": starts["trail"].to_numpy()[found.point],
            "district": districts.index.to_numpy()[found.feature],
            "distance_m": found.distance_m,
            "bearing_deg": found.bearing_deg,
            "walk_min": found.distance_m / geodesy.WALKING_M_PER_MIN,
        }
    )
    nearest = pairs.sort_values(["distance_m", "trail", "district"], kind="stable")
    return nearest.drop_duplicates(["trail", "district"], ignore_index=True)
