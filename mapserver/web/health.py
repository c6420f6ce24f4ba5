"""Whether the server lives and is ready, for whoever watches it."""

from __future__ import annotations

from flask import Blueprint, Response, request

from mapserver.features import encode
from mapserver.web.live import current
from mapserver.web.responses import Body, send

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Say that the process answers."""
    return send(Body(b"ok\n", "text/plain; charset=utf-8", kept=False), request)


@blueprint.get("/readyz")
def readyz() -> Response:
    """Say that the city is open: its version, its layers, and how many findings there are."""
    snapshot = current().snapshot
    document = {
        "status": "ready",
        "version": snapshot.city.version,
        "changed_at": snapshot.changed_at,
        "layers": {id_: len(features) for id_, features in snapshot.features.items()},
        "findings": len(snapshot.city.findings),
    }
    return send(Body(encode(document), "application/json", kept=False), request)
