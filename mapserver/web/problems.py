"""Errors as clients see them: application/problem+json for the API, a page for people."""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from mapserver.errors import (
    N_,
    MapserverError,
    NotFoundError,
    QueryError,
    StoreAwayError,
    StoreChangedError,
    StoreError,
    StoreSlowError,
)
from mapserver.model import encode
from mapserver.settings import limits
from mapserver.text.language import write_error
from mapserver.web.asked import asked_language
from mapserver.web.logs import write_mistake
from mapserver.web.pages.errors import error_page

log = logging.getLogger("mapserver")

AWAY = N_("the database does not answer just now; try again in a moment")
REFUSES = N_(
    "the database refuses this question, which does not pass by itself; whoever runs this server "
    "finds the reason in its log"
)

# The names that OGC API servers commonly use for these cases.
CODES = {
    400: "InvalidParameterValue",
    404: "NotFound",
    405: "MethodNotAllowed",
    406: "NotAcceptable",
    412: "PreconditionFailed",
    413: "PayloadTooLarge",
    415: "UnsupportedMediaType",
    429: "TooManyRequests",
    503: "ServiceUnavailable",
}


def register(app: Flask) -> None:
    """Make the app answer every error in one of the two forms."""
    app.register_error_handler(QueryError, lambda e: problem(400, _write_detail(e)))
    app.register_error_handler(NotFoundError, lambda e: problem(404, _write_detail(e)))
    app.register_error_handler(StoreError, _database)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)


def problem(status: int, detail: str) -> Response:
    """Answer with an error: RFC 9457 below ``/api``, a page elsewhere."""
    title = HTTPStatus(status).phrase
    if not request.path.startswith("/api"):
        return error_page(status, detail)
    code = CODES.get(status, title.title().replace(" ", ""))
    document = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "description": detail,
    }
    response = Response(encode(document), status, content_type="application/problem+json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _write_detail(error: MapserverError) -> str:
    """Write an error for who reads it: programs in English, people in the language of the page."""
    is_program = request.path.startswith("/api")
    return str(error) if is_program else write_error(error, asked_language())


def _database(error: StoreError) -> Response:
    """Answer that the database cannot be asked; what it said is for the log alone."""
    # That it is away is said once an outage by whoever asks it, and not for each question; so is
    # once a change of a table.
    if isinstance(error, StoreSlowError) or not isinstance(error, StoreAwayError):
        log.warning("a question to the database was not answered: %s", error)
    if not isinstance(error, StoreAwayError):
        # It will refuse again: nobody is sent to try.
        return problem(503, _write_detail(StoreError(REFUSES)))
    if not isinstance(error, StoreSlowError | StoreChangedError):
        error = StoreAwayError(AWAY)
    error.where = ""  # the address of the database
    response = problem(503, _write_detail(error))
    response.headers["Retry-After"] = str(limits.RETRY_AFTER_S)
    return response


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if 300 <= status < 400:
        return Response(headers=dict(error.get_headers()), status=status)
    response = problem(status, error.description or HTTPStatus(status).phrase)
    for name, value in error.get_headers():
        if name in {"Allow", "Content-Range", "Retry-After"}:
            response.headers[name] = value
    return response


def _unforeseen(error: Exception) -> Response:
    id_ = write_mistake(error, request.path)
    if isinstance(error, MapserverError):
        return problem(500, _write_detail(error))
    # Whoever sees the id can name it, and whoever has the log finds the traceback under it.
    return problem(500, f"The server made a mistake ({id_})")
