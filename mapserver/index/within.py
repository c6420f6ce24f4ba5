"""Which features contain a point, and which lie in a box: a grid of cells, then an exact test."""

from __future__ import annotations

import sys
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from mapserver.geo import extent, geodesy
from mapserver.geo.geodesy import Floats, Geometries
from mapserver.geo.threads import use_threads
from mapserver.index import kernels
from mapserver.index.containment import Containment, Positions, find_containment
from mapserver.index.flat_areas import Areas
from mapserver.index.index_file import IndexParts, describe_foreign, open_index, write_index
from mapserver.index.projected import ProjectedAreas
from mapserver.index.stored_geometries import (
    GeometryStore,
    HeldGeometries,
    PackedGeometries,
    open_places,
)

AREAL = (
    shapely.GeometryType.POLYGON,
    shapely.GeometryType.MULTIPOLYGON,
    shapely.GeometryType.GEOMETRYCOLLECTION,
)
FEW_POINTS = 5_000
"""Up to so many points, at two microseconds each, plain Python answers long before the compiled
search is loaded, which takes a second."""
SOME_POINTS = 50_000
"""Up to so many points GEOS answers in some hundredths of a second, if the compiled search is not
loaded yet: a server that asks once for the shops of a city never loads it."""
COMPILED = "mapserver.index.compiled_containment"
KIND = "within"
FEW_AREAS = 4
"""Room for so many areas that contain one point; where more do, the search runs again."""


