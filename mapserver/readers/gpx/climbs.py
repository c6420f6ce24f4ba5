"""Ascent and descent of a way: the sum of its climbs between confirmed turning points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from mapserver.geo import geodesy
from mapserver.geo.geodesy import Floats
from mapserver.geo.slopes import JOINED_M

THRESHOLD_M = 3.0
"""A turn of the way up or down counts once the way has come this far from it: receivers waver by
a few metres at rest, and adding every wobble would double the ascent of a flat path."""

MM_PER_M = 1000


def sum_climbs(heights_m: Sequence[float] | Floats) -> tuple[float, float]:
    """Add up the climbs and the descents of a way.

    Parameters
    ----------
    heights_m
        Metres above the sea in the order in which they are walked, shape (n,); NaN where unknown.

    Returns
    -------
    ascent_m, descent_m : float
        Both at least 0, in whole millimetres; NaN without two known heights.

    Notes
    -----
    The heights are cut at their turning points, found with a zigzag filter (hysteresis, as in
    barometric altimeters; for series of prices: Achelis 2001, "Zig Zag"): a high point counts once
    the way has fallen ``THRESHOLD_M`` below it, a low point once it has risen as much above it. The
    turning points t_1 .. t_k are the same from both ends of the way, so

        ascent = sum of max(t_i+1 - t_i, 0),    descent = sum of max(t_i - t_i+1, 0)

    are swapped exactly when the way is walked backwards. They lie on the way, so more points on the
    same climb change nothing. What is left between the start and t_1, and between t_k and the end,
    is each less than the threshold and is not counted, unless both together exceed it: so ascent
    minus descent is always end minus start within the threshold. Heights are compared in whole
    millimetres, so that no rounding of binary fractions decides.

    Examples
    --------
    >>> sum_climbs([40.0, 45.9])
    (5.9, 0.0)
    >>> sum_climbs([0, 10, 20, 12, 25])
    (33.0, 8.0)
    >>> sum_climbs([50, 51, 49, 50])
    (0.0, 0.0)
    """
    heights = np.asarray(heights_m, dtype=np.float64)
    known_m = heights[~np.isnan(heights)]
    if len(known_m) < 2:
        return float("nan"), float("nan")
    # Whole millimetres: comparisons with the threshold do not depend on binary rounding.
    millimetres = np.rint(known_m * MM_PER_M).astype(np.int64)
    turns = _find_turns(_find_extremes(millimetres).tolist(), round(THRESHOLD_M * MM_PER_M))
    legs = np.diff(turns)
    # The rest before the first and after the last turning point counts only together.
    before, after = 0, 0
    if turns:
        before, after = turns[0] - millimetres[0], millimetres[-1] - turns[-1]
    if abs(before + after) > THRESHOLD_M * MM_PER_M:
        legs = np.concatenate([[before], legs, [after]])
    # Legs between turning points are climbs where positive and descents where negative.
    ascent, descent = legs[legs > 0].sum(), abs(legs[legs < 0].sum())
    return float(ascent) / MM_PER_M, float(descent) / MM_PER_M


def sum_trail_climbs(segments: Iterable[tuple[Floats, Floats]]) -> tuple[float, float]:
    """Add up the climbs and the descents of all segments of a trail.

    Parameters
    ----------
    segments
        Of each segment the places, degrees, shape (n, 2), and the heights, metres, shape (n,), NaN
        where unknown.

    Returns
    -------
    ascent_m, descent_m : float
        As :func:`sum_climbs`; what lies between two segments was not walked, so it was not climbed
        either. NaN without two known heights in one segment.
    """
    sums = np.array([sum_climbs(heights) for heights in _join_segments(list(segments))])
    sums = sums.reshape(-1, 2)
    sums = sums[~np.isnan(sums).any(axis=1)]
    if not len(sums):
        return float("nan"), float("nan")
    ascent, descent = np.rint(sums * MM_PER_M).sum(axis=0) / MM_PER_M
    return float(ascent), float(descent)


def _join_segments(segments: list[tuple[Floats, Floats]]) -> list[Floats]:
    """Join the heights of segments that carry on where the last one ended.

    A segment is lifted so that it begins at the height at which the last one ended: what the
    barometer drifted during a pause is no climb.
    """
    joined: list[list[Floats]] = []
    last_place = None
    for places, heights in segments:
        # Lift the segment onto the end of the last one; 0 where either height is unknown.
        if last_place is not None and geodesy.distance_m(*last_place, *places[0]) <= JOINED_M:
            lift = joined[-1][-1][-1] - heights[0]
            joined[-1].append(heights + (0.0 if np.isnan(lift) else lift))
        else:
            joined.append([heights])
        last_place = places[-1]
    return [np.concatenate(parts) for parts in joined]


def _find_extremes(values: np.ndarray) -> np.ndarray:
    """Find the first and the last value and all at which the values turn."""
    # Without repeated values each step either rises or falls.
    values = values[np.r_[True, values[1:] != values[:-1]]]
    rises = np.diff(values) > 0
    turns: np.ndarray = values[np.r_[True, rises[1:] != rises[:-1], True][: len(values)]]
    return turns


def _find_turns(values: list[int], threshold: int) -> list[int]:
    """Find the confirmed turning points: none, or at least two that differ by the threshold."""
    turns: list[int] = []
    # The lowest and highest value since the last turning point.
    low = high = values[0]
    rising: bool | None = None  # not known until the way has left its beginning
    for value in values[1:]:
        low, high = min(low, value), max(high, value)
        if rising is not True and value - low >= threshold:
            turns.append(low)
            rising, high = True, value
        elif rising is not False and high - value >= threshold:
            turns.append(high)
            rising, low = False, value
    if rising is not None:
        turns.append(high if rising else low)
    return turns
