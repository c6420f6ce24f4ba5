"""Pairs of points and features: the nearest place in a plane, measured on the ellipsoid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from mapserver.geo import geodesy
from mapserver.geo.geodesy import Floats, Geometries
from mapserver.geo.threads import map_chunks
from mapserver.index.nearest_answers import Nearest, Positions

Transform = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class ProjectedFeatures:
    """Some features in a projected CRS, and the transforms there and back."""

    geometries: Geometries
    forward: Transform
    inverse: Transform

    @classmethod
    def from_lonlat(
        cls, lonlat: Geometries, forward: Transform, inverse: Transform
    ) -> ProjectedFeatures:
        """Project features from degrees."""
        return cls(project_geometries(lonlat, forward), forward, inverse)

    def measure_pairs(
        self, lon: Floats, lat: Floats, point: Positions, feature: Positions
    ) -> Nearest:
        """Snap points to features in the plane, and measure on the ellipsoid."""
        x, y = self.forward(lon, lat)
        links = shapely.shortest_line(shapely.points(x, y)[point], self.geometries[feature])
        # Each link has two vertices: the point, and its snapped point.
        ends = shapely.get_coordinates(links)[1::2]
        snapped_lon, snapped_lat = self.inverse(ends[:, 0], ends[:, 1])
        return measure_links(
            lon[point], lat[point], snapped_lon, snapped_lat, point, feature,
            is_touching=shapely.length(links) == 0,
        )  # fmt: skip


def measure_links(  # noqa: PLR0913, PLR0917 -- two places and the pair they belong to
    lon: Floats,
    lat: Floats,
    snapped_lon: Floats,
    snapped_lat: Floats,
    point: Positions,
    feature: Positions,
    *,
    is_touching: npt.NDArray[np.bool_],
) -> Nearest:
    """Measure from points to their snapped points on the ellipsoid.

    Parameters
    ----------
    lon, lat, snapped_lon, snapped_lat
        Both ends of each link, in degrees.
    point, feature
        The pair that each link belongs to.
    is_touching
        Whether the point lies on the feature.
    """
    # The way back from the plane costs a nanometre, which would give 0 m a bearing.
    snapped_lon = np.where(is_touching, lon, snapped_lon)
    snapped_lat = np.where(is_touching, lat, snapped_lat)
    bearing, metres = map_chunks(geodesy.azimuth_and_distance, lon, lat, snapped_lon, snapped_lat)
    bearing = np.where(is_touching, np.nan, bearing)
    return Nearest(point, feature, metres, bearing, snapped_lon, snapped_lat)


def project_geometries(geometries: Geometries, transform: Transform) -> Geometries:
    """Return geometries with every vertex transformed from one plane to another."""
    projected: Geometries = shapely.transform(geometries, transform, interleaved=False)
    return projected
