"""What is nearest to points far from everything: circles on a sphere, then the ellipsoid."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from mapserver.geo import geodesy
from mapserver.geo.geodesy import Floats, Geometries
from mapserver.geo.threads import map_chunks
from mapserver.index.flat_lines import extract_vertices
from mapserver.index.grid import expand_ranges
from mapserver.index.index_file import IndexParts
from mapserver.index.kernels import TINY
from mapserver.index.nearest_answers import Nearest, Positions, concatenate_answers
from mapserver.index.sphere import SPHERE_M, place_on_sphere
from mapserver.index.stored_geometries import GeometryStore

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

WIDEST_DEG = 10.0
"""A feature whose box is wider than this has no circle: it is measured for every far point."""
POINTS_AT_A_TIME = 256
"""Far points whose candidates are listed together: some thousand candidates each at worst."""
ROUNDING_M = 1e-3
"""Far more than the metres of a feature differ by rounding, which would else decide."""
BEHIND_M = 10_000_000.0
"""A quarter of the way around the earth: only beyond are two ends of a short segment seen in
directions that differ by more than a right angle and are not near the point."""
VERTICES_AT_A_TIME = 2**18
"""Vertices of candidates that are measured together: they take 20 MB."""

CIRCLE_TYPES = {"feature": "<i8", "lon": "<f8", "lat": "<f8", "radius_m": "<f8"}
"""The arrays of :class:`Circles`, and the type of each."""


@dataclass(frozen=True)
class Circles:
    """A geodesic circle around each feature: what is far is sorted out by circles alone.

    Attributes
    ----------
    feature
        Positions of the features that have a place.
    lon, lat, radius_m
        The middle of each circle in degrees, and its radius; infinite for a feature too wide for
        one.
    """

    feature: Positions
    lon: Floats
    lat: Floats
    radius_m: Floats

    @classmethod
    def from_geometries(cls, geometries: Geometries, feature: Positions) -> Circles:
        """Enclose features in circles.

        Parameters
        ----------
        geometries
            In lon/lat (EPSG:4326), none missing or empty.
        feature
            The position of each in its layer.
        """
        west, south, east, north = shapely.bounds(geometries).T
        lon, lat = (west + east) / 2, (south + north) / 2
        # The radius reaches the farthest corner of the box, and 1 % more, because the sides of the
        # box are no geodesics.
        corners = [
            geodesy.distance_m(lon, lat, *corner)
            for corner in ((west, south), (west, north), (east, south), (east, north))
        ]
        radius = np.max(corners, axis=0) * 1.01 if len(lon) else lon
        # The corner is the farthest point of a box only while the box is small.
        radius[(east - west > WIDEST_DEG) | (north - south > WIDEST_DEG)] = np.inf
        return cls(feature, lon, lat, radius)

    def pack(self) -> IndexParts:
        """Return what it is made of, for a file."""
        return IndexParts({}, {name: getattr(self, name) for name in CIRCLE_TYPES})

    @classmethod
    def unpack(cls, parts: IndexParts) -> Circles:
        """Build it from what a file has."""
        return cls(*(parts.take(name, dtype) for name, dtype in CIRCLE_TYPES.items()))

    @cached_property
    def _wide(self) -> Positions:
        """Which circles have no end."""
        return np.flatnonzero(~np.isfinite(self.radius_m))

    @cached_property
    def _small(self) -> Positions:
        """Which circles have one."""
        return np.flatnonzero(np.isfinite(self.radius_m))

    @cached_property
    def _tree(self) -> cKDTree:
        """The middles of those circles as places on a sphere of radius 1."""
        from scipy.spatial import cKDTree  # noqa: PLC0415 -- heavy; few points are so far

        return cKDTree(place_on_sphere(self.lon[self._small], self.lat[self._small]))

    def list_candidates(self, lon: Floats, lat: Floats, k: int, most_m: float) -> Candidates:
        """List for each point the features that can be among its ``k`` nearest.

        Parameters
        ----------
        lon, lat
            Points in degrees, each a place on earth.
        k
            How many features a point gets; no more than there are.
        most_m
            Features farther than this need not be listed.

        Notes
        -----
        A feature is at least distance - radius and at most distance + radius away, where distance
        is that to the middle of its circle. The k-th smallest of the upper bounds bounds the k-th
        answer, so features whose lower bound is greater are left out. Circles near enough to be
        measured on the ellipsoid are looked up in a tree on the sphere.
        """
        points = np.arange(len(lon))
        small, wide = self._small, self._wide
        if len(small) < k:
            wide, near = np.arange(len(self.feature)), [np.empty(0, np.intp)] * len(lon)
        else:
            near = self._look_up(lon, lat, k, most_m)
        point = np.repeat(points, [len(rows) for rows in near])
        circle = small[np.concatenate([*near, np.empty(0, np.intp)]).astype(np.intp)]
        metres = _measure(lon[point], lat[point], self.lon[circle], self.lat[circle])
        least, most = metres - self.radius_m[circle], metres + self.radius_m[circle]
        # Of the wide ones nothing is known: they may be nearest, and bound nothing.
        point = np.concatenate([point, np.repeat(points, len(wide))])
        circle = np.concatenate([circle, np.tile(wide, len(points))])
        unknown = np.zeros(len(circle) - len(least))
        candidates = Candidates(point, circle, np.r_[least, unknown], np.r_[most, unknown + np.inf])
        bound = np.minimum(candidates.find_kth(k), most_m)
        return candidates.select_rows(candidates.least_m <= bound[candidates.point])

    def _look_up(
        self, lon: Floats, lat: Floats, k: int, most_m: float
    ) -> list[npt.NDArray[np.intp]]:
        """Look up on the sphere which of the small circles may reach a point's ``k`` nearest."""
        small = self._small
        places = place_on_sphere(lon, lat)
        # Step 1: the k middles nearest on the sphere, whose upper bounds on the ellipsoid hold for
        # the k-th answer, whichever features they are.
        _, nearest = self._tree.query(places, k)
        circle = small[nearest.reshape(-1)]
        point = np.repeat(np.arange(len(lon)), k)
        metres = _measure(lon[point], lat[point], self.lon[circle], self.lat[circle])
        bound = (metres + self.radius_m[circle]).reshape(len(lon), k).max(axis=1)
        # Step 2: every circle that can reach into that. A way on the sphere is no longer than on
        # the ellipsoid, so the bound holds there, too; a chord of the angle t is 2 sin(t / 2) long.
        # The factor and the summand make up for rounding.
        reach_m = np.minimum(bound, most_m) + self.radius_m[small].max()
        angle = reach_m / SPHERE_M * (1 + 1e-9) + 1e-9
        chord = 2.0 * np.sin(np.minimum(angle, np.pi) / 2.0)
        return [np.array(rows, np.intp) for rows in self._tree.query_ball_point(places, chord)]


