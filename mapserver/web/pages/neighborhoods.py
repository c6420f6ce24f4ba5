"""Pages of neighbourhoods: the list, and a page for each with what lies in it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort

from mapserver.errors import N_
from mapserver.model import Role
from mapserver.text import language
from mapserver.web.pages.listed import ListedFeature, read_length
from mapserver.web.pages.site import Site
from mapserver.web.pages.welfare import describe_centre
from mapserver.web.rendering import edition, send_page

blueprint = Blueprint("neighborhoods", __name__, url_prefix="/neighborhoods")


@blueprint.get("/")
def show_neighborhoods() -> Response:
    """List the neighbourhoods by name."""
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
    areas = []
    for place in site.places(Role.NEIGHBORHOODS).values():
        trails = site.places_in(Role.TRAILS, place.id)
        counts = {
            "place": place,
            "trails": len(trails),
            "length": language.total_distance(map(read_length, trails), site.lang),
            "districts": len(site.places_in(Role.DISTRICTS, place.id)),
        }
        areas.append(counts)
    return {"heading": site.heading(Role.NEIGHBORHOODS), "areas": areas}


def _describe_neighborhood(site: Site, place: ListedFeature) -> dict[str, Any]:
    trails = [trail for trail in site.trails if trail.place.area_id == place.id]
    services = site.places_in(Role.SERVICES, place.id)
    return {
        "heading": site.heading(Role.NEIGHBORHOODS),
        "place": place,
        "brand": dict(place.caption.rows).get(site.say(N_("Brand")), ""),
        "trails": trails,
        "districts": site.places_in(Role.DISTRICTS, place.id),
        "centres": [describe_centre(service, site.lang) for service in services],
    }
