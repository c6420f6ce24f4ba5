"""One GPX file into rows and frames of trails and waypoints."""

from __future__ import annotations

import math
import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from mapserver.errors import N_
from mapserver.files.damage import translate_read_errors
from mapserver.geo import geodesy
from mapserver.geo.slopes import measure_slopes
from mapserver.model import choose_kind
from mapserver.readers.gpx import heights, strays
from mapserver.readers.gpx.climbs import sum_trail_climbs
from mapserver.readers.gpx.document import Document, Points, Way
from mapserver.readers.gpx.frames import GpxFile, GpxRows, join_files
from mapserver.readers.gpx.own import add_own_line_columns, add_own_point_columns, has_own_values
from mapserver.readers.gpx.parsing import parse_gpx
from mapserver.readers.gpx.repeats import find_repeats
from mapserver.readers.gpx.strays import check_waypoints
from mapserver.settings import limits
from mapserver.text import encoding
from mapserver.text.findings import Finding, Severity
from mapserver.text.name_text import is_visible


def read_gpx(path: Path, *, name: str) -> GpxFile:
    """Read a GPX file, 1.0 or 1.1, with tracks, routes and waypoints, into frames.

    See :func:`read_content`.
    """
    return join_files([read_content(path, name=name)])


def read_content(path: Path, *, name: str) -> GpxRows | GpxFile:
    """Read a GPX file into rows, from which a folder makes one frame of all its files.

    Parameters
    ----------
    path
        The file. Its stem is the id of the trail in it; with several, ``stem-1``, ``stem-2``.
    name
        What to call it in messages: its path within the city folder.

    Returns
    -------
    GpxRows or GpxFile
        Frames where the file holds columns that an export of ours wrote. A gap between segments
        is neither drawn nor counted; a segment with one point is no line.

    Raises
    ------
    DataError
        The file cannot be used; the message names the line and the mend.
    """
    with translate_read_errors(name, path):
        return _parse_file(path, name)


def _parse_file(path: Path, name: str) -> GpxRows | GpxFile:
    data = _read_bytes(path)
    document = parse_gpx(data, name=name)
    rows = _build_rows(document, encoding.decode_file_name(path.stem), name)
    return _add_own_columns(join_files([rows]), path, name) if has_own_values(data) else rows


def _add_own_columns(file: GpxFile, path: Path, name: str) -> GpxFile:
    """Add the columns that an export of ours wrote beside what GPX has elements for."""
    trails = add_own_line_columns(file.trails, path, name)
    waypoints = add_own_point_columns(file.waypoints, map(str, trails.index), path, name)
    return replace(file, trails=trails, waypoints=waypoints)


def _build_rows(document: Document, stem: str, name: str) -> GpxRows:
    findings = list(document.findings)
    ways, findings_of_ways = [], []
    for way in document.ways:
        segments, way_findings = _clean_segments(way.segments, name)
        # One point is no line, and neither is none.
        segments = [points for points in segments if len(points.lonlat) > 1]
        if segments:
            ways.append(replace(way, segments=segments))
            findings_of_ways.append(way_findings)
        else:
            findings += [*way_findings, _make_no_line_finding(way.element.name, name)]
    is_repeated = _find_repeated_routes(ways)
    pairs = list(zip(ways, findings_of_ways, strict=True))
    findings += [
        _make_repeat_finding(way.element.name, name)
        for way, repeats in zip(ways, is_repeated, strict=True)
        if repeats
    ]
    pairs = [pair for pair, repeats in zip(pairs, is_repeated, strict=True) if not repeats]
    titles = _choose_names(
        [way.element.name for way, _ in pairs], document.title, stem, name, findings
    )
    if not document.ways and not document.waypoints:
        findings.append(_make_empty_finding(name))
    # The trail of a file with one trail has the file's name, so that its address is short.
    ids = [stem] if len(pairs) == 1 else [f"{stem}-{n}" for n in range(1, len(pairs) + 1)]
    rows = []
    for id_, title, (way, way_findings) in zip(ids, titles, pairs, strict=True):
        rows.append(_describe_trail(way, name) | {"name": title})
        findings += [replace(finding, feature=id_) for finding in way_findings]
    # Waypoints of a file with one trail belong to it; of several, nobody knows.
    owner = ids[0] if len(rows) == 1 else None
    waypoints = [_describe_waypoint(point, name, owner) for point in document.waypoints]
    lines = np.array([row["geometry"] for row in rows], dtype=object)
    checked, waypoint_findings = check_waypoints(waypoints, lines, name)
    points = {f"{stem}-w{n}": row for n, row in enumerate(checked, 1) if row is not None}
    trails = dict(zip(ids, rows, strict=True))
    return GpxRows(trails, points, (*findings, *waypoint_findings), document.counts)


def _clean_segments(segments: list[Points], name: str) -> tuple[list[Points], list[Finding]]:
    """Leave out points that cannot be places on the trail, and heights that cannot be true."""
    counts = [len(points.lonlat) for points in segments]
    if not sum(counts):
        return segments, []
    places = np.concatenate([points.lonlat for points in segments])
    heights_m = np.concatenate([points.elevation_m for points in segments])
    segment = np.repeat(np.arange(1, len(segments) + 1), counts)
    number = np.concatenate([np.arange(1, count + 1) for count in counts])
    is_stray = strays.find_strays(places, segment)
    findings = list(strays.describe_strays(is_stray, places, segment, number, name))
    places, heights_m = places[~is_stray], heights_m[~is_stray]
    segment, number = segment[~is_stray], number[~is_stray]
    faults = heights.find_faults(places, heights_m, segment)
    findings += heights.describe_faults(faults, heights_m, segment, number, name)
    if not findings:
        return segments, []
    heights_m = np.where(faults.any, np.nan, heights_m)
    cleaned = []
    for number_of_segment, points in enumerate(segments, 1):
        is_of_segment = segment == number_of_segment
        cleaned.append(
            replace(points, lonlat=places[is_of_segment], elevation_m=heights_m[is_of_segment])
        )
    return cleaned, findings


