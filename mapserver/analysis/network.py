"""A network of paths to walk on: from where one stands to the nearest trail, along it."""

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

from mapserver import arguments, geodesy
from mapserver.analysis.frames import in_degrees, plane, points_of, shapes_in
from mapserver.errors import N_, QueryError
from mapserver.geodesy import Floats, Geometries
from mapserver.points import degrees_of, xy_of

STEP_M = 10.0
"""Paths are divided into steps no longer than this."""
TREAD_M = 2.0
"""A trail is entered at places no farther apart, each from the path nearest to it."""
JOINED_M = 0.5
"""A path that ends no farther from another meets it; surveys and drawings meet to centimetres."""


@dataclass(frozen=True)
class Entry:
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
    One walks both ways on every path. A way found is never shorter than the shortest there is, and
    longer only for who enters and leaves within one step of 10 m and is led over its end: by 10 m
    at most.
    """

    crs: CRS
    nodes: Floats = field(default_factory=lambda: np.empty((0, 0)))
    steps: np.ndarray = field(default_factory=lambda: np.empty((0, 2), int))
    step_m: Floats = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        """Refuse what is no network yet: a layer of paths, for example."""
        if not isinstance(self.crs, CRS) or np.ndim(self.nodes) != 2 or not np.size(self.nodes):
            raise QueryError(
                N_("a network is not made of {kind} in this way"),
                parameter="Network",
                mend=N_("Make one of a layer of paths: Network.of(paths)"),
                kind=type(self.crs).__name__,
            )

    @classmethod
    def of(cls, lines: gpd.GeoDataFrame, crs: CRS | str | None = None) -> Network:
        """Make a network of lines.

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
        lines = in_degrees(lines, "lines")
        crs = plane(crs, lines)
        parts = shapely.get_parts(shapes_in(lines, crs))
        parts = parts[(shapely.get_dimensions(parts) == 1) & (shapely.length(parts) > 0)]
        if not len(parts):
            raise QueryError(
                N_("there is no path in the network"),
                parameter="lines",
                mend=N_("Give a layer of lines on which one can walk"),
            )
        xy, part = _with_meetings(shapely.segmentize(parts, STEP_M))
        places, node = np.unique(xy[:, 0] + 1j * xy[:, 1], return_inverse=True)
        joined = part[1:] == part[:-1]
        ends = np.sort(np.stack([node[:-1][joined], node[1:][joined]], axis=1))
        ends = np.unique(ends[ends[:, 0] != ends[:, 1]], axis=0)
        nodes = np.stack([places.real, places.imag], axis=1)
        return cls(crs, nodes, ends, np.hypot(*(nodes[ends[:, 0]] - nodes[ends[:, 1]]).T))

    @cached_property
    def graph(self) -> Any:
        """Sparse (n, n) matrix of metres, both ways."""
        size = len(self.nodes), len(self.nodes)
        one_way = sparse.coo_matrix((self.step_m, tuple(self.steps.T)), size)
        return (one_way + one_way.T).tocsr()

    @cached_property
    def _lines(self) -> Geometries:
        return np.asarray(shapely.linestrings(self.nodes[self.steps]))

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self._lines)

    def islands(self) -> gpd.GeoDataFrame:
        """List the parts of the network between which no path leads, the longest first.

        Returns
        -------
        GeoDataFrame
            EPSG:4326: ``length_m`` (geodesic), ``share`` of the whole, and the paths. More than one
            row means that some ways do not exist for this network, or that its lines do not meet.
        """
        _, island = csgraph.connected_components(self.graph, directed=False)
        of_step = island[self.steps[:, 0]]
        order = np.argsort(of_step, kind="stable")
        paths = shapely.multilinestrings(self._lines[order], indices=of_step[order])
        frame = gpd.GeoDataFrame(geometry=shapely.line_merge(paths), crs=self.crs).to_crs(4326)
        length = geodesy.length_m(frame.geometry.to_numpy())
        frame.insert(0, "length_m", length)
        frame.insert(1, "share", length / length.sum())
        return frame.sort_values("length_m", ascending=False, ignore_index=True)

    def enter(self, places: Geometries) -> Entry:
        """Find where points, or other geometries, are nearest to a path."""
        at, off = self._tree.query_nearest(places, return_distance=True, all_matches=False)
        step = at[1]
        line = self._lines[step]
        if (shapely.get_type_id(places) == shapely.GeometryType.POINT).all():
            on = places
        else:
            on = shapely.get_point(shapely.shortest_line(line, places), 0)
        along = shapely.line_locate_point(line, on)
        return Entry(self.steps[step], np.stack([along, self.step_m[step] - along], axis=1), off)

    def crossings(self, borders: Geometries) -> tuple[np.ndarray, Entry]:
        """Find where paths cross or touch lines, such as the borders of districts.

        Returns
        -------
        border : ndarray of int, shape (m,)
            Which of the lines.
        entry : Entry
            Where on a path.
        """
        border, step = self._tree.query(borders, predicate="intersects")
        places, pair = shapely.get_coordinates(
            shapely.intersection(self._lines[step], borders[border]), return_index=True
        )
        border, step = border[pair], step[pair]
        along = shapely.line_locate_point(self._lines[step], points_of(places))
        metres = np.stack([along, self.step_m[step] - along], axis=1)
        return border, Entry(self.steps[step], metres, np.zeros(len(step)))

    def distance_from(self, places: Geometries, limit_m: float = np.inf) -> Floats:
        """Measure from every node to the nearest of some points (Dijkstra 1959).

        Parameters
        ----------
        places
            Points in the network's plane.
        limit_m
            What is farther is infinitely far.

        Returns
        -------
        ndarray of float, shape (n,)
            Metres along the network, and from it straight to the point.
        """
        if not len(places):
            return np.full(len(self.nodes), np.inf)
        entry = self.enter(places)
        reach = pd.Series((entry.metres + entry.off_m[:, None]).ravel())
        first = reach.groupby(entry.node.ravel()).min()
        # The points are one place more, as far from each node as the nearest of them; scipy takes
        # 0 for no way at all.
        metres = np.maximum(first.to_numpy(), 1e-9)
        size = len(self.nodes)
        column = sparse.csr_matrix(
            (metres, (first.index.to_numpy(), np.zeros(len(first), int))), (size, 1)
        )
        whole = sparse.bmat([[self.graph, column], [column.T, None]], format="csr")
        far: Floats = csgraph.dijkstra(whole, indices=size, limit=limit_m)[:-1]
        return far

    def distance_to(self, trails: gpd.GeoDataFrame, limit_m: float = np.inf) -> Floats:
        """Measure from every node to the nearest trail along the paths.

        Parameters
        ----------
        trails
            Lines in any CRS, entered anywhere (every 2 m), from the path nearest to the place.
        limit_m
            What is farther is infinitely far.

        Returns
        -------
        ndarray of float, shape (n,)
            As :meth:`distance_from`.
        """
        lines = shapes_in(in_degrees(trails, "trails"), self.crs)
        return self.distance_from(
            points_of(shapely.get_coordinates(shapely.segmentize(lines, TREAD_M))), limit_m
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
            What :meth:`distance_to` says of them.

        Returns
        -------
        ndarray of float, shape (m,)
            Metres, infinite where no path leads there; never less than in a straight line.
        """
        places = points_of(points)
        entry = self.enter(places)
        straight = shapely.distance(places, lines)
        along = (node_m[entry.node] + entry.metres).min(axis=1) + entry.off_m
        walk: Floats = np.where(straight <= entry.off_m, straight, np.maximum(along, straight))
        return walk

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
        lon, lat = degrees_of(points.crs, *xy_of(gpd.GeoDataFrame(geometry=points)))
        xy = np.stack(geodesy.transformer(geodesy.LONLAT, self.crs).transform(lon, lat), axis=1)
        lines = _one(shapes_in(in_degrees(trails, "trails"), self.crs))
        straight = shapely.distance(points_of(xy), lines)
        along = self.measure(xy, lines, self.distance_to(trails))
        with np.errstate(divide="ignore", invalid="ignore"):
            detour = np.where(straight > 0, along / straight, 1.0)
        return pd.DataFrame(
            {
                "distance_m": along,
                "straight_m": straight,
                "detour": detour,
                "walk_min": along / geodesy.WALKING_M_PER_MIN,
            },
            index=points.index,
        )


def _one(lines: Geometries) -> shapely.Geometry:
    return shapely.union_all(lines[~shapely.is_missing(lines)])


def _with_meetings(parts: Geometries) -> tuple[Floats, np.ndarray]:
    """Give the vertices of lines, with one more on each line that another ends on or near.

    Returns
    -------
    xy : ndarray of float, shape (v, 2)
        Vertices in the order of their lines. The new one has the place of the end, so that both
        are one node, and the line is bent by up to ``JOINED_M``.
    part : ndarray of int, shape (v,)
        Which line each belongs to.
    """
    xy, part = shapely.get_coordinates(parts, return_index=True)
    within = part[1:] == part[:-1]
    steps = np.where(within, np.hypot(*np.diff(xy, axis=0).T), 0.0)
    total = np.r_[0.0, np.cumsum(steps)]
    along = total - total[np.searchsorted(part, part)]
    ends = np.concatenate([shapely.get_point(parts, 0), shapely.get_point(parts, -1)])
    end, other = shapely.STRtree(parts).query(ends, "dwithin", distance=JOINED_M)
    strange = end % len(parts) != other
    end, other = end[strange], other[strange]
    meeting = shapely.get_coordinates(ends[end])
    at = shapely.line_locate_point(parts[other], ends[end])
    order = np.lexsort((np.r_[along, at], np.r_[part, other]))
    return np.concatenate([xy, meeting])[order], np.concatenate([part, other])[order]
