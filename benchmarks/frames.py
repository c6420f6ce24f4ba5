"""Measure what a planner calls, frame in and frame out, and reading a long GPX file.

    python -m benchmarks.frames [--points 1000000] [--city .]

Each line is the median of three, and a ratio to what would be called instead.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import gpxpy
import numpy as np
import pyogrio

import mapserver
from mapserver.gpx import read_gpx

ROUNDS = 3
GPX_POINTS = 200_000


def main() -> None:
    """Read the command line and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--city", type=Path, default=Path())
    given = parser.parse_args()
    frames(mapserver.open_city(given.city), given.points)
    single(mapserver.open_city(given.city))
    gpx()


def frames(city: mapserver.City, many: int) -> None:
    """Compare ``city.nearest`` and ``city.join`` with the joins of geopandas."""
    rng = np.random.default_rng(20261123)
    west, south, east, north = city.bounds or (0, 0, 1, 1)
    lonlat = gpd.points_from_xy(rng.uniform(west, east, many), rng.uniform(south, north, many))
    points = gpd.GeoDataFrame({"number": np.arange(many)}, geometry=lonlat, crs=4326).to_crs(5186)
    trails = city.trails.to_crs(5186)[["name", "geometry"]]
    districts = city.districts.to_crs(5186)[["name", "geometry"]]
    compare(
        f"nearest trail of {many:,} points",
        city_nearest=lambda: city.nearest(points),
        sjoin_nearest=lambda: gpd.sjoin_nearest(points, trails, distance_col="distance"),
    )
    compare(
        f"district of {many:,} points",
        city_join=lambda: city.join(points),
        sjoin=lambda: gpd.sjoin(points, districts, how="left", predicate="intersects"),
    )


def single(city: mapserver.City) -> None:
    """Compare questions about one place with the same asked of geopandas."""
    west, south, east, north = city.bounds or (0, 0, 1, 1)
    lon, lat = (west + east) / 2, (south + north) / 2
    here = gpd.GeoDataFrame(geometry=gpd.points_from_xy([lon], [lat]), crs=4326).to_crs(5186)
    trails = city.trails.to_crs(5186)[["name", "geometry"]]
    districts = city.districts.to_crs(5186)[["name", "geometry"]]
    compare(
        "nearest trail of one place",
        find_nearest=lambda: city.find_nearest(lon, lat),
        sjoin_nearest=lambda: here.sjoin_nearest(trails, distance_col="distance"),
    )
    compare(
        "district, zone, neighbourhood, border of one place",
        locate=lambda: city.locate(lon, lat),
        sjoin=lambda: here.sjoin(districts, how="left", predicate="intersects"),
    )


def gpx() -> None:
    """Compare reading a long recording with gpxpy alone and with GDAL."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.gpx"
        path.write_text(recording(GPX_POINTS), encoding="utf-8")
        compare(
            f"GPX of {GPX_POINTS:,} points",
            read_gpx=lambda: read_gpx(path, name=path.name),
            gpxpy=lambda: gpxpy.parse(path.read_text(encoding="utf-8")),
            gdal=lambda: pyogrio.read_dataframe(path, layer="tracks"),
        )


def recording(points: int) -> str:
    """Write a track with elevations and times, one point a second."""
    start = np.datetime64("2026-05-01T00:00:00")
    rows = (
        f'<trkpt lat="{35.1 + 1e-6 * i:.7f}" lon="{126.8 + 2e-6 * (i % 5000):.7f}">'
        f"<ele>{50 + i % 40 / 10}</ele><time>{start + np.timedelta64(i, 's')}Z</time></trkpt>"
        for i in range(points)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="benchmark" '
        'xmlns="http://www.topografix.com/GPX/1/1"><trk><name>long</name><trkseg>\n'
        + "\n".join(rows)
        + "\n</trkseg></trk></gpx>\n"
    )


def compare(title: str, **contestants: Callable[[], object]) -> None:
    """Print the time of each, and how many times the first one's it is."""
    print(f"\n{title}")
    ours = None
    for name, ask in contestants.items():
        ask()
        taken = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            ask()
            taken.append(time.perf_counter() - start)
        seconds = statistics.median(taken)
        ours = ours or seconds
        print(f"  {name:16}{1000 * seconds:>12.3f} ms{seconds / ours:>9.1f}x")


if __name__ == "__main__":
    main()
