"""Who can walk to a trail: the share of ground and of people within reach, and where a gap is."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from mapserver import geodesy
from mapserver.analysis.network import Network

DISTANCES_M = (100, 300, 500, 1000)
ALL = "all"
"""The row that stands for all areas together."""
SAMPLE_M = 25.0
"""Side of the squares that stand for the ground where it cannot be cut exactly."""
CIRCLE = 32
"""Segments of a quarter circle: a buffer's area is 0.04 % too small."""


def within_reach(  # noqa: PLR0913 -- two of them by name only
    areas: gpd.GeoDataFrame,
    trails: gpd.GeoDataFrame,
    crs: CRS,
    distances_m: Sequence[float] = DISTANCES_M,
    *,
    population: gpd.GeoDataFrame | None = None,
    network: Network | None = None,
) -> pd.DataFrame:
    """Tell what share of each area, and of its people, is within a distance of a trail.

    In a straight line the ground is cut exactly: areas and circles around trails are polygons in
    ``crs``. Along a network squares of 25 m stand for it.

    Parameters
    ----------
    areas
        Polygons in EPSG:4326, indexed by id.
    trails
        Lines in EPSG:4326.
    crs
        Projected CRS in metres, true to scale here, as ``city.metric_crs``.
    distances_m
        How far one walks.
    population
        Polygons or points in any CRS whose columns of numbers are people, by age group for
        example. In a polygon they live evenly spread.
    network
        Paths to walk on; a straight line without.

    Returns
    -------
    DataFrame
        A row for each area and distance, and rows ``all``: ``area``, ``distance_m``, ``area_m2``
        (geodesic), ``reached_m2``, ``share``, ``walk_min`` (at 4 km/h) and, for each column of
        people, ``<column>``, ``<column>_reached`` and ``<column>_share``.
    """
    ground = _Ground.of(areas, crs, population, exact=network is None)
    rows = []
    for metres in distances_m:
        reached = ground.reached(trails, metres, network)
        for area, about in reached.items():
            row: dict[str, object] = {"area": area, "distance_m": metres}
            row["walk_min"] = metres / geodesy.WALKING_M_PER_MIN
            total, part = about.pop("ground")
            row |= {
                "area_m2": total,
                "reached_m2": part,
                "share": part / total if total else np.nan,
            }
            for column, (whole, some) in about.items():
                row |= {
                    column: whole,
                    f"{column}_reached": some,
                    f"{column}_share": some / whole if whole else np.nan,
                }
            rows.append(row)
    return pd.DataFrame(rows)


def gaps(  # noqa: PLR0913 -- four of them by name only
    areas: gpd.GeoDataFrame,
    trails: gpd.GeoDataFrame,
    crs: CRS,
    *,
    reach_m: float = 500,
    cell_m: float = 250,
    population: gpd.GeoDataFrame | None = None,
    people: str | None = None,
) -> gpd.GeoDataFrame:
    """Rank places for a new trail by how many people it would bring within reach.

    Parameters
    ----------
    areas, trails, crs, population
        As for :func:`within_reach`.
    reach_m
        How far one walks, in a straight line.
    cell_m
        Distance between the middles of the hexagons.
    people
        Which column of the population counts; the first by default.

    Returns
    -------
    GeoDataFrame
        Hexagons in EPSG:4326 whose middle lies in an area, the best first: ``rank`` from 1,
        ``gain`` (people, or without a population hectares, that are not within reach of a trail
        and would be of the middle), ``gain_share`` (of all), ``nearest_trail_m`` (straight, from
        the middle).
    """
    whole = shapely.union_all(areas.to_crs(crs).geometry.to_numpy())
    if population is None:
        points = _squares(whole, SAMPLE_M)
        weight = np.full(len(points), SAMPLE_M**2 / 10_000)
    else:
        columns = _people(population)
        points, weight = _spread(population.to_crs(crs), people or columns[0])
        inside = shapely.intersects_xy(whole, *points.T)
        points, weight = points[inside], weight[inside]
    lines = shapely.union_all(trails.to_crs(crs).geometry.to_numpy())
    shapely.prepare(lines)
    unserved = ~shapely.dwithin(shapely.points(points), lines, reach_m)
    hexagons, middles = _hexagons(whole, cell_m)
    places = shapely.points(points[unserved])
    middle, place = shapely.STRtree(places).query(middles, "dwithin", distance=reach_m)
    gain = np.bincount(middle, weights=weight[unserved][place], minlength=len(middles))
    total = weight.sum()
    frame = gpd.GeoDataFrame(
        {
            "gain": gain,
            "gain_share": gain / total if total else np.nan,
            "nearest_trail_m": shapely.distance(middles, lines),
        },
        geometry=hexagons,
        crs=crs,
    ).to_crs(4326)
    frame = frame.sort_values(["gain", "nearest_trail_m"], ascending=False, ignore_index=True)
    frame.insert(0, "rank", frame["gain"].rank(ascending=False, method="min").astype(int))
    return frame


