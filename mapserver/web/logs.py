"""What the server writes down: one line for each request, and what happens, as text or JSON."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import logging
import re
import sys
import time
from functools import lru_cache
from typing import Any, TextIO
from urllib.parse import quote

from mapserver.errors import printable
from mapserver.files.damage import compute_mistake_id
from mapserver.settings import limits

log = logging.getLogger("mapserver")
access = logging.getLogger("mapserver.access")
access.setLevel(logging.WARNING)  # only a server writes requests down; a crawl of our own does not

ADDRESSES_KEPT = 4_096
"""Addresses of clients whose reading is kept: most come again."""
ADDRESS_LETTERS = 64
"""Of an address that a proxy states: the longest of IPv6 has 45 letters, and a zone."""
PLAIN = "/:@!$&'()*+,;=-._~"
"""Characters that a path may hold as they are; quotation marks and blanks are not among them."""
PLAIN_PATH = re.compile(f"[A-Za-z0-9{re.escape(PLAIN)}]*")


class TextLines(logging.Formatter):
    """Writes a record as text that stays on its line, and in which nothing acts."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Write the message; a traceback that follows it keeps its lines."""
        return f"{record.levelname} {printable(record.message)}"

    @staticmethod
    def write_line(request: dict[str, Any]) -> str:
        """Write the line about a request, whose parts hold no sign that acts."""
        return (
            f'{request["client"]} "{request["method"]} {request["path"]}" {request["status"]}'
            f" {request['bytes']} bytes {request['ms']:.1f} ms {request['request_id']}"
        )


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the time, the level and the message."""
        document = {
            "time": _write_time(record.created),
            "level": record.levelname.lower(),
            "message": printable(record.getMessage()),
        }
        if record.exc_info:
            document["traceback"] = self.formatException(record.exc_info)
        return json.dumps(document, ensure_ascii=False)

    @staticmethod
    def write_line(request: dict[str, Any]) -> str:
        """Write the line about a request."""
        document = {"time": _write_time(time.time()), "level": "info", **request}
        return json.dumps(document, ensure_ascii=False)


class RequestLines(logging.StreamHandler[TextIO]):
    """Writes a line about each request.

    It makes no record of ``logging``, which asks for the calling function and takes more time than
    most answers.
    """

    def write(self, request: dict[str, Any]) -> None:
        """Write one line, at once."""
        write_line = getattr(self.formatter, "write_line", TextLines.write_line)
        # An answer does not fail because nobody reads the log any more.
        with contextlib.suppress(OSError, ValueError):
            self.stream.write(f"{write_line(request)}\n")
            self.stream.flush()


def _write_time(seconds: float) -> str:
    when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{when}.{int(seconds % 1 * 1000):03d}Z"


def configure(style: str = "text") -> None:
    """Write requests to standard output and all else to standard error.

    Parameters
    ----------
    style
        ``text`` or ``json``; ``errors`` is text without the lines about requests.
    """
    formatter: logging.Formatter = JsonLines() if style == "json" else TextLines()
    for handler in logging.getLogger().handlers:
        handler.setFormatter(formatter)
    access.propagate = False
    if style == "errors":
        access.setLevel(logging.WARNING)
        return
    requests = RequestLines(sys.stdout)
    requests.setFormatter(formatter)
    access.handlers = [requests]
    access.setLevel(logging.INFO)


def are_requests_written() -> bool:
    """Return whether requests are written down, so that what is written is worth finding out."""
    return access.isEnabledFor(logging.INFO)


def write_request(  # noqa: PLR0913, PLR0917 -- the parts of the line
    client: str, method: str, path: str, status: int, size: int, seconds: float, request_id: str
) -> None:
    """Write a line about a request.

    The path is written quoted, as it came but for bytes that are no UTF-8, and without its query:
    positions that people ask about do not belong in a log, and nothing in a path can end the line
    or act in a terminal.

    Parameters
    ----------
    client
        Address of the client.
    method, path
        Of the request; the path as WSGI has it, its bytes as characters.
    status, size
        Of the answer, in bytes.
    seconds
        How long the answer took to make, with the time that it waited for a thread.
    request_id
        Names the request here, in the answer and in errors.
    """
    if not are_requests_written():
        return
    request = {
        "client": _address(client[:ADDRESS_LETTERS]),
        "method": _quote_method(method[:20]),
        "path": _quote_path(path)[: limits.MAX_LOGGED_PATH_LETTERS],
        "status": status,
        "bytes": size,
        "ms": round(seconds * 1000, 1),
        "request_id": request_id,
    }
    for handler in access.handlers:
        if isinstance(handler, RequestLines):
            handler.write(request)


def write_mistake(error: Exception, path: str) -> str:
    """Write down a mistake of ours with its traceback, and return the id under which it stands."""
    id_ = compute_mistake_id(error)
    # Quoted: a path may hold the end of a line, and what would look like the next one.
    log.error("mistake %s, unforeseen at %s", id_, ascii(path), exc_info=error)
    return id_


def _quote_path(path: str) -> str:
    # Most paths need no quoting, which takes as long as all else that is written.
    if PLAIN_PATH.fullmatch(path):
        return path
    return quote(path.encode("latin-1", "replace"), safe=PLAIN)


@lru_cache(maxsize=64)
def _quote_method(text: str) -> str:
    """Quote a method; nearly all are one of a few, and quoting takes as long as the line itself."""
    return quote(text, safe="")


@lru_cache(ADDRESSES_KEPT)
def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return "-"
