"""Measure questions about one place: microseconds each, ours and what would be called instead.

    python -m benchmarks.one [--scene city] [--points 2000]

Each contestant answers for the same places one after the other, three times over. The table has the
median and the time to build the index, and says whether the answers equal ours.
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
from benchmarks.index.contestants import split_segments
from benchmarks.index.scenes import ROOT, Scene, make_scene
from mapserver.index import PlaneIndex, WithinIndex

ROUNDS = 3
Ask = Callable[[float, float], float]


def main() -> None:
    """Read the command line and print a table for each scene and question."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scene", choices=["city", "country"], action="append")
    parser.add_argument("--points", type=int, default=2_000)
    options = parser.parse_args()
    for name in options.scene or ["city", "country"]:
        scene = make_scene(name, options.points)
        for title, contestants in (("nearest trail", NEAREST), ("in-district", WITHIN)):
            print(f"\n{title} of one place, {name}")
            compare_contestants(scene, contestants)
    measure_city(options.points)


def compare_contestants(scene: Scene, contestants: dict[str, Callable[[Scene], Ask]]) -> None:
    """Measure each contestant, and compare its answers with those of the first, which is ours."""
    places = list(zip(scene.x.tolist(), scene.y.tolist(), strict=True))
    ours, truth = 0.0, []
    for name, build in contestants.items():
        # The first question counts as building: some indexes are made when it is asked.
        start = time.perf_counter()
        ask = build(scene)
        ask(*places[0])
        build_s = time.perf_counter() - start
        micros = measure_micros(ask, places)
        answers = [ask(*place) for place in places]
        ours, truth = ours or micros, truth or answers
        verdict = "equal" if np.allclose(answers, truth, atol=1e-6) else "DIFFERENT"
        print(f"  {name:28}{micros:>9.1f} µs{micros / ours:>7.1f}x{build_s:>8.2f} s  {verdict}")


def measure_micros(
    ask: Callable[[float, float], object], places: list[tuple[float, float]]
) -> float:
    """Return the microseconds that one place takes: the median of some rounds over all places."""
    round_s = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for x, y in places:
            ask(x, y)
        round_s.append(time.perf_counter() - start)
    return 1e6 * statistics.median(round_s) / len(places)


# -- nearest: the distance ------------------------------------------------------------------------


def ours_nearest(scene: Scene) -> Ask:
    index = PlaneIndex.of(scene.lines)
    return lambda x, y: index.query_one(x, y).squared ** 0.5


def shapely_nearest(scene: Scene, *, cut: bool) -> Ask:
    tree = shapely.STRtree(split_segments(scene.lines) if cut else scene.lines)

    def ask(x: float, y: float) -> float:
        point = shapely.Point(x, y)
        _, distances = tree.query_nearest(point, return_distance=True, all_matches=False)
        return float(distances[0])

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
    index = WithinIndex.of(scene.polygons)
    return lambda x, y: next(iter(index.query_one(x, y)), -1)


def shapely_within(scene: Scene) -> Ask:
    shapely.prepare(scene.polygons)
    tree = shapely.STRtree(scene.polygons)

    def ask(x: float, y: float) -> float:
        areas = tree.query(shapely.Point(x, y), predicate="intersects")
        return int(areas.min()) if len(areas) else -1

    return ask


def geopandas_within(scene: Scene) -> Ask:
    index = gpd.GeoSeries(scene.polygons, crs=5186).sindex

    def ask(x: float, y: float) -> float:
        areas = index.query(shapely.Point(x, y), predicate="intersects")
        return int(areas.min()) if len(areas) else -1

    return ask


WITHIN: dict[str, Callable[[Scene], Ask]] = {
    "mapserver": ours_within,
    "shapely STRtree, prepared": shapely_within,
    "geopandas sindex": geopandas_within,
}


def measure_city(points: int) -> None:
    """Print what a question costs the sample city: degrees in, geodesic metres out."""
    city = mapserver.open_city(ROOT)
    rng = np.random.default_rng(20261123)
    west, south, east, north = city.bounds or (0, 0, 1, 1)
    lon, lat = rng.uniform(west, east, points), rng.uniform(south, north, points)
    places = list(zip(lon.tolist(), lat.tolist(), strict=True))
    index = city.nearest_index("trails")
    print("\nin degrees, with geodesic distance, bearing and snapped point")
    for name, ask in (
        ("nearest trail, in the index", index.query_one),
        ("city.find_nearest", city.find_nearest),
        ("city.locate", city.locate),
    ):
        ask(*places[0])
        print(f"  {name:28}{measure_micros(ask, places):>10.1f} µs")


if __name__ == "__main__":
    main()
