"""Response bodies: made once, compressed once, sent with a strong ETag."""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from urllib.parse import quote

import brotli
from flask import Request, Response, abort
from werkzeug.http import parse_date, parse_etags

from mapserver.settings import limits
from mapserver.web.accepted import choose_encoding
from mapserver.web.parts import find_part

FIXED = "mapserver.fixed"
"""Marks, in the environment of WSGI, a request whose answer stays while the snapshot stays."""
MODIFIED = "mapserver.modified"
"""Where the environment of WSGI has the time since when answers are what they are."""
IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
REVALIDATE_SOON = f"max-age=0, stale-while-revalidate={limits.MAX_STALE_S}"
BROTLI_OF_FILES, BROTLI, BROTLI_OF_LARGE, BROTLI_AT_ONCE = 11, 10, 9, 4
"""Qualities of Brotli: files that browsers keep, pages sent many times, large ones, and all other.

Of all shops (0.6 MB) the best quality takes 0.3 s to save a tenth, and newer data waits for it."""
GZIP, GZIP_AT_ONCE = 9, 5
"""Levels of gzip: of what is sent many times, and of all other."""
READING = ("GET", "HEAD")
COMPRESSIBLE = re.compile(r"text/|[^;]*\b(json|xml|javascript|mapbox-vector-tile)\b")
"""Media types that are text; photos and icons are compressed already."""


# Not frozen, though nobody changes one: each field of a frozen one takes a call to set.
@dataclass(eq=False)
class Body:
    """The bytes of a response and their compressed twins.

    Attributes
    ----------
    data
        The bytes as they are.
    mimetype
        Media type, with charset where it is text.
    cache_control
        ``REVALIDATE`` (kept, but asked about each time), ``REVALIDATE_SOON`` (shown at once for a
        moment, and asked about meanwhile) or ``IMMUTABLE`` (its address changes when it does).
    kept
        Whether the body is sent many times, so that compressing it well is worth the time.
    tag
        A digest of all that the bytes follow from, which is shorter than they are.
    """

    data: bytes
    mimetype: str
    cache_control: str = REVALIDATE
    kept: bool = True
    tag: str = ""

    @cached_property
    def digest(self) -> str:
        """Digest of the bytes, or what stands for it: equal bytes have equal tags everywhere."""
        if self.tag:
            return self.tag
        return hashlib.sha256(self.data).hexdigest()[:20]

    @property
    def size_bytes(self) -> int:
        """Bytes that it takes when it is kept, at most.

        Its Brotli and gzip, made when first asked for, are together shorter than itself.
        """
        return 2 * len(self.data) + limits.KEPT_OBJECT_BYTES

    def make_twins(self) -> None:
        """Compress the bytes now, so that nobody who asks for them waits."""
        _ = self.br, self.gzip, self.digest

    def encode(self, encoding: str) -> bytes:
        """Return the bytes as they are sent: ``br``, ``gzip``, or empty for plain."""
        return self.br if encoding == "br" else self.gzip if encoding == "gzip" else self.data

    def name_etag(self, encoding: str) -> str:
        """Return the entity tag of an encoding: a strong one names exact bytes."""
        digest = self.tag or self.digest
        return f"{digest}-{encoding}" if encoding else digest

    @cached_property
    def br(self) -> bytes:
        """The bytes in Brotli (RFC 7932)."""
        return bytes(brotli.compress(self.data, quality=self._choose_quality()))

    def _choose_quality(self) -> int:
        if not self.kept:
            return BROTLI_AT_ONCE
        if len(self.data) > limits.MAX_SLOWLY_COMPRESSED_BYTES:
            return BROTLI_OF_LARGE
        return BROTLI_OF_FILES if self.cache_control == IMMUTABLE else BROTLI

    @cached_property
    def gzip(self) -> bytes:
        """The bytes in gzip, without a time stamp, so that they stay the same."""
        return gzip.compress(self.data, compresslevel=GZIP if self.kept else GZIP_AT_ONCE, mtime=0)


