"""The shops of the sample city: how many a district has, of what kind, and which take Onnuri."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from sample_city.storefronts import storefronts
from sample_city.tables import read_facts

SEED = 119
METRIC_CRS = "EPSG:5186"
PAPER, CARD, MOBILE = 0.55, 0.88, 0.92
"""Shares of the members that take each kind of certificate: a guess, nothing is reported."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def shops(districts: gpd.GeoDataFrame) -> pd.DataFrame:
    """Make up the shops of all districts.

    Parameters
    ----------
    districts
        EPSG:4326, with ``id``, ``name``, ``neighborhood`` and ``round`` of designation.

    Returns
    -------
    DataFrame
        As ``layers/shops.csv`` has it, ordered by district.
    """
    rng = np.random.default_rng(SEED)
    metric = districts.to_crs(METRIC_CRS)
    counts = shop_counts(metric)
    places = np.concatenate(
        [
            storefronts(outline, count, rng)
            for outline, count in zip(metric.geometry, counts, strict=True)
        ]
    )
    lonlat = gpd.GeoSeries.from_xy(*places.T, crs=METRIC_CRS).to_crs("EPSG:4326")
    district = np.repeat(np.arange(len(districts)), counts)
    category = _categories(districts["name"].to_numpy(str)[district], rng)
    member = _members(districts["neighborhood"].to_numpy(str)[district], district, rng)
    paper, card = (member & (rng.random(len(member)) < share) for share in (PAPER, CARD))
    mobile = member & ((rng.random(len(member)) < MOBILE) | ~(paper | card))
    return pd.DataFrame(
        {
            "id": [f"shop-{number:05d}" for number in range(1, len(district) + 1)],
            "name": _names(category, rng),
            "category": category,
            "district": districts["id"].to_numpy(str)[district],
            "lon": [f"{lon:.6f}" for lon in lonlat.x],
            "lat": [f"{lat:.6f}" for lat in lonlat.y],
            "onnuri_paper": np.where(paper, "yes", "no"),
            "onnuri_card": np.where(card, "yes", "no"),
            "onnuri_mobile": np.where(mobile, "yes", "no"),
            "sample": "yes",
        }
    )


def shop_counts(districts: gpd.GeoDataFrame) -> Ints:
    """Distribute the shops of each round of designation over its districts by area.

    The reported membership rates of the neighbourhoods give the reported number of members only
    with the right weights, so areas count a little more where the rate is high (or low): by as
    much as the total needs.

    Parameters
    ----------
    districts
        In metres.

    Returns
    -------
    ndarray
        Number of shops of each district.
    """
    totals = read_facts("shops_totals.csv").astype(int).iloc[0]
    rates = _rates(districts["neighborhood"].to_numpy(str))
    area = districts.area.to_numpy()
    low, high = -20.0, 20.0
    for _ in range(60):
        lean = (low + high) / 2
        counts = _distribute(districts, area * np.exp(lean * rates), totals["smallest_district"])
        low, high = (low, lean) if rates @ counts > totals["members"] else (lean, high)
    return counts


def _distribute(districts: gpd.GeoDataFrame, weights: Floats, smallest: int) -> Ints:
    names = districts["name"].to_numpy(str)
    counts = np.zeros(len(districts), dtype=np.int64)
    for known in read_facts("shops_known.csv").itertuples():
        these = np.isin(names, str(known.districts).split("|"))
        counts[these] = _shares(int(str(known.shops)), weights[these], smallest)
    rounds = districts["round"].to_numpy(int)
    for each in read_facts("shops_rounds.csv").astype({"round": int, "shops": int}).itertuples():
        members = rounds == each.round
        open_ = members & (counts == 0)
        counts[open_] = _shares(each.shops - counts[members].sum(), weights[open_], smallest)
    return counts


def _shares(total: int, weights: Floats, smallest: int = 0) -> Ints:
    """Divide a whole number by weights; the largest remainders get what rounding leaves."""
    exact = (total - smallest * len(weights)) * weights / weights.sum()
    whole = np.floor(exact).astype(np.int64)
    largest = np.argsort(whole - exact, kind="stable")[: round(exact.sum()) - whole.sum()]
    whole[largest] += 1
    return whole + smallest


def _rates(neighborhoods: npt.NDArray[np.str_]) -> Floats:
    table = read_facts("shops_membership.csv")
    percent = dict(zip(table["neighborhood"], table["rate_percent"].astype(float), strict=True))
    return np.array([percent[name] / 100 for name in neighborhoods])


def _members(
    neighborhoods: npt.NDArray[np.str_], district: Ints, rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """Choose the members so that each neighbourhood has its rate, and its districts differ."""
    names, where, sizes = np.unique(neighborhoods, return_inverse=True, return_counts=True)
    total = int(read_facts("shops_totals.csv")["members"].iloc[0])
    wanted = _shares(total, _rates(names) * sizes)
    eagerness = rng.random(len(district)) + 0.35 * rng.random(district.max() + 1)[district]
    member = np.zeros(len(district), dtype=bool)
    for neighborhood, count in enumerate(wanted):
        here = np.flatnonzero(where == neighborhood)
        member[here[np.argsort(-eagerness[here], kind="stable")[:count]]] = True
    return member


def _categories(district_names: npt.NDArray[np.str_], rng: np.random.Generator) -> list[str]:
    """Give each shop a kind: the reported mix, and more of some kinds where the name says so."""
    mix = read_facts("shops_mix.csv").astype({"shops": int})
    leanings = read_facts("shops_leanings.csv").astype({"weight": float})
    # Kinds that lean somewhere choose first; the rest takes what is left.
    mix["leans"] = mix["category"].isin(leanings["category"])
    mix = mix.sort_values(["leans", "shops"], ascending=[False, True], kind="stable")
    category = np.full(len(district_names), "", dtype=object)
    for kind in mix.itertuples():
        weights = np.ones(len(category))
        for lean in leanings[leanings["category"] == kind.category].itertuples():
            there = np.char.find(district_names, str(lean.district_name_contains)) >= 0
            weights[there] *= lean.weight
        # Weighted choice without replacement after Efraimidis and Spirakis (2006).
        key = np.where(category == "", rng.random(len(category)) ** (1 / weights), -1.0)
        category[np.argsort(-key, kind="stable")[: kind.shops]] = kind.category
    return [str(kind) for kind in category]


def _names(category: list[str], rng: np.random.Generator) -> list[str]:
    """Make up a name for each shop, no two alike, from plain words and what it sells."""
    stems = read_facts("shops_stems.csv")["stem"].tolist()
    endings = read_facts("shops_endings.csv").groupby("category", sort=False)["ending"]
    free = {
        str(kind): iter(rng.permutation([stem + ending for stem in stems for ending in group]))
        for kind, group in endings
    }
    return [str(next(free[kind])) for kind in category]
