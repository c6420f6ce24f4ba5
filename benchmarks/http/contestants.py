"""Who answers: ours, routes that compute nothing, and two servers of the same standard."""

from __future__ import annotations

import json
import shutil
import subprocess
import venv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.http import bare
from benchmarks.http.database import NEAREST as NEAREST_SQL
from benchmarks.http.processes import THIS_PYTHON, Running, fetch, granian_command, pin
from benchmarks.http.questions import (
    ALL,
    BBOX,
    BOX,
    FEATURE,
    LAT,
    LAYER,
    LON,
    NEAREST,
    ONE,
    QUESTIONS,
    WHOLE,
    Question,
)
from mapserver.settings import limits

ROOT = Path(__file__).parents[2]
PACKAGES = ("pygeoapi", "tipg", "granian", "uvloop", "psycopg2-binary", "geoalchemy2")
SENT_HEADERS = ("Content-Type", "Content-Encoding", "ETag", "Cache-Control", "Vary")


@dataclass(frozen=True)
class Contestant:
    """A server, and where it answers which question.

    Attributes
    ----------
    name
        In the table.
    command
        Makes the command that serves on a port.
    paths
        Where it answers each question that it can.
    variables
        Its environment.
    database
        What it asks, whose time and memory are its own.
    """

    name: str
    command: Callable[[int], list[str]]
    paths: Mapping[Question, str]
    variables: Mapping[str, str] = field(default_factory=dict)
    database: Running | None = None

    def list_processes(self, server: Running) -> list[Running]:
        """List all that work for an answer: the server, and its database where it has one."""
        return [server, *([self.database] if self.database else [])]

    @property
    def first_path(self) -> str:
        """What is asked for until it is answered."""
        return self.paths[NEAREST] if self.name.startswith("ours") else self.paths[BOX]


def make_ours(
    tree: Path, name: str = "ours", workers: int = 1, cache: str | None = None
) -> Contestant:
    """Return our server as it is in a tree of the repository.

    Parameters
    ----------
    tree
        The repository as it is now, or an earlier commit of it.
    name
        In the table.
    workers
        How many processes answer.
    cache
        The folder of what it keeps for its next start; None for this user's, empty for none.
    """
    variables = {"PYTHONPATH": str(tree), "MAPSERVER_TILE_URL": ""}
    if tree == ROOT:  # a bare route writes nothing down either; earlier commits could not do so
        variables["MAPSERVER_LOG"] = "errors"
    if cache is not None:
        variables["MAPSERVER_CACHE"] = cache
    options = ["--city", str(ROOT), "--workers", str(workers), "--port"]
    return Contestant(
        name,
        lambda port: pin([THIS_PYTHON, "-m", "mapserver", "serve", *options, str(port)]),
        {question: question.path for question in QUESTIONS},
        variables,
    )


def make_bare(kind: str, folder: Path) -> Contestant:
    """Return a server that has our answers ready: ``wsgi`` or ``flask``."""
    target = f"benchmarks.http.bare:{kind}_app"
    paths = {question: _place_answer(question) for question in QUESTIONS}
    return Contestant(
        {"wsgi": "bare WSGI", "flask": "bare Flask"}[kind],
        lambda port: granian_command(
            THIS_PYTHON, target, port, interface="wsgi", threads=limits.WORKER_THREADS
        ),
        paths,
        {"PYTHONPATH": str(ROOT), bare.FOLDER_VARIABLE: str(folder)},
    )


def save_answers(port: int, folder: Path) -> None:
    """Save our answers for the bare routes."""
    for question in QUESTIONS:
        encoding = {"Accept-Encoding": "br"} if question.br else {}
        status, headers, body = fetch(port, question.path, encoding)
        if status != 200:
            raise RuntimeError(f"{question.path} has status {status}")
        path = _place_answer(question)
        sent = {name: headers[name] for name in SENT_HEADERS if name in headers}
        document = {"path": path, "headers": sent}
        file = folder / f"{path.strip('/')}.json"
        file.write_text(json.dumps(document))
        file.with_suffix(".body").write_bytes(body)


def make_environment(folder: Path) -> str:
    """Make the virtual environment of the others, if it is not there; return its Python."""
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        command = [str(python), "-m", "pip", "install", "--quiet", "--upgrade", *PACKAGES]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode:
            raise RuntimeError(f"pip: {run.stderr.strip()[-300:]}")
        (folder / "complete").touch()
    return str(python)


