"""What the benchmark asks: a city as it is, and a country made at random with a fixed seed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

import mapserver

ROOT = Path(__file__).resolve().parents[2]
SEED = 20261123
COUNTRY_M = (320_000.0, 400_000.0)
TRAILS, DISTRICTS = 100_000, 15_000


@dataclass(frozen=True)
class Scene:
    """Lines, polygons and the points that are asked about, in metres."""

    lines: np.ndarray
    polygons: np.ndarray
    x: np.ndarray
    y: np.ndarray


def make_scene(name: str, points: int) -> Scene:
    """Build the scene ``city`` or ``country`` with so many points."""
    rng = np.random.default_rng(SEED)
    if name == "city":
        city = mapserver.open_city(ROOT)
        lines = city.trails.to_crs(5186).geometry.to_numpy()
        polygons = city.districts.to_crs(5186).geometry.to_numpy()
        west, south, east, north = city.neighborhoods.to_crs(5186).total_bounds
    else:
        west, south = 0.0, 0.0
        east, north = COUNTRY_M
        lines, polygons = _make_trails(rng), _make_districts(rng)
    x, y = rng.uniform(west, east, points), rng.uniform(south, north, points)
    return Scene(lines, polygons, x, y)


def make_shapes() -> tuple[np.ndarray, np.ndarray]:
    """Make the trails and districts of the country, in metres of EPSG:5186."""
    rng = np.random.default_rng(SEED)
    return _make_trails(rng), _make_districts(rng)


def _make_trails(rng: np.random.Generator) -> np.ndarray:
    """Make paths of 20 to 60 points, fifteen metres apart, that bend as paths do."""
    count = rng.integers(20, 61, TRAILS)
    trail = np.repeat(np.arange(TRAILS), count)
    begin = np.cumsum(count) - count
    # A random walk of the direction: each step turns by some 0.25 radians, and each trail begins
    # in a direction of its own.
    turn = np.cumsum(rng.normal(0, 0.25, len(trail)))
    turn += (rng.uniform(0, 2 * np.pi, TRAILS) - turn[begin])[trail]
    steps = 15 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    walked = np.cumsum(steps, axis=0)
    middles = rng.uniform((0, 0), COUNTRY_M, (TRAILS, 2))
    return shapely.linestrings(walked - walked[begin][trail] + middles[trail], indices=trail)


def _make_districts(rng: np.random.Generator) -> np.ndarray:
    """Make areas of 50 to 300 corners, one around each place of a grid, that do not overlap."""
    side = int(np.ceil(np.sqrt(DISTRICTS)))
    number = np.arange(DISTRICTS)
    column, row = np.divmod(number, side)
    pitch = np.array(COUNTRY_M) / side
    middles = (np.stack([column, row], axis=1) + 0.5) * pitch
    count = rng.integers(50, 301, DISTRICTS)
    area = np.repeat(number, count)
    begin = np.cumsum(count) - count
    turn = 2 * np.pi * (np.arange(len(area)) - begin[area]) / count[area]
    lobes = rng.integers(2, 6, DISTRICTS)[area]
    # A circle with lobes; at most 0.99 of half the pitch, so that neighbours do not touch.
    radius = 0.72 + 0.2 * np.sin(lobes * turn + area) + 0.07 * rng.random(len(area))
    ring = radius[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1) * pitch / 2
    return shapely.polygons(shapely.linearrings(ring + middles[area], indices=area))
