"""What every request passes before it is answered: its proxy, its Host, its body, its record."""

from __future__ import annotations

import ipaddress
import random
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from flask import Flask, abort, request
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wsgi import ClosingIterator

from mapserver.settings import Network, limits
from mapserver.web import logs
from mapserver.web.addresses import is_host
from mapserver.web.figures import OTHER, ROUTE, Figures
from mapserver.web.rates import WAIT, RateLimiter, round_wait
from mapserver.web.refusals import REFUSAL, require_at_most
from mapserver.web.sent import OLD_PROTOCOLS, Answer, Headers, StreamedAnswer
from mapserver.web.streams import STREAMED

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)+")
SCHEMES = ("http", "https")
FORWARDING = ("HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_VIA")
"""Headers by which a proxy says that it asks for somebody else."""
FORWARDED = "mapserver.forwarded"
REQUEST_ID = "mapserver.request_id"
BODY_PLACE = "mapserver.body_place"
"""Where a request has what gives its place back, of those whose bodies are read at once."""


def install(
    app: Flask,
    quick: Callable[[WSGIEnvironment], Answer | None],
    trusted_proxies: tuple[Network, ...],
    figures: Figures,
    limiter: RateLimiter,
) -> None:
    """Install the entrance before an application.

    Parameters
    ----------
    app
        What answers requests.
    quick
        Answers a request that takes microseconds, and no other.
    trusted_proxies
        Networks of the proxies that are heard.
    figures
        Counts requests.
    limiter
        Decides who asks too often.
    """
    app.wsgi_app = Entrance(app.wsgi_app, trusted_proxies, figures, limiter, quick)  # type: ignore[method-assign]  # as Flask documents
    app.before_request(_note_route)
    places = threading.BoundedSemaphore(limits.MAX_BODIES_AT_ONCE)
    app.before_request(_refuse)
    app.before_request(lambda: _admit_body(places))


class Entrance:
    """Checks each request, and writes a line about it when it is answered.

    Parameters
    ----------
    app
        What answers requests.
    trusted_proxies
        Networks of the proxies that are heard.
    figures
        Counts requests.
    limiter
        Decides who asks too often; without one nobody does.
    quick
        Answers a request that takes microseconds, and no other.
    """

    def __init__(
        self,
        app: WSGIApplication,
        trusted_proxies: tuple[Network, ...],
        figures: Figures,
        limiter: RateLimiter | None = None,
        quick: Callable[[WSGIEnvironment], Answer | None] | None = None,
    ) -> None:
        self._app = app
        self._quick = quick
        self._limiter = limiter
        # The same few proxies and clients ask again and again.
        self._is_proxy = lru_cache(logs.ADDRESSES_KEPT)(partial(is_in, networks=trusted_proxies))
        self._figures = figures
        self._read_proxy = ProxyFix(_ignore, x_for=1, x_proto=1, x_host=1, x_prefix=1)

    def admit(self, environ: WSGIEnvironment) -> float:
        """Find out who asks and by which name; note in the request why it is refused, if it is.

        Parameters
        ----------
        environ
            The request. What a trusted proxy states takes the place of what the server saw of it.

        Returns
        -------
        float
            When it came, on the clock of ``time.perf_counter``.
        """
        started_s = time.perf_counter()
        environ[REQUEST_ID] = f"{random.getrandbits(64):016x}"
        if self._is_proxy(environ.get("REMOTE_ADDR", "")):
            _drop_nonsense(environ)
            self._read_proxy(environ, _start_nothing)
        elif not environ.keys().isdisjoint(FORWARDING):
            environ[FORWARDED] = True
        _check_host(environ)
        # Here the address is that of the client, whoever forwarded the request.
        if self._limiter and (wait_s := self._limiter.compute_wait(environ)):
            environ[WAIT] = wait_s
        return started_s

    def answer(self, environ: WSGIEnvironment, started_s: float) -> Answer | StreamedAnswer:
        """Have the application answer a request that was admitted, and write a line about it.

        The line about an answer that is written while it is sent is written when it has ended.
        """
        sent: list[Any] = ["500", []]

        def note(status: str, headers: Headers, *_: Any) -> Any:
            sent[:] = [status, headers]

        with ExitStack() as ending:
            ending.callback(_leave, environ)
            answer = self._app(environ, note)
            if close := getattr(answer, "close", None):
                ending.callback(close)
            if STREAMED in environ:
                headers = [*sent[1], ("X-Request-Id", environ[REQUEST_ID])]
                parts = self._watch_stream(environ, started_s, sent[0], answer, ending.pop_all())
                return sent[0], headers, parts
            # Every other body is in memory. As a list, the server takes it whole, and a slow
            # reader holds no thread of Python.
            body = list(answer)
        return self._finish(environ, started_s, (sent[0], sent[1], body))

    def _watch_stream(
        self,
        environ: WSGIEnvironment,
        started_s: float,
        status: str,
        parts: Iterable[bytes],
        ending: ExitStack,
    ) -> ClosingIterator:
        """Hand on what is written; when that has ended, write a line about it and call the rest.

        A client may have gone before the first part is asked for: that is an end, too.
        """
        sizes: list[int] = []
        ending.callback(lambda: self._record(environ, started_s, status, sum(sizes)))

        def hand_on() -> Iterator[bytes]:
            with ending:
                try:
                    for part in parts:
                        sizes.append(len(part))
                        yield part
                except Exception as error:
                    logs.write_mistake(error, environ["PATH_INFO"])
                    raise

        return ClosingIterator(hand_on(), ending.close)

    def answer_quickly(self, environ: WSGIEnvironment, started_s: float) -> Answer | None:
        """Answer an admitted request that takes microseconds, with a line; None for any other."""
        answer = self._quick(environ) if self._quick else None
        return answer and self._finish(environ, started_s, answer)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, as WSGI has it."""
        # The path that is written down is the one that was asked for.
        status, headers, body = self.answer(environ, self.admit(environ))
        start_response(status, headers)
        return body

    def _finish(self, environ: WSGIEnvironment, started_s: float, answer: Answer) -> Answer:
        """Name the request in its answer, count it, and write a line about it."""
        status, headers, body = answer
        self._record(environ, started_s, status, sum(map(len, body)))
        return status, [*headers, ("X-Request-Id", environ[REQUEST_ID])], body

    def _record(
        self, environ: WSGIEnvironment, started_s: float, status: str, size_bytes: int
    ) -> None:
        """Count a request, and write a line about it."""
        path = environ["PATH_INFO"]
        code, seconds = int(status[:3]), time.perf_counter() - started_s
        self._figures.count(environ.get(ROUTE, OTHER), code, seconds)
        # Who inspects is an employee, of whom the log shall not say where she was when.
        if logs.are_requests_written():
            is_of_inspectors = path.startswith("/check/")
            logs.write_request(
                "" if is_of_inspectors else environ.get("REMOTE_ADDR", ""),
                environ["REQUEST_METHOD"],
                path,
                code,
                size_bytes,
                seconds,
                environ[REQUEST_ID],
            )


def _ignore(_environ: WSGIEnvironment, _start_response: StartResponse) -> Iterable[bytes]:
    """Answer nothing: of what reads the headers of a proxy, its changes of the request count."""
    return ()


def _start_nothing(_status: str, _headers: Headers, *_: Any) -> Callable[[bytes], object]:
    """Start no answer."""
    return bytes


def is_in(address: str, networks: tuple[Network, ...]) -> bool:
    """Return whether an address lies in one of some networks; text that is none does not."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    # A socket for both kinds shows addresses of IPv4 as ::ffff:192.0.2.1.
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return any(ip in network for network in networks)


