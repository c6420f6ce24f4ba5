"""Checks of trails as lines: length, gaps, repeated points, the same trail twice."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from mapserver.check import recordings
from mapserver.check.survey import Subject, Survey, is_kind, round_metres, round_place
from mapserver.check.track import Track, count_within, make_track, split_lines
from mapserver.errors import N_
from mapserver.geo import geodesy
from mapserver.model import Role
from mapserver.readers.gpx.repeats import SAME_LENGTH, is_same_way
from mapserver.text import encoding
from mapserver.text.findings import Finding, Severity
from mapserver.text.header_row import find_similar_ids

SHORT_M = 10
"""Nobody opens a trail shorter than this; it is what a recorder leaves that was started twice."""

GAP_M = 5
"""Two segments nearer than this meet, as far as a consumer GPS can tell."""

SAME_M = 2
"""Two lines nowhere farther apart than this are one way: what paths beside each other keep."""

NEAR_M = 10
"""Two recordings of one way by receivers under trees, or a line thinned to few points, lie nowhere
farther apart than this, and cross each other, which paths side by side do not."""

CROSSINGS = 3


def check_trails(survey: Survey) -> Iterator[Finding]:
    """Examine the trails, if there are any."""
    subject = survey.find_subject(Role.TRAILS)
    if subject is None:
        return
    track = make_track(subject)
    yield from _check_short(subject)
    yield from _check_gaps(survey, subject)
    yield from recordings.check_recordings(survey, subject, track)
    yield from _check_repeated_points(subject, track)
    yield from _check_same_segments(subject)
    yield from _check_same_trails(survey, subject)
    yield from _check_photos(survey, subject)


def _check_photos(survey: Survey, subject: Subject) -> Iterator[Finding]:
    """Report photographs that no page shows, with the trails that they are probably of."""
    ids = [str(id_) for id_ in subject.ids]
    without_photo = [id_ for id_ in ids if id_ not in survey.city.photos]
    for stem, photo in survey.city.photos.items():
        if stem in ids:
            continue
        similar = find_similar_ids(stem, without_photo)
        what = N_("no trail has the id {photo}, so the picture is not shown")
        if similar:
            what = N_("no trail has the id {photo}, so the picture is not shown; is it {similar}?")
        yield Finding(
            Severity.WARNING,
            "photo-without-trail",
            f"gpx/{encoding.decode_file_name(photo.path.name)}",
            what,
            N_("Call the picture as the trail's GPX file"),
            values={"photo": repr(stem), "similar": " / ".join(similar)},
        )


def _check_short(subject: Subject) -> Iterator[Finding]:
    lines = is_kind(subject.geometries, 1)
    length_m = geodesy.length_m(subject.geometries)
    # A line without any length is reported as invalid.
    for row in np.flatnonzero(lines & (length_m > 0) & (length_m < SHORT_M)):
        yield subject.report_one(
            row,
            Severity.WARNING,
            "trail-short",
            N_("the trail is only {length} m long"),
            N_("Look whether the recording is complete, or delete it"),
            length=round_metres(length_m[row]),
        )


def _check_gaps(survey: Survey, subject: Subject) -> Iterator[Finding]:
    """Report segments that begin away from where the last one ended, and from all before it."""
    parts, owner = split_lines(subject)
    if not len(parts):
        return
    coordinates, segment = shapely.get_coordinates(parts, return_index=True)
    first_points = np.searchsorted(segment, np.arange(len(parts)))
    ends = coordinates[np.append(first_points[1:], len(coordinates)) - 1]
    starts = coordinates[first_points]
    gap_m = geodesy.distance_m(*ends[:-1].T, *starts[1:].T)
    candidates = np.flatnonzero((owner[1:] == owner[:-1]) & (gap_m > GAP_M))
    projected = survey.project(parts)
    gaps: dict[int, list[tuple[float, int]]] = {}
    for part in candidates.tolist():
        begin = int(np.searchsorted(owner, owner[part]))  # the trail's first segment
        if _is_apart(projected[begin : part + 2]):
            gaps.setdefault(int(owner[part]), []).append((float(gap_m[part]), part - begin + 1))
    for trail, gaps_of_trail in gaps.items():
        yield _report_gap(subject, trail, gaps_of_trail)


def _is_apart(segments: geodesy.Geometries) -> bool:
    """Return whether the last segment touches none before it; one that does is a branch."""
    return bool(shapely.distance(segments[-1], segments[:-1]).min() > GAP_M)


def _report_gap(subject: Subject, trail: int, gaps: list[tuple[float, int]]) -> Finding:
    widest_m, after = max(gaps)
    return subject.report_one(
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
        metres=round_metres(widest_m),
        before=after,
        after=after + 1,
    )


def _check_repeated_points(subject: Subject, track: Track) -> Iterator[Finding]:
    same = np.flatnonzero(track.step_m == 0)
    trails, first_places, counts = np.unique(
        track.trail[same], return_index=True, return_counts=True
    )
    for trail, point, count in zip(trails, same[first_places], counts, strict=True):
        yield subject.report_one(
            trail,
            Severity.NOTE,
            "points-repeated",
            N_("points that repeat the one before them: {count}, first at {lon}, {lat}"),
            N_("Nothing needs to be done; simplifying the line would remove them"),
            count=int(count),
            **round_place(*track.coordinates[point]),
        )


def _check_same_segments(subject: Subject) -> Iterator[Finding]:
    """Report segments that stand there twice; there and back is another matter."""
    parts, owner = split_lines(subject)
    keys = shapely.to_wkb(parts)
    number = count_within(owner)
    seen: dict[tuple[int, bytes], int] = {}
    for part in np.flatnonzero(np.isin(owner, owner[number > 1])).tolist():
        first_number = seen.setdefault((int(owner[part]), keys[part]), int(number[part]))
        if first_number != number[part]:
            yield subject.report_one(
                int(owner[part]),
                Severity.WARNING,
                "segment-twice",
                N_("segment {number} is the same as segment {first}, so its length counts twice"),
                N_("Delete one of the two"),
                number=int(number[part]),
                first=first_number,
            )


def _check_same_trails(survey: Survey, subject: Subject) -> Iterator[Finding]:
    """Report trails along one way, drawn or recorded twice, in whichever direction."""
    lines = np.flatnonzero(is_kind(subject.geometries, 1))
    projected = survey.project(subject.geometries[lines])
    box, length_m = shapely.bounds(projected), shapely.length(projected)
    # Boxes that agree within NEAR_M have middles that are no farther apart than its diagonal.
    middles = shapely.points((box[:, :2] + box[:, 2:]) / 2)
    line_rows, other_rows = shapely.STRtree(middles).query(middles, "dwithin", NEAR_M * np.sqrt(2))
    alike = (
        (line_rows < other_rows)
        & (np.abs(box[line_rows] - box[other_rows]).max(axis=1, initial=0) <= NEAR_M)
        & (
            np.abs(length_m[line_rows] - length_m[other_rows])
            <= SAME_LENGTH * length_m[line_rows] + NEAR_M
        )
    )
    for line_row, other_row in zip(line_rows[alike], other_rows[alike], strict=True):
        apart_m = _find_tolerance(projected[line_row], projected[other_row])
        if apart_m is None:
            continue
        yield subject.report_one(
            lines[other_row],
            Severity.WARNING,
            "duplicate-geometry",
            N_("it runs the same way as {other}")
            if apart_m == SAME_M
            else N_("it runs nowhere farther than {metres} m from {other}: recorded twice?"),
            N_("Delete one of the two, or draw the one that is wrong"),
            other=repr(str(subject.ids[lines[line_row]])),
            metres=apart_m,
        )


def _find_tolerance(line: shapely.Geometry, other_line: shapely.Geometry) -> float | None:
    """Find how near two lines keep to each other all along; None if they are two ways."""
    if is_same_way(line, other_line, SAME_M):
        return SAME_M
    if not is_same_way(line, other_line, NEAR_M):
        return None
    crossings = shapely.get_num_geometries(shapely.intersection(line, other_line))
    return NEAR_M if crossings >= CROSSINGS else None
