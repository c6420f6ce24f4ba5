"""Static files: sent from memory, kept for ever by browsers under the address of their version."""

from __future__ import annotations

from functools import cache

from flask import Blueprint, Response, abort, request

from mapserver.drawing.assets import assets
from mapserver.web.responses import IMMUTABLE, REVALIDATE, Body, send

blueprint = Blueprint("static_files", __name__)


@blueprint.get("/static/<path:name>")
def static_file(name: str) -> Response:
    """Send a static file."""
    found = assets().get(name)
    if found is None:
        abort(404)
    kept = IMMUTABLE if request.args.get("v") == found.digest else REVALIDATE
    return send(_body(name, kept), request)


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """Send the sign of the site to browsers that ask at this address, as they do for files."""
    return send(_body("favicon.svg", REVALIDATE), request)


@cache  # by our own files alone
def _body(name: str, cache_control: str) -> Body:
    found = assets()[name]
    return Body(found.data, found.mimetype, cache_control)
