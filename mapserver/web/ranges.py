"""Ranges of the backdrop: browsers ask for a few kilobytes of a file of many megabytes."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Request, Response, abort, request

from mapserver.settings import limits
from mapserver.web.backdrop import Backdrop, find_backdrop
from mapserver.web.live import current
from mapserver.web.modified import write_modified
from mapserver.web.parts import find_part
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
        206 with the range, or with as much of its beginning as one answer may hold; 403 for the
        whole of a file that is too large for that.

    Raises
    ------
    RequestedRangeNotSatisfiable
        The file does not have the range.
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
    part = find_part(asked, size, backdrop.digest)
    if part is None:
        if size > limits.MAX_BASEMAP_ANSWER_BYTES:
            abort(HTTPStatus.FORBIDDEN, "This file is read in ranges: send a header Range with one")
        return Response(backdrop.read_range(0, size), headers=headers, mimetype=MIMETYPE)
    start, end = part
    # A shorter range says itself where it ends, and whoever wants more asks for the rest.
    data = backdrop.read_range(start, min(end - start, limits.MAX_BASEMAP_ANSWER_BYTES))
    headers["Content-Range"] = f"bytes {start}-{start + len(data) - 1}/{size}"
    return Response(data, HTTPStatus.PARTIAL_CONTENT, headers, mimetype=MIMETYPE)
