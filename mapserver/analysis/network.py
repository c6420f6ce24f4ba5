"""A network of paths to walk on: from where one stands to the nearest trail, along it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from mapserver.geodesy import Floats

STEP_M = 10.0
"""Paths are divided into steps no longer than this; one enters them at the nearest end of one."""
JOINED_M = 0.5
"""Ends of paths no farther apart are one crossing; surveys and map extracts meet to centimetres."""


@dataclass(frozen=True)
class Network:
    """Crossings and the metres between them, in a plane.

    Attributes
    ----------
    crs
        Projected CRS in metres.
    nodes
        Shape (n, 2), where one can be.
    graph
        Sparse (n, n) matrix of metres, both ways.
    """

    crs: CRS
    nodes: Floats
    graph: Any

    @classmethod
    def of(cls, lines: gpd.GeoDataFrame, crs: CRS) -> Network:
        """Make a network of lines, which meet where they share a vertex.

        Parameters
        ----------
        lines
            Paths in any CRS: a line layer, or the ``lines`` of an OpenStreetMap extract.
        crs
            Projected CRS in metres.
        """
        from scipy import sparse  # noqa: PLC0415 -- heavy, and needed by those with a network only

        parts = shapely.get_parts(lines.to_crs(crs).geometry.to_numpy())
        parts = parts[shapely.length(parts) > 0]
        parts = shapely.segmentize(shapely.force_2d(parts), STEP_M)
        xy, part = shapely.get_coordinates(parts, return_index=True)
        node, nodes = _crossings(xy)
        joined = part[1:] == part[:-1]
        ends = np.sort(np.stack([node[:-1][joined], node[1:][joined]], axis=1))
        metres = np.hypot(*(xy[1:][joined] - xy[:-1][joined]).T)
        # Of several ways between two crossings the shortest is kept.
        pairs = pd.DataFrame({"a": ends[:, 0], "b": ends[:, 1], "m": metres})
        pairs = pairs[pairs["a"] != pairs["b"]].groupby(["a", "b"])["m"].min().reset_index()
        size = len(nodes), len(nodes)
        graph = sparse.coo_matrix((pairs["m"], (pairs["a"], pairs["b"])), size)
        return cls(crs, nodes, (graph + graph.T).tocsr())

    def enter(self, points: Floats) -> tuple[np.ndarray, Floats]:
        """Find the nearest node of each point, shape (m, 2), and the metres to it."""
        tree = shapely.STRtree(shapely.points(self.nodes))
        at, metres = tree.query_nearest(
            shapely.points(points), return_distance=True, all_matches=False
        )
        return at[1], metres

    def distance_to(self, trails: gpd.GeoDataFrame, limit_m: float = np.inf) -> Floats:
        """Measure from every node to the nearest trail along the paths (Dijkstra 1959).

        Parameters
        ----------
        trails
            Lines in any CRS. One enters a trail anywhere.
        limit_m
            What is farther is infinitely far.

        Returns
        -------
        ndarray of float, shape (n,)
            Metres along the network, and from it to the trail.
        """
        from scipy.sparse import (  # noqa: PLC0415 -- as above
            csgraph,
            csr_matrix,
            hstack,
            vstack,
        )

        lines = trails.to_crs(self.crs).geometry.to_numpy()
        tread = shapely.get_coordinates(shapely.segmentize(shapely.force_2d(lines), STEP_M))
        node, metres = self.enter(tread)
        first = pd.Series(metres).groupby(node).min()
        # The trails are one place more, as far from each node as its nearest vertex of a trail.
        column = csr_matrix(
            (
                np.maximum(first.to_numpy(), 1e-6),
                (first.index.to_numpy(), np.zeros(len(first), int)),
            ),
            (len(self.nodes), 1),
        )
        whole = vstack(
            [hstack([self.graph, column]), hstack([column.T, csr_matrix((1, 1))])], format="csr"
        )
        far: Floats = csgraph.dijkstra(whole, indices=len(self.nodes), limit=limit_m)[:-1]
        return far

    def walks(self, points: gpd.GeoSeries, trails: gpd.GeoDataFrame) -> pd.DataFrame:
        """Measure the walk from points to the nearest trail, along the network and straight.

        Returns
        -------
        DataFrame
            Indexed as the points: ``distance_m`` along the network, ways to and from it included
            (infinite where it does not lead there), ``straight_m``, and ``detour``, the one over
            the other.
        """
        xy = shapely.get_coordinates(points.to_crs(self.crs).to_numpy())
        node, metres = self.enter(xy)
        straight = shapely.distance(
            shapely.points(xy), shapely.union_all(trails.to_crs(self.crs).geometry.to_numpy())
        )
        along = np.maximum(self.distance_to(trails)[node] + metres, straight)
        with np.errstate(divide="ignore", invalid="ignore"):
            detour = np.where(straight > 0, along / straight, 1.0)
        return pd.DataFrame(
            {"distance_m": along, "straight_m": straight, "detour": detour}, index=points.index
        )


def _crossings(xy: Floats) -> tuple[np.ndarray, Floats]:
    """Make one place of all vertices that are joined; give the place of each, and the places."""
    from scipy.sparse import coo_matrix, csgraph  # noqa: PLC0415 -- as above

    points = shapely.points(xy)
    a, b = shapely.STRtree(points).query(points, "dwithin", distance=JOINED_M)
    near = coo_matrix((np.ones(len(a), bool), (a, b)), (len(xy), len(xy)))
    count, node = csgraph.connected_components(near, directed=False)
    nodes = np.empty((count, 2))
    nodes[node] = xy
    return node, nodes
