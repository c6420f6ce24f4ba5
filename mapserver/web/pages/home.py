"""What the first page shows: the open trails near a named place, and what a visitor can wish."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mapserver.errors import N_, fill
from mapserver.geo import geodesy
from mapserver.model import Role
from mapserver.settings import limits
from mapserver.text import language
from mapserver.web.pages.content import gather_footer
from mapserver.web.pages.listed import ListedTrail
from mapserver.web.pages.near import (
    RANKED_TRAILS,
    NearTrail,
    Start,
    choose_start,
    list_near_trails,
    list_starts,
)
from mapserver.web.pages.site import Site
from mapserver.web.pages.wishes import WISHES, Wishes, list_wishes

HOUR_MIN = 60
ASK_NEAR_BORDER_M = 15
"""So near to the border of a district, a telephone's position does not tell the side."""

FindWay = Callable[[ListedTrail], str]
"""Returns the address of a map that shows the way to a trail; empty where there is none."""


@dataclass(frozen=True, slots=True)
class TrailRow:
    """A trail as the first page lists it.

    Attributes
    ----------
    trail
        What its card says.
    minutes_text
        The way on foot in words; empty where it is not known.
    wishes
        Names of the chips that it fulfils on every day.
    surface
        Its ground, in the reader's language.
    way
        Address of a map that shows the way there; empty where there is none.
    is_undrawn
        Whether the map has no line from which the browser could measure, but the trail has a place.
    """

    trail: ListedTrail
    minutes_text: str
    wishes: tuple[str, ...]
    surface: str
    way: str

    is_undrawn: bool


def gather_home(
    site: Site, wishes: Wishes, find_way: FindWay, chosen_day: str = ""
) -> dict[str, Any]:
    """Gather what the template of the first page shows.

    Parameters
    ----------
    site
        The city in words and numbers.
    wishes
        What the address asks for.
    find_way
        Finds the way to a trail.
    chosen_day
        The day that the page is about, in words; empty for today.
    """
    starts = list_starts(site.places(Role.NEIGHBORHOODS).values())
    start = choose_start(site.trails, starts, wishes.start)
    near = list_near_trails(site.city, site.trails, start)
    rows = {item.trail.place.id: _describe_trail(site, item, find_way) for item in near}
    fitting = [item for item in near if wishes.fit(item.trail)]
    top = [item for item in fitting if item.trail.is_open][:RANKED_TRAILS]
    rest = [item for item in fitting if item not in top]
    left_out = [item for item in near if item not in fitting]
    return gather_footer(site.city, site.lang) | {
        "near": near,
        "start": start,
        "start_words": "" if start is None else _name_start(site, start),
        "starts": starts,
        "wishes": wishes,
        "chosen_day": chosen_day,
        "chips": list_wishes(site.trails),
        "top": [rows[item.trail.place.id] for item in top],
        "rest": [rows[item.trail.place.id] for item in rest],
        "left_out": [rows[item.trail.place.id] for item in left_out],
        "open_count": sum(item.trail.is_open for item in fitting),
        "has_open_rest": bool(top) and any(item.trail.is_open for item in rest),
        "has_unknown_rest": any(item.trail.is_unknown for item in rest),
        **_explain_none(site, top, rest, chosen_day),
        "search_words": _name_searched(site),
        "trails_layer": site.city.layer_of(Role.TRAILS) or "",
        "headings": {str(role): site.heading(role) for role in SEARCHED},
        "border_m": ASK_NEAR_BORDER_M,
        "walking_m_per_min": geodesy.WALKING_M_PER_MIN,
    }


SEARCHED = (Role.TRAILS, Role.DISTRICTS, Role.NEIGHBORHOODS)
"""Roles whose features the search finds, beside shops."""


def _describe_trail(site: Site, near: NearTrail, find_way: FindWay) -> TrailRow:
    trail = near.trail
    is_crowded = len(site.trails) > limits.MAX_DRAWN_FEATURES
    constant = [wish for wish in WISHES if wish.name != "open" and wish.fits(trail)]
    return TrailRow(
        trail=trail,
        minutes_text=_write_minutes(site, near),
        wishes=tuple(wish.name for wish in constant),
        surface=language.word(trail.surface, site.lang),
        way=find_way(trail),
        is_undrawn=is_crowded and not math.isnan(trail.place.lon),
    )


def _write_minutes(site: Site, near: NearTrail) -> str:
    """Write the way on foot as people say it; frontend/home/ways.js writes the same."""
    if near.is_beside:
        return site.say(N_("Right here"))
    if near.minutes is None:
        return ""
    hours, minutes = divmod(near.minutes, HOUR_MIN)
    values = {"hours": site.number(hours), "minutes": site.number(minutes)}
    if not hours:
        return fill(site.say(N_("{minutes} min")), values)
    text = N_("{hours} h {minutes} min") if minutes else N_("{hours} h")
    return fill(site.say(text), values)


def _name_start(site: Site, start: Start) -> str:
    """Say from where the minutes count."""
    if not start.name:
        return site.say(N_("From the middle of the trails"))
    return fill(site.say(N_("From {place}")), {"place": start.name})


def _explain_none(
    site: Site, top: list[NearTrail], rest: list[NearTrail], chosen_day: str
) -> dict[str, str]:
    """Say why no trail is offered: none is open, none is known to be, or none fits the chips."""
    if top:
        return {"none_title": "", "none_text": ""}
    if not rest:
        title, text = (
            N_("No trail has all that you chose."),
            N_("Take one choice back, and there are more."),
        )
        return {"none_title": site.say(title), "none_text": site.say(text)}
    is_unknown = any(item.trail.is_unknown for item in rest)
    title = (
        N_("No trail is known to be open today.") if is_unknown else N_("No trail is open today.")
    )
    if chosen_day:
        title = N_("No trail is open on {day}.")
        title = N_("No trail is known to be open on {day}.") if is_unknown else title
    return {"none_title": fill(site.say(title), {"day": chosen_day}), "none_text": ""}


def _name_searched(site: Site) -> str:
    """Say what the search finds in this city."""
    things = [site.say(N_("trails"))] if site.trails else []
    things += [site.say(N_("shops"))] if site.count_features(Role.SHOPS) else []
    things += [site.say(N_("toilets"))] if any(trail.toilet for trail in site.trails) else []
    if not things:
        return site.say(N_("Find a place"))
    # Korean joins them by a dot: 길·가게·화장실 찾기.
    return fill(site.say(N_("Find {things}")), {"things": site.say(N_(", ")).join(things)})
