"""Requests as granian hands them over, and what keeps the answers, without a server."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from math import inf
from types import SimpleNamespace
from typing import Any, TypeVar

from granian.rsgi import ProtocolClosed

T = TypeVar("T")


class Protocol:
    """What the server hands over with a request: the body comes in parts, the answer is kept.

    Attributes
    ----------
    sent
        Status, headers and body that were sent, or the parts of a body that was written meanwhile.
    reads
        How many of such parts the client reads before it goes.
    """

    def __init__(
        self, *parts: bytes | Exception, is_gone: bool = False, reads: float = inf
    ) -> None:
        self._parts = list(parts)
        self._is_gone = is_gone
        self.reads = reads
        self.sent: tuple | None = None

    def __aiter__(self):
        return self

    async def __anext__(self) -> bytes:
        if not self._parts:
            raise StopAsyncIteration
        await asyncio.sleep(0)
        part = self._parts.pop(0)
        if isinstance(part, Exception):
            raise part
        return part

    def response_bytes(self, status, headers, body) -> None:
        if self._is_gone:
            raise ProtocolClosed
        self.sent = status, headers, body

    def response_stream(self, status, headers) -> Protocol:
        if self._is_gone:
            raise ProtocolClosed
        self.sent = status, headers, []
        return self

    def send_bytes(self, part: bytes):
        """Send a part at once; what is awaited fails where the client has gone, as with granian."""
        is_gone = len(self.sent[2]) >= self.reads
        if not is_gone:
            self.sent[2].append(part)

        async def sending() -> None:
            if is_gone:
                raise ProtocolClosed

        return sending()


def make_scope(address: str, method: str = "GET", headers=(("host", "localhost"),), **others):
    path, _, query = address.partition("?")
    received = {
        "proto": "http", "http_version": "1.1", "server": "127.0.0.1:80",
        "client": "127.0.0.1:54321", "scheme": "http", "method": method, "path": path,
        "query_string": query, "headers": dict.fromkeys(headers), **others,
    }  # fmt: skip
    received["headers"] = SimpleNamespace(items=lambda: list(headers))
    return SimpleNamespace(**received)


def run_apart(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on a loop of its own, in a thread: a browser's loop may run in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()
