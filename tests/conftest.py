"""What many tests share: the sample city, small cities made in three lines, and the test data."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import geopandas as gpd
import pytest
from browsing import CHROMIUM, PATIENCE_S, PHONE, SEOGU, Visit, listening, serve
from flask import Flask
from hypothesis import HealthCheck, settings

import mapserver

# Modules and tests are made to stay: looking for garbage among them, over and over while they
# become more, takes a third of the time until the first test runs.
gc.disable()

ROOT = Path(__file__).resolve().parent.parent

# Examples are not timed: a busy machine would fail them. Fixtures that examples share are constant.
settings.register_profile(
    "maenballo",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("maenballo")

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


def pytest_configure(config: pytest.Config) -> None:
    """Bundle scripts that were edited, so that no test looks at those of before."""
    if not hasattr(config, "workerinput"):  # once, and not in each of the workers
        subprocess.run([sys.executable, ROOT / "hatch_build.py"], check=True)  # noqa: S603


@pytest.hookimpl(tryfirst=True)  # before -m chooses among them
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that ask for the browser, so that ``make quick`` leaves them out."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


def pytest_collection_finish() -> None:
    """Collect garbage again, but never among the modules and tests that have been loaded."""
    gc.freeze()
    gc.enable()


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
        if not keeps:
            context.add_init_script("delete Navigator.prototype.serviceWorker")
        contexts.append(context)
        seen = Visit(context.new_page())
        visits.append(seen)
        seen.page.goto(url, wait_until="load")
        return seen

    yield go
    for context in contexts:
        context.close()
    assert [seen.faults for seen in visits if seen.faults] == []
