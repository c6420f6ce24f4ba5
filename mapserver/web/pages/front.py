"""The page that everybody opens first: the map, the nearest trail, the lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from flask import Blueprint, Response, abort, redirect, request

from mapserver.text import language
from mapserver.web.pages.content import content
from mapserver.web.rendering import Edition, edition, editions, send_page
from mapserver.web.responses import Body, send

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def page() -> Response:
    """Show the map, the nearest trail, and the lists."""
    return send_page(front_page(edition()))


@blueprint.get("/map-<digest>.<lang>.js")
def map_script(digest: str, lang: str) -> Response:
    """Send the script that Folium wrote; its name says its content, so it is kept for ever."""
    return _named(f"map-{digest}.{lang}.js", lang, lambda now: now.script_name)


@blueprint.get("/days-<digest>.<lang>.js")
def days_script(digest: str, lang: str) -> Response:
    """Send what holds on each day to come, which pages that are kept as files load."""
    return _named(f"days-{digest}.{lang}.js", lang, lambda now: now.days_name)


@blueprint.get("/shops-<digest>.<lang>.json")
def shops(digest: str, lang: str) -> Response:
    """Send the shops, which pages fetch when they are wanted."""
    return _named(f"shops-{digest}.{lang}.json", lang, lambda now: now.shops_name)


def _named(name: str, lang: str, today: Callable[[Edition], str]) -> Response:
    # Another worker, or an earlier version, may have made the page: then today's is shown.
    now = edition(lang if lang in language.LANGUAGES else language.DEFAULT)
    found = editions().named(name)
    if found is not None:
        return send(found, request)
    if not today(now):
        abort(404)
    response = cast("Response", redirect(today(now)))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Let search engines in."""
    return send(Body(b"User-agent: *\nAllow: /\n", "text/plain; charset=utf-8"), request)


def front_page(now: Edition) -> Body:
    """Render the first page of an edition, or take it from memory."""
    return now.page("", "page.html", lambda: content(now.city, now.lang, now.day))
