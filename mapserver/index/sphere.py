"""A sphere that stands for the ellipsoid, on which no distance is longer than there."""

from __future__ import annotations

import numpy as np

from mapserver.geo import geodesy
from mapserver.geo.geodesy import Floats

SPHERE_M = 6_367_449.145823415
"""Radius of the sphere whose meridians are as long as those of WGS 84: a quarter of a meridian,
10,001,965.7293 m, by pi / 2. On that sphere, with rectifying latitudes, north-south ways have their
true length, and east-west ways are on the ellipsoid longer by at most a / ``SPHERE_M`` = 1.00168
(at the equator). So no distance on the sphere is longer than on the ellipsoid, and none is shorter
by more than that factor."""


def place_on_sphere(lon: Floats, lat: Floats) -> Floats:
    """Place points on a sphere of radius 1, by their rectifying latitudes.

    Parameters
    ----------
    lon, lat
        Degrees on WGS 84.

    Returns
    -------
    ndarray of float, shape (n, 3)
        x, y, z of each.
    """
    # Rectifying latitude, by its series in n = f / (2 - f) (Snyder 1987, USGS PP 1395, p. 16-17):
    # mu = phi - (3 n / 2 - 9 n^3 / 16) sin 2 phi + (15 n^2 / 16) sin 4 phi
    #      - (35 n^3 / 48) sin 6 phi. What is left out is n^4 = 8e-12.
    n = geodesy.GEOD.f / (2 - geodesy.GEOD.f)
    phi, lam = np.radians(lat), np.radians(lon)
    mu = phi - (1.5 * n - 9 / 16 * n**3) * np.sin(2 * phi)
    mu += 15 / 16 * n**2 * np.sin(4 * phi) - 35 / 48 * n**3 * np.sin(6 * phi)
    cosine = np.cos(mu)
    return np.column_stack([cosine * np.cos(lam), cosine * np.sin(lam), np.sin(mu)])
