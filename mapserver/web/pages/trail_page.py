"""What the page and the poster of a trail say, in the order in which they say it."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import quote

from mapserver.drawing.paper_map import PaperMap, draw_paper_map
from mapserver.drawing.state_words import Kind
from mapserver.drawing.tints import choose_tints
from mapserver.drawing.trail_facts import Level
from mapserver.errors import N_, fill
from mapserver.model import Role
from mapserver.settings import walking
from mapserver.text import language
from mapserver.text.cell_text import read_cell_text
from mapserver.text.languages import LANGUAGES
from mapserver.web.pages.days import list_days_left
from mapserver.web.pages.directions import list_directions
from mapserver.web.pages.eating import list_eating_places
from mapserver.web.pages.getting_there import ArrivalGroup, list_arrivals
from mapserver.web.pages.instead import is_shut, list_other_trails
from mapserver.web.pages.listed import ListedFeature
from mapserver.web.pages.message_text import describe_phone, write_message
from mapserver.web.pages.site import Site
from mapserver.web.pages.slope_facts import describe_slopes
from mapserver.web.pages.soil_facts import describe_soil
from mapserver.web.pages.trail_along import SIGNS, Along, find_nearest_facility
from mapserver.web.pages.trail_details import TrailDetails

LEVELS = {Level.EASY: N_("Easy"), Level.MODERATE: N_("Moderate"), Level.HARD: N_("Hard")}
MISSING = (
    (
        "foot_wash",
        N_("Nearest foot wash: {name}, {distance} away in a straight line."),
        N_("The nearest foot wash is {distance} away in a straight line, not on any trail."),
        N_("No foot wash is confirmed within a walk from here."),
    ),
    (
        "toilet",
        N_("Nearest toilet: {name}, {distance} away in a straight line."),
        N_("The nearest toilet is {distance} away in a straight line, not on any trail."),
        N_("No toilet is confirmed within a walk from here."),
    ),
)
"""For each kind: that the nearest is on another trail, on none, and that there is none near."""
YEAR_DIGITS = 4
ARRIVALS = ("bus_stop", "parking")
"""Kinds of facilities by which one gets there."""
TROUBLES = (
    ("foot_wash", N_("Foot wash out of order")),
    ("", N_("Something dangerous")),
    ("", N_("Worn ground")),
    ("light", N_("Lights out")),
)
"""What one tells the office of, and the facility that there must be for it."""


def describe_trail(site: Site, place: ListedFeature) -> dict[str, Any]:
    """Gather what the page of a trail says, for its template.

    Parameters
    ----------
    site
        The city, in the reader's language and on the day of the page.
    place
        The trail.
    """
    details = site.trail(place.id)
    facts = next(trail.measures for trail in site.trails if trail.place.id == place.id)
    entrance, along = details.entrance, details.along.list_along()
    paper = draw_map(site, place, details)
    check = site.checks.get(place.id)
    arrivals = list_arrivals(site, place.id)
    return describe_profile(site, place) | {
        "place": place,
        "days_left": write_days_left(site, place),
        "heading": site.heading(Role.TRAILS),
        "facts": facts,
        "level": site.say(LEVELS[facts.level]) if facts.level else "",
        "level_steps": list(Level).index(facts.level) + 1 if facts.level else 0,
        "walk_rules": write_walk_rules(site),
        "description_text": details.description,
        "under_name": list_under_name(site, place),
        **describe_slopes(site, details, facts),
        "season": details.season,
        "rest": site.say(N_("Not in winter")) if details.is_closed_in_winter else "",
        "season_sentence": write_season(site, details),
        "opened": write_opened(site, _find_row(site, place, N_("Opened"))),
        "climb_sentence": details.climb_sentence,
        "shows_profile": facts.is_level is not True,
        "asked": details.along.list_asked(facts, with_foot_wash=site.has_foot_washes),
        "nearest": list_nearest(site, place, details, arrivals),
        "along": [thing for thing in along if thing.kind not in ARRIVALS],
        "arrivals": arrivals,
        **list_own_arrivals(along, arrivals),
        "entrance": entrance,
        "others": list_other_trails(site, place.id, entrance),
        "is_shut": is_shut(place),
        "soil": describe_soil(site, place.id),
        "directions": list_directions(site, place.name, *entrance) if entrance else [],
        "eating": list_eating_places(site, place.id, *entrance) if entrance else [],
        "walks": site.districts_near(place.id),
        "has_districts": bool(site.count_features(Role.DISTRICTS)),
        "checked_on": write_day(site, place.row.get("checked_on")),
        "check": check,
        "check_lang": site.find_language(check.by) if check and check.by else "",
        "walking_km_per_h": site.walking_km_per_h,
        "paper": paper,
        "scale_text": language.distance(paper.scale_m, site.lang) if paper else "",
        "sign_names": SIGNS,
        "photo": place.id in site.city.photos,
        "photo_credit": place.row.get("photo_credit") or "",
        "troubles": [site.say(text) for kind, text in TROUBLES if not kind or getattr(facts, kind)],
        **_describe_message(site, place, entrance),
    }


def _describe_message(
    site: Site, place: ListedFeature, entrance: tuple[float, float] | None
) -> dict[str, Any]:
    """Describe the message to the office: its number, and the place that is filled in."""
    position = f"{entrance[1]:.5f}, {entrance[0]:.5f}" if entrance else ""
    mark = site.say(N_("[Trail]"))
    text = write_message(place.name, place.area, position, mark)
    line = site.city.catalog.direct_line
    return {
        "phone": describe_phone(line, is_in_korea=site.city.is_in_korea),
        "tell_name": place.name,
        "tell_area": place.area,
        "tell_position": position,
        "tell_mark": mark,
        "tell_text": text,
        "tell_body": quote(text, safe=""),
    }


def list_own_arrivals(along: list[Along], arrivals: list[ArrivalGroup]) -> dict[str, Any]:
    """List stops and car parks among the facilities of a trail, unless a register names some.

    A stop of the register has its number and direction, and mostly is the one that somebody has
    marked along the trail: it is not said twice.
    """
    kinds = {"stops": "bus_stop", "parking": "parking"}
    said = {kinds[group.role] for group in arrivals if group.role in kinds and group.places}
    known = said | {kinds[group.role] for group in arrivals if group.role in kinds}
    stops = [thing for thing in along if thing.kind in ARRIVALS and thing.kind not in said]
    marked = {thing.kind for thing in stops}
    return {
        "stops": stops,
        "has_stops": "bus_stop" in marked | known,
        "has_parking": "parking" in marked | known,
    }


def describe_profile(site: Site, place: ListedFeature) -> dict[str, Any]:
    """Gather what the drawing of a profile needs."""
    label = fill(site.say(N_("Elevation profile of {name}")), {"name": place.name})
    return {
        "profile": site.trail(place.id).profile,
        "profile_label": label,
        "profile_color": site.city.entry(place.layer).style.color,
    }


def draw_map(site: Site, place: ListedFeature, details: TrailDetails) -> PaperMap | None:
    """Draw the map of a trail for paper; None where it has no line."""
    city = site.city
    areas, districts = city.neighborhoods, city.districts
    tinted = None
    if areas is not None:
        shapes = areas.geometry
        tints = city.derived.get("tints", (areas,), lambda: choose_tints(shapes.to_numpy()))
        tinted = shapes.set_axis(tints)
    trails = city.layers[place.layer].geometry
    shops = None
    if districts is not None:
        names = [site.places(Role.DISTRICTS)[str(id_)].name for id_ in districts.index]
        shops = districts.geometry.set_axis(names)
    return draw_paper_map(
        details.line,
        city.metric_crs,
        areas=tinted,
        districts=shops,
        others=trails.drop(place.id),
        facilities=details.list_points(),
    )


def write_day(site: Site, cell: object) -> str:
    """Write a day out of the data for people; empty where there is none."""
    try:
        day = cell if isinstance(cell, dt.date) else dt.date.fromisoformat(read_cell_text(cell))
    except ValueError:
        return ""
    return LANGUAGES[site.lang].write_day(day)


def list_under_name(site: Site, place: ListedFeature) -> list[str]:
    """List the few words below the name beside its neighbourhood: ground and width."""
    width = _find_row(site, place, N_("Width"))
    texts = [_find_row(site, place, N_("Surface"))]
    if width:
        texts.append(fill(site.say(N_("{width} wide")), {"width": width}))
    return [text for text in texts if text]


def _find_row(site: Site, place: ListedFeature, label: str) -> str:
    """Find what the caption of a feature says under a label; empty where it says nothing."""
    return dict(place.caption.rows).get(site.say(label), "")


def write_season(site: Site, details: TrailDetails) -> str:
    """Write the season as a sentence; as it was typed where it is not understood."""
    if details.season == site.say(N_("All year")):
        return site.say(N_("Open all year"))
    return (
        fill(site.say(N_("Season: {season}")), {"season": details.season}) if details.season else ""
    )


def write_days_left(site: Site, place: ListedFeature) -> str:
    """Write how many days a trail is open yet; empty where it does not close soon."""
    words = place.caption.words
    # Days are counted only in the last two weeks: before that nobody asks.
    if words is None or words.kind != Kind.LAST:
        return ""
    left = (dt.date.fromisoformat(words.until) - site.day).days
    return list_days_left(site.city, site.lang)[left]


def write_opened(site: Site, opened: str) -> str:
    """Write since when there is the trail, as the register has it; empty where it says nothing."""
    if not opened:
        return ""
    # Registers have a year or a whole day; both are read as text, as they were written.
    is_year = opened.isdecimal() and len(opened) == YEAR_DIGITS
    template = N_("Made in {year}") if is_year else N_("Opened: {year}")
    return fill(site.say(template), {"year": opened})


def write_walk_rules(site: Site) -> str:
    """Write how minutes and levels are found, with the assumptions behind them."""
    numbers = {
        "speed": language.number(walking.BAREFOOT_KM_PER_H, site.lang, 1),
        "climb": language.number(walking.CLIMB_M_PER_MIN, site.lang),
        "moderate": language.number(walking.MODERATE_CLIMB_M, site.lang),
        "slope": language.percent(walking.MODERATE_SLOPE, site.lang),
        "hard": language.number(walking.HARD_CLIMB_M, site.lang),
    }
    sentences = (
        N_("One walk: {speed} km/h without shoes, and a minute more for each {climb} m of climb."),
        N_("Moderate: over {moderate} m of climb, or {slope} on average. Hard: over {hard} m."),
    )
    return " ".join(fill(site.say(text), numbers) for text in sentences)


def list_nearest(
    site: Site, place: ListedFeature, details: TrailDetails, arrivals: list[ArrivalGroup]
) -> list[str]:
    """Say of what a trail is not known to have where the nearest is.

    Toilets near its ends that a register names stand below, with their hours: then nothing is
    said of others here.
    """
    has_toilets = any(group.role == Role.TOILETS and group.places for group in arrivals)
    facts = place.caption.measures
    sentences = []
    for kind, on_trail, elsewhere, nowhere in MISSING:
        is_missing = facts is not None and getattr(facts, kind) is not True
        if not is_missing or (kind == "foot_wash" and not site.has_foot_washes):
            continue
        if kind == "toilet" and has_toilets:
            continue
        nearest = find_nearest_facility(site.city, details.line, kind)
        if nearest is None:
            sentences.append(site.say(nowhere))
            continue
        trail = site.places(Role.TRAILS).get(nearest[0])
        words = {"distance": language.distance(nearest[1], site.lang)}
        words["name"] = trail.name if trail else ""
        sentences.append(fill(site.say(on_trail if trail else elsewhere), words))
    return sentences
