"""What the card of a page says and shows, and how large it is; drawn elsewhere, with Pillow."""

from __future__ import annotations

from dataclasses import dataclass

import shapely

from mapserver.settings import palette

WIDTH_PX, HEIGHT_PX = 1200, 630
"""What Facebook, KakaoTalk and the others ask for; KakaoTalk cuts it to 1200 x 600."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A geometry in metres and how it is drawn.

    Attributes
    ----------
    geometry
        In a plane in metres, x to the east and y to the north.
    fill, edge
        Colours of its inside and of its line, empty for none.
    width_px
        Width of the line.
    casing
        Colour of the wider line below it, empty for none.
    """

    geometry: shapely.Geometry
    fill: str = ""
    edge: str = ""
    width_px: int = 2
    casing: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """What a picture shows.

    Attributes
    ----------
    ground
        Its colour where nothing else is drawn.
    frame
        What must be seen whole: bounds in metres, west, south, east, north.
    shapes
        What is drawn, one on top of the other.
    glow
        Lines that have a soft light about them.
    glow_color
        Its colour.
    dots
        Where trails begin, x and y in metres.
    dot_color
        Colour of those dots.
    """

    ground: str
    frame: tuple[float, float, float, float]
    shapes: tuple[Shape, ...] = ()
    glow: shapely.Geometry | None = None
    glow_color: str = ""
    dots: tuple[tuple[float, float], ...] = ()
    dot_color: str = palette.WHITE


@dataclass(frozen=True, slots=True)
class ShareCard:
    """What a card says and shows.

    Attributes
    ----------
    brand
        The title of the city's map.
    name
        The trail, district or neighbourhood; empty for the whole city, whose title is its name.
    place
        The line below the name.
    facts
        Up to two figures: a label and a value.
    marks
        Kinds of what one finds there, with their words.
    note
        The line at the bottom.
    picture
        The right half.
    is_right_to_left
        Whether words begin at the right, as in Hebrew; then the picture is at the left.
    has_feet
        Whether the footprints stand before the brand.
    """

    brand: str
    name: str
    place: str
    facts: tuple[tuple[str, str], ...]
    marks: tuple[tuple[str, str], ...]
    note: str
    picture: Picture
    is_right_to_left: bool = False
    has_feet: bool = True
