"""Pages of trails: a page for each, files to take along, a poster; ``trail_list`` lists them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import segno
from flask import Blueprint, Response, abort, request
from markupsafe import Markup

from mapserver.model import Features, Layer, Role, encode
from mapserver.readers.gpx.original import find_originals
from mapserver.web.addresses import addresses
from mapserver.web.api.states import states_on
from mapserver.web.asked import choose_language
from mapserver.web.live import current
from mapserver.web.pages.listed import ListedFeature
from mapserver.web.pages.site import Site
from mapserver.web.pages.trail_page import describe_profile, describe_trail
from mapserver.web.rendering import edition, send_page
from mapserver.web.responses import Body, attachment, send
from mapserver.web.security import API_HEADERS
from mapserver.writers import gpx, kml
from mapserver.writers.layer import WriteOptions

blueprint = Blueprint("trails", __name__, url_prefix="/trails")


@blueprint.get("/<id_>")
def show_trail(id_: str) -> Response:
    """Show a trail: map, profile, facilities, way there, what lies near."""
    pages = edition()
    place = _require_trail(pages.site, id_)
    page = pages.page(
        f"trails/{quote(id_)}", "trail.html", lambda: describe_trail(pages.site, place)
    )
    return send_page(page)


@blueprint.get("/<id_>/photo")
def send_photo(id_: str) -> Response:
    """Send the photograph of a trail."""
    photo = current().city.photos.get(id_)
    if photo is None:
        abort(404)
    try:
        data = photo.path.read_bytes()
    except OSError:  # taken away since the folder was read
        abort(404)
    return send(Body(data, photo.mimetype), request)


@blueprint.get("/<id_>/poster")
def show_poster(id_: str) -> Response:
    """Show a sheet of paper in A4 with map and QR code."""
    pages = edition()
    place = _require_trail(pages.site, id_)
    root = pages.base_url or request.url_root.rstrip("/")
    link = addresses().public(f"trails/{quote(id_)}", pages.lang, root)

    def describe_poster() -> dict[str, Any]:
        described = describe_trail(pages.site, place)
        if not link:
            return described | {"link": "", "code": ""}
        code = segno.make(link, error="m")
        squares = code.svg_inline(scale=1, border=2, svgclass=None, lineclass=None, omitsize=True)
        code_markup = Markup(squares)  # noqa: S704 -- our own squares
        return describe_trail(pages.site, place) | {
            # As people type it: the browser adds the scheme.
            "link": link.partition("?")[0].partition("://")[2],
            "code": code_markup,
        }

    # The address of the site is printed on it.
    address = f"trails/{quote(id_)}/poster?{link}"
    made_up = not pages.base_url
    return send_page(pages.page(address, "poster.html", describe_poster, is_made_up=made_up))


@blueprint.get("/<id_>.gpx")
def as_gpx(id_: str) -> Response:
    """Send a trail as GPX."""
    if (page := _page_of(f"{id_}.gpx")) is not None:
        return page
    return _write_file(
        id_, "gpx", "application/gpx+xml", lambda *layers: gpx.encode_layers(*layers)[0]
    )


@blueprint.get("/<id_>.kml")
def as_kml(id_: str) -> Response:
    """Send a trail as KML."""
    if (page := _page_of(f"{id_}.kml")) is not None:
        return page
    return _write_file(id_, "kml", "application/vnd.google-earth.kml+xml", kml.encode_kml)


@blueprint.get("/<id_>.geojson")
def as_geojson(id_: str) -> Response:
    """Send a trail as GeoJSON, the same feature as in the API."""
    if (page := _page_of(f"{id_}.geojson")) is not None:
        return page
    pages = edition(choose_language())
    place = _require_trail(pages.site, id_)

    def encode_feature() -> bytes:
        row = pages.city.layers[place.layer].index.get_loc(id_)
        # A file of a static site is taken along on a day that nobody knows here.
        states = None if pages.is_static else states_on(pages.city, place.layer, pages.day)
        features = Features(pages.city.layers[place.layer].iloc[[row]])
        return encode(features.feature(0, states[row] if states else None))

    body = pages.file(f"trails/{quote(id_)}.geojson", encode_feature, "application/geo+json")
    return _send_file(body, f"{id_}.geojson")


@blueprint.get("/<id_>.svg")
def as_profile(id_: str) -> Response:
    """Draw the elevation profile of a trail."""
    if (page := _page_of(f"{id_}.svg")) is not None:
        return page
    pages = edition()
    place = _require_trail(pages.site, id_)
    if pages.site.trail(id_).profile is None:
        abort(404)
    drawing = pages.page(
        f"trails/{quote(id_)}.svg",
        "profile.svg",
        lambda: describe_profile(pages.site, place),
        mimetype="image/svg+xml",
    )
    return send(drawing, request)


def _page_of(name: str) -> Response | None:
    """Return the page of a trail whose id ends as a file does: ``walk.gpx`` of ``walk.gpx.gpx``.

    The reader of the folder sees to it that there is no trail ``walk`` then.
    """
    places = edition(choose_language()).site.places(Role.TRAILS)
    return show_trail(name) if name in places else None


# -- a trail -----------------------------------------------------------------------------------


def _require_trail(site: Site, id_: str) -> ListedFeature:
    place = site.places(Role.TRAILS).get(id_)
    if place is None:
        abort(404)
    return place


def _write_file(
    id_: str, suffix: str, mimetype: str, write: Callable[[list[Layer], WriteOptions], bytes]
) -> Response:
    pages = edition()
    city, place = pages.city, _require_trail(pages.site, id_)
    layers = [Layer(city.entry(place.layer), city.layers[place.layer].loc[[id_]], "")]
    facility_layer = city.layer_of(Role.FACILITIES)
    if facility_layer is not None:
        facilities = city.layers[facility_layer]
        facilities = facilities[facilities["trail"] == id_]
        if len(facilities):
            layers.append(Layer(city.entry(facility_layer), facilities, ""))

    def encode_file() -> bytes:
        originals = find_originals(city.path / "gpx")
        return write(layers, WriteOptions(lang=pages.lang, originals=originals))

    body = pages.file(f"trails/{quote(id_)}.{suffix}", encode_file, mimetype)
    return _send_file(body, f"{id_}.{suffix}")


def _send_file(body: Body, name: str) -> Response:
    """Send a file as the API sends its own: in parts if asked, and to pages of other sites."""
    response = attachment(send(body, request, has_ranges=True), name)
    response.headers.extend(API_HEADERS)
    return response
