"""Heights that cannot be true: what recorders write for none, and single jumps away and back."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from mapserver import geodesy
from mapserver.errors import N_
from mapserver.findings import Finding, Severity
from mapserver.geodesy import Floats, Geometries
from mapserver.heights import drop_unknown, set_heights

Bools = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.intp]

LOWEST_M, HIGHEST_M = -450.0, 8900.0
"""The shore of the Dead Sea and the top of Everest, with room for the error of a receiver. Devices
write 65535, 32767, -32768, 99999, -1000 or -9999 for a height that they do not know."""

NEAR_SEA_M = 20.0
"""A path that nowhere else comes so near to the level of the sea is nowhere at 0."""

JUMP_M = 30.0
STEEPEST = 0.7
"""From one point to the next a height may change by ``JUMP_M`` (the error of a receiver, a cliff
beside the path, a tower) and ``STEEPEST`` metres for each metre walked, which no stair exceeds over
a hundred metres. What jumps farther away, and back, was not there."""

END_JUMP_M = 100.0
"""The first and the last heights have one neighbour alone, so they must jump farther."""

SUPPORT = 3
"""So many times as many points before and after must agree against those that jump."""

LONGEST_JUMP = 10
"""A jump of more points may be real: the top of a cliff to which a lift goes."""

MOST_JUMPS = 400
"""Of heights that jump more often nobody can say which are right; they are left as they are."""

MANY_NAMED = 5
"""So many points of a segment are named; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Faults:
    """Which heights of a trail cannot be true, each of shape (n,) over all of its points.

    Attributes
    ----------
    none_on_earth
        Lower than any shore or higher than any mountain.
    zeros
        0 for unknown among other heights.
    all_zero
        Every height is 0.
    jumps
        A jump away from the heights before and after, and back.
    """

    none_on_earth: Bools
    zeros: Bools
    all_zero: Bools
    jumps: Bools

    @property
    def any(self) -> Bools:
        """All of them together."""
        every: Bools = self.none_on_earth | self.zeros | self.all_zero | self.jumps
        return every


def find_faults(places: Floats, heights_m: Floats, segment: Positions) -> Faults:
    """Find heights of a trail that cannot be true.

    Parameters
    ----------
    places
        Longitude and latitude of its points in degrees, shape (n, 2).
    heights_m
        Metres above the sea, shape (n,), NaN where unknown.
    segment
        The number of each point's segment, ascending, shape (n,).

    Notes
    -----
    Three questions one after the other, each without what the one before has found: is there such a
    height on earth; does 0 stand for unknown (all are 0, or the others stay ``NEAR_SEA_M`` away
    from the level of the sea, or 0 is reached and left by jumps); does a height jump away and back?
    A step that stays, such as that of a barometer set anew, is left alone. All answers are the same
    when the trail is walked backwards.
    """
    heights = heights_m.copy()
    none_on_earth = (heights < LOWEST_M) | (heights > HIGHEST_M)
    heights[none_on_earth] = np.nan
    known = ~np.isnan(heights)
    all_zero = known & (not np.any(heights[known]))
    zeros = np.zeros(len(heights), dtype=bool)
    if not all_zero.any():
        zeros = _find_zeros(places, heights, segment)
        heights[zeros] = np.nan
    jumps = _find_jumps(places, heights, segment)
    return Faults(none_on_earth, zeros, all_zero, jumps)


def clear_lines(
    lines: Geometries, ids: Sequence[str] | pd.Index[str], file: str
) -> tuple[Geometries, list[Finding]]:
    """Return lines without the heights that cannot be true, which are NaN, and what they were.

    Parameters
    ----------
    lines
        In EPSG:4326, shape (n,), with heights or without.
    ids
        Of each line, for the findings.
    file
        What to call the file.
    """
    cleared, findings = lines.copy(), []
    for at in np.flatnonzero(shapely.has_z(lines)).tolist():
        parts = shapely.get_parts(lines[at])
        xyz, part = shapely.get_coordinates(parts, include_z=True, return_index=True)
        faults = find_faults(xyz[:, :2], xyz[:, 2], part + 1)
        if not faults.any.any():
            continue
        number = np.arange(len(part)) - np.searchsorted(part, part) + 1
        about = describe_faults(faults, xyz[:, 2], part + 1, number, file)
        findings += [replace(finding, feature=str(ids[at])) for finding in about]
        cleared[at] = set_heights(lines[at], np.where(faults.any, np.nan, xyz[:, 2]))
    return drop_unknown(cleared) if findings else lines, findings


