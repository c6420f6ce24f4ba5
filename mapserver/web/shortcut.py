"""The short way: answers before Flask what needs nothing of it, with the same bytes.

Two kinds of requests are most of a busy server's: pages and files that stay while the snapshot
stays, which are given from memory with the headers that Flask once gave them, and questions to the
API, which are asked directly. Whatever is unusual about a request (a range, a form, an error, a
page for a person) goes the long way, so there is one place where each of these is dealt with.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mapserver.settings import limits
from mapserver.web.accepted import choose_encoding, find_root
from mapserver.web.api.asking import (
    Received,
    answer_question,
    choose_cache_control,
    read_question,
)
from mapserver.web.api.formats import HTML
from mapserver.web.api.operations import Document, Encoded, Operation, Question
from mapserver.web.figures import ROUTE
from mapserver.web.live import Live
from mapserver.web.modified import find_modified, write_modified
from mapserver.web.rates import WAIT
from mapserver.web.refusals import REFUSAL
from mapserver.web.responses import FIXED, is_worth_compressing
from mapserver.web.security import API_HEADERS, list_security_headers
from mapserver.web.sent import Answer, Headers
from mapserver.web.served_city import ServedCity

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Key = tuple[str | None, ...]
Age = tuple[ServedCity, dt.date]
Kept = tuple[Headers, bytes, str]
"""Headers, bytes and route of an answer that is held."""
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
ENUMERABLE = re.compile(r"(?:(?:^|&)(?:f|lang|limit|offset|crs)=[^&]*)*")
"""Queries whose answers are few enough to be kept; places and boxes hardly ever come again."""
ENTITY_HEADERS = frozenset({"content-encoding", "content-length", "content-type", "last-modified"})
"""Headers that speak of a body, which 304 has none of."""

PER_REQUEST = frozenset({"Date", "X-Request-Id"})
"""Headers that each answer has of its own."""


class Memory:
    """Fixed answers of one snapshot on one day, the least recently asked for let go first.

    Parameters
    ----------
    most_bytes
        The most that is held.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._size_bytes = 0
        self._age: Age | None = None
        self._answers: OrderedDict[Key, Kept] = OrderedDict()

    def recall(self, key: Key, age: Age) -> Kept | None:
        """Return headers, body and route of an answer; None where it is not held or has aged."""
        if self._age is None or self._age[0] is not age[0] or self._age[1] != age[1]:
            self._answers, self._size_bytes, self._age = OrderedDict(), 0, age
            return None
        answer = self._answers.get(key)
        if answer is not None:
            # Another thread may have let go of it meanwhile.
            with contextlib.suppress(KeyError):
                self._answers.move_to_end(key)
        return answer

    def keep(self, key: Key, age: Age, answer: Kept) -> None:
        """Keep an answer of the snapshot and day that are current."""
        size_bytes = _measure_size(key, answer)
        if self._age != age or size_bytes > self._most_bytes or key in self._answers:
            return
        self._answers[key] = answer
        self._size_bytes += size_bytes
        while self._size_bytes > self._most_bytes:
            # Another thread may have emptied it meanwhile.
            try:
                old_key, old = self._answers.popitem(last=False)
            except KeyError:
                return
            self._size_bytes -= _measure_size(old_key, old)


