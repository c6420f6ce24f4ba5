"""Which areas contain points of a projected CRS: most are told by their cell, never projected."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from mapserver import geodesy
from mapserver.geodesy import Floats, Geometries
from mapserver.index.areas import Areas
from mapserver.index.threads import mapped

Positions = npt.NDArray[np.intp]

STEP_DEG = 0.02
MARGIN_M = 0.1
"""An edge that is straight in degrees bends in the plane, but one so short by less than half of the
margin; a point nearer than the margin to the side of its cell is not told by it."""
MANY_POINTS = 20_000
"""From so many points on cells are worth making."""


class ProjectedAreas:
    """Areas in a plane, for points that come in its coordinates.

    A point whose cell lies wholly in one area, or in none, is answered without leaving the plane.
    The others, some tenth, are taken to degrees, in which the areas have their straight edges.

    Parameters
    ----------
    polygons
        In lon/lat (EPSG:4326).
    crs
        Projected, in metres.
    exact
        Pairs points in degrees with the areas that contain them.
    """

    def __init__(
        self,
        polygons: Geometries,
        crs: CRS,
        exact: Callable[[Floats, Floats], tuple[Positions, Positions]],
    ) -> None:
        self._exact = exact
        self._to_degrees = geodesy.transformer(crs, geodesy.LONLAT).transform
        forward = geodesy.transformer(geodesy.LONLAT, crs).transform
        degrees = shapely.segmentize(polygons, STEP_DEG)
        plane = shapely.transform(degrees, forward, interleaved=False)
        straight = _in_metres(crs) and _bend_m(degrees, plane, forward) < MARGIN_M / 2
        self._areas = Areas.of(plane) if straight else None

    def query(self, x: Floats, y: Floats) -> tuple[Positions, Positions]:
        """Pair points with every area that contains them, by point and then area."""
        if self._areas is None or len(x) < MANY_POINTS:
            return self._exact(*self._degrees(x, y))
        from mapserver.index import compiled  # noqa: PLC0415 -- numba is heavy; few points need none

        code = compiled.told_by_cells(self._areas.arrays, MARGIN_M, x, y)
        told, untold = np.flatnonzero(code > 0), np.flatnonzero(code < 0)
        point, area = self._exact(*self._degrees(x[untold], y[untold]))
        points = np.concatenate([told, untold[point]])
        areas = np.concatenate([code[told] - 1, area])
        # Two rows in order, merged: no point is in both.
        order = np.argsort(points, kind="stable")
        return points[order], areas[order]

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
