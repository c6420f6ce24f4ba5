"""Where people live: their numbers on pieces of ground and at points, each in at most one area."""

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

from mapserver.analysis.frames import convert_layer, extract_polygons, project_shapes
from mapserver.analysis.reach import Reach
from mapserver.analysis.shops import assign
from mapserver.errors import N_, QueryError
from mapserver.geo.geodesy import Floats, Geometries
from mapserver.model import arguments

NO_PEOPLE = re.compile(
    r"(?i)(?:lon|lat|lng|longitude|latitude|x|y|경도|위도|fid|objectid|year|연도|기준연도"
    r"|shape_?(?:area|leng(?:th)?)|area|면적|perimeter|.*(?:_m2?|_km2?|_?id|_?cd|code|코드|번호))"
)
"""Names of columns whose numbers do not count people: positions, sizes, codes, years."""
RESULT_COLUMNS = ("area", "distance_m", "walk_min", "area_m2", "reached_m2", "share")
"""Columns of the result, which a column of people may not be named as."""
ROUNDING = 1e-9
"""A smaller share of a polygon outside of all areas comes from rounding at a common border."""
SLIVER = 0.01
"""The least share that matters where a polygon of unknown people meets an area.

Where the common ground is a smaller share of both, the borders of two sources disagree, and the
number of people of the area stays known.
"""


