"""Draws the picture of a card: a trail on the colour of its ground, or a part of the map."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely
from PIL import Image, ImageDraw, ImageFilter

from mapserver.drawing.card import Picture, Shape

OVERSAMPLING = 2
"""Pixels are drawn so many times as fine and then averaged: edges become smooth."""
MARGIN_PX = 92
"""Between what a picture shows and its edge."""
GLOW_PX, GLOW_BLUR_PX = 88, 22
"""Width and softness of the light about a trail."""
DOT_PX = 13
"""Radius of the dot where a trail begins."""

Points = npt.NDArray[np.float64]


class _Plane:
    """Turns metres into pixels, so that a frame fills a picture."""

    def __init__(self, frame: Sequence[float], size_px: tuple[int, int], margin_px: int) -> None:
        west, south, east, north = frame
        room = [side - 2 * margin_px for side in size_px]
        # A point has no width: it is seen with a hundred metres about it.
        spans = (max(east - west, 1.0), max(north - south, 1.0))
        self.scale = min(room[0] / spans[0], room[1] / spans[1], min(room) / 100.0)
        self.middle = np.array([(west + east) / 2, (south + north) / 2])
        self.center = np.array(size_px) / 2

    def place(self, points: Points) -> list[tuple[float, float]]:
        """Return where points in metres are in the picture; y grows downwards there."""
        moved = (points[:, :2] - self.middle) * (self.scale, -self.scale) + self.center
        return [(float(x), float(y)) for x, y in moved]


def draw_picture(picture: Picture, size_px: tuple[int, int]) -> Image.Image:
    """Draw a picture.

    Parameters
    ----------
    picture
        What it shows.
    size_px
        Its width and height.
    """
    fine = (size_px[0] * OVERSAMPLING, size_px[1] * OVERSAMPLING)
    plane = _Plane(picture.frame, fine, MARGIN_PX * OVERSAMPLING)
    image = Image.new("RGB", fine, picture.ground)
    draw = ImageDraw.Draw(image)
    for shape in picture.shapes:
        if shape.fill:
            _draw_inside(draw, plane, shape)
    if picture.glow is not None:
        _draw_glow(image, plane, picture)
    for shape in picture.shapes:
        width = shape.width_px * OVERSAMPLING
        if shape.casing:
            _draw_lines(draw, plane, shape.geometry, shape.casing, width + 8 * OVERSAMPLING)
        if shape.edge:
            _draw_lines(draw, plane, shape.geometry, shape.edge, width)
    for x, y in plane.place(np.reshape(np.array(picture.dots, dtype=float), (-1, 2))):
        _draw_dot(draw, (x, y), DOT_PX * OVERSAMPLING, picture.dot_color)
    return image.reduce(OVERSAMPLING)


def _list_lines(geometry: shapely.Geometry) -> list[Points]:
    """List the lines of a geometry, outlines of areas too, each as an array of x and y."""
    parts = shapely.get_parts(geometry)
    # Rings of polygons are lines as well; points have none.
    lines = np.where(shapely.get_dimensions(parts) == 2, shapely.boundary(parts), parts)
    single = shapely.get_parts(lines)
    return [shapely.get_coordinates(line) for line in single if shapely.get_dimensions(line) == 1]


def _draw_inside(draw: ImageDraw.ImageDraw, plane: _Plane, shape: Shape) -> None:
    for part in shapely.get_parts(shape.geometry):
        if isinstance(part, shapely.Polygon) and not part.is_empty:
            draw.polygon(plane.place(shapely.get_coordinates(part.exterior)), fill=shape.fill)


def _draw_lines(
    draw: ImageDraw.ImageDraw, plane: _Plane, geometry: shapely.Geometry, color: str, width: int
) -> None:
    # What is finer than a pixel is left out: it would only make joints uneven.
    coarse = shapely.simplify(geometry, OVERSAMPLING / plane.scale)
    for line in _list_lines(coarse):
        corners = plane.place(line)
        draw.line(corners, fill=color, width=width, joint="curve")
        for end in (corners[0], corners[-1]):  # round, as the map has them
            _draw_dot(draw, end, width // 2, color)


def _draw_dot(
    draw: ImageDraw.ImageDraw, place: tuple[float, float], radius: int, color: str
) -> None:
    x, y = place
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=color)


def _draw_glow(image: Image.Image, plane: _Plane, picture: Picture) -> None:
    """Lay a soft light about a line: a wide line, blurred, in place of the ground."""
    mask = Image.new("L", image.size, 0)
    if picture.glow is not None:
        draw = ImageDraw.Draw(mask)
        width = GLOW_PX * OVERSAMPLING
        for line in _list_lines(picture.glow):
            corners = plane.place(line)
            draw.line(corners, fill=255, width=width, joint="curve")
            for end in (corners[0], corners[-1]):
                x, y = end
                half = width // 2
                draw.ellipse((x - half, y - half, x + half, y + half), fill=255)
    # Blurred small and enlarged again: as soft, in a sixteenth of the time.
    small = mask.reduce(4 * OVERSAMPLING)
    soft = small.filter(ImageFilter.GaussianBlur(GLOW_BLUR_PX / 4))
    full = soft.resize(image.size, Image.Resampling.BILINEAR)
    image.paste(picture.glow_color, (0, 0), full)
