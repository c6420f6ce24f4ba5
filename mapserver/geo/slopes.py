"""The slope of a way over 30 m: shares of its length by class, and where it is steepest."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import shapely

from mapserver.geo import geodesy
from mapserver.geo.geodesy import Floats
from mapserver.settings import walking

Positions = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

JOINED_M = 5.0
"""A segment that begins no farther from the end of the last one carries on with its climb: what a
recorder leaves that pauses by itself."""
ROUNDING_M = 0.001
"""A millimetre: a way of exactly one window may be shorter by the rounding of its steps."""
PERCENT_DIGITS, SHARE_DIGITS, PLACE_DIGITS = 2, 6, 1
"""Decimals of a slope in per cent, of a share, and of a place in metres."""


@dataclass(frozen=True, slots=True)
class Slopes:
    """The slopes of one way, named as the columns of trails; NaN where nobody knows.

    Attributes
    ----------
    slope_1_18_share, slope_1_12_share, slope_over_share
        Shares of the whole length, 0 to 1: up to ``walking.GENTLE_PERCENT``, from there up to
        ``walking.RAMP_PERCENT``, and above. NaN where no slope of it is known.
    slope_unknown_share
        The share of which no slope is known; all four add up to 1. NaN of a way without length.
    steepest_30m_percent
        The greatest slope over ``walking.SLOPE_WINDOW_M``, up or down, in per cent.
    steepest_at_m
        Where that window begins, in metres walked from the start.
    """

    slope_1_18_share: float = math.nan
    slope_1_12_share: float = math.nan
    slope_over_share: float = math.nan
    slope_unknown_share: float = math.nan
    steepest_30m_percent: float = math.nan
    steepest_at_m: float = math.nan


SLOPE_COLUMNS = tuple(field.name for field in fields(Slopes))
"""Columns of trails that :func:`measure_slopes` fills. A shapefile keeps ten bytes of a name, which
tell them apart."""


def add_up_distances(lon: Floats, lat: Floats, begins: Flags) -> Floats:
    """Add up the metres walked from the start to each vertex of a way.

    Parameters
    ----------
    lon, lat
        Degrees on WGS 84, shape (n,), at least one.
    begins
        Whether a segment begins at the vertex, shape (n,); the gap before it is not walked.

    Returns
    -------
    ndarray
        Shape (n,), geodesic metres; the first is 0.
    """
    steps_m = geodesy.distance_m(lon[:-1], lat[:-1], lon[1:], lat[1:])
    # A gap between two segments is not walked: the step to the first vertex of a segment is 0 m.
    distances_m: Floats = np.r_[0.0, np.cumsum(np.where(begins[1:], 0.0, steps_m))]
    return distances_m


def measure_slopes(line: shapely.Geometry | None) -> Slopes:
    """Measure the slopes of a way over 30 m.

    Parameters
    ----------
    line
        LineString or MultiLineString in EPSG:4326, heights in metres; NaN is an unknown one.

    Returns
    -------
    Slopes
        Nothing is known of a way without a line, and no slope of one without heights.

    Notes
    -----
    Heights h are joined by straight lines along the metres s that are walked. The slope over the
    window of w = 30 m that begins at a is

        p(a) = 100 · |h(a + w) − h(a)| / w    per cent,

    up and down alike. A place has the slope of the window around it; within w/2 of an end that of
    the first or the last window. As p is made of straight pieces, the lengths by class and the
    steepest window are exact: nothing is sampled. If each height is wrong by at most e, a slope is
    wrong by at most 200 · e / w per cent.

    A slope is unknown where heights are more than ``walking.HEIGHTS_APART_M`` apart, across a gap
    that was not walked, and on what is shorter than the window. A segment that begins within
    ``JOINED_M`` of the last one carries on with its height, as for the ascent.
    """
    parts = shapely.get_parts(line) if line is not None else np.empty(0, dtype=object)
    xyz, segment = shapely.get_coordinates(parts, include_z=True, return_index=True)
    if len(xyz) < 2:
        return Slopes()
    lon, lat, height_m = xyz.T
    begins = np.r_[True, segment[1:] != segment[:-1]]
    walked_m = add_up_distances(lon, lat, begins)
    length_m = float(walked_m[-1])
    if length_m <= 0:
        return Slopes()
    gap_m = np.r_[0.0, geodesy.distance_m(lon[:-1], lat[:-1], lon[1:], lat[1:])]
    is_joined = begins & (gap_m <= JOINED_M)
    height_m = _lift_segments(height_m, is_joined)
    runs = _find_runs(walked_m, height_m, begins & ~is_joined)
    if not runs:
        return Slopes(slope_unknown_share=1.0)
    measures = [_measure_run(walked_m[run], height_m[run]) for run in runs]
    lengths_m = np.sum([lengths for lengths, _, _ in measures], axis=0)
    # What is in no run is unknown; rounding must not make it less than nothing.
    shares = np.append(lengths_m, max(length_m - lengths_m.sum(), 0.0)) / length_m
    _, steepest, start_m = max(measures, key=lambda measure: measure[1])
    gentle, middle, steep, unknown = np.round(shares, SHARE_DIGITS).tolist()
    return Slopes(gentle, middle, steep, unknown, steepest, round(start_m, PLACE_DIGITS))


def _lift_segments(height_m: Floats, is_joined: Flags) -> Floats:
    """Lift each segment that carries on to the height at which the last one ended.

    What the barometer drifted while the recorder paused is no slope.
    """
    jumps = np.where(is_joined, np.diff(height_m, prepend=height_m[0]), 0.0)
    lifted: Floats = height_m - np.cumsum(np.nan_to_num(jumps))
    return lifted


def _find_runs(walked_m: Floats, height_m: Floats, is_cut: Flags) -> list[Positions]:
    """Find the runs of vertices whose heights follow one another, each a window long at least."""
    measured = np.flatnonzero(np.isfinite(height_m))
    if len(measured) < 2:
        return []
    # Between two known heights the way is cut where a segment begins that does not carry on.
    cuts = np.cumsum(is_cut)
    is_apart = np.diff(walked_m[measured]) > walking.HEIGHTS_APART_M + ROUNDING_M
    is_apart |= np.diff(cuts[measured]) > 0
    runs = np.split(measured, np.flatnonzero(is_apart) + 1)
    least_m = walking.SLOPE_WINDOW_M - ROUNDING_M
    return [run for run in runs if walked_m[run[-1]] - walked_m[run[0]] >= least_m]


def _measure_run(walked_m: Floats, height_m: Floats) -> tuple[Floats, float, float]:
    """Measure a run: metres of each class, shape (3,), the steepest slope and where it begins."""
    first_m, last_m = float(walked_m[0]), float(walked_m[-1])
    window_m = min(walking.SLOPE_WINDOW_M, last_m - first_m)
    # The slope over a window changes its course only where one of its ends passes a vertex.
    starts_m = np.concatenate([walked_m, walked_m - window_m])
    starts_m = np.unique(np.clip(starts_m, first_m, last_m - window_m))
    rises_m = np.interp(starts_m + window_m, walked_m, height_m)
    rises_m -= np.interp(starts_m, walked_m, height_m)
    slopes = 100 * rises_m / window_m
    # Limits hold for slopes as they are shown, so that 1/18 is no steeper than 5.56 %.
    half_digit = 0.5 * 10.0**-PERCENT_DIGITS
    limits = np.array([walking.GENTLE_PERCENT, walking.RAMP_PERCENT]) + half_digit
    within_m = np.array([_measure_within(starts_m, slopes, limit) for limit in limits])
    # Half a window at either end has the slope of the first or the last window.
    end_slopes = np.abs(slopes[[0, -1]])
    within_m += window_m / 2 * np.array([np.sum(end_slopes <= limit) for limit in limits])
    lengths_m = np.diff(np.r_[0.0, within_m, last_m - first_m])
    shown = np.round(np.abs(slopes), PERCENT_DIGITS)
    steepest = int(np.argmax(shown))
    return lengths_m, float(shown[steepest]), float(starts_m[steepest])


def _measure_within(starts_m: Floats, slopes: Floats, limit: float) -> float:
    """Measure over how many metres of starts a slope is between minus and plus a limit.

    The slope is straight between two starts, so the share of a piece below a value is found from
    its two ends.
    """
    low, high = np.minimum(slopes[:-1], slopes[1:]), np.maximum(slopes[:-1], slopes[1:])
    span = high - low
    divisor = np.where(span > 0, span, 1.0)
    below_limit = np.where(span > 0, np.clip((limit - low) / divisor, 0, 1), low <= limit)
    below_minus = np.where(span > 0, np.clip((-limit - low) / divisor, 0, 1), low < -limit)
    return float(np.sum(np.diff(starts_m) * (below_limit - below_minus)))
