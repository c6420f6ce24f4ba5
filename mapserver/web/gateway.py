"""How a worker answers requests: quick ones at once, all others in threads.

What takes microseconds is answered where the server reads requests, so no two of such answers wait
for each other's hold on Python. Whatever takes longer, or may wait for a client, is asked of the
WSGI application in a pool of threads, where it holds up nothing else.
"""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from granian.rsgi import HTTPProtocol, ProtocolClosed, Scope
from werkzeug.exceptions import ClientDisconnected

from mapserver.settings import limits
from mapserver.web.entrance import Entrance
from mapserver.web.sent import Answer, StreamedAnswer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

HEADERS_KNOWN = 256
"""Names of headers whose WSGI names are kept: clients send the same few dozen."""
OWN_NAMES = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
"""Headers that WSGI gives other names than ``HTTP_`` and theirs (PEP 3333)."""
SEPARATORS = {"cookie": "; "}
"""What stands between the values of a header that came twice, where it is no comma (RFC 9113)."""
BODILESS = ("GET", "HEAD")
"""Methods whose bodies mean nothing (RFC 9110, 9.3.1), so none is read."""
Begun = tuple["WSGIEnvironment", float]
"""A request that was let in, and when it came."""
NOTHING = io.BytesIO()
"""The body of requests that have none: at its end, wherever it is read."""


class Gateway:
    """Answers the requests of one worker.

    Parameters
    ----------
    entrance
        What every request passes, with the application behind it.

    Attributes
    ----------
    unanswered
        A mark for each request that waits for a thread or is answered in one.
    on_serving
        Called when the worker takes requests.
    """

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self.on_serving: Callable[[], object] = lambda: None
        self._threads = ThreadPoolExecutor(limits.WORKER_THREADS, "answers")
        # Threads of the server add to it and the loop takes away: a number could miss one of both.
        self.unanswered: set[object] = set()

    def close(self) -> None:
        """Let the threads end what they answer, and begin nothing new."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def begin(self, scope: Scope) -> Begun:
        """Let a request in."""
        environ = make_environ(scope)
        return environ, self._entrance.admit(environ)

    def answer_now(self, begun: Begun, protocol: HTTPProtocol) -> bool:
        """Answer a request that takes microseconds; return whether it is answered."""
        answer = self._entrance.answer_quickly(*begun)
        if answer is None:
            return False
        _send(answer, protocol)
        return True

    def answer_later(self, begun: Begun, protocol: HTTPProtocol) -> Coroutine[Any, Any, None]:
        """Return what answers a request in a thread, which counts as unanswered from now on.

        Were it counted when the loop begins it, a worker that ends at this moment would lose it.
        """
        mark = object()
        self.unanswered.add(mark)
        return self._answer_marked(mark, begun, protocol)

    async def _answer_marked(self, mark: object, begun: Begun, protocol: HTTPProtocol) -> None:
        try:
            await self._answer_in_thread(begun, protocol)
        finally:
            self.unanswered.discard(mark)

    async def wait_until_answered(self) -> None:
        """Wait until every request that was let in is answered."""
        while self.unanswered:
            await asyncio.sleep(limits.SERVER_TICK_S)

    async def _answer_in_thread(self, begun: Begun, protocol: HTTPProtocol) -> None:
        environ, started_s = begun
        loop = asyncio.get_running_loop()
        if environ["REQUEST_METHOD"] not in BODILESS:
            environ["wsgi.input"] = io.BufferedReader(SentBody(protocol.__aiter__(), loop))
        answer = await loop.run_in_executor(
            self._threads, self._answer, environ, started_s, protocol
        )
        if answer is not None:
            _send(answer, protocol)

    def _answer(
        self, environ: WSGIEnvironment, started_s: float, protocol: HTTPProtocol
    ) -> Answer | None:
        """Answer a request; None when the answer was sent while it was written."""
        status, headers, body = self._entrance.answer(environ, started_s)
        if isinstance(body, list):
            return status, headers, body
        _send_stream((status, headers, body), protocol)
        return None


def _send_stream(answer: StreamedAnswer, protocol: HTTPProtocol) -> None:
    """Send parts as they are written; of a client that has gone the rest is not written.

    granian takes every part at once, however slowly they are read, and ends a stream that breaks
    off like a whole one: how much is written, and that its end can be told, is up to who writes it.
    """
    status, headers, parts = answer
    with closing(parts), suppress(ProtocolClosed):
        transport = protocol.response_stream(int(status[:3]), headers)
        # The entrance has written down why one broke off, and nobody can be told any more.
        with suppress(Exception):
            for part in parts:
                if _has_failed(transport.send_bytes(part)):
                    return


def _has_failed(sending: Awaitable[None]) -> bool:
    """Return whether a part could not be sent, which granian knows at once."""
    try:
        next(sending.__await__(), None)
    except RuntimeError:  # as both errors of the server's protocol are
        return True
    return False


def _send(answer: Answer, protocol: HTTPProtocol) -> None:
    status, headers, parts = answer
    data = parts[0] if len(parts) == 1 else b"".join(parts)
    try:
        protocol.response_bytes(int(status[:3]), headers, data)
    except ProtocolClosed:  # the client has gone
        return


def make_environ(scope: Scope) -> WSGIEnvironment:
    """Make the environment in which WSGI (PEP 3333) has what the server read of a request."""
    # Characters of the path and of the query stand for bytes there.
    path, query = scope.path, scope.query_string
    server_name, server_port = split_address(scope.server)
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path if path.isascii() else path.encode().decode("latin-1"),
        "QUERY_STRING": query if query.isascii() else query.encode().decode("latin-1"),
        "SERVER_NAME": server_name,
        "SERVER_PORT": server_port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "HTTP_HOST": "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": NOTHING,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        key = name_header(name)
        if earlier := environ.get(key):
            environ[key] = f"{earlier}{SEPARATORS.get(name, ',')}{value}"
        elif key:
            environ[key] = value
    # Without a length the body ends where the server says so, and else after so many bytes.
    if "HTTP_TRANSFER_ENCODING" in environ:
        environ["wsgi.input_terminated"] = True
    return environ


@lru_cache
def split_address(address: str) -> tuple[str, str]:
    """Split an address of this server into its host and its port."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), port