class Candidates(NamedTuple):
    """Pairs of a point and a circle in which one of its nearest features may lie.

    Attributes
    ----------
    point, circle
        Positions of both.
    least_m, most_m
        Between which metres the feature is away; 0 and infinity where that is not known.
    """

    point: Positions
    circle: Positions
    least_m: Floats
    most_m: Floats

    def select_rows(self, rows: npt.NDArray[np.bool_] | Positions) -> Candidates:
        """Return some of the pairs."""
        point, circle, least_m, most_m = self
        return Candidates(point[rows], circle[rows], least_m[rows], most_m[rows])

    def rank(self) -> Positions:
        """Return the place of each pair among those of its point, by what it is away at most."""
        order = np.lexsort((self.most_m, self.point))
        first = np.searchsorted(self.point[order], self.point[order])
        ranks = np.empty(len(order), np.intp)
        ranks[order] = np.arange(len(order)) - first
        return ranks

    def find_kth(self, k: int) -> Floats:
        """Return for each point the ``k``-th smallest of what features are away at most."""
        kth = np.full(self.point.max(initial=-1) + 1, np.inf)
        is_kth = self.rank() == k - 1
        kth[self.point[is_kth]] = self.most_m[is_kth]
        return kth


def find_far(  # noqa: PLR0913, PLR0917 -- a question and what it is asked of
    circles: Circles,
    places: GeometryStore,
    lon: Floats,
    lat: Floats,
    k: int,
    max_distance_m: float | None = None,
) -> Nearest:
    """Find the ``k`` nearest features of points that are far from everything.

    Parameters
    ----------
    circles
        Around each feature of the layer.
    places
        The geometries of the layer.
    lon, lat
        Points in degrees, each a place on earth. Equal ones are searched once: 0/0 stands in many
        tables, for a place that nobody knew.
    k
        How many features a point gets at most.
    max_distance_m
        What is farther may be left out.

    Returns
    -------
    Nearest
        All candidates of each point, by point; the nearest ``k`` are among them.
    """
    k = min(k, len(circles.feature))
    if not len(lon) or not k:
        return Nearest.from_snap(None)
    # One number for two, which numpy sorts faster than two columns.
    unique, row = np.unique(lon + 1j * lat, return_inverse=True)
    most_m = np.inf if max_distance_m is None else max_distance_m
    answers: list[Nearest] = []
    for start in range(0, len(unique), POINTS_AT_A_TIME):
        part = unique[start : start + POINTS_AT_A_TIME]
        part_lon, part_lat = part.real.copy(), part.imag.copy()
        candidates = circles.list_candidates(part_lon, part_lat, k, most_m)
        answer = _measure_best(circles, places, (part_lon, part_lat), candidates, k)
        answers.append(answer.shift_points(start))
    return _repeat_answers(concatenate_answers(answers), len(unique), row.ravel())


