"""Measure questions about one place: microseconds each, ours and what would be called instead.

    python -m benchmarks.one [--scene city] [--points 2000]

Each contestant is asked for the same places one after the other, three times over; the median is
told, with the time to build the index. Every answer is compared with ours.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import shapely

import mapserver
from benchmarks.index.contestants import segments
from benchmarks.index.scenes import ROOT, Scene, make
from mapserver.index import PlaneIndex, WithinIndex

ROUNDS = 3
Ask = Callable[[float, float], float]


def main() -> None:
    """Read the command line and print a table for each scene and question."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scene", choices=["city", "country"], action="append")
    parser.add_argument("--points", type=int, default=2_000)
    given = parser.parse_args()
    for name in given.scene or ["city", "country"]:
        scene = make(name, given.points)
        for title, contestants in (("nearest trail", NEAREST), ("in-district", WITHIN)):
            print(f"\n{title} of one place, {name}")
            compare(scene, contestants)
    whole_city(given.points)


def compare(scene: Scene, contestants: dict[str, Callable[[Scene], Ask]]) -> None:
    """Ask each contestant, and hold that it answers as the first does."""
    places = list(zip(scene.x.tolist(), scene.y.tolist(), strict=True))
    ours, truth = 0.0, []
    for name, build in contestants.items():
        start = time.perf_counter()
        ask = build(scene)
        ask(*places[0])
        build_s = time.perf_counter() - start
        micros = median_micros(ask, places)
        answers = [ask(*place) for place in places]
        ours, truth = ours or micros, truth or answers
        verdict = "equal" if np.allclose(answers, truth, atol=1e-6) else "DIFFERENT"
        print(f"  {name:28}{micros:>9.1f} µs{micros / ours:>7.1f}x{build_s:>8.2f} s  {verdict}")


def median_micros(
    ask: Callable[[float, float], object], places: list[tuple[float, float]]
) -> float:
    """Ask for all places again and again; the median of the rounds, for each place."""
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for x, y in places:
            ask(x, y)
        taken.append(time.perf_counter() - start)
    return 1e6 * statistics.median(taken) / len(places)


# -- nearest: the distance ------------------------------------------------------------------------


def ours_nearest(scene: Scene) -> Ask:
    index = PlaneIndex(scene.lines)
    return lambda x, y: index.query_one(x, y).squared ** 0.5


def shapely_nearest(scene: Scene, *, cut: bool) -> Ask:
    tree = shapely.STRtree(segments(scene.lines) if cut else scene.lines)

    def ask(x: float, y: float) -> float:
        found = tree.query_nearest(shapely.Point(x, y), return_distance=True, all_matches=False)
        return float(found[1][0])

    return ask


def geopandas_nearest(scene: Scene) -> Ask:
    index = gpd.GeoSeries(scene.lines, crs=5186).sindex

    def ask(x: float, y: float) -> float:
        return float(index.nearest(shapely.Point(x, y), return_distance=True)[1][0])

    return ask


NEAREST: dict[str, Callable[[Scene], Ask]] = {
    "mapserver": ours_nearest,
    "shapely STRtree, segments": lambda scene: shapely_nearest(scene, cut=True),
    "shapely STRtree, lines": lambda scene: shapely_nearest(scene, cut=False),
    "geopandas sindex": geopandas_nearest,
}


# -- within: the position of the polygon, -1 outside of all ---------------------------------------


def ours_within(scene: Scene) -> Ask:
    index = WithinIndex(scene.polygons)
    return lambda x, y: next(iter(index.query_one(x, y)), -1)


def shapely_within(scene: Scene) -> Ask:
    shapely.prepare(scene.polygons)
    tree = shapely.STRtree(scene.polygons)

    def ask(x: float, y: float) -> float:
        found = tree.query(shapely.Point(x, y), predicate="intersects")
        return int(found.min()) if len(found) else -1

    return ask


def geopandas_within(scene: Scene) -> Ask:
    index = gpd.GeoSeries(scene.polygons, crs=5186).sindex

    def ask(x: float, y: float) -> float:
        found = index.query(shapely.Point(x, y), predicate="intersects")
        return int(found.min()) if len(found) else -1

    return ask


WITHIN: dict[str, Callable[[Scene], Ask]] = {
    "mapserver": ours_within,
    "shapely STRtree, prepared": shapely_within,
    "geopandas sindex": geopandas_within,
}


def whole_city(points: int) -> None:
    """Tell what a question costs the sample city: degrees in, geodesic metres out."""
    city = mapserver.open_city(ROOT)
    rng = np.random.default_rng(20261123)
    west, south, east, north = city.bounds or (0, 0, 1, 1)
    lon, lat = rng.uniform(west, east, points), rng.uniform(south, north, points)
    places = list(zip(lon.tolist(), lat.tolist(), strict=True))
    index = city._nearest_index("trails")
    print("\nin degrees, with geodesic distance, bearing and snapped point")
    for name, ask in (
        ("nearest trail, in the index", index.query_one),
        ("city.find_nearest", city.find_nearest),
        ("city.locate", city.locate),
    ):
        ask(*places[0])
        print(f"  {name:28}{median_micros(ask, places):>10.1f} µs")


if __name__ == "__main__":
    main()
