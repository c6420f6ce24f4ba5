"""Who can walk to a trail: the share of ground and of people within reach, and where a gap is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from mapserver import arguments, geodesy
from mapserver.analysis.frames import (
    AREA,
    OUTSIDE,
    apart,
    identified,
    in_degrees,
    plane,
    points_of,
    polygons_of,
    require_network,
    shapes_in,
    to_degrees,
)
from mapserver.analysis.network import Network
from mapserver.analysis.people import Residents, require_population, residents
from mapserver.analysis.reach import CIRCLE, Reach, Straight, axes, reach_of
from mapserver.geodesy import Floats, Geometries

DISTANCES_M = (100, 300, 500, 1000)
ALL = "all"
"""The row that stands for all areas together."""
KNOWN = "known"
"""The row that stands for the areas whose people are known, where some are not."""
DETOUR_M = 50.0
"""Detours are taken at places so far apart."""
DETOURS = ["detour_mean", "detour_median", "median_walk_min", "cut_off_share"]


def within_reach(  # noqa: PLR0913 -- three of them by name only
    areas: gpd.GeoDataFrame,
    trails: gpd.GeoDataFrame,
    crs: CRS | str | None = None,
    distances_m: Sequence[float] = DISTANCES_M,
    *,
    population: gpd.GeoDataFrame | None = None,
    people: Sequence[str] | None = None,
    network: Network | None = None,
) -> pd.DataFrame:
    """Tell what share of each area, and of its people, is within a distance of a trail.

    In a straight line the ground is cut by circles around the trails, along a network by
    :func:`service_areas`. People who live in a polygon are spread evenly over it (areal weighting,
    Goodchild and Lam 1980) and cut with it; people at a point are counted by its own walk.

    Parameters
    ----------
    areas
        Polygons in any CRS, indexed by id. Where two overlap, ground and people belong to the
        first by id, so that all adds up.
    trails
        Lines in any CRS.
    crs
        Projected CRS in metres to measure in, as ``city.metric_crs``; by default one true to scale
        here. With a network its own.
    distances_m
        How far one walks: any order, each once.
    population
        Polygons or points in any CRS with people, by age group for example.
    people
        Its columns to count; by default all of numbers, but for positions, sizes and codes
        (:data:`mapserver.analysis.people.NO_PEOPLE`). A missing number is unknown.
    network
        Paths to walk on; a straight line without.

    Returns
    -------
    DataFrame
        Indexed by ``area`` and ``distance_m``: a row for each area and distance, and rows ``all``,
        which are the sums over the areas. Columns: ``walk_min`` (at 4 km/h), ``area_m2``
        (geodesic), ``reached_m2`` (the same share of it as of the plane), ``share``, and for each
        column of people ``<column>``, ``<column>_reached`` and ``<column>_share``. Where people
        live outside of all areas, rows ``""`` count them, without ground (NaN); with ``all`` they
        are everybody.
        Shares are NaN where there is nothing to share.

        Where the people of an area are unknown, its numbers of people are NaN, and so are those of
        ``all``. Rows ``known`` then give, column by column, the people of the areas of which they
        are known, with the share of these; their ground is NaN.

        With a network also ``detour_mean`` (metres walked by metres straight, over all places of
        a 50 m lattice from which a path leads to a trail), ``detour_median`` and
        ``median_walk_min`` (to the nearest trail; of the same places) and ``cut_off_share`` (of all
        places, those from which no path leads to any trail).

    Raises
    ------
    CrsError
        A layer has no CRS, or ``crs`` is none in metres.
    QueryError
        A distance is no number above 0, or there is none. A column of people is not there, is no
        number, is negative, or is named as one of ours.
    """
    distances_m = arguments.read_numbers(distances_m, "distances_m")
    areas, trails = identified(areas, "areas"), in_degrees(trails, "trails")
    require_network(network)
    crs = network.crs if network is not None else plane(crs, areas, trails)
    own = apart(areas)
    shapes = shapes_in(gpd.GeoDataFrame(geometry=own), crs)
    has_outline = ~(areas.geometry.isna() | areas.geometry.is_empty).to_numpy()
    size_m2 = np.where(has_outline, geodesy.area_m2(own.to_numpy()), np.nan)
    ground = _Ground(areas.index, shapes, size_m2)
    lived = residents(population, people, own, crs)
    reach = reach_of(trails, crs, network)
    tables = [_reached(ground, lived, reach, metres) for metres in distances_m]
    table = pd.concat(tables, ignore_index=True)
    if network is not None:
        table = table.join(_detours(ground, reach), on=AREA)
    return table.set_index([AREA, "distance_m"])


def service_areas(
    network: Network | None,
    trails: gpd.GeoDataFrame,
    distances_m: Sequence[float] = DISTANCES_M,
    crs: CRS | str | None = None,
) -> gpd.GeoDataFrame:
    """Outline from where one walks to a trail within each distance, to be drawn on a map.

    Parameters
    ----------
    network
        Paths to walk on; None for circles in a straight line.
    trails
        Lines in any CRS.
    distances_m
        How far one walks.
    crs
        Projected CRS in metres without a network, as for :func:`within_reach`.

    Returns
    -------
    GeoDataFrame
        EPSG:4326, a row for each distance the shortest first: ``distance_m``, ``walk_min`` (at
        4 km/h), ``area_m2`` (geodesic) and the ground. A longer distance holds the shorter ones,
        so draw it first. :func:`within_reach` counts this very ground.

    Notes
    -----
    How the outline is found along a network, and how exact it is, is said in
    :class:`mapserver.analysis.reach.Walked`.
    """
    distances_m = arguments.read_numbers(distances_m, "distances_m")
    trails = in_degrees(trails, "trails")
    require_network(network)
    crs = network.crs if network is not None else plane(crs, trails)
    reach = reach_of(trails, crs, network)
    shapes = [reach.zone(metres) for metres in distances_m]
    zones = to_degrees(gpd.GeoDataFrame(geometry=shapes, crs=crs)).geometry
    metres = np.asarray(distances_m, float)
    return gpd.GeoDataFrame(
        {
            "distance_m": metres,
            "walk_min": metres / geodesy.WALKING_M_PER_MIN,
            "area_m2": geodesy.area_m2(zones.to_numpy()),
        },
        geometry=zones,
    )


def gaps(  # noqa: PLR0913 -- four of them by name only
    areas: gpd.GeoDataFrame,
    trails: gpd.GeoDataFrame,
    crs: CRS | str | None = None,
    *,
    reach_m: float = 500,
    cell_m: float = 250,
    population: gpd.GeoDataFrame | None = None,
    people: str | None = None,
) -> gpd.GeoDataFrame:
    """Rank places for a new trail by how many people it would bring within reach.

    Each place is judged alone: neighbours serve much the same people, so their gains do not add
    up. :func:`sites` chooses several that do.

    Parameters
    ----------
    areas, trails, crs, population
        As for :func:`within_reach`. People outside of all areas do not count.
    reach_m
        How far one walks, in a straight line.
    cell_m
        Distance between the middles of the hexagons.
    people
        Which column of the population counts; the first by default.

    Returns
    -------
    GeoDataFrame
        Hexagons in EPSG:4326 whose middle lies in an area, the best first: ``rank`` from 1 (equal
        gains share one), ``gain`` (people, or without a population hectares, that are not within
        reach of a trail and would be of the middle), ``gain_share`` (of all), ``nearest_trail_m``
        (straight, from the middle; NaN without a trail). Where people within reach of a place are
        unknown, so is its gain (NaN, ranked last), and where people of any area are, every
        ``gain_share`` is.
    """
    reach_m, cell_m = _read_steps(reach_m, cell_m)
    unserved = _Unserved.of(
        areas, trails, crs, reach_m=reach_m, population=population, people=people
    )
    hexagons, middles = _hexagons(unserved.whole, cell_m)
    frame = _gained(unserved, unserved.gain(middles), hexagons, middles)
    frame = frame.sort_values(["gain", "nearest_trail_m"], ascending=False, ignore_index=True)
    frame.insert(0, "rank", _ranks(frame["gain"]))
    return frame


def sites(  # noqa: PLR0913 -- five of them by name only
    areas: gpd.GeoDataFrame,
    trails: gpd.GeoDataFrame,
    crs: CRS | str | None = None,
    *,
    count: int = 5,
    reach_m: float = 500,
    cell_m: float = 250,
    population: gpd.GeoDataFrame | None = None,
    people: str | None = None,
) -> gpd.GeoDataFrame:
    """Choose places for new trails one after another, each for those whom none serves yet.

    Parameters
    ----------
    areas, trails, crs, reach_m, cell_m, population, people
        As for :func:`gaps`.
    count
        How many places at most; fewer where nobody is left to gain.

    Returns
    -------
    GeoDataFrame
        As of :func:`gaps`, in the order of choice (``rank``): ``gain`` is what each adds to trails
        and earlier sites, so the gains add up, and ``served_share`` what share of all is then
        within reach.

    Notes
    -----
    Choosing the best each time reaches at least 63 % (1 - 1/e) of what the best choice of as many
    hexagons together could (Nemhauser, Wolsey and Fisher 1978), and as a rule nearly all of it.
    """
    count = arguments.read_count(count, "count")
    reach_m, cell_m = _read_steps(reach_m, cell_m)
    unserved = _Unserved.of(
        areas, trails, crs, reach_m=reach_m, population=population, people=people
    )
    hexagons, middles = _hexagons(unserved.whole, cell_m)
    gain = np.nan_to_num(unserved.gain(middles))
    far = np.nan_to_num(shapely.distance(middles, unserved.lines))
    chosen: list[int] = []
    gains: list[float] = []
    while len(chosen) < count and len(gain) and gain.max() > unserved.least:
        best = int(np.lexsort((far, gain))[-1])  # of equals the farthest from a trail
        chosen.append(best)
        gains.append(float(gain[best]))
        unserved = unserved.without(middles[best])
        near = shapely.distance(middles, middles[best]) <= 2 * reach_m
        gain[near] = np.nan_to_num(unserved.gain(middles[near]))
    frame = _gained(unserved, np.array(gains), hexagons[chosen], middles[chosen])
    served = unserved.served + np.cumsum(frame["gain"])
    frame["served_share"] = served / unserved.total if unserved.total else np.nan
    frame.insert(0, "rank", np.arange(1, len(frame) + 1))
    return frame


LEAST_CELL_M = 10
"""Hexagons closer than this would be millions, and no finer than the trails are drawn."""


def _read_steps(reach_m: float, cell_m: float) -> tuple[float, float]:
    """Check how far one walks and how far hexagons stand apart."""
    reach_m = arguments.read_number(reach_m, "reach_m")
    return reach_m, arguments.read_number(cell_m, "cell_m", least=LEAST_CELL_M, zero=True)


@dataclass(frozen=True)
class _Ground:
    """Areas, none over another: their ids, shapes in the plane, and geodesic sizes."""

    names: pd.Index
    shapes: Geometries
    area_m2: Floats


def _reached(ground: _Ground, lived: Residents, reach: Reach, metres: float) -> pd.DataFrame:
    """Give the rows of one distance."""
    zone = reach.zone(metres)
    whole = shapely.area(ground.shapes)
    cut = shapely.area(shapely.intersection(ground.shapes, zone))
    part = np.where(whole > 0, cut / np.where(whole > 0, whole, 1), 0.0)
    there, within = lived.by_area(zone, reach, metres)
    outside = there[-1:].any()  # NaN, too: somebody may live there
    counted = {"area_m2": ground.area_m2, "reached_m2": ground.area_m2 * part}
    rows = pd.DataFrame({"area": [*ground.names], **counted})
    people = pd.DataFrame(there[:-1], columns=lived.columns).join(
        pd.DataFrame(within[:-1], columns=[f"{column}_reached" for column in lived.columns])
    )
    rows = rows.join(people)
    total = rows.drop(columns="area").sum(skipna=False).to_frame().T.assign(area=ALL)
    totals = [rows.astype({"area": object}), total]
    if people.isna().to_numpy().any():
        totals.append(_sum_known(people))
    rows = pd.concat(totals, ignore_index=True)
    if outside:
        beyond = dict(zip(people.columns, [*there[-1], *within[-1]], strict=True))
        rows = pd.concat([rows, pd.DataFrame([{"area": OUTSIDE, **beyond}])], ignore_index=True)
    rows.insert(1, "distance_m", metres)
    rows.insert(2, "walk_min", metres / geodesy.WALKING_M_PER_MIN)
    rows.insert(5, "share", rows["reached_m2"] / rows["area_m2"].where(rows["area_m2"] > 0))
    order = [*rows.columns[:6]]
    for column in lived.columns:
        one = rows[column].where(rows[column] > 0)
        rows[f"{column}_share"] = rows[f"{column}_reached"] / one
        order += [column, f"{column}_reached", f"{column}_share"]
    return rows[order]


def _sum_known(people: pd.DataFrame) -> pd.DataFrame:
    """Add up each column over the areas in which it is known, as one row."""
    return people.sum(min_count=1).to_frame().T.assign(area=KNOWN)


def _detours(ground: _Ground, reach: Reach) -> pd.DataFrame:
    """Compare the walk with the straight way at the places of a lattice in each area."""
    names, shapes = ground.names, ground.shapes
    lattices = [_lattice(shape, DETOUR_M) for shape in shapes]
    xy = np.concatenate([np.empty((0, 2)), *lattices])
    if not len(xy):
        return pd.DataFrame(np.nan, [*names, ALL], DETOURS)
    table = pd.DataFrame(
        {
            "area": np.repeat(np.arange(len(names)), [len(each) for each in lattices]),
            "walk": reach.metres(xy),
            "straight": shapely.distance(points_of(xy), reach.lines),
        }
    )
    table["cut_off"] = ~np.isfinite(table["walk"])
    every = pd.concat([table, table.assign(area=len(names))])
    cut_off = every.groupby("area")["cut_off"].mean()
    led = every[~every["cut_off"] & (every["straight"] > 0)]
    minutes = led["walk"].groupby(led["area"]).median() / geodesy.WALKING_M_PER_MIN
    ratio = (led["walk"] / led["straight"]).groupby(led["area"]).median()
    sums = led.groupby("area")[["walk", "straight"]].sum()
    figures = (sums["walk"] / sums["straight"], ratio, minutes, cut_off)
    found = pd.DataFrame(dict(zip(DETOURS, figures, strict=True)))
    return found.reindex(range(len(names) + 1)).set_axis([*names, ALL])


def _lattice(shape: shapely.Geometry, step_m: float) -> Floats:
    """Give the places of a lattice that lie in a shape, shape (n, 2)."""
    if shape is None or shape.is_empty:
        return np.empty((0, 2))
    xy = np.stack(np.meshgrid(*axes(shape, step_m)), axis=-1).reshape(-1, 2)
    shapely.prepare(shape)
    inside: Floats = xy[shapely.intersects_xy(shape, *xy.T)]
    return inside


class _Unserved:
    """Who is not within reach of a trail, as pieces of ground and points in a plane."""

    def __init__(self, crs: CRS, whole: shapely.Geometry, lines: shapely.Geometry) -> None:
        self.crs = crs
        self.whole = whole
        self.lines = lines
        self.reach_m = 0.0
        self.total = 0.0
        self.served = 0.0
        self.shapes: Geometries = np.empty(0, dtype=object)
        self.density: Floats = np.empty(0)
        """People on a square metre of a piece, or at a point."""

    @classmethod
    def of(  # noqa: PLR0913 -- what `gaps` was asked
        cls,
        areas: gpd.GeoDataFrame,
        trails: gpd.GeoDataFrame,
        crs: CRS | str | None,
        *,
        reach_m: float,
        population: gpd.GeoDataFrame | None,
        people: str | None,
    ) -> _Unserved:
        areas, trails = identified(areas, "areas"), in_degrees(trails, "trails")
        crs = plane(crs, areas, trails)
        ground = apart(areas)
        reach = reach_of(trails, crs, None)
        shapes = shapes_in(gpd.GeoDataFrame(geometry=ground), crs)
        made = cls(crs, shapely.union_all(shapes[~shapely.is_missing(shapes)]), reach.lines)
        require_population(population, people)
        if population is None:
            made.density = np.full(len(shapes), 1e-4)  # hectares
            made.total = float(shapely.area(shapes).sum() / 10_000)
        else:
            lived = residents(population, None if people is None else [people], ground, crs)
            inside = lived.area >= 0
            shapes, number = lived.shapes[inside], lived.people[inside, 0]
            size = shapely.area(shapes)
            made.density = np.where(size > 0, number / np.where(size > 0, size, 1), number)
            made.total = float(number.sum())
        made.reach_m = reach_m
        made.shapes = shapes
        made._take(Straight(made.lines).zone(reach_m), made.lines)
        made.served = made.total - made._left()
        return made

    @property
    def least(self) -> float:
        """A gain that is no more than rounding."""
        return 1e-9 * float(np.nan_to_num(self.total))

    def gain(self, middles: Geometries) -> Floats:
        """Count who would be within reach of each of some points."""
        circles = shapely.buffer(middles, self.reach_m, quad_segs=CIRCLE)
        ground = shapely.get_dimensions(self.shapes) == 2
        tree = shapely.STRtree(self.shapes)
        at, piece = tree.query(circles, predicate="intersects")
        at, piece = at[ground[piece]], piece[ground[piece]]
        size = shapely.area(shapely.intersection(circles[at], self.shapes[piece]))
        gained: Floats = np.zeros(len(middles))
        # A piece that a circle only touches adds nothing, even if its people are unknown.
        np.add.at(gained, at, np.where(size > 0, size * self.density[piece], 0.0))
        at, piece = tree.query(middles, predicate="dwithin", distance=self.reach_m)
        at, piece = at[~ground[piece]], piece[~ground[piece]]
        np.add.at(gained, at, self.density[piece])
        # Places that serve the same are equal, whatever rounding says.
        return np.round(gained, 6)

    def without(self, middle: shapely.Point) -> _Unserved:
        """Give who is left when a point is served as well."""
        left = _Unserved(self.crs, self.whole, self.lines)
        left.reach_m, left.total, left.served = self.reach_m, self.total, self.served
        left.shapes, left.density = self.shapes.copy(), self.density
        left._take(shapely.buffer(middle, self.reach_m, quad_segs=CIRCLE), middle)
        return left

    def _take(self, zone: shapely.Geometry, source: shapely.Geometry) -> None:
        ground = shapely.get_dimensions(self.shapes) == 2
        shapes = self.shapes.copy()
        shapes[ground] = polygons_of(shapely.difference(shapes[ground], zone))
        served = ~ground & shapely.dwithin(shapes, source, self.reach_m)
        shapes[served] = shapely.Point()
        self.shapes = shapes

    def _left(self) -> float:
        ground = shapely.get_dimensions(self.shapes) == 2
        there = ~shapely.is_empty(self.shapes)
        size = np.where(ground, shapely.area(self.shapes), 1.0)
        return float((size * self.density)[there].sum())


def _ranks(gain: pd.Series) -> pd.Series:
    """Rank from 1, the greatest first; equals share a rank, and what is unknown the last."""
    return gain.rank(ascending=False, method="min", na_option="bottom").astype(int)


def _gained(
    unserved: _Unserved, gain: Floats, hexagons: Geometries, middles: Geometries
) -> gpd.GeoDataFrame:
    cells = gpd.GeoDataFrame(
        {
            "gain": gain,
            "gain_share": gain / unserved.total if unserved.total else np.nan,
            "nearest_trail_m": shapely.distance(middles, unserved.lines),
        },
        geometry=hexagons,
        crs=unserved.crs,
    )
    return to_degrees(cells)


def _hexagons(shape: shapely.Geometry, size_m: float) -> tuple[Geometries, Geometries]:
    """Lay hexagons over a shape; give those whose middle is in it, and the middles."""
    high = size_m * np.sqrt(3) / 2
    cells = [np.empty((0, 2))]
    for part in shapely.get_parts(shape):  # each for itself, should they lie far apart
        west, south, east, north = shapely.bounds(part)
        rows = np.arange(np.floor(south / high), np.ceil(north / high) + 1)
        columns = np.arange(np.floor(west / size_m) - 1, np.ceil(east / size_m) + 1)
        cells.append(np.stack(np.meshgrid(rows, columns), axis=-1).reshape(-1, 2))
    row, column = np.unique(np.concatenate(cells), axis=0).T
    middle = np.stack([(column + row % 2 / 2) * size_m, row * high], axis=-1)
    shapely.prepare(shape)
    middle = middle[shapely.intersects_xy(shape, *middle.T)]
    angle = np.radians(np.arange(30, 390, 60))
    corner = np.stack([np.cos(angle), np.sin(angle)], axis=-1) * size_m / np.sqrt(3)
    hexagons = np.asarray(shapely.polygons(middle[:, None, :] + corner), dtype=object)
    return hexagons, points_of(middle)