def _repeat_answers(answer: Nearest, points: int, row: Positions) -> Nearest:
    """Return the answers of points that stand for more; ``row`` says which one for each."""
    begin = np.searchsorted(answer.point, np.arange(points + 1))
    point, position = expand_ranges(begin[row], begin[row + 1] - 1)
    return replace(answer.select_rows(position), point=point)


class _Lines(NamedTuple):
    """The lines of some features: their vertices, one line after the other.

    Attributes
    ----------
    lon, lat
        Vertices in degrees.
    is_last
        Whether a vertex is the last of its line, from which no segment begins.
    start
        Where the vertices of each feature begin; one more number at the end.
    """

    lon: Floats
    lat: Floats
    is_last: npt.NDArray[np.bool_]
    start: Positions

    @classmethod
    def from_geometries(cls, geometries: Geometries) -> _Lines:
        coordinates, start, feature = extract_vertices(geometries)
        # A line belongs to one feature, but rings come after all other lines: bring those of a
        # feature together.
        order = np.argsort(feature, kind="stable")
        counts = np.diff(start)[order]
        vertex = np.repeat(start[:-1][order] - np.cumsum(counts) + counts, counts)
        vertex += np.arange(len(vertex))
        is_last = np.zeros(len(vertex), bool)
        is_last[np.cumsum(counts) - 1] = True
        of_feature = np.bincount(feature[order], counts, len(geometries)).astype(np.intp)
        lon, lat = coordinates[vertex].T
        return cls(lon, lat, is_last, np.concatenate([[0], np.cumsum(of_feature)]))


def _measure_best(
    circles: Circles,
    places: GeometryStore,
    degrees: tuple[Floats, Floats],
    candidates: Candidates,
    k: int,
) -> Nearest:
    """Measure to the candidates of each point, as long as they can be among its ``k`` nearest."""
    # The k best of each point are measured first; how far the worst of them is bounds the others
    # better than any circle does.
    is_first = candidates.rank() < k
    first = _measure_pairs(circles, places, degrees, candidates.select_rows(is_first))
    reach = np.zeros(len(degrees[0]))
    np.maximum.at(reach, first.point, first.distance_m)
    others = candidates.select_rows(
        ~is_first & (candidates.least_m <= reach[candidates.point] + ROUNDING_M)
    )
    second = _measure_pairs(circles, places, degrees, others)
    answer = concatenate_answers([first, second])
    return answer.select_rows(np.lexsort((answer.feature, answer.point)))


