"""Checks of zones that have a file of their own, which may not follow their neighbourhoods."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import shapely

from mapserver.check.survey import (
    Subject,
    Survey,
    extract_polygons,
    is_kind,
    list_first_ids,
    round_metres,
)
from mapserver.errors import N_
from mapserver.geo import geodesy
from mapserver.model import Role
from mapserver.text.findings import Finding, Severity
from mapserver.text.languages import LANGUAGES

SLIVER_SHARE = 0.01
SLIVER_M2 = 100
"""A border that was drawn twice or generalised differs by less than this share, or this area."""
NO_ZONE = -1


def check_zones(survey: Survey) -> Iterator[Finding]:
    """Compare each zone with the dissolve of its neighbourhoods."""
    zones, areas = survey.find_subject(Role.ZONES), survey.find_subject(Role.NEIGHBORHOODS)
    if zones is None or areas is None:
        return
    zone_of = _find_named_zones(zones, areas)
    yield from _check_names(areas, zone_of)
    yield from _check_outlines(survey, zones, areas, zone_of)


def _check_names(areas: Subject, zone_of: np.ndarray) -> Iterator[Finding]:
    """Report zones that neighbourhoods name and the layer of zones does not have."""
    if "zone" not in areas.frame:
        return
    words = _strip_texts(areas.frame["zone"])
    for zone in dict.fromkeys(words[(words != "") & (zone_of == NO_ZONE)]):
        yield from areas.report_some(
            np.flatnonzero(words == zone),
            Severity.WARNING,
            "zone-unknown",
            N_(
                "neighbourhoods that name the zone {zone}, which the zones have not: {count} "
                "({ids})"
            ),
            N_("Write the zone's name as in the layer of zones, or add the zone to it"),
            zone=repr(zone),
        )


def _check_outlines(
    survey: Survey, zones: Subject, areas: Subject, zone_of: np.ndarray
) -> Iterator[Finding]:
    """Report zones whose ground is not that of their neighbourhoods: totals differ by that."""
    is_area = is_kind(areas.geometries, 2)
    # Overlaps are measured in the metric plane; what is reported is geodesic.
    shapes = survey.project(areas.geometries)
    grounds = survey.project(zones.geometries)
    held_m2 = _overlap_m2(grounds, shapes, is_area)
    member_of = _complete_members(zone_of, held_m2, np.where(is_area, shapely.area(shapes), np.nan))
    for row in np.flatnonzero(is_kind(zones.geometries, 2)):
        is_member = is_area & (member_of == row)
        # What a neighbourhood has on the wrong side of the zone's border.
        size_m2 = shapely.area(shapes)
        wrong_m2 = np.where(is_member, size_m2 - held_m2[row], held_m2[row])
        is_split = is_area & (wrong_m2 > np.maximum(SLIVER_M2, SLIVER_SHARE * size_m2))
        union = shapely.union_all(areas.geometries[is_member])
        # Ground that only one of the two has; common borders leave lines, which are no ground.
        difference = extract_polygons(
            np.array([shapely.symmetric_difference(zones.geometries[row], union)])
        )
        area_m2, zone_m2 = geodesy.area_m2([difference[0], zones.geometries[row]])
        is_large = area_m2 > max(SLIVER_M2, SLIVER_SHARE * zone_m2)
        what = N_(
            "the zone does not follow its neighbourhoods: {area} m² ({percent} %) lie in "
            "only one of the two; neighbourhoods that its border cuts or leaves out: {ids}"
        )
        if is_large or is_split.any():
            yield zones.report_one(
                row,
                Severity.WARNING,
                "zone-unlike-neighborhoods",
                what,
                N_("Take the file away: zones are made of the column zone, and totals agree"),
                area=round_metres(area_m2),
                percent=round_metres(100 * area_m2 / zone_m2),
                ids=list_first_ids(areas.ids[is_split]) or "-",
            )


def _find_named_zones(zones: Subject, areas: Subject) -> np.ndarray:
    """Return for each neighbourhood the position of the zone that it names by name or id."""
    if "zone" not in areas.frame:
        return np.full(len(areas.ids), NO_ZONE)
    # Names first, then ids: a name that is another zone's id means the zone of the name.
    positions: dict[str, int] = {}
    name_columns = ("name", *(f"name_{lang}" for lang in LANGUAGES))
    columns = [zones.frame[c] for c in name_columns if c in zones.frame]
    for words in (*columns, pd.Series(zones.ids)):
        for row, word in enumerate(_strip_texts(words)):
            if word:
                positions.setdefault(word, row)
    return np.array(
        [positions.get(word, NO_ZONE) for word in _strip_texts(areas.frame["zone"])], int
    )


def _overlap_m2(
    grounds: geodesy.Geometries, shapes: geodesy.Geometries, is_area: np.ndarray
) -> geodesy.Floats:
    """Measure how much of each neighbourhood lies in each zone, shape (zones, areas)."""
    held_m2 = np.zeros((len(grounds), len(shapes)))
    areas = shapes.copy()
    areas[~is_area] = None
    # Only pairs that meet are intersected; all others share 0 m².
    zone, area = shapely.STRtree(areas).query(grounds, predicate="intersects")
    held_m2[zone, area] = shapely.area(shapely.intersection(grounds[zone], areas[area]))
    return held_m2


def _complete_members(
    zone_of: np.ndarray, held_m2: geodesy.Floats, size_m2: geodesy.Floats
) -> np.ndarray:
    """Return the zone of each neighbourhood: the one it names, else the one that has most of it.

    A neighbourhood of which every zone has less than half belongs to none.
    """
    if not len(held_m2):
        return zone_of
    # Its own word first; where it has none, the zone in which more than half of it lies.
    largest = np.argmax(held_m2, axis=0)
    has_half = held_m2.max(axis=0) >= size_m2 / 2
    return np.where(zone_of != NO_ZONE, zone_of, np.where(has_half, largest, NO_ZONE))


def _strip_texts(values: pd.Series) -> np.ndarray:
    """Return values as texts without blanks around them; empty where there is none."""
    return np.array(["" if pd.isna(v) else str(v).strip() for v in values], dtype=object)