def _measure_size(key: Key, answer: Kept) -> int:
    """Return the bytes that an answer is counted with when it is held."""
    return len(answer[1]) + sum(len(text or "") for text in key) + limits.KEPT_OBJECT_BYTES


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
        # What was asked for by a path; most come again. Paths that nobody would write are not kept.
        self._find_operation_again = lru_cache(limits.MAX_SHAPES)(self._find_operation)

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
        modified = self._write_modified()  # before the answer, which may be newer and not older
        key, age = None, self._find_age()
        if ENUMERABLE.fullmatch(environ.get("QUERY_STRING", "")):
            key, kept = self._recall(self._answers, environ, age)
            if kept is not None:
                return kept
        try:
            question, answer = self._ask(environ, age[0], only_quick=only_quick)
        except Exception:  # noqa: BLE001 -- the long way makes the same mistake, and says it
            return None
        if question is None or answer is None:
            return None
        user_agent = environ.get("HTTP_USER_AGENT", "")
        body = answer.body
        encoding = ""
        if is_worth_compressing(body):
            encoding = choose_encoding(environ.get("HTTP_ACCEPT_ENCODING", ""), user_agent)
        # The same headers as Flask sends, whose order does not matter; a test compares them all.
        data = body.encode(encoding)
        headers = [
            ("Content-Type", body.mimetype),
            ("Content-Length", str(len(data))),
            ("Cache-Control", choose_cache_control(question, body)),
            ("Last-Modified", modified),
            ("Vary", VARIES_BY_LANGUAGE if question.depends_on_language else VARIES),
            ("ETag", f'"{body.name_etag(encoding)}"'),
            *answer.headers.items(),
            *self._api_headers,
        ]
        if encoding:
            headers.append(("Content-Encoding", encoding))
        if key is not None:
            self._answers.keep(key, age, (headers, data, environ[ROUTE]))
        return _send(environ, headers, data)

    def _write_modified(self) -> str:
        """Write since when answers are what they are; anew when that has changed."""
        now = self._live.served_since, self._live.snapshot.city.today()
        if self._modified[0] != now:
            self._modified = now, write_modified(find_modified(self._live))
        return self._modified[1]

    def _find_age(self) -> Age:
        """Find what answers of now follow from beside the request: the snapshot and the day."""
        snapshot = self._live.snapshot
        return snapshot, snapshot.city.today()

    def _ask(
        self, environ: WSGIEnvironment, served: ServedCity, *, only_quick: bool
    ) -> tuple[Question | None, Encoded | None]:
        """Ask what a request asks; no answer where it is for Flask to give."""
        path = environ["PATH_INFO"]
        if not path.isascii():  # WSGI has the bytes of UTF-8 as characters
            path = path.encode("latin-1").decode()
        is_short = len(path) <= limits.MAX_SHAPE_LETTERS
        find_operation = self._find_operation_again if is_short else self._find_operation
        operation, route, places = find_operation(path)
        if operation is None or "//" in path:
            return None, None
        settings = self._live.settings
        root = settings.base_url or find_root(
            environ["wsgi.url_scheme"], environ["HTTP_HOST"], environ.get("SCRIPT_NAME", "")
        )
        received = Received(
            root,
            path,
            environ.get("QUERY_STRING", ""),
            environ.get("HTTP_ACCEPT", ""),
            environ.get("HTTP_ACCEPT_LANGUAGE", ""),
        )
        question = read_question(operation, places, served, received)
        if question.format is HTML:
            return None, None
        if only_quick and not question.read_once("is_quick", operation.is_quick):
            return None, None
        answer = answer_question(question)
        if isinstance(answer, Document) or answer.status != 200 or answer.has_ranges:
            return None, None
        environ[ROUTE] = route
        return question, answer

    def _find_operation(self, path: str) -> tuple[Operation | None, str, dict[str, str]]:
        if found := self._exact.get(path):
            return found[0], found[1], {}
        for pattern, operation, route in self._patterns:
            if match := pattern.fullmatch(path):
                return operation, route, match.groupdict()
        return None, "", {}


def _is_usual(environ: WSGIEnvironment) -> bool:
    """Return whether a request reads something, and wants no more of it than most requests."""
    return (
        environ["REQUEST_METHOD"] == "GET"
        and environ.keys().isdisjoint(UNUSUAL)
        and ONE_TAG.fullmatch(environ.get("HTTP_IF_NONE_MATCH", "")) is not None
    )


def _send(environ: WSGIEnvironment, headers: Headers, body: bytes) -> Answer:
    """Return what is sent: an answer, or that the client has it."""
    wished = environ.get("HTTP_IF_NONE_MATCH")
    if wished is not None and ("ETag", wished) in headers:
        kept = [pair for pair in headers if pair[0].lower() not in ENTITY_HEADERS]
        return "304 NOT MODIFIED", kept, [b""]
    return "200 OK", headers, [body]
