"""What is known of one trail, once for its card, its page, its poster and its popup."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Container, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mapserver.geo.slopes import SLOPE_COLUMNS, Slopes
from mapserver.settings import walking
from mapserver.text.cell_text import read_cell_text
from mapserver.text.yes_no import read_yes_or_no

CLAY_WORDS = ("황토", "clay")
"""What a surface is called whose ground is red clay, whole or in part."""
UP_TO_ROUNDING = 1e-9
UNKNOWN_SLOPES = Slopes()
FACILITY_COLUMNS = {"foot_wash": "foot_wash", "toilet": "toilet", "light": "lighting"}
"""For each kind of facility that walkers ask for first, the column of the register about it."""


class Level(StrEnum):
    """How hard a walk is, by the rule of :mod:`mapserver.settings.walking`."""

    EASY = "easy"
    MODERATE = "moderate"
    HARD = "hard"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailFacts:
    """Figures and facilities of a trail; None stands for what nobody has said.

    Attributes
    ----------
    length_m, ascent_m, descent_m, highest_m
        Metres, geodesic and above the sea; None where the line or its heights are unknown.
    walk_min
        Minutes of one walk along it without shoes; on level ground where the climb is unknown.
    level
        How hard it is; None where the climb is unknown.
    surface
        Its ground as the register has it, or empty.
    slopes
        Its slopes over 30 m; NaN where unknown.
    width_m, is_least_width
        Its width in metres as the register has it, and whether that is the least along it.
    has_steps
        Whether the register says that there are steps; None where it says nothing.
    foot_wash, toilet, light
        True where the register says so or one stands along it, False where the register says that
        there is none, and None where it says nothing: an empty cell is no answer.
    """

    length_m: float | None = None
    ascent_m: float | None = None
    descent_m: float | None = None
    highest_m: float | None = None
    walk_min: int | None = None
    level: Level | None = None
    surface: str = ""
    slopes: Slopes = UNKNOWN_SLOPES
    width_m: float | None = None
    is_least_width: bool = False
    has_steps: bool | None = None
    foot_wash: bool | None = None
    toilet: bool | None = None
    light: bool | None = None

    @property
    def is_clay(self) -> bool:
        """Whether its ground is known to be red clay, whole or in part."""
        return any(word in self.surface.casefold() for word in CLAY_WORDS)

    @property
    def is_gentle(self) -> bool | None:
        """Whether no 30 m of it are steeper than 1/18; None where a part of it is unknown.

        One steep place is an answer, whatever is unknown of the rest.
        """
        if self.slopes.steepest_30m_percent > walking.GENTLE_PERCENT:
            return False
        return True if self.slopes.slope_unknown_share == 0 else None

    @property
    def is_wide(self) -> bool | None:
        """Whether it is 1.2 m wide at least, by the register; None where that says nothing."""
        return None if self.width_m is None else self.width_m >= walking.WIDE_M - UP_TO_ROUNDING

    @property
    def is_stepless(self) -> bool | None:
        """Whether there are no steps; None where nobody has said."""
        return None if self.has_steps is None else not self.has_steps

    @property
    def is_level(self) -> bool | None:
        """Whether it neither climbs nor falls by what one feels; None where nobody knows."""
        if self.ascent_m is None or self.descent_m is None:
            return None
        return max(self.ascent_m, self.descent_m) < walking.SHOWN_CLIMB_M


def read_trail_facts(row: Mapping[str, Any], kinds: Container[str] = ()) -> TrailFacts:
    """Read the facts of a trail from its row and from what stands along it.

    Parameters
    ----------
    row
        Its attributes: ``length_m``, ``ascent_m``, ``descent_m``, ``max_ele_m``, ``surface``,
        ``width_m``, ``least_width_m``, ``steps``, ``foot_wash``, ``toilet``, ``lighting`` and those
        of slopes; any may be missing.
    kinds
        The kinds of facilities along it (``foot_wash``).
    """
    length_m, ascent_m = _read_metres(row.get("length_m")), _read_metres(row.get("ascent_m"))
    width_m, least_width_m = _read_width(row.get("width_m")), _read_width(row.get("least_width_m"))
    return TrailFacts(
        length_m=length_m,
        ascent_m=ascent_m,
        descent_m=_read_metres(row.get("descent_m")),
        highest_m=_read_metres(row.get("max_ele_m")),
        walk_min=None if length_m is None else estimate_walk(length_m, ascent_m or 0.0),
        level=None if length_m is None or ascent_m is None else choose_level(length_m, ascent_m),
        surface=read_cell_text(row.get("surface")),
        slopes=_read_slopes(row),
        width_m=width_m if least_width_m is None else least_width_m,
        is_least_width=least_width_m is not None,
        has_steps=find_whether(row.get("steps"), is_drawn=False),
        **{
            kind: find_whether(row.get(column), kind in kinds)
            for kind, column in FACILITY_COLUMNS.items()
        },
    )


def find_whether(cell: object, is_drawn: bool) -> bool | None:
    """Find whether a trail has a facility: one stands along it, or its cell says yes or no.

    Parameters
    ----------
    cell
        Of the register: True, False, or anything else where it says neither.
    is_drawn
        Whether one stands along the trail; then an old *no* of the register is out of date.
    """
    if is_drawn:
        return True
    if isinstance(cell, str):
        # Of a layer that is no register, whose cells nobody has read yet.
        with contextlib.suppress(ValueError):
            return read_yes_or_no(cell)
    return cell if isinstance(cell, bool) else None


def estimate_walk(
    length_m: float, ascent_m: float, km_per_h: float = walking.BAREFOOT_KM_PER_H
) -> int:
    """Estimate the whole minutes of a walk: length over speed, and time for a climb.

    Parameters
    ----------
    length_m, ascent_m
        Metres along the trail, and metres of climb.
    km_per_h
        The speed on level ground; that without shoes unless given.

    Examples
    --------
    >>> estimate_walk(254, 0.9), estimate_walk(2790, 242), estimate_walk(5, 0)
    (6, 90, 1)
    >>> estimate_walk(254, 0.9, 4.0)
    4
    """
    minutes = length_m / (km_per_h * 1000 / 60)
    # What the receiver's noise adds on level ground takes nobody any time.
    if ascent_m >= walking.SHOWN_CLIMB_M:
        minutes += ascent_m / walking.CLIMB_M_PER_MIN
    step = 1 if minutes < walking.FINE_MIN else walking.COARSE_STEP_MIN
    return max(1, round(minutes / step) * step)


def choose_level(length_m: float, ascent_m: float) -> Level:
    """Choose how hard a walk is by its climb, and by its mean slope: climb over length.

    Examples
    --------
    >>> [str(choose_level(*walk)) for walk in ((254, 1), (300, 29), (2000, 31), (2790, 242))]
    ['easy', 'moderate', 'moderate', 'hard']
    """
    if ascent_m < walking.SHOWN_CLIMB_M:
        return Level.EASY
    if ascent_m > walking.HARD_CLIMB_M:
        return Level.HARD
    slope = ascent_m / length_m if length_m else 0.0
    is_moderate = ascent_m > walking.MODERATE_CLIMB_M or slope > walking.MODERATE_SLOPE
    return Level.MODERATE if is_moderate else Level.EASY


def _read_slopes(row: Mapping[str, Any]) -> Slopes:
    """Read the slopes of a row; what is not there is not known."""
    cells = ((column, _read_metres(row.get(column))) for column in SLOPE_COLUMNS)
    return Slopes(**{column: math.nan if cell is None else cell for column, cell in cells})


def _read_width(value: object) -> float | None:
    """Read a width; what is not above 0 is none."""
    width_m = _read_metres(value)
    return width_m if width_m is not None and width_m > 0 else None


def _read_metres(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return float(value)
