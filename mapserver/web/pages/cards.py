"""The pictures that messengers show beside a link: drawn when first asked for, then kept."""

from __future__ import annotations

from typing import cast
from urllib.parse import quote

from flask import Blueprint, Response, abort, redirect, request
from flask.sansio.blueprints import BlueprintSetupState

from mapserver.web.asked import choose_language
from mapserver.web.pages.card_contents import describe_card, draw_outline
from mapserver.web.pages.files import list_files
from mapserver.web.pages.linked_data import write_linked
from mapserver.web.pages.listed import ListedFeature
from mapserver.web.pages.sharing import CITY, describe_page, find_place
from mapserver.web.pages.site import Site
from mapserver.web.rendering import edition
from mapserver.web.responses import IMMUTABLE, send

blueprint = Blueprint("cards", __name__, url_prefix="/cards")

PNG, SVG = "image/png", "image/svg+xml"


@blueprint.get("/<version>/<lang>/<path:name>.png")
def send_card(version: str, lang: str, name: str) -> Response:
    """Send the card of a page; its address carries the version of the data.

    Who asks for an older one is led to today's: a messenger may have read the page a while ago.
    """
    pages = edition(choose_language(lang))
    place = _require_place(pages.site, name)
    if (version, lang) != (pages.city.version, pages.lang):
        card = f"cards/{pages.city.version}/{pages.lang}/{quote(name)}.png"
        target = f"{request.script_root}/{card}"  # the site may lie below a prefix
        response = cast("Response", redirect(target))
        response.headers["Cache-Control"] = "no-store"
        return response
    body = pages.file(
        f"cards/{name}.png",
        lambda: _draw_card(pages.site, place),
        PNG,
        cache_control=IMMUTABLE,
    )
    return send(body, request)


@blueprint.record_once
def offer_tags(state: BlueprintSetupState) -> None:
    """Let every template ask what messengers are told of its page."""
    state.app.jinja_env.globals["describe_shared"] = describe_page
    state.app.jinja_env.globals["write_linked"] = write_linked
    state.app.jinja_env.globals["list_files"] = list_files


@blueprint.get("/outline<any('', '-dark'):night>/<path:name>.svg")
def send_outline(night: str, name: str) -> Response:
    """Send what a page without script shows in place of the map."""
    pages = edition(choose_language())
    place = _require_place(pages.site, name)
    body = pages.file(
        f"cards/outline{night}/{name}.svg",
        lambda: draw_outline(pages.site, place, is_dark=bool(night)),
        SVG,
    )
    return send(body, request)


def _draw_card(site: Site, place: ListedFeature | None) -> bytes:
    # It brings Pillow along, which a start need not wait for.
    from mapserver.drawing.share_card import draw_card  # noqa: PLC0415

    return draw_card(describe_card(site, place))


def _require_place(site: Site, name: str) -> ListedFeature | None:
    """Return what a card is about: None for the whole city."""
    if name == CITY:
        return None
    place = find_place(site, name)
    if place is None:
        abort(404)
    return place
