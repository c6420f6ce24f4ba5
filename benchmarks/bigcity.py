"""A made-up city of Seoul's size, for benchmarks and tests: 423 neighbourhoods, wiggly borders.

Nothing in it exists: it is drawn from a seed, so every run has the same city. Tests take a smaller
one of the same kind.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

PLANE = "EPSG:5186"
MIDDLE = (200_000.0, 550_000.0)
"""Of the city in the plane: near Seoul, where the plane is true to scale."""
RADIUS_M = 14_000.0
ZONES = 25
SURFACES = ("황토", "마사토", "모래", "잔디")
KINDS = ("음식점", "소매", "의료", "교육", "미용", "카페")
Floats = npt.NDArray[np.float64]


def make_layers(  # noqa: PLR0913, PLR0917 -- what a city is made of
    neighborhoods: int = 423,
    districts: int = 87,
    trails: int = 80,
    shops: int = 4000,
    vertices: int = 30_000,
    seed: int = 14,
) -> dict[str, gpd.GeoDataFrame]:
    """Make the layers of a city.

    Parameters
    ----------
    neighborhoods, districts, trails, shops
        How many of each.
    vertices
        Of all neighbourhoods together, roughly.
    seed
        Of the random numbers: the same seed, the same city.

    Returns
    -------
    dict of str to GeoDataFrame
        EPSG:4326, by role; ``population`` has people of three age groups, one of them unknown.
    """
    random = np.random.default_rng(seed)
    areas = _areas(random, neighborhoods, vertices)
    outline = areas.union_all().buffer(-300)
    people = random.integers(200, 9000, (len(areas), 3)).astype(float)
    people[len(people) // 2, 1] = np.nan
    population = areas[["name", "geometry"]].assign(
        children=people[:, 0], adults=people[:, 1] * 3, elderly=people[:, 2]
    )
    markets = _districts(random, outline, districts)
    layers = {
        "neighborhoods": areas,
        "districts": markets,
        "trails": _trails(random, outline, trails),
        "shops": _shops(random, markets, outline, shops),
        "population": population,
    }
    return {role: frame.to_crs(4326) for role, frame in layers.items()}


def write_city(folder: Path, layers: dict[str, gpd.GeoDataFrame]) -> Path:
    """Write layers as a city folder with a catalogue, and return the folder."""
    (folder / "layers").mkdir(parents=True)
    catalog = [
        'title = { ko = "큰 시험 도시", en = "Large made-up city" }',
        'languages = ["ko", "en"]',
    ]
    for role, frame in layers.items():
        frame.reset_index().to_file(folder / "layers" / f"{role}.geojson", driver="GeoJSON")
        catalog += [
            "[[layers]]",
            f'id = "{role}"',
            f'role = "{role if role != "population" else "layer"}"',
            f'file = "{role}.geojson"',
            f'source = "Made up: {role}"',
            "sample = true",
        ]
    (folder / "layers" / "catalog.toml").write_text("\n".join(catalog) + "\n", "utf-8")
    return folder


def _areas(random: np.random.Generator, count: int, vertices: int) -> gpd.GeoDataFrame:
    """Cut a disc into cells whose borders wiggle; neighbours share every vertex."""
    disc = shapely.Point(MIDDLE).buffer(RADIUS_M, quad_segs=32)
    seeds = _points_in(random, disc, count)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(seeds), extend_to=disc))
    edges = shapely.union_all(shapely.boundary(shapely.intersection(cells, disc)))
    lines = shapely.get_parts(shapely.line_merge(edges))
    # Each border is walked by two cells, the outer one by one.
    step_m = 2 * shapely.length(edges) / vertices
    wiggly = [_wiggle(random, line, step_m) for line in lines]
    shapes = shapely.get_parts(shapely.polygonize([shapely.node(shapely.MultiLineString(wiggly))]))
    shapes = shapes[shapely.area(shapes) > 1000]  # not the loops of two borders that cross
    number = np.arange(len(shapes))
    angle = np.arctan2(*(shapely.get_coordinates(shapely.centroid(shapes)) - MIDDLE).T)
    zone = ((angle + np.pi) / (2 * np.pi) * ZONES).astype(int) % ZONES
    return _frame(
        shapes,
        name=[f"{n + 1}번동" for n in number],
        name_en=[f"Ward {n + 1}" for n in number],
        zone=[f"생활권 {n + 1}" for n in zone],
        zone_en=[f"Zone {n + 1}" for n in zone],
        role=["hub" if first else "linked" for first in ~pd.Series(zone).duplicated()],
    )


def _wiggle(
    random: np.random.Generator, line: shapely.LineString, step_m: float
) -> shapely.Geometry:
    """Bend a line between its ends by a random walk of little steps that comes back."""
    dense = shapely.get_coordinates(shapely.segmentize(line, step_m))
    if len(dense) < 3:
        return line
    walk = np.cumsum(random.normal(0, 0.08 * step_m, dense.shape), axis=0)
    part = np.linspace(0, 1, len(dense))[:, None]
    bent = dense + walk - walk[:1] - part * (walk[-1:] - walk[:1])
    bent[[0, -1]] = dense[[0, -1]]
    curve = shapely.LineString(bent)
    return curve if curve.is_simple else line


def _districts(
    random: np.random.Generator, outline: shapely.Geometry, count: int
) -> gpd.GeoDataFrame:
    middles = _points_in(random, outline, count)
    shapes = []
    for middle in middles:
        angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        far = random.uniform(60, 180, len(angle))
        shapes.append(
            shapely.Polygon(middle + np.stack([np.cos(angle), np.sin(angle)], 1) * far[:, None])
        )
    names = [f"시험골목 {n + 1}" for n in range(count)]
    return _frame(np.array(shapes), name=names, name_en=[f"Alley {n + 1}" for n in range(count)])


def _trails(random: np.random.Generator, outline: shapely.Geometry, count: int) -> gpd.GeoDataFrame:
    lines = []
    for start in _points_in(random, outline, count):
        turns = np.cumsum(random.normal(0, 0.25, int(random.integers(40, 300))))
        steps = np.stack([np.cos(turns), np.sin(turns)], axis=1) * 6
        lines.append(shapely.LineString(start + np.cumsum(steps, axis=0)))
    return _frame(
        np.array(lines),
        name=[f"시험 맨발길 {n + 1}" for n in range(count)],
        name_en=[f"Test trail {n + 1}" for n in range(count)],
        surface=random.choice(SURFACES, count),
        width_m=random.uniform(1, 3, count).round(1),
    )


def _shops(
    random: np.random.Generator, districts: gpd.GeoDataFrame, outline: shapely.Geometry, count: int
) -> gpd.GeoDataFrame:
    middles = shapely.get_coordinates(shapely.centroid(districts.geometry.to_numpy()))
    inside = middles[random.integers(0, len(middles), count * 3 // 4)]
    inside = inside + random.normal(0, 60, inside.shape)
    points = np.concatenate([inside, _points_in(random, outline, count - len(inside))])
    return _frame(
        shapely.points(points),
        name=[f"시험가게 {n + 1}" for n in range(count)],
        category=random.choice(KINDS, count),
        onnuri_card=random.choice(["yes", "no"], count),
    )


def _points_in(random: np.random.Generator, shape: shapely.Geometry, count: int) -> Floats:
    """Draw points in a shape, shape (count, 2)."""
    west, south, east, north = shape.bounds
    drawn: list[Floats] = []
    shapely.prepare(shape)
    while sum(map(len, drawn)) < count:
        xy = random.uniform((west, south), (east, north), (2 * count, 2))
        drawn.append(xy[shapely.contains_xy(shape, *xy.T)])
    return np.concatenate(drawn)[:count]


def _frame(shapes: npt.NDArray[np.object_], **columns: object) -> gpd.GeoDataFrame:
    index = pd.Index([f"t{n + 1}" for n in range(len(shapes))], name="id")
    return gpd.GeoDataFrame(dict(columns), geometry=shapes, crs=PLANE, index=index)
