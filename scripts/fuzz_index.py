"""Try the indexes on millions of random cases against brute force by GEOS; not a part of CI.

python scripts/fuzz_index.py --cases 2000000 [--seed 1]
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np
import shapely

from mapserver.index import PlaneIndex, WithinIndex
from mapserver.index import flat_areas as areas_module
from mapserver.index import one_point as single_module
from mapserver.index import plane as plane_module
from mapserver.index import within as within_module
from mapserver.index.containment import Containment, find_containment
from mapserver.index.flat_areas import Areas

SHAPES, POINTS, MOST, FEW = 24, 400, 3, 100
SPEEDS = {"few": (10**9, 10**9), "many": (0, 10**9), "looked up": (0, 0)}


def main() -> None:
    """Read the command line and try until enough cases have agreed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    plane_module.FINE_CELLS, single_module.FEWEST_CELLS = 16, 64
    tried, seed, start = 0, given.seed, time.monotonic()
    while tried < given.cases:
        rng = np.random.default_rng(seed)
        speed = list(SPEEDS)[seed % len(SPEEDS)]
        plane_module.FEW_POINTS, plane_module.MANY_POINTS = SPEEDS[speed]
        within_module.FEW_POINTS = SPEEDS[speed][0]
        areas_module.FINE_CELLS = int(rng.choice([2**6, 2**10, 2**16]))
        try:
            tried += try_nearest(rng) + try_within(rng)
        except AssertionError as error:
            sys.exit(f"seed {seed}, {speed}: {error}")
        seed += 1
    print(f"{tried:,} cases agree, seeds {given.seed} to {seed - 1}, "
          f"{time.monotonic() - start:.0f} s")  # fmt: skip


def coordinates(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Draw coordinates that often coincide: on a grid, between its lines, or anywhere."""
    step = rng.choice([1.0, 0.5, 0.1, 1e-3])
    places = np.round(rng.uniform(-5, 5, shape) / step) * step
    return places + rng.choice([0.0, 0.0, 127.0, 2e5, -1e6])


def try_nearest(rng: np.random.Generator) -> int:
    """Compare the nearest of lines, points and rings."""
    offset_free = coordinates(rng, (SHAPES + POINTS, 6, 2))
    shapes = []
    for corners in offset_free[:SHAPES]:
        kind = rng.integers(3)
        if kind == 0:
            shapes.append(shapely.LineString(corners[: rng.integers(2, 7)]))
        elif kind == 1:
            shapes.append(shapely.Point(corners[0]))
        else:
            shapes.append(shapely.LinearRing(corners[:4]))
    lines = np.array(shapes, dtype=object)
    places = offset_free[SHAPES:, 0]
    k = int(rng.integers(1, MOST + 1))
    found = PlaneIndex.of(lines).query(*places.T, k)
    truth = np.sort(shapely.distance(shapely.points(places)[:, None], lines[None]), axis=1)[:, :k]
    scale = 1e-9 * max(1.0, float(np.abs(places).max()))
    assert len(found.point) == truth.size, "not as many answers as there should be"
    assert np.abs(found.distance - truth.ravel()).max() <= scale, "another distance"
    held = shapely.distance(shapely.points(found.x, found.y), lines[found.feature])
    assert held.max() <= scale, "a snapped point beside its feature"
    index = PlaneIndex.of(lines)
    for place, distance in zip(places[:FEW].tolist(), truth[:FEW, 0].tolist(), strict=True):
        assert abs(index.query_one(*place).squared ** 0.5 - distance) <= scale, (
            "another for one point"
        )
    return truth.size + FEW


def try_within(rng: np.random.Generator) -> int:
    """Compare the areas that contain points, corners and middles of edges among them."""
    rings = coordinates(rng, (SHAPES, 7, 2))
    parts = [shapely.make_valid(shapely.Polygon(ring)) for ring in rings]
    areas = np.array([shapely.union_all(polygons_of(part)) for part in parts], dtype=object)
    corners = rings.reshape(-1, 2)
    middles = (corners[1:] + corners[:-1]) / 2
    low, high = corners.min(axis=0) - 1, corners.max(axis=0) + 1
    places = np.concatenate([corners, middles, rng.uniform(low, high, (POINTS, 2))])
    index = WithinIndex.of(areas)
    point, area = index.query(*places.T)
    truth = np.argwhere(shapely.intersects_xy(areas[None], *places.T[..., None]))
    assert np.array_equal(np.column_stack([point, area]), truth), "other areas"
    # With a margin, as of a plane in which edges bend, it may decide only what is farther away.
    margin = float(rng.choice([1e-3, 0.05, 0.5]))
    containment = find_containment(
        Areas.from_polygons(areas, margin),
        *places.T,
        lambda rows: Containment.from_pairs(len(rows), rows[:0], rows[:0]),
    )
    far = (
        shapely.distance(shapely.union_all(shapely.boundary(areas)), shapely.points(places))
        > 2 * margin
    )
    pairs = np.column_stack(containment.list_pairs())
    assert np.array_equal(pairs[far[pairs[:, 0]]], truth[far[truth[:, 0]]]), "other areas, margin"
    assert set(map(tuple, pairs)) <= set(map(tuple, truth)), "decided what is too near"
    return 2 * len(places) * SHAPES


def polygons_of(shape: shapely.Geometry) -> list[shapely.Geometry]:
    """Keep the polygons of a shape."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    return [part for part in parts if part.geom_type == "Polygon"]


if __name__ == "__main__":
    main()
