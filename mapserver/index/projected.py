"""Which areas contain points of a projected CRS: nearly all are decided in its plane."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely
from pyproj import CRS

from mapserver.geo import geodesy
from mapserver.geo.geodesy import Floats, Geometries
from mapserver.geo.threads import map_chunks
from mapserver.index.containment import Containment, find_containment
from mapserver.index.flat_areas import Areas

STEP_DEG = 0.02
MARGIN_M = 0.1
"""An edge that is straight in degrees bends in the plane. Cut into pieces of ``STEP_DEG``, it bends
by less than half of the margin; a point nearer than the margin to an edge is not decided in the
plane."""
SURE_M = 5_000_000.0
"""Coordinates of a projected CRS in metres that are no greater than this are a place on earth:
false northings of 10,000 km aside, which only cost the look at degrees."""
MANY_POINTS = 20_000
"""From so many points on, an index of the plane is worth building."""


class ProjectedAreas:
    """Areas in a plane, for points that come in its coordinates.

    A point that is farther from every edge than the edge bends is on the same side of it in the
    plane as in degrees. The few other points are converted to degrees, in which edges are straight.

    Parameters
    ----------
    polygons
        In lon/lat (EPSG:4326).
    crs
        Projected, in metres.
    exact
        Finds the areas that contain points in degrees.
    """

    def __init__(
        self,
        polygons: Geometries,
        crs: CRS,
        exact: Callable[[Floats, Floats], Containment],
    ) -> None:
        self._exact = exact
        self._to_degrees = geodesy.build_transformer(crs, geodesy.LONLAT).transform
        forward = geodesy.build_transformer(geodesy.LONLAT, crs).transform
        # Short edges bend less: the bend grows with the square of the length.
        degrees = shapely.segmentize(polygons, STEP_DEG)
        plane = shapely.transform(degrees, forward, interleaved=False)
        # An edge bends most near its middle, which is measured; half of the margin is to spare.
        is_straight = _is_metric(crs) and _measure_bend_m(degrees, plane, forward) < MARGIN_M / 2
        self._areas = Areas.from_polygons(plane, MARGIN_M) if is_straight else None

    def find_containment(self, x: Floats, y: Floats) -> Containment:
        """Find the areas that contain points in the plane."""
        if self._areas is None or len(x) < MANY_POINTS:
            return self._exact(*self._to_lonlat(x, y))
        containment = find_containment(
            self._areas, x, y, lambda rows: self._exact(*self._to_lonlat(x[rows], y[rows]))
        )
        # What is not finite, or so far that the plane may have no place there, is seen in degrees.
        with np.errstate(invalid="ignore"):
            remote = np.flatnonzero(~((np.abs(x) <= SURE_M) & (np.abs(y) <= SURE_M)))
        no_place = geodesy.find_no_places(*self._to_lonlat(x[remote], y[remote]))
        return containment.mark_no_places(remote[no_place])

    def _to_lonlat(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        lon, lat = map_chunks(self._to_degrees, x, y)
        return lon, lat


def _is_metric(crs: CRS) -> bool:
    return crs.is_projected and all(axis.unit_conversion_factor == 1 for axis in crs.axis_info)


def _measure_bend_m(
    degrees: Geometries, plane: Geometries, forward: Callable[..., tuple[Floats, ...]]
) -> float:
    """Measure how much edges that are straight in degrees bend in the plane, at most.

    Parameters
    ----------
    degrees, plane
        The same polygons in lon/lat and in the plane, vertex by vertex.
    forward
        Converts lon, lat to x, y.

    Returns
    -------
    float
        The greatest distance, in metres, between the projected middle of an edge and the middle of
        the projected edge; infinite if the plane cannot represent a vertex.
    """
    lonlat, part = shapely.get_coordinates(degrees, return_index=True)
    xy = shapely.get_coordinates(plane)
    middle = np.column_stack(forward(*((lonlat[1:] + lonlat[:-1]) / 2).T))
    bend = np.hypot(*(middle - (xy[1:] + xy[:-1]) / 2).T)
    # Between two polygons there is no edge. Between two rings of one there is none either, but the
    # way is hardly ever as short as an edge; where it is, it does no harm to measure it.
    is_edge = (np.abs(np.diff(lonlat, axis=0)).max(axis=1) <= STEP_DEG) & (part[1:] == part[:-1])
    greatest = bend[is_edge].max(initial=0.0)
    return float(greatest) if np.isfinite(xy).all() else np.inf
