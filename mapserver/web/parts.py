"""Which part of a file a client asks for (RFC 9110, section 14)."""

from __future__ import annotations

import re

from flask import Request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import parse_date

from mapserver.settings import limits

RANGE = re.compile(r"[ \t,]*(?:([0-9]+)-([0-9]*)|-([0-9]+))[ \t,]*")
"""From a byte to another or to the end, or so many last bytes; a list may have empty elements."""


def find_part(request: Request, size_bytes: int, etag: str) -> tuple[int, int] | None:
    """Find the part of a file that a request asks for.

    Werkzeug refuses what the RFC has ignored (other units, several ranges) or cut to the file (more
    last bytes than there are), answers HEAD with a part, and takes a weak tag for a strong one.

    Parameters
    ----------
    request
        The request, for ``Range`` and ``If-Range``. A time in the latter that is not that of the
        file has taken the former out of the request (:mod:`mapserver.web.modified`).
    size_bytes
        Length of the file.
    etag
        Its strong entity tag, without quotes.

    Returns
    -------
    tuple of int or None
        Where the part begins and ends, the end not included; None where the whole is to be sent.

    Raises
    ------
    RequestedRangeNotSatisfiable
        The file has no such part, or the range is none.
    """
    header = request.headers.get("Range")
    # Other methods know no ranges (14.2): HEAD speaks of the whole.
    if header is None or request.method != "GET":
        return None
    condition = request.headers.get("If-Range", f'"{etag}"').strip()
    # Of tags only a strong one proves the very bytes that a part is joined to (13.1.5).
    if condition != f'"{etag}"' and parse_date(condition) is None:
        return None
    unit, _, ranges = header.partition("=")
    # Units that nobody knows are ignored, and who asks for several parts at once gets the whole.
    if unit.strip().lower() != "bytes" or "," in ranges.strip(" \t,"):
        return None
    match = RANGE.fullmatch(ranges)
    if match is None:
        raise RequestedRangeNotSatisfiable(size_bytes)
    # The last byte that is named belongs to the part, and the end of a slice does not.
    start_digits, end_digits, suffix = match.groups()
    if suffix is not None:
        start, end = max(0, size_bytes - _read_position(suffix)), size_bytes
    else:
        start, end = _read_position(start_digits), size_bytes
        if end_digits and _read_position(end_digits) < start:
            raise RequestedRangeNotSatisfiable(size_bytes)
        if end_digits:
            end = min(end, _read_position(end_digits) + 1)
    if start >= end:
        raise RequestedRangeNotSatisfiable(size_bytes)
    return start, end


def _read_position(digits: str) -> int:
    """Read a position; of one with more digits than any file has bytes only that it is beyond."""
    return int(digits.lstrip("0")[: limits.MAX_INTEGER_DIGITS] or "0")
