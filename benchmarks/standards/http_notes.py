"""What REDbot, a lint for HTTP, notes about each kind of page and each operation of the API.

python -m benchmarks.standards.http_notes

Installs ``redbot`` in an environment of its own and serves the sample city. Prints each note that
is a warning or worse, with the path; those in ``ACCEPTED`` are counted, with the reason why they
stand.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter

import mapserver
from benchmarks.faults.serving import serving
from benchmarks.standards.tools import (
    ROOT,
    list_operations,
    list_pages,
    make_environment,
)

REQUIREMENT = "redbot==2.7.1"
HARMLESS = {"GOOD", "INFO"}
ACCEPTED: dict[str, str] = {}
"""Notes that stand, by their id in REDbot, with the reason."""
FILES = (
    *("/api/collections/trails/items?f=gpkg", "/api/collections/trails/items?f=csv"),
    *("/robots.txt", "/sitemap.xml"),
)


def main() -> None:
    redbot = make_environment("redbot", REQUIREMENT) / "redbot"
    city = mapserver.open_city(ROOT)
    accepted: Counter[str] = Counter()
    failures = []
    paths = [*list_pages(city), *list_operations(city), *FILES]
    with serving(workers=1) as server:
        for path in paths:
            command = [redbot, "-o", "har", f"http://127.0.0.1:{server.port}{path}"]
            run = subprocess.run(command, capture_output=True, text=True, check=True)
            for entry in json.loads(run.stdout)["log"]["entries"]:
                for note in entry["_red_messages"]:
                    if note["note_id"] in ACCEPTED:
                        accepted[note["note_id"]] += 1
                    elif note["level"] not in HARMLESS:
                        failures.append(f"{path}: {note['note_id']}: {note['summary']}")
    print(f"{len(paths)} paths, {len(failures)} notes that matter")
    for name, count in accepted.items():
        print(f"  {name}: {count} times; {ACCEPTED[name]}")
    for failure in failures:
        print(f"FAILURE {failure}")
    raise SystemExit(bool(failures))


if __name__ == "__main__":
    main()
