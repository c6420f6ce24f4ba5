"""Layers as analyses take them: with a CRS, in degrees, and a plane to measure them in."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from mapserver import arguments, extent, geodesy
from mapserver.errors import N_, CrsError, DataError, QueryError
from mapserver.geodesy import Geometries

OUTSIDE = ""
"""Stands for the area of what lies in none."""
AREA = "area"
"""The index of every result by area, or its first level: the ids of the areas."""


def in_degrees(frame: gpd.GeoDataFrame, name: str) -> gpd.GeoDataFrame:
    """Give a layer in EPSG:4326, itself if it is in it already.

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
    return frame.to_crs(geodesy.LONLAT)


def to_degrees(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a layer that was measured in a plane in EPSG:4326, divided at 180 degrees."""
    degrees = frame.to_crs(geodesy.LONLAT)
    shapes = extent.divide_shapes(degrees.geometry.to_numpy())
    return degrees.set_geometry(gpd.GeoSeries(shapes, degrees.index, crs=geodesy.LONLAT))


def require_network(network: Any) -> None:
    """Check that a network is one, or none at all (None).

    Raises
    ------
    QueryError
        It is something else.
    """
    # By what it has, because its module loads scipy, which the server does without.
    if network is not None and type(network).__name__ != "Network":
        raise QueryError(
            N_("this is no network but {kind}"),
            parameter="network",
            mend=N_("Make one of a layer of paths: Network.of(paths)"),
            kind=type(network).__name__,
        )


def identified(frame: gpd.GeoDataFrame, name: str) -> gpd.GeoDataFrame:
    """Give a layer in EPSG:4326, as :func:`in_degrees`, each of whose ids stands once.

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
    return in_degrees(frame, name)


def plane(crs: CRS | str | None, *frames: gpd.GeoDataFrame) -> CRS:
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
        return geodesy.metric_crs(*extent.middle(frames))
    chosen = crs if isinstance(crs, CRS) else geodesy.parse_crs(str(crs), where="crs")
    if not (chosen.is_projected and all(a.unit_conversion_factor == 1 for a in chosen.axis_info)):
        raise CrsError(
            N_("{value} is not a projected CRS in metres"),
            where="crs",
            mend=N_("Use one such as EPSG:5186, or leave crs out"),
            value=chosen.name,
        )
    return chosen


def shapes_in(frame: gpd.GeoDataFrame, crs: CRS) -> Geometries:
    """Give the geometries of a layer in a plane, without heights; missing ones stay missing."""
    flat: Geometries = shapely.force_2d(frame.geometry.to_crs(crs).to_numpy())
    return flat


def polygons(areas: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Give the outlines of areas, None for what is no polygon."""
    shapes = areas.geometry.to_numpy().copy()
    shapes[shapely.get_dimensions(shapes) != 2] = None
    return gpd.GeoSeries(shapes, areas.index, crs=areas.crs)


def apart(areas: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Cut from each area what an earlier one by id holds already, so that none overlap.

    Returns
    -------
    GeoSeries
        Indexed as the areas, in their CRS. Areas that only touch stay as they are; what is no
        polygon has no ground.
    """
    by_id = polygons(areas).sort_index()
    shapes = by_id.to_numpy().copy()
    first, later = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    first, later = first[first < later], later[first < later]
    both = shapely.area(shapely.intersection(shapes[first], shapes[later])) > 0
    for a, b in sorted(zip(first[both], later[both], strict=True), key=lambda pair: pair[::-1]):
        # Of the first as it was drawn: what it lost belongs to one before both.
        shapes[b] = shapely.difference(shapes[b], by_id.iloc[a])
    return gpd.GeoSeries(shapes, by_id.index, crs=areas.crs).reindex(areas.index)


def polygons_of(geometries: Geometries) -> Geometries:
    """Keep the ground of what an intersection gave; a touch along a border has no area."""
    odd = shapely.get_type_id(geometries) == shapely.GeometryType.GEOMETRYCOLLECTION
    kept = geometries.copy()
    kept[odd] = [
        shapely.MultiPolygon([part for part in shapely.get_parts(each) if shapely.area(part) > 0])
        for each in geometries[odd]
    ]
    return kept


def points_of(xy: np.ndarray) -> Geometries:
    """Make points of coordinates, shape (n, 2)."""
    made: Geometries = np.asarray(shapely.points(xy), dtype=object).reshape(len(xy))
    return made
