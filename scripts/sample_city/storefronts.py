"""Where shops stand: in rows along the streets around a block, the front row first."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from shapely import MultiPolygon, Polygon

SETBACK_M = 5.0
ROW_DEPTH_M = 9.0
WIDEST_FRONT_M = 6.0
NARROWEST_FRONT_M = 1.6
MOST_JITTER_M = 0.4


def storefronts(
    district: Polygon | MultiPolygon, count: int, rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Place shops in a district.

    Parameters
    ----------
    district
        Its outline in metres.
    count
        How many shops it has.
    rng
        Source of chance.

    Returns
    -------
    ndarray
        Shape (count, 2), metres, no two at one place, all inside by half a metre or more.

    Raises
    ------
    ValueError
        The district is too small for so many.
    """
    front = WIDEST_FRONT_M
    while front >= NARROWEST_FRONT_M:
        places, rows = _rows(district, front)
        if len(places) >= count:
            # Some shops stand in the second row although the first has room.
            order = np.argsort(rows + 1.4 * rng.random(len(rows)), kind="stable")[:count]
            jitter = rng.uniform(-MOST_JITTER_M, MOST_JITTER_M, (count, 2))
            return places[np.sort(order)] + jitter
        front *= 0.9
    raise ValueError(f"no room for {count} shops on {district.area:.0f} m2")


def _rows(
    district: Polygon | MultiPolygon, front_m: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Divide rows parallel to the outline into fronts; give their middles and row numbers."""
    places, rows = [], []
    for block in shapely.get_parts(district):
        radius = shapely.maximum_inscribed_circle(block, tolerance=0.5).length
        setback = min(SETBACK_M, 0.4 * radius)
        for row, depth in enumerate(np.arange(setback, radius, ROW_DEPTH_M)):
            inside = block.buffer(-depth, join_style="mitre")
            for ring in shapely.get_parts(shapely.boundary(inside)):
                middles = np.arange(front_m / 2, ring.length - front_m / 2, front_m)
                places.append(shapely.get_coordinates(ring.interpolate(middles)))
                rows.append(np.full(len(middles), float(row)))
    return np.concatenate(places), np.concatenate(rows)
