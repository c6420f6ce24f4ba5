"""How all tests are run; what they share is in ``shared_fixtures.py``."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

# Modules and tests are made to stay, and looking for garbage among them is in vain: collecting all
# quick tests took 8.6 s of the processor, and takes 5.9 s (one file of them 2.1 s either way).
gc.disable()

# Tests of a large layer leave no file in the cache folder of whoever runs them.
os.environ["MAPSERVER_CACHE"] = ""

ROOT = Path(__file__).resolve().parent.parent


def pytest_configure(config: pytest.Config) -> None:
    """Bundle scripts that were edited, so that no test looks at those of before; load fixtures."""
    is_worker = hasattr(config, "workerinput")
    if not is_worker:  # once, and not in each of the workers
        subprocess.run([sys.executable, ROOT / "hatch_build.py"], check=True)  # noqa: S603
    # Who only hands tests out to workers runs none, and workers would wait while it loads them.
    if is_worker or not config.getoption("numprocesses", None):
        config.pluginmanager.import_plugin("shared_fixtures")


@pytest.hookimpl(tryfirst=True)  # before -m chooses among them
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that ask for the browser, so that ``make quick`` leaves them out."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


def pytest_collection_finish() -> None:
    """Collect garbage again, but never among the modules and tests that have been loaded."""
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)
    gc.enable()
