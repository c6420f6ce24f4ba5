"""The neighbourhoods and zones of the sample city: cells around known positions, no survey."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sample_city import plane
from sample_city.tables import read_facts
from sample_city.trails import Trail

EVERY_NTH_POINT = 10
"""Of a trail's points, some 50 m apart: enough to keep a path on its neighbourhood's side."""
SMOOTHING_M = 90.0
SOURCE = "Drawn for this project around publicly known positions; not the official border"


def neighborhoods(trails: Sequence[Trail]) -> gpd.GeoDataFrame:
    """Draw the neighbourhoods.

    Around every known position lies the cell of points nearest to it (Voronoi 1908); the cells
    of a neighbourhood's positions together, cut to a rough outline of the city, are its area.

    Parameters
    ----------
    trails
        They keep to their neighbourhood.

    Returns
    -------
    GeoDataFrame
        EPSG:5186, without gaps and overlaps, indexed by 0..n-1, in the order of the facts.
    """
    facts = read_facts("neighborhoods.csv")
    outline = shapely.Polygon(plane.to_metres(read_facts("outline.csv").astype(float).to_numpy()))
    known = _positions(trails)
    points = shapely.MultiPoint(plane.to_metres(known[["lon", "lat"]].to_numpy()))
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=outline, ordered=True))
    of = known["neighborhood"].to_numpy()
    whole = [shapely.coverage_union_all(cells[of == name]) for name in facts["name"]]
    smooth = shapely.coverage_simplify(whole, SMOOTHING_M, simplify_boundary=False)
    cut = shapely.intersection(smooth, outline)
    # One grid for all keeps shared corners shared after the cut.
    areas = shapely.set_precision(cut, 0.01)
    frame = facts.drop(columns=["lon", "lat"]).assign(source=SOURCE, sample=True)
    return gpd.GeoDataFrame(frame, geometry=areas, crs=plane.METRIC_CRS)


def zones(neighborhoods: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Merge the neighbourhoods of each zone, as ``neighborhoods`` draws them.

    Returns
    -------
    GeoDataFrame
        In the CRS of the neighbourhoods; ``hub`` is the name of the hub neighbourhood.
    """
    facts = read_facts("zones.csv")
    hubs = neighborhoods[neighborhoods["role"] == "hub"].set_index("zone")["name"]
    areas = [
        shapely.coverage_union_all(neighborhoods.geometry[neighborhoods["zone"] == name].to_numpy())
        for name in facts["name"]
    ]
    frame = facts.assign(hub=facts["name"].map(hubs), source=SOURCE, sample=True)
    return gpd.GeoDataFrame(frame, geometry=areas, crs=neighborhoods.crs)


def _positions(trails: Sequence[Trail]) -> pd.DataFrame:
    """Collect every position whose neighbourhood is known, each once."""
    tables = ["neighborhoods.csv", "positions.csv", "districts.csv", "services.csv"]
    frames = [read_facts(name) for name in tables]
    frames[0] = frames[0].assign(neighborhood=frames[0]["name"])
    walked = [
        pd.DataFrame(trail.points[::EVERY_NTH_POINT, :2], columns=["lon", "lat"]).assign(
            neighborhood=trail.facts["neighborhood"]
        )
        for trail in trails
    ]
    known = pd.concat([*frames, *walked])[["lon", "lat", "neighborhood"]]
    known = known.astype({"lon": np.float64, "lat": np.float64})
    return known.drop_duplicates(["lon", "lat"], ignore_index=True)
