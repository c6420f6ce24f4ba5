"""A network of paths to walk on, and the walk along it from a place to the nearest trail."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from scipy import sparse
from scipy.sparse import csgraph

from mapserver.analysis.frames import choose_plane, convert_layer, make_points, project_shapes
from mapserver.errors import N_, QueryError
from mapserver.geo import geodesy
from mapserver.geo.geodesy import Floats, Geometries
from mapserver.model import arguments, convert_to_degrees, extract_xy

STEP_M = 10.0
"""Paths are divided into steps no longer than this."""
TREAD_M = 2.0
"""A trail is entered at places no farther apart than this, each from the path nearest to it."""
JOINED_M = 0.5
"""A path that ends no farther than this from another meets it; surveys are exact to centimetres."""


@dataclass(frozen=True)
class NetworkEntry:
    """Where points enter a network: at the nearest place of a path, between two nodes.

    Attributes
    ----------
    node
        Shape (m, 2), the nodes at both ends of the step.
    metres
        Shape (m, 2), along the step to each of them.
    off_m
        Shape (m,), straight to the path.
    """

    node: np.ndarray
    metres: Floats
    off_m: Floats


@dataclass(frozen=True)
class Network:
    """Places on paths and the metres between them, in a plane.

    Attributes
    ----------
    crs
        Projected CRS in metres.
    nodes
        Shape (n, 2): ends, bends and crossings of paths, and places on them every 10 m.
    steps
        Shape (s, 2), the nodes at the ends of each step.
    step_m
        Shape (s,), its length in the plane.

    Notes
    -----
    Every path is walked in both directions. A computed way is never shorter than the shortest one.
    It is longer, by 10 m at most, only where it enters and leaves a path within the same step of
    10 m, because it then leads over an end of that step.
    """

    crs: CRS
    nodes: Floats = field(default_factory=lambda: np.empty((0, 0)))
    steps: np.ndarray = field(default_factory=lambda: np.empty((0, 2), int))
    step_m: Floats = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        """Raise an error if this was made of something else, such as a layer of paths."""
        if not isinstance(self.crs, CRS) or np.ndim(self.nodes) != 2 or not np.size(self.nodes):
            raise QueryError(
                N_("a network is not made of {kind} in this way"),
                parameter="Network",
                mend=N_("Make one of a layer of paths: Network.of(paths)"),
                kind=type(self.crs).__name__,
            )

    @classmethod
    def of(cls, lines: gpd.GeoDataFrame, crs: CRS | str | None = None) -> Network:
        """Build a network of lines.

        They meet where they share a vertex, and where one ends on another or within 0.5 m of it.
        Lines that only cross do not meet: one is a bridge.

        Parameters
        ----------
        lines
            Paths in any CRS: a line layer, or an OpenStreetMap extract read from ``layers/``.
        crs
            Projected CRS in metres, as ``city.metric_crs``; by default one true to scale here.

        Raises
        ------
        CrsError
            The lines have no CRS.
        QueryError
            There is no line among them.
        """
        lines = convert_layer(lines, "lines")
        crs = choose_plane(crs, lines)
        parts = shapely.get_parts(project_shapes(lines, crs))
        parts = parts[(shapely.get_dimensions(parts) == 1) & (shapely.length(parts) > 0)]
        if not len(parts):
            raise QueryError(
                N_("there is no path in the network"),
                parameter="lines",
                mend=N_("Give a layer of lines on which one can walk"),
            )
        # A vertex is a node. Vertices of the same coordinates are the same node: as complex
        # numbers, both coordinates are compared at once.
        xy, part = _insert_meetings(shapely.segmentize(parts, STEP_M))
        places, node = np.unique(xy[:, 0] + 1j * xy[:, 1], return_inverse=True)
        # Two vertices in a row are a step, except the last of one line and the first of the next.
        is_step = part[1:] == part[:-1]
        ends = np.sort(np.stack([node[:-1][is_step], node[1:][is_step]], axis=1))
        # Each pair of nodes once, and no step from a node to itself.
        ends = np.unique(ends[ends[:, 0] != ends[:, 1]], axis=0)
        nodes = np.stack([places.real, places.imag], axis=1)
        return cls(crs, nodes, ends, np.hypot(*(nodes[ends[:, 0]] - nodes[ends[:, 1]]).T))

    @cached_property
    def graph(self) -> Any:
        """Sparse (n, n) matrix of metres from node to node, in both directions."""
        size = len(self.nodes), len(self.nodes)
        one_way = sparse.coo_matrix((self.step_m, tuple(self.steps.T)), size)
        return (one_way + one_way.T).tocsr()

    @cached_property
    def _step_lines(self) -> Geometries:
        """The steps as lines, shape (s,)."""
        return np.asarray(shapely.linestrings(self.nodes[self.steps]))

    @cached_property
    def _step_tree(self) -> shapely.STRtree:
        """Index of the steps."""
        return shapely.STRtree(self._step_lines)

    def islands(self) -> gpd.GeoDataFrame:
        """List the parts of the network between which no path leads, the longest first.

        Returns
        -------
        GeoDataFrame
            EPSG:4326: ``length_m`` (geodesic), ``share`` of the whole, and the paths. More than one
            row means that some ways do not exist for this network, or that its lines do not meet.
        """
        _, island = csgraph.connected_components(self.graph, directed=False)
        step_island = island[self.steps[:, 0]]
        order = np.argsort(step_island, kind="stable")
        paths = shapely.multilinestrings(self._step_lines[order], indices=step_island[order])
        frame = gpd.GeoDataFrame(geometry=shapely.line_merge(paths), crs=self.crs).to_crs(4326)
        length_m = geodesy.length_m(frame.geometry.to_numpy())
        frame.insert(0, "length_m", length_m)
        frame.insert(1, "share", length_m / length_m.sum())
        return frame.sort_values("length_m", ascending=False, ignore_index=True)

    def enter(self, places: Geometries) -> NetworkEntry:
        """Find where points, or other geometries, are nearest to a path."""
        pairs, off_m = self._step_tree.query_nearest(
            places, return_distance=True, all_matches=False
        )
        step = pairs[1]  # pairs[0] are the positions of the places, in order
        line = self._step_lines[step]
        if (shapely.get_type_id(places) == shapely.GeometryType.POINT).all():
            doors = places
        else:
            # Of a line or polygon the place on the path from which it is nearest.
            doors = shapely.get_point(shapely.shortest_line(line, places), 0)
        along_m = shapely.line_locate_point(line, doors)
        return NetworkEntry(
            self.steps[step], np.stack([along_m, self.step_m[step] - along_m], axis=1), off_m
        )

    def crossings(self, borders: Geometries) -> tuple[np.ndarray, NetworkEntry]:
        """Find where paths cross or touch lines, such as the borders of districts.

        Returns
        -------
        border : ndarray of int, shape (m,)
            Which of the lines.
        entry : NetworkEntry
            Where on a path.
        """
        border, step = self._step_tree.query(borders, predicate="intersects")
        places, pair = shapely.get_coordinates(
            shapely.intersection(self._step_lines[step], borders[border]), return_index=True
        )
        border, step = border[pair], step[pair]
        along_m = shapely.line_locate_point(self._step_lines[step], make_points(places))
        metres = np.stack([along_m, self.step_m[step] - along_m], axis=1)
        return border, NetworkEntry(self.steps[step], metres, np.zeros(len(step)))

    def distance_from(self, places: Geometries, limit_m: float = np.inf) -> Floats:
        """Measure from every node to the nearest of some points (Dijkstra 1959).

        Parameters
        ----------
        places
            Points in the network's plane.
        limit_m
            A node that is farther away is infinitely far.

        Returns
        -------
        ndarray of float, shape (n,)
            Metres along the network, and from it straight to the point.
        """
        if not len(places):
            return np.full(len(self.nodes), np.inf)
        entry = self.enter(places)
        reach = pd.Series((entry.metres + entry.off_m[:, None]).ravel())
        entry_m = reach.groupby(entry.node.ravel()).min()
        # One Dijkstra serves all points: they are one additional node, as far from each node of
        # their paths as the nearest of them. In a sparse matrix 0 means no way, so a point on a
        # node is a nanometre away.
        metres = np.maximum(entry_m.to_numpy(), 1e-9)
        size = len(self.nodes)
        column = sparse.csr_matrix(
            (metres, (entry_m.index.to_numpy(), np.zeros(len(entry_m), int))), (size, 1)
        )
        extended_graph = sparse.bmat([[self.graph, column], [column.T, None]], format="csr")
        distances_m: Floats = csgraph.dijkstra(extended_graph, indices=size, limit=limit_m)[:-1]
        return distances_m

    def distance_to(self, trails: gpd.GeoDataFrame, limit_m: float = np.inf) -> Floats:
        """Measure from every node to the nearest trail along the paths.

        Parameters
        ----------
        trails
            Lines in any CRS, entered anywhere (every 2 m), from the path nearest to the place.
        limit_m
            A node that is farther away is infinitely far.

        Returns
        -------
        ndarray of float, shape (n,)
            As :meth:`distance_from`.
        """
        lines = project_shapes(convert_layer(trails, "trails"), self.crs)
        return self.distance_from(
            make_points(shapely.get_coordinates(shapely.segmentize(lines, TREAD_M))), limit_m
        )

    def measure(self, points: Floats, lines: shapely.Geometry, node_m: Floats) -> Floats:
        """Measure the walk from points to trails.

        Who stands nearer to a trail than to any path walks straight to it; everyone else walks
        straight to the nearest path, along paths, and from the nearest path to the trail.

        Parameters
        ----------
        points
            Shape (m, 2), in the network's plane.
        lines
            The trails as one geometry in that plane.
        node_m
            Their distances from the nodes, as of :meth:`distance_to`.

        Returns
        -------
        ndarray of float, shape (m,)
            Metres, infinite where no path leads there; never less than in a straight line.
        """
        places = make_points(points)
        entry = self.enter(places)
        straight_m = shapely.distance(places, lines)
        # From the place straight to the path, along its step to either end, and on from there.
        along_m = (node_m[entry.node] + entry.metres).min(axis=1) + entry.off_m
        # Rounding must not make a walk shorter than the straight line.
        walks_m: Floats = np.where(
            straight_m <= entry.off_m, straight_m, np.maximum(along_m, straight_m)
        )
        return walks_m

    def walks(self, points: gpd.GeoSeries, trails: gpd.GeoDataFrame) -> pd.DataFrame:
        """Measure the walk from points to the nearest trail, along the network and straight.

        Parameters
        ----------
        points
            In any CRS.
        trails
            Lines in any CRS.

        Returns
        -------
        DataFrame
            Indexed as the points: ``distance_m`` along the network, ways to and from it included
            (infinite where it does not lead there), ``straight_m``, ``detour`` (the one over
            the other; 1 on a trail) and ``walk_min`` (at 4 km/h).

        Raises
        ------
        CrsError, QueryError
            They have no CRS, or a row is no point.
        """
        if not isinstance(points, gpd.GeoSeries):
            arguments.require_frame(points, "points")
            points = points.geometry
        lon, lat = convert_to_degrees(points.crs, *extract_xy(gpd.GeoDataFrame(geometry=points)))
        xy = np.stack(
            geodesy.build_transformer(geodesy.LONLAT, self.crs).transform(lon, lat), axis=1
        )
        lines = _union_lines(project_shapes(convert_layer(trails, "trails"), self.crs))
        straight_m = shapely.distance(make_points(xy), lines)
        walks_m = self.measure(xy, lines, self.distance_to(trails))
        with np.errstate(divide="ignore", invalid="ignore"):
            detour = np.where(straight_m > 0, walks_m / straight_m, 1.0)
        return pd.DataFrame(
            {
                "distance_m": walks_m,
                "straight_m": straight_m,
                "detour": detour,
                "walk_min": walks_m / geodesy.WALKING_M_PER_MIN,
            },
            index=points.index,
        )


def _union_lines(lines: Geometries) -> shapely.Geometry:
    """Return all lines as one geometry, without the missing ones."""
    return shapely.union_all(lines[~shapely.is_missing(lines)])


def _insert_meetings(parts: Geometries) -> tuple[Floats, np.ndarray]:
    """Return the vertices of lines, with an additional one where another line ends on or near.

    Returns
    -------
    xy : ndarray of float, shape (v, 2)
        Vertices in the order of their lines. An additional vertex has the coordinates of the end,
        so that both are one node; the line is bent by up to ``JOINED_M``.
    part : ndarray of int, shape (v,)
        Which line each belongs to.
    """
    xy, part = shapely.get_coordinates(parts, return_index=True)
    # Metres from the start of each line to each of its vertices: a cumulated sum over all lines,
    # less its value at the first vertex of the line.
    is_step = part[1:] == part[:-1]
    steps_m = np.where(is_step, np.hypot(*np.diff(xy, axis=0).T), 0.0)
    total_m = np.r_[0.0, np.cumsum(steps_m)]
    along_m = total_m - total_m[np.searchsorted(part, part)]
    ends = np.concatenate([shapely.get_point(parts, 0), shapely.get_point(parts, -1)])
    end, other_line = shapely.STRtree(parts).query(ends, "dwithin", distance=JOINED_M)
    # Ends are the starts of all lines, then their ends: position modulo the number of lines is
    # the line itself, which an end always touches.
    is_other = end % len(parts) != other_line
    end, other_line = end[is_other], other_line[is_other]
    meeting = shapely.get_coordinates(ends[end])
    meeting_m = shapely.line_locate_point(parts[other_line], ends[end])
    # Sorted by line and by metres from its start, an additional vertex stands in its place.
    order = np.lexsort((np.r_[along_m, meeting_m], np.r_[part, other_line]))
    return np.concatenate([xy, meeting])[order], np.concatenate([part, other_line])[order]
