"""Where people live: their numbers by pieces of ground and points, each in one area or in none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from mapserver import arguments
from mapserver.analysis.frames import in_degrees, polygons_of, shapes_in
from mapserver.analysis.reach import Reach
from mapserver.analysis.shops import assign
from mapserver.errors import N_, QueryError
from mapserver.geodesy import Floats, Geometries

NO_PEOPLE = re.compile(
    r"(?i)(?:lon|lat|lng|longitude|latitude|x|y|경도|위도|fid|objectid|year|연도|기준연도"
    r"|shape_?(?:area|leng(?:th)?)|area|면적|perimeter|.*(?:_m2?|_km2?|_?id|_?cd|code|코드|번호))"
)
"""Names of columns whose numbers are no people: positions, sizes, codes, years."""
OURS = ("area", "distance_m", "walk_min", "area_m2", "reached_m2", "share")
ROUNDING = 1e-9
"""A share of a polygon this small outside of all areas is a border drawn twice."""
SLIVER = 0.01
"""A polygon of unknown people that shares less than this with an area, of both, is a border drawn
twice, and leaves the area's number known."""


@dataclass(frozen=True)
class Residents:
    """People by where they live.

    Attributes
    ----------
    columns
        Names of what is counted, by age group for example.
    areas
        How many areas there are.
    shapes
        Shape (n,), pieces of polygons and points in a plane; empty for people of no known place.
    area
        Shape (n,), the position of the area that holds each, -1 outside of all.
    people
        Shape (n, c), how many live there; NaN where nobody knows.
    """

    columns: list[str]
    areas: int
    shapes: Geometries
    area: np.ndarray
    people: Floats

    def by_area(self, zone: shapely.Geometry, reach: Reach, metres: float) -> tuple[Floats, Floats]:
        """Count the people of each area, and those within a distance of a trail.

        Parameters
        ----------
        zone
            What of the ground is within the distance.
        reach
            How far each point is.
        metres
            The distance.

        Returns
        -------
        there, within : ndarray of float, shape (areas + 1, c)
            The last row is outside of all areas. Where the people of a part are unknown, so are
            the sums that contain it: NaN.
        """
        part = np.zeros(len(self.shapes))
        ground = shapely.area(self.shapes) > 0
        pieces = self.shapes[ground]
        part[ground] = shapely.area(shapely.intersection(pieces, zone)) / shapely.area(pieces)
        point = ~ground & ~shapely.is_empty(self.shapes)
        part[point] = reach.metres(shapely.get_coordinates(self.shapes[point])) <= metres
        there = np.zeros((self.areas + 1, len(self.columns)))
        within = there.copy()
        np.add.at(there, self.area, self.people)
        np.add.at(within, self.area, self.people * part[:, None])
        return there, within


def residents(
    population: gpd.GeoDataFrame | None,
    people: Sequence[str] | None,
    areas: gpd.GeoSeries,
    crs: CRS,
) -> Residents:
    """Cut a population at the borders of areas.

    Parameters
    ----------
    population
        Polygons or points in any CRS; None for nobody.
    people
        Its columns; None for those that look like people.
    areas
        In EPSG:4326, indexed by id, none over another.
    crs
        The plane.

    Raises
    ------
    CrsError
        The population has no CRS.
    QueryError
        A column is not there, is no number, is negative, or is named as one of the result's.

    Notes
    -----
    A missing number is unknown, and not nobody. Borders of two sources never agree to the metre, so
    a polygon without a number makes an area unknown only if more than a hundredth of the one or of
    the other is shared.
    """
    require_population(population, people)
    if population is None:
        return Residents([], len(areas), np.empty(0, object), np.empty(0, int), np.empty((0, 0)))
    population = in_degrees(population, "population")
    columns = columns_of(population) if people is None else _read_columns(people)
    number = _numbers(population, columns)
    shapes = shapes_in(population, crs)
    shapes[shapely.is_missing(shapes)] = shapely.Point()
    size = shapely.area(shapes)
    ground = np.flatnonzero(size > 0)
    cells = shapes_in(gpd.GeoDataFrame(geometry=areas), crs)
    area, at = shapely.STRtree(shapes[ground]).query(cells, predicate="intersects")
    row = ground[at]
    pieces = polygons_of(shapely.intersection(shapes[row], cells[area]))
    part = shapely.area(pieces) / size[row]
    row, area, pieces, part = (each[part > 0] for each in (row, area, pieces, part))
    inside = np.bincount(row, part, len(shapes))
    # Borders that two layers share differ by rounding; the people there are not outside.
    whole = np.flatnonzero((size > 0) & (np.abs(inside - 1) <= ROUNDING))
    part = np.where(np.isin(row, whole), part / np.where(inside > 0, inside, 1)[row], part)
    beyond = np.setdiff1d(ground, whole)
    rest = shapely.difference(shapes[beyond], shapely.union_all(cells[~shapely.is_missing(cells)]))
    point = np.flatnonzero(size == 0)
    places = shapes[point].copy()
    spread = ~shapely.is_empty(places) & (shapely.get_type_id(places) != 0)
    places[spread] = [shapely.point_on_surface(each) for each in places[spread]]
    owner = _owners(places, areas, crs)
    rows = np.concatenate([row, beyond, point])
    share = np.concatenate([part, np.clip(1 - inside[beyond], 0, None), np.ones(len(point))])
    of_area = np.concatenate(
        [part * size[row] / shapely.area(cells)[area], np.zeros(len(beyond)), np.ones(len(point))]
    )
    is_sliver = (share < SLIVER) & (of_area < SLIVER)
    counted = number[rows] * share[:, None]
    counted[is_sliver[:, None] & np.isnan(counted)] = 0.0
    return Residents(
        columns,
        len(areas),
        np.concatenate([pieces, rest, places]),
        np.concatenate([area, np.full(len(beyond), -1), owner]),
        counted,
    )


