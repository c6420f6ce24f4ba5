"""How far outside of a box places lie."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mapserver.geo import geodesy
from mapserver.geo.extent import Box, unwrap, unwrap_box
from mapserver.geo.geodesy import Floats


def distance_outside_m(lon: npt.ArrayLike, lat: npt.ArrayLike, box: Box) -> Floats:
    """Compute how far outside of a box places lie.

    Parameters
    ----------
    lon, lat
        Degrees on WGS 84, shape (n,).
    box
        West, south, east, north; it may cross 180 degrees.

    Returns
    -------
    ndarray
        Shape (n,): geodesic metres to the place of the box that is nearest in degrees, which may be
        a few per cent more than to the nearest one in metres. 0 within the box.

    Examples
    --------
    >>> distance_outside_m([126.85, 126.85], [35.1, 36.2], (126.8, 35.0, 126.9, 35.2)).round(-3)
    array([     0., 111000.])
    """
    west, south, east, north = unwrap_box(box)
    lon = unwrap(lon, (west + east) / 2)
    lat = np.asarray(lat, dtype=np.float64)
    # The border is nearest where a place is moved to it along its parallel and its meridian.
    metres = geodesy.distance_m(lon, lat, np.clip(lon, west, east), np.clip(lat, south, north))
    return np.asarray(metres, dtype=np.float64)
