"""Checks of areas: what lies outside the city, overlaps, gaps between neighbourhoods."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from mapserver.check.survey import Subject, Survey, first_ids, is_kind, metres, polygonal, position
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


def examine(survey: Survey) -> Iterator[Finding]:
    """Examine how the areas of a city fit together."""
    yield from _trails_outside(survey)
    yield from _districts_outside(survey)
    for areas in survey.subjects:
        if not areas.role.row.may_overlap:
            yield from _overlaps(areas)
    yield from _slivers(survey)


def _trails_outside(survey: Survey) -> Iterator[Finding]:
    trails, outline = survey.of(Role.TRAILS), survey.outline
    if trails is None or outline is None:
        return
    lines = is_kind(trails.geometries, 1)
    geometries = extent.divide_lines(trails.geometries)
    out = np.flatnonzero(lines & ~shapely.covered_by(geometries, outline))
    outside_m = geodesy.length_m(shapely.difference(geometries[out], outline))
    within = shapely.intersects(geometries[out], outline)
    (edge,) = survey.project(np.array([outline]))
    away_m = shapely.distance(survey.project(trails.geometries[out]), edge)
    for at, metres_out, metres_away, partly in zip(out, outside_m, away_m, within, strict=True):
        if not partly:
            yield trails.about(
                at,
                Severity.WARNING,
                "trail-outside-city",
                N_("the trail lies {metres} m outside the city's neighbourhoods"),
                N_("Correct its coordinates, or take it out if it belongs to another city"),
                metres=metres(metres_away),
            )
        elif metres_out > OUTSIDE_M:
            yield trails.about(
                at,
                Severity.NOTE,
                "trail-partly-outside-city",
                N_("{metres} m of the trail lie outside the city's neighbourhoods"),
                N_("Nothing needs to be done if it really leaves the city"),
                metres=metres(metres_out),
            )


def _districts_outside(survey: Survey) -> Iterator[Finding]:
    districts, outline = survey.of(Role.DISTRICTS), survey.outline
    if districts is None or outline is None:
        return
    areas = is_kind(districts.geometries, 2)
    out = np.flatnonzero(areas & ~shapely.covered_by(districts.geometries, outline))
    outside_m2 = geodesy.area_m2(polygonal(shapely.difference(districts.geometries[out], outline)))
    area_m2 = geodesy.area_m2(districts.geometries[out])
    for at, area_out, area in zip(out, outside_m2, area_m2, strict=True):
        if area_out > (1 - OUTSIDE_SHARE) * area:
            yield districts.about(
                at,
                Severity.WARNING,
                "district-outside-city",
                N_("the district lies outside the city's neighbourhoods"),
                N_("Correct its coordinates or the CRS"),
            )
        elif area_out > max(OUTSIDE_M2, OUTSIDE_SHARE * area):
            yield districts.about(
                at,
                Severity.NOTE,
                "district-partly-outside-city",
                N_("{area} m² of the district ({percent} %) lie outside the city's neighbourhoods"),
                N_("Draw it along the border"),
                area=metres(area_out),
                percent=round(100 * area_out / area),
            )


def _overlaps(areas: Subject) -> Iterator[Finding]:
    polygons = np.flatnonzero(is_kind(areas.geometries, 2))
    geometries = areas.geometries[polygons]
    one, other = shapely.STRtree(geometries).query(geometries, "intersects")
    one, other = one[one < other], other[one < other]
    # Neighbours share a border, which has no area; and who is equal is reported as a duplicate.
    inside = shapely.relate_pattern(geometries[one], geometries[other], "T********")
    inside &= ~shapely.equals(geometries[one], geometries[other])
    one, other = one[inside], other[inside]
    shared = polygonal(shapely.intersection(geometries[one], geometries[other]))
    for first, second, overlap, area in zip(
        polygons[one], polygons[other], shared, geodesy.area_m2(shared), strict=True
    ):
        if area > OVERLAP_M2:
            yield areas.about(
                first,
                Severity.WARNING,
                f"{areas.role}-overlap",
                N_("{area} m² of it also lie in {other}, at {lon}, {lat}"),
                N_("Correct the border of one of the two"),
                area=metres(area),
                other=repr(str(areas.ids[second])),
                **position(overlap),
            )


def _slivers(survey: Survey) -> Iterator[Finding]:
    """Report holes between the neighbourhoods, and strips that run out to the city's border."""
    areas, outline = survey.of(Role.NEIGHBORHOODS), survey.outline
    if areas is None or outline is None:
        return
    (union,) = survey.project(np.array([outline]))
    filled = shapely.union_all(
        shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(union)))
    )
    holes = shapely.get_parts(shapely.difference(filled, union))
    strips = _strips(filled)
    pieces = np.concatenate([holes, strips])
    projected = survey.project(areas.geometries)
    piece, area = shapely.STRtree(projected).query(pieces, "dwithin", 0.01)
    places = survey.unproject(pieces)
    for at, area_m2 in enumerate(geodesy.area_m2(places)):
        between = np.sort(area[piece == at])
        least_m2 = OVERLAP_M2 if at < len(holes) else SLIVER_M2
        if area_m2 > least_m2 and (at < len(holes) or len(between) > 1):
            yield areas.about(
                between[0],
                Severity.WARNING,
                "neighborhoods-gap",
                N_("{area} m² belong to no neighbourhood, at {lon}, {lat}, between: {ids}"),
                N_("Draw the borders of neighbours along the same points"),
                area=metres(area_m2),
                ids=first_ids(areas.ids[between]),
                **position(places[at]),
            )


def _strips(area: shapely.Geometry) -> geodesy.Geometries:
    """Find what is narrow and open to the outside: what a growing and shrinking area swallows."""
    grown = shapely.buffer(area, SLIVER_WIDTH_M / 2, join_style="mitre")
    closed = shapely.buffer(grown, -SLIVER_WIDTH_M / 2, join_style="mitre")
    strips: geodesy.Geometries = shapely.get_parts(
        polygonal(np.array([shapely.difference(closed, area)]))
    )
    return strips