class WithinIndex:
    """Finds the features that contain points, or that are in a box.

    It is built :meth:`of` geometries, or opened from a file.

    Attributes
    ----------
    path
        The file that it was opened from; None when it is in memory alone.

    Notes
    -----
    The border belongs to the polygon, so a point on the border of two lies in both. Edges are
    straight in lon/lat, as RFC 7946 has it, so no projection is needed. Most cells of a grid lie
    wholly in one polygon or in none and answer by themselves (``docs/searching.md``).
    """

    def __init__(
        self,
        places: GeometryStore,
        areas: Areas | None,
        bounds: Floats | None = None,
        path: Path | None = None,
    ) -> None:
        self.path = path
        self._places, self._areas, self._stored_bounds = places, areas, bounds
        self._projected: dict[str, ProjectedAreas] = {}

    @classmethod
    def of(cls, geometries: Geometries) -> WithinIndex:
        """Build the index of geometries.

        Parameters
        ----------
        geometries
            ``n`` geometries in lon/lat (EPSG:4326); a missing or empty one contains nothing.
        """
        places = np.array(geometries, dtype=object)
        polygons = extract_polygons(places)
        index = cls(HeldGeometries(places), Areas.from_polygons(polygons))
        index.__dict__["_polygons"] = polygons  # computed already
        return index

    @classmethod
    def open(
        cls, path: Path, geometries: Geometries | None = None, *, check: bool = True
    ) -> WithinIndex:
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
            return cls.unpack(parts, places, path)
        except (KeyError, TypeError, ValueError) as error:
            raise describe_foreign(path.name) from error

    def write(self, path: Path) -> None:
        """Write the index into a file, whole or not at all; the file may be there.

        Raises
        ------
        OSError
            It cannot be written there.
        """
        parts = self.pack()
        parts.nest("places", PackedGeometries.from_geometries(self._places.take_all()).pack())
        write_index(path, KIND, parts)

    def pack(self) -> IndexParts:
        """Return what it is made of, for a file, without the geometries."""
        parts = IndexParts({}, {"bounds": self._bounds})
        if self._areas is not None:
            parts.nest("areas", self._areas.pack())
        return parts

    @classmethod
    def unpack(cls, parts: IndexParts, places: GeometryStore, path: Path) -> WithinIndex:
        """Build it from what a file has."""
        areas = Areas.unpack(parts.part("areas")) if "areas" in parts.facts else None
        return cls(places, areas, parts.take("bounds", "<f8"), path)

    @cached_property
    def _bounds(self) -> Floats:
        """West, south, east, north of the polygons; NaN where there is none."""
        bounds = self._stored_bounds
        return shapely.bounds(self._polygons) if bounds is None else bounds

    @cached_property
    def _boxes(self) -> shapely.STRtree:
        """The boxes of the polygons, among which those around a point are looked up."""
        boxes = np.full(len(self._bounds), None, object)
        has_area = np.isfinite(self._bounds).all(axis=1)
        boxes[has_area] = shapely.box(*self._bounds[has_area].T)
        return shapely.STRtree(boxes)

    @cached_property
    def _tree(self) -> shapely.STRtree:
        # A line that jumps over 180 degrees would be in every box between, around the earth.
        return shapely.STRtree(extent.divide_lines(self._places.take_all()))

    @cached_property
    def _polygons(self) -> Geometries:
        return extract_polygons(self._places.take_all())

    def query(
        self, lons: npt.ArrayLike, lats: npt.ArrayLike, *, threads: int | None = None
    ) -> tuple[Positions, Positions]:
        """Pair points with every polygon that contains them.

        Parameters
        ----------
        lons, lats
            ``m`` points in degrees; one that is no place on earth is in no polygon.
        threads
            How many work on it; None for one a processor that this process may use.

        Returns
        -------
        point, feature : ndarray of int
            Positions of points and polygons, one pair a row, sorted by point, then polygon.
        """
        lon, lat = np.atleast_1d(np.asarray(lons, float)), np.atleast_1d(np.asarray(lats, float))
        return self.find_containment(geodesy.LONLAT, lon, lat, threads=threads).list_pairs()

    def find_containment(
        self, crs: CRS, x: Floats, y: Floats, *, threads: int | None = None
    ) -> Containment:
        """Find the polygons that contain points of any CRS.

        Parameters
        ----------
        crs
            The CRS of the points.
        x, y
            ``m`` points, east before north. Those that are no place on earth are in no polygon,
            and are listed.
        threads
            How many work on it; None for one a processor that this process may use.
        """
        with use_threads(threads):
            # PROJ takes some ten microseconds to compare two of them.
            if crs is geodesy.LONLAT or crs.equals(geodesy.LONLAT, ignore_axis_order=True):
                return self._find_containment(x, y)
            key = crs.to_wkt()
            if key not in self._projected:
                self._projected[key] = ProjectedAreas(self._polygons, crs, self._find_containment)
            return self._projected[key].find_containment(x, y)

    def query_one(self, lon: float, lat: float) -> list[int]:
        """Return the positions of the polygons that contain one point, in ascending order."""
        if self._areas is None:
            return []
        views: Any = self._areas.views
        # Most cells answer by themselves. The search does this, too, but calling it takes longer.
        grid_x, grid_y, size, columns, rows = views[0]
        x_cells, y_cells = (lon - grid_x) / size, (lat - grid_y) / size
        if not (0.0 <= x_cells < columns and 0.0 <= y_cells < rows):  # NaN fails, too
            return []
        code = views[2][int(y_cells) * columns + int(x_cells)]
        if code >= 0:
            return [code - 1] if code else []
        result = [0] * FEW_AREAS
        room: Any = (FEW_AREAS, result)
        count = kernels.search_containing(lon, lat, *views, *room)
        if count > FEW_AREAS:
            result = [0] * count
            room = (count, result)
            kernels.search_containing(lon, lat, *views, *room)
        if count == kernels.UNSURE:
            exact = self._test_exactly(np.array([lon]), np.array([lat]))
            result = exact.list_pairs()[1].tolist()
            count = len(result)
        return result[:count]

    def _find_containment(self, lon: Floats, lat: Floats) -> Containment:
        containment = self._search_all(lon, lat)
        return containment.mark_no_places(geodesy.find_no_places(lon, lat))

    def _search_all(self, lon: Floats, lat: Floats) -> Containment:
        if self._areas is None:
            empty = np.empty(0, np.intp)
            return Containment.from_pairs(len(lon), empty, empty)
        if FEW_POINTS < len(lon) <= SOME_POINTS and COMPILED not in sys.modules:
            return self._test_exactly(lon, lat)
        if len(lon) > FEW_POINTS:
            return find_containment(
                self._areas, lon, lat, lambda rows: self._test_exactly(lon[rows], lat[rows])
            )
        features = [
            self.query_one(*place) for place in zip(lon.tolist(), lat.tolist(), strict=True)
        ]
        point = np.repeat(np.arange(len(features)), [len(areas) for areas in features])
        return Containment.from_pairs(len(lon), point, np.array([*chain(*features)], np.intp))

    def _test_exactly(self, lon: Floats, lat: Floats) -> Containment:
        """Ask GEOS, whose arithmetic is exact where the sign of an orientation depends on it."""
        point, feature = self._boxes.query(shapely.points(lon, lat))
        unique, row = np.unique(feature, return_inverse=True)
        is_held = isinstance(self._places, HeldGeometries)
        polygons = self._polygons[unique] if is_held else self._make_polygons(unique)
        shapely.prepare(polygons)
        is_inside = shapely.intersects_xy(polygons[row], lon[point], lat[point])
        point, feature = point[is_inside], feature[is_inside]
        order = np.lexsort((feature, point))
        return Containment.from_pairs(len(lon), point[order], feature[order])

    def _make_polygons(self, positions: Positions) -> Geometries:
        return extract_polygons(self._places.take(positions))

    def in_box(self, west: float, south: float, east: float, north: float) -> Positions:
        """Find the features that have any part in a box of degrees.

        A box whose west is greater than its east crosses the 180th meridian (RFC 7946, 5.2).

        Returns
        -------
        ndarray of int
            Positions in ascending order.
        """
        if west <= east:
            # Of one box alone the tree would make an array by ways that take as long as the search.
            boxes = np.array([shapely.box(west, south, east, north)], object)
            matches: Positions = self._tree.query(boxes, predicate="intersects")[1]
            matches.sort()  # in place, which takes a microsecond and np.sort three
            return matches
        # A feature on both sides of 180 degrees is in both boxes.
        features = [
            self.in_box(start, south, end, north) for start, end in ((west, 180.0), (-180.0, east))
        ]
        return np.unique(np.concatenate(features))


def extract_polygons(geometries: Geometries) -> Geometries:
    """Return what has an area: the polygons of a collection, and None for lines and points."""
    kind = shapely.get_type_id(geometries)
    polygons = geometries.copy()
    polygons[~np.isin(kind, AREAL)] = None
    for i in np.flatnonzero(kind == shapely.GeometryType.GEOMETRYCOLLECTION).tolist():
        # Twice, for a collection may hold polygons of several parts.
        parts = shapely.get_parts(shapely.get_parts(geometries[i]))
        polygons[i] = shapely.union_all(parts[shapely.area(parts) > 0])
    return polygons
