"""The points of all trails in one row, with their steps: what checks of recordings look at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from mapserver.check.survey import Positions, Subject, is_kind
from mapserver.geo import geodesy


@dataclass(frozen=True)
class Track:
    """The points of all trails in one row.

    Attributes
    ----------
    coordinates
        Degrees, shape ``(n, 2)``.
    segment, trail
        The segment and the trail (a position in the layer) of each point.
    number
        Each point's number in its segment, from 1.
    number_of_segment
        Each point's segment in its trail, from 1.
    step_m
        Metres to the next point, shape ``(n,)``; NaN for the last of a segment.
    spacing_m
        The median step of each point's segment, repeated points left out.
    """

    coordinates: geodesy.Floats
    segment: Positions
    trail: Positions
    number: Positions
    number_of_segment: Positions
    step_m: geodesy.Floats
    spacing_m: geodesy.Floats


def make_track(subject: Subject) -> Track:
    """Return the points of all trails in one row, with their steps."""
    parts, owner = split_lines(subject)
    coordinates, segment = shapely.get_coordinates(parts, return_index=True)
    step_m = np.full(len(coordinates), np.nan)
    joined = np.flatnonzero(segment[1:] == segment[:-1])
    here, there = coordinates[joined], coordinates[joined + 1]
    step_m[joined] = geodesy.distance_m(here[:, 0], here[:, 1], there[:, 0], there[:, 1])
    trail = owner[segment]
    return Track(
        coordinates=coordinates,
        segment=segment,
        trail=trail,
        number=count_within(segment),
        number_of_segment=count_within(owner)[segment],
        step_m=step_m,
        spacing_m=_median_by(segment, step_m, len(parts))[segment],
    )


def split_lines(subject: Subject) -> tuple[geodesy.Geometries, Positions]:
    """Return the segments of all trails, and the trail (a position in the layer) of each."""
    lines = np.flatnonzero(is_kind(subject.geometries, 1))
    parts, owner = shapely.get_parts(subject.geometries[lines], return_index=True)
    return parts, lines[owner]


def count_within(groups: Positions) -> Positions:
    """Return the number of each member in its group, from 1; the groups must be sorted."""
    return np.arange(len(groups)) - np.searchsorted(groups, groups) + 1


def _median_by(groups: Positions, values: geodesy.Floats, count: int) -> geodesy.Floats:
    """Median of the positive values of each group; NaN for a group without."""
    positive = values > 0  # False for NaN
    groups, values = groups[positive], values[positive]
    order = np.lexsort((values, groups))
    groups, values = groups[order], values[order]
    first = np.searchsorted(groups, np.arange(count), side="left")
    last = np.searchsorted(groups, np.arange(count), side="right")
    there = last > first
    result = np.full(count, np.nan)
    middle = first[there] + (last[there] - first[there] - 1) // 2
    result[there] = values[middle]
    return result
