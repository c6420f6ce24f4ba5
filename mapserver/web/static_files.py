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
    file = assets().get(name)
    if file is None:
        abort(404)
    cache_control = IMMUTABLE if request.args.get("v") == file.digest else REVALIDATE
    return send(_make_body(name, cache_control), request)


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """Send the sign of the site to browsers that ask at this address, as they do for files."""
    return send(_make_body("favicon.svg", REVALIDATE), request)


@cache  # by our own files alone
def _make_body(name: str, cache_control: str) -> Body:
    file = assets()[name]
    return Body(file.data, file.mimetype, cache_control)
