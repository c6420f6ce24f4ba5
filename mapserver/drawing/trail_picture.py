"""The picture of a trail: its own line in a small square, for cards, share cards and posters."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

SIDE_PX, MARGIN_PX = 60.0, 10.0
"""Side of the square, and what stays free at each edge."""
TOLERANCE_PX = 0.4
"""Vertices that bend the line by less are left out: nobody sees them."""


@dataclass(frozen=True, slots=True)
class TrailPicture:
    """A line to be drawn in a square of 60 by 60.

    Attributes
    ----------
    path
        As the attribute ``d`` of an SVG path has it.
    x, y
        Where the trail starts.
    """

    path: str
    x: float
    y: float


def draw_trail_picture(geometry: shapely.Geometry | None) -> TrailPicture | None:
    """Draw the line of a trail in a small square, as large as it fits.

    Parameters
    ----------
    geometry
        Line or lines in degrees; None, or one without length, has no picture.
    """
    if geometry is None or geometry.is_empty:
        return None
    lines = [np.array(part.coords)[:, :2] for part in shapely.get_parts(geometry)]
    places = np.vstack(lines)
    first_lon, middle_lat = places[0, 0], places[:, 1].mean()
    # A degree of longitude is shorter by the cosine of the latitude; north is up on the screen.
    scales = np.array([math.cos(math.radians(middle_lat)), -1.0])

    def flatten(line: NDArray[np.float64]) -> NDArray[np.float64]:
        # Over the 180th meridian a line goes on from its first place.
        lons = (line[:, 0] - first_lon + 180.0) % 360.0 - 180.0
        return np.asarray(np.column_stack([lons, line[:, 1]]) * scales)

    flat = [flatten(line) for line in lines]
    low, high = np.vstack(flat).min(axis=0), np.vstack(flat).max(axis=0)
    size = float((high - low).max())
    if size == 0.0:
        return None
    # The longer side fills the square, the shorter one lies in its middle.
    scale = (SIDE_PX - 2 * MARGIN_PX) / size
    corner = (SIDE_PX - (high - low) * scale) / 2
    drawn = [
        shapely.get_coordinates(
            shapely.simplify(shapely.LineString((line - low) * scale + corner), TOLERANCE_PX)
        ).round(1)
        for line in flat
    ]
    path = "".join("M" + "L".join(f"{x:g} {y:g}" for x, y in line) for line in drawn)
    x, y = drawn[0][0]
    return TrailPicture(path, float(x), float(y))
