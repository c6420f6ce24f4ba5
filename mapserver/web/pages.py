"""Pages for people: rendered once for a snapshot, a language and a day, then sent from memory."""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, cast

from flask import Blueprint, Flask, Response, current_app, redirect, render_template, request
from flask_babel import Babel, force_locale

from mapserver import assets, language, maps, status
from mapserver.city import City
from mapserver.errors import N_, fill
from mapserver.settings import Settings
from mapserver.web.content import content
from mapserver.web.live import Live, current
from mapserver.web.responses import IMMUTABLE, Body, send

blueprint = Blueprint("pages", __name__)

HTML = "text/html; charset=utf-8"
LANGUAGE_NAMES = {"ko": "한국어", "en": "English"}
KEPT = 8
"""Renderings kept: two languages, and the last ones for browsers that are still loading them."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """What is sent for one snapshot, language and day."""

    page: Body
    bare_map: Body
    script: Body
    script_name: str


class Renderings:
    """Renders pages when they are first asked for, once, and keeps the latest."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._kept: OrderedDict[tuple[str, str, dt.date], Rendering] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, city: City, lang: str, day: dt.date) -> Rendering:
        """Give the pages of a city in a language on a day."""
        key = (city.version, lang, day)
        found = self._kept.get(key)
        if found is None:
            with self._lock:
                found = self._kept.get(key) or _render(city, lang, day, self._settings)
                self._kept[key] = found
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
        return found

    def script(self, name: str) -> Body | None:
        """Find a map script by the name that a page gave."""
        kept = list(self._kept.values())
        return next((x.script for x in kept if x.script_name == name), None)


def configure(app: Flask) -> None:
    """Prepare an application for the pages: languages, helpers of the templates, renderings."""
    Babel(
        app,
        default_locale=language.DEFAULT,
        default_translation_directories=str(language.TRANSLATIONS),
        locale_selector=_asked_language,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["asset"] = assets.asset
    live = cast("Live", app.extensions["mapserver"])
    app.extensions["mapserver-pages"] = Renderings(live.settings)


def warm_up(app: Flask) -> None:
    """Render and compress every page, so that workers share them and no visitor waits."""
    with app.app_context():
        for lang in language.LANGUAGES:
            rendering = _renderings().get(current().city, lang, status.today())
            for body in (rendering.page, rendering.bare_map, rendering.script):
                _ = body.br, body.gzip, body.digest


@blueprint.get("/")
def page() -> Response:
    """Show the map, the nearest trail, and the lists."""
    return send(_rendering().page, request, vary=("Accept-Language",))


@blueprint.get("/map")
def bare_map() -> Response:
    """Show the bare map, to be embedded by other sites."""
    return send(_rendering().bare_map, request, vary=("Accept-Language",))


@blueprint.get("/map-<digest>.<lang>.js")
def map_script(digest: str, lang: str) -> Response:
    """Send the script that Folium wrote; its name says its content, so it is kept for ever."""
    found = _renderings().script(f"map-{digest}.{lang}.js")
    if found is not None:
        return send(found, request)
    # Another worker, or an earlier version, made the page: today's map is the one to show.
    known = lang if lang in language.LANGUAGES else language.DEFAULT
    now = _renderings().get(current().city, known, status.today())
    if now.script_name == f"map-{digest}.{lang}.js":
        return send(now.script, request)
    response = cast("Response", redirect(now.script_name))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Let search engines in."""
    return send(Body(b"User-agent: *\nAllow: /\n", "text/plain; charset=utf-8"), request)


def error_page(status_code: int, detail: str) -> Response:
    """Tell a person what went wrong."""
    lang = _asked_language()
    with force_locale(lang):
        text = render_template(
            "error.html",
            lang=lang,
            status=status_code,
            heading=language.translator(lang).gettext(_HEADINGS.get(status_code, _FAILED)),
            detail=detail if status_code not in _HEADINGS else "",
            root=request.script_root,
        )
    response = Response(text, status_code, content_type=HTML)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Accept-Language"
    return response


_FAILED = N_("This did not work")
_HEADINGS = {
    404: N_("There is no such page"),
    405: N_("This page can only be read"),
    500: N_("The server made a mistake"),
}


def _asked_language() -> str:
    accepted = [value for value, _ in request.accept_languages]
    return language.negotiate(request.args.get("lang"), accepted)


def _rendering() -> Rendering:
    return _renderings().get(current().city, _asked_language(), status.today())


def _renderings() -> Renderings:
    return cast("Renderings", current_app.extensions["mapserver-pages"])


def _render(city: City, lang: str, day: dt.date, settings: Settings) -> Rendering:
    drawn = maps.build_map(
        city,
        lang=lang,
        day=day,
        tile_url=settings.tile_url,
        tile_attribution=settings.tile_attribution,
    )
    script = Body(maps.parts(drawn).encode(), "text/javascript; charset=utf-8", IMMUTABLE)
    name = f"map-{script.digest}.{lang}.js"
    with force_locale(lang):
        common = _common(city, lang) | {"map_script": name}
        styles = {"styles": (*assets.MAP_STYLES, "page.css"), "scripts": assets.MAP_SCRIPTS}
        beside = content(city, lang, day) | {"base_url": settings.base_url}
        return Rendering(
            page=Body(render_template("page.html", **common, **styles, **beside).encode(), HTML),
            bare_map=Body(render_template("map.html", **common, **styles).encode(), HTML),
            script=script,
            script_name=name,
        )


def _common(city: City, lang: str) -> dict[str, Any]:
    say = language.translator(lang).gettext
    title = city.catalog.title.in_language(lang)
    return {
        "lang": lang,
        "languages": LANGUAGE_NAMES,
        "title": title,
        "description": fill(
            say(N_("{city}: barefoot trails and shopping districts on a map")), {"city": title}
        ),
    }
