"""Answers that are sent while they are written: of a large one no more is held than is on its way.

Their length is not known before they end, and nothing can be taken back of what has left: whatever
may be refused is refused before the first byte.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

import brotli
from flask import Request, Response

from mapserver.settings import limits
from mapserver.web.responses import BROTLI_AT_ONCE, GZIP_AT_ONCE, REVALIDATE, choose_coding
from mapserver.web.sent import OLD_PROTOCOLS

STREAMED = "mapserver.streamed"
"""Marks, in the environment of WSGI, a request whose answer is written while it is sent."""
GZIP_WINDOW = 16 + zlib.MAX_WBITS
"""How zlib is told to write gzip (RFC 1952), with the largest window."""


def take_head(parts: Iterator[bytes], size_bytes: int) -> tuple[bytes, bool]:
    """Take the beginning of an answer: all of it, if it is not longer than some bytes.

    Parameters
    ----------
    parts
        The answer, of which the beginning is taken.
    size_bytes
        How many bytes; of a longer answer a part more is taken.

    Returns
    -------
    head : bytes
        The beginning.
    is_whole : bool
        Whether that is all.
    """
    head = bytearray()
    for part in parts:
        head += part
        if len(head) > size_bytes:
            return bytes(head), False
    return bytes(head), True


def _gather(parts: Iterator[bytes], size_bytes: int) -> Iterator[bytes]:
    """Gather parts, so that each but the last has at least so many bytes."""
    gathered = bytearray()
    try:
        for part in parts:
            gathered += part
            if len(gathered) >= size_bytes:
                yield bytes(gathered)
                gathered.clear()
    except Exception:
        # It may hold what tells a client that this is not all.
        yield bytes(gathered)
        raise
    if gathered:
        yield bytes(gathered)


def send_stream(parts: Iterator[bytes], mimetype: str, tag: str, request: Request) -> Response:
    """Answer a request with parts as they are written, encoded as the client likes it.

    A client of HTTP/1.0 gets them joined, with their length.

    Parameters
    ----------
    parts
        The answer. A client sees that it is not whole when they end in an error: by the encoding,
        or by themselves where it takes none.
    mimetype
        Media type, with charset where it is text.
    tag
        A digest of all that the answer follows from.
    request
        The request, for ``Accept-Encoding``.
    """
    coding = choose_coding(mimetype, request)
    encoded = _compress(_gather(parts, limits.STREAM_PART_BYTES), coding)
    # There the end of the connection would be that of the answer, however it came about.
    is_joined = request.environ["SERVER_PROTOCOL"] in OLD_PROTOCOLS
    response = Response(b"".join(encoded) if is_joined else encoded, content_type=mimetype)
    if coding:
        response.headers["Content-Encoding"] = coding
    response.headers["Cache-Control"] = REVALIDATE
    response.headers["Vary"] = "Accept-Encoding"
    response.set_etag(f"{tag}-{coding}" if coding else tag)
    if not is_joined:
        request.environ[STREAMED] = True
    return response


def _compress(parts: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """Compress parts one after another; where they break off, the end of the coding is missing."""
    if coding == "br":
        packer = brotli.Compressor(quality=BROTLI_AT_ONCE)
        # Each part leaves when it is written, and does not wait for what follows.
        yield from (packer.process(part) + packer.flush() for part in parts)
        yield packer.finish()
    elif coding == "gzip":
        zipper = zlib.compressobj(GZIP_AT_ONCE, wbits=GZIP_WINDOW)
        yield from (zipper.compress(part) + zipper.flush(zlib.Z_SYNC_FLUSH) for part in parts)
        yield zipper.flush()
    else:
        yield from parts
