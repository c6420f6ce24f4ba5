"""The short way: answers before Flask what needs nothing of it, with the same bytes.

Two kinds of requests are most of a busy server's: pages and files that stay while the snapshot
stays, which are given from memory with the headers that Flask once gave them, and questions to the
API, which are asked directly. Whatever is unusual about a request (a range, a form, an error, a
page for a person) goes the long way, so there is one place where each of these is dealt with.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from mapserver.errors import MapserverError
from mapserver.settings import limits
from mapserver.web.accepted import choose_encoding, find_root, read_query
from mapserver.web.api.asking import (
    FAILURE,
    Received,
    answer_question,
    choose_cache_control,
    read_question,
    repeat_question,
)
from mapserver.web.api.formats import HTML
from mapserver.web.api.operations import FREE, Encoded, Operation, Outcome, Question
from mapserver.web.figures import ROUTE
from mapserver.web.live import Live
from mapserver.web.memory import Age, Key, Memory
from mapserver.web.modified import find_modified, write_modified
from mapserver.web.rates import WAIT
from mapserver.web.refusals import REFUSAL
from mapserver.web.responses import FIXED, is_worth_compressing
from mapserver.web.security import API_HEADERS, list_security_headers
from mapserver.web.sent import Answer, Headers
from mapserver.web.served_city import ServedCity

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

UNUSUAL = (
    *("HTTP_RANGE", "HTTP_IF_RANGE", "HTTP_IF_MATCH", "HTTP_IF_MODIFIED_SINCE"),
    *("HTTP_IF_UNMODIFIED_SINCE", "HTTP_EXPECT", REFUSAL, WAIT),
)
"""What makes a request go the long way."""
VARIES = "Accept-Encoding, Accept"
VARIES_BY_LANGUAGE = f"{VARIES}, Accept-Language"
ONE_TAG = re.compile(r'(?:"[^"]*")?')
"""No entity tag, or one strong one: several, weak ones and any go the long way, too."""
DEPENDENCIES = (
    *("PATH_INFO", "QUERY_STRING", "SCRIPT_NAME", "wsgi.url_scheme", "HTTP_HOST"),
    *("HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_ACCEPT_LANGUAGE", "HTTP_USER_AGENT"),
)
"""What the answer to a request for something fixed depends on."""
SHAPING = tuple(name for name in DEPENDENCIES if name != "QUERY_STRING")
"""What the answers to questions that differ by their place alone have in common."""
ENUMERABLE = re.compile(r"(?:(?:^|&)(?:f|lang|limit|offset|crs)=[^&]*)*")
"""Queries whose answers are few enough to be kept; places and boxes hardly ever come again."""
ENTITY_HEADERS = frozenset({"content-encoding", "content-length", "content-type", "last-modified"})
"""Headers that speak of a body, which 304 has none of."""

PER_REQUEST = frozenset({"Date", "X-Request-Id"})
"""Headers that each answer has of its own."""


class Shape(NamedTuple):
    """What questions that differ by the place alone have in common.

    Attributes
    ----------
    question
        The first of them; None where Flask is to answer.
    route
        The rule of its route.
    is_quick
        Whether one takes microseconds to answer.
    encoding
        How an answer that is worth it is compressed; empty for not at all.
    headers
        Headers that all answers have.
    """

    question: Question | None
    route: str = ""
    is_quick: bool = False
    encoding: str = ""
    headers: tuple[tuple[str, str], ...] = ()


NO_SHAPE = Shape(None)
"""Stands for questions that are for Flask to answer."""


class Shortcut:
    """Answers what it can before an application, and leaves the rest to it.

    Parameters
    ----------
    app
        What answers all requests.
    live
        The city that is served.
    operations
        What the API can be asked, each with the rule of its route.
    """

    def __init__(
        self, app: WSGIApplication, live: Live, operations: Sequence[tuple[Operation, str]]
    ) -> None:
        self._app = app
        self._live = live
        self._memory = Memory(limits.MAX_REMEMBERED_BYTES)
        self._answers = Memory(limits.MAX_REMEMBERED_ANSWERS_BYTES)
        security_headers = list_security_headers(live.settings.tile_origin, is_embedded=False)
        self._api_headers = (*security_headers, *API_HEADERS)
        self._modified: tuple[tuple[dt.datetime, dt.date] | None, str] = None, ""
        self._exact: dict[str, tuple[Operation, str]] = {}
        self._patterns: list[tuple[re.Pattern[str], Operation, str]] = []
        for operation, rule in operations:
            if operation.method != "get" or operation.formats[0] is HTML:
                continue
            if "{" not in operation.path:
                self._exact[f"/api{operation.path or '/'}"] = operation, rule
                continue
            pattern = operation.path.replace("{featureId}", "(?P<featureId>.+)")
            pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern)
            self._patterns.append((re.compile(f"/api{pattern}"), operation, rule))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        if not _is_usual(environ):
            return self._app(environ, start_response)
        if not environ["PATH_INFO"].startswith("/api/"):
            return self._answer_page(environ, start_response)
        answer = self._answer_question(environ)
        if answer is None:
            return self._app(environ, start_response)
        start_response(*answer[:2])
        return answer[2]

    def answer_quickly(self, environ: WSGIEnvironment) -> Answer | None:
        """Answer a request that takes microseconds: what is held, and questions about few features.

        Returns
        -------
        Answer or None
            None where it takes longer, or may fail: that is for a thread to find out.
        """
        if not _is_usual(environ):
            return None
        if environ["PATH_INFO"].startswith("/api/"):
            return self._answer_question(environ, only_quick=True)
        return self._recall(self._memory, environ, self._find_age())[1]

    def _recall(
        self, memory: Memory, environ: WSGIEnvironment, age: Age
    ) -> tuple[Key, Answer | None]:
        """Return under what an answer is held, and the answer where it is."""
        # All that the answer could depend on is in the key; what it follows from is its age.
        key = tuple(map(environ.get, DEPENDENCIES))
        kept = memory.recall(key, age)
        if kept is None:
            return key, None
        headers, body, environ[ROUTE] = kept
        return key, _send(environ, headers, body)

    def _answer_page(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        age = self._find_age()
        key, answer = self._recall(self._memory, environ, age)
        if answer is not None:
            start_response(*answer[:2])
            return answer[2]
        sent: list[Any] = []

        def note(status: str, headers: Headers, *options: Any) -> Any:
            sent[:] = [status, headers]
            return start_response(status, headers, *options)

        made = self._app(environ, note)
        body = b"".join(made)
        if close := getattr(made, "close", None):
            close()
        # The snapshot may have changed while the answer was made: then it is of either.
        is_same = self._live.snapshot is age[0]
        # Pages of the seconds in which streets are made stay for no longer.
        is_fixed = FIXED in environ and not self._live.is_backdrop_due
        if is_fixed and sent[0].startswith("200") and is_same and ROUTE in environ:
            headers = [(name, value) for name, value in sent[1] if name not in PER_REQUEST]
            self._memory.keep(key, age, (headers, body, environ[ROUTE]))
        return [body]

    def _answer_question(
        self, environ: WSGIEnvironment, *, only_quick: bool = False
    ) -> Answer | None:
        """Answer a question to the API; None where Flask is to, or it takes longer than wished."""
        environ.pop(FAILURE, None)
        since = self._live.served_since  # before the answer, which may be newer and not older
        key, age = None, self._find_age()
        query = environ.get("QUERY_STRING", "")
        if ENUMERABLE.fullmatch(query):
            key, kept = self._recall(self._answers, environ, age)
            if kept is not None:
                return kept
        try:
            asked = self._ask(environ, query, age, only_quick=only_quick)
            if asked is None:
                return None
            shape, question, answer = asked
            body = answer.body
            encoding = shape.encoding if shape.encoding and is_worth_compressing(body) else ""
            data = body.encode(encoding)
        except MapserverError as error:
            # Flask says it; asked once more, a database that is slow would take twice as long.
            environ[FAILURE] = error
            return None
        except Exception:  # noqa: BLE001 -- the long way makes the same mistake, and says it
            return None
        environ[ROUTE] = shape.route
        # The same headers as Flask sends, whose order does not matter; a test compares them all.
        headers = [
            ("Content-Length", str(len(data))),
            ("ETag", f'"{body.name_etag(encoding)}"'),
            ("Last-Modified", self._write_modified(since, age[1])),
            ("Content-Type", body.mimetype),
            ("Cache-Control", choose_cache_control(question, body)),
            *answer.headers.items(),
            *shape.headers,
        ]
        if encoding:
            headers.append(("Content-Encoding", encoding))
        if key is not None:
            self._answers.keep(key, age, (headers, data, environ[ROUTE]))
        return _send(environ, headers, data)

    def _write_modified(self, since: dt.datetime, today: dt.date) -> str:
        """Write since when answers are what they are; anew when that has changed."""
        if self._modified[0] != (since, today):
            self._modified = (since, today), write_modified(find_modified(self._live))
        return self._modified[1]

    def _find_age(self) -> Age:
        """Find what answers of now follow from beside the request: the snapshot and the day."""
        snapshot = self._live.snapshot
        return snapshot, snapshot.city.today()

    def _ask(
        self, environ: WSGIEnvironment, query: str, age: Age, *, only_quick: bool
    ) -> tuple[Shape, Question, Encoded] | None:
        """Ask what a request asks, read like an earlier one that differs by the place alone.

        Returns
        -------
        tuple or None
            What it has in common with others, the question, and the answer. None where Flask is to
            answer, or where it may take longer than wished, as the first of its like does.
        """
        pairs = read_query(query)
        served, today = age
        shapes: dict[Hashable, Shape] = served.shapes
        # What is found out of a first question goes with the snapshot, and holds on a day.
        likeness = (
            *map(environ.get, SHAPING),
            today,
            *[name if name in FREE else (name, text) for name, text in pairs],
        )
        shape = shapes.get(likeness)
        question: Question | None
        answer: Outcome | None
        if shape is not None:
            if shape.question is None or (only_quick and not shape.is_quick):
                return None
            question = repeat_question(shape.question, pairs, query)
            answer = answer_question(question)
        elif only_quick:
            return None
        else:
            shape = self._read_shape(environ, query, served)
            question = shape.question
            answer = None if question is None else answer_question(question)
            letters = len(query) + sum(len(environ.get(name, "")) for name in SHAPING)
            if letters <= limits.MAX_SHAPE_LETTERS:
                if len(shapes) >= limits.MAX_SHAPES:
                    shapes.clear()
                shapes[likeness] = shape
        if question is None or not isinstance(answer, Encoded):
            return None
        return None if answer.status != 200 or answer.has_ranges else (shape, question, answer)

    def _read_shape(self, environ: WSGIEnvironment, query: str, served: ServedCity) -> Shape:
        """Read a request whose like was not read before."""
        path = environ["PATH_INFO"]
        if not path.isascii():  # WSGI has the bytes of UTF-8 as characters
            path = path.encode("latin-1").decode()
        operation, route, places = self._find_operation(path)
        if operation is None or "//" in path:
            return NO_SHAPE
        root = self._live.settings.base_url or find_root(
            environ["wsgi.url_scheme"], environ["HTTP_HOST"], environ.get("SCRIPT_NAME", "")
        )
        received = Received(
            root,
            path,
            query,
            environ.get("HTTP_ACCEPT", ""),
            environ.get("HTTP_ACCEPT_LANGUAGE", ""),
        )
        question = read_question(operation, places, served, received)
        if question.format is HTML:
            return NO_SHAPE
        vary = VARIES_BY_LANGUAGE if question.depends_on_language else VARIES
        return Shape(
            question,
            route,
            is_quick=operation.is_quick(question),
            encoding=choose_encoding(
                environ.get("HTTP_ACCEPT_ENCODING", ""), environ.get("HTTP_USER_AGENT", "")
            ),
            headers=(("Vary", vary), *self._api_headers),
        )

    def _find_operation(self, path: str) -> tuple[Operation | None, str, dict[str, str]]:
        if found := self._exact.get(path):
            return found[0], found[1], {}
        for pattern, operation, route in self._patterns:
            if match := pattern.fullmatch(path):
                return operation, route, match.groupdict()
        return None, "", {}


def _is_usual(environ: WSGIEnvironment) -> bool:
    """Return whether a request reads something, and wants no more of it than most requests."""
    if environ["REQUEST_METHOD"] != "GET" or not environ.keys().isdisjoint(UNUSUAL):
        return False
    tag = environ.get("HTTP_IF_NONE_MATCH")
    return tag is None or ONE_TAG.fullmatch(tag) is not None


def _send(environ: WSGIEnvironment, headers: Headers, body: bytes) -> Answer:
    """Return what is sent: an answer, or that the client has it."""
    wished = environ.get("HTTP_IF_NONE_MATCH")
    if wished is not None and ("ETag", wished) in headers:
        kept = [pair for pair in headers if pair[0].lower() not in ENTITY_HEADERS]
        return "304 NOT MODIFIED", kept, [b""]
    return "200 OK", headers, [body]
