"""What is known of one trail, once for its card, its page, its poster and its popup."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Container, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mapserver.settings import walking
from mapserver.text.cell_text import read_cell_text
from mapserver.text.yes_no import read_yes_or_no

CLAY_WORDS = ("황토", "clay")
"""What a surface is called whose ground is red clay, whole or in part."""
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
    foot_wash: bool | None = None
    toilet: bool | None = None
    light: bool | None = None

    @property
    def is_clay(self) -> bool:
        """Whether its ground is known to be red clay, whole or in part."""
        return any(word in self.surface.casefold() for word in CLAY_WORDS)

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
        ``foot_wash``, ``toilet``, ``lighting``; any may be missing.
    kinds
        The kinds of facilities along it (``foot_wash``).
    """
    length_m, ascent_m = _read_metres(row.get("length_m")), _read_metres(row.get("ascent_m"))
    return TrailFacts(
        length_m=length_m,
        ascent_m=ascent_m,
        descent_m=_read_metres(row.get("descent_m")),
        highest_m=_read_metres(row.get("max_ele_m")),
        walk_min=None if length_m is None else estimate_walk(length_m, ascent_m or 0.0),
        level=None if length_m is None or ascent_m is None else choose_level(length_m, ascent_m),
        surface=read_cell_text(row.get("surface")),
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


def estimate_walk(length_m: float, ascent_m: float) -> int:
    """Estimate the whole minutes of a walk without shoes: length over speed, and time for a climb.

    Examples
    --------
    >>> estimate_walk(254, 0.9), estimate_walk(2790, 242), estimate_walk(5, 0)
    (6, 90, 1)
    """
    minutes = length_m / (walking.BAREFOOT_KM_PER_H * 1000 / 60)
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


def _read_metres(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return float(value)
