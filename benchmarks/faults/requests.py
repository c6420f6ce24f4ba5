"""Requests that nobody should send, over every route: no answer may be a 5xx.

python -m benchmarks.faults.requests [--requests 10000] [--seed 1] [--city DIR] [--short]

Every route of the application is asked with mutated paths, queries, headers, methods and bodies:
in this process, with WSGI environments as a server would make them of such bytes, and over a socket
to ``mapserver serve`` on a free port of this machine. Prints a table of routes and statuses, and
each request that was answered with a 5xx, with another answer than HTTP, or not at all.
"""

from __future__ import annotations

import argparse
import io
import random
import socket
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

from flask import Flask

ROOT = Path(__file__).parents[2]
SHORT = 600
PATIENCE_S = 60
WAIT_FOR_MORE_S = 5.0
"""How long a server may take to answer before it is taken to wait for the rest of a request."""

TEXTS = [
    *("", " ", "0", "-1", "1e999", "nan", "-inf", "1" * 400, "9" * 13, "１２６", "1_0", "0x1f"),
    *(
        "..",
        "../../etc/passwd",
        "%",
        "%zz",
        "%00",
        "%ff",
        "%ed%a0%80",
        "\x00",
        "\r\nX-A: b",
        "\x1b[31m",
    ),
    *(
        "가",
        "한글/슬래시",
        "\U0001f600",
        "'\"<script>",
        "{{7*7}}",
        "a" * 5000,
        "[",
        "]",
        "http://[/",
    ),
    *("126.85", "35.15", "126.85,35.15,126.86,35.16", "1,2,3", "2026-12-20", "0000-00-00"),
    *(
        "9999-12-31",
        "2026-12-20T25:00:00Z",
        "trails/a",
        "trails,districts",
        "en",
        "ko",
        "xx",
        "json",
    ),
]
NAMES = [
    *("lon", "lat", "limit", "offset", "collection", "max_distance", "datetime", "bbox", "f", "q"),
    *("lang", "sort", "area", "length", "surface", "category", "onnuri", "layers", "focus", "url"),
    *("format", "maxwidth", "maxheight", "v", "date", "", "\x00", "가", "lon[]"),
]
METHODS = [
    *["GET"] * 12,
    "HEAD",
    "POST",
    "PUT",
    "DELETE",
    "PATCH",
    "OPTIONS",
    "TRACE",
    "get",
    "X" * 50,
]
PARTS = [
    b"",
    b"*",
    b"*/*;q=x",
    b"q=0.5;q=1",
    b"en;q=nan",
    b"a" * 9000,
    b"\xff\xfe",
    b"\xea\xb0\x80",
    b'"',
]
HEADERS = {
    "Host": [
        b"[",
        b"[::1",
        b"a b",
        b"a,b",
        b"",
        b"localhost:99999999",
        b"\xff",
        b"a/../b",
        b"user@host",
        b"xn--a.kr",
    ],
    "Accept": [*PARTS, b",".join([b"a/b;q=0.1"] * 10_000)],
    "Accept-Language": [*PARTS, b",".join([b"xx-YY;q=0.9"] * 10_000), b"en" * 3000],
    "Accept-Encoding": [*PARTS, b"br", b"gzip", b"br;q=x", b"identity;q=0", b"*;q=0"],
    "If-None-Match": [*PARTS, b"W/", b'"x', b'W/"a","b', b"," * 5000],
    "If-Match": [b"*", b'"x"', b"x"],
    "If-Modified-Since": [*PARTS, b"Thu, 99 Foo 99999 99:99:99 GMT", b"1", b"9" * 400],
    "If-Unmodified-Since": [b"Thu, 01 Jan 1970 00:00:00 GMT", b"x"],
    "If-Range": [*PARTS, b'"x"', b"Thu, 99 Foo"],
    "Range": [
        *PARTS,
        b"bytes=0-1",
        b"bytes=-",
        b"bytes=9-1",
        b"bytes=" + b"0-1," * 5000,
        b"rows=1",
    ],
    "Cookie": [*PARTS, b"a=b; " * 2000, b"session=\x01", b"=;=;="],
    "Content-Type": [
        *(b"text/csv", b"application/geo+json", b"application/json", b"text/csv; charset=x"),
        *(b"", b";", b"multipart/form-data", b"multipart/form-data; boundary=", b"a/b/c", b"\xff"),
        *(b"application/x-www-form-urlencoded", b"text/csv; charset=\xff"),
    ],
    "Content-Encoding": [b"gzip", b"br", b"identity", b"x"],
    "Content-Length": [b"-1", b"x", b"9" * 30, b"0"],
    "Authorization": [b"Basic !!!", b"Basic \xff", b"Bearer", b"Digest a=b"],
    "X-Forwarded-For": [b"[", b"a,b,c", b"\xff"],
    "X-Forwarded-Host": [b"[", b"a,b"],
    "X-Forwarded-Proto": [b"[", b"javascript"],
    "X-Forwarded-Prefix": [b"[", b"//evil.example"],
    "X-Script-Name": [b"/x"],
    "Origin": [b"null", b"[", b"\xff"],
    "Cache-Control": [*PARTS, b"max-age=x"],
    "Date": [b"x"],
}
POINT = (
    b'{"type":"Feature","geometry":{"type":"Point","coordinates":[126.85,35.15]},'
    b'"properties":{"a":1}}'
)
BODIES = [
    *(
        b"",
        b"lon,lat\n126.85,35.15\n",
        b"lon,lat" + b"," * 3000 + b"\n1,2\n",
        b"lon,lat\n1e999,nan\n",
    ),
    *(b"\xff\xfe\x00", b'"', b"\x00" * 100, b"lon,lat\n" + b"1" * 400 + b",2\n", b"[" * 100_000),
    *(
        b'{"a":' * 50_000,
        b"NaN",
        b"null",
        b'{"type":"FeatureCollection","features":[' + POINT + b"]}",
    ),
    b'{"type":"FeatureCollection","features":['
    + POINT.replace(b":1}", b":1" + b"0" * 400 + b"}")
    + b"]}",
    b'{"type":"FeatureCollection","features":[' + POINT.replace(b'"a"', b'"\\ud800"') + b"]}",
    b'{"type":"FeatureCollection","features":[' + POINT.replace(b"126.85", b"1" * 400) + b"]}",
    b'{"type":"FeatureCollection","features":[' + POINT.replace(b'"a"', b'"\xff"') + b"]}",
]


