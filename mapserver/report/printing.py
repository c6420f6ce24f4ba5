"""Prints a report with the Chromium or Chrome that is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from mapserver.errors import N_, DataError, SettingsError

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
TIME_MS = 10_000
"""How long what the maps leave for the next moment may take, such as making room for names."""


def browser() -> str:
    """Find a browser that prints.

    Raises
    ------
    SettingsError
        There is none.
    """
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise SettingsError(
            N_("printing needs Chromium or Chrome, and none is on the path"),
            where="--pdf",
            mend=N_("Install one, or open report.html in any browser and print it there"),
        )
    return found


def print_page(page: Path, pdf: Path) -> None:
    """Print a page as PDF on A4.

    Raises
    ------
    DataError
        The browser wrote none.
    """
    with TemporaryDirectory(prefix="report") as profile:
        command = [
            browser(),
            "--headless",
            "--disable-gpu",
            "--disable-background-networking",
            "--no-first-run",
            f"--user-data-dir={profile}",
            f"--virtual-time-budget={TIME_MS}",
            "--window-size=1024,768",
            "--no-pdf-header-footer",
            f"--print-to-pdf={pdf}",
            f"{page.as_uri()}#print",
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(
                1, "--no-sandbox"
            )  # as root, which containers are, it starts no other way
        done = subprocess.run(command, capture_output=True, check=False, timeout=300)  # noqa: S603
    if done.returncode or not pdf.is_file():
        raise DataError(
            N_("the browser could not print it"),
            where=str(pdf.name),
            mend=N_("Open report.html in any browser and print it there"),
        )
