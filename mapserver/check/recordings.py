"""Checks of what recorders leave: spikes, jumps at the ends, straight holes, rests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from mapserver.check.survey import Subject, Survey, round_metres, round_place
from mapserver.check.track import Track
from mapserver.errors import N_
from mapserver.geo import extent, geodesy
from mapserver.geo.geodesy import Floats
from mapserver.text.findings import Finding, Severity

SPIKE_M = 15
"""A shorter jump of one point is the ordinary wander of a GPS under trees."""

SPIKE_FACTOR = 5
"""A spike's legs are at least this many times the usual spacing of points: the hairpins of a path
are drawn with points as close as elsewhere."""

SPIKE_DEG = 30
"""Greatest angle between the two legs of a spike; a path does not turn back so sharply at once."""

SPIKES_M = 50
SPIKES_FACTOR = 10
"""A jump of several points has longer legs, since a short spur may be drawn with several."""

LONGEST_SPIKE = 10
"""More points off the line are a way of their own."""

LONGEST_END_JUMP = 5
"""More points before a long step are a beginning, and the step is a hole."""

END_JUMP_M = 100
END_JUMP_FACTOR = 20
"""The first and the last points have one leg alone, so it must be longer: a receiver that has just
been switched on is off by this much, and a straight beginning drawn by hand is shorter."""

STRAIGHT_DEG = 30
STRAIGHT_STEPS = 10
"""A leg from which the trail goes straight on, within so many degrees over so many steps, is the
beginning of a line drawn by hand: a receiver that is off is so to any side."""

SPUR_M = 100
SAME_PLACE_M = 0.1
"""A way out and back to the very same place, no longer than this, was drawn to a viewpoint: a
receiver has moved on by the time that it is back on the line."""

HOLE_M = 100
HOLE_FACTOR = 20
HOLE_OTHERS = 4
"""A hole is a step longer than this, than so many usual steps, and than four times the longest of
nineteen in twenty: a line drawn by hand has several long steps, a recording that broke off one."""

FEWEST_STEPS = 19
"""Of fewer steps nobody can say which one is unusual."""

REST_POINTS = 30
REST_M = 40
REST_FACTOR = 4
REST_DEG = 60
"""A recorder rests where so many points in a row stay within a box of so many metres, go at least
four times its diagonal, and turn by so much at every point in the mean: laps on a small round go
as far, but turn little from point to point."""


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring points of a segment.

    Attributes
    ----------
    first_point, last_point
        Positions in the row of all points.
    metres
        How far they lie away.
    excess_m
        By how much the trail is shorter without them.
    inner
        Whether there are points on both sides.
    """

    first_point: int
    last_point: int
    metres: float
    excess_m: float
    inner: bool = True


def check_recordings(survey: Survey, subject: Subject, track: Track) -> Iterator[Finding]:
    """Examine the trails for what recorders leave.

    Parameters
    ----------
    survey, subject, track
        The city, its trails, and their points in one row.
    """
    length_m = geodesy.length_m(subject.geometries)
    # Each segment reaches from its first point to the first point of the next.
    begins = np.flatnonzero(track.number == 1)
    ends = np.append(begins[1:], len(track.number))[: len(begins)]
    # Only a segment with a long step has anything to look at.
    long = np.flatnonzero(track.step_m > np.maximum(SPIKE_M, SPIKE_FACTOR * track.spacing_m))
    for segment in np.unique(np.searchsorted(begins, long, side="right") - 1).tolist():
        begin, end = int(begins[segment]), int(ends[segment])
        steps = long[(long >= begin) & (long < end)].tolist()
        runs = _find_spikes(track, steps)
        runs += _find_end_jumps(track, begin, end, runs)
        yield from (_describe_jump(subject, track, run, length_m) for run in runs)
        holes = _find_holes(track, begin, end, steps, runs)
        yield from (_describe_hole(subject, track, hole, length_m) for hole in holes)
    for run in _find_rests(survey, track):
        yield _describe_rest(subject, track, run, length_m)


def _find_spikes(track: Track, long: list[int]) -> list[Run]:
    """Find runs of few points between two long steps that nearly fold onto each other."""
    runs: list[Run] = []
    for order, before in enumerate(long):
        if runs and before < runs[-1].last_point:
            continue
        for after in long[order + 1 :]:
            if after - before > LONGEST_SPIKE:
                break
            run = _judge_spike(track, before, after)
            if run is not None:
                runs.append(run)
                break
    return runs


