"""Checks of areas: what lies outside the city, overlaps, gaps between neighbourhoods."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from mapserver.check.survey import (
    Subject,
    Survey,
    describe_position,
    extract_polygons,
    is_kind,
    list_first_ids,
    round_metres,
)
from mapserver.errors import N_
from mapserver.geo import extent, geodesy
from mapserver.model import Role
from mapserver.text.findings import Finding, Severity

OUTSIDE_M = 10
"""So much of a trail may lie outside unmentioned: outlines are drawn no more exactly."""

OUTSIDE_SHARE = 0.01
OUTSIDE_M2 = 100
"""So much of a district may lie outside unmentioned: both more than this share and this area is
what a border that was digitised twice does not explain."""

OVERLAP_M2 = 1
"""Smaller overlaps are rounding: 1 cm along a border of 100 m."""

SLIVER_WIDTH_M = 5
SLIVER_M2 = 25
"""A strip narrower than this between two areas is an error of drawing and no place. Where two
outlines meet at an angle, rounding fills a corner of less than this area."""


def check_places(survey: Survey) -> Iterator[Finding]:
    """Examine how the areas of a city fit together."""
    yield from _check_trails_outside(survey)
    yield from _check_districts_outside(survey)
    for areas in survey.subjects:
        if not areas.role.row.may_overlap:
            yield from _check_overlaps(areas)
    yield from _check_slivers(survey)


def _check_trails_outside(survey: Survey) -> Iterator[Finding]:
    trails, outline = survey.find_subject(Role.TRAILS), survey.outline
    if trails is None or outline is None:
        return
    lines = is_kind(trails.geometries, 1)
    geometries = extent.divide_lines(trails.geometries)
    rows = np.flatnonzero(lines & ~shapely.covered_by(geometries, outline))
    outside_m = geodesy.length_m(shapely.difference(geometries[rows], outline))
    is_partly_inside = shapely.intersects(geometries[rows], outline)
    # On the ellipsoid a length that lies outside; in the plane how far away all of it lies.
    (edge,) = survey.project(np.array([outline]))
    away_m = shapely.distance(survey.project(trails.geometries[rows]), edge)
    for row, metres_out, metres_away, has_part in zip(
        rows, outside_m, away_m, is_partly_inside, strict=True
    ):
        if not has_part:
            yield trails.report_one(
                row,
                Severity.WARNING,
                "trail-outside-city",
                N_("the trail lies {metres} m outside the city's neighbourhoods"),
                N_("Correct its coordinates, or take it out if it belongs to another city"),
                metres=round_metres(metres_away),
            )
        elif metres_out > OUTSIDE_M:
            yield trails.report_one(
                row,
                Severity.NOTE,
                "trail-partly-outside-city",
                N_("{metres} m of the trail lie outside the city's neighbourhoods"),
                N_("Nothing needs to be done if it really leaves the city"),
                metres=round_metres(metres_out),
            )


def _check_districts_outside(survey: Survey) -> Iterator[Finding]:
    districts, outline = survey.find_subject(Role.DISTRICTS), survey.outline
    if districts is None or outline is None:
        return
    areas = is_kind(districts.geometries, 2)
    rows = np.flatnonzero(areas & ~shapely.covered_by(districts.geometries, outline))
    outside_m2 = geodesy.area_m2(
        extract_polygons(shapely.difference(districts.geometries[rows], outline))
    )
    area_m2 = geodesy.area_m2(districts.geometries[rows])
    for row, area_out, area in zip(rows, outside_m2, area_m2, strict=True):
        if area_out > (1 - OUTSIDE_SHARE) * area:
            yield districts.report_one(
                row,
                Severity.WARNING,
                "district-outside-city",
                N_("the district lies outside the city's neighbourhoods"),
                N_("Correct its coordinates or the CRS"),
            )
        elif area_out > max(OUTSIDE_M2, OUTSIDE_SHARE * area):
            yield districts.report_one(
                row,
                Severity.NOTE,
                "district-partly-outside-city",
                N_("{area} m² of the district ({percent} %) lie outside the city's neighbourhoods"),
                N_("Draw it along the border"),
                area=round_metres(area_out),
                percent=round(100 * area_out / area),
            )


def _check_overlaps(areas: Subject) -> Iterator[Finding]:
    polygons = np.flatnonzero(is_kind(areas.geometries, 2))
    geometries = areas.geometries[polygons]
    left_row, right_row = shapely.STRtree(geometries).query(geometries, "intersects")
    # Each pair comes twice, and each polygon with itself.
    is_once = left_row < right_row
    left_row, right_row = left_row[is_once], right_row[is_once]
    # Neighbours share a border, which has no area; and who is equal is reported as a duplicate.
    has_overlap = shapely.relate_pattern(geometries[left_row], geometries[right_row], "T********")
    has_overlap &= ~shapely.equals(geometries[left_row], geometries[right_row])
    left_row, right_row = left_row[has_overlap], right_row[has_overlap]
    shared = extract_polygons(shapely.intersection(geometries[left_row], geometries[right_row]))
    for row, other_row, overlap, area in zip(
        polygons[left_row], polygons[right_row], shared, geodesy.area_m2(shared), strict=True
    ):
        if area > OVERLAP_M2:
            yield areas.report_one(
                row,
                Severity.WARNING,
                f"{areas.role}-overlap",
                N_("{area} m² of it also lie in {other}, at {lon}, {lat}"),
                N_("Correct the border of one of the two"),
                area=round_metres(area),
                other=repr(str(areas.ids[other_row])),
                **describe_position(overlap),
            )


def _check_slivers(survey: Survey) -> Iterator[Finding]:
    """Report holes between the neighbourhoods, and strips that run out to the city's border."""
    areas, outline = survey.find_subject(Role.NEIGHBORHOODS), survey.outline
    if areas is None or outline is None:
        return
    (union,) = survey.project(np.array([outline]))
    # The ground with its holes filled; what the filling adds are the holes.
    filled = shapely.union_all(
        shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(union)))
    )
    holes = shapely.get_parts(shapely.difference(filled, union))
    strips = _find_open_strips(filled)
    pieces = np.concatenate([holes, strips])
    projected = survey.project(areas.geometries)
    # Neighbours of a piece are a centimetre away at most: borders are rounded.
    piece, area = shapely.STRtree(projected).query(pieces, "dwithin", 0.01)
    places = survey.unproject(pieces)
    for number, area_m2 in enumerate(geodesy.area_m2(places)):
        between = np.sort(area[piece == number])
        least_m2 = OVERLAP_M2 if number < len(holes) else SLIVER_M2
        if area_m2 > least_m2 and (number < len(holes) or len(between) > 1):
            yield areas.report_one(
                between[0],
                Severity.WARNING,
                "neighborhoods-gap",
                N_("{area} m² belong to no neighbourhood, at {lon}, {lat}, between: {ids}"),
                N_("Draw the borders of neighbours along the same points"),
                area=round_metres(area_m2),
                ids=list_first_ids(areas.ids[between]),
                **describe_position(places[number]),
            )


def _find_open_strips(area: shapely.Geometry) -> geodesy.Geometries:
    """Find what is narrow and open to the outside: what a growing and shrinking area swallows."""
    # Closing (Serra 1982): growing and shrinking by the same width fills what is narrower than it.
    grown = shapely.buffer(area, SLIVER_WIDTH_M / 2, join_style="mitre")
    closed = shapely.buffer(grown, -SLIVER_WIDTH_M / 2, join_style="mitre")
    strips: geodesy.Geometries = shapely.get_parts(
        extract_polygons(np.array([shapely.difference(closed, area)]))
    )
    return strips