class _Ground:
    """The ground and the people of areas, as polygons or as squares that stand for them."""

    def __init__(self, areas: gpd.GeoDataFrame, crs: CRS) -> None:
        self.crs = crs
        self.names = [*areas.index, ALL]
        self.shapes = areas.to_crs(crs).geometry.to_numpy()
        every = shapely.union_all(areas.geometry.to_numpy())
        self.area_m2 = geodesy.area_m2([*areas.geometry, every])
        self.shapes = np.append(self.shapes, shapely.union_all(self.shapes))
        self.exact = True
        self.points = np.empty((0, 2))
        self.people: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    @classmethod
    def of(
        cls,
        areas: gpd.GeoDataFrame,
        crs: CRS,
        population: gpd.GeoDataFrame | None,
        *,
        exact: bool,
    ) -> _Ground:
        ground = cls(areas, crs)
        ground.exact = exact
        if not exact:
            ground.points = _squares(ground.shapes[-1], SAMPLE_M)
        if population is not None:
            frame = population.to_crs(crs)
            ground.people = {column: _spread(frame, column) for column in _people(frame)}
        return ground

    def reached(
        self, trails: gpd.GeoDataFrame, metres: float, network: Network | None
    ) -> dict[object, dict[str, tuple[float, float]]]:
        """Give for each area the ground and the people: all, and those within reach."""
        reach = _Reach(trails, metres, self.crs, network)
        answer: dict[object, dict[str, tuple[float, float]]] = {}
        near = reach.near(self.points) if not self.exact else None
        for name, shape, total in zip(self.names, self.shapes, self.area_m2, strict=True):
            if near is None:
                plane = shapely.area(shape)
                share = (
                    shapely.area(shapely.intersection(shape, reach.zone)) / plane if plane else 0
                )
            else:
                inside = shapely.intersects_xy(shape, *self.points.T)
                share = near[inside].mean() if inside.any() else 0.0
            answer[name] = {"ground": (float(total), float(total * share))}
            for column, (points, weight) in self.people.items():
                here = shapely.intersects_xy(shape, *points.T)
                some = weight[here][reach.near(points[here])].sum() if here.any() else 0.0
                answer[name][column] = (float(weight[here].sum()), float(some))
        return answer


class _Reach:
    """What is within a distance of trails, in a straight line or along a network."""

    def __init__(
        self, trails: gpd.GeoDataFrame, metres: float, crs: CRS, network: Network | None
    ) -> None:
        self.metres = metres
        self.network = network
        lines = trails.to_crs(crs).geometry.to_numpy()
        self.lines = shapely.union_all(lines[~shapely.is_missing(lines)])
        shapely.prepare(self.lines)
        self.zone = shapely.buffer(self.lines, metres, quad_segs=CIRCLE)
        self.node_m = None if network is None else network.distance_to(trails, limit_m=metres)

    def near(self, points: np.ndarray) -> np.ndarray:
        if self.network is None or self.node_m is None:
            return np.asarray(shapely.dwithin(shapely.points(points), self.lines, self.metres))
        node, metres = self.network.enter(points)
        return np.asarray(self.node_m[node] + metres <= self.metres)


def _people(population: gpd.GeoDataFrame) -> list[str]:
    """Name the columns of people: those with numbers, but for codes."""
    numbers = population.select_dtypes("number").columns
    return [str(c) for c in numbers if not str(c).lower().endswith(("_m2", "code", "코드", "_id"))]


def _spread(population: gpd.GeoDataFrame, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Spread the people of polygons over squares of 25 m; points stay where they are."""
    points, weights = [], []
    for shape, value in zip(population.geometry, population[column], strict=True):
        if shape is None or shape.is_empty or not value > 0:
            continue
        squares = _squares(shape, SAMPLE_M) if shape.area else np.empty((0, 2))
        if not len(squares):
            squares = shapely.get_coordinates(shape.representative_point())
        points.append(squares)
        weights.append(np.full(len(squares), value / len(squares)))
    if not points:
        return np.empty((0, 2)), np.empty(0)
    return np.concatenate(points), np.concatenate(weights)


def _squares(shape: shapely.Geometry, side_m: float) -> np.ndarray:
    """Give the middles of the squares of a fixed grid that lie in a shape, shape (n, 2)."""
    west, south, east, north = shapely.bounds(shape)
    x = (np.arange(np.floor(west / side_m), np.ceil(east / side_m)) + 0.5) * side_m
    y = (np.arange(np.floor(south / side_m), np.ceil(north / side_m)) + 0.5) * side_m
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    shapely.prepare(shape)
    inside: np.ndarray = grid[shapely.intersects_xy(shape, *grid.T)]
    return inside


def _hexagons(shape: shapely.Geometry, size_m: float) -> tuple[np.ndarray, np.ndarray]:
    """Lay hexagons over a shape; give those whose middle is in it, and the middles."""
    west, south, east, north = shapely.bounds(shape)
    high = size_m * np.sqrt(3) / 2
    rows = np.arange(np.floor(south / high), np.ceil(north / high) + 1)
    columns = np.arange(np.floor(west / size_m) - 1, np.ceil(east / size_m) + 1)
    column, row = np.meshgrid(columns, rows)
    middle = np.stack([(column + row % 2 / 2) * size_m, row * high], axis=-1).reshape(-1, 2)
    middle = middle[shapely.intersects_xy(shape, *middle.T)]
    angle = np.radians(np.arange(30, 390, 60))
    corner = np.stack([np.cos(angle), np.sin(angle)], axis=-1) * size_m / np.sqrt(3)
    hexagons = np.asarray(shapely.polygons(middle[:, None, :] + corner))
    return hexagons, np.asarray(shapely.points(middle))
