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
    # From each point to the next of the same segment; none leads from one segment to another.
    joined = np.flatnonzero(segment[1:] == segment[:-1])
    starts, ends = coordinates[joined], coordinates[joined + 1]
    step_m[joined] = geodesy.distance_m(*starts.T, *ends.T)
    trail = owner[segment]
    return Track(
        coordinates=coordinates,
        segment=segment,
        trail=trail,
        number=count_within(segment),
        number_of_segment=count_within(owner)[segment],
        step_m=step_m,
        spacing_m=_find_medians(segment, step_m, len(parts))[segment],
    )


def split_lines(subject: Subject) -> tuple[geodesy.Geometries, Positions]:
    """Return the segments of all trails, and the trail (a position in the layer) of each."""
    lines = np.flatnonzero(is_kind(subject.geometries, 1))
    parts, owner = shapely.get_parts(subject.geometries[lines], return_index=True)
    return parts, lines[owner]


def count_within(groups: Positions) -> Positions:
    """Return the number of each member in its group, from 1; the groups must be sorted."""
    return np.arange(len(groups)) - np.searchsorted(groups, groups) + 1


def _find_medians(groups: Positions, values: geodesy.Floats, count: int) -> geodesy.Floats:
    """Find the median of the positive values of each group; NaN for a group without."""
    positive = values > 0  # False for NaN
    groups, values = groups[positive], values[positive]
    order = np.lexsort((values, groups))
    groups, values = groups[order], values[order]
    starts = np.searchsorted(groups, np.arange(count), side="left")
    ends = np.searchsorted(groups, np.arange(count), side="right")
    is_filled = ends > starts
    medians = np.full(count, np.nan)
    # Of an even number the lower of the two in the middle: a step that was really walked.
    middle = starts[is_filled] + (ends[is_filled] - starts[is_filled] - 1) // 2
    medians[is_filled] = values[middle]
    return medians
