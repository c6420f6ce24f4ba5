"""What the server writes down: one line for each request, and what happens, as text or JSON."""

from __future__ import annotations

import ipaddress
import json
import logging
import sys
import time
from urllib.parse import quote

from mapserver.errors import printable
from mapserver.settings import limits

access = logging.getLogger("mapserver.access")
access.setLevel(logging.WARNING)  # only a server writes requests down; a crawl of our own does not

PLAIN = "/:@!$&'()*+,;=-._~"
"""Characters that a path may hold as they are; quotation marks and blanks are not among them."""


class TextLines(logging.Formatter):
    """Writes a record as text that stays on its line, and in which nothing acts."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Write the message; a traceback that follows it keeps its lines."""
        message = printable(record.message)
        return message if record.name == access.name else f"{record.levelname} {message}"


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the time, the level and the message, or what is known of a request."""
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        document: dict[str, object] = {
            "time": f"{when}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
        }
        if record.name == access.name:
            document |= record.__dict__["request"]
        else:
            document["message"] = printable(record.getMessage())
        if record.exc_info:
            document["traceback"] = self.formatException(record.exc_info)
        return json.dumps(document, ensure_ascii=False)


def configure(style: str = "text") -> None:
    """Write requests to standard output and all else to standard error.

    Parameters
    ----------
    style
        ``text`` or ``json``.
    """
    formatter: logging.Formatter = JsonLines() if style == "json" else TextLines()
    for handler in logging.getLogger().handlers:
        handler.setFormatter(formatter)
    requests = logging.StreamHandler(sys.stdout)
    requests.setFormatter(formatter)
    access.handlers = [requests]
    access.propagate = False
    access.setLevel(logging.INFO)


def write_request(  # noqa: PLR0913, PLR0917 -- the parts of the line
    client: str, method: str, path: str, status: int, size: int, seconds: float, request_id: str
) -> None:
    """Write a line about a request.

    The path is written quoted, as it came, and without its query: positions that people ask about
    do not belong in a log, and nothing in a path can end the line or act in a terminal.

    Parameters
    ----------
    client
        Address of the client.
    method, path
        Of the request; the path as WSGI has it, its bytes as characters.
    status, size
        Of the answer, in bytes.
    seconds
        How long the answer took to make.
    request_id
        Names the request here, in the answer and in errors.
    """
    if not access.isEnabledFor(logging.INFO):
        return
    request = {
        "client": _address(client),
        "method": quote(method[:20], safe=""),
        "path": quote(path.encode("latin-1", "replace"), safe=PLAIN)[
            : limits.MAX_LOGGED_PATH_LETTERS
        ],
        "status": status,
        "bytes": size,
        "ms": round(seconds * 1000, 1),
        "request_id": request_id,
    }
    access.info(
        '%(client)s "%(method)s %(path)s" %(status)d %(bytes)d bytes %(ms).1f ms %(request_id)s',
        request,
        extra={"request": request},
    )


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return "-"
