"""Pages of neighbourhoods: the list by zone, and a page for each with what lies in it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort

from mapserver.errors import N_, fill
from mapserver.model import Role
from mapserver.text import language
from mapserver.web.pages.listed import ListedFeature, read_length
from mapserver.web.pages.site import Site
from mapserver.web.rendering import edition, send_page

blueprint = Blueprint("neighborhoods", __name__, url_prefix="/neighborhoods")


@blueprint.get("/")
def show_neighborhoods() -> Response:
    """List the neighbourhoods by zone."""
    pages = edition()
    if not pages.site.places(Role.NEIGHBORHOODS):
        abort(404)
    return send_page(
        pages.page(
            "neighborhoods/", "neighborhoods.html", lambda: _describe_neighborhoods(pages.site)
        )
    )


@blueprint.get("/<path:id_>")
def show_neighborhood(id_: str) -> Response:
    """Show a neighbourhood: map, trails, districts, where one applies for what."""
    pages = edition()
    place = pages.site.places(Role.NEIGHBORHOODS).get(id_)
    if place is None:
        abort(404)
    address = f"neighborhoods/{quote(id_)}"
    return send_page(
        pages.page(address, "neighborhood.html", lambda: _describe_neighborhood(pages.site, place))
    )


def _describe_neighborhoods(site: Site) -> dict[str, Any]:
    zones: dict[str, list[dict[str, Any]]] = {}
    for place in site.places(Role.NEIGHBORHOODS).values():
        rows = dict(place.caption.rows)
        trails = site.places_in(Role.TRAILS, place.id)
        districts = site.places_in(Role.DISTRICTS, place.id)
        count = {"trails": site.number(len(trails)), "districts": site.number(len(districts))}
        zones.setdefault(rows.get(site.say(N_("Zone")), ""), []).append(
            {
                "place": place,
                "figure": language.total_distance(map(read_length, trails), site.lang),
                "facts": [
                    language.word(str(place.row.get("role") or ""), site.lang),
                    fill(site.say(N_("{trails} trails")), count),
                    fill(site.say(N_("{districts} districts")), count),
                ],
            }
        )
    ordered = [{"name": name, "areas": areas} for name, areas in sorted(zones.items())]
    return {"heading": site.heading(Role.NEIGHBORHOODS), "zones": ordered}


def _describe_neighborhood(site: Site, place: ListedFeature) -> dict[str, Any]:
    return {
        "heading": site.heading(Role.NEIGHBORHOODS),
        "place": place,
        "trails": site.places_in(Role.TRAILS, place.id),
        "districts": site.places_in(Role.DISTRICTS, place.id),
        "services": site.places_in(Role.SERVICES, place.id),
    }
