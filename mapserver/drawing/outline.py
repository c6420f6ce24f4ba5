"""Writes the picture of a card as SVG, for pages without script, by day and at night."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import numpy as np
import numpy.typing as npt
import shapely

from mapserver.drawing.card import Picture

WIDTH = 800
"""Units of the picture's width; corners stand on whole ones."""
MARGIN = 40
COARSE = 1.5
"""Units by which a line may differ from the true one: less is not seen, and costs bytes."""
FLATTEST = 0.5
"""Height as a share of the width, at least."""

TINTS = 4
"""Four are enough nearly always for areas that touch to look different."""

Recolor = Callable[[str], str]


def write_svg(
    picture: Picture, label: str, recolor: Recolor = str, *, tallest: float = 1.25
) -> bytes:
    """Write a picture as SVG.

    Parameters
    ----------
    picture
        What it shows; the light about lines is left out.
    label
        What it shows, in words.
    recolor
        Returns the colour that stands for one of the picture: as it is, or at night.
    tallest
        Height as a share of the width, at most.
    """
    west, south, east, north = picture.frame
    spans = (max(east - west, 1.0), max(north - south, 1.0))
    height = round(WIDTH * min(tallest, max(FLATTEST, spans[1] / spans[0])))
    scale = min((WIDTH - 2 * MARGIN) / spans[0], (height - 2 * MARGIN) / spans[1])
    middle = ((west + east) / 2, (south + north) / 2)

    def place(points: np.ndarray) -> np.ndarray:
        moved = (points - middle) * (scale, -scale) + (WIDTH / 2, height / 2)
        return np.round(moved).astype(int)

    # What looks alike is one path: its colours are written once.
    groups: dict[tuple[str, str, int, str], list[shapely.Geometry]] = {}
    for shape in picture.shapes:
        look = (shape.fill, shape.edge, shape.width_px, shape.casing)
        drawn = shapely.transform(shape.geometry, place_all(place))
        # What lies outside is left out, with room for its line, so that no cut is seen.
        inner = shapely.clip_by_rect(drawn, -MARGIN, -MARGIN, WIDTH + MARGIN, height + MARGIN)
        groups.setdefault(look, []).append(inner)
    parts = [_write_path(look, shapes, recolor) for look, shapes in groups.items()]
    dots = "".join(
        f'<circle cx="{x}" cy="{y}" r="8"/>'
        for x, y in place(np.reshape(np.array(picture.dots, dtype=float), (-1, 2)))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{escape(label)}"><rect width="{WIDTH}" height="{height}" '
        f'fill="{recolor(picture.ground)}"/>{"".join(parts)}'
        f'<g fill="{recolor(picture.dot_color)}">{dots}</g></svg>'
    ).encode()


def place_all(place: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function for shapely, which hands over all corners of a geometry at once."""
    return lambda corners: place(corners[:, :2]).astype(float)


def _write_path(
    look: tuple[str, str, int, str], shapes: list[shapely.Geometry], recolor: Recolor
) -> str:
    fill, edge, width, casing = look
    path = "".join(map(write_corners, shapes))
    if not path:
        return ""
    inside = recolor(fill) if fill else "none"
    round_ends = 'stroke-linecap="round" stroke-linejoin="round"'
    below = ""
    if casing:
        wider = f'stroke="{recolor(casing)}" stroke-width="{width + 5}" {round_ends}'
        below = f'<path d="{path}" fill="none" {wider}/>'
    line = f' stroke="{recolor(edge)}" stroke-width="{width}" {round_ends}' if edge else ""
    return f'{below}<path d="{path}" fill="{inside}"{line}/>'


def write_corners(shape: shapely.Geometry) -> str:
    """Write the lines of a geometry, each corner relative to the one before."""
    written = ""
    for part in shapely.get_parts(shapely.simplify(shape, COARSE)):
        is_area = isinstance(part, shapely.Polygon)
        rings = [part.exterior, *part.interiors] if is_area else [part]
        for ring in rings:
            corners = shapely.get_coordinates(ring).astype(int)
            if len(corners) < 2:
                continue
            steps = np.diff(corners[:-1] if is_area else corners, axis=0)
            moves = "".join(f"l{dx} {dy}" for dx, dy in steps if dx or dy)
            end = "z" if is_area else ""
            # A trail that is smaller than a unit is a dot with round ends.
            written += f"M{corners[0][0]} {corners[0][1]}{moves or 'h0'}{end}".replace(" -", "-")
    return written


def choose_tints(areas: npt.NDArray[np.object_]) -> npt.NDArray[np.intp]:
    """Choose for each area one of four tints, so that no two neighbours are alike.

    Parameters
    ----------
    areas
        Geometries, shape (n,).

    Returns
    -------
    ndarray of int
        Numbers of tints from 0, shape (n,).
    """
    tree = shapely.STRtree(areas)
    tints = np.full(len(areas), -1, dtype=np.intp)
    for number, area in enumerate(areas):
        taken = {int(tints[other]) for other in tree.query(area, predicate="intersects")}
        free = [tint for tint in range(TINTS) if tint not in taken]
        # Four are enough nearly always; where one by one they are not, two neighbours share one.
        tints[number] = free[0] if free else number % TINTS
    return tints