def _judge_spike(track: Track, before: int, after: int) -> Run | None:
    """Measure the run between two steps; None if it may be a part of the way."""
    to_m, from_m = float(track.step_m[before]), float(track.step_m[after])
    shorter_m = min(to_m, from_m)
    has_several = after - before > 1
    spacing_m = float(track.spacing_m[before])
    least_m = max(SPIKES_M, SPIKES_FACTOR * spacing_m) if has_several else SPIKE_M
    base_m = _measure_between(track, before, after + 1)
    extent_m = _measure_between(track, before + 1, after)
    if shorter_m <= least_m or extent_m > shorter_m / 3:
        return None
    if base_m <= SAME_PLACE_M and shorter_m <= SPUR_M:
        return None
    # The run counts as one point: what its own extent opens between the legs is no angle.
    apart_m = max(base_m - extent_m, abs(to_m - from_m))
    # Law of cosines: the angle between the legs, whose third side is what they lie apart.
    cosine = np.clip((to_m**2 + from_m**2 - apart_m**2) / (2 * to_m * from_m), -1, 1)
    if np.degrees(np.arccos(cosine)) >= SPIKE_DEG:
        return None
    walked_m = float(track.step_m[before : after + 1].sum())
    return Run(before + 1, after, shorter_m, walked_m - base_m)