def _read_columns(people: Any) -> list[str]:
    """Read names of columns: one, or a row of them."""
    names = [people] if isinstance(people, str) else people
    is_row = isinstance(names, Iterable) and not isinstance(names, pd.DataFrame | pd.Series)
    columns: list[Any] = list(names) if is_row else [None]
    if not all(isinstance(column, str) for column in columns):
        raise QueryError(
            N_("{value} is no name of a column"),
            parameter="people",
            mend=N_("Name the columns that count people"),
            value=repr(people)[:80],
        )
    return columns


def require_population(population: gpd.GeoDataFrame | None, people: object) -> None:
    """Raise an error where people are asked for and there is no layer that has any."""
    if population is None and people is not None:
        raise QueryError(
            N_("{value} are asked for, and no population is given"),
            parameter="people",
            mend=N_("Give the layer that has this column as population"),
            value=repr(people),
        )


def columns_of(population: pd.DataFrame) -> list[str]:
    """Name the columns of people: those with numbers, but for positions, sizes and codes."""
    arguments.require_table(population, "population")
    numbers = population.select_dtypes("number").columns
    return [str(column) for column in numbers if not NO_PEOPLE.fullmatch(str(column))]


def _owners(places: Geometries, areas: gpd.GeoSeries, crs: CRS) -> np.ndarray:
    frame = gpd.GeoDataFrame(geometry=places, crs=crs).to_crs(4326)
    named = assign(frame, gpd.GeoDataFrame(geometry=areas))
    found = areas.index.get_indexer(pd.Index(named.dropna()))
    owner = np.full(len(places), -1)
    owner[named.notna().to_numpy()] = found
    return owner


def _numbers(population: pd.DataFrame, columns: list[str]) -> Floats:
    if not columns:
        raise QueryError(
            N_("the population has no column of people"),
            parameter="people",
            mend=N_("Name the columns that count people"),
        )
    for column in columns:
        if column not in population or not pd.api.types.is_numeric_dtype(population[column]):
            raise QueryError(
                N_("the population has no column of numbers {column}"),
                parameter="people",
                mend=N_("Choose from: {choices}"),
                column=repr(column),
                choices=", ".join(columns_of(population)) or "-",
            )
        if column in OURS:
            raise QueryError(
                N_("the column {column} is named as one of the result"),
                parameter="people",
                mend=N_("Rename it"),
                column=repr(column),
            )
    number: Floats = population[columns].to_numpy(float, na_value=np.nan).copy()
    number[~np.isfinite(number)] = np.nan
    if (number < 0).any():
        raise QueryError(
            N_("there are fewer people than none in {column}"),
            parameter="people",
            mend=N_("Correct the negative numbers"),
            column=repr(columns[int(np.argmax((number < 0).any(axis=0)))]),
        )
    return number