def _choose_names(
    names: list[str | None], title: str | None, stem: str, file: str, findings: list[Finding]
) -> list[str]:
    """Return a name for each trail: its own, that of the file's metadata, or the file's name.

    Several trails without a name of their own are numbered.
    """
    own_names = [text if text and is_visible(text) else "" for text in names]
    findings += [
        Finding(
            Severity.WARNING,
            "name-invisible",
            file,
            N_("a name has no letter that can be seen; it is passed over"),
            N_("Write a name, or leave it empty"),
        )
        for text in [*names, title]
        if text and not is_visible(text)
    ]
    if all(own_names):
        return own_names
    is_titled = bool(title and is_visible(title))
    shared = str(title) if is_titled else re.sub(r"[\s_.-]+", " ", stem).strip() or stem
    if not is_titled:
        findings.append(
            Finding(
                Severity.NOTE,
                "name-of-file",
                file,
                N_("the file gives the trail no name; it is called {name} after the file"),
                N_("Write a name into the file, or into the column name of gpx/trails.csv"),
                values={"name": repr(shared)},
            )
        )
    if len(own_names) == 1:
        return [shared]
    return [text or f"{shared} {number}" for number, text in enumerate(own_names, 1)]


def _find_repeated_routes(ways: list[Way]) -> np.ndarray:
    """Find routes that repeat a track of the same file, shape (n,)."""
    is_route = np.array([way.kind == "route" for way in ways], dtype=bool)
    lines = np.array(
        [
            shapely.multilinestrings(
                [shapely.linestrings(points.lonlat) for points in way.segments]
            )
            for way in ways
        ],
        dtype=object,
    )
    is_repeated = np.zeros(len(ways), dtype=bool)
    is_repeated[is_route] = find_repeats(lines[is_route], lines[~is_route])
    return is_repeated


def _describe_trail(way: Way, name: str) -> dict[str, Any]:
    """Return the columns of a trail, with its lengths, heights and times."""
    element, segments = way.element, way.segments
    heights_m = np.concatenate([points.elevation_m for points in segments])
    known_m = heights_m[~np.isnan(heights_m)]
    line = shapely.multilinestrings(
        [_draw_segment(points, heights=len(known_m) > 0) for points in segments]
    )
    # What lies between two segments was not walked, so it was not climbed either.
    ascent, descent = sum_trail_climbs((s.lonlat, s.elevation_m) for s in segments)
    times = sorted(time for points in segments for time in points.times)
    return {
        "name": element.name or None,
        "description": element.description or element.comment or None,
        "file": name,
        "kind": way.kind,
        "segments": len(segments),
        "points": sum(len(points.lonlat) for points in segments),
        "length_m": float(geodesy.length_m(np.array([line], dtype=object))[0]),
        "ascent_m": ascent,
        "descent_m": descent,
        "min_ele_m": float(known_m.min()) if len(known_m) else np.nan,
        "max_ele_m": float(known_m.max()) if len(known_m) else np.nan,
        **asdict(measure_slopes(line)),
        "time_start": times[0] if times else pd.NaT,
        "time_end": times[-1] if times else pd.NaT,
        "geometry": line,
    }


def _draw_segment(points: Points, *, heights: bool) -> shapely.LineString:
    """Draw a segment, with heights if any point of the trail has one; an unknown one is NaN."""
    columns = [points.lonlat, points.elevation_m[:, None]] if heights else [points.lonlat]
    return shapely.linestrings(np.hstack(columns))


def _describe_waypoint(point: Any, name: str, owner: str | None) -> dict[str, Any]:
    return {
        "name": point.name or None,
        "description": point.description or point.comment or None,
        "kind": choose_kind((point.type, point.symbol), point.name),
        "elevation_m": math.nan if point.elevation is None else float(point.elevation),
        "file": name,
        "trail": owner,
        "geometry": shapely.Point(point.longitude, point.latitude),
    }


def _make_no_line_finding(title: str | None, name: str) -> Finding:
    return Finding(
        Severity.WARNING,
        "track-without-line",
        name,
        N_("the track {title} has no segment with two points; it is left out"),
        N_("Record or draw it again"),
        values={"title": repr(title or "")},
    )


def _make_repeat_finding(title: str | None, name: str) -> Finding:
    return Finding(
        Severity.NOTE,
        "route-repeats-track",
        name,
        N_("the route {title} repeats the track of this file and is left out"),
        N_("Nothing needs to be done; the track is the trail"),
        values={"title": repr(title or "")},
    )


def _make_empty_finding(name: str) -> Finding:
    return Finding(
        Severity.WARNING,
        "gpx-empty",
        name,
        N_("the file holds no track, route or waypoint"),
        N_("Export the track again"),
    )


def _read_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(limits.MAX_GPX_BYTES + 1)