@lru_cache(HEADERS_KNOWN)
def name_header(name: str) -> str:
    """Return the name of a header in WSGI; empty for one that could pass for another there.

    A name with an underscore would become that of the header with a hyphen, which a proxy sets and
    is trusted for.
    """
    if "_" in name:
        return ""
    return OWN_NAMES.get(name) or f"HTTP_{name.upper().replace('-', '_')}"


class SentBody(io.RawIOBase):
    """A body as it comes in, read from a thread; no more of it is held than came at once.

    Parameters
    ----------
    chunks
        The parts of the body, which the loop receives.
    loop
        The loop.
    """

    def __init__(self, chunks: AsyncIterator[bytes], loop: asyncio.AbstractEventLoop) -> None:
        self._chunks = chunks
        self._loop = loop
        self._rest = memoryview(b"")
        self._empty_parts = 0
        self._is_at_end = False

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read as many bytes as there are, at most those that fit; 0 at the end of the body."""
        while not self._rest and not self._is_at_end:
            chunk = asyncio.run_coroutine_threadsafe(self._receive(), self._loop).result()
            self._is_at_end = chunk is None
            self._rest = memoryview(chunk or b"")
        taken = self._rest[: len(buffer)]
        buffer[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        return len(taken)

    async def _receive(self) -> bytes | None:
        """Receive the next part of the body; None at its end.

        Raises
        ------
        ClientDisconnected
            The client has gone, or sends what is no body.
        """
        try:
            # With a default, anext() of Python 3.11 ends the process when a client has gone.
            chunk = await anext(self._chunks)
        except StopAsyncIteration:
            return None
        except RuntimeError as error:  # as both errors of the server's protocol are
            raise ClientDisconnected from error
        # granian gives an empty part for the end of a body, and one for an error before it, which
        # it says in no other way: what breaks off would look whole without its length.
        self._empty_parts += not chunk
        if self._empty_parts > 1:
            raise ClientDisconnected
        return chunk
