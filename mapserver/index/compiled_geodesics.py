"""Geodesics of short length, compiled by numba, over many points; imported when needed.

Gauss's mid-latitude formulas (Gauss 1846; Grossmann 1976, Geodätische Rechnungen und Abbildungen)
solve the inverse geodesic problem by series about the middle of the two latitudes. To the third
order they differ from PROJ's geodesics (Karney 2013) by less than 2 micrometres up to 20 km.
"""

from __future__ import annotations

import math

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


PER_DEGREE = math.pi / 180.0
"""Radians of a degree."""
TOGETHER = 512
"""Pairs that are measured together by :func:`measure_columns`."""
TWO, THREE, FOUR, FIVE, SIX = (TOGETHER * n for n in range(2, 7))
"""Where the columns of such pairs begin, beside 0 and ``TOGETHER``, and where the last one ends."""
S3, S5, S7, S9, S11, S13, S15, S17, S19 = (
    (-1.0) ** n / math.factorial(2 * n + 1) for n in range(1, 10)
)
C2, C4, C6, C8, C10, C12, C14, C16, C18, C20 = (
    (-1.0) ** n / math.factorial(2 * n) for n in range(1, 11)
)
"""Taylor's series of sine and cosine. The first terms that are left out are b^21 / 21! and
b^22 / 22!: at 80 degrees (b = 1.4) less than 3e-17, a tenth of the rounding of a result of 1."""
P0, P1, P2, P3, P4 = (
    -8.750608600031904122785e-1, -1.615753718733365076637e1, -7.500855792314704667340e1,
    -1.228866684490136173410e2, -6.485021904942025371773e1,
)  # fmt: skip
Q0, Q1, Q2, Q3, Q4 = (
    2.485846490142306297962e1, 1.650270098316988542046e2, 4.328810604912902668951e2,
    4.853903996359136964868e2, 1.945506571482613964425e2,
)  # fmt: skip
"""The arc tangent of q up to 0.66 is q + q^3 P(q^2) / Q(q^2), to the last bit or two (Moshier,
Cephes, atan.c)."""
EIGHTH = math.sqrt(2.0) - 1.0
"""Tangent of an eighth of half a turn."""


@numba.njit(nogil=True, cache=True, forceinline=True, error_model="numpy")
def _compute_sine_and_cosine(b):
    """Compute both of an angle of at most 80 degrees, in radians."""
    z = b * b
    sine = S19 * z + S17
    sine = (((sine * z + S15) * z + S13) * z + S11) * z + S9
    sine = ((sine * z + S7) * z + S5) * z + S3
    cosine = C20 * z + C18
    cosine = (((cosine * z + C16) * z + C14) * z + C12) * z + C10
    cosine = (((cosine * z + C8) * z + C6) * z + C4) * z + C2
    return b + b * z * sine, 1.0 + z * cosine


@numba.njit(nogil=True, cache=True, forceinline=True, error_model="numpy")
def _compute_angle(y, x):
    """Compute the angle of (x, y) as ``arctan2`` does, by arithmetic and choices alone."""
    high, low = max(abs(y), abs(x)), min(abs(y), abs(x))
    # atan(q) = 45 degrees + atan((q - 1) / (q + 1)), which is at most EIGHTH in its amount.
    is_wide = low > EIGHTH * high
    numerator = low - high if is_wide else low
    denominator = low + high if is_wide else high
    # Both may be 0: then the angle is 0.
    q = numerator / (denominator if denominator > 0.0 else 1.0)
    z = q * q
    ratio = ((((P0 * z + P1) * z + P2) * z + P3) * z + P4) * z
    ratio /= ((((z + Q0) * z + Q1) * z + Q2) * z + Q3) * z + Q4
    angle = (math.pi / 4.0 if is_wide else 0.0) + (q + q * ratio)
    angle = math.pi / 2.0 - angle if abs(y) > abs(x) else angle
    angle = math.pi - angle if x < 0.0 else angle
    return -angle if y < 0.0 else angle