def _find_end_jumps(track: Track, begin: int, end: int, spikes: list[Run]) -> list[Run]:
    """Find few points at the start or the end of a segment that lie far from the rest."""
    runs = []
    legs = {leg for run in spikes for leg in (run.first_point - 1, run.last_point)}
    least_m = max(END_JUMP_M, END_JUMP_FACTOR * float(track.spacing_m[begin]))
    count = min(LONGEST_END_JUMP, (end - begin) // 4)
    starts = [n for n in range(begin, begin + count) if track.step_m[n] > least_m]
    ends = [n for n in range(end - 1 - count, end - 1) if track.step_m[n] > least_m]
    starts = [n for n in starts if n not in legs and not _goes_on(track, n, n + 1, end - 1)]
    ends = [n for n in ends if n not in legs and not _goes_on(track, n + 1, n, begin)]
    if starts:
        leg = starts[-1]
        excess_m = float(track.step_m[begin : leg + 1].sum())
        runs.append(Run(begin, leg, float(track.step_m[leg]), excess_m, inner=False))
    if ends:
        leg = ends[0]
        excess_m = float(track.step_m[leg : end - 1].sum())
        runs.append(Run(leg + 1, end - 1, float(track.step_m[leg]), excess_m, inner=False))
    return runs


def _goes_on(track: Track, outer: int, inner: int, limit: int) -> bool:
    """Return whether the trail goes straight on from a leg, seen from its outer end inwards."""
    step = 1 if inner > outer else -1
    far_point = inner + step * min(STRAIGHT_STEPS, abs(limit - inner))
    places = track.coordinates[[outer, inner, far_point]]
    lon, lat = extent.unwrap(places[:, 0], places[1, 0]), places[:, 1]
    # Near by, degrees are a plane once those of longitude are shortened.
    legs = np.diff(np.column_stack([lon * np.cos(np.radians(lat[1])), lat]), axis=0)
    turn = np.diff(np.degrees(np.arctan2(legs[:, 1], legs[:, 0])))[0]
    return bool(abs((turn + 180) % 360 - 180) <= STRAIGHT_DEG)


def _find_holes(track: Track, begin: int, end: int, long: list[int], runs: list[Run]) -> list[int]:
    """Find steps that are far longer than the others; each is given by its first point."""
    steps_m = track.step_m[begin : end - 1]
    if len(steps_m) < FEWEST_STEPS:
        return []
    usual_m, longest_m = float(track.spacing_m[begin]), float(np.quantile(steps_m, 0.95))
    least_m = max(HOLE_M, HOLE_FACTOR * usual_m, HOLE_OTHERS * longest_m)
    # Legs of what is reported as a jump are no holes.
    legs = {n for run in runs for n in range(run.first_point - 1, run.last_point + 1)}
    return [n for n in long if track.step_m[n] > least_m and n not in legs]


def _find_rests(survey: Survey, track: Track) -> Iterator[Run]:
    """Find where a recorder rested: many points in a small box, turning at every one."""
    if len(track.number) < REST_POINTS:
        return
    xy = shapely.get_coordinates(survey.project(shapely.points(track.coordinates)))
    windows = np.lib.stride_tricks.sliding_window_view(xy, REST_POINTS, axis=0)
    box_m = np.hypot(*(windows.max(axis=2) - windows.min(axis=2)).T)
    # Sums over each window: metres walked, and turns of the direction at its inner points.
    way = np.diff(xy, axis=0)
    heading = np.arctan2(way[:, 1], way[:, 0])
    turn_deg = np.degrees(np.abs((np.diff(heading) + np.pi) % (2 * np.pi) - np.pi))
    walked_m = _sum_windows(np.hypot(*way.T), REST_POINTS - 1)
    turned_deg = _sum_windows(turn_deg, REST_POINTS - 2) / (REST_POINTS - 2)
    rests = (
        (track.segment[: len(box_m)] == track.segment[REST_POINTS - 1 :])
        & (box_m <= REST_M)
        & (walked_m >= REST_FACTOR * box_m)
        & (walked_m > 0)
        & (turned_deg >= REST_DEG)
    )
    # Windows that overlap, or nearly, are one rest.
    resting = np.flatnonzero(rests)
    breaks = np.flatnonzero(np.diff(resting) >= 2 * REST_POINTS) + 1
    for group in np.split(resting, breaks):
        if len(group):
            begin, end = int(group[0]), int(group[-1]) + REST_POINTS - 1
            straight_m = _measure_between(track, begin, end)
            length_m = float(track.step_m[begin:end].sum())
            yield Run(begin, end, length_m, length_m - straight_m)


def _sum_windows(values: Floats, size: int) -> Floats:
    """Sum every window of a size; shape (n - size + 1,)."""
    # Differences of running sums: the work does not grow with the size of the windows.
    sums = np.concatenate([[0.0], np.cumsum(values)])
    windows: Floats = sums[size:] - sums[:-size]
    return windows


def _measure_between(track: Track, point: int, other_point: int) -> float:
    return float(geodesy.distance_m(*track.coordinates[point], *track.coordinates[other_point]))


def _list_values(track: Track, run: Run, length_m: Floats) -> dict[str, object]:
    trail = track.trail[run.first_point]
    return {
        "number": int(track.number[run.first_point]),
        "last": int(track.number[run.last_point]),
        "segment": int(track.number_of_segment[run.first_point]),
        "metres": round_metres(run.metres),
        "length": round_metres(float(length_m[trail]) - run.excess_m),
        **round_place(*track.coordinates[run.first_point]),
    }


JUMP_TEXTS = {
    (True, True, True): N_(
        "point {number} of segment {segment} jumps {metres} m away and back, at {lon}, {lat}; "
        "without it the trail is {length} m long"
    ),
    (True, True, False): N_(
        "point {number} jumps {metres} m away and back, at {lon}, {lat}; "
        "without it the trail is {length} m long"
    ),
    (True, False, True): N_(
        "points {number} to {last} of segment {segment} jump {metres} m away and back, at {lon}, "
        "{lat}; without them the trail is {length} m long"
    ),
    (True, False, False): N_(
        "points {number} to {last} jump {metres} m away and back, at {lon}, {lat}; "
        "without them the trail is {length} m long"
    ),
    (False, True, True): N_(
        "point {number} of segment {segment} lies {metres} m off the others, at {lon}, {lat}; "
        "without it the trail is {length} m long"
    ),
    (False, True, False): N_(
        "point {number} lies {metres} m off the others, at {lon}, {lat}; "
        "without it the trail is {length} m long"
    ),
    (False, False, True): N_(
        "points {number} to {last} of segment {segment} lie {metres} m off the others, at {lon}, "
        "{lat}; without them the trail is {length} m long"
    ),
    (False, False, False): N_(
        "points {number} to {last} lie {metres} m off the others, at {lon}, {lat}; "
        "without them the trail is {length} m long"
    ),
}
"""By whether there are points on both sides, one point, and several segments."""


def _describe_jump(subject: Subject, track: Track, run: Run, length_m: Floats) -> Finding:
    trail = track.trail[run.first_point]
    has_segments = bool(track.number_of_segment[track.trail == trail].max() > 1)
    return subject.report_one(
        int(trail),
        Severity.WARNING,
        "trail-spike",
        JUMP_TEXTS[run.inner, run.first_point == run.last_point, has_segments],
        N_("Delete what nobody walks"),
        **_list_values(track, run, length_m),
    )


def _describe_hole(subject: Subject, track: Track, step: int, length_m: Floats) -> Finding:
    step_m = float(track.step_m[step])
    return subject.report_one(
        int(track.trail[step]),
        Severity.NOTE,
        "trail-hole",
        N_(
            "from point {number} to {last} of segment {segment} the line is straight for {metres} "
            "m, where points are usually {spacing} m apart; without it the trail is {length} m long"
        ),
        N_("Record or draw what is missing, or begin a new segment there"),
        spacing=round_metres(float(track.spacing_m[step])),
        **_list_values(track, Run(step, step + 1, step_m, step_m), length_m),
    )


def _describe_rest(subject: Subject, track: Track, run: Run, length_m: Floats) -> Finding:
    return subject.report_one(
        int(track.trail[run.first_point]),
        Severity.WARNING,
        "trail-rest",
        N_(
            "points {number} to {last} of segment {segment} jitter round one place for {metres} m, "
            "at {lon}, {lat}: the recorder rested; without that the trail is {length} m long"
        ),
        N_("Delete these points but the first and the last"),
        **_list_values(track, run, length_m),
    )