def send(
    body: Body,
    request: Request,
    *,
    status: int = 200,
    has_ranges: bool = False,
    is_dated: bool = True,
) -> Response:
    """Answer a request with a body: encoded as the client likes it, or 304 when it has it.

    Parameters
    ----------
    body
        What to send.
    request
        The request, for ``Accept-Encoding`` and its conditions, such as ``If-None-Match``.
    status
        HTTP status.
    has_ranges
        Whether the client may ask for a part, which then is one of the bytes as they are.
    is_dated
        Whether it stays while the snapshot and the day stay, and not of this moment alone.
    """
    encoding = "" if has_ranges and "Range" in request.headers else _encoding(body, request)
    data = body.encode(encoding)
    response = Response(data, status, content_type=body.mimetype)
    if encoding:
        response.headers["Content-Encoding"] = encoding
    response.headers["Cache-Control"] = body.cache_control
    response.headers["Vary"] = "Accept-Encoding"
    response.set_etag(body.name_etag(encoding))
    if body.kept and status == 200:
        request.environ[FIXED] = True
    if status == 200 and is_dated and request.method in READING:
        response.last_modified = request.environ.get(MODIFIED)
    if status == 200 and request.method in READING:
        _check_preconditions(request, response)
    if status == 200:
        response.make_conditional(request)
    if response.status_code == 200 and has_ranges and not encoding:
        _cut_part(request, response, data)
    return response


def _cut_part(request: Request, response: Response, data: bytes) -> None:
    """Say that parts are sent, and leave nothing but the one that is asked for."""
    response.headers["Accept-Ranges"] = "bytes"
    part = find_part(request, len(data), response.get_etag()[0] or "")
    if part is not None:
        start, end = part
        response.set_data(data[start:end])
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(data)}"


def _check_preconditions(request: Request, response: Response) -> None:
    """Check the conditions of a client that wants nothing but what it knows (RFC 9110, 13.2.2).

    Werkzeug would answer If-Match with 412 and the whole body, and does not read the other one.

    Raises
    ------
    PreconditionFailed
        The answer is another one than the client knows.
    """
    tags = parse_etags(request.environ.pop("HTTP_IF_MATCH", None))
    if tags:
        is_known = tags.contains(response.get_etag()[0] or "")
    else:
        limit = parse_date(request.environ.get("HTTP_IF_UNMODIFIED_SINCE"))
        modified = response.last_modified
        # Where nobody knows since when an answer is what it is, the condition means nothing.
        is_known = limit is None or modified is None or modified <= limit
    if not is_known:
        abort(412, "This has changed since it was asked for: it is not what the condition names")


def attachment(response: Response, name: str) -> Response:
    """Have a browser keep a response as a file of a name (RFC 6266)."""
    response.headers["Content-Disposition"] = name_attachment(name)
    return response


def name_attachment(name: str) -> str:
    """Return the header that has a browser keep an answer as a file of a name (RFC 6266)."""
    plain = re.sub(r'[^ \w.()-]+|["\\]', "", name.encode("ascii", "ignore").decode()).strip()
    plain = plain if not plain.startswith(".") else f"file{plain}"
    return f"attachment; filename=\"{plain or 'file'}\"; filename*=UTF-8''{quote(name, safe='')}"


def is_worth_compressing(body: Body) -> bool:
    """Return whether a body is text, and long enough that compressing it saves anything."""
    is_long = len(body.data) >= limits.MIN_COMPRESSED_BYTES
    return is_long and _is_compressible(body.mimetype)


@lru_cache(maxsize=256)
def _is_compressible(mimetype: str) -> bool:
    """Return whether a media type is one of text; we send a few of them, again and again."""
    return COMPRESSIBLE.match(mimetype) is not None


def _encoding(body: Body, request: Request) -> str:
    return choose_coding(body.mimetype, request) if is_worth_compressing(body) else ""


def choose_coding(mimetype: str, request: Request) -> str:
    """Choose how a client likes a media type encoded: ``br``, ``gzip``, or empty for plain."""
    if not _is_compressible(mimetype):
        return ""
    header = request.headers.get("Accept-Encoding", "")
    return choose_encoding(header, request.headers.get("User-Agent", ""))
