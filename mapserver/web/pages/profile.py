"""The elevation profile of a trail, as the lines of a drawing."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from mapserver.analysis.trail_line import TrailLine
from mapserver.geo.geodesy import Floats
from mapserver.settings import limits, walking
from mapserver.text import language

Positions = npt.NDArray[np.intp]

WIDTH, HEIGHT = 360, 168
"""As wide as a telephone, so that its text is as large as that of the page."""
LEFT, RIGHT, TOP, BOTTOM = 6, 6, 30, 30
FINEST_PX = 0.2
"""What is nearer to the line than this on the drawing is not seen."""
BRIDGED_M, BRIDGED_SHARE = 30.0, 0.01
"""Heights that are unknown for no longer than this, or than this share of the trail, are bridged by
a straight line; a longer stretch is a gap in the drawing."""
STOPS = 60
"""So many points stay in any case, for who walks along the profile with the slider."""
WORDS_PX = 28
"""The room that a few words take below or beside the line."""
LEAST_SPAN_M = 20.0
"""A flat trail is drawn flat: the noise of a receiver is no mountain."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where it is in the drawing, and what it says."""

    position_px: float
    text: str


@dataclass(frozen=True, slots=True)
class Peak:
    """The highest point of a profile: where it is in the drawing, and its height in words."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Steepest:
    """The steepest stretch of a profile, as it is marked.

    Attributes
    ----------
    first, last
        Where it begins and ends across the drawing.
    x, y
        Where its words stand, by their middle and foot.
    text
        How steep it is.
    """

    first: float
    last: float
    x: float
    y: float
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
    x_ticks, y_ticks
        Marks on the axes.
    peak
        The highest point of it.
    steepest
        The steepest 30 m; None where nobody knows.
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
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    peak: Peak
    steepest: Steepest | None
    points: list[list[float]]


def draw_profile(
    way: TrailLine,
    lang: str,
    steepest_at_m: float = math.nan,
    steepest_percent: float = math.nan,
) -> Profile | None:
    """Draw heights over the way walked; None when fewer than two are known.

    Parameters
    ----------
    way
        The trail as it is walked.
    lang
        ``ko`` or ``en``, for the numbers.
    steepest_at_m
        Where the steepest 30 m begin, in metres walked from the start; NaN where nobody knows.
    steepest_percent
        How steep they are.
    """
    known_positions = np.flatnonzero(~np.isnan(way.elevation_m))
    if len(known_positions) < 2 or way.length_m <= 0:
        return None
    low, high = _find_span(way.elevation_m[known_positions])
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    # Metres along the way and heights become pixels of the drawing, whose y runs downward.
    x = LEFT + way.distance_m / way.length_m * (right - LEFT)
    y = bottom - (way.elevation_m - low) / (high - low) * (bottom - TOP)
    runs = _thin_runs(_split_runs(known_positions, way), np.column_stack([x, y]))
    line = "".join(_draw_line(x[run], y[run]) for run in runs)
    positions = np.concatenate(runs)
    columns = [way.distance_m, way.elevation_m, way.lon, way.lat, x, y]
    digits = (1, 1, 6, 6, 1, 1)
    highest = int(np.nanargmax(way.elevation_m))
    rounded = [np.round(values[positions], n) for values, n in zip(columns, digits, strict=True)]
    return Profile(
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        top=TOP,
        right=right,
        bottom=bottom,
        line=line,
        area="".join(
            f"{_draw_line(x[run], y[run])}L{x[run[-1]]:.1f} {bottom}L{x[run[0]]:.1f} {bottom}Z"
            for run in runs
        ),
        x_ticks=[
            Tick(LEFT + metres / way.length_m * (right - LEFT), language.distance(metres, lang))
            for metres in _choose_ticks(0.0, way.length_m, 3)
        ],
        y_ticks=[
            Tick(
                bottom - (height - low) / (high - low) * (bottom - TOP),
                language.number(height, lang),
            )
            for height in _choose_ticks(low, high, 3)
        ],
        peak=Peak(
            round(float(x[highest]), 1),
            round(float(y[highest]), 1),
            language.measure(float(way.elevation_m[highest]), "m", lang),
        ),
        steepest=None
        if math.isnan(steepest_at_m)
        else _mark_steepest(way, x, y, steepest_at_m, language.number(steepest_percent, lang, 1)),
        points=np.column_stack(rounded).tolist(),
    )


def _mark_steepest(way: TrailLine, x: Floats, y: Floats, start_m: float, percent: str) -> Steepest:
    """Mark the stretch that begins at a place: where it is drawn, and its words below the line."""
    end_m = min(start_m + walking.SLOPE_WINDOW_M, way.length_m)
    first, last, middle = np.interp([start_m, end_m, (start_m + end_m) / 2], way.distance_m, x)
    # Below the line there is nothing else; a line that runs low has its words above it.
    known = ~np.isnan(y)
    height_px = float(np.interp(middle, x[known], y[known]))
    is_low = HEIGHT - BOTTOM - height_px < WORDS_PX
    foot = height_px - 0.5 * WORDS_PX if is_low else height_px + WORDS_PX - 4
    inside = min(max(float(middle), LEFT + WORDS_PX), WIDTH - RIGHT - WORDS_PX)
    return Steepest(
        first=round(float(first), 1),
        last=round(float(last), 1),
        x=round(inside, 1),
        y=round(foot, 1),
        text=f"{percent} %",
    )


def _split_runs(known_positions: Positions, way: TrailLine) -> list[Positions]:
    """Split points of known height where heights are unknown for a longer stretch between them."""
    apart_m = np.diff(way.distance_m[known_positions])
    hidden = np.diff(known_positions) > 1
    longest_m = max(BRIDGED_M, BRIDGED_SHARE * way.length_m)
    return np.split(known_positions, np.flatnonzero(hidden & (apart_m > longest_m)) + 1)


def _thin_runs(runs: list[Positions], drawing: Floats) -> list[Positions]:
    """Leave out points that the drawing does not need, until few enough are left.

    By shape (Douglas and Peucker 1973), so that every peak and valley stays that can be seen; the
    ends of each run, the highest and the lowest point of all and some stops stay in any case.
    """
    positions = np.concatenate(runs)
    heights = drawing[positions, 1]
    stops = positions[np.linspace(0, len(positions) - 1, STOPS).round().astype(int)]
    peaks = positions[[np.argmin(heights), np.argmax(heights)]]
    fixed = {*peaks.tolist(), *stops.tolist()}
    tolerance_px = FINEST_PX
    while True:
        thinned = [_thin_run(run, drawing[run], tolerance_px, fixed) for run in runs]
        if sum(map(len, thinned)) <= limits.MAX_PROFILE_POINTS or tolerance_px > HEIGHT:
            return thinned
        tolerance_px *= 1.5


def _thin_run(run: Positions, drawing: Floats, tolerance_px: float, fixed: set[int]) -> Positions:
    """Thin a run; the third dimension carries the numbers of the points through the library."""
    if len(run) < 3:
        return run
    line = shapely.linestrings(np.column_stack([drawing, run]))
    simple = shapely.simplify(line, tolerance_px, preserve_topology=False)
    positions = shapely.get_coordinates(simple, include_z=True)[:, 2].astype(np.intp)
    return np.union1d(
        positions, [position for position in run.tolist() if position in fixed]
    ).astype(np.intp)


def _draw_line(x: Floats, y: Floats) -> str:
    """Write SVG path data; a single point is a dash that can be seen."""
    if len(x) == 1:
        x, y = np.array([x[0] - 1, x[0] + 1]), np.repeat(y, 2)
    return "M" + "L".join(f"{px:.1f} {py:.1f}" for px, py in zip(x, y, strict=True))


def _find_span(heights: Floats) -> tuple[float, float]:
    low, high = float(heights.min()), float(heights.max())
    # A tenth above and below, and never less than a flat trail is drawn with.
    room = max(LEAST_SPAN_M - (high - low), 0.1 * (high - low)) / 2
    return low - room, high + room


def _choose_ticks(low: float, high: float, ticks: int) -> list[float]:
    """Choose round numbers between two, some ``ticks`` of them, at steps of 1, 2 or 5."""
    # The least of 1, 2, 5 and 10 powers of ten that is no finer than an even division.
    rough = (high - low) / ticks
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= rough)
    return [n * step for n in range(math.ceil(low / step), math.floor(high / step) + 1)]
