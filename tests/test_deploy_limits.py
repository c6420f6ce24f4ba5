"""What one address may ask of nginx before the server, and that others do not notice it."""

from __future__ import annotations

import http.client
import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from browsing import PATIENCE_S
from serving import until
from test_deploy import (
    DEPLOY,
    caddy,
    free_port,
    get,
    nginx,
    nginx_file,
    require,
    running,
    without_admin,
)

from mapserver.settings import limits

CONFIGURATION = (DEPLOY / "nginx.conf").read_text("utf-8")
COUNTS = {name: int(count) for name, count in re.findall(r"limit_conn (\w+) (\d+);", CONFIGURATION)}
FILES = int(re.search(r"max_conns=(\d+);", CONFIGURATION)[1])
SLOW, QUICK = "/api/slow", "/quick"
HEAD = "GET {path} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {stated}\r\n\r\n"
PART = (
    "POST {path} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {stated}\r\n"
    "Content-Type: text/csv\r\nContent-Length: 100000\r\n\r\nlon,lat\n"
)
OFFICE, HOME = "198.51.100.7", "198.51.100.8"


class Upstream(ThreadingHTTPServer):
    """Answers at once, or what is slow when it is told to; reads bodies whole."""

    request_queue_size = 1024
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.waiting = 0
        self.go = threading.Event()
        self.lock = threading.Lock()


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Upstream

    def do_GET(self) -> None:
        self.answer("ok")

    def do_POST(self) -> None:
        self.answer(str(len(self.rfile.read(int(self.headers["Content-Length"])))))

    def answer(self, text: str) -> None:
        if self.path == SLOW:
            with self.server.lock:
                self.server.waiting += 1
            self.server.go.wait()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    server = Upstream()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.go.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def proxied(upstream, tmp_path):
    """Run nginx before the upstream, with its own file or another text; give its port."""
    require("nginx")
    with ExitStack() as stack:

        def start(text: str = CONFIGURATION) -> int:
            port = free_port()
            file = nginx_file(tmp_path, port, upstream.server_address[1], text)
            stack.enter_context(running(*nginx(file), port=port))
            return port

        yield start


@contextmanager
def asking(port: int, count: int, peer: str, form: str, stated) -> Iterator[list[socket.socket]]:
    """Hold so many requests open, each on a connection of its own from one address."""
    with ExitStack() as stack:
        clients = []
        for number in range(count):
            client = socket.create_connection(
                ("127.0.0.1", port), timeout=PATIENCE_S, source_address=(peer, 0)
            )
            stack.enter_context(client)
            client.sendall(form.format(path=SLOW, stated=stated(number)).encode())
            clients.append(client)
        yield clients


def ask(port: int, peer: str, stated: str, path: str = QUICK, method: str = "GET"):
    """Ask once from an address; return status, headers and body."""
    connection = http.client.HTTPConnection(
        "127.0.0.1", port, timeout=PATIENCE_S, source_address=(peer, 0)
    )
    try:
        body = b"lon,lat\n" if method == "POST" else None
        connection.request(method, path, body, {"X-Forwarded-For": stated})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


