"""The page that everybody opens first: the map, the nearest trail, the lists."""

from __future__ import annotations

import datetime as dt
from typing import cast

from flask import Blueprint, Response, abort, redirect, request

from mapserver.model import Role
from mapserver.text.languages import LANGUAGES
from mapserver.web.asked import choose_language
from mapserver.web.pages.days import name_days
from mapserver.web.pages.directions import list_directions
from mapserver.web.pages.home import gather_home
from mapserver.web.pages.listed import ListedTrail
from mapserver.web.pages.wishes import Wishes, read_wishes
from mapserver.web.rendering import Edition, edition, editions, get_today, send_page
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
    files = edition(choose_language(lang)).files
    return _send_named(f"map-{digest}.{lang}.js", files.name_map())


@blueprint.get("/days-<int:first>-<digest>.<lang>.js")
def days_script(first: int, digest: str, lang: str) -> Response:
    """Send what holds on each of many days; its name says the first of them."""
    pages = edition(choose_language(lang))
    try:
        first_day = dt.date(first // 10_000, first // 100 % 100, first % 100)
    except ValueError:
        abort(404)
    if first_day != editions().find_first_day(pages.city) and first_day.day != 1:
        abort(404)  # no page names it
    # Another worker may have made the page: the table is that of its day, and not of today.
    days = editions().get_days(pages.city, pages.lang, first_day)
    return _send_named(f"days-{first:08d}-{digest}.{lang}.js", name_days(days, pages.lang), days)


@blueprint.get("/shops-<digest>.<lang>.json")
def send_shops(digest: str, lang: str) -> Response:
    """Send the shops, which pages fetch when they are wanted."""
    files = edition(choose_language(lang)).files
    return _send_named(f"shops-{digest}.{lang}.json", files.shops_name)


def _send_named(name: str, present_name: str, present_body: Body | None = None) -> Response:
    """Send a file by the name that a page gave; if nobody has it any more, lead to today's."""
    # Another worker, or an earlier version, may have made the page: then today's is shown.
    body = present_body if name == present_name else None
    body = body or editions().named(name)
    if body is not None:
        return send(body, request)
    if not present_name:
        abort(404)
    response = cast("Response", redirect(present_name))
    response.headers["Cache-Control"] = "no-store"
    return response


def front_page(pages: Edition, wishes: Wishes | None = None) -> Body:
    """Render the first page of an edition, or take it from memory."""
    wished = wishes or Wishes()

    def find_way(trail: ListedTrail) -> str:
        place, entrance = trail.place, pages.site.trail(trail.place.id).entrance
        maps = list_directions(pages.site, place.name, *entrance) if entrance else []
        return next((row["url"] for row in maps if row["url"].startswith("https:")), "")

    chosen_day = ""
    if pages.is_chosen:
        chosen_day = LANGUAGES[pages.lang].write_day(pages.day, get_today(pages.city))
    return pages.page(
        f"?{wished.query}" if wished.query else "",
        "home.html",
        lambda: gather_home(pages.site, wished, find_way, chosen_day),
        is_made_up=bool(wished.query),
    )
