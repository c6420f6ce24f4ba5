"""Trails that meet districts: the shops a walker passes, and pairs worth a joint event."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS

from mapserver import geodesy
from mapserver.analysis.shops import figures, payments
from mapserver.analysis.walks import STEPS_MIN, walks


def passed(
    trails: gpd.GeoDataFrame, shops: gpd.GeoDataFrame, crs: CRS, within_m: float = 50
) -> pd.DataFrame:
    """List the shops that a walker passes.

    Parameters
    ----------
    trails, shops
        In EPSG:4326, indexed by id.
    crs
        Projected CRS in metres in which to measure.
    within_m
        How far from the trail a shop is still passed.

    Returns
    -------
    DataFrame
        ``trail``, ``shop``, ``distance_m`` (straight, in the plane) and ``onnuri`` (takes any
        certificate), by trail and then nearest first.
    """
    lines = trails.to_crs(crs).geometry.to_numpy()
    points = shops.to_crs(crs).geometry.to_numpy()
    trail, shop = shapely.STRtree(points).query(lines, "dwithin", distance=within_m)
    table = pd.DataFrame(
        {
            "trail": trails.index.to_numpy()[trail],
            "shop": shops.index.to_numpy()[shop],
            "distance_m": shapely.distance(lines[trail], points[shop]),
            "onnuri": payments(shops)["any"].to_numpy()[shop],
        }
    )
    return table.sort_values(["trail", "distance_m", "shop"], ignore_index=True)


def pairs(
    trails: gpd.GeoDataFrame,
    districts: gpd.GeoDataFrame,
    shops: gpd.GeoDataFrame,
    crs: CRS,
    minutes: float = STEPS_MIN[-1],
) -> pd.DataFrame:
    """Rank pairs of a trail and a district for a joint event.

    A pair scores by the shops that take Onnuri certificates for each minute of the walk between
    them (a walk counts as one minute at least): many shops, a short way.

    Parameters
    ----------
    trails, districts, shops
        In EPSG:4326, indexed by id.
    crs, minutes
        As for :func:`mapserver.analysis.walks.walks`.

    Returns
    -------
    DataFrame
        The best first: ``trail``, ``district``, their names and the trail's ``length_m``,
        ``distance_m``, ``walk_min``, the district's ``shops``, ``members``, ``membership_rate``,
        and ``members_per_min``.
    """
    table = walks(trails, districts, crs, minutes)
    counts = figures(shops, districts)
    length = pd.Series(geodesy.length_m(trails.geometry.to_numpy()), trails.index)
    table = table.drop(columns="bearing_deg").assign(
        trail_name=table["trail"].map(trails["name"]),
        district_name=table["district"].map(districts["name"]),
        length_m=table["trail"].map(length),
    )
    table = table.join(counts[["shops", "members", "membership_rate"]], on="district")
    table["members_per_min"] = table["members"] / table["walk_min"].clip(lower=1)
    return table.sort_values(
        ["members_per_min", "trail", "district"], ascending=[False, True, True], ignore_index=True
    )
