"""Heights that cannot be true: what recorders write for none, and single jumps away and back."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from mapserver.errors import N_
from mapserver.geo import geodesy
from mapserver.geo.geodesy import Floats, Geometries
from mapserver.geo.heights import drop_unknown, set_heights
from mapserver.settings import limits
from mapserver.text.findings import Finding, Severity

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
"""A run that jumps is wrong if this many times as many points before and after it agree."""

LONGEST_JUMP = 10
"""A jump of more points may be real: the top of a cliff to which a lift goes."""


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
        """Heights with a fault of any kind, shape (n,)."""
        is_fault: Bools = self.none_on_earth | self.zeros | self.all_zero | self.jumps
        return is_fault


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
    # What has been found is unknown to the questions that follow.
    heights[none_on_earth] = np.nan
    is_known = ~np.isnan(heights)
    all_zero = is_known & (not np.any(heights[is_known]))
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
    for line in np.flatnonzero(shapely.has_z(lines)).tolist():
        # Points are numbered from 1 within each part of the line, as readers count them.
        parts = shapely.get_parts(lines[line])
        xyz, part = shapely.get_coordinates(parts, include_z=True, return_index=True)
        faults = find_faults(xyz[:, :2], xyz[:, 2], part + 1)
        if not faults.any.any():
            continue
        number = np.arange(len(part)) - np.searchsorted(part, part) + 1
        line_findings = describe_faults(faults, xyz[:, 2], part + 1, number, file)
        findings += [replace(finding, feature=str(ids[line])) for finding in line_findings]
        cleared[line] = set_heights(lines[line], np.where(faults.any, np.nan, xyz[:, 2]))
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
        for segment_number in np.unique(segment[mask]):
            positions = np.flatnonzero(mask & (segment == segment_number))
            values = {
                "count": len(positions),
                "segment": int(segment_number),
                "points": _list_heights(number[positions], heights_m[positions]),
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


def _list_heights(numbers: Sequence[int] | Positions, heights_m: Floats) -> str:
    named = [
        f"{number} ({height:g} m)"
        for number, height in zip(
            numbers[: limits.MAX_NAMED_POINTS], heights_m[: limits.MAX_NAMED_POINTS], strict=True
        )
    ]
    return ", ".join([*named, "..."] if len(numbers) > limits.MAX_NAMED_POINTS else named)


def _find_zeros(places: Floats, heights: Floats, segment: Positions) -> Bools:
    """Find heights of exactly 0 that stand for unknown, where others are known."""
    is_zero: Bools = heights == 0
    nonzero_m = np.abs(heights[~np.isnan(heights) & ~is_zero])
    if not is_zero.any() or not len(nonzero_m):
        return np.zeros(len(heights), dtype=bool)
    # Far from the level of the sea nothing is at 0, however the trail gets there.
    if nonzero_m.min() > NEAR_SEA_M:
        return is_zero
    # Near the sea a run of zeros is a hole when every way into it is a jump.
    known_points = np.flatnonzero(~np.isnan(heights))
    is_known_zero, known_segment = is_zero[known_points], segment[known_points]
    # A run of zeros starts and ends where the neighbour is another height or another segment.
    run_starts = np.flatnonzero(
        is_known_zero & np.r_[True, ~is_known_zero[:-1] | (known_segment[1:] != known_segment[:-1])]
    )
    run_ends = np.flatnonzero(
        is_known_zero & np.r_[~is_known_zero[1:] | (known_segment[1:] != known_segment[:-1]), True]
    )
    # The step into each run and the step out of it: whether it exists, and whether it is a jump.
    before, after = np.maximum(run_starts - 1, 0), np.minimum(run_ends + 1, len(known_points) - 1)
    has_entry = (before < run_starts) & (known_segment[before] == known_segment[run_starts])
    has_exit = (after > run_ends) & (known_segment[after] == known_segment[run_ends])
    is_steep_in = _are_jumps(places, heights, known_points[before], known_points[run_starts])
    is_steep_out = _are_jumps(places, heights, known_points[run_ends], known_points[after])
    # A run without a neighbour on either side has nothing to be compared with, so it stays.
    is_hole = (has_entry | has_exit) & (is_steep_in | ~has_entry) & (is_steep_out | ~has_exit)
    # Copy the answer of each run to all of its points.
    run_number = np.cumsum(np.isin(np.arange(len(known_points)), run_starts)) - 1
    is_unknown = np.zeros(len(heights), dtype=bool)
    is_unknown[known_points[is_known_zero]] = is_hole[run_number[is_known_zero]]
    return is_unknown


def _are_jumps(places: Floats, heights: Floats, starts: Positions, ends: Positions) -> Bools:
    """Return whether heights differ by more than a path can rise from one point to another."""
    # |h2 - h1| > JUMP_M + STEEPEST * d, with d the geodesic distance of the points. Hardly any step
    # exceeds JUMP_M, and only for those that do is a distance measured.
    steps_m = np.abs(heights[starts] - heights[ends])
    is_jump: Bools = steps_m > JUMP_M
    starts, ends = starts[is_jump], ends[is_jump]
    distances_m = geodesy.distance_m(*places[starts].T, *places[ends].T)
    is_jump[is_jump] = steps_m[is_jump] > JUMP_M + STEEPEST * distances_m
    return is_jump


def _find_jumps(places: Floats, heights: Floats, segment: Positions) -> Bools:
    """Find short runs of heights that jump away from their neighbours, which agree."""
    is_jump = np.zeros(len(heights), dtype=bool)
    known_points = np.flatnonzero(~np.isnan(heights))
    if len(known_points) < 3:
        return is_jump
    # Most trails have no jump at all, so all steps are tested at once first.
    is_step_jump = _are_jumps(places, heights, known_points[:-1], known_points[1:])
    is_same_segment = segment[known_points[1:]] == segment[known_points[:-1]]
    for segment_number in np.unique(segment[known_points[1:][is_step_jump & is_same_segment]]):
        is_of_segment = segment[known_points] == segment_number
        is_jump[_find_jumping_points(places, heights, known_points[is_of_segment])] = True
    return is_jump


def _find_jumping_points(places: Floats, heights: Floats, points: Positions) -> Positions:
    """Find the points of a segment whose heights jump away and back, short jumps first."""
    strays: list[Positions] = []
    # Inner runs go first: a run at an end has one neighbour, which must be right itself.
    for is_at_end, size in itertools.product((False, True), range(1, LONGEST_JUMP + 1)):
        while True:
            # Each removal joins two pieces, so the jumps are found anew until no run is left.
            jumps = np.flatnonzero(_are_jumps(places, heights, points[:-1], points[1:]))
            if len(jumps) > limits.MAX_HEIGHT_JUMPS:
                return np.empty(0, dtype=np.intp)
            # The segment falls into pieces between its jumps: their first points, and the end.
            ends = np.concatenate([[0], jumps + 1, [len(points)]])
            weigh = _weigh_end_runs if is_at_end else _weigh_inner_runs
            runs = _choose_runs(weigh(places[points], heights[points], ends, size))
            if not runs:
                break
            stray_points = np.concatenate([np.arange(start, stop) for start, stop in runs])
            strays.append(points[stray_points])
            points = np.delete(points, stray_points)
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
    for start in ends[np.isin(ends + size, ends)].tolist():
        stop = start + size
        if start == 0 or stop == len(places):
            continue
        # Points of the piece before the run and of the piece after it speak against the run.
        support = int(start - ends[ends < start].max() + ends[ends > stop].min() - stop)
        if support < SUPPORT * size:
            continue
        # What lies before and after must agree, so that the way goes on without the run.
        if not _are_jumps(places, heights, np.array([start - 1]), np.array([stop]))[0]:
            runs[start, stop] = support
    return runs


def _weigh_end_runs(places: Floats, heights: Floats, ends: Positions, size: int) -> dict[Run, int]:
    """Find runs of a size at the start or the end; as :func:`_weigh_inner_runs`."""
    # The piece at the start, then the piece at the end; the neighbour's length is the support.
    runs: dict[Run, int] = {}
    if size in ends and ends[-1] > size:
        (inner,) = ends[1 + np.flatnonzero(ends == size)]
        runs[0, size] = int(inner) - size
    if ends[-1] - size in ends and ends[-1] > size:
        (inner,) = ends[np.flatnonzero(ends == ends[-1] - size) - 1]
        runs[int(ends[-1]) - size, int(ends[-1])] = int(ends[-1]) - size - int(inner)
    for run, support in list(runs.items()):
        edge, inner = (run[1] - 1, run[1]) if run[0] == 0 else (run[0], run[0] - 1)
        step_m = abs(heights[inner] - heights[edge])
        walked_m = float(geodesy.distance_m(*places[inner], *places[edge]))
        if support < SUPPORT * size or step_m <= END_JUMP_M + STEEPEST * walked_m:
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
            rival != run and rival[0] <= run[1] and rival[1] >= run[0] and rival_support >= support
            for rival, rival_support in runs.items()
        )
    ]
