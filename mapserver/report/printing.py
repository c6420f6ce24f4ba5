"""Print a report with the Chromium or Chrome that is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from mapserver.errors import N_, DataError, SettingsError
from mapserver.settings import limits

BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")


def find_browser() -> str:
    """Find a browser that prints.

    Raises
    ------
    SettingsError
        There is none.
    """
    browser = next(filter(None, map(shutil.which, BROWSER_NAMES)), None)
    if browser is None:
        raise SettingsError(
            N_("printing needs Chromium or Chrome, and none is on the path"),
            where="--pdf",
            mend=N_("Install one, or open report.html in any browser and print it there"),
        )
    return browser


def print_page(page: Path, pdf: Path) -> None:
    """Print a page as PDF on A4.

    Raises
    ------
    DataError
        The browser wrote none.
    """
    # A profile of its own: with that of the user, a window that is open would take over the page.
    with TemporaryDirectory(prefix="report") as profile:
        command = [
            find_browser(),
            "--headless",
            "--disable-gpu",
            "--disable-background-networking",
            "--no-first-run",
            f"--user-data-dir={profile}",
            f"--virtual-time-budget={limits.PRINT_VIRTUAL_MS}",
            "--window-size=1024,768",
            "--no-pdf-header-footer",
            f"--print-to-pdf={pdf}",
            f"{page.as_uri()}#print",
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            # Chromium does not start with its sandbox as root, which is the user of containers.
            command.insert(1, "--no-sandbox")
        # The page has no network to wait for: five minutes are for the largest of reports.
        process = subprocess.run(  # noqa: S603 -- a browser, with arguments of ours
            command, capture_output=True, check=False, timeout=limits.PRINT_TIMEOUT_S
        )
    # Chromium may end well without having written the file.
    if process.returncode or not pdf.is_file():
        raise DataError(
            N_("the browser could not print it"),
            where=str(pdf.name),
            mend=N_("Open report.html in any browser and print it there"),
        )
