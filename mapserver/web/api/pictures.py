"""Draws the features of an answer for its page: on the neighbourhoods, in colours of the page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from mapserver.drawing.outline import choose_tints, place_all, write_corners
from mapserver.model import Role, Snapshot

WIDTH, HEIGHT = 800, 500
"""Units of the picture; corners stand on whole ones."""
MARGIN = 50
"""Units about what is drawn."""
LEAST_SPAN = 0.004
"""Degrees that a picture shows at least, some 400 m: a place alone has its surroundings."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Features as paths of SVG, in units of the picture.

    Attributes
    ----------
    land
        Of each neighbourhood the number of its tint and its path.
    areas, lines
        Paths of all areas, and of all lines.
    dots
        Places of points.
    asked
        The place that was asked about; None where there is none.
    width, height
        Size of the picture.
    """

    land: tuple[tuple[int, str], ...]
    areas: str
    lines: str
    dots: tuple[tuple[int, int], ...]
    asked: tuple[int, int] | None
    width: int = WIDTH
    height: int = HEIGHT


def draw_features(
    city: Snapshot,
    shapes: npt.NDArray[np.object_] | Sequence[shapely.Geometry],
    asked: tuple[float, float] | None = None,
) -> Picture | None:
    """Draw features.

    Parameters
    ----------
    city
        Its neighbourhoods lie below.
    shapes
        Geometries on WGS 84, in degrees, shape (n,).
    asked
        Longitude and latitude of the place that was asked about.

    Returns
    -------
    Picture or None
        None where nothing has a place.
    """
    drawn = [shape for shape in shapes if shape is not None and not shape.is_empty]
    framed = [*drawn, *([shapely.Point(asked)] if asked else [])]
    if not framed:
        return None
    west, south, east, north = shapely.total_bounds(np.array(framed, dtype=object))
    middle = np.array([(west + east) / 2, (south + north) / 2])
    centre = np.array([WIDTH / 2, HEIGHT / 2])
    # A degree of longitude is shorter than one of latitude, by the cosine of the latitude.
    shrink = max(math.cos(math.radians(middle[1])), 0.01)
    scale = min(
        (WIDTH - 2 * MARGIN) / max((east - west) * shrink, LEAST_SPAN),
        (HEIGHT - 2 * MARGIN) / max(north - south, LEAST_SPAN),
    )

    def place(corners: npt.NDArray[np.float64]) -> npt.NDArray[np.int_]:
        moved: npt.NDArray[np.float64] = (corners - middle) * (scale * shrink, -scale) + centre
        return np.round(moved).astype(np.int_)

    def write(part: shapely.Geometry) -> str:
        # What lies outside is left out, with room for its line, so that no cut is seen.
        moved = shapely.transform(part, place_all(place))
        return write_corners(shapely.clip_by_rect(moved, -9, -9, WIDTH + 9, HEIGHT + 9))

    parts = shapely.get_parts(drawn)
    kinds = shapely.get_dimensions(parts)
    points = shapely.get_coordinates(parts[kinds == 0])
    return Picture(
        land=tuple((tint, path) for tint, area in _list_land(city) if (path := write(area))),
        areas="".join(map(write, parts[kinds == 2])),
        lines="".join(map(write, parts[kinds == 1])),
        dots=tuple((int(x), int(y)) for x, y in np.unique(place(points), axis=0)),
        asked=tuple(place(np.array([asked]))[0].tolist()) if asked else None,
    )


def _list_land(city: Snapshot) -> list[tuple[int, shapely.Geometry]]:
    """List the neighbourhoods with the numbers of their tints; worked out once for a layer."""
    layer = city.layer_of(Role.NEIGHBORHOODS)
    if layer is None:
        return []
    frame = city.layers[layer]

    def tint() -> list[tuple[int, shapely.Geometry]]:
        areas = frame.geometry.dropna().to_numpy()
        return list(zip(choose_tints(areas).tolist(), areas, strict=True))

    land: list[tuple[int, shapely.Geometry]] = city.derived.get("tinted land", (frame,), tint)
    return land