def read_versions(python: str) -> dict[str, str]:
    """Return the versions of what was installed."""
    code = "import importlib.metadata as m, sys; print(*map(m.version, sys.argv[1:]))"
    run = subprocess.run(
        [python, "-c", code, *PACKAGES], capture_output=True, text=True, check=True
    )
    return dict(zip(PACKAGES, run.stdout.split(), strict=True))


def make_tipg(python: str, folder: Path, database: Running) -> Contestant:
    """Return tipg on a database."""
    (folder / "sql").mkdir()
    (folder / "sql" / "nearest.sql").write_text(NEAREST_SQL)
    items = f"/collections/public.{LAYER}/items"
    nearest = f"/collections/pg_temp.nearest_trails/items?lon={LON}&lat={LAT}&f=geojson"
    return Contestant(
        "tipg",
        lambda port: granian_command(python, "tipg.main:app", port, interface="asgi"),
        {
            NEAREST: nearest,
            BOX: f"{items}?bbox={BBOX}&limit={ALL}&f=geojson",
            WHOLE: f"{items}?limit={ALL}&f=geojson",
            ONE: f"{items}/{FEATURE}?f=geojson",
        },
        {
            "DATABASE_URL": f"postgresql://postgres@127.0.0.1:{database.port}/postgres",
            "TIPG_DB_SCHEMAS": '["public"]',
            "TIPG_CUSTOM_SQL_DIRECTORY": str(folder / "sql"),
        },
        database,
    )


def make_pygeoapi(
    python: str, folder: Path, layers: Path, database: Running | None = None
) -> Contestant:
    """Return pygeoapi on the exported files, or on a database."""
    name = "pygeoapi, PostGIS" if database else "pygeoapi"
    config, description = folder / f"{name}.json", folder / f"{name}-openapi.json"
    collections = [path.stem for path in sorted(layers.glob("*.geojson"))]
    resources = {name: _describe_layer(name, layers, database) for name in collections}
    # JSON is YAML, too, which it reads.
    config.write_text(json.dumps(_describe_site() | {"resources": resources}))
    variables = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(description)}
    command = [str(Path(python).parent / "pygeoapi"), "openapi", "generate", str(config)]
    run = subprocess.run(
        [*command, "--output-file", str(description), "--format", "json"],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise RuntimeError(f"{name} has no description: {run.stderr[-300:]}")
    items = f"/collections/{LAYER}/items"
    return Contestant(
        name,
        lambda port: granian_command(
            python,
            "pygeoapi.flask_app:APP",
            port,
            interface="wsgi",
            threads=limits.WORKER_THREADS,
        ),
        {
            BOX: f"{items}?bbox={BBOX}&limit={ALL}&f=json",
            WHOLE: f"{items}?limit={ALL}&f=json",
            ONE: f"{items}/{FEATURE}?f=json",
        },
        variables,
        database,
    )


def _place_answer(question: Question) -> str:
    return "/" + question.name.replace(" ", "-")


def _describe_layer(name: str, layers: Path, database: Running | None) -> dict:
    provider = {"type": "feature", "name": "GeoJSON", "data": str(layers / f"{name}.geojson")}
    if database:
        data = {"host": "127.0.0.1", "port": database.port, "dbname": "postgres"}
        data |= {"user": "postgres", "password": "none", "search_path": ["public"]}
        provider |= {"name": "PostgreSQL", "data": data, "table": name, "geom_field": "geom"}
    return {
        "type": "collection",
        "title": name,
        "description": name,
        "keywords": [name],
        "extents": {"spatial": {"bbox": [126.6, 35.0, 127.0, 35.3]}},
        "links": [],
        "providers": [provider | {"id_field": "id"}],
    }


def _describe_site() -> dict:
    text = {"title": "sample", "description": "sample"}
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": 80},
            "url": "http://127.0.0.1",
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "languages": ["en-US"],
            "limits": {"default_items": 10, "max_items": ALL},
            "map": {"url": "https://example.org/{z}/{x}/{y}.png", "attribution": "none"},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": text
            | {"keywords": ["sample"], "terms_of_service": "none", "url": "https://example.org"},
            "license": {"name": "CC0", "url": "https://example.org"},
            "provider": {"name": "sample", "url": "https://example.org"},
            "contact": {"name": "sample", "email": "sample@example.org"},
        },
    }
