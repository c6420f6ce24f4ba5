"""The page that everybody opens first: the map, the nearest trail, the lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from flask import Blueprint, Response, abort, redirect, request

from mapserver.model import Role
from mapserver.web.asked import choose_language
from mapserver.web.pages.directions import list_directions
from mapserver.web.pages.home import gather_home
from mapserver.web.pages.listed import ListedTrail
from mapserver.web.pages.wishes import Wishes, read_wishes
from mapserver.web.rendering import Edition, edition, editions, send_page
from mapserver.web.responses import Body, send

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def show_front() -> Response:
    """Show the open trails near a place, and the map; chips and place are in the address."""
    pages = edition()
    areas = pages.site.places(Role.NEIGHBORHOODS)
    return send_page(front_page(pages, read_wishes(pages.site.trails, request.args, areas)))


@blueprint.get("/map-<digest>.<lang>.js")
def map_script(digest: str, lang: str) -> Response:
    """Send the script that Folium wrote; its name says its content, so it is kept for ever."""
    return _send_named(f"map-{digest}.{lang}.js", lang, lambda pages: pages.script_name)


@blueprint.get("/days-<digest>.<lang>.js")
def days_script(digest: str, lang: str) -> Response:
    """Send what holds on each day to come, which pages that are kept as files load."""
    return _send_named(f"days-{digest}.{lang}.js", lang, lambda pages: pages.days_name)


@blueprint.get("/shops-<digest>.<lang>.json")
def send_shops(digest: str, lang: str) -> Response:
    """Send the shops, which pages fetch when they are wanted."""
    return _send_named(f"shops-{digest}.{lang}.json", lang, lambda pages: pages.shops_name)


def _send_named(name: str, lang: str, choose_name: Callable[[Edition], str]) -> Response:
    # Another worker, or an earlier version, may have made the page: then today's is shown.
    pages = edition(choose_language(lang))
    body = editions().named(name)
    if body is not None:
        return send(body, request)
    if not choose_name(pages):
        abort(404)
    response = cast("Response", redirect(choose_name(pages)))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/robots.txt")
def send_robots() -> Response:
    """Let search engines in."""
    return send(Body(b"User-agent: *\nAllow: /\n", "text/plain; charset=utf-8"), request)


def front_page(pages: Edition, wishes: Wishes | None = None) -> Body:
    """Render the first page of an edition, or take it from memory."""
    wished = wishes or Wishes()

    def find_way(trail: ListedTrail) -> str:
        place, entrance = trail.place, pages.site.trail(trail.place.id).entrance
        maps = list_directions(pages.site, place.name, *entrance) if entrance else []
        return next((row["url"] for row in maps if row["url"].startswith("https:")), "")

    return pages.page(
        f"?{wished.query}" if wished.query else "",
        "home.html",
        lambda: gather_home(pages.site, wished, find_way),
        is_made_up=bool(wished.query),
    )
