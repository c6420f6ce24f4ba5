"""Prepare layers for an analysis: convert them to degrees and choose a plane to measure in."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from mapserver.errors import N_, CrsError, DataError, QueryError
from mapserver.geo import extent, geodesy, heights
from mapserver.geo.geodesy import Geometries
from mapserver.model import arguments

OUTSIDE = ""
"""The id that stands for the ground outside of all areas."""
ALL = "all"
"""The id of the row that stands for all areas together."""
AREA = "area"
"""The index of every result by area, or its first level: the ids of the areas."""


def convert_layer(frame: gpd.GeoDataFrame, name: str) -> gpd.GeoDataFrame:
    """Return a layer in EPSG:4326: the same object if it is in that CRS already.

    Parameters
    ----------
    frame
        In any CRS; it is not changed.
    name
        What to call it in the message.

    Raises
    ------
    CrsError
        It has no CRS.
    QueryError
        It is no layer.
    DataError
        A polygon in it crosses itself; layers of a city are mended when they are read.
    """
    arguments.require_frame(frame, name)
    if frame.crs is None:
        raise CrsError(
            N_("the layer has no CRS"),
            where=name,
            mend=N_('Say which it is, for example {name}.set_crs("EPSG:5186")'),
            name=name,
        )
    # GEOS raises in the middle of an intersection with a polygon that crosses itself, so such a
    # polygon is refused here, where its id can be named.
    shapes = frame.geometry.to_numpy()
    broken = (shapely.get_dimensions(shapes) == 2) & ~shapely.is_valid(shapes)
    if broken.any():
        raise DataError(
            N_("the outline of {id} crosses itself"),
            where=name,
            mend=N_("Mend it first: {name}.geometry = {name}.make_valid()"),
            id=repr(frame.index[int(np.argmax(broken))]),
            name=name,
        )
    if frame.crs.equals(geodesy.LONLAT, ignore_axis_order=True):
        return frame
    return heights.project_frame(frame, geodesy.LONLAT)


def convert_from_plane(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a layer of a plane in EPSG:4326, with shapes divided at 180 degrees."""
    degrees = frame.to_crs(geodesy.LONLAT)
    shapes = extent.divide_shapes(degrees.geometry.to_numpy())
    return degrees.set_geometry(gpd.GeoSeries(shapes, degrees.index, crs=geodesy.LONLAT))


def require_network(network: Any) -> None:
    """Check that the argument is a network or None.

    Raises
    ------
    QueryError
        It is something else.
    """
    # The class is compared by its name: importing it would load scipy, which the server lacks.
    if network is not None and type(network).__name__ != "Network":
        raise QueryError(
            N_("this is no network but {kind}"),
            parameter="network",
            mend=N_("Make one of a layer of paths: Network.of(paths)"),
            kind=type(network).__name__,
        )


def convert_indexed_layer(frame: gpd.GeoDataFrame, name: str) -> gpd.GeoDataFrame:
    """Return a layer in EPSG:4326, as :func:`convert_layer`, whose ids are unique.

    Raises
    ------
    CrsError
        It has no CRS.
    DataError
        An id stands twice, or a polygon crosses itself.
    """
    arguments.require_frame(frame, name)
    if not frame.index.is_unique:
        raise DataError(
            N_("the id {id} stands twice"),
            where=name,
            mend=N_("Set an index in which each feature has an id of its own"),
            id=repr(frame.index[frame.index.duplicated()][0]),
        )
    return convert_layer(frame, name)


def choose_plane(crs: CRS | str | None, *frames: gpd.GeoDataFrame) -> CRS:
    """Choose the plane to measure in: the one given, or one that is true to scale at the data.

    Parameters
    ----------
    crs
        Projected, in metres, as ``city.metric_crs`` or ``"EPSG:5186"``; None to derive it.
    frames
        The data, in EPSG:4326.

    Raises
    ------
    CrsError
        It is in degrees, in feet, or unknown to PROJ.
    """
    if crs is None:
        # True to scale only around its origin, so the origin is the middle of the data.
        return geodesy.build_metric_crs(*extent.find_frame_middle(frames))
    plane = crs if isinstance(crs, CRS) else geodesy.parse_crs(str(crs), where="crs")
    if not (
        plane.is_projected and all(axis.unit_conversion_factor == 1 for axis in plane.axis_info)
    ):
        raise CrsError(
            N_("{value} is not a projected CRS in metres"),
            where="crs",
            mend=N_("Use one such as EPSG:5186, or leave crs out"),
            value=plane.name,
        )
    return plane


def project_shapes(frame: gpd.GeoDataFrame, crs: CRS) -> Geometries:
    """Return the geometries of a layer in a plane, without heights; missing ones stay missing."""
    flat: Geometries = shapely.force_2d(heights.project_shapes(frame.geometry, crs).to_numpy())
    return flat


def select_polygons(areas: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Return the outlines of areas, None for a geometry that is no polygon."""
    # Two dimensions: polygons and multi-polygons, and collections that contain one.
    shapes = areas.geometry.to_numpy().copy()
    shapes[shapely.get_dimensions(shapes) != 2] = None
    return gpd.GeoSeries(shapes, areas.index, crs=areas.crs)


def cut_overlaps(areas: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Cut from each area the ground of areas with a smaller id, so that no two areas overlap.

    Returns
    -------
    GeoSeries
        Indexed as the areas, in their CRS. Areas that only touch stay as they are; a geometry
        that is no polygon has no ground.
    """
    by_id = select_polygons(areas).sort_index()
    shapes = by_id.to_numpy().copy()
    # The tree finds each pair twice, and each area with itself: one order of each pair is enough.
    earlier, later = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    earlier, later = earlier[earlier < later], later[earlier < later]
    # Neighbours that share a border intersect without a common area.
    has_overlap = shapely.area(shapely.intersection(shapes[earlier], shapes[later])) > 0
    overlaps = zip(earlier[has_overlap], later[has_overlap], strict=True)
    for a, b in sorted(overlaps, key=lambda pair: pair[::-1]):
        # The original outline of `a` is subtracted. Where `a` has lost ground itself, that ground
        # belongs to an area before `a`, and so it does not belong to `b` either.
        shapes[b] = shapely.difference(shapes[b], by_id.iloc[a])
    return gpd.GeoSeries(shapes, by_id.index, crs=areas.crs).reindex(areas.index)


def extract_polygons(geometries: Geometries) -> Geometries:
    """Return the polygons among the results of an intersection.

    Where two polygons also touch along a border, GEOS returns a collection of polygons and lines;
    the lines have no area and are dropped.
    """
    is_collection = shapely.get_type_id(geometries) == shapely.GeometryType.GEOMETRYCOLLECTION
    polygons = geometries.copy()
    polygons[is_collection] = [
        shapely.MultiPolygon(parts[shapely.area(parts) > 0])
        for parts in map(shapely.get_parts, geometries[is_collection])
    ]
    return polygons


def make_points(xy: np.ndarray) -> Geometries:
    """Return points at coordinates of shape (n, 2)."""
    points: Geometries = np.asarray(shapely.points(xy), dtype=object).reshape(len(xy))
    return points
