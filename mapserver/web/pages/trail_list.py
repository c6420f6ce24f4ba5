"""The list of trails: searched, filtered and put in order by its address, without a script."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, request

from mapserver.errors import N_, fill
from mapserver.model import Role
from mapserver.settings import limits, walking
from mapserver.text import language
from mapserver.web.pages.listed import LONG_M, SHORT_M, ListedTrail, has_all_words, rank_in
from mapserver.web.pages.site import Site
from mapserver.web.rendering import edition, send_page

blueprint = Blueprint("trail_list", __name__, url_prefix="/trails")

SORTS: dict[str, Callable[[ListedTrail], Any]] = {
    "name": lambda trail: trail.place.name.casefold(),
    # A trail of unknown length comes last.
    "shortest": lambda trail: (math.isnan(trail.length_m), trail.length_m),
    "longest": lambda trail: (math.isnan(trail.length_m), -trail.length_m),
    "area": lambda trail: (trail.place.area, trail.place.name.casefold()),
}

CHIPS: dict[str, Callable[[ListedTrail], bool | None]] = {
    "open": lambda trail: None if trail.is_unknown else trail.is_open,
    "foot_wash": operator.attrgetter("foot_wash"),
    "toilet": operator.attrgetter("toilet"),
    "light": operator.attrgetter("light"),
    "no_steps": operator.attrgetter("measures.is_stepless"),
    "gentle": operator.attrgetter("measures.is_gentle"),
    "wide": operator.attrgetter("measures.is_wide"),
}
"""What a chip asks of a trail: yes, no, or None where nobody knows."""
FIGURES = ("no_steps", "gentle", "wide")
"""Chips that a city has only where something is known of them."""


@blueprint.get("/")
def show_trails() -> Response:
    """List the trails; filters and order are in the address and work without JavaScript."""
    pages = edition()
    if not pages.site.trails:
        abort(404)
    filters = _read_filters(pages.site, request.args)
    page = pages.page(
        f"trails/?{urlencode(filters)}",
        "trails.html",
        lambda: _describe_list(pages.site, filters),
        is_made_up=bool(filters["q"]),
    )
    return send_page(page)


def _read_filters(site: Site, query: Mapping[str, str]) -> dict[str, str]:
    """Read the filters; what means nothing here is as if it were not there."""
    allowed: dict[str, set[str]] = {
        "sort": set(SORTS),
        "length": {"short", "middle", "long"},
        "surface": {trail.surface for trail in site.trails},
        "area": set(site.places(Role.NEIGHBORHOODS)),
        **{chip: {"1"} for chip, _, _ in _list_chips(site)},
    }
    filters = {name: query.get(name, "") for name in allowed}
    filters = {name: value if value in allowed[name] else "" for name, value in filters.items()}
    return {"q": query.get("q", "").strip()[: limits.MAX_TYPED_LETTERS]} | filters


def _fits_fields(trail: ListedTrail, filters: Mapping[str, str]) -> bool:
    """Return whether a trail fits all that is asked but for the chips."""
    return (
        has_all_words(trail.place, filters["q"])
        and filters["length"] in {"", trail.span}
        and filters["surface"] in {"", trail.surface}
        and filters["area"] in {"", trail.place.area_id}
    )


def _describe_list(site: Site, filters: dict[str, str]) -> dict[str, Any]:
    fitting = [trail for trail in site.trails if _fits_fields(trail, filters)]
    asked = [CHIPS[name] for name in CHIPS if filters.get(name)]
    chosen = [trail for trail in fitting if all(answer(trail) for answer in asked)]
    # Not shown, though none of the answers is a no: of some nobody knows.
    left_out = [
        trail
        for trail in fitting
        if (answers := [answer(trail) for answer in asked]) and None in answers
        if False not in answers
    ]
    chosen.sort(key=SORTS[filters["sort"] or "name"])
    orders = {name: sorted(site.trails, key=sort) for name, sort in SORTS.items()}
    length_m = operator.attrgetter("length_m")
    unknown = sum(trail.is_unknown for trail in site.trails)
    return {
        "heading": site.heading(Role.TRAILS),
        "given": filters,
        "is_whole": not any(filters.values()),
        "selects": _list_selects(site),
        "chips": _list_chips(site),
        "found": chosen,
        "left_out": len(left_out),
        "answers": {
            trail.place.id: {name: _write_answer(find(trail)) for name, find in CHIPS.items()}
            for trail in chosen
        },
        "orders": rank_in(
            {name: [trail.place.id for trail in order] for name, order in orders.items()}
        ),
        "all": {
            "count": site.number(len(site.trails)),
            "length": language.total_distance(map(length_m, site.trails), site.lang),
            "open": site.number(sum(trail.is_open for trail in site.trails)),
            "unknown": site.number(unknown) if unknown else "",
        },
    }


def _write_answer(answer: bool | None) -> str:
    return "" if answer is None else str(int(answer))


def _list_chips(site: Site) -> list[tuple[str, str, str]]:
    """List what one may ask of a trail: name in the address, words, sign."""
    gentle = language.number(walking.GENTLE_PERCENT, site.lang, 2)
    width = language.measure(walking.WIDE_M, "m", site.lang, 1)
    chips = [
        ("open", site.say(N_("Open")), ""),
        ("foot_wash", site.say(N_("Foot wash")), "wash"),
        ("toilet", site.say(N_("Toilet")), "wc"),
        ("light", site.say(N_("Lighting")), "lamp"),
        ("no_steps", site.say(N_("No steps")), ""),
        ("gentle", fill(site.say(N_("Slope at most {limit} %")), {"limit": gentle}), ""),
        ("wide", fill(site.say(N_("At least {width} wide")), {"width": width}), ""),
    ]
    # Where nothing is known of any trail, the answer would be none, whatever one asks.
    for name in FIGURES:
        if all(CHIPS[name](trail) is None for trail in site.trails):
            chips = [chip for chip in chips if chip[0] != name]
    # Where nobody walks barefoot and no trail has a foot wash, nobody looks for one.
    return [chip for chip in chips if chip[0] != "foot_wash" or site.has_foot_washes]


def _list_selects(site: Site) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """List the fields that choose one of many: name in the address, words, values with theirs."""
    say = site.say
    any_of = ("", say(N_("All")))
    surfaces = sorted({trail.surface for trail in site.trails} - {""})
    areas = [(place.id, place.name) for place in site.places(Role.NEIGHBORHOODS).values()]
    short, long = (language.distance(metres, site.lang) for metres in (SHORT_M, LONG_M))
    lengths = [
        ("short", fill(say(N_("under {length}")), {"length": short})),
        ("middle", fill(say(N_("{short} to {long}")), {"short": short, "long": long})),
        ("long", fill(say(N_("over {length}")), {"length": long})),
    ]
    orders = [
        ("", say(N_("By name"))),
        ("shortest", say(N_("Shortest first"))),
        ("longest", say(N_("Longest first"))),
        ("area", say(N_("In order of neighborhoods"))),
    ]
    selects = [
        ("area", say(N_("Choose a neighborhood")), [any_of, *areas]),
        (
            "surface",
            say(N_("Surface")),
            [any_of, *((value, language.word(value, site.lang)) for value in surfaces)],
        ),
        ("length", say(N_("Length")), [any_of, *lengths]),
        ("sort", say(N_("Order")), orders),
    ]
    return [select for select in selects if len(select[2]) > 1]
