"""Shops of a city counted: each count is made once, for every page, map and list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from mapserver.analysis import shops as shop_analysis

if TYPE_CHECKING:
    from mapserver.model import Snapshot


def count_shops(city: Snapshot, areas: gpd.GeoDataFrame) -> pd.DataFrame | None:
    """Count the shops of each area of a layer, as :func:`mapserver.analysis.shops.figures` does.

    Parameters
    ----------
    city
        The city.
    areas
        One of its layers of polygons.

    Returns
    -------
    DataFrame or None
        Indexed by ``area``; None where the city has no layer of shops.
    """
    shops = city.shops
    if shops is None:
        return None
    return city.derived.get(
        "shop counts", (shops, areas), lambda: shop_analysis.figures(shops, areas)
    )


def has_certificates(city: Snapshot) -> bool:
    """Return whether there are certificates that shops take: the data or the city's words say so.

    A city in Korea has Onnuri certificates, also where nobody has written who takes them.
    """
    is_named = city.catalog.words.certificate is not None
    if is_named or city.benefits is not None or city.is_in_korea:
        return True
    answers = read_payments(city)
    return answers is not None and bool(answers["any"].notna().any())


def read_payments(city: Snapshot) -> pd.DataFrame | None:
    """Return which certificates each shop takes; None where the city has no layer of shops."""
    shops = city.shops
    if shops is None:
        return None
    return city.derived.get("payments", (shops,), lambda: shop_analysis.payments(shops))
