"""The server of the browser's tests: it resets no connection when it is closed."""

from __future__ import annotations

import socket

from browsing import listening_server
from flask import Flask
from werkzeug.serving import make_server


def test_a_request_that_waits_when_the_server_closes_is_answered():
    app = Flask("waiting")
    app.add_url_rule("/", view_func=lambda: "here")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    lines = []
    with listening_server(server):
        server.shutdown()  # nobody accepts any more, as on a busy machine
        for _ in range(3):
            line = socket.create_connection(("127.0.0.1", server.port), timeout=60)
            line.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            lines.append(line)
    for line in lines:
        with line, line.makefile("rb") as answer:
            assert answer.read().endswith(b"here")
