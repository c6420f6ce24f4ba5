"""Where a city lies: its bounds, its middle, and the projected CRS that is true to scale there."""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
from pyproj import CRS

from mapserver import geodesy
from mapserver.errors import N_
from mapserver.findings import Finding, Severity

TOLERANCE = 0.005
"""How far from true to scale the stated CRS may be; with more, the search would err."""


def bounds(frames: Iterable[gpd.GeoDataFrame]) -> tuple[float, float, float, float] | None:
    """Give west, south, east, north of all features in degrees; None when nothing has a place."""
    boxes = np.array([frame.total_bounds for frame in frames]).reshape(-1, 4)
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    if not len(boxes):
        return None
    west, south = boxes[:, :2].min(axis=0)
    east, north = boxes[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)


def middle(frames: Iterable[gpd.GeoDataFrame]) -> tuple[float, float]:
    """Give a point amid the features, lon and lat, which a stray feature far away does not move."""
    boxes = [frame.geometry.bounds.to_numpy() for frame in frames]
    every = np.concatenate(boxes) if boxes else np.empty((0, 4))
    every = every[np.isfinite(every).all(axis=1)]
    if not len(every):
        return 0.0, 0.0
    west, south, east, north = np.median(every, axis=0)
    return float((west + east) / 2), float((south + north) / 2)


def metric_crs(stated: str | None, lon: float, lat: float) -> tuple[CRS, tuple[Finding, ...]]:
    """Choose the CRS to search in: the one that the catalogue states, if it fits here.

    Parameters
    ----------
    stated
        What the catalogue says (``EPSG:5186``), or None.
    lon, lat
        The middle of the city.

    Returns
    -------
    crs : CRS
        Projected, in metres.
    findings : tuple of Finding
        One, when the stated CRS is not true to scale here and another was taken.
    """
    if stated is None:
        return geodesy.metric_crs(lon, lat), ()
    crs = geodesy.parse_crs(stated)
    scale = geodesy.scale_at(crs, lon, lat)
    if abs(scale - 1) < TOLERANCE:
        return crs, ()
    unfit = Finding(
        Severity.WARNING,
        "metric-crs-unfit",
        "layers/catalog.toml",
        N_("metric_crs {crs} is not true to scale in this city (factor {scale})"),
        N_("Name the projected CRS of this region, or remove the line"),
        values={"crs": stated, "scale": f"{scale:.3f}"},
    )
    return geodesy.metric_crs(lon, lat), (unfit,)
