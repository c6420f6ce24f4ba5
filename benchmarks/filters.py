"""Measure filters in CQL2: milliseconds to read one, and to find its rows, for two sizes of layer.

    python -m benchmarks.filters [--features 170 --features 100000]

Each number is the least of several rounds. The layer is made up: points in a square around a city,
with a name, a length, a surface and a date.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from mapserver.filters import read_filter

ROUNDS = 5
QUESTIONS = (
    "length_km < 2",
    "length_km < 2 AND surface = '황토'",
    "surface IN ('황토', '모래')",
    "name LIKE '%9%'",
    "CASEI(name) = CASEI('길 5')",
    "S_INTERSECTS(geometry, BBOX(126.80, 35.10, 126.82, 35.12))",
    "S_DISJOINT(geometry, BBOX(126.80, 35.10, 126.82, 35.12))",
    "T_AFTER(opened, DATE('2024-01-01'))",
)


def main() -> None:
    """Read the command line and print a line for each question and size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--features", type=int, action="append")
    options = parser.parse_args()
    print(f"{'features':>9} {'read':>9} {'find':>9}  filter")
    for count in options.features or [170, 100_000]:
        frame = make_layer(count)
        for question in QUESTIONS:
            asked = read_filter(question)
            read_ms = measure_ms(partial(read_filter, question))
            find_ms = measure_ms(partial(asked.find_rows, frame))
            print(f"{count:>9,} {read_ms:>6.2f} ms {find_ms:>6.2f} ms  {question}")


def make_layer(count: int) -> gpd.GeoDataFrame:
    """Return a layer of points, with its index of geometries made."""
    draw = np.random.default_rng(18)
    days = pd.to_timedelta(draw.integers(0, 2_000, count), unit="D")
    frame = gpd.GeoDataFrame(
        {
            "name": [f"길 {number % 977}" for number in range(count)],
            "length_km": draw.random(count) * 5,
            "surface": draw.choice(np.array(["황토", "마사토", None], dtype=object), count),
            "opened": pd.Timestamp("2020-01-01", tz="UTC") + days,
        },
        geometry=shapely.points(draw.uniform(126.7, 127, count), draw.uniform(35, 35.3, count)),
        crs="EPSG:4326",
    )
    # A server makes the index once for a snapshot.
    _ = frame.sindex
    return frame


def measure_ms(task: Callable[[], object]) -> float:
    """Return the least time of a task in milliseconds."""
    spent_s = []
    for _ in range(ROUNDS):
        start_s = time.perf_counter()
        task()
        spent_s.append(time.perf_counter() - start_s)
    return min(spent_s) * 1_000


if __name__ == "__main__":
    main()
