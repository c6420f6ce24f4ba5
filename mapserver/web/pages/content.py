"""What stands beside the map: lists, figures, sources, and the files that could not be used."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import babel.dates
import shapely

from mapserver.analysis.trail_line import COMPASS
from mapserver.drawing.captions import Captions, captions_on
from mapserver.errors import N_, one_line
from mapserver.geo import geodesy
from mapserver.model import ROLES, Role, Snapshot
from mapserver.text import language
from mapserver.text.findings import Finding, Severity

ASK_NEAR_BORDER_M = 15
"""So near to the border of a district, a telephone's position does not tell the side."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list: a feature, and the words that find it."""

    id: str
    name: str
    figure: str
    facts: str
    words: str
    state: str
    state_text: str
    state_short: str


def gather_content(city: Snapshot, lang: str, day: dt.date) -> dict[str, Any]:
    """Gather what the page's template shows, every number worked out from the data.

    Parameters
    ----------
    city
        The city.
    lang
        ``ko`` or ``en``.
    day
        The day whose closures are told.
    """
    captions = captions_on(city, lang, day)
    lists = []
    for role in reversed(ROLES.values()):  # what lies on top comes first
        layer = city.layer_of(role) if role.row.is_listed else None
        if layer is None or city.layers[layer].empty:
            continue
        entries = _list_entries(city, layer, captions)
        lists.append(
            {
                "layer": layer,
                "title": city.entry(layer).title.in_language(lang),
                "count": language.number(len(entries), lang),
                "entries": entries,
            }
        )
    trails, say = city.trails, city.phrases(lang).say
    return {
        "day": babel.dates.format_date(day, format="long", locale=lang),
        "version": city.version,
        "trails_layer": city.layer_of(Role.TRAILS) or "",
        "trails": trails is not None and len(trails) > 0,
        "neighborhoods": _starting_points(city, lang),
        "figures": _count_figures(city, lang),
        "lists": lists,
        "faults": [
            _write_fault(f, lang, say) for f in city.findings if f.severity == Severity.ERROR
        ],
        "sources": _list_sources(city, lang),
        "direct_line": city.catalog.direct_line,
        "border_m": ASK_NEAR_BORDER_M,
        "walking_m_per_min": geodesy.WALKING_M_PER_MIN,
        "compass": [say(word) for word in COMPASS],
    }


def has_sample(city: Snapshot) -> bool:
    """Return whether any layer holds invented data, which every page then says."""
    return any(city.entry(layer).sample for layer in city.layers)


def _list_entries(city: Snapshot, layer: str, captions: Captions) -> list[Entry]:
    entries = []
    for id_, caption in zip(city.layers[layer].index, captions.of(layer), strict=True):
        words = (caption.name, str(id_), *caption.facts)
        entries.append(
            Entry(
                id=str(id_),
                name=caption.name,
                figure=caption.figure,
                facts=" · ".join(caption.facts),
                words=" ".join(words).lower(),
                state=caption.state,
                state_text=caption.state_text,
                state_short=caption.state_short,
            )
        )
    # By name, as people look for it; Hangul syllables stand in the order of the alphabet.
    return sorted(entries, key=lambda entry: entry.name.casefold())


def _count_figures(city: Snapshot, lang: str) -> list[dict[str, str]]:
    """Count what the city has; every number comes from the data."""
    figures = []
    trails = city.trails
    if trails is not None and len(trails):
        figures.append((language.number(len(trails), lang), N_("trails")))
        figures.append((language.total_distance(trails["length_m"], lang), N_("in all")))
    if city.districts is not None and len(city.districts):
        figures.append((language.number(len(city.districts), lang), N_("shopping districts")))
    if city.shops is not None and len(city.shops):
        figures.append((language.number(len(city.shops), lang), N_("shops")))
    say = city.phrases(lang).say
    return [{"value": value, "label": say(label)} for value, label in figures]


def _starting_points(city: Snapshot, lang: str) -> list[dict[str, Any]]:
    layer = city.layer_of(Role.NEIGHBORHOODS)
    if layer is None:
        return []
    frame = city.layers[layer]
    placed = frame[~(frame.geometry.is_empty | frame.geometry.isna())]
    points = shapely.point_on_surface(placed.geometry.to_numpy())
    column = f"name_{lang}" if f"name_{lang}" in placed else "name"
    names = placed.get(column, placed.index)
    places = [
        {
            "name": str(name),
            "lon": round(point.x, geodesy.MAP_DECIMALS),
            "lat": round(point.y, geodesy.MAP_DECIMALS),
        }
        for name, point in zip(names, points, strict=True)
    ]
    return sorted(places, key=lambda place: str(place["name"]))


def _list_sources(city: Snapshot, lang: str) -> list[dict[str, str]]:
    say = city.phrases(lang).say
    sources = []
    for layer in city.layers:
        entry = city.entry(layer)
        has_sample = say(N_("Sample data")) if entry.sample else ""
        text = " · ".join(filter(None, (entry.source.in_language(lang), entry.licence, has_sample)))
        if text:
            sources.append({"title": entry.title.in_language(lang), "text": text})
    return sources


UNREAD = frozenset({"layer-unreadable", "gpx-unreadable", "catalog-broken", "program-mistake"})
"""Codes of findings about files that were not read: what these hold is not for everybody."""


def _write_fault(finding: Finding, lang: str, say: language.Say) -> str:
    """Return a finding as visitors see it: without a word out of a file that was not read."""
    if finding.code in UNREAD:
        return one_line(say(N_("the file could not be used")), finding.file, "", {})
    feature = language.write_place(finding.feature, lang)
    place = f"{finding.file}, {feature}" if feature else finding.file
    mend = say(finding.mend) if finding.mend else ""
    return one_line(say(finding.what), place, mend, finding.values)