def _drop_nonsense(environ: WSGIEnvironment) -> None:
    """Leave out what even a trusted proxy hands on when it does not look at it."""
    prefix = environ.get("HTTP_X_FORWARDED_PREFIX", "")
    if not PREFIX.fullmatch(prefix):
        environ.pop("HTTP_X_FORWARDED_PREFIX", None)
    if environ.get("HTTP_X_FORWARDED_PROTO", "http").rpartition(",")[2].strip() not in SCHEMES:
        environ.pop("HTTP_X_FORWARDED_PROTO")


def _note_route() -> None:
    if request.url_rule is not None:
        request.environ[ROUTE] = request.url_rule.rule


def _check_host(environ: WSGIEnvironment) -> None:
    """Note that a request has no Host, two of them or an invalid one, and keep it out of links.

    The server joins two of them by a comma, which no host has.
    """
    host = environ.get("HTTP_HOST", "")
    is_old = environ.get("SERVER_PROTOCOL") in OLD_PROTOCOLS
    if not host and is_old:
        environ.pop("HTTP_HOST", None)  # links then have the name of the server
        return
    if is_host(host):
        return
    environ[REFUSAL] = "A request has one Host header, which is a host with or without a port"
    environ["HTTP_HOST"] = "localhost"


def _refuse() -> None:
    if wait_s := request.environ.get(WAIT):
        raise TooManyRequests(
            "This address asks too often; Retry-After says in how many seconds it may ask again",
            retry_after=round_wait(wait_s),
        )
    if refusal := request.environ.get(REFUSAL):
        abort(400, refusal)


def _admit_body(places: threading.BoundedSemaphore) -> None:
    """Let in so many bodies at once, and none that is said to be too large."""
    # No view takes another method with a body: those are refused, and their body is not read.
    if request.method != "POST":
        return
    most_bytes = request.max_content_length
    if most_bytes is not None:
        require_at_most(request.content_length or 0, most_bytes, "bytes of a body")
    if not places.acquire(blocking=False):
        raise ServiceUnavailable(
            "Others are sending files just now; try again in a moment",
            retry_after=limits.RETRY_AFTER_S,
        )
    request.environ[BODY_PLACE] = places.release


def _leave(environ: WSGIEnvironment) -> None:
    """Give the place of a body back, also when its answer was written while it was sent."""
    if release := environ.pop(BODY_PLACE, None):
        release()
