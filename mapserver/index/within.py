"""What contains a point and what lies in a box: a tree of boxes, then an exact test in lon/lat."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from mapserver.geodesy import Geometries

Positions = npt.NDArray[np.intp]


class WithinIndex:
    """Finds the features that contain points, or that are in a box.

    Parameters
    ----------
    geometries
        ``n`` geometries in lon/lat (EPSG:4326); a missing or empty one contains nothing.

    Notes
    -----
    The border belongs to the polygon, so a point on the border of two lies in both. Edges are
    straight in lon/lat, as RFC 7946 has it, so no projection is needed.
    """

    def __init__(self, geometries: Geometries) -> None:
        self._geometries = np.array(geometries, dtype=object)
        shapely.prepare(self._geometries)
        self._tree = shapely.STRtree(self._geometries)

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
        point, feature = self._tree.query(shapely.points(lon, lat))
        inside = shapely.intersects_xy(self._geometries[feature], lon[point], lat[point])
        point, feature = point[inside], feature[inside]
        order = np.lexsort((feature, point))
        return point[order], feature[order]

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
