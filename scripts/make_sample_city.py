"""Draw the sample city anew: gpx/ and layers/ from tables of facts, always the same bytes."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from sample_city import areas, arrivals, districts, geojson, messages, shops, tables, trails

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Read the command line and write the city."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT, help="folder of the city")
    out: Path = parser.parse_args().out
    if not _may_replace(out):
        sys.exit(f"{out} holds a city that is not the sample; name another folder")
    make(out)


def make(out: Path) -> None:
    """Write ``gpx/`` and ``layers/`` into a folder, in place of those of an earlier sample."""
    walks = trails.draw()
    neighborhoods = areas.neighborhoods(walks)
    quarters = districts.districts(neighborhoods, walks)
    for folder in (out / "gpx", out / "layers"):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    trails.write(walks, out)
    geojson.write(neighborhoods, out / "layers" / "neighborhoods.geojson")
    geojson.write(areas.zones(neighborhoods), out / "layers" / "zones.geojson")
    geojson.write(quarters, out / "layers" / "districts.geojson")
    tables.write_csv(shops.shops(quarters), out / "layers" / "shops.csv")
    tables.write_tables(out / "layers")
    requests = messages.draw_messages(sorted(neighborhoods["name"]))
    arrivals.write(walks, neighborhoods, out / "layers")
    tables.write_csv(requests, out / "layers" / "requests.csv")


def _may_replace(out: Path) -> bool:
    """Tell whether nothing of another city would be lost."""
    if not any((out / folder).exists() for folder in ("gpx", "layers")):
        return True
    catalog = out / "layers" / "catalog.toml"
    return catalog.is_file() and _first_line(catalog) == _first_line(tables.CATALOG)


def _first_line(path: Path) -> bytes:
    return path.read_bytes().partition(b"\n")[0]


if __name__ == "__main__":
    main()