def _measure_pairs(
    circles: Circles, places: GeometryStore, degrees: tuple[Floats, Floats], pairs: Candidates
) -> Nearest:
    """Measure from points to features on the ellipsoid.

    Directions and distances from a point are the polar coordinates of an azimuthal equidistant
    plane around it, in which distances from its centre are geodesic (Snyder 1987, USGS PP 1395,
    p. 191). In that plane segments are straight, and the nearest place is looked for.
    """
    (lon, lat), point, feature = degrees, pairs.point, circles.feature[pairs.circle]
    unique, row = np.unique(feature, return_inverse=True)
    lines = _Lines.from_geometries(places.take(unique))
    parts = [Nearest.from_snap(None)]
    # So many pairs at a time as have about so many vertices.
    vertices = np.cumsum((lines.start[1:] - lines.start[:-1])[row])
    cuts = np.flatnonzero(np.diff(vertices // VERTICES_AT_A_TIME, prepend=0, append=-1))
    for begin, end in pairwise(np.unique([0, *cuts, len(row)]).tolist()):
        part = slice(begin, end)
        answer = _snap_pairs(lines, lon[point[part]], lat[point[part]], row[part])
        parts.append(replace(answer, point=point[part], feature=feature[part]))
    return concatenate_answers(parts)


def _snap_pairs(lines: _Lines, lon: Floats, lat: Floats, row: Positions) -> Nearest:
    """Find the nearest place of a feature for each pair of a point and a feature."""
    pair, vertex = expand_ranges(lines.start[row], lines.start[row + 1] - 1)
    bearing, metres = map_chunks(
        geodesy.azimuth_and_distance, lon[pair], lat[pair], lines.lon[vertex], lines.lat[vertex]
    )
    x, y = metres * np.sin(np.radians(bearing)), metres * np.cos(np.radians(bearing))
    # A segment from each vertex to the next one, or to itself where its line ends.
    following = np.where(lines.is_last[vertex], np.arange(len(x)), np.arange(len(x)) + 1)
    ux, uy = x[following] - x, y[following] - y
    # The point is at 0, 0: t = (P - A) . (B - A) / |B - A|^2, cut off at 0 and at 1.
    t = np.clip(-(x * ux + y * uy) / (ux * ux + uy * uy + TINY), 0.0, 1.0)
    # The antipode is a circle in that plane. A segment beside it goes from one side of the plane to
    # the other, and would pass the point: its ends count, and not what lies between.
    t[(metres > BEHIND_M) & (x * x[following] + y * y[following] < 0)] = 0.0
    x, y = x + t * ux, y + t * uy
    squared = x * x + y * y
    # The first of the least of each pair.
    order = np.lexsort((squared, pair))
    best = order[np.searchsorted(pair, np.arange(len(row)))]
    x, y = x[best], y[best]
    metres, bearing = np.hypot(x, y), np.degrees(np.arctan2(x, y)) % 360.0
    snapped_lon, snapped_lat, _ = geodesy.GEOD.fwd(lon, lat, bearing, metres)
    bearing[metres == 0] = np.nan
    return Nearest(row, row, metres, bearing, np.asarray(snapped_lon), np.asarray(snapped_lat))


def _measure(lon: Floats, lat: Floats, other_lon: Floats, other_lat: Floats) -> Floats:
    """Measure on the ellipsoid, pair by pair."""
    _, metres = map_chunks(geodesy.azimuth_and_distance, lon, lat, other_lon, other_lat)
    return metres