def describe_faults(
    faults: Faults, heights_m: Floats, segment: Positions, number: Positions, file: str
) -> Iterator[Finding]:
    """Write a finding for each kind of fault in each segment.

    Parameters
    ----------
    faults, heights_m, segment
        As for :func:`find_faults`, with the heights as they stand in the file.
    number
        Of each point its number in its segment, shape (n,).
    file
        What to call the file.
    """
    masks = {
        "height-none-on-earth": faults.none_on_earth,
        "height-zero": faults.zeros,
        "height-jump": faults.jumps,
    }
    for code, mask in masks.items():
        for each in np.unique(segment[mask]):
            at = np.flatnonzero(mask & (segment == each))
            values = {
                "count": len(at),
                "segment": int(each),
                "points": _list_points(number[at], heights_m[at]),
            }
            yield Finding(Severity.WARNING, code, file, TEXTS[code], MEND, values=values)
    if faults.all_zero.any():
        yield Finding(
            Severity.NOTE,
            "height-all-zero",
            file,
            N_("all {count} heights are 0, which recorders write for unknown: they count as that"),
            N_("Leave <ele> out, or record the heights"),
            values={"count": int(faults.all_zero.sum())},
        )


TEXTS = {
    "height-none-on-earth": N_(
        "heights of segment {segment} that are none on earth, {count}, count as unknown: "
        "point {points}"
    ),
    "height-zero": N_(
        "heights of segment {segment} that are 0 among others, {count}, count as unknown: "
        "point {points}"
    ),
    "height-jump": N_(
        "heights of segment {segment} that jump away and back, {count}, count as unknown: "
        "point {points}"
    ),
}
MEND = N_("Correct the heights of these points, or leave their <ele> out")


def _list_points(numbers: Sequence[int] | Positions, heights_m: Floats) -> str:
    named = [
        f"{number} ({height:g} m)"
        for number, height in zip(numbers[:MANY_NAMED], heights_m[:MANY_NAMED], strict=True)
    ]
    return ", ".join([*named, "..."] if len(numbers) > MANY_NAMED else named)


def _find_zeros(places: Floats, heights: Floats, segment: Positions) -> Bools:
    """Find heights of exactly 0 that stand for unknown, where others are known."""
    zero: Bools = heights == 0
    other = np.abs(heights[~np.isnan(heights) & ~zero])
    if not zero.any() or not len(other):
        return np.zeros(len(heights), dtype=bool)
    if other.min() > NEAR_SEA_M:
        return zero
    # Near the sea a run of zeros is a hole when every way into it is a jump.
    known = np.flatnonzero(~np.isnan(heights))
    marked, of = zero[known], segment[known]
    first = np.flatnonzero(marked & np.r_[True, ~marked[:-1] | (of[1:] != of[:-1])])
    last = np.flatnonzero(marked & np.r_[~marked[1:] | (of[1:] != of[:-1]), True])
    # Of each run its way in and its way out: whether there is one, and whether it is a jump.
    before, after = np.maximum(first - 1, 0), np.minimum(last + 1, len(known) - 1)
    entered = (before < first) & (of[before] == of[first])
    left = (after > last) & (of[after] == of[last])
    steep_in = _are_jumps(places, heights, known[before], known[first])
    steep_out = _are_jumps(places, heights, known[last], known[after])
    hole = (entered | left) & (steep_in | ~entered) & (steep_out | ~left)
    # Spread the answer of each run over its points.
    run = np.cumsum(np.isin(np.arange(len(known)), first)) - 1
    holes = np.zeros(len(heights), dtype=bool)
    holes[known[marked]] = hole[run[marked]]
    return holes


def _are_jumps(places: Floats, heights: Floats, one: Positions, other: Positions) -> Bools:
    """Tell whether heights differ by more than a path can rise from one point to another."""
    metres = geodesy.distance_m(*places[one].T, *places[other].T)
    jumps: Bools = np.abs(heights[one] - heights[other]) > JUMP_M + STEEPEST * metres
    return jumps


