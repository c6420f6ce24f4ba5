"""What contains a point and what lies in a box: a grid of cells, then an exact test in lon/lat."""

from __future__ import annotations

from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from mapserver.geo import extent, geodesy
from mapserver.geo.geodesy import Floats, Geometries
from mapserver.index import kernels
from mapserver.index.containment import Positions, Told, tell
from mapserver.index.flat_areas import Areas
from mapserver.index.projected import ProjectedAreas

AREAL = (
    shapely.GeometryType.POLYGON,
    shapely.GeometryType.MULTIPOLYGON,
    shapely.GeometryType.GEOMETRYCOLLECTION,
)
FEW_POINTS = 5_000
"""Up to so many points, two microseconds each, Python has answered long before the compiled search
is loaded, which takes a second: the shops of a large city."""
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
    wholly in one polygon or in none and answer by themselves (``docs/searching.md``).
    """

    def __init__(self, geometries: Geometries) -> None:
        self._geometries = np.array(geometries, dtype=object)
        self._polygons = _polygons_of(self._geometries)
        self._areas = Areas.of(self._polygons)
        self._projected: dict[str, ProjectedAreas] = {}

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(extent.divide_lines(self._geometries))

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
        return self._tell(lon, lat).pairs()

    def tell(self, crs: CRS, x: Floats, y: Floats) -> Told:
        """Tell for points of any CRS which polygons contain them.

        Parameters
        ----------
        crs
            Theirs.
        x, y
            ``m`` points, east before north.
        """
        if crs.equals(geodesy.LONLAT, ignore_axis_order=True):
            return self._tell(x, y)
        key = crs.to_wkt()
        if key not in self._projected:
            self._projected[key] = ProjectedAreas(self._polygons, crs, self._tell)
        return self._projected[key].tell(x, y)

    def at(self, lon: float, lat: float) -> list[int]:
        """Give the positions of the polygons that contain one point, in ascending order."""
        if self._areas is None:
            return []
        views: Any = self._areas.views
        found = [0] * FEW_AREAS
        room: Any = (FEW_AREAS, found)
        count = kernels.containing(lon, lat, *views, *room)
        if count > FEW_AREAS:
            found = [0] * count
            room = (count, found)
            kernels.containing(lon, lat, *views, *room)
        if count == kernels.UNSURE:
            found = self._certain(np.array([lon]), np.array([lat])).pairs()[1].tolist()
            count = len(found)
        return found[:count]

    def _tell(self, lon: Floats, lat: Floats) -> Told:
        if self._areas is None:
            nothing = np.empty(0, np.intp)
            return Told.of(len(lon), nothing, nothing)
        if len(lon) > FEW_POINTS:
            return tell(self._areas, lon, lat, lambda at: self._certain(lon[at], lat[at]))
        found = [self.at(*place) for place in zip(lon.tolist(), lat.tolist(), strict=True)]
        point = np.repeat(np.arange(len(found)), [len(areas) for areas in found])
        return Told.of(len(lon), point, np.array([*chain(*found)], np.intp))

    def _certain(self, lon: Floats, lat: Floats) -> Told:
        """Ask GEOS, whose arithmetic is exact where it matters."""
        point, feature = self._tree.query(shapely.points(lon, lat))
        shapely.prepare(self._polygons[np.unique(feature)])
        inside = shapely.intersects_xy(self._polygons[feature], lon[point], lat[point])
        point, feature = point[inside], feature[inside]
        order = np.lexsort((feature, point))
        return Told.of(len(lon), point[order], feature[order])

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


def _polygons_of(geometries: Geometries) -> Geometries:
    """Keep what has an area: of a collection its polygons, of a line or a point nothing."""
    kind = shapely.get_type_id(geometries)
    polygons = geometries.copy()
    polygons[~np.isin(kind, AREAL)] = None
    for at in np.flatnonzero(kind == shapely.GeometryType.GEOMETRYCOLLECTION).tolist():
        parts = shapely.get_parts(shapely.get_parts(geometries[at]))
        polygons[at] = shapely.union_all(parts[shapely.area(parts) > 0])
    return polygons
