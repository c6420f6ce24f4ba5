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
            return widen_area(box, margin_m)
    return widen_area(city.bounds, MARGIN_M)


def widen_area(box: Box, margin_m: float) -> Box:
    """Widen a box by so many metres on each side."""
    west, south, east, north = extent.unwrap_box(box)
    # A degree of longitude shrinks with the cosine of the latitude; at a pole it would be nothing.
    north_south = margin_m / METRES_PER_DEGREE
    east_west = north_south / max(np.cos(np.radians((south + north) / 2)), 0.01)
    return (west - east_west, south - north_south, east + east_west, north + north_south)


def is_outside(frame: gpd.GeoDataFrame, area: Box) -> tuple[np.ndarray, np.ndarray]:
    """Return for each row whether it lies wholly outside of a box, and whether it has a place."""
    west, south, east, north = frame.geometry.bounds.to_numpy().T
    has_place = np.isfinite(west)
    # A row without a geometry has bounds of NaN, which compare as false with everything.
    # Boxes are turned round the earth to the side of 180 degrees on which the area is.
    turn_deg = extent.unwrap((west + east) / 2, (area[0] + area[2]) / 2) - (west + east) / 2
    west, east = west + turn_deg, east + turn_deg
    is_beside = (east < area[0]) | (west > area[2]) | (north < area[1]) | (south > area[3])
    return has_place & is_beside, has_place


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
    is_row_outside, has_place = is_outside(frame, area)
    outside_rows = np.flatnonzero(is_row_outside)
    # All of it elsewhere is a wrong CRS or another city; a few rows are strays, and stay.
    if len(outside_rows) and len(outside_rows) == has_place.sum():
        lon, lat = _find_row_middle(frame, int(outside_rows[0]))
        if anyway:
            return [_report_all_outside(len(outside_rows), lon, lat, file)]
        raise DataError(
            N_("all of it lies outside of the city, the first at {lon}, {lat}, by {crs} ({proof})"),
            where=file,
            mend=N_("Check --crs; if it belongs there say --anyway; for another city use --city"),
            lon=lon,
            lat=lat,
            crs=proof[0],
            proof=Phrase(proof[1]),
        )
    return [_report_stray(frame, int(row), file) for row in outside_rows]


def _find_row_middle(frame: gpd.GeoDataFrame, row: int) -> tuple[float, float]:
    point = frame.geometry.iloc[row].centroid
    return round(float(point.x), 4), round(float(point.y), 4)


def _report_all_outside(count: int, lon: float, lat: float, file: str) -> Finding:
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


def _report_stray(frame: gpd.GeoDataFrame, row: int, file: str) -> Finding:
    lon, lat = _find_row_middle(frame, row)
    return Finding(
        Severity.WARNING,
        "outside-city",
        file,
        N_("it lies outside of the city, at {lon}, {lat}; it is kept"),
        N_("Look whether it belongs to this city"),
        str(frame.index[row]),
        {"lon": lon, "lat": lat},
    )
