"""What do you need? Welfare programmes by need and part of life, and the centre of one's area.

The address is ``/help/``: one says it on the telephone and writes it on a leaflet, which nobody
does with *programmes* or *welfare*.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, abort, request

from mapserver.drawing.packing import pack_collection
from mapserver.model import Role
from mapserver.settings import limits
from mapserver.text.welfare_words import LIVES, NEEDS
from mapserver.web.pages.directions import list_directions
from mapserver.web.pages.listed import ListedFeature
from mapserver.web.pages.programmes import (
    ShownProgramme,
    find_programmes,
    fits_words,
    show_programme,
)
from mapserver.web.pages.site import Site
from mapserver.web.pages.welfare import WelfareCentre, describe_centre
from mapserver.web.rendering import edition, send_page

blueprint = Blueprint("help", __name__, url_prefix="/help")

FIELDS = {"need": NEEDS, "life": LIVES}
"""What one chooses by, as parameters of the address, with their values."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A link of the filter: its value and words, how many are left behind it, its address."""

    value: str
    text: str
    count: int
    query: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class AreaCentres:
    """A neighbourhood with its centres; without one where the city has no neighbourhoods."""

    place: ListedFeature | None
    centres: tuple[WelfareCentre, ...]


@blueprint.get("/")
def show_help() -> Response:
    """List programmes; what is chosen is in the address and works without JavaScript."""
    pages = edition()
    if not find_programmes(pages.site):
        abort(404)
    given = _read_filters(pages.site, request.args)
    page = pages.page(
        f"help/?{urlencode(given)}",
        "help.html",
        lambda: _describe_list(pages.site, given),
        is_made_up=bool(given["q"]),
    )
    return send_page(page)


@blueprint.get("/<path:id_>")
def show_one(id_: str) -> Response:
    """Show a programme: for whom, what, where, with which papers, and when."""
    pages = edition()
    programme = next((each for each in find_programmes(pages.site) if each.id == id_), None)
    if programme is None:
        abort(404)
    return send_page(
        pages.page(
            f"help/{quote(id_)}",
            "programme.html",
            lambda: {"shown": show_programme(pages.site, programme)},
        )
    )


def _read_filters(site: Site, query: Mapping[str, str]) -> dict[str, str]:
    """Read what is chosen; what means nothing here is as if it were not there."""
    given = {name: query.get(name, "") for name in FIELDS}
    given = {name: value if value in FIELDS[name] else "" for name, value in given.items()}
    area = query.get("from", "")
    given["from"] = area if area in site.places(Role.NEIGHBORHOODS) else ""
    return {"q": query.get("q", "").strip()[: limits.MAX_TYPED_LETTERS]} | given


def _describe_list(site: Site, given: dict[str, str]) -> dict[str, Any]:
    everything = [show_programme(site, programme) for programme in find_programmes(site)]
    fitting = [shown for shown in everything if fits_words(shown, given["q"])]
    answers = [_list_answers(shown, given) for shown in fitting]
    chosen = [shown for shown, found in zip(fitting, answers, strict=True) if all(x for x in found)]
    # Not shown, though none of the answers is a no: of some nobody has written for whom they are.
    left_out = sum(None in found and False not in found for found in answers)
    areas = _list_areas(site)
    return {
        "given": given,
        "shown_list": chosen,
        "left_out": left_out,
        "is_whole": not any(value for name, value in given.items() if name != "from"),
        "is_short": len(everything) > limits.MAX_WHOLE_PROGRAMMES,
        "choices": {name: _list_choices(site, fitting, given, name) for name in FIELDS},
        "areas": sorted(areas, key=lambda area: not _is_area(area, given["from"])),
        "chosen_area": given["from"],
        "outlines": _pack_outlines(site) if areas and areas[0].place else None,
    }


def _list_answers(shown: ShownProgramme, given: Mapping[str, str]) -> list[bool | None]:
    """List whether a programme fits what is chosen: yes, no, or None where nobody knows."""
    need, life = given["need"], given["life"]
    answers = [shown.programme.fits_need(need)] if need else []
    return [*answers, shown.programme.fits_life(life)] if life else answers


def _list_choices(
    site: Site, fitting: list[ShownProgramme], given: dict[str, str], name: str
) -> list[Choice]:
    """List what one may choose of a field, with how many programmes that would leave."""
    choices = []
    used = {code for shown in fitting for code in _list_codes(shown, name)}
    for value, theme in FIELDS[name].items():
        asked = given | {name: value}
        count = sum(all(_list_answers(shown, asked)) for shown in fitting)
        is_chosen = given[name] == value
        if value not in used and not is_chosen:
            continue  # this city has nothing of the kind, whatever else is chosen
        # A second tap takes the choice back.
        query = given | {name: "" if is_chosen else value}
        text = urlencode({key: word for key, word in query.items() if word})
        choices.append(Choice(value, site.say(theme.label), count, text, is_chosen))
    return choices


def _list_codes(shown: ShownProgramme, name: str) -> tuple[str, ...]:
    themes = shown.programme.needs if name == "need" else shown.programme.lives
    return themes.codes


def _list_areas(site: Site) -> list[AreaCentres]:
    """List the neighbourhoods with their centres, or all centres where there is none."""
    centres = list(site.places(Role.SERVICES).values())
    areas = site.places(Role.NEIGHBORHOODS)
    if not areas:
        return [AreaCentres(None, _describe_centres(site, centres))] if centres else []
    if not centres:
        return []
    listed = [
        AreaCentres(place, _describe_centres(site, site.places_in(Role.SERVICES, place.id)))
        for place in areas.values()
    ]
    # Without a place and a neighbourhood it may be that of any: it is shown below all of them.
    homeless = [centre for centre in centres if not centre.area_id and math.isnan(centre.lon)]
    return [*listed, AreaCentres(None, _describe_centres(site, homeless))] if homeless else listed


def _describe_centres(site: Site, places: list[ListedFeature]) -> tuple[WelfareCentre, ...]:
    return tuple(
        describe_centre(
            place,
            site.lang,
            list_directions(site, place.name, place.lon, place.lat)
            if not math.isnan(place.lon)  # a place that is not drawn has no position
            else (),
        )
        for place in places
    )


def _is_area(area: AreaCentres, id_: str) -> bool:
    return area.place is not None and area.place.id == id_


def _pack_outlines(site: Site) -> dict[str, Any] | None:
    """Pack the outlines of the neighbourhoods, for the browser to find one's own by itself."""
    layer = site.city.layer_of(Role.NEIGHBORHOODS)
    if layer is None:
        return None
    shapes = site.city.layers[layer].geometry
    features = [
        {"type": "Feature", "id": str(id_), "properties": {}, "geometry": shape.__geo_interface__}
        for id_, shape in shapes.items()
        if shape is not None
    ]
    return pack_collection({"type": "FeatureCollection", "features": features})
