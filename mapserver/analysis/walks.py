"""Trails and districts together: what lies within a few minutes' walk of a trail's ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from mapserver import arguments, geodesy
from mapserver.analysis.frames import (
    choose_plane,
    convert_indexed_layer,
    project_shapes,
    require_network,
)
from mapserver.index import Nearest, NearestIndex

if TYPE_CHECKING:
    from mapserver.analysis.network import Network  # needs scipy, which the server does not load

STEPS_MIN = (5, 10)
"""A short walk and a longer one, in minutes."""


def ends(trails: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the ends of each trail: of every segment the first and the last point.

    Parameters
    ----------
    trails
        Lines in any CRS, indexed by id.

    Returns
    -------
    GeoDataFrame
        Points in the CRS of the trails, with the column ``trail``; none for a trail without a line.
    """
    arguments.require_frame(trails, "trails")
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
    crs: CRS | str | None = None,
    minutes: float = STEPS_MIN[-1],
    *,
    network: Network | None = None,
) -> pd.DataFrame:
    """Pair trails with the districts that are a short walk from one of their ends.

    Parameters
    ----------
    trails, districts
        Lines and polygons in any CRS, indexed by id.
    crs
        Projected CRS in metres in which to search, as ``city.metric_crs``; by default one true to
        scale here. With a network its own.
    minutes
        How long a walk, at 4 km/h.
    network
        Paths to walk on; a straight line without.

    Returns
    -------
    DataFrame
        Columns ``trail``, ``district``, ``distance_m`` (geodesic, from the nearest end to the
        district; 0 inside it), ``bearing_deg`` (straight from there to the district, NaN inside)
        and ``walk_min``; one row a pair, nearest first.

        With a network ``distance_m`` is straight to the nearest path, along paths, and up to the
        border of the district (or straight to it from the path nearest to it); ``straight_m`` is
        from the same end; pairs that no path joins are left out. Of a way within one step of 10 m
        the length may be up to 10 m too much, never too little.

    Raises
    ------
    CrsError
        A layer has no CRS, or ``crs`` is none in metres.
    """
    trails = convert_indexed_layer(trails, "trails")
    districts = convert_indexed_layer(districts, "districts")
    minutes = arguments.read_number(minutes, "minutes", zero=True)
    starts = ends(trails)
    columns = ["trail", "district", "distance_m", "bearing_deg", "walk_min"]
    require_network(network)
    if network is not None:
        columns.append("straight_m")
    if starts.empty or districts.empty:
        none = pd.DataFrame({column: pd.Series(dtype=float) for column in columns})
        return none.assign(trail=trails.index[:0], district=districts.index[:0])
    crs = network.crs if network is not None else choose_plane(crs, trails, districts)
    points = starts.geometry.to_numpy()
    limit_m = minutes * geodesy.WALKING_M_PER_MIN
    found = NearestIndex(districts.geometry.to_numpy(), crs).query(
        shapely.get_x(points), shapely.get_y(points), k=len(districts), max_distance_m=limit_m
    )
    pairs = pd.DataFrame(
        {
            "trail": starts["trail"].to_numpy()[found.point],
            "district": districts.index.to_numpy()[found.feature],
            "distance_m": found.distance_m,
            "bearing_deg": found.bearing_deg,
        }
    )
    if network is not None:
        pairs["straight_m"] = pairs["distance_m"]
        pairs["distance_m"] = _along(network, starts, districts, found, limit_m)
        pairs = pairs[pairs["distance_m"] <= limit_m]
    pairs["walk_min"] = pairs["distance_m"] / geodesy.WALKING_M_PER_MIN
    nearest = pairs.sort_values(["distance_m", "trail", "district"], kind="stable")
    return nearest.drop_duplicates(["trail", "district"], ignore_index=True)[columns]


def _along(
    network: Network,
    starts: gpd.GeoDataFrame,
    districts: gpd.GeoDataFrame,
    found: Nearest,
    limit_m: float,
) -> np.ndarray:
    """Measure the walk along a network from each end to each district found near it."""
    crs = network.crs
    points, shapes = project_shapes(starts, crs), project_shapes(districts, crs)
    door, node, off = _doors(network, shapes)
    entry = network.enter(points)
    along = np.full(len(found.point), np.inf)
    for start in np.unique(found.point):
        rows = np.flatnonzero(found.point == start)
        far = np.full(len(shapes), np.inf)
        node_m = network.distance_from(points[start : start + 1], limit_m)
        np.minimum.at(far, door, node_m[node] + off)
        along[rows] = far[found.feature[rows]]
    # Who stands nearer to the district than to any path walks straight to it.
    straight = found.distance_m
    near = straight <= entry.off_m[found.point]
    walked: np.ndarray = np.where(near, straight, np.maximum(along, straight))
    return walked


def _doors(network: Network, shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """List where one leaves a network for a district: at its border, in it, or at the nearest path.

    Returns
    -------
    district, node, metres
        Shape (d,): from a node it is so far to the district.
    """
    there = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    inner, node = shapely.STRtree(shapely.points(network.nodes)).query(
        shapes, predicate="intersects"
    )
    nearest = network.enter(shapes[there])
    district, gate = network.crossings(shapely.boundary(shapes))
    return (
        np.concatenate([inner, np.repeat(there, 2), np.repeat(district, 2)]),
        np.concatenate([node, nearest.node.ravel(), gate.node.ravel()]),
        np.concatenate(
            [
                np.zeros(len(inner)),
                (nearest.metres + nearest.off_m[:, None]).ravel(),
                gate.metres.ravel(),
            ]
        ),
    )