@dataclass(frozen=True)
class Residents:
    """Numbers of people by place.

    Attributes
    ----------
    columns
        Names of what is counted, by age group for example.
    areas
        How many areas there are.
    shapes
        Shape (n,), pieces of polygons and points in a plane; empty for people of no known place.
    area
        Shape (n,), the position of the area that contains each, -1 outside of all.
    people
        Shape (n, c), how many live there; NaN where the number is unknown.
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
            The ground within the distance.
        reach
            Measures how far each point is from a trail.
        metres
            The distance.

        Returns
        -------
        people, reached_people : ndarray of float, shape (areas + 1, c)
            The last row is outside of all areas. Where the people of a part are unknown, so are
            the sums that contain it: NaN.
        """
        # Areal weighting (Goodchild and Lam 1980): people are spread evenly over their polygon,
        # so the share of them within reach is the share of its ground.
        reached_share = np.zeros(len(self.shapes))
        is_ground = shapely.area(self.shapes) > 0
        pieces = self.shapes[is_ground]
        reached_share[is_ground] = shapely.area(shapely.intersection(pieces, zone)) / shapely.area(
            pieces
        )
        is_point = ~is_ground & ~shapely.is_empty(self.shapes)
        reached_share[is_point] = (
            reach.measure_distances(shapely.get_coordinates(self.shapes[is_point])) <= metres
        )
        people = np.zeros((self.areas + 1, len(self.columns)))
        reached_people = people.copy()
        # An area of -1 adds to the last row: the people outside of all areas.
        np.add.at(people, self.area, self.people)
        np.add.at(reached_people, self.area, self.people * reached_share[:, None])
        return people, reached_people


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
        Its columns; None for all those of :func:`columns_of`.
    areas
        In EPSG:4326, indexed by id; no two overlap.
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
    A missing number is unknown, and not 0. Borders of two sources never agree to the metre, so a
    polygon without a number makes an area unknown only if they share more than a hundredth of one
    of them.
    """
    require_population(population, people)
    if population is None:
        return Residents([], len(areas), np.empty(0, object), np.empty(0, int), np.empty((0, 0)))
    population = convert_layer(population, "population")
    columns = columns_of(population) if people is None else _read_columns(people)
    people_counts = _read_people(population, columns)
    shapes = project_shapes(population, crs)
    shapes[shapely.is_missing(shapes)] = shapely.Point()
    size_m2 = shapely.area(shapes)
    cells = project_shapes(gpd.GeoDataFrame(geometry=areas), crs)

    row, area, pieces, share = _cut_polygons(shapes, cells)

    # The ground that lies in no area, of all polygons that areas do not cover.
    covered_share = np.bincount(row, share, len(shapes))
    uncovered = np.flatnonzero((size_m2 > 0) & (np.abs(covered_share - 1) > ROUNDING))
    all_cells = shapely.union_all(cells[~shapely.is_missing(cells)])
    outer_pieces = shapely.difference(shapes[uncovered], all_cells)

    # People at points; a line or a flat polygon counts at one point of it.
    point = np.flatnonzero(size_m2 == 0)
    places = shapes[point].copy()
    is_shape = ~shapely.is_empty(places) & (shapely.get_type_id(places) != 0)
    places[is_shape] = [shapely.point_on_surface(shape) for shape in places[is_shape]]

    # One row for each piece in an area, piece outside of all, and point, in this order.
    rows = np.concatenate([row, uncovered, point])
    outer_share = np.clip(1 - covered_share[uncovered], 0, None)
    row_share = np.concatenate([share, outer_share, np.ones(len(point))])
    share_of_area = share * size_m2[row] / shapely.area(cells)[area]
    share_of_area = np.concatenate([share_of_area, np.zeros(len(uncovered)), np.ones(len(point))])
    row_people = people_counts[rows] * row_share[:, None]
    is_sliver = (row_share < SLIVER) & (share_of_area < SLIVER)
    row_people[is_sliver[:, None] & np.isnan(row_people)] = 0.0
    return Residents(
        columns,
        len(areas),
        np.concatenate([pieces, outer_pieces, places]),
        np.concatenate([area, np.full(len(uncovered), -1), _assign_points(places, areas, crs)]),
        row_people,
    )


def _cut_polygons(
    shapes: Geometries, cells: Geometries
) -> tuple[np.ndarray, np.ndarray, Geometries, Floats]:
    """Cut polygons at the borders of areas that do not overlap.

    Returns
    -------
    row, area, piece, share
        Shape (p,): the positions of polygon and area, their common ground, and its share of the
        ground of the polygon. The shares of a polygon that areas cover add up to 1.
    """
    size_m2 = shapely.area(shapes)
    ground = np.flatnonzero(size_m2 > 0)
    area, position = shapely.STRtree(shapes[ground]).query(cells, predicate="intersects")
    row = ground[position]
    pieces = extract_polygons(shapely.intersection(shapes[row], cells[area]))
    share = shapely.area(pieces) / size_m2[row]
    row, area, pieces, share = (column[share > 0] for column in (row, area, pieces, share))
    # Where areas cover a polygon but for rounding, nobody lives outside: its shares are scaled.
    covered_share = np.bincount(row, share, len(shapes))[row]
    is_covered = np.abs(covered_share - 1) <= ROUNDING
    return row, area, pieces, np.where(is_covered, share / covered_share, share)


def _read_columns(people: Any) -> list[str]:
    """Return the names of columns as a list, from one name or several."""
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
    """Return the names of columns of people: all numbers but positions, sizes and codes."""
    arguments.require_table(population, "population")
    numbers = population.select_dtypes("number").columns
    return [str(column) for column in numbers if not NO_PEOPLE.fullmatch(str(column))]


def _assign_points(places: Geometries, areas: gpd.GeoSeries, crs: CRS) -> np.ndarray:
    """Return the position of the area that contains each point of a plane, -1 outside of all."""
    frame = gpd.GeoDataFrame(geometry=places, crs=crs).to_crs(4326)
    area_ids = assign(frame, gpd.GeoDataFrame(geometry=areas))
    positions = areas.index.get_indexer(pd.Index(area_ids.dropna()))
    owner = np.full(len(places), -1)
    owner[area_ids.notna().to_numpy()] = positions
    return owner


def _read_people(population: pd.DataFrame, columns: list[str]) -> Floats:
    """Return the numbers of people, shape (rows, columns), NaN where unknown.

    Raises
    ------
    QueryError
        A column is missing, holds no numbers or a negative one, or has a name of the result.
    """
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
        if column in RESULT_COLUMNS:
            raise QueryError(
                N_("the column {column} is named as one of the result"),
                parameter="people",
                mend=N_("Rename it"),
                column=repr(column),
            )
    people: Floats = population[columns].to_numpy(float, na_value=np.nan).copy()
    # An infinite number of people is a fault of the table, so the number is unknown.
    people[~np.isfinite(people)] = np.nan
    if (people < 0).any():
        raise QueryError(
            N_("there are fewer people than none in {column}"),
            parameter="people",
            mend=N_("Correct the negative numbers"),
            column=repr(columns[int(np.argmax((people < 0).any(axis=0)))]),
        )
    return people
