"""Measure the indexes of a country as files, and millions of points against them.

Run with ``python -m benchmarks.index.country [--points 2000000] [--threads 2]``. It prints a table
in Markdown: what it takes to build, write and open an index, and microseconds of the processor for
a point. The scene is that of :mod:`benchmarks.index.scenes` in lon/lat, 100,000 trails and 15,000
districts; points lie in no order, and sorted by small squares.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from benchmarks.index.scenes import make_scene
from mapserver.geo import geodesy
from mapserver.index import NearestIndex, WithinIndex
from mapserver.index.one_point import OnePointIndex

CRS = geodesy.parse_crs("EPSG:5186")
FAR_POINTS = 1_000
ROUNDS = 3
"""Times that a measure is taken; the best counts, for others work on the machine, too."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--points", type=int, default=2_000_000)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    scene = make_scene("country", options.points)
    to_degrees = geodesy.build_transformer(CRS, geodesy.LONLAT).transform
    lines, polygons = (
        shapely.transform(shapes, to_degrees, interleaved=False)
        for shapes in (scene.lines, scene.polygons)
    )
    lon, lat = to_degrees(scene.x, scene.y)
    with tempfile.TemporaryDirectory() as folder:
        print("| index | built s | written s | opened ms | opened unchecked ms | MB |")
        print("|---|---|---|---|---|---|")
        nearest, within = (
            measure_file(name, make, open_, Path(folder) / f"{name}.index")
            for name, make, open_ in (
                ("nearest", lambda: NearestIndex.of(lines, CRS), NearestIndex.open),
                ("within", lambda: WithinIndex.of(polygons), WithinIndex.open),
            )
        )
        measure_lists(nearest, Path(folder) / "lists.index")
        print("\n| question | points | µs wall a point | µs CPU a point |\n|---|---|---|---|")
        for row in measure_questions(nearest, within, (lon, lat), options.threads):
            print("| " + " | ".join(row) + " |")


def measure(ask: Callable[[], Any]) -> tuple[Any, float, float]:
    """Return the answer of a question, and the least seconds it took: of wall time and of CPU."""
    ask()  # compiled, mapped
    times = []
    for _ in range(ROUNDS):
        wall, cpu = time.perf_counter(), time.process_time()
        answer = ask()
        times.append((time.perf_counter() - wall, time.process_time() - cpu))
    return answer, min(t[0] for t in times), min(t[1] for t in times)


def measure_file(name: str, make: Callable[[], Any], open_: Callable[..., Any], path: Path) -> Any:
    """Print what an index takes to build, write and open; return it, opened."""
    index, built_s, _ = measure(make)
    _, written_s, _ = measure(lambda: index.write(path))
    _, opened_s, _ = measure(lambda: open_(path))
    opened, unchecked_s, _ = measure(lambda: open_(path, check=False))
    row = f"{built_s:.2f} | {written_s:.2f} | {opened_s * 1e3:.1f} | {unchecked_s * 1e3:.1f}"
    print(f"| {name} | {row} | {path.stat().st_size / 1e6:.0f} |")
    return opened


def measure_lists(nearest: NearestIndex, path: Path) -> None:
    """Print the same for the lists of one-point searches."""
    lines = nearest._index.lines
    measure_file("lists of one-point searches", lambda: OnePointIndex.of(lines), open_lists, path)


def open_lists(path: Path, *, check: bool = True) -> OnePointIndex:
    """Open the lists, which are always checked."""
    del check
    return OnePointIndex.open(path)


def measure_questions(
    nearest: NearestIndex, within: WithinIndex, points: tuple[Any, Any], threads: int
) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the table of questions."""
    lon, lat = points
    # Squares of 2 km, one after the other: as data that is kept by place.
    order = np.lexsort((lon, np.floor(lon / 0.02), np.floor(lat / 0.02)))
    placed = lon[order], lat[order]
    rng = np.random.default_rng(1)
    around = rng.uniform(120, 125.2, FAR_POINTS), rng.uniform(30, 36, FAR_POINTS)
    earth = rng.uniform(-180, 180, FAR_POINTS), rng.uniform(-90, 90, FAR_POINTS)
    nowhere = np.zeros(len(lon)), np.zeros(len(lon))
    block = len(lon)
    questions: list[tuple[str, tuple[Any, Any], Callable[..., Any]]] = [
        ("nearest, no order", points, lambda *p: nearest.query(*p, threads=threads, block=block)),
        ("nearest, sorted", placed, lambda *p: nearest.query(*p, threads=threads, block=block)),
        ("nearest, no order, blocks", points, lambda *p: nearest.query(*p, threads=threads)),
        ("nearest, some 100 km away", around, nearest.query),
        ("nearest, around the earth", earth, nearest.query),
        ("nearest within 50 km, around the earth", earth, lambda *p: nearest.query(*p, 1, 50_000)),
        ("nearest, all at 0/0", nowhere, nearest.query),
        ("in-district, no order", points, lambda *p: within.query(*p, threads=threads)),
        ("in-district, sorted", placed, lambda *p: within.query(*p, threads=threads)),
    ]
    for name, places, ask in questions:
        _, wall_s, cpu_s = measure(lambda: ask(*places))  # noqa: B023 -- asked at once
        many = len(places[0])
        yield name, f"{many:,}", f"{wall_s / many * 1e6:.3f}", f"{cpu_s / many * 1e6:.3f}"


if __name__ == "__main__":
    main()
