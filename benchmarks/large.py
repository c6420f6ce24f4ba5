"""Measure what a city of Seoul's size takes: figures, the map, the report and its PDF.

    python -m benchmarks.large [--no-report]

Prints a table: seconds of wall clock, seconds of the processor, and megabytes where they count.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import mapserver
from benchmarks.bigcity import make_layers, write_city
from mapserver.drawing import figures

REPORT = ("-m", "mapserver", "report", "--pdf")


def main() -> None:
    """Make the city, measure, and print a line for each thing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--no-report", action="store_true", help="only figures and the map")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = write_city(Path(folder) / "city", make_layers())
        city = mapserver.open_city(path)
        print(f"{'':28}{'wall s':>9}{'cpu s':>9}{'MB':>9}")
        for name, draw in FIGURES.items():
            measure(f"figure: {name}", lambda draw=draw: draw(city)._repr_png_()[0])
        measure("city.map()", lambda: city.map().get_root().render().encode())
        if not given.no_report:
            out = Path(folder) / "report"
            command = [sys.executable, *REPORT, "--city", str(path), "--out", str(out)]
            measure("report --pdf", lambda: run_report(command, out))


def measure(name: str, make: Callable[[], bytes]) -> None:
    """Make something once, and print how long it took and how large it is."""
    wall, cpu = time.perf_counter(), cpu_seconds()
    size = len(make())
    wall, cpu = time.perf_counter() - wall, cpu_seconds() - cpu
    print(f"{name:28}{wall:>9.1f}{cpu:>9.1f}{size / 1e6:>9.2f}", flush=True)


def cpu_seconds() -> float:
    """Return the seconds that this process and those that it has waited for have computed."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def run_report(command: list[str], out: Path) -> bytes:
    """Run the notebooks and print them; give the page."""
    subprocess.run(command, check=True)
    return (out / "report.html").read_bytes()


FIGURES: dict[str, Callable[[mapserver.City], figures.Sheet]] = {
    "zones": lambda city: figures.area_map(city, title="t", layer="zones"),
    "trails": lambda city: figures.area_map(city, "trails", title="t"),
    "shops": lambda city: figures.area_map(city, "shops", title="t"),
    "districts": lambda city: figures.area_map(city, title="t", layer="districts"),
}


if __name__ == "__main__":
    main()
