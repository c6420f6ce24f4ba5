"""Where a city lies: its bounds, its middle, and the projected CRS that is true to scale there."""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from mapserver import geodesy
from mapserver.errors import N_
from mapserver.findings import Finding, Severity
from mapserver.geodesy import Floats

TOLERANCE = 0.005
"""How far from true to scale the stated CRS may be; with more, the search would err."""


def bounds(frames: Iterable[gpd.GeoDataFrame]) -> tuple[float, float, float, float] | None:
    """Return west, south, east, north of all features in degrees; None when nothing has a place.

    Of features on both sides of 180 degrees the east is less than the west, as in RFC 7946.
    """
    boxes = _collect_boxes(frames)
    if not len(boxes):
        return None
    # Boxes are unwrapped about their common middle, so that the sides of 180 degrees meet.
    lon, _ = find_middle(np.concatenate([boxes[:, :2], boxes[:, 2:]]))
    west, east = unwrap(boxes[:, 0], lon), unwrap(boxes[:, 2], lon)
    if west.min() >= -180 and east.max() <= 180:
        west, east = boxes[:, 0], boxes[:, 2]
    elif east.max() - west.min() >= 360:
        return -180.0, float(boxes[:, 1].min()), 180.0, float(boxes[:, 3].max())
    return (
        float(wrap(west.min())),
        float(boxes[:, 1].min()),
        float(wrap(east.max())),
        float(boxes[:, 3].max()),
    )


def middle(frames: Iterable[gpd.GeoDataFrame]) -> tuple[float, float]:
    """Return a point amid the features, lon and lat, which a stray feature does not move."""
    boxes = _collect_boxes(frames)
    if not len(boxes):
        return 0.0, 0.0
    about, _ = find_middle(np.concatenate([boxes[:, :2], boxes[:, 2:]]))
    west, east = np.median(unwrap(boxes[:, [0, 2]], about), axis=0)
    south, north = np.median(boxes[:, [1, 3]], axis=0)
    return float(wrap((west + east) / 2)), float((south + north) / 2)


def find_middle(places: Floats) -> tuple[float, float]:
    """Find the middle of places: the median of longitudes, taken round the earth, and latitudes.

    Parameters
    ----------
    places
        Longitude and latitude in degrees, shape (n, 2).

    Returns
    -------
    lon, lat : float
        Longitude within [-180, 180]; 0, 0 without any place.
    """
    if not len(places):
        return 0.0, 0.0
    # The direction of the median on the circle, which has no seam, says where to unwrap.
    radians = np.radians(places[:, 0])
    about = np.degrees(np.arctan2(np.median(np.sin(radians)), np.median(np.cos(radians))))
    return float(wrap(np.median(unwrap(places[:, 0], about)))), float(np.median(places[:, 1]))


def unwrap(lon: npt.ArrayLike, about: float) -> Floats:
    """Return longitudes within 180 degrees of another, beyond 180 or -180 if need be.

    Examples
    --------
    >>> unwrap([179.5, -179.5], about=180.0).tolist()
    [179.5, 180.5]
    """
    lon = np.asarray(lon, dtype=np.float64)
    turns = np.round((lon - about) / 360)
    unwrapped: Floats = np.where(turns == 0, lon, lon - 360 * turns)
    return unwrapped


def wrap(lon: npt.ArrayLike) -> Floats:
    """Return longitudes within [-180, 180]."""
    lon = np.asarray(lon, dtype=np.float64)
    wrapped: Floats = np.where(np.abs(lon) <= 180, lon, (lon + 180) % 360 - 180)
    return wrapped


def _collect_boxes(frames: Iterable[gpd.GeoDataFrame]) -> Floats:
    """Collect west, south, east, north of all features, of those on both sides of 180 by parts."""
    geometries = [frame.geometry.to_numpy() for frame in frames]
    every = np.concatenate(geometries) if geometries else np.empty(0, dtype=object)
    boxes = shapely.bounds(every).reshape(-1, 4)
    wide = boxes[:, 2] - boxes[:, 0] > 180
    if wide.any():
        # A line over 180 degrees jumps there; its points are a box each.
        parts = shapely.get_parts(every[wide])
        lines = np.abs(np.diff(shapely.bounds(parts)[:, [0, 2]], axis=1)[:, 0]) > 180
        points = shapely.points(shapely.get_coordinates(parts[lines]))
        boxes = np.concatenate([boxes[~wide], shapely.bounds(parts[~lines]).reshape(-1, 4)])
        boxes = np.concatenate([boxes, shapely.bounds(points).reshape(-1, 4)])
    known: Floats = boxes[np.isfinite(boxes).all(axis=1)]
    return known


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
