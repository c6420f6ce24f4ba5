"""Who can walk to a trail: the share of ground and of people within reach, and where a gap is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from mapserver.analysis.detours import compare_detours
from mapserver.analysis.frames import (
    ALL,
    AREA,
    OUTSIDE,
    choose_plane,
    convert_from_plane,
    convert_indexed_layer,
    convert_layer,
    cut_overlaps,
    project_shapes,
    require_network,
)
from mapserver.analysis.network import Network
from mapserver.analysis.people import Residents, residents
from mapserver.analysis.reach import Reach, choose_reach
from mapserver.analysis.unserved import UnservedPeople, lay_hexagons
from mapserver.geo import geodesy
from mapserver.geo.geodesy import Floats, Geometries
from mapserver.model import arguments

DISTANCES_M = (100, 300, 500, 1000)
KNOWN = "known"
"""The row that stands for the areas whose people are known, where some are not."""


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
    """Compute what share of each area, and of its people, is within a distance of a trail.

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
        How far one walks, in any order, each distance once.
    population
        Polygons or points in any CRS with people, by age group for example.
    people
        Its columns to count; by default all columns of numbers but positions, sizes and codes
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
    areas, trails = convert_indexed_layer(areas, "areas"), convert_layer(trails, "trails")
    require_network(network)
    crs = network.crs if network is not None else choose_plane(crs, areas, trails)
    # Ground that two areas share is counted once, in the first by id, so that the areas add up.
    outlines = cut_overlaps(areas)
    ground = _measure_ground(areas, outlines, crs)
    population_pieces = residents(population, people, outlines, crs)
    reach = choose_reach(trails, crs, network)
    tables = [
        _tabulate_distance(ground, population_pieces, reach, metres) for metres in distances_m
    ]
    table = pd.concat(tables, ignore_index=True)
    if network is not None:
        table = table.join(compare_detours(ground.names, ground.shapes, reach), on=AREA)
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
    :class:`mapserver.analysis.reach.WalkedReach` describes how the outline along a network is
    found, and how exact it is.
    """
    distances_m = arguments.read_numbers(distances_m, "distances_m")
    trails = convert_layer(trails, "trails")
    require_network(network)
    crs = network.crs if network is not None else choose_plane(crs, trails)
    reach = choose_reach(trails, crs, network)
    shapes = [reach.outline_zone(metres) for metres in distances_m]
    zones = convert_from_plane(gpd.GeoDataFrame(geometry=shapes, crs=crs)).geometry
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
    unserved = UnservedPeople.from_layers(
        areas, trails, crs, reach_m=reach_m, population=population, people=people
    )
    hexagons, middles = lay_hexagons(unserved.ground, cell_m)
    frame = _build_cells(unserved, unserved.count_gains(middles), hexagons, middles)
    frame = frame.sort_values(["gain", "nearest_trail_m"], ascending=False, ignore_index=True)
    frame.insert(0, "rank", _rank_gains(frame["gain"]))
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
    unserved = UnservedPeople.from_layers(
        areas, trails, crs, reach_m=reach_m, population=population, people=people
    )
    hexagons, middles = lay_hexagons(unserved.ground, cell_m)
    # Where people are unknown the gain is, too; such a place is never chosen.
    gain = np.nan_to_num(unserved.count_gains(middles))
    trail_distances_m = np.nan_to_num(shapely.distance(middles, unserved.lines))
    chosen: list[int] = []
    gains: list[float] = []
    # The greedy choice: each time the place of the greatest gain, then the people whom it serves
    # are removed. Of equal gains the place farthest from a trail comes first.
    while len(chosen) < count and len(gain) and gain.max() > unserved.rounding:
        best = int(np.lexsort((trail_distances_m, gain))[-1])
        chosen.append(best)
        gains.append(float(gain[best]))
        unserved = unserved.serve_point(middles[best])
        # Circles of the same radius overlap only up to twice that radius: other gains stay.
        is_nearby = shapely.distance(middles, middles[best]) <= 2 * reach_m
        gain[is_nearby] = np.nan_to_num(unserved.count_gains(middles[is_nearby]))
    frame = _build_cells(unserved, np.array(gains), hexagons[chosen], middles[chosen])
    served_total = unserved.served + np.cumsum(frame["gain"])
    frame["served_share"] = served_total / unserved.total if unserved.total else np.nan
    frame.insert(0, "rank", np.arange(1, len(frame) + 1))
    return frame


LEAST_CELL_M = 10
"""The least distance between hexagons: a finer grid would have millions of them."""


def _read_steps(reach_m: float, cell_m: float) -> tuple[float, float]:
    """Check how far one walks and how far apart the middles of hexagons are, and return both."""
    reach_m = arguments.read_number(reach_m, "reach_m")
    return reach_m, arguments.read_number(cell_m, "cell_m", minimum=LEAST_CELL_M, zero=True)


@dataclass(frozen=True)
class _Ground:
    """Areas that do not overlap: their ids, shapes in the plane, and geodesic sizes."""

    names: pd.Index
    shapes: Geometries
    area_m2: Floats


def _measure_ground(areas: gpd.GeoDataFrame, outlines: gpd.GeoSeries, crs: CRS) -> _Ground:
    """Measure areas whose overlaps were cut: their outlines are those without overlaps."""
    shapes = project_shapes(gpd.GeoDataFrame(geometry=outlines), crs)
    # An area without an outline has an unknown size, not 0.
    has_outline = ~(areas.geometry.isna() | areas.geometry.is_empty).to_numpy()
    size_m2 = np.where(has_outline, geodesy.area_m2(outlines.to_numpy()), np.nan)
    return _Ground(areas.index, shapes, size_m2)


def _tabulate_distance(
    ground: _Ground, population_pieces: Residents, reach: Reach, metres: float
) -> pd.DataFrame:
    """Return the rows of :func:`within_reach` for one distance."""
    zone = reach.outline_zone(metres)
    # The share is one of areas in the plane, in which errors of scale cancel; multiplied by the
    # geodesic area it gives geodesic square metres.
    plane_m2 = shapely.area(ground.shapes)
    reached_m2 = shapely.area(shapely.intersection(ground.shapes, zone))
    reached_share = np.where(plane_m2 > 0, reached_m2 / np.where(plane_m2 > 0, plane_m2, 1), 0.0)
    area_people, reached_people = population_pieces.by_area(zone, reach, metres)
    # NaN counts as true: where the number is unknown, somebody may live there.
    lives_outside = area_people[-1:].any()
    ground_columns = {"area_m2": ground.area_m2, "reached_m2": ground.area_m2 * reached_share}
    rows = pd.DataFrame({"area": [*ground.names], **ground_columns})
    people_columns = pd.DataFrame(area_people[:-1], columns=population_pieces.columns).join(
        pd.DataFrame(
            reached_people[:-1],
            columns=[f"{column}_reached" for column in population_pieces.columns],
        )
    )
    rows = rows.join(people_columns)
    # A sum of which a part is unknown is unknown.
    total = rows.drop(columns="area").sum(skipna=False).to_frame().T.assign(area=ALL)
    blocks = [rows.astype({"area": object}), total]
    if people_columns.isna().to_numpy().any():
        blocks.append(_sum_known(people_columns))
    rows = pd.concat(blocks, ignore_index=True)
    if lives_outside:
        outside_people = dict(
            zip(people_columns.columns, [*area_people[-1], *reached_people[-1]], strict=True)
        )
        rows = pd.concat(
            [rows, pd.DataFrame([{"area": OUTSIDE, **outside_people}])], ignore_index=True
        )
    rows.insert(1, "distance_m", metres)
    rows.insert(2, "walk_min", metres / geodesy.WALKING_M_PER_MIN)
    rows.insert(5, "share", rows["reached_m2"] / rows["area_m2"].where(rows["area_m2"] > 0))
    column_order = [*rows.columns[:6]]
    for column in population_pieces.columns:
        divisor = rows[column].where(rows[column] > 0)
        rows[f"{column}_share"] = rows[f"{column}_reached"] / divisor
        column_order += [column, f"{column}_reached", f"{column}_share"]
    return rows[column_order]


def _sum_known(people: pd.DataFrame) -> pd.DataFrame:
    """Return one row: the sum of each column over the areas in which it is known."""
    # NaN where it is known in no area (min_count), since the sum of nothing is not 0 people.
    return people.sum(min_count=1).to_frame().T.assign(area=KNOWN)


def _rank_gains(gain: pd.Series) -> pd.Series:
    """Rank from 1, the greatest first; equal gains share a rank, unknown gains the last one."""
    return gain.rank(ascending=False, method="min", na_option="bottom").astype(int)


def _build_cells(
    unserved: UnservedPeople, gain: Floats, hexagons: Geometries, middles: Geometries
) -> gpd.GeoDataFrame:
    """Return hexagons with their gains in EPSG:4326."""
    cells = gpd.GeoDataFrame(
        {
            "gain": gain,
            "gain_share": gain / unserved.total if unserved.total else np.nan,
            "nearest_trail_m": shapely.distance(middles, unserved.lines),
        },
        geometry=hexagons,
        crs=unserved.crs,
    )
    return convert_from_plane(cells)
