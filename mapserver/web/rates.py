"""How often one client may ask: a bucket of tokens for each, in memory that all workers share."""

from __future__ import annotations

import hashlib
import ipaddress
import math
import mmap
import os
import re
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from mapserver.settings import LOOPBACK, Rate, Settings, limits

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

WAIT = "mapserver.wait"
"""Where the environment of WSGI has the seconds that a client that asks too often shall wait."""
FREE_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
"""Paths for whoever watches the server, who must not take it for dead because others ask."""
PREFLIGHT = "HTTP_ACCESS_CONTROL_REQUEST_METHOD"
"""The header by which a browser asks whether a page of another site may ask (Fetch standard)."""
WITH_PORT = re.compile(r"\[([^\]]+)\](?::\d+)?|([\d.]+):\d+")
"""An address with a port, as some proxies write it into X-Forwarded-For."""
TICKS = 100_000
"""Parts of a second in which times are counted: of ten microseconds."""
TIME_BITS = 48
"""Bits of a word for a time in ticks, which are 89 years; the other 16 tell clients apart."""
TIME_MASK = 2**TIME_BITS - 1
WAYS = 4
"""Places of the table in which a client may stand."""


class Buckets:
    """A bucket of tokens for each client, which a question takes one of and time fills again.

    Parameters
    ----------
    rate
        How many a second are filled in, and how many it holds.
    clock
        Gives seconds that never go back, the same in all processes.

    Notes
    -----
    A bucket is one number, the time at which it will be full again (the generic cell rate
    algorithm, ITU-T I.371). All stand in a table of a fixed size that forked workers share, so the
    limit is that of the server and not of each worker. A client that is new takes the place of the
    one of four whose bucket is fullest, which loses least by it. Processes do not wait for each
    other: what two of them take in the same microsecond may count once.
    """

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._period = max(1, round(TICKS / rate.per_s))
        # The last token of a full bucket is taken when it is this far from being full.
        self._depth = (rate.burst - 1) * self._period
        self._clock = clock
        self._start_s = clock()
        # Whoever does not know this cannot choose addresses that share a place with another's.
        self._secret = os.urandom(16)
        memory = mmap.mmap(-1, limits.MAX_LIMITED_CLIENTS * 8)
        self._words = memoryview(memory).cast("Q")
        self._lock = threading.Lock()

    def renew_lock(self) -> None:
        """Make the lock free in a forked process, where the thread that held it is not."""
        self._lock = threading.Lock()

    def take(self, client: bytes) -> float:
        """Take a token of a client.

        Returns
        -------
        float
            0 when there was one; else the seconds until there will be.
        """
        digest = hashlib.blake2b(client, digest_size=8, key=self._secret).digest()
        number = int.from_bytes(digest, "little")
        first = number % (limits.MAX_LIMITED_CLIENTS // WAYS) * WAYS
        tag = number >> TIME_BITS
        with self._lock:
            now = int((self._clock() - self._start_s) * TICKS)
            words = self._words[first : first + WAYS].tolist()
            place = next((way for way, word in enumerate(words) if word >> TIME_BITS == tag), None)
            if place is None:
                place = min(range(WAYS), key=lambda way: words[way] & TIME_MASK)
                words[place] = 0
            # A bucket that was full long ago is full and no fuller.
            full_at = max(words[place] & TIME_MASK, now)
            wait: int = full_at - now - self._depth
            if wait > 0:
                return wait / TICKS
            self._words[first + place] = tag << TIME_BITS | (full_at + self._period)
            return 0.0


class RateLimiter:
    """Decides whether a client asks too often, by the rates that are set.

    Parameters
    ----------
    settings
        The rates of pages and of the API; what has none is not limited.
    clock
        Gives seconds that never go back, the same in all processes.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        of_pages, of_api = settings.page_limit, settings.api_limit
        self._pages = Buckets(of_pages, clock) if of_pages else None
        self._api = Buckets(of_api, clock) if of_api else None
        self._preflights = Buckets(of_api, clock) if of_api else None

    def renew_locks(self) -> None:
        """Make the locks free in a forked process."""
        for buckets in (self._pages, self._api, self._preflights):
            if buckets:
                buckets.renew_lock()

    def compute_wait(self, environ: WSGIEnvironment) -> float:
        """Take a token for a request; return how many seconds it comes too early, 0 if it does not.

        Parameters
        ----------
        environ
            The request; its ``REMOTE_ADDR`` is that of the client, behind whatever proxy.
        """
        path = environ["PATH_INFO"]
        buckets = self._pages
        if path.startswith("/api"):
            # A browser asks before a page's question: who may ask is not to be kept from hearing
            # so, and where the question is refused the page has to hear for how long.
            is_preflight = PREFLIGHT in environ and environ["REQUEST_METHOD"] == "OPTIONS"
            buckets = self._preflights if is_preflight else self._api
        if buckets is None or path in FREE_PATHS:
            return 0.0
        client = find_client(environ.get("REMOTE_ADDR", ""))
        return buckets.take(client) if client else 0.0


@lru_cache(maxsize=1024)
def find_client(address: str) -> bytes:
    """Return what stands for a client: its address, of IPv6 the network that one house has.

    Parameters
    ----------
    address
        As the server or a trusted proxy states it, with or without a port.

    Returns
    -------
    bytes
        Empty for this machine, also by a socket that has no address; what is no address stands for
        itself.

    Examples
    --------
    >>> find_client("2001:db8::1") == find_client("[2001:db8::2]:4711"), find_client("127.0.0.1")
    (True, b'')
    """
    if match := WITH_PORT.fullmatch(address):
        address = match[1] or match[2]
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address.encode("utf-8", "replace")
    # A socket for both kinds shows addresses of IPv4 as ::ffff:192.0.2.1.
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if any(ip in network for network in LOOPBACK):
        return b""
    # Whoever has IPv6 has 2^64 addresses at least (RFC 6177), and could ask by each.
    return ip.packed if ip.version == 4 else ip.packed[:8]


def round_wait(wait_s: float) -> int:
    """Return whole seconds after which there will be a token, at least one."""
    return max(1, math.ceil(wait_s))