def _find_jumps(places: Floats, heights: Floats, segment: Positions) -> Bools:
    """Find runs of few heights that lie far from those before and after, which agree."""
    found = np.zeros(len(heights), dtype=bool)
    known = np.flatnonzero(~np.isnan(heights))
    if len(known) < 3:
        return found
    # Most trails have no jump at all, so all steps are looked at together first.
    jump = _are_jumps(places, heights, known[:-1], known[1:])
    joined = segment[known[1:]] == segment[known[:-1]]
    for each in np.unique(segment[known[1:][jump & joined]]):
        of = segment[known] == each
        found[_find_strays(places, heights, known[of])] = True
    return found


def _find_strays(places: Floats, heights: Floats, points: Positions) -> Positions:
    """Find the points of a segment whose heights jump away and back, short jumps first."""
    strays: list[Positions] = []
    # Those between others first: at an end a run has one neighbour, which must be right itself.
    for at_end, size in itertools.product((False, True), range(1, LONGEST_JUMP + 1)):
        while True:
            jumps = np.flatnonzero(_are_jumps(places, heights, points[:-1], points[1:]))
            if len(jumps) > MOST_JUMPS:
                return np.empty(0, dtype=np.intp)
            ends = np.concatenate([[0], jumps + 1, [len(points)]])
            weigh = _weigh_end_runs if at_end else _weigh_inner_runs
            runs = _choose_runs(weigh(places[points], heights[points], ends, size))
            if not runs:
                break
            out = np.concatenate([np.arange(first, beyond) for first, beyond in runs])
            strays.append(points[out])
            points = np.delete(points, out)
    return np.concatenate([np.empty(0, dtype=np.intp), *strays])


Run = tuple[int, int]
"""The first of some neighbouring points, and the one beyond the last."""


def _weigh_inner_runs(
    places: Floats, heights: Floats, ends: Positions, size: int
) -> dict[Run, int]:
    """Find runs of a size that jump away and back, with how many points speak against each.

    Parameters
    ----------
    places, heights
        Of the points of a segment.
    ends
        The first point of each piece between two jumps, and the number of points.
    size
        How many points a run has.
    """
    runs: dict[Run, int] = {}
    for first in ends[np.isin(ends + size, ends)].tolist():
        beyond = first + size
        if first == 0 or beyond == len(places):
            continue
        support = int(first - ends[ends < first].max() + ends[ends > beyond].min() - beyond)
        if support < SUPPORT * size:
            continue
        # What lies before and after must agree, so that the way goes on without the run.
        if not _are_jumps(places, heights, np.array([first - 1]), np.array([beyond]))[0]:
            runs[first, beyond] = support
    return runs


def _weigh_end_runs(places: Floats, heights: Floats, ends: Positions, size: int) -> dict[Run, int]:
    """Find runs of a size at the start or the end; as :func:`_weigh_inner_runs`."""
    runs: dict[Run, int] = {}
    if size in ends and ends[-1] > size:
        (inner,) = ends[1 + np.flatnonzero(ends == size)]
        runs[0, size] = int(inner) - size
    if ends[-1] - size in ends and ends[-1] > size:
        (inner,) = ends[np.flatnonzero(ends == ends[-1] - size) - 1]
        runs[int(ends[-1]) - size, int(ends[-1])] = int(ends[-1]) - size - int(inner)
    for run, support in list(runs.items()):
        edge, inner = (run[1] - 1, run[1]) if run[0] == 0 else (run[0], run[0] - 1)
        apart_m = abs(heights[inner] - heights[edge])
        walked_m = float(geodesy.distance_m(*places[inner], *places[edge]))
        if support < SUPPORT * size or apart_m <= END_JUMP_M + STEEPEST * walked_m:
            del runs[run]
    return runs


def _choose_runs(runs: dict[Run, int]) -> list[Run]:
    """Choose, of runs that touch each other, the one with more support, and neither if equal.

    So the direction in which the way is walked makes no difference.
    """
    return [
        run
        for run, support in runs.items()
        if not any(
            other != run and other[0] <= run[1] and other[1] >= run[0] and weight >= support
            for other, weight in runs.items()
        )
    ]
