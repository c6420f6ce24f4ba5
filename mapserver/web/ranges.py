"""Ranges of the backdrop: browsers ask for a few kilobytes of a file of many megabytes."""

from __future__ import annotations

import re
from http import HTTPStatus

from flask import Blueprint, Request, Response, abort, request

from mapserver.settings import limits
from mapserver.web.backdrop import Backdrop, find_backdrop
from mapserver.web.live import current
from mapserver.web.modified import write_modified
from mapserver.web.responses import IMMUTABLE, MODIFIED

blueprint = Blueprint("backdrop", __name__)

MIMETYPE = "application/vnd.pmtiles"


@blueprint.get("/basemap-<digest>.pmtiles")
def send_backdrop(digest: str) -> Response:
    """Send a range of the backdrop, or all of it where that fits into one answer."""
    backdrop = find_backdrop(current().city)
    if backdrop is None or backdrop.digest != digest or not backdrop.is_unchanged:
        abort(HTTPStatus.NOT_FOUND)
    return send_ranges(backdrop, request)


def send_ranges(backdrop: Backdrop, asked: Request) -> Response:
    """Answer a request for a file, or for one range of it (RFC 9110, section 14).

    Parameters
    ----------
    backdrop
        The file. No more than the answer is read of it.
    asked
        The request, for ``Range``, ``If-Range`` and ``If-None-Match``.

    Returns
    -------
    Response
        206 with the range, or with as much of its beginning as one answer may hold; 416 for a
        range that the file does not have; 403 for the whole of a file that is too large for that.
    """
    size = backdrop.size_bytes
    headers = {"Accept-Ranges": "bytes", "Cache-Control": IMMUTABLE, "ETag": f'"{backdrop.digest}"'}
    headers["Last-Modified"] = write_modified(asked.environ[MODIFIED])
    # A condition by time stands there only where it is true, and one by the tag counts more.
    by_time = "If-None-Match" not in asked.headers and "If-Modified-Since" in asked.headers
    if by_time or asked.if_none_match.contains_weak(backdrop.digest):
        return Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    if asked.method == "HEAD":
        return Response(headers=headers | {"Content-Length": str(size)}, mimetype=MIMETYPE)
    if not _has_range(asked, backdrop.digest):
        if size > limits.MAX_BASEMAP_ANSWER_BYTES:
            abort(HTTPStatus.FORBIDDEN, "This file is read in ranges: send a header Range")
        return Response(backdrop.read_range(0, size), headers=headers, mimetype=MIMETYPE)
    place = _find_place(asked, size)
    if place is None:
        no_range = {"Accept-Ranges": "bytes", "Content-Range": f"bytes */{size}"}
        status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
        return Response(status=status, headers=no_range | {"Cache-Control": "no-store"})
    start, end = place
    # A shorter range says itself where it ends, and whoever wants more asks for the rest.
    data = backdrop.read_range(start, min(end - start, limits.MAX_BASEMAP_ANSWER_BYTES))
    headers["Content-Range"] = f"bytes {start}-{start + len(data) - 1}/{size}"
    return Response(data, HTTPStatus.PARTIAL_CONTENT, headers, mimetype=MIMETYPE)


def _has_range(asked: Request, digest: str) -> bool:
    """Return whether a range is asked for, of the very file that is here."""
    # Units other than bytes are to be ignored (RFC 9110, section 14.2).
    if not asked.headers.get("Range", "").strip().lower().startswith("bytes="):
        return False
    condition = asked.headers.get("If-Range")
    return condition is None or condition.strip() == f'"{digest}"'


def _find_place(asked: Request, size_bytes: int) -> tuple[int, int] | None:
    """Find where the one range that is asked for begins and ends; None where it is nowhere."""
    # Werkzeug refuses the last 100 bytes of a shorter file, which are all of it (section 14.1.2).
    if re.fullmatch(r"\s*bytes=-0*[1-9]\d{0,17}\s*", asked.headers["Range"], re.IGNORECASE):
        length = int(asked.headers["Range"].partition("-")[2])
        return max(0, size_bytes - length), size_bytes
    return asked.range.range_for_length(size_bytes) if asked.range else None