PEERS = {
    "as Caddy states it": ("127.0.0.1", "127.0.0.1", lambda _: OFFICE),
    # 127.0.0.2 is nobody's proxy: what it states is not heard.
    "itself, with forged addresses": ("127.0.0.2", "127.0.0.3", lambda n: f"203.0.113.{n % 250}"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("peer", "neighbour", "stated"), PEERS.values(), ids=PEERS)
def test_one_address_cannot_take_all_and_others_are_served(
    proxied, upstream, peer, neighbour, stated
):
    port, most = proxied(), COUNTS["of_client"]
    assert most < COUNTS["of_all"]
    with asking(port, most, peer, HEAD, stated) as clients:
        until(lambda: upstream.waiting == most)
        assert "잠시 뒤에" in ask(port, peer, stated(0))[2].decode()
        status, headers, body = ask(port, peer, stated(0), "/api/")
        assert status == 429
        assert int(headers["Retry-After"]) > 0
        assert json.loads(body)["status"] == 429
        assert ask(port, neighbour, HOME)[0] == 200
        upstream.go.set()
        assert all(client.recv(100).startswith(b"HTTP/1.1 200 ") for client in clients)
    until(lambda: ask(port, peer, stated(0))[0] == 200)


@pytest.mark.slow
def test_slow_senders_of_one_address_leave_others_and_pages_alone(proxied):
    port, most = proxied(), COUNTS["sent_by_client"]
    with asking(port, most, "127.0.0.1", PART, lambda _: OFFICE):
        # The heads have been read when one more is refused.
        until(lambda: ask(port, "127.0.0.1", OFFICE, "/api/nearest", "POST")[0] == 429)
        _, headers, body = ask(port, "127.0.0.1", OFFICE, "/api/nearest", "POST")
        assert headers["Content-Type"] == "application/problem+json"
        assert b'"status":429' in body
        assert ask(port, "127.0.0.1", OFFICE)[0] == 200
        assert ask(port, "127.0.0.1", HOME, "/api/nearest", "POST")[0] == 200


@pytest.mark.slow
def test_slow_senders_of_many_addresses_keep_no_file_waiting(proxied):
    port = proxied()
    senders = asking(port, 2 * FILES, "127.0.0.1", PART, lambda n: f"203.0.113.{n}")
    with senders as clients:
        # Each is refused that is one too many, and none is.
        assert ask(port, "127.0.0.1", HOME, "/api/nearest", "POST")[0] == 200
        for client in clients:
            client.settimeout(0.01)
            with pytest.raises(TimeoutError):
                client.recv(1)


@pytest.mark.slow
def test_the_server_is_given_so_many_files_at_once_and_pages_as_ever(proxied, upstream):
    port = proxied()
    whole = PART.replace("Content-Length: 100000", "Content-Length: 8")
    with asking(port, FILES, "127.0.0.1", whole, lambda n: f"203.0.113.{n}") as clients:
        until(lambda: upstream.waiting == FILES)
        status, headers, body = ask(port, "127.0.0.1", HOME, "/api/nearest", "POST")
        assert (status, headers["Content-Type"]) == (503, "application/problem+json")
        assert int(headers["Retry-After"]) > 0
        assert json.loads(body)["status"] == 503
        assert ask(port, "127.0.0.1", HOME, "/api/nearest")[0] == 200
        assert ask(port, "127.0.0.1", HOME)[0] == 200
        upstream.go.set()
        assert all(client.recv(100).startswith(b"HTTP/1.1 200 ") for client in clients)
    assert ask(port, "127.0.0.1", HOME, "/api/nearest", "POST")[0] == 200


@pytest.mark.slow
def test_who_asks_too_often_is_refused_by_the_server_and_not_by_the_cache(proxied):
    text = CONFIGURATION.replace("burst=2000", "burst=3").replace("rate=100r/s", "rate=1r/m")
    assert text.count("burst=3") == 2
    port = proxied(text)
    statuses = [ask(port, "127.0.0.1", OFFICE)[0] for _ in range(6)]
    assert statuses == [200] * 4 + [429] * 2
    assert ask(port, "127.0.0.1", OFFICE, "/api/")[0] == 429
    assert ask(port, "127.0.0.1", OFFICE, "/static/site.css")[0] == 200
    assert ask(port, "127.0.0.1", HOME)[0] == 200
    # Docker's own proxy is one address for many people.
    assert {ask(port, "127.0.0.1", "172.18.0.1")[0] for _ in range(6)} == {200}


@pytest.mark.slow
def test_proxies_take_a_body_as_large_as_the_server_does_and_no_larger(proxied, upstream, tmp_path):
    require("caddy")
    port, https = proxied(), free_port()
    server = "{}:{}".format(*upstream.server_address)  # each proxy by itself
    environ = {"SITE": f"http://127.0.0.1:{https}", "UPSTREAM": server}
    file = without_admin("Caddyfile", tmp_path)
    with running(*caddy(file), port=https, XDG_DATA_HOME=str(tmp_path), **environ):
        for each in (port, https):
            assert post(each, limits.MAX_BODY_BYTES)[::2] == (200, b"%d" % limits.MAX_BODY_BYTES)
            assert post(each, limits.MAX_BODY_BYTES + 1)[0] == 413
            # Programs are refused as the server itself refuses them, also those of other sites.
            status, headers, body = post(each, limits.MAX_BODY_BYTES + 1, "/api/nearest")
            assert (status, headers["Content-Type"]) == (413, "application/problem+json")
            assert headers["Access-Control-Allow-Origin"] == "*"
            problem = json.loads(body)
            assert (problem["status"], problem["code"]) == (413, "PayloadTooLarge")
            assert str(limits.MAX_BODY_BYTES) in problem["detail"]
        assert get(f"http://127.0.0.1:{https}{QUICK}")[0] == 200


@pytest.mark.slow
def test_caddy_says_that_the_server_is_away(tmp_path):
    port, nobody = free_port(), free_port()
    environ = {"SITE": f"http://127.0.0.1:{port}", "UPSTREAM": f"127.0.0.1:{nobody}"}
    file = without_admin("Caddyfile", tmp_path)
    with running(*caddy(file), port=port, XDG_DATA_HOME=str(tmp_path), **environ):
        status, headers, body = get(f"http://127.0.0.1:{port}/api/")
        assert (status, headers["Content-Type"]) == (503, "application/problem+json")
        assert (headers["Retry-After"], json.loads(body)["status"]) == ("2", 503)
        assert get(f"http://127.0.0.1:{port}{QUICK}")[0] == 502


def post(port: int, size: int, path: str = QUICK) -> tuple[int, HTTPMessage, bytes]:
    """Send a body of so many bytes; return status, headers and body of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        connection.putrequest("POST", path)
        connection.putheader("Content-Length", str(size))
        connection.endheaders()
        with suppress(OSError):  # it may be refused by its length, before it was sent
            connection.send(b"x" * size)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()
