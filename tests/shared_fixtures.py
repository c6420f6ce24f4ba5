"""What many tests share: the sample city, small cities made in three lines, and the test data."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import pytest
from browsing import (
    CHROMIUM,
    IS_DRAWN,
    NOVEMBER,
    PATIENCE_S,
    PHONE,
    SEOGU,
    Visit,
    listening,
    serve,
    settle_sheet,
)
from conftest import ROOT
from flask import Flask
from hypothesis import HealthCheck, settings
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

import mapserver
from mapserver.model import status

# Examples are not timed: a busy machine would fail them. Fixtures that examples share are constant.
settings.register_profile(
    "maenballo",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("maenballo")


class CompiledTemplates(BytecodeCache):
    """Templates that an application of this process has compiled, for all that come after it."""

    def __init__(self) -> None:
        self.codes: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.codes:
            bucket.bytecode_from_string(self.codes[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.codes[bucket.key] = bucket.bytecode_to_string()


Flask.jinja_options = {"bytecode_cache": CompiledTemplates()}

Files = Mapping[str, str | bytes | gpd.GeoDataFrame]


def write_folder(folder: Path, files: Files) -> Path:
    """Write a city folder of paths and their contents: text, bytes or a frame."""
    for part in ("gpx", "layers"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        if isinstance(content, gpd.GeoDataFrame):
            content.to_file(folder / path)
        else:
            data = content.encode() if isinstance(content, str) else content
            (folder / path).write_bytes(data)
    return folder


@pytest.fixture(scope="session")
def sample_city() -> mapserver.City:
    """The sample city as it stands in the repository."""
    return mapserver.open_city(ROOT)


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder with real boundaries and files; tests that need it skip where it is not."""
    folder = os.environ.get("MAPSERVER_TEST_DATA")
    if not folder:
        pytest.skip("MAPSERVER_TEST_DATA names no folder with test data")
    return Path(folder)


@pytest.fixture
def make_folder(tmp_path: Path) -> Callable[[Files], Path]:
    """Make a city folder of paths and their contents: text, bytes or a frame."""

    def make(files: Files, name: str = "city") -> Path:
        return write_folder(tmp_path / name, files)

    return make


@pytest.fixture
def make_city(make_folder: Callable[[Files], Path]) -> Callable[[Files], mapserver.City]:
    """Make a city folder and open it."""
    return lambda files: mapserver.open_city(make_folder(files))


@pytest.fixture(scope="session")
def database_server():
    """A PostgreSQL with PostGIS; tests that need it skip where there is none."""
    pytest.importorskip("psycopg", reason="the extra postgis is not installed")
    from databases import PACKAGES, run_server  # noqa: PLC0415 -- skipped where it is not there

    with run_server() as server:
        if server is None:
            pytest.skip(f"no PostGIS here: apt-get install {PACKAGES}, or MAPSERVER_TEST_POSTGIS")
        yield server


@pytest.fixture
def database(database_server):
    """The address of an empty database with PostGIS."""
    url = database_server.make_database()
    yield url
    database_server.drop_database(url)


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 -- skipped where it is not there

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def sample_app() -> Flask:
    """The application that serves the sample; what it has rendered is kept for the next test."""
    return serve(ROOT)


@pytest.fixture(scope="session")
def sample_url(sample_app):
    """The address of the sample, served for the browser."""
    with listening(sample_app) as url:
        yield url


NO_SIGNAL = "net::ERR_INTERNET_DISCONNECTED"
KEEP_AT_ONCE = """
const startTimer = window.setTimeout;
window.setTimeout = (act, wait, ...more) => startTimer(act, wait === 4000 ? 100 : wait, ...more);
"""
"""Has a page keep the site as soon as it is there, for tests that wait for nothing else."""


@pytest.fixture
def visit(browser):
    """Open pages, and hold that nothing went wrong on any of them.

    A page that is open for four seconds begins to keep the whole site for later, where it may
    (``keeps=True``). On a busy machine that would fall into any test, and ask for every page.
    """
    contexts, visits = [], []

    def go(url: str, viewport=PHONE, *, keeps: bool = False, **options) -> Visit:
        options = {
            "locale": "ko-KR",
            "geolocation": SEOGU,
            "permissions": ["geolocation"],
        } | options
        context = browser.new_context(viewport=viewport, **options)
        context.set_default_timeout(1000 * PATIENCE_S)
        context.add_init_script(
            KEEP_AT_ONCE if keeps else "delete Navigator.prototype.serviceWorker"
        )
        contexts.append(context)
        seen = Visit(context.new_page())
        visits.append(seen)
        seen.page.goto(url, wait_until="load")
        seen.wait_until(IS_DRAWN)
        return seen

    yield go
    for context in contexts:
        context.close()
    # A page without signal asks whether there is a new worker, and that is no fault of the page.
    faults = [fault for seen in visits for fault in seen.faults if NO_SIGNAL not in fault]
    assert faults == []


@pytest.fixture
def set_clock(monkeypatch):
    """Set the clock that everybody reads to a time in UTC."""

    def set_time(utc: str) -> None:
        moment = dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)
        monkeypatch.setattr(status, "time", SimpleNamespace(time=moment.timestamp))

    return set_time


@pytest.fixture(scope="session")
def november_app():
    app = serve(ROOT)
    app.config["MAPSERVER_DAY"] = NOVEMBER
    return app


@pytest.fixture(scope="session")
def home_url(november_app):
    with listening(november_app) as url:
        yield url


@pytest.fixture
def visit_home(visit, home_url):
    """Open the first page of the sample on that day, in a browser whose clock says the same."""

    def go(tail: str = "/", viewport=PHONE, **options):
        seen = visit("about:blank", viewport, **options)
        seen.page.clock.set_fixed_time(f"{NOVEMBER}T09:00:00+09:00")
        seen.page.goto(home_url + tail, wait_until="load")
        if options.get("java_script_enabled", True):
            settle_sheet(seen)
        return seen

    return go
