"""The page that everybody opens first: the map, the nearest trail, the lists."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import cast

from flask import Blueprint, Flask, Response, abort, redirect, render_template, request
from flask_babel import force_locale

from mapserver.errors import N_
from mapserver.model import status
from mapserver.text import language
from mapserver.web.live import ServedCity
from mapserver.web.pages.content import content
from mapserver.web.pages.embed import bare
from mapserver.web.rendering import HTML, Edition, asked_language, edition, editions, send_page
from mapserver.web.responses import Body, send

blueprint = Blueprint("pages", __name__)

EAGER_FEATURES = 5_000
"""Layers with more have their index built when somebody asks the API for it: of the sample's 11,426
shops it takes as long as everything else together, and the newest state is to be served soon."""


def warm_up(app: Flask, snapshot: ServedCity, *, is_due: Callable[[], bool] = bool) -> None:
    """Make what everybody loads of a snapshot, so that workers share it and no visitor waits.

    The snapshot need not be the one that is served: when its pages cannot be made, it never will.

    Parameters
    ----------
    app
        The application whose pages are made.
    snapshot
        What they are made of.
    is_due
        Whether the snapshot is waited for by now. Then indexes and compressed pages, which only
        save visitors a moment, are left to the workers: on a busy machine they cost seconds.
    """
    bodies: list[Body] = []
    with app.test_request_context():
        for lang in language.LANGUAGES:
            now = editions().get(snapshot.city, lang, status.today())
            bodies += (now.script, now.shops, _page(now), bare(now))
    steps: list[Callable[[], object]] = [body.make_twins for body in bodies]
    steps.insert(0, partial(snapshot.city.build_indexes, most_features=EAGER_FEATURES))
    for save_a_moment in steps:
        if is_due():
            return
        save_a_moment()


@blueprint.get("/")
def page() -> Response:
    """Show the map, the nearest trail, and the lists."""
    return send_page(_page(edition()))


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


def error_page(status_code: int, detail: str) -> Response:
    """Tell a person what went wrong."""
    lang = asked_language()
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
    return response


_FAILED = N_("This did not work")
_HEADINGS = {
    404: N_("There is no such page"),
    405: N_("This page can only be read"),
    500: N_("The server made a mistake"),
}


def _page(now: Edition) -> Body:
    return now.page("", "page.html", lambda: content(now.city, now.lang, now.day))