@numba.njit(nogil=True, cache=True, forceinline=True, error_model="numpy")
def measure_pair(lon: float, lat: float, to_lon: float, to_lat: float) -> tuple[float, float]:
    """Measure from one place to another, not its own: metres and bearing; -1 m if it is far.

    There is no branch and no call in it, so that a loop over many pairs computes several at a time.
    """
    # Middle latitude B, and the differences b = dB and l = dL, here in degrees.
    middle = (lat + to_lat) / 2.0
    d_lat, d_lon = to_lat - lat, to_lon - lon
    # Written so that NaN is far, too.
    is_short = (abs(middle) <= POLAR_DEG) & (abs(d_lat) <= SHORT_DEG) & (abs(d_lon) <= SHORT_DEG)
    d_lat, d_lon = d_lat * PER_DEGREE, d_lon * PER_DEGREE
    sine, cosine = _compute_sine_and_cosine(middle * PER_DEGREE)
    # sin^2 B, cos^2 B, t^2 = tan^2 B, b^2, l^2; eta^2 = e'^2 cos^2 B; V^2 = 1 + eta^2.
    sin2, cos2, b2, l2 = sine * sine, cosine * cosine, d_lat * d_lat, d_lon * d_lon
    tan2 = sin2 / cos2
    eta2 = ECCENTRICITY_2 * cos2
    v2 = 1.0 + eta2
    per_24 = 1.0 / (24.0 * v2 * v2)
    # Radius of curvature in the prime vertical: N = c / V. In the meridian it is M = N / V^2.
    radius = RADIUS_M / np.sqrt(v2)
    # s sin A = N l cos B (1 - l^2 sin^2 B / 24
    #                        + b^2 (1 + eta^2 - 9 eta^2 t^2) / (24 V^4)).
    east = (1.0 + eta2 - 9.0 * eta2 * tan2) * per_24 * b2 - sin2 * l2 * (1.0 / 24.0)
    east = radius * cosine * d_lon * (1.0 + east)
    # s cos A = M b (1 - l^2 cos^2 B (2 + 3 t^2 + 2 eta^2) / 24
    #                  + b^2 eta^2 (1 - t^2) / (8 V^4)).
    north = eta2 * (1.0 - tan2) * (3.0 * per_24) * b2
    north -= cos2 * (2.0 + 3.0 * tan2 + 2.0 * eta2) * (1.0 / 24.0) * l2
    north = radius / v2 * d_lat * (1.0 + north)
    # Convergence of the meridians: dA = l sin B (1 + l^2 cos^2 B (1 + eta^2) / 12
    #                                         + b^2 (3 + 2 eta^2 - 2 eta^4) / (24 V^4)).
    turn = (3.0 + 2.0 * eta2 - 2.0 * eta2 * eta2) * per_24 * b2
    turn = d_lon * sine * (1.0 + turn + cos2 * (1.0 + eta2) * (1.0 / 12.0) * l2)
    # A is the azimuth in the middle; at the start it is A - dA / 2.
    bearing = (_compute_angle(east, north) - turn / 2.0) / PER_DEGREE
    # Less than a turn away from [0, 360); the remainder of a division would take longer than all.
    bearing = bearing + 360.0 if bearing < 0.0 else bearing
    metres = np.sqrt(east * east + north * north)
    return (metres if is_short else -1.0), bearing


@numba.njit(nogil=True, cache=True, error_model="numpy")
def measure_columns(columns: Floats, pairs: int) -> None:
    """Measure some pairs, several at a time.

    ``columns`` has room for ``SIX`` numbers: six columns of ``TOGETHER`` pairs, one after the
    other. These are lon and lat, to_lon and to_lat; metres and bearing are written. As parts of one
    array, at distances that the compiler knows, they cannot overlap: so it may compute the second
    pair before the first is written.
    """
    for n in range(np.uint64(pairs)):
        metres, bearing = measure_pair(
            columns[n],
            columns[n + np.uint64(TOGETHER)],
            columns[n + np.uint64(TWO)],
            columns[n + np.uint64(THREE)],
        )
        columns[n + np.uint64(FOUR)], columns[n + np.uint64(FIVE)] = metres, bearing


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
