"""What a server can do at most: the bytes of our answers from one route, nothing computed.

granian loads ``wsgi_app`` or ``flask_app``; the folder of the bytes is in the environment. A file
``NAME.json`` has path and headers of an answer, ``NAME.body`` its bytes.
"""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path

from flask import Flask, Response

FOLDER_VARIABLE = "BENCHMARK_ANSWERS"


def _read_answers() -> dict[str, tuple[list[tuple[str, str]], bytes]]:
    """Return headers and bytes of each answer, by path."""
    answers = {}
    for path in sorted(Path(os.environ[FOLDER_VARIABLE]).glob("*.json")):
        document = json.loads(path.read_text())
        headers = [(name, value) for name, value in document["headers"].items()]
        answers[document["path"]] = headers, path.with_suffix(".body").read_bytes()
    return answers


def _make_wsgi_app():
    answers = _read_answers()

    def app(environ, start_response):
        headers, body = answers[environ["PATH_INFO"]]
        start_response("200 OK", [*headers, ("Content-Length", str(len(body)))])
        return [body]

    return app


def _make_flask_app():
    app = Flask(__name__, static_folder=None)
    for path, (headers, body) in _read_answers().items():
        app.add_url_rule(path, path.strip("/"), partial(Response, body, headers=headers))
    return app


def __getattr__(name: str):
    """Make an application when granian asks for it."""
    if name == "wsgi_app":
        return _make_wsgi_app()
    if name == "flask_app":
        return _make_flask_app()
    raise AttributeError(name)
