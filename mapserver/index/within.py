"""What contains a point and what lies in a box: a grid of cells, then an exact test in lon/lat."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from mapserver import geodesy
from mapserver.geodesy import Floats, Geometries
from mapserver.index import search
from mapserver.index.areas import Areas
from mapserver.index.projected import ProjectedAreas

Positions = npt.NDArray[np.intp]

AREAL = (
    shapely.GeometryType.POLYGON,
    shapely.GeometryType.MULTIPOLYGON,
    shapely.GeometryType.GEOMETRYCOLLECTION,
)
FEW_POINTS = 2_000
"""Up to so many points Python has answered before the compiled search is loaded."""
FEW_AREAS = 4
"""Room for so many areas that contain one point; where more do, it is asked again."""


class WithinIndex:
    """Finds the features that contain points, or that are in a box.

    Parameters
    ----------
    geometries
        ``n`` geometries in lon/lat (EPSG:4326); a missing or empty one contains nothing.

    Notes
    -----
    The border belongs to the polygon, so a point on the border of two lies in both. Edges are
    straight in lon/lat, as RFC 7946 has it, so no projection is needed. Most cells of a grid lie
    wholly in one polygon or in none and answer by themselves (``docs/index.md``).
    """

    def __init__(self, geometries: Geometries) -> None:
        self._geometries = np.array(geometries, dtype=object)
        shapely.prepare(self._geometries)
        areal = np.isin(shapely.get_type_id(self._geometries), AREAL)
        self._polygons = self._geometries.copy()
        self._polygons[~areal] = None
        self._areas = Areas.of(self._polygons)
        self._projected: dict[str, ProjectedAreas] = {}

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self._geometries)

    def query(self, lons: npt.ArrayLike, lats: npt.ArrayLike) -> tuple[Positions, Positions]:
        """Pair points with every polygon that contains them.

        Parameters
        ----------
        lons, lats
            ``m`` points in degrees.

        Returns
        -------
        point, feature : ndarray of int
            Positions of points and polygons, one pair a row, sorted by point, then polygon.
        """
        lon, lat = np.atleast_1d(np.asarray(lons, float)), np.atleast_1d(np.asarray(lats, float))
        if self._areas is None:
            return np.empty(0, np.intp), np.empty(0, np.intp)
        if len(lon) > FEW_POINTS:
            from mapserver.index import compiled  # noqa: PLC0415 -- numba is heavy; few need none

            point, feature, unsure = compiled.containing(self._areas.arrays, lon, lat)
        else:
            point, feature, unsure = self._few(self._areas, lon, lat)
        if not len(unsure):
            return point, feature
        near, area = self._certain(lon[unsure], lat[unsure])
        point = np.concatenate([point, unsure[near]])
        feature = np.concatenate([feature, area])
        order = np.lexsort((feature, point))
        return point[order], feature[order]

    def query_in(self, crs: CRS, x: Floats, y: Floats) -> tuple[Positions, Positions]:
        """Pair points of any CRS with every polygon that contains them.

        Parameters
        ----------
        crs
            Theirs.
        x, y
            ``m`` points, east before north.

        Returns
        -------
        point, feature : ndarray of int
            As of :meth:`query`.
        """
        if crs.equals(geodesy.LONLAT, ignore_axis_order=True):
            return self.query(x, y)
        key = crs.to_wkt()
        if key not in self._projected:
            self._projected[key] = ProjectedAreas(self._polygons, crs, self.query)
        return self._projected[key].query(x, y)

    def at(self, lon: float, lat: float) -> list[int]:
        """Give the positions of the polygons that contain one point, in ascending order."""
        if self._areas is None:
            return []
        views: Any = self._areas.views
        found = [0] * FEW_AREAS
        room: Any = (FEW_AREAS, found)
        count = search.containing(lon, lat, *views, *room)
        if count > FEW_AREAS:
            found = [0] * count
            room = (count, found)
            search.containing(lon, lat, *views, *room)
        if count == search.UNSURE:
            return [int(area) for area in self._certain(np.array([lon]), np.array([lat]))[1]]
        return found[:count]

    def _few(
        self, areas: Areas, lon: Floats, lat: Floats
    ) -> tuple[Positions, Positions, Positions]:
        views: Any = areas.views
        most = len(self._geometries)
        point: list[int] = []
        feature: list[int] = []
        unsure: list[int] = []
        found = [0] * most
        answer: Any = (most, found)
        for i, (x, y) in enumerate(zip(lon.tolist(), lat.tolist(), strict=True)):
            count = search.containing(x, y, *views, *answer)
            if count == search.UNSURE:
                unsure.append(i)
            point += [i] * count
            feature += found[: max(count, 0)]
        return np.array(point, np.intp), np.array(feature, np.intp), np.array(unsure, np.intp)

    def _certain(self, lon: Floats, lat: Floats) -> tuple[Positions, Positions]:
        """Ask GEOS, whose arithmetic is exact where it matters."""
        point, feature = self._tree.query(shapely.points(lon, lat))
        inside = shapely.intersects_xy(self._geometries[feature], lon[point], lat[point])
        areal = np.isin(shapely.get_type_id(self._geometries[feature]), AREAL)
        return point[inside & areal], feature[inside & areal]

    def in_box(self, west: float, south: float, east: float, north: float) -> Positions:
        """Find the features that have any part in a box of degrees.

        A box whose west is greater than its east crosses the 180th meridian (RFC 7946, 5.2).

        Returns
        -------
        ndarray of int
            Positions in ascending order.
        """
        spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
        found = [
            self._tree.query(shapely.box(start, south, end, north), predicate="intersects")
            for start, end in spans
        ]
        return np.unique(np.concatenate(found))
