"""Geodesics of short length, compiled by numba, over many points; imported when needed.

Gauss's mid-latitude formulas (Gauss 1846; Grossmann 1976, Geodätische Rechnungen und Abbildungen)
solve the inverse geodesic problem by series about the middle of the two latitudes. To the third
order they differ from PROJ's geodesics (Karney 2013) by less than 2 micrometres up to 20 km.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from mapserver.geo import geodesy
from mapserver.geo.geodesy import Floats
from mapserver.geo.threads import CHUNK, run_in_threads

Positions = npt.NDArray[np.int64]

SHORT_DEG, POLAR_DEG = 0.2, 80.0
"""Up to so many degrees between two places, and up to that latitude, the formulas are used."""
AXIS_M = geodesy.GEOD.a
"""Semi-major axis a of WGS 84."""
ECCENTRICITY_2 = geodesy.GEOD.es / (1 - geodesy.GEOD.es)
"""Square e'^2 of the second eccentricity of WGS 84: e^2 / (1 - e^2)."""


RADIUS_M = AXIS_M * np.sqrt(1.0 + ECCENTRICITY_2)
"""Polar radius of curvature c = a sqrt(1 + e'^2) of WGS 84."""


@numba.njit(nogil=True, cache=True, inline="always", error_model="numpy")
def measure_pair(lon: float, lat: float, to_lon: float, to_lat: float) -> tuple[float, float]:
    """Measure from one place to another, not its own: metres and bearing; -1 m if it is far."""
    # Middle latitude B, and the differences b = dB and l = dL, here in degrees.
    middle = (lat + to_lat) / 2.0
    d_lat, d_lon = to_lat - lat, to_lon - lon
    # Written so that NaN is far, too.
    is_short = abs(middle) <= POLAR_DEG and abs(d_lat) <= SHORT_DEG and abs(d_lon) <= SHORT_DEG
    if not is_short:
        return -1.0, 0.0
    d_lat, d_lon = np.radians(d_lat), np.radians(d_lon)
    sine, cosine = np.sin(np.radians(middle)), np.cos(np.radians(middle))
    # cos^2 B, t^2 = tan^2 B, b^2, l^2; eta^2 = e'^2 cos^2 B; V^2 = 1 + eta^2.
    cos2, tan2, b2, l2 = cosine * cosine, (sine / cosine) ** 2, d_lat * d_lat, d_lon * d_lon
    eta2 = ECCENTRICITY_2 * cos2
    v2 = 1.0 + eta2
    # Radius of curvature in the prime vertical: N = c / V. In the meridian it is M = N / V^2.
    radius = RADIUS_M / np.sqrt(v2)
    # s sin A = N l cos B (1 - l^2 sin^2 B / 24
    #                        + b^2 (1 + eta^2 - 9 eta^2 t^2) / (24 V^4)).
    east = (1.0 + eta2 - 9.0 * eta2 * tan2) / (24.0 * v2 * v2) * b2 - sine * sine * l2 / 24.0
    east = radius * cosine * d_lon * (1.0 + east)
    # s cos A = M b (1 - l^2 cos^2 B (2 + 3 t^2 + 2 eta^2) / 24
    #                  + b^2 eta^2 (1 - t^2) / (8 V^4)).
    north = eta2 * (1.0 - tan2) / (8.0 * v2 * v2) * b2
    north -= cos2 * (2.0 + 3.0 * tan2 + 2.0 * eta2) / 24.0 * l2
    north = radius / v2 * d_lat * (1.0 + north)
    # Convergence of the meridians: dA = l sin B (1 + l^2 cos^2 B (1 + eta^2) / 12
    #                                         + b^2 (3 + 2 eta^2 - 2 eta^4) / (24 V^4)).
    turn = (3.0 + 2.0 * eta2 - 2.0 * eta2 * eta2) / (24.0 * v2 * v2) * b2
    turn = d_lon * sine * (1.0 + turn + cos2 * (1.0 + eta2) / 12.0 * l2)
    # A is the azimuth in the middle; at the start it is A - dA / 2.
    bearing = np.degrees(np.arctan2(east, north) - turn / 2.0)
    # Less than a turn away from [0, 360); the remainder of a division would take longer than all.
    bearing += 360.0 if bearing < 0.0 else 0.0
    return np.sqrt(east * east + north * north), bearing


@numba.njit(nogil=True, cache=True)
def _measure_chunk(begin, end, points, point, snapped, snapped_degrees, bearing, metres):
    """Measure the answers from ``begin`` to ``end``; a long one gets the distance -1."""
    (lon, lat, x, y), (snapped_x, snapped_y) = points, snapped
    to_lon, to_lat = snapped_degrees
    for n in range(begin, end):
        i = point[n]
        if snapped_x[n] == x[i] and snapped_y[n] == y[i]:
            # The way back from the plane costs a nanometre, which would give 0 m a bearing.
            to_lon[n], to_lat[n] = lon[i], lat[i]
            metres[n], bearing[n] = 0.0, np.nan
        else:
            metres[n], bearing[n] = measure_pair(lon[i], lat[i], to_lon[n], to_lat[n])


def measure_answers(
    points: tuple[Floats, ...],
    point: Positions,
    snapped: tuple[Floats, Floats],
    snapped_degrees: tuple[Floats, Floats],
) -> tuple[Floats, Floats]:
    """Measure from many points to the places nearest to them, on the ellipsoid.

    Short distances are measured by the mid-latitude formulas to the third order, others by PROJ.

    Parameters
    ----------
    points
        Four columns of ``m`` points: lon, lat, and x, y in the plane.
    point
        Shape (n,), the point of each answer.
    snapped, snapped_degrees
        x, y of each answer in the plane, and its lon, lat. Where an answer is its point's own
        place, its lon and lat are overwritten by those of the point.

    Returns
    -------
    bearing_deg, distance_m : ndarray
        Shape (n,); NaN and 0 at the point's own place.
    """
    bearing, metres = np.empty(len(point)), np.empty(len(point))
    # Numba compiles all anew for arrays with gaps or without the right to write, as of tables.
    points = tuple(np.require(column, float, ["C", "W"]) for column in points)

    def measure_part(begin: int) -> None:
        end = min(begin + CHUNK, len(point))
        _measure_chunk(begin, end, points, point, snapped, snapped_degrees, bearing, metres)
        long = begin + np.flatnonzero(metres[begin:end] < 0)
        if len(long):
            starts = points[0][point[long]], points[1][point[long]]
            ends = snapped_degrees[0][long], snapped_degrees[1][long]
            bearing[long], metres[long] = geodesy.azimuth_and_distance(*starts, *ends)

    run_in_threads(measure_part, range(0, len(point), CHUNK))
    return bearing, metres
