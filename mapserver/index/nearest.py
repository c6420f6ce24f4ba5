"""What is nearest: a search over a grid in the plane, measured on the ellipsoid."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from mapserver.geo import geodesy
from mapserver.geo.geodesy import Floats, Geometries
from mapserver.geo.threads import CHUNK, count_threads, map_chunks, use_threads
from mapserver.index.batches import MANY_POINTS, BatchSearch
from mapserver.index.far import Circles, find_far
from mapserver.index.index_file import IndexParts, describe_foreign, open_index, write_index
from mapserver.index.nearest_answers import (
    Nearest,
    Snap,
    concatenate_answers,
    is_sorted,
    join_answers,
    merge_containing,
    select_nearest,
)
from mapserver.index.plane import FEW_POINTS, KeepLists, PlaneIndex, Positions, SnappedPoints
from mapserver.index.snapping import ProjectedFeatures, measure_links, project_geometries
from mapserver.index.stored_geometries import (
    GeometryStore,
    HeldGeometries,
    PackedGeometries,
    open_places,
)
from mapserver.index.within import AREAL, WithinIndex

PLANE_REACH_M = 50_000.0
"""A conformal plane keeps the order of distances only where its scale hardly changes. Features
farther from the point than this are put in order on the ellipsoid instead."""
SLACK = 1.002
"""More than the scale of a transverse Mercator changes within 500 km of its middle."""

KIND = "nearest"
POINTS_PER_THREAD = 8 * CHUNK
"""Points of a thread that are answered together, which bounds the memory."""


class NearestIndex:
    """Finds the ``k`` nearest features of a layer, of any geometry type.

    It is built :meth:`of` geometries, or opened from a file.

    Attributes
    ----------
    path
        The file that it was opened from; None when it is in memory alone.

    Notes
    -----
    The search runs in the plane (:class:`PlaneIndex`); distances and bearings to the places found
    are PROJ's geodesics. Points more than 50 km from their answer are ranked in an azimuthal
    equidistant plane of their own, in which distances from its centre are geodesic (Snyder 1987,
    USGS PP 1395, p. 191). Whether a point lies in a polygon is asked in lon/lat, as everywhere.
    """

    def __init__(  # noqa: PLR0913 -- the parts of an index
        self,
        crs: CRS,
        places: GeometryStore,
        index: PlaneIndex,
        within: WithinIndex | None,
        *,
        circles: Circles | None = None,
        path: Path | None = None,
    ) -> None:
        self.path = path
        self._crs = crs
        self._forward = geodesy.build_transformer(geodesy.LONLAT, crs).transform
        self._inverse = geodesy.build_transformer(crs, geodesy.LONLAT).transform
        self._places, self._index, self._within = places, index, within
        self._stored_circles = circles

    @classmethod
    def of(cls, geometries: Geometries, crs: CRS) -> NearestIndex:
        """Build the index of geometries.

        Parameters
        ----------
        geometries
            ``n`` geometries in lon/lat (EPSG:4326); missing and empty ones are never found.
        crs
            Projected CRS in metres in which to search, true to scale around the data.
        """
        lonlat = np.array(geometries, dtype=object)
        forward = geodesy.build_transformer(geodesy.LONLAT, crs).transform
        # The plane knows borders only; a point inside a polygon is 0 m away.
        is_areal = np.isin(shapely.get_type_id(lonlat), AREAL)
        areas = lonlat.copy()
        areas[~is_areal] = None
        return cls(
            crs,
            HeldGeometries(lonlat),
            PlaneIndex.of(project_geometries(lonlat, forward)),
            WithinIndex.of(areas) if is_areal.any() else None,
        )

    @classmethod
    def open(
        cls, path: Path, geometries: Geometries | None = None, *, check: bool = True
    ) -> NearestIndex:
        """Open an index that :meth:`write` has written, in milliseconds.

        Parameters
        ----------
        path
            The file; processes that open it share its memory.
        geometries
            Those that it was built of, if they are in memory anyway; else they are made from the
            file when a point needs them.
        check
            Whether to look at every byte once; who has just done so need not.

        Raises
        ------
        DataError
            The file cannot be used: damaged, cut off, foreign, or of another format.
        """
        try:
            parts = open_index(path, KIND, check=check)
            places = open_places(parts, geometries)
            within = None
            if "within" in parts.facts:
                within = WithinIndex.unpack(parts.part("within"), places, path)
            return cls(
                CRS.from_json(parts.facts["crs"]),
                places,
                PlaneIndex.unpack(parts.part("plane")),
                within,
                circles=Circles.unpack(parts.part("circles")),
                path=path,
            )
        except (KeyError, TypeError, ValueError, CRSError) as error:
            raise describe_foreign(path.name) from error

    def write(self, path: Path) -> None:
        """Write the index into a file, whole or not at all; the file may be there.

        Raises
        ------
        OSError
            It cannot be written there.
        """
        parts = IndexParts({"crs": self._crs.to_json()})
        parts.nest("plane", self._index.pack())
        parts.nest("circles", self._circles.pack())
        if self._within is not None:
            parts.nest("within", self._within.pack())
        parts.nest("places", PackedGeometries.from_geometries(self._places.take_all()).pack())
        write_index(path, KIND, parts)

    def keep_lists(self, keep: KeepLists) -> None:
        """Have the lists of one-point searches kept, which take longest to make."""
        self._index.keep_lists = keep

    def query(  # noqa: PLR0913 -- four of them by name or seldom
        self,
        lons: npt.ArrayLike,
        lats: npt.ArrayLike,
        k: int = 1,
        max_distance_m: float | None = None,
        plane: tuple[Floats, Floats] | None = None,
        *,
        threads: int | None = None,
        block: int | None = None,
    ) -> Nearest:
        """Find the ``k`` nearest distinct features of each point.

        Parameters
        ----------
        lons, lats
            ``m`` points in degrees. One that is no place on earth has no answer and is listed.
        k
            How many features a point gets at most.
        max_distance_m
            Leave out what is farther, in geodesic metres.
        plane
            The points in ``crs``, if they came in that; without this they are projected.
        threads
            How many work on it; None for one a processor that this process may use.
        block
            How many points are answered together: the more, the faster, where they come in no
            order, and the more memory (some 100 bytes each); None for ``POINTS_PER_THREAD`` a
            thread.

        Returns
        -------
        Nearest
            At most ``m * k`` rows.
        """
        lon, lat = np.atleast_1d(np.asarray(lons, float)), np.atleast_1d(np.asarray(lats, float))
        with use_threads(threads):
            columns: tuple[Floats, ...] = (lon, lat, *(plane or ()))
            no_place = geodesy.find_no_places(lon, lat)
            if len(no_place):
                rows = np.delete(np.arange(len(lon)), no_place)
                columns = tuple(np.asarray(column)[rows] for column in columns)
                answer = self._query_blocks(k, max_distance_m, block, columns)
                return answer.select_points(rows, no_place)
            return self._query_blocks(k, max_distance_m, block, columns)

    def _query_blocks(
        self, k: int, max_distance_m: float | None, block: int | None, columns: tuple[Floats, ...]
    ) -> Nearest:
        # The arrays on the way take more memory than the answer, so blocks are answered in turn.
        points = len(columns[0])
        blocks = max(-(-points // (block or POINTS_PER_THREAD * count_threads())), 1)
        bounds = np.linspace(0, points, blocks + 1).astype(int).tolist()
        answers = (
            self._query_block(
                k, max_distance_m, *(column[start:end] for column in columns)
            ).shift_points(start)
            for start, end in pairwise(bounds)
        )
        return next(answers) if blocks == 1 else join_answers(answers)

    def _query_block(
        self, k: int, max_distance_m: float | None, lon: Floats, lat: Floats, *plane: Floats
    ) -> Nearest:
        k = min(k, len(self._positions))
        # Step 1: search in the plane, a little farther than asked for, because its scale is not
        # exactly 1. What is too far is left out at the end, when it is measured.
        reach = PLANE_REACH_M * SLACK
        if max_distance_m is not None:
            reach = min(reach, max_distance_m * SLACK + 1.0)
        answer, is_placed = self._search_plane(k, reach, (lon, lat), plane)
        # Step 2: add the polygons that contain a point.
        if self._within is not None:
            answer = merge_containing(answer, _find_containing(self._within, lon, lat), k)
        # Step 3: points that lack answers because the plane reaches only so far.
        if max_distance_m is None or max_distance_m * SLACK + 1.0 > reach:
            is_far = ~is_placed
            if len(answer.point) < k * len(lon):
                is_far |= np.bincount(answer.point, minlength=len(lon)) < k
            if is_far.any():
                complete = answer.select_rows(~is_far[answer.point])
                rows = np.flatnonzero(is_far)
                far = find_far(self._circles, self._places, lon[rows], lat[rows], k, max_distance_m)
                far = replace(far, point=rows[far.point])
                answer = select_nearest(concatenate_answers([complete, far]), k)
        # Step 4: the limit, and the order, in geodesic metres.
        # Mostly all are near enough, and no copy is made, for there are many.
        if max_distance_m is not None and answer.distance_m.max(initial=0.0) > max_distance_m:
            answer = answer.select_rows(answer.distance_m <= max_distance_m)
        return answer if k < 2 or is_sorted(answer) else select_nearest(answer, k)

    def _search_plane(
        self, k: int, reach: float, degrees: tuple[Floats, Floats], plane: tuple[Floats, ...]
    ) -> tuple[Nearest, npt.NDArray[np.bool_]]:
        """Search in the plane, and measure on the ellipsoid.

        Returns
        -------
        answer, is_placed
            What was found, and whether each point has a place in the plane.
        """
        is_batch = k == 1 and len(degrees[0]) >= MANY_POINTS
        if is_batch and self._batch is not None:
            return self._batch.query(
                degrees,
                plane,
                reach,
                lambda rows: self._search_exactly(
                    k, reach, tuple(c[rows] for c in degrees), tuple(c[rows] for c in plane)
                ),
            )
        return self._search_exactly(k, reach, degrees, plane)

    def _search_exactly(
        self, k: int, reach: float, degrees: tuple[Floats, ...], plane: tuple[Floats, ...]
    ) -> tuple[Nearest, npt.NDArray[np.bool_]]:
        """Do the same with every point projected by PROJ."""
        lon, lat = degrees
        x, y = plane or map_chunks(self._forward, lon, lat)
        # Far from its middle the plane has no finite place.
        is_placed = np.isfinite(x + y)
        if not is_placed.all():
            x, y = np.where(is_placed, x, 0.0), np.where(is_placed, y, 0.0)
        snapped = self._index.query(x, y, k, reach)
        return self._measure_snapped(lon, lat, x, y, snapped), is_placed

    @cached_property
    def _batch(self) -> BatchSearch | None:
        """The search for many points; None where no patches fit."""
        return BatchSearch.of(self._index, self._forward, self._inverse)

    def query_one(self, lon: float, lat: float) -> Snap | None:
        """Find the feature nearest to one point, in microseconds and without an array.

        Parameters
        ----------
        lon, lat
            Degrees.

        Returns
        -------
        Snap or None
            What :meth:`query` finds; None when the layer has no place, or this is none.
        """
        if not (abs(lon) <= 180.0 and abs(lat) <= 90.0):  # NaN fails, too
            return None
        if self._within is not None and (areas := self._within.query_one(lon, lat)):
            return Snap(areas[0], 0.0, math.nan, lon, lat)
        x, y = self._forward(lon, lat)
        place = self._index.query_one(x, y) if math.isfinite(x + y) else None
        # Beyond its reach the plane may have another order than the ellipsoid.
        if place is None or place.squared > PLANE_REACH_M * PLANE_REACH_M:
            return next(iter(self.query(lon, lat).list_snaps()), None)
        # The way back from the plane costs a nanometre, which would give 0 m a bearing.
        if place.x == x and place.y == y:
            return Snap(place.feature, 0.0, math.nan, lon, lat)
        snapped_lon, snapped_lat = self._inverse(place.x, place.y)
        bearing, _, metres = geodesy.GEOD.inv(lon, lat, snapped_lon, snapped_lat)
        return Snap(place.feature, metres, bearing % 360.0, snapped_lon, snapped_lat)

    def measure_pairs(
        self, lon: Floats, lat: Floats, point: Positions, feature: Positions
    ) -> Nearest:
        """Measure given pairs of points and features, in the order given."""
        features, row = np.unique(feature, return_inverse=True)
        plane = ProjectedFeatures.from_lonlat(
            self._places.take(features), self._forward, self._inverse
        )
        return replace(plane.measure_pairs(lon, lat, point, row), feature=feature)

    def _measure_snapped(
        self, lon: Floats, lat: Floats, x: Floats, y: Floats, snapped: SnappedPoints
    ) -> Nearest:
        """Measure on the ellipsoid what was found in the plane."""
        snapped_lon, snapped_lat = map_chunks(self._inverse, snapped.x, snapped.y)
        point = snapped.point
        if len(point) > FEW_POINTS:
            from mapserver.index import compiled_geodesics  # noqa: PLC0415 -- numba is heavy; few need none

            degrees = snapped_lon, snapped_lat
            bearing, metres = compiled_geodesics.measure_answers(
                (lon, lat, x, y), point, (snapped.x, snapped.y), degrees
            )
            return Nearest(point, snapped.feature, metres, bearing, *degrees)
        return measure_links(
            lon[point], lat[point], snapped_lon, snapped_lat, point, snapped.feature,
            is_touching=(snapped.x == x[point]) & (snapped.y == y[point]),
        )  # fmt: skip

    @cached_property
    def _circles(self) -> Circles:
        if self._stored_circles is not None:
            return self._stored_circles
        positions = self._positions
        return Circles.from_geometries(self._places.take(positions), positions)

    @cached_property
    def _positions(self) -> Positions:
        """Positions of the features that have a place."""
        if self._stored_circles is not None:
            return self._stored_circles.feature
        lonlat = self._places.take_all()
        return np.flatnonzero(~(shapely.is_missing(lonlat) | shapely.is_empty(lonlat)))


def _find_containing(within: WithinIndex, lon: Floats, lat: Floats) -> Nearest:
    """Find the polygons that contain points; they are 0 metres away."""
    point, feature = within.query(lon, lat)
    zeros = np.zeros(len(point))
    return Nearest(point, feature, zeros, np.full_like(zeros, np.nan), lon[point], lat[point])
