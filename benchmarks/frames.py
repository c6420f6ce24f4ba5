"""Measure what a planner calls, frame in and frame out, and reading a long GPX file.

    python -m benchmarks.frames [--points 1000000] [--scene city]

Each line is the median of three or, of what is quick, of as many as three seconds hold; or the one
run of what takes long. Beside it the ratio to what would be called instead.
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
import pandas as pd
import pyogrio
import shapely

import mapserver
from benchmarks.index.scenes import ROOT, SEED, make_scene
from mapserver.readers.gpx import read_gpx

ROUNDS, SLOW_S = 3, 5.0
ENOUGH_S = 3.0
CATALOG = """
metric_crs = "EPSG:5186"
title = { ko = "나라", en = "Country" }
[[layers]]
id = "trails"
role = "trails"
file = "trails.parquet"
id_column = "id"
[[layers]]
id = "districts"
role = "districts"
file = "districts.parquet"
id_column = "id"
"""
CORNER_M = np.array([40_000.0, 400_000.0])
"""Where the country's corner lies in EPSG:5186: it then covers the Korean peninsula's south."""
GPX_POINTS = 200_000


def main() -> None:
    """Read the command line and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--scene", choices=["city", "country", "gpx"], action="append")
    given = parser.parse_args()
    for scene in given.scene or ["city", "country", "gpx"]:
        {"city": city, "country": country, "gpx": gpx}[scene](given.points)


def city(many: int) -> None:
    """Ask for places all over the sample city, and for places where its shops are."""
    sample = mapserver.open_city(ROOT)
    trails, districts = (
        sample.layers[layer][["name", "geometry"]] for layer in ("trails", "districts")
    )
    rng = np.random.default_rng(SEED)
    west, south, east, north = sample.bounds or (0, 0, 1, 1)
    anywhere = points_at(rng.uniform(west, east, many), rng.uniform(south, north, many))
    shop = sample.shops.geometry.to_numpy()[rng.integers(0, len(sample.shops), many)]
    jitter = rng.normal(0, 2e-4, (2, many))
    at_shops = points_at(shapely.get_x(shop) + jitter[0], shapely.get_y(shop) + jitter[1])
    for where, points in (("anywhere in the city", anywhere), ("where shops are", at_shops)):
        plane = points.to_crs(5186)
        nearest(f"{many:,} points {where}", sample, plane, trails.to_crs(5186))
        within(f"{many:,} points {where}, in degrees", sample, points, districts)
        within(f"{many:,} points {where}, in EPSG:5186", sample, plane, districts.to_crs(5186))


def country(many: int) -> None:
    """Ask the country of the benchmark of indexes, as a city folder."""
    scene = make_scene("country", many)
    with tempfile.TemporaryDirectory() as folder:
        layers = {"trails": scene.lines, "districts": scene.polygons}
        (Path(folder) / "layers").mkdir()
        for layer, shapes in layers.items():
            names = pd.Series(np.arange(len(shapes)).astype(str))
            moved = shapely.transform(shapes, lambda xy: xy + CORNER_M)
            frame = gpd.GeoDataFrame({"id": names, "name": names}, geometry=moved, crs=5186)
            frame.to_parquet(Path(folder) / "layers" / f"{layer}.parquet")
        (Path(folder) / "layers" / "catalog.toml").write_text(CATALOG, encoding="utf-8")
        whole = mapserver.open_city(folder)
    place = gpd.points_from_xy(scene.x + CORNER_M[0], scene.y + CORNER_M[1])
    plane = gpd.GeoDataFrame({"number": np.arange(len(place))}, geometry=place, crs=5186)
    trails, districts = (whole.layers[layer][["name", "geometry"]] for layer in layers)
    where = f"{len(plane):,} points in a country"
    nearest(where, whole, plane, trails.to_crs(5186))
    within(f"{where}, in degrees", whole, plane.to_crs(4326), districts)
    within(f"{where}, in EPSG:5186", whole, plane, districts.to_crs(5186))


def points_at(lon: np.ndarray, lat: np.ndarray) -> gpd.GeoDataFrame:
    place = gpd.points_from_xy(lon, lat)
    return gpd.GeoDataFrame({"number": np.arange(len(lon))}, geometry=place, crs=4326)


def nearest(
    title: str, asked: mapserver.City, points: gpd.GeoDataFrame, trails: gpd.GeoDataFrame
) -> None:
    """Compare ``city.nearest`` with the join of geopandas."""
    compare(
        f"nearest trail of {title}",
        city_nearest=lambda: asked.nearest(points),
        sjoin_nearest=lambda: points.sjoin_nearest(trails, distance_col="distance"),
    )


def within(
    title: str, asked: mapserver.City, points: gpd.GeoDataFrame, areas: gpd.GeoDataFrame
) -> None:
    """Compare ``city.join`` with the join of geopandas."""
    compare(
        f"district of {title}",
        city_join=lambda: asked.join(points),
        sjoin=lambda: points.sjoin(areas, how="left", predicate="intersects"),
    )


def gpx(_many: int) -> None:
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
        start = time.perf_counter()
        ask()
        taken = [time.perf_counter() - start]
        # The first time warms up, but of what takes long once is enough.
        if ours is None or taken[0] < SLOW_S:
            taken = []
            while len(taken) < ROUNDS or sum(taken) < ENOUGH_S:
                start = time.perf_counter()
                ask()
                taken.append(time.perf_counter() - start)
        seconds = statistics.median(taken)
        ours = ours or seconds
        print(f"  {name:16}{1000 * seconds:>12.3f} ms{seconds / ours:>9.1f}x")


if __name__ == "__main__":
    main()