@dataclass(frozen=True)
class Asked:
    """A request as bytes, and the route that it began as."""

    route: str
    method: str
    target: bytes
    headers: tuple[tuple[str, bytes], ...]
    body: bytes

    def __str__(self) -> str:
        head = "".join(f" {name}: {value[:60]!r}" for name, value in self.headers)
        return f"{self.method} {self.target[:200]!r}{head} body {self.body[:60]!r}"


@dataclass
class Outcome:
    """Statuses by route, and the requests whose answers are faults."""

    statuses: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    faults: list[str] = field(default_factory=list)

    def note(self, asked: Asked, status: int, what: str = "") -> None:
        """Note the status of an answer; 0 where there was none."""
        self.statuses[asked.route][status] += 1
        if status == 0 or status >= 500:
            self.faults.append(f"{status} {what} {asked}")


class Generator:
    """Makes requests over every route of an application.

    Parameters
    ----------
    app
        The application.
    seed
        Equal seeds make equal requests.
    """

    def __init__(self, app: Flask, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 -- no secret
        self._rules = sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)
        city = app.extensions["mapserver"].snapshot.city
        ids = [str(id_) for frame in city.layers.values() for id_ in frame.index[:20]]
        self._words = [*ids, *city.layers]

    def __iter__(self) -> Iterator[Asked]:
        """Make requests without end, route after route."""
        while True:
            for rule in self._rules:
                yield self._make(rule)

    def _make(self, rule: object) -> Asked:
        chance = self._chance
        path = b"".join(
            quote(chance.choice(self._words), safe="/").encode()
            if is_variable and chance.random() < 0.6
            else self._text()
            if is_variable
            else text.encode()
            for is_variable, text in rule._trace[1:]
        ).replace(b"|", b"")
        if chance.random() < 0.2:
            path = self._damage(path)
        target = b"/" + path.lstrip(b"/") if chance.random() < 0.98 else path
        if chance.random() < 0.6:
            target += b"?" + b"&".join(self._pair() for _ in range(chance.choice([1, 2, 3, 3, 40])))
        names = chance.sample(list(HEADERS), chance.choice([0, 0, 1, 2, 5]))
        headers = [(name, chance.choice(HEADERS[name])) for name in names]
        method = chance.choice(METHODS)
        if "POST" in rule.methods and chance.random() < 0.6:
            method = "POST"
            if "Content-Type" not in names:
                headers.append(("Content-Type", chance.choice(HEADERS["Content-Type"][:3])))
        body = chance.choice(BODIES) if method == "POST" else b""
        # Over a socket these would end the line; what a server makes of them has its own tests.
        clean = tuple((name, value) for name, value in headers if b"\n" not in value)
        return Asked(str(rule), method, target, clean, body)

    def _text(self) -> bytes:
        """Choose an odd value, percent-encoded or with garbage of percent signs."""
        text = self._chance.choice(TEXTS)
        if text.startswith("%"):
            return text.encode()
        return quote(text, safe=self._chance.choice(["", "/,:"])).encode()

    def _pair(self) -> bytes:
        known = self._chance.random() < 0.5
        value = quote(self._chance.choice(self._words)).encode() if known else self._text()
        equals = self._chance.choice([b"="] * 9 + [b""])
        return quote(self._chance.choice(NAMES)).encode() + equals + value

    def _damage(self, path: bytes) -> bytes:
        at = self._chance.randrange(len(path) + 1)
        new = self._text() or b"/"
        return self._chance.choice(
            [path[:at] + new + path[at:], path[:at], path + b"/", b"/" + path]
        )


