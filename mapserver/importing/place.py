"""Where data lies: in the city that it is added to, or plainly elsewhere."""

from __future__ import annotations

import geopandas as gpd
import numpy as np

from mapserver.errors import N_, DataError, Phrase
from mapserver.geo import extent
from mapserver.model import ROLES, Role, Snapshot
from mapserver.text.findings import Finding, Severity

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

DISTRICTS_MARGIN_M = 10_000
"""A city grows from its first shopping district; the largest Gu of Korea is some 20 km across."""

MARGIN_M = 50_000
"""A city that begins with one trail takes what lies within 50 km; a wrong CRS is often 100 off."""

METRES_PER_DEGREE = 111_320
"""Of latitude, and of longitude on the equator; good to 1 % for a margin."""


def find_area(city: Snapshot | None) -> Box | None:
    """Return the box in which what is added to a city is expected; None for an empty city.

    It is the box of the neighbourhoods or zones. Where there are none, the districts with 10 km
    around them; where there are none of these either, everything with 50 km around it.
    """
    if city is None or city.bounds is None:
        return None
    outlines = [role for role in ROLES.values() if role.row.covers_city]
    for roles, margin_m in ((outlines, 0), ((Role.DISTRICTS,), DISTRICTS_MARGIN_M)):
        layers = [city.layer_of(role) for role in roles]
        box = extent.find_frame_bounds(city.layers[layer] for layer in layers if layer is not None)
        if box is not None:
            return _widened(box, margin_m)
    return _widened(city.bounds, MARGIN_M)


def _widened(box: Box, margin_m: float) -> Box:
    west, south, east, north = extent.unwrap_box(box)
    north_south = margin_m / METRES_PER_DEGREE
    east_west = north_south / max(np.cos(np.radians((south + north) / 2)), 0.01)
    return (west - east_west, south - north_south, east + east_west, north + north_south)


def is_outside(frame: gpd.GeoDataFrame, area: Box) -> tuple[np.ndarray, np.ndarray]:
    """Return for each row whether it lies wholly outside of a box, and whether it has a place."""
    west, south, east, north = frame.geometry.bounds.to_numpy().T
    placed = np.isfinite(west)
    # Boxes are turned round the earth to the side of 180 degrees on which the area is.
    turned = extent.unwrap((west + east) / 2, (area[0] + area[2]) / 2) - (west + east) / 2
    west, east = west + turned, east + turned
    beside = (east < area[0]) | (west > area[2]) | (north < area[1]) | (south > area[3])
    return placed & beside, placed


def check_place(
    frame: gpd.GeoDataFrame, area: Box | None, file: str, proof: tuple[str, str], *, anyway: bool
) -> list[Finding]:
    """Refuse what lies wholly outside of the city; list the rows of which only some do.

    Parameters
    ----------
    frame
        EPSG:4326, indexed by id.
    area
        From :func:`find_area`.
    file
        Name of the file for messages.
    proof
        The CRS, and what it was concluded from.
    anyway
        Whoever called it says that it belongs there.

    Raises
    ------
    DataError
        All of it lies elsewhere.
    """
    if area is None or not len(frame):
        return []
    outside, placed = is_outside(frame, area)
    rows = np.flatnonzero(outside)
    if len(rows) and len(rows) == placed.sum():
        lon, lat = _middle(frame, int(rows[0]))
        if anyway:
            return [_all_outside(len(rows), lon, lat, file)]
        raise DataError(
            N_("all of it lies outside of the city, the first at {lon}, {lat}, by {crs} ({proof})"),
            where=file,
            mend=N_("Check --crs; if it belongs there say --anyway; for another city use --city"),
            lon=lon,
            lat=lat,
            crs=proof[0],
            proof=Phrase(proof[1]),
        )
    return [_stray(frame, int(at), file) for at in rows]


def _middle(frame: gpd.GeoDataFrame, at: int) -> tuple[float, float]:
    point = frame.geometry.iloc[at].centroid
    return round(float(point.x), 4), round(float(point.y), 4)


def _all_outside(count: int, lon: float, lat: float, file: str) -> Finding:
    return Finding(
        Severity.WARNING,
        "outside-city",
        file,
        N_(
            "all of it lies outside of the city, {count}, the first at {lon}, {lat}; it is "
            "added anyway"
        ),
        N_("Look whether they belong to this city"),
        values={"count": count, "lon": lon, "lat": lat},
    )


def _stray(frame: gpd.GeoDataFrame, at: int, file: str) -> Finding:
    lon, lat = _middle(frame, at)
    return Finding(
        Severity.WARNING,
        "outside-city",
        file,
        N_("it lies outside of the city, at {lon}, {lat}; it is kept"),
        N_("Look whether it belongs to this city"),
        str(frame.index[at]),
        {"lon": lon, "lat": lat},
    )
