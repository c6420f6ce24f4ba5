"""People and ground without a trail in reach, and the hexagons in which places are sought."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from mapserver.analysis.frames import (
    choose_plane,
    convert_indexed_layer,
    convert_layer,
    cut_overlaps,
    extract_polygons,
    make_points,
    project_shapes,
)
from mapserver.analysis.people import require_population, residents
from mapserver.analysis.reach import CIRCLE, StraightReach, choose_reach
from mapserver.geo.geodesy import Floats, Geometries


class UnservedPeople:
    """People, or ground, not within reach of a trail: pieces of ground and points in a plane."""

    def __init__(self, crs: CRS, ground: shapely.Geometry, lines: shapely.Geometry) -> None:
        self.crs = crs
        self.ground = ground
        self.lines = lines
        self.reach_m = 0.0
        self.total = 0.0
        self.served = 0.0
        self.shapes: Geometries = np.empty(0, dtype=object)
        self.density: Floats = np.empty(0)
        """People on a square metre of a piece, or at a point."""

    @classmethod
    def from_layers(  # noqa: PLR0913 -- what `gaps` was asked
        cls,
        areas: gpd.GeoDataFrame,
        trails: gpd.GeoDataFrame,
        crs: CRS | str | None,
        *,
        reach_m: float,
        population: gpd.GeoDataFrame | None,
        people: str | None,
    ) -> UnservedPeople:
        """Return what trails leave unserved of a population, or of the ground without one."""
        areas, trails = convert_indexed_layer(areas, "areas"), convert_layer(trails, "trails")
        crs = choose_plane(crs, areas, trails)
        outlines = cut_overlaps(areas)
        reach = choose_reach(trails, crs, None)
        shapes = project_shapes(gpd.GeoDataFrame(geometry=outlines), crs)
        unserved = cls(crs, shapely.union_all(shapes[~shapely.is_missing(shapes)]), reach.lines)
        require_population(population, people)
        if population is None:
            # Without people the ground itself counts, in hectares: 1 m² is 1e-4 ha.
            unserved.density = np.full(len(shapes), 1e-4)
            unserved.total = float(shapely.area(shapes).sum() / 10_000)
        else:
            pieces = residents(population, None if people is None else [people], outlines, crs)
            is_inside = pieces.area >= 0
            shapes, people_counts = pieces.shapes[is_inside], pieces.people[is_inside, 0]
            size_m2 = shapely.area(shapes)
            # People on a square metre of a polygon (areal weighting); at a point all of them.
            unserved.density = np.where(
                size_m2 > 0, people_counts / np.where(size_m2 > 0, size_m2, 1), people_counts
            )
            unserved.total = float(people_counts.sum())
        unserved.reach_m = reach_m
        unserved.shapes = shapes
        unserved._remove_zone(StraightReach(unserved.lines).outline_zone(reach_m), unserved.lines)
        unserved.served = unserved.total - unserved._count_unserved()
        return unserved

    @property
    def rounding(self) -> float:
        """The greatest gain that may come from rounding alone."""
        return 1e-9 * float(np.nan_to_num(self.total))

    def count_gains(self, middles: Geometries) -> Floats:
        """Count the people who would come within reach of each point, shape (m,)."""
        # Polygons: the people of a piece times the share of its ground in the circle.
        circles = shapely.buffer(middles, self.reach_m, quad_segs=CIRCLE)
        is_ground = shapely.get_dimensions(self.shapes) == 2
        tree = shapely.STRtree(self.shapes)
        position, piece = tree.query(circles, predicate="intersects")
        position, piece = position[is_ground[piece]], piece[is_ground[piece]]
        common_m2 = shapely.area(shapely.intersection(circles[position], self.shapes[piece]))
        gains: Floats = np.zeros(len(middles))
        # A piece that a circle only touches adds nothing, even if its people are unknown.
        np.add.at(gains, position, np.where(common_m2 > 0, common_m2 * self.density[piece], 0.0))
        # Points: all people of a point that is no farther away than the reach.
        position, piece = tree.query(middles, predicate="dwithin", distance=self.reach_m)
        position, piece = position[~is_ground[piece]], piece[~is_ground[piece]]
        np.add.at(gains, position, self.density[piece])
        # Two places that serve the same people have equal gains only after rounding.
        return np.round(gains, 6)

    def serve_point(self, middle: shapely.Point) -> UnservedPeople:
        """Return what is still unserved with a trail at one more point."""
        unserved = UnservedPeople(self.crs, self.ground, self.lines)
        unserved.reach_m, unserved.total, unserved.served = self.reach_m, self.total, self.served
        unserved.shapes, unserved.density = self.shapes.copy(), self.density
        unserved._remove_zone(shapely.buffer(middle, self.reach_m, quad_segs=CIRCLE), middle)
        return unserved

    def _remove_zone(self, zone: shapely.Geometry, source: shapely.Geometry) -> None:
        """Remove the ground of a zone, and points within reach of its source."""
        is_ground = shapely.get_dimensions(self.shapes) == 2
        shapes = self.shapes.copy()
        shapes[is_ground] = extract_polygons(shapely.difference(shapes[is_ground], zone))
        is_served = ~is_ground & shapely.dwithin(shapes, source, self.reach_m)
        # An empty point stays in its place, so that the densities keep their order.
        shapes[is_served] = shapely.Point()
        self.shapes = shapes

    def _count_unserved(self) -> float:
        """Count the people of all pieces and points that are left."""
        is_ground = shapely.get_dimensions(self.shapes) == 2
        is_unserved = ~shapely.is_empty(self.shapes)
        size_m2 = np.where(is_ground, shapely.area(self.shapes), 1.0)
        return float((size_m2 * self.density)[is_unserved].sum())


def lay_hexagons(shape: shapely.Geometry, size_m: float) -> tuple[Geometries, Geometries]:
    """Return the hexagons of a grid whose middle lies in a shape, and their middles.

    Middles are ``size_m`` apart in six directions: rows are ``size_m * sqrt(3) / 2`` apart, and
    every second row is shifted by half a step. Multiples of the step, from the origin of the plane,
    give the same grid for every shape.
    """
    row_height_m = size_m * np.sqrt(3) / 2
    cells = [np.empty((0, 2))]
    # Each part has a grid of its own: one over all would be mostly empty where parts lie far apart.
    for part in shapely.get_parts(shape):
        west, south, east, north = shapely.bounds(part)
        rows = np.arange(np.floor(south / row_height_m), np.ceil(north / row_height_m) + 1)
        columns = np.arange(np.floor(west / size_m) - 1, np.ceil(east / size_m) + 1)
        cells.append(np.stack(np.meshgrid(rows, columns), axis=-1).reshape(-1, 2))
    row, column = np.unique(np.concatenate(cells), axis=0).T
    middle_xy = np.stack([(column + row % 2 / 2) * size_m, row * row_height_m], axis=-1)
    shapely.prepare(shape)
    middle_xy = middle_xy[shapely.intersects_xy(shape, *middle_xy.T)]
    # Corners at 30°, 90°, ... from the middle, at the radius of a hexagon of this width.
    angles = np.radians(np.arange(30, 390, 60))
    corner_offsets = np.stack([np.cos(angles), np.sin(angles)], axis=-1) * size_m / np.sqrt(3)
    hexagons = np.asarray(shapely.polygons(middle_xy[:, None, :] + corner_offsets), dtype=object)
    return hexagons, make_points(middle_xy)
