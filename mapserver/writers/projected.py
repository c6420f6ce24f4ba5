"""Layers in another coordinate reference system."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from mapserver.errors import N_, CrsError
from mapserver.geo import geodesy


def project_frame(frame: gpd.GeoDataFrame, crs: CRS | None, layer: str) -> gpd.GeoDataFrame:
    """Convert a frame to a CRS; None leaves it as it is.

    Parameters
    ----------
    frame
        EPSG:4326.
    crs
        Any; the first axis is east or longitude, as in all files of the trade.
    layer
        Its id, for messages.

    Raises
    ------
    CrsError
        A feature cannot lie in it.
    """
    if crs is None:
        return frame
    to_crs = geodesy.build_transformer(geodesy.LONLAT, crs).transform

    def transform_places(places: geodesy.Floats) -> geodesy.Floats:
        # Heights stay as they are: they are above the sea in any of them.
        return np.column_stack([*to_crs(places[:, 0], places[:, 1]), places[:, 2:]])

    geometries = shapely.transform(frame.geometry.to_numpy(), transform_places, include_z=True)
    # PROJ answers infinity for a place that a projection cannot hold.
    coordinates = shapely.get_coordinates(geometries)
    if not np.isfinite(coordinates).all():
        raise CrsError(
            N_("features lie outside of what {crs} can hold"),
            where=layer,
            mend=N_("Export in degrees, or in a CRS made for this place"),
            crs=crs.to_string(),
        )
    return frame.set_geometry(gpd.GeoSeries(geometries, frame.index, crs=crs))
