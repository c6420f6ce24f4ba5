"""Which areas contain points of a projected CRS: nearly all are told in its plane."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely
from pyproj import CRS

from mapserver.geo import geodesy
from mapserver.geo.geodesy import Floats, Geometries
from mapserver.geo.threads import mapped
from mapserver.index.containment import Told, tell
from mapserver.index.flat_areas import Areas

STEP_DEG = 0.02
MARGIN_M = 0.1
"""An edge that is straight in degrees bends in the plane, but one so short by less than half of the
margin; a point nearer than the margin to an edge is not told in the plane."""
MANY_POINTS = 20_000
"""From so many points on an index of the plane is worth making."""


class ProjectedAreas:
    """Areas in a plane, for points that come in its coordinates.

    What is farther from all edges than these bend is on the same side of them in the plane as in
    degrees. The few other points are taken to degrees, in which the edges are straight.

    Parameters
    ----------
    polygons
        In lon/lat (EPSG:4326).
    crs
        Projected, in metres.
    exact
        Tells for points in degrees which areas contain them.
    """

    def __init__(
        self,
        polygons: Geometries,
        crs: CRS,
        exact: Callable[[Floats, Floats], Told],
    ) -> None:
        self._exact = exact
        self._to_degrees = geodesy.transformer(crs, geodesy.LONLAT).transform
        forward = geodesy.transformer(geodesy.LONLAT, crs).transform
        degrees = shapely.segmentize(polygons, STEP_DEG)
        plane = shapely.transform(degrees, forward, interleaved=False)
        straight = _in_metres(crs) and _bend_m(degrees, plane, forward) < MARGIN_M / 2
        self._areas = Areas.of(plane, MARGIN_M) if straight else None

    def tell(self, x: Floats, y: Floats) -> Told:
        """Tell which areas contain points."""
        if self._areas is None or len(x) < MANY_POINTS:
            return self._exact(*self._degrees(x, y))
        return tell(self._areas, x, y, lambda at: self._exact(*self._degrees(x[at], y[at])))

    def _degrees(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        lon, lat = mapped(self._to_degrees, x, y)
        return lon, lat


def _in_metres(crs: CRS) -> bool:
    return crs.is_projected and all(axis.unit_conversion_factor == 1 for axis in crs.axis_info)


def _bend_m(
    degrees: Geometries, plane: Geometries, forward: Callable[..., tuple[Floats, ...]]
) -> float:
    """Measure how far the middle of any edge lies from where it would be if it were straight."""
    lonlat, part = shapely.get_coordinates(degrees, return_index=True)
    xy = shapely.get_coordinates(plane)
    middle = np.column_stack(forward(*((lonlat[1:] + lonlat[:-1]) / 2).T))
    bend = np.hypot(*(middle - (xy[1:] + xy[:-1]) / 2).T)
    # Between two rings there is no edge, but hardly ever a longer way than an edge may be.
    near = (np.abs(np.diff(lonlat, axis=0)).max(axis=1) <= STEP_DEG) & (part[1:] == part[:-1])
    most = bend[near].max(initial=0.0)
    return float(most) if np.isfinite(xy).all() else np.inf
