"""Answer requests to a changed copy of the package, one a line; it is run by ``test_recipes``.

It is a process of its own, since one process holds one package, and one for all requests, since
loading the package takes longer than answering.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from flask.testing import FlaskClient

from mapserver.commands.cli import main
from mapserver.settings import Settings
from mapserver.web import create_app


def run_command(words: list[str]) -> list[object]:
    """Run a command; return its exit code and what it printed."""
    done = CliRunner().invoke(main, words)
    return [done.exit_code, done.output]


def get_page(city: str, address: str) -> list[object]:
    """Ask the server of a city for an address; return the status and the text."""
    answer = open_client(city).get(address)
    return [answer.status_code, answer.text]


def evaluate(code: str) -> object:
    """Run Python as a user would; return what it calls ``answer``."""
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 -- our own tests
    return names["answer"]


@cache
def open_client(city: str) -> FlaskClient:
    """Return a client of the server of a city; a city that changes needs another folder."""
    return create_app(Settings(city=Path(city), tile_url="")).test_client()


DOORS = {"run": run_command, "get": get_page, "evaluate": evaluate}

if __name__ == "__main__":
    answers, sys.stdout = sys.stdout, sys.stderr  # nothing else may print between the answers
    for line in sys.stdin:
        door, arguments = json.loads(line)
        print(json.dumps(DOORS[door](*arguments)), file=answers, flush=True)
