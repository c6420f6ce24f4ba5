"""Shops and their Onnuri membership: by district, neighbourhood and zone, and by business type."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from mapserver import geodesy
from mapserver.index import WithinIndex

PAYMENTS = ("paper", "card", "mobile")
"""How an Onnuri certificate is paid with; a shop says of each whether it takes it."""
RULE_SHOPS, RULE_M2 = 15, 2_000.0
YES = frozenset({"true", "1", "y", "yes"})


def payments(shops: pd.DataFrame) -> pd.DataFrame:
    """Tell which certificates each shop takes.

    Parameters
    ----------
    shops
        Rows with ``onnuri_paper``, ``onnuri_card``, ``onnuri_mobile``; one that is missing is no.

    Returns
    -------
    DataFrame
        Indexed as the shops: ``paper``, ``card``, ``mobile`` and ``any``, each true or false.
    """
    taken = pd.DataFrame(
        {
            kind: shops[f"onnuri_{kind}"].map(_is_yes).astype(bool)
            if f"onnuri_{kind}" in shops
            else np.zeros(len(shops), bool)
            for kind in PAYMENTS
        },
        index=shops.index,
    )
    return taken.assign(any=taken.any(axis=1))


def assign(shops: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> pd.Series:
    """Tell in which area each shop lies.

    Parameters
    ----------
    shops
        Points in EPSG:4326.
    areas
        Polygons in EPSG:4326, indexed by id.

    Returns
    -------
    Series
        Indexed as the shops: the id of the area, None outside of all. A shop on the border of two
        is counted once, in the first by id, so that totals add up.
    """
    placed = np.flatnonzero(~(shops.geometry.is_empty | shops.geometry.isna()).to_numpy())
    points = shops.geometry.to_numpy()[placed]
    by_id = areas.sort_index()
    point, area = WithinIndex(by_id.geometry.to_numpy()).query(
        shapely.get_x(points), shapely.get_y(points)
    )
    first = np.unique(point, return_index=True)[1]
    found = pd.Series(None, index=shops.index, dtype=object)
    found.iloc[placed[point[first]]] = by_id.index.to_numpy()[area[first]]
    return found


def figures(shops: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Count the shops of each area, and those that take Onnuri certificates.

    Parameters
    ----------
    shops, areas
        As for :func:`assign`.

    Returns
    -------
    DataFrame
        A row for each area: ``shops``, ``members`` (take any certificate), ``paper``, ``card``,
        ``mobile``, and ``membership_rate`` (members of shops, NaN where there is no shop).
    """
    where = assign(shops, areas)
    counts = payments(shops).groupby(where).agg(["sum", "size"])
    table = pd.DataFrame(
        {
            "shops": counts[("any", "size")],
            "members": counts[("any", "sum")],
            **{kind: counts[(kind, "sum")] for kind in PAYMENTS},
        }
    )
    table = table.reindex(areas.index, fill_value=0).astype(int)
    return table.assign(membership_rate=rate(table["members"], table["shops"]))


def mix(shops: gpd.GeoDataFrame, areas: gpd.GeoDataFrame | None = None) -> pd.DataFrame:
    """Count shops by business type, and those that take Onnuri certificates.

    Parameters
    ----------
    shops
        With a column ``category``; without one there is nothing to count.
    areas
        Count for each area apart.

    Returns
    -------
    DataFrame
        Columns ``area`` (only with areas), ``category``, ``shops`` and ``members``; the type with
        the most shops first.
    """
    if "category" not in shops:
        return pd.DataFrame({"category": [], "shops": [], "members": []})
    keys = {"category": shops["category"].fillna("").astype(str)}
    if areas is not None:
        keys = {"area": assign(shops, areas), **keys}
    table = payments(shops).assign(**keys).groupby(list(keys))["any"].agg(["size", "sum"])
    table = table.rename(columns={"size": "shops", "sum": "members"}).reset_index()
    return table.sort_values(["shops", "category"], ascending=[False, True], ignore_index=True)


def diversity(shops: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> pd.Series:
    """Tell how many business types of equal size the mix of each area amounts to.

    That is the exponential of Shannon's entropy (Hill 1973, the number of order 1): 1 where all
    shops are of one type, the number of types where all are as many. NaN without shops.
    """
    counts = mix(shops, areas)
    shares = counts["shops"] / counts.groupby("area")["shops"].transform("sum")
    entropy = (-shares * np.log(shares)).groupby(counts["area"]).sum()
    return pd.Series(np.exp(entropy), name="diversity").reindex(areas.index)


def density(
    shops: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    *,
    needed: int = RULE_SHOPS,
    on_m2: float = RULE_M2,
) -> pd.DataFrame:
    """Tell how dense the shops of each area are, and which areas fall under a threshold.

    Parameters
    ----------
    shops, areas
        As for :func:`assign`.
    needed, on_m2
        So many shops on so much ground are asked for; by default 15 on 2,000 m², about what the
        national rule for alley-type districts asks (a municipality may ask for less).

    Returns
    -------
    DataFrame
        A row for each area: ``shops``, ``area_m2`` (geodesic), ``shops_per_km2``, ``needed`` (for
        this much ground, rounded up), and ``under`` (fewer than that).
    """
    counts = figures(shops, areas)["shops"]
    ground = pd.Series(geodesy.area_m2(areas.geometry.to_numpy()), areas.index)
    wanted = pd.Series(np.ceil(needed * ground / on_m2), areas.index).clip(lower=needed)
    return pd.DataFrame(
        {
            "shops": counts,
            "area_m2": ground,
            "shops_per_km2": counts / (ground / 1e6).where(ground > 0),
            "needed": wanted.astype(int),
            "under": counts < wanted,
        }
    )


def near_border(
    shops: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, crs: CRS, within_m: float
) -> pd.Series:
    """Tell which shops lie so near to the border of their area that a survey could move them.

    Parameters
    ----------
    shops, areas
        As for :func:`assign`.
    crs
        Projected CRS in metres in which to measure.
    within_m
        How near.

    Returns
    -------
    Series
        Indexed as the shops, true or false; false outside of all areas.
    """
    where = assign(shops, areas)
    inside = where.notna().to_numpy()
    borders = shapely.boundary(areas.to_crs(crs).geometry.to_numpy())
    at = areas.index.get_indexer(pd.Index(where[inside]))
    points = shops.geometry[inside].to_crs(crs).to_numpy()
    near = np.zeros(len(shops), bool)
    near[inside] = shapely.distance(points, borders[at]) <= within_m
    return pd.Series(near, shops.index)


def rate(members: pd.Series, shops: pd.Series) -> pd.Series:
    """Divide, with NaN where there is nothing to divide by."""
    return members / shops.where(shops > 0)


def _is_yes(value: object) -> bool:
    return str(value).strip().lower() in YES
