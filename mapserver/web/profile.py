"""The elevation profile of a trail, as the lines of a drawing."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mapserver import language
from mapserver.along import Way
from mapserver.geodesy import Floats

WIDTH, HEIGHT = 640, 200
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 12, 30
MOST_POINTS = 240
LEAST_SPAN_M = 20.0
"""A flat trail is drawn flat: the noise of a receiver is no mountain."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where it is in the drawing, and what it says."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Profile:
    """What the template ``profile.svg`` draws.

    Attributes
    ----------
    width, height, left, top, right, bottom
        The drawing and the frame in it.
    line, area
        SVG path data.
    across, up
        Marks on the axes.
    points
        Metres from the start, elevation, lon, lat, x and y of each point of the line.
    """

    width: int
    height: int
    left: float
    top: float
    right: float
    bottom: float
    line: str
    area: str
    across: list[Tick]
    up: list[Tick]
    points: list[list[float]]


def profile(way: Way, lang: str) -> Profile | None:
    """Draw heights over the way walked; None when fewer than two are known.

    Parameters
    ----------
    way
        The trail as it is walked.
    lang
        ``ko`` or ``en``, for the numbers.
    """
    known = np.flatnonzero(~np.isnan(way.elevation_m))
    if len(known) < 2 or way.length_m <= 0:
        return None
    kept = known[np.unique(np.linspace(0, len(known) - 1, MOST_POINTS).round().astype(int))]
    metres, heights = way.distance_m[kept], way.elevation_m[kept]
    low, high = _span(heights)
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    x = LEFT + metres / way.length_m * (right - LEFT)
    y = bottom - (heights - low) / (high - low) * (bottom - TOP)
    line = "M" + "L".join(f"{px:.1f} {py:.1f}" for px, py in zip(x, y, strict=True))
    columns = (metres, heights, way.lon[kept], way.lat[kept], x, y)
    digits = (1, 1, 6, 6, 1, 1)
    rounded = [np.round(values, n) for values, n in zip(columns, digits, strict=True)]
    return Profile(
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        top=TOP,
        right=right,
        bottom=bottom,
        line=line,
        area=f"{line}L{x[-1]:.1f} {bottom}L{x[0]:.1f} {bottom}Z",
        across=[
            Tick(LEFT + at / way.length_m * (right - LEFT), language.distance(at, lang))
            for at in _ticks(0.0, way.length_m, 4)
        ],
        up=[
            Tick(bottom - (at - low) / (high - low) * (bottom - TOP), language.number(at, lang))
            for at in _ticks(low, high, 5)
        ],
        points=np.column_stack(rounded).tolist(),
    )


def _span(heights: Floats) -> tuple[float, float]:
    low, high = float(heights.min()), float(heights.max())
    room = max(LEAST_SPAN_M - (high - low), 0.1 * (high - low)) / 2
    return low - room, high + room


def _ticks(low: float, high: float, about: int) -> list[float]:
    """Choose round numbers between two, some ``about`` of them."""
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= rough)
    return [n * step for n in range(math.ceil(low / step), math.floor(high / step) + 1)]
