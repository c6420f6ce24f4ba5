"""Whether two lines are one way, drawn or recorded twice, in whichever direction."""

from __future__ import annotations

import numpy as np
import shapely

from mapserver.geo import extent, geodesy
from mapserver.geo.geodesy import Geometries

ROUTE_M = 20.0
"""A route that a planner drew lies no farther from the track along it: it cuts the bends."""

SAME_LENGTH = 0.1
"""There and back is another trail than there; two recordings of one differ by less than this."""


def is_same_way(line: shapely.Geometry, other_line: shapely.Geometry, tolerance_m: float) -> bool:
    """Return whether two lines are nowhere farther apart than a tolerance, and equally long.

    Parameters
    ----------
    line, other_line
        Lines in one metric CRS; direction and spacing of their points do not matter.
    tolerance_m
        How far a vertex of either may lie from the other line.

    Notes
    -----
    The distance is that of Hausdorff, over vertices: on straight legs between them no point lies
    farther from a straight line than the ends.
    """
    # The way there and back lies on the way there, and is twice as long.
    lengths = shapely.length(line), shapely.length(other_line)
    if abs(lengths[0] - lengths[1]) > SAME_LENGTH * max(lengths) + tolerance_m:
        return False
    # Boxes are compared first, since they cost nothing: lines this close have boxes this close.
    boxes = np.array([shapely.bounds(line), shapely.bounds(other_line)])
    if np.abs(boxes[0] - boxes[1]).max() > tolerance_m:
        return False
    return _is_along(line, other_line, tolerance_m) and _is_along(other_line, line, tolerance_m)


def find_repeats(routes: Geometries, tracks: Geometries) -> np.ndarray:
    """Find routes that repeat a track of the same file.

    Parameters
    ----------
    routes, tracks
        Lines in EPSG:4326, shapes (n,) and (k,).

    Returns
    -------
    ndarray of bool, shape (n,)
        A track of two points is no record of a way, so no route repeats it.
    """
    repeats = np.zeros(len(routes), dtype=bool)
    tracks = tracks[shapely.get_num_coordinates(tracks) > 2] if len(tracks) else tracks
    if not len(routes) or not len(tracks):
        return repeats
    # Distances are compared in metres, in a plane around the middle of the tracks.
    lon, lat = extent.find_middle(shapely.get_coordinates(tracks))
    transform = geodesy.build_plane(lon, lat)
    flat_routes, flat_tracks = (
        shapely.transform(shapely.force_2d(lines), transform, interleaved=False)
        for lines in (routes, tracks)
    )
    for position, route in enumerate(flat_routes):
        repeats[position] = any(is_same_way(route, track, ROUTE_M) for track in flat_tracks)
    return repeats


def _is_along(line: shapely.Geometry, other_line: shapely.Geometry, tolerance_m: float) -> bool:
    shapely.prepare(other_line)
    return bool(
        shapely.dwithin(
            shapely.points(shapely.get_coordinates(line)), other_line, tolerance_m
        ).all()
    )