def ask_in_process(app: Flask, asked: Asked) -> tuple[int, str]:
    """Ask the application as a server would; returns the status, 0 with what it raised."""
    path, _, query = asked.target.partition(b"?")
    environ = {
        "REQUEST_METHOD": asked.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query.decode("latin-1"),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(asked.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(asked.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in asked.headers:
        key = name.upper().replace("-", "_")
        key = key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
        environ[key] = value.decode("latin-1")
    statuses: list[int] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], _exc_info: object = None
    ) -> None:
        # A server refuses what is no header.
        for name, value in headers:
            if {"\r", "\n", "\0"} & set(name + value):
                raise ValueError(f"header {name}: {value!r}")
            value.encode("latin-1")
        statuses.append(int(status.split(maxsplit=1)[0]))

    try:
        parts = app(environ, start_response)
        for part in parts:
            if not isinstance(part, bytes):
                raise TypeError(type(part))
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is what is looked for
        return 0, repr(error)
    return statuses[-1], ""


def ask_over_socket(port: int, asked: Asked) -> tuple[int, str]:
    """Send the bytes to a server; returns the status, 0 where no answer came.

    A server may close a connection whose head is no HTTP; that is 400 without words.
    """
    names = {name for name, _ in asked.headers}
    head = b"%s %s HTTP/1.1\r\n" % (asked.method.encode(), asked.target or b"/")
    own = [("Host", b"127.0.0.1")] if "Host" not in names else []
    own += [("Content-Length", b"%d" % len(asked.body))] if "Content-Length" not in names else []
    for name, value in [*own, *asked.headers, ("Connection", b"close")]:
        head += name.encode() + b": " + value + b"\r\n"
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as line:
            line.sendall(head + b"\r\n" + asked.body)
            answer = _receive(line)
    except ConnectionError:
        return 400, ""
    except OSError as error:
        return 0, repr(error)
    if not answer:
        return 400, ""
    parts = answer.split(maxsplit=2)
    if not answer.startswith(b"HTTP/1.") or not parts[1].isdigit():
        return 0, repr(answer)
    return int(parts[1]), ""


def _receive(line: socket.socket) -> bytes:
    """Receive the beginning of an answer; a server that waits for more is told that none comes.

    Not before that: to a server, a client that has closed its side may have gone.
    """
    line.settimeout(WAIT_FOR_MORE_S)
    with suppress(TimeoutError):
        return line.recv(64)
    line.settimeout(PATIENCE_S)
    with suppress(OSError):  # answered and closed already
        line.shutdown(socket.SHUT_WR)
    return line.recv(64)


@contextmanager
def served(city: Path) -> Iterator[int]:
    """Serve a city in another process until it is no longer needed; gives the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "mapserver", "serve", "--city", str(city), "--port", str(port)]
    with subprocess.Popen(
        [*command, "--workers", "1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            health = Asked("", "GET", b"/healthz", (), b"")
            last = time.monotonic() + PATIENCE_S
            while not _listens(port) or ask_over_socket(port, health)[0] != 200:
                if time.monotonic() > last or server.poll() is not None:
                    sys.exit("the server does not start")
                time.sleep(0.1)
            yield port
        finally:
            server.terminate()


def _listens(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def run(app: Flask, count: int, seed: int, port: int | None = None) -> Outcome:
    """Ask ``count`` requests of an application, in process or at a port.

    Returns
    -------
    Outcome
        Statuses by route, and faults.
    """
    outcome = Outcome()
    for _, asked in zip(range(count), Generator(app, seed), strict=False):
        answer = ask_in_process(app, asked) if port is None else ask_over_socket(port, asked)
        outcome.note(asked, *answer)
    return outcome


def print_table(title: str, outcome: Outcome) -> None:
    """Print statuses by route, and the first faults."""
    columns = sorted({status for counts in outcome.statuses.values() for status in counts})
    print(f"\n{title}\n\n| route | {' | '.join(map(str, columns))} |")
    print(f"|---|{'---:|' * len(columns)}")
    for route, counts in sorted(outcome.statuses.items()):
        print(f"| `{route}` | {' | '.join(str(counts[each] or '') for each in columns)} |")
    total = sum((counts for counts in outcome.statuses.values()), Counter())
    print(f"| all {total.total():,} | {' | '.join(f'{total[each]:,}' for each in columns)} |")
    print(f"\nfaults: {len(outcome.faults)}")
    for fault in outcome.faults[:20]:
        print(" ", fault)


def main() -> None:
    """Read the options, ask, and end with 1 if an answer was a fault."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--city", type=Path, default=ROOT)
    parser.add_argument("--short", action="store_true", help=f"{SHORT} requests, as in CI")
    options = parser.parse_args()
    from mapserver.settings import Settings
    from mapserver.web import create_app

    count = SHORT if options.short else options.requests
    app = create_app(Settings(city=options.city, tile_url=""))
    started_s = time.monotonic()
    outcome = run(app, count, options.seed)
    print_table(f"In process, {time.monotonic() - started_s:.0f} s", outcome)
    with served(options.city) as port:
        started_s = time.monotonic()
        over = run(app, count, options.seed, port)
    print_table(f"Over a socket, {time.monotonic() - started_s:.0f} s", over)
    sys.exit(1 if outcome.faults or over.faults else 0)


if __name__ == "__main__":
    main()
