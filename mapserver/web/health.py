"""Whether the server lives and is ready, for whoever watches it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, Response, request

from mapserver.model import encode
from mapserver.web.backdrop import find_backdrop
from mapserver.web.live import current
from mapserver.web.responses import Body, send

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Answer that the process is alive."""
    return send(Body(b"ok\n", "text/plain; charset=utf-8", kept=False), request, is_dated=False)


@blueprint.get("/readyz")
def readyz() -> Response:
    """Report which city is served, and whether it is the folder as it is now.

    While the folder cannot be opened, the last city that could be is served on: the answer is
    still 200, and ``status`` is ``stale`` instead of ``ready``, with a reason. Only what was found
    while the city was opened is counted: the other checks take seconds (``mapserver check``).
    ``backdrop`` is ``pending`` for the seconds after the start in which the streets below the map
    are made; all else is answered meanwhile. ``pages`` is so for the first seconds, in which what
    everybody loads is made when somebody asks for it. ``tables_not_read`` names the tables of a
    database that cannot be read; what they stand for is served as it was, or not at all.
    ``unrest_since`` is there while the folder keeps changing and is opened between two changes.
    """
    live = current()
    snapshot, report = live.snapshot, live.condition.report
    backdrop = find_backdrop(snapshot.city)
    document: dict[str, Any] = {
        "status": "stale" if report.reason else "ready",
        "version": snapshot.city.version,
        "changed_at": snapshot.changed_at,
        "layers": {id_: len(frame) for id_, frame in snapshot.city.layers.items()}
        | {id_: layer.count for id_, layer in snapshot.city.data.large.items()},
        "opening_findings": len(snapshot.city.findings),
        "backdrop": "pending" if live.is_backdrop_due else "ready" if backdrop else "none",
        "pages": "ready" if live.is_warm else "pending",
        "reloads": report.reloads,
    }
    unread = [f.values["table"] for f in snapshot.city.findings if f.code == "table-unreadable"]
    if unread:
        document["tables_not_read"] = unread
    if report.reason:
        since = dt.datetime.fromtimestamp(report.failing_since_s, dt.UTC)
        document |= {"reason": report.reason, "stale_since": since.replace(microsecond=0)}
    if report.unrest_since_s:
        since = dt.datetime.fromtimestamp(report.unrest_since_s, dt.UTC)
        document["unrest_since"] = since.replace(microsecond=0)
    return send(Body(encode(document), "application/json", kept=False), request, is_dated=False)
