"""Which polygons contain a point: a tree of boxes, then an exact test in lon/lat."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from mapserver.geodesy import Geometries

Positions = npt.NDArray[np.intp]


class WithinIndex:
    """Finds the polygons that contain points.

    Parameters
    ----------
    geometries
        ``n`` polygons in lon/lat (EPSG:4326); a missing or empty one contains nothing.

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
