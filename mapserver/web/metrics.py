"""Figures for whoever runs the server, in the text format of Prometheus."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate
from typing import cast

from flask import Blueprint, Response, abort, current_app, request

from mapserver.text.findings import Severity
from mapserver.web.entrance import FORWARDED, is_in
from mapserver.web.figures import BOUNDS_S, STATUSES, Figures
from mapserver.web.live import current
from mapserver.web.rendering import editions

blueprint = Blueprint("metrics", __name__)

TEXT = "text/plain; version=0.0.4; charset=utf-8"


@blueprint.get("/metrics")
def metrics() -> Response:
    """Show the figures to the addresses that the settings name.

    A proxy that is not trusted may stand on this machine and ask for the whole world, so what it
    forwards is refused wherever it comes from.
    """
    allowed = current().settings.metrics_for
    if request.environ.get(FORWARDED) or not is_in(request.remote_addr or "", allowed):
        abort(403, "This is for the addresses that the setting metrics_for names")
    text = "\n".join([*_city(), *_requests(), ""])
    return Response(text, content_type=TEXT, headers={"Cache-Control": "no-store"})


def _city() -> Iterator[str]:
    """Write what is served, how renewing it goes, and what this worker keeps."""
    live = current()
    snapshot, report = live.snapshot, live.condition.report
    now_s = time.time()
    yield from _head("mapserver_snapshot_info", "gauge", "The version of the data that is served.")
    yield f'mapserver_snapshot_info{{version="{_escape(snapshot.city.version)}"}} 1'
    severities = Counter(finding.severity for finding in snapshot.city.findings)
    name = "mapserver_opening_findings"
    yield from _head(name, "gauge", "What was found while the city was opened, by severity.")
    for severity in Severity:
        yield f'{name}{{severity="{severity.value}"}} {severities[severity]}'
    failing_s = now_s - report.failing_since_s if report.failing_since_s else 0.0
    for name, kind, text, value in (
        ("snapshot_age_seconds", "gauge", "Since it was opened.", now_s - report.opened_at_s),
        ("data_age_seconds", "gauge", "Since its newest file.", now_s - _changed_at_s()),
        ("stale_seconds", "gauge", "How long the folder cannot be opened; 0 if it can.", failing_s),
        ("reloads_total", "counter", "How often newer data was served.", report.reloads),
        ("reload_failures_total", "counter", "How often it could not be.", report.failures),
        ("cache_bytes", "gauge", "Answers that this worker keeps.", editions().size_bytes),
    ):
        yield from _head(f"mapserver_{name}", kind, text)
        yield f"mapserver_{name} {value:.15g}"


def _requests() -> Iterator[str]:
    """Write the requests that all workers answered, by route and status, and how long it took."""
    rows = list(cast("Figures", current_app.extensions["mapserver-figures"]).read())
    name = "mapserver_requests_total"
    yield from _head(name, "counter", "Requests by route and status.")
    for route, statuses, _, _ in rows:
        for status, count in zip(STATUSES, statuses, strict=True):
            if count:
                label = status or "other"
                yield f'{name}{{route="{_escape(route)}",status="{label}"}} {count:.0f}'
    name = "mapserver_request_seconds"
    yield from _head(name, "histogram", "How long answers took to make, by route.")
    for route, _, counts, seconds in rows:
        label = f'route="{_escape(route)}"'
        for bound, count in zip(BOUNDS_S, accumulate(counts), strict=True):
            edge = "+Inf" if bound == float("inf") else f"{bound:g}"
            yield f'{name}_bucket{{{label},le="{edge}"}} {count:.0f}'
        yield f"{name}_sum{{{label}}} {seconds:.6f}"
        yield f"{name}_count{{{label}}} {sum(counts):.0f}"


def _changed_at_s() -> float:
    return current().snapshot.changed_at.timestamp()


def _head(name: str, kind: str, text: str) -> Iterator[str]:
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} {kind}"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
