"""Checks of trails as lines: length, gaps, spikes, repeated points, the same trail twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from mapserver import geodesy
from mapserver.catalog import Role
from mapserver.check.survey import Positions, Subject, Survey, is_kind, metres, place
from mapserver.errors import N_
from mapserver.findings import Finding, Severity

SHORT_M = 10
"""Nobody opens a trail shorter than this; it is what a recorder leaves that was started twice."""

GAP_M = 5
"""Two segments nearer than this meet, as far as a consumer GPS can tell."""

SPIKE_M = 15
"""A shorter jump is the ordinary wander of a GPS under trees."""

SPIKE_FACTOR = 5
"""A spike's legs are at least this many times the usual spacing of points: the hairpins of a path
are drawn with points as close as elsewhere."""

SPIKE_DEG = 30
"""Greatest angle between the two legs of a spike; a path does not turn back so sharply at once."""

END_JUMP_M = 100
END_JUMP_FACTOR = 20
"""The first and the last point have one leg alone, so it must be longer: a receiver that has just
been switched on is off by this much, and a straight beginning drawn by hand is shorter."""

SAME_M = 2
"""Two lines nowhere farther apart than this are one way: what paths beside each other keep."""

SAME_LENGTH = 0.1
"""There and back is another trail than there; two recordings of one differ less than this."""


def examine(survey: Survey) -> Iterator[Finding]:
    """Examine the trails, if there are any."""
    subject = survey.of(Role.TRAILS)
    if subject is None:
        return
    track = _track(subject)
    yield from _short(subject)
    yield from _gaps(survey, subject)
    yield from _spikes(subject, track)
    yield from _repeated_points(subject, track)
    yield from _same_segments(subject)
    yield from _same_trails(survey, subject)


@dataclass(frozen=True)
class _Track:
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


def _track(subject: Subject) -> _Track:
    parts, owner = _parts(subject)
    coordinates, segment = shapely.get_coordinates(parts, return_index=True)
    step_m = np.full(len(coordinates), np.nan)
    joined = np.flatnonzero(segment[1:] == segment[:-1])
    here, there = coordinates[joined], coordinates[joined + 1]
    step_m[joined] = geodesy.distance_m(here[:, 0], here[:, 1], there[:, 0], there[:, 1])
    trail = owner[segment]
    return _Track(
        coordinates=coordinates,
        segment=segment,
        trail=trail,
        number=_count_within(segment),
        number_of_segment=_count_within(owner)[segment],
        step_m=step_m,
        spacing_m=_median_by(segment, step_m, len(parts))[segment],
    )


def _parts(subject: Subject) -> tuple[geodesy.Geometries, Positions]:
    lines = np.flatnonzero(is_kind(subject.geometries, 1))
    parts, owner = shapely.get_parts(subject.geometries[lines], return_index=True)
    return parts, lines[owner]


def _count_within(groups: Positions) -> Positions:
    """Give the members of each group numbers from 1; the groups must be sorted."""
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


def _short(subject: Subject) -> Iterator[Finding]:
    lines = is_kind(subject.geometries, 1)
    length_m = geodesy.length_m(subject.geometries)
    # A line without any length is reported as invalid.
    for at in np.flatnonzero(lines & (length_m > 0) & (length_m < SHORT_M)):
        yield subject.about(
            at,
            Severity.WARNING,
            "trail-short",
            N_("the trail is only {length} m long"),
            N_("Look whether the recording is complete, or delete it"),
            length=metres(length_m[at]),
        )


def _gaps(survey: Survey, subject: Subject) -> Iterator[Finding]:
    """Report segments that begin away from where the last one ended, and from all before it."""
    parts, owner = _parts(subject)
    if not len(parts):
        return
    coordinates, segment = shapely.get_coordinates(parts, return_index=True)
    first = np.searchsorted(segment, np.arange(len(parts)))
    ends = coordinates[np.append(first[1:], len(coordinates)) - 1]
    starts = coordinates[first]
    gap_m = geodesy.distance_m(*ends[:-1].T, *starts[1:].T)
    candidates = np.flatnonzero((owner[1:] == owner[:-1]) & (gap_m > GAP_M))
    projected = survey.project(parts)
    gaps: dict[int, list[tuple[float, int]]] = {}
    for at in candidates.tolist():
        begin = int(np.searchsorted(owner, owner[at]))
        if _apart(projected[begin : at + 2]):
            gaps.setdefault(int(owner[at]), []).append((float(gap_m[at]), at - begin + 1))
    for trail, found in gaps.items():
        yield _gap(subject, trail, found)


def _apart(segments: geodesy.Geometries) -> bool:
    """Tell whether the last segment touches none of those before it; one that does is a branch."""
    return bool(shapely.distance(segments[-1], segments[:-1]).min() > GAP_M)


def _gap(subject: Subject, trail: int, gaps: list[tuple[float, int]]) -> Finding:
    widest_m, after = max(gaps)
    return subject.about(
        trail,
        Severity.NOTE,
        "trail-gap",
        N_(
            "between segments {before} and {after} is a gap of {metres} m, "
            "which does not count as length"
        )
        if len(gaps) == 1
        else N_(
            "there are {count} gaps between segments, which do not count as length; "
            "the widest has {metres} m, between segments {before} and {after}"
        ),
        N_("Record or draw what is missing, if one can walk there"),
        count=len(gaps),
        metres=metres(widest_m),
        before=after,
        after=after + 1,
    )


def _spikes(subject: Subject, track: _Track) -> Iterator[Finding]:
    several = np.isin(track.trail, track.trail[track.number_of_segment > 1])
    inner, ends = _inner_spikes(track), _end_jumps(track)
    away_m = inner | ends
    for at in sorted(away_m):
        yield subject.about(
            int(track.trail[at]),
            Severity.WARNING,
            "trail-spike",
            _spike_text(inside=at in inner, several=bool(several[at])),
            N_("Delete the point if nobody walks there"),
            number=int(track.number[at]),
            segment=int(track.number_of_segment[at]),
            metres=metres(away_m[at]),
            **place(*track.coordinates[at]),
        )


def _spike_text(*, inside: bool, several: bool) -> str:
    if inside and several:
        return N_(
            "point {number} of segment {segment} jumps {metres} m away and back, at {lon}, {lat}"
        )
    if inside:
        return N_("point {number} jumps {metres} m away and back, at {lon}, {lat}")
    if several:
        return N_(
            "point {number} of segment {segment} lies {metres} m off the others, at {lon}, {lat}"
        )
    return N_("point {number} lies {metres} m off the others, at {lon}, {lat}")


def _inner_spikes(track: _Track) -> dict[int, float]:
    """Find points whose two legs are long and nearly fold onto each other, with their metres."""
    at = np.flatnonzero(track.segment[2:] == track.segment[:-2]) + 1
    shorter_m = np.minimum(track.step_m[at - 1], track.step_m[at])
    long = shorter_m > np.maximum(SPIKE_M, SPIKE_FACTOR * track.spacing_m[at])
    at, shorter_m = at[long], shorter_m[long]
    to_m, from_m = track.step_m[at - 1], track.step_m[at]
    base_m = geodesy.distance_m(*track.coordinates[at - 1].T, *track.coordinates[at + 1].T)
    cosine = np.clip((to_m**2 + from_m**2 - base_m**2) / (2 * to_m * from_m), -1, 1)
    sharp = np.degrees(np.arccos(cosine)) < SPIKE_DEG
    return dict(zip(at[sharp].tolist(), shorter_m[sharp].tolist(), strict=True))


def _end_jumps(track: _Track) -> dict[int, float]:
    """Find first and last points far from the rest of their segment, with their metres."""
    first = np.flatnonzero(track.number == 1)
    last = np.append(first[1:], len(track.number))[: len(first)] - 1
    at, leg = np.concatenate([first, last]), np.concatenate([first, last - 1])
    enough = np.tile(last - first >= 3, 2)
    at, leg_m = at[enough], track.step_m[leg[enough]]
    far = leg_m > np.maximum(END_JUMP_M, END_JUMP_FACTOR * track.spacing_m[at])
    return dict(zip(at[far].tolist(), leg_m[far].tolist(), strict=True))


def _repeated_points(subject: Subject, track: _Track) -> Iterator[Finding]:
    same = np.flatnonzero(track.step_m == 0)
    trails, first, counts = np.unique(track.trail[same], return_index=True, return_counts=True)
    for trail, at, count in zip(trails, same[first], counts, strict=True):
        yield subject.about(
            trail,
            Severity.NOTE,
            "points-repeated",
            N_("points that repeat the one before them: {count}, first at {lon}, {lat}"),
            N_("Nothing needs to be done; simplifying the line would remove them"),
            count=int(count),
            **place(*track.coordinates[at]),
        )


def _same_segments(subject: Subject) -> Iterator[Finding]:
    """Report segments that stand there twice; there and back is another matter."""
    parts, owner = _parts(subject)
    keys = shapely.to_wkb(parts)
    number = _count_within(owner)
    seen: dict[tuple[int, bytes], int] = {}
    for at in np.flatnonzero(np.isin(owner, owner[number > 1])).tolist():
        first = seen.setdefault((int(owner[at]), keys[at]), int(number[at]))
        if first != number[at]:
            yield subject.about(
                int(owner[at]),
                Severity.WARNING,
                "segment-twice",
                N_("segment {number} is the same as segment {first}, so its length counts twice"),
                N_("Delete one of the two"),
                number=int(number[at]),
                first=first,
            )


def _same_trails(survey: Survey, subject: Subject) -> Iterator[Finding]:
    """Report trails along one way, drawn or recorded twice, in whichever direction."""
    lines = np.flatnonzero(is_kind(subject.geometries, 1))
    projected = survey.project(subject.geometries[lines])
    box, length_m = shapely.bounds(projected), shapely.length(projected)
    # Boxes that agree have middles that agree.
    middles = shapely.points((box[:, :2] + box[:, 2:]) / 2)
    first, second = shapely.STRtree(middles).query(middles, "dwithin", SAME_M * np.sqrt(2))
    alike = (
        (first < second)
        & (np.abs(box[first] - box[second]).max(axis=1, initial=0) <= SAME_M)
        & (np.abs(length_m[first] - length_m[second]) <= SAME_LENGTH * length_m[first] + SAME_M)
    )
    first, second = first[alike], second[alike]
    same = shapely.hausdorff_distance(projected[first], projected[second]) <= SAME_M
    for one, other in zip(lines[first[same]], lines[second[same]], strict=True):
        yield subject.about(
            other,
            Severity.WARNING,
            "duplicate-geometry",
            N_("it runs the same way as {other}"),
            N_("Delete one of the two, or draw the one that is wrong"),
            other=repr(str(subject.ids[one])),
        )
