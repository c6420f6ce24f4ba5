"""The districts within a few minutes' walk of the ends of a trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from mapserver.analysis.frames import (
    choose_plane,
    convert_indexed_layer,
    project_shapes,
    require_network,
)
from mapserver.geo import geodesy
from mapserver.index import Nearest, NearestIndex
from mapserver.model import arguments

if TYPE_CHECKING:
    from mapserver.analysis.network import Network

STEPS_MIN = (5, 10)
"""A short walk and a longer one, in minutes."""


def ends(trails: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the ends of each trail: the first and the last point of every segment.

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
        from the same end; pairs that no path joins are left out. The length of a way within one
        step of 10 m may be up to 10 m too much, never too little.

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
        no_pairs = pd.DataFrame({column: pd.Series(dtype=float) for column in columns})
        return no_pairs.assign(trail=trails.index[:0], district=districts.index[:0])
    crs = network.crs if network is not None else choose_plane(crs, trails, districts)
    points = starts.geometry.to_numpy()
    # A walk is never shorter than the straight way, so the straight search within the limit finds
    # every district that can be within the limit along a network.
    limit_m = minutes * geodesy.WALKING_M_PER_MIN
    nearest = NearestIndex.of(districts.geometry.to_numpy(), crs).query(
        shapely.get_x(points), shapely.get_y(points), k=len(districts), max_distance_m=limit_m
    )
    pairs = pd.DataFrame(
        {
            "trail": starts["trail"].to_numpy()[nearest.point],
            "district": districts.index.to_numpy()[nearest.feature],
            "distance_m": nearest.distance_m,
            "bearing_deg": nearest.bearing_deg,
        }
    )
    if network is not None:
        pairs["straight_m"] = pairs["distance_m"]
        pairs["distance_m"] = _measure_walks(network, starts, districts, nearest, limit_m)
        pairs = pairs[pairs["distance_m"] <= limit_m]
    pairs["walk_min"] = pairs["distance_m"] / geodesy.WALKING_M_PER_MIN
    # Each end of a trail gave a pair; the nearest end of each pair of trail and district counts.
    sorted_pairs = pairs.sort_values(["distance_m", "trail", "district"], kind="stable")
    return sorted_pairs.drop_duplicates(["trail", "district"], ignore_index=True)[columns]


def _measure_walks(
    network: Network,
    starts: gpd.GeoDataFrame,
    districts: gpd.GeoDataFrame,
    nearest: Nearest,
    limit_m: float,
) -> np.ndarray:
    """Measure the walk along a network for each pair of an end and a district near it."""
    crs = network.crs
    points, shapes = project_shapes(starts, crs), project_shapes(districts, crs)
    exit_district, exit_node, exit_m = _list_exits(network, shapes)
    entry = network.enter(points)
    walks_m = np.full(len(nearest.point), np.inf)
    # One search (Dijkstra 1959) from each end; the walk to a district is the shortest over all
    # nodes at which one leaves the network for it.
    for start in np.unique(nearest.point):
        rows = np.flatnonzero(nearest.point == start)
        districts_m = np.full(len(shapes), np.inf)
        node_m = network.distance_from(points[start : start + 1], limit_m)
        np.minimum.at(districts_m, exit_district, node_m[exit_node] + exit_m)
        walks_m[rows] = districts_m[nearest.feature[rows]]
    # From an end that is nearer to the district than to any path, one walks straight to it.
    straight_m = nearest.distance_m
    is_nearer = straight_m <= entry.off_m[nearest.point]
    walked: np.ndarray = np.where(is_nearer, straight_m, np.maximum(walks_m, straight_m))
    return walked


def _list_exits(network: Network, shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """List the nodes at which one leaves a network for a district.

    These are the nodes inside it, and both ends of each step that crosses its border, and of the
    step on the path nearest to it.

    Returns
    -------
    district, node, metres
        Shape (d,): positions of district and node, and the metres from the node to the district.
    """
    placed = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    inner, node = shapely.STRtree(shapely.points(network.nodes)).query(
        shapes, predicate="intersects"
    )
    nearest = network.enter(shapes[placed])
    district, crossing = network.crossings(shapely.boundary(shapes))
    return (
        np.concatenate([inner, np.repeat(placed, 2), np.repeat(district, 2)]),
        np.concatenate([node, nearest.node.ravel(), crossing.node.ravel()]),
        np.concatenate(
            [
                np.zeros(len(inner)),
                (nearest.metres + nearest.off_m[:, None]).ravel(),
                crossing.metres.ravel(),
            ]
        ),
    )
