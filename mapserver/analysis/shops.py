"""Shops and their Onnuri membership: by district, neighbourhood and zone, and by business type."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from mapserver.analysis.answers import convert_counts, count_members, parse_answer, read_types
from mapserver.analysis.frames import (
    AREA,
    choose_plane,
    convert_indexed_layer,
    convert_layer,
    project_shapes,
)
from mapserver.geo import geodesy
from mapserver.index import WithinIndex
from mapserver.model import arguments

PAYMENTS = ("paper", "card", "mobile")
"""The kinds of Onnuri certificate; a shop says of each kind whether it accepts it."""
RULE_SHOPS, RULE_M2 = 30, 2_000.0
"""The national rule for alley-type districts: 30 shops on 2,000 m² of ground (see `density`)."""
ORDINANCE_SHOPS = 15
"""The number of shops that the ordinance of Seo-gu requires on the same ground since 2024."""


def payments(shops: pd.DataFrame) -> pd.DataFrame:
    """Read which certificates each shop takes.

    Parameters
    ----------
    shops
        Rows with ``onnuri_paper``, ``onnuri_card``, ``onnuri_mobile``: yes or no. A column that is
        not there, an empty cell and any other word say nothing.

    Returns
    -------
    DataFrame
        Indexed as the shops: ``paper``, ``card``, ``mobile`` and ``any``, each true, false or
        ``pandas.NA`` where the shop does not say. ``any`` is true where one is, and false only
        where all the columns that are there say no.
    """
    arguments.require_table(shops, "shops")
    columns = {kind: f"onnuri_{kind}" for kind in PAYMENTS}
    answers = {
        kind: pd.array(
            [parse_answer(value) for value in shops[column]]
            if column in shops
            else [None] * len(shops),
            dtype="boolean",
        )
        for kind, column in columns.items()
    }
    table = pd.DataFrame(answers, index=shops.index)
    present_answers = table[[kind for kind, column in columns.items() if column in shops]]
    says_yes = present_answers.fillna(False).any(axis=1)
    # As long as one kind is unknown and none is accepted, it is unknown whether the shop accepts
    # any.
    is_open = ~says_yes & present_answers.isna().any(axis=1)
    if present_answers.columns.empty:
        is_open[:] = True
    return table.assign(any=says_yes.astype("boolean").mask(is_open))


def assign(shops: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> pd.Series:
    """Find the area in which each shop lies.

    Parameters
    ----------
    shops
        Points in any CRS.
    areas
        Polygons in any CRS, indexed by id.

    Returns
    -------
    Series
        Indexed as the shops: the id of the area, None outside of all and without a place. A shop on
        the border of two areas, or in both, is counted once, in the first by id, so that totals
        add up.

    Raises
    ------
    CrsError
        A layer has no CRS.
    """
    shops, areas = convert_layer(shops, "shops"), convert_indexed_layer(areas, "areas")
    has_place = np.flatnonzero(~(shops.geometry.is_empty | shops.geometry.isna()).to_numpy())
    points = shops.geometry.to_numpy()[has_place]
    # The index answers with pairs sorted by point and then area: with areas sorted by id, the
    # first pair of each point is its area.
    by_id = areas.sort_index()
    point, area = WithinIndex.of(by_id.geometry.to_numpy()).query(
        shapely.get_x(points), shapely.get_y(points)
    )
    first_matches = np.unique(point, return_index=True)[1]
    area_ids = pd.Series(None, index=shops.index, dtype=object)
    area_ids.iloc[has_place[point[first_matches]]] = by_id.index.to_numpy()[area[first_matches]]
    return area_ids


def tells_members(shops: pd.DataFrame | None) -> bool:
    """Return whether any shop says if it accepts Onnuri; where none does, no rate can be given."""
    return shops is not None and bool(payments(shops)["any"].notna().any())


def home(places: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> pd.Series:
    """Find the neighbourhood to which each place belongs.

    Parameters
    ----------
    places
        Of any geometry; a column ``neighborhood`` may name where they belong.
    areas
        Polygons indexed by id, with a ``name``.

    Returns
    -------
    Series
        Indexed as the places: the id of the area that a place names. For a place that names none
        of them, the area that contains a point inside the place; None outside of all.
    """
    convert_layer(places, "places")
    points = shapely.point_on_surface(places.geometry.to_numpy())
    containing_ids = assign(
        gpd.GeoDataFrame(geometry=points, index=places.index, crs=places.crs), areas
    )
    if "neighborhood" not in places or "name" not in areas:
        return containing_ids
    ids = dict(zip(areas["name"], areas.index, strict=True))
    named_ids: pd.Series = places["neighborhood"].map(ids)
    return named_ids.where(named_ids.notna(), containing_ids)


def figures(shops: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Count the shops of each area, and those that take Onnuri certificates.

    Parameters
    ----------
    shops, areas
        As for :func:`assign`.

    Returns
    -------
    DataFrame
        Indexed by ``area``: ``shops``, ``members`` (say that they take any certificate),
        ``paper``, ``card``, ``mobile``, ``membership_rate`` (members of the shops that say whether
        they are; NaN where none says) and ``members_unknown`` (shops that do not say). Counts of
        members are NaN where there are shops and none of them says, and everywhere where no shop
        of the layer does.
    """
    area_ids = assign(shops, areas)
    certificates = payments(shops)
    shop_counts = certificates.groupby(area_ids).size().reindex(areas.index, fill_value=0)
    table = pd.DataFrame({"shops": shop_counts}, index=areas.index)
    for column, kind in {"members": "any", **dict.fromkeys(PAYMENTS)}.items():
        table[column] = count_members(certificates[kind or column], area_ids, shop_counts)
    missing_answers = certificates["any"].isna().astype(int).groupby(area_ids)
    unknown = missing_answers.sum().reindex(areas.index, fill_value=0)
    # Rate: members of the shops that say whether they are members; the others are left out of
    # both numbers, since a shop that does not say may be either.
    table["membership_rate"] = rate(table["members"], table["shops"] - unknown)
    return table.assign(members_unknown=unknown).rename_axis(AREA)


MIX = ("category", "shops", "members", "members_unknown")


def mix(shops: gpd.GeoDataFrame, areas: gpd.GeoDataFrame | None = None) -> pd.DataFrame:
    """Count shops by business type, and those that take Onnuri certificates.

    Parameters
    ----------
    shops
        With a column ``category``; without one there is nothing to count.
    areas
        Count for each area separately.

    Returns
    -------
    DataFrame
        ``category`` (empty where a shop has none), ``shops``, ``members`` (say that they take a
        certificate; NaN where no shop of the type says) and ``members_unknown`` (do not say); the
        type with the most shops first. With areas indexed by ``area`` and ``category``, without
        the shops outside of all areas; else ``category`` is a column.
    """
    arguments.require_table(shops, "shops")
    if areas is not None:
        convert_indexed_layer(areas, "areas")
    keys = {"category": read_types(shops)}
    if areas is not None:
        keys = {AREA: assign(shops, areas), **keys}
    if "category" not in shops:
        no_rows = pd.DataFrame({column: [] for column in dict.fromkeys((*keys, *MIX))})
        return no_rows if areas is None else no_rows.set_index(list(keys))
    certificates = payments(shops)["any"]
    groups = certificates.to_frame().assign(**keys).groupby(list(keys))["any"]
    table = groups.agg(shops="size", members="sum", known="count").reset_index()
    members = table["members"].astype(float).mask(table["known"] == 0)
    table["members"] = convert_counts(members)
    table["members_unknown"] = table["shops"] - table.pop("known")
    table = table.sort_values(["shops", "category"], ascending=[False, True], ignore_index=True)
    return table if areas is None else table.set_index(list(keys))


def diversity(shops: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> pd.Series:
    """Compute how many business types of equal size the mix of each area amounts to.

    That is the exponential of Shannon's entropy (Hill 1973, the number of order 1): 1 where all
    shops are of one type, the number of types where all are as many. Shops without a type are left
    out, as nobody knows whether they are of one; NaN where none has a type.

    Parameters
    ----------
    shops, areas
        As for :func:`mix`.

    Returns
    -------
    Series
        Indexed by ``area``, from 1.
    """
    arguments.require_frame(areas, "areas")
    counts = _select_typed(mix(shops, areas))["shops"]
    if counts.empty:
        return pd.Series(np.nan, areas.index, name="diversity").rename_axis(AREA)
    # Hill number of order 1: exp(-sum(p * ln(p))) over the shares p of the types.
    shares = counts / counts.groupby(AREA).transform("sum")
    entropy = (-shares * np.log(shares)).groupby(AREA).sum()
    numbers = pd.Series(np.exp(entropy), name="diversity")
    return numbers.reindex(areas.index).rename_axis(AREA)


def summary(shops: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return all figures of each area with its outline, to be mapped or saved.

    Parameters
    ----------
    shops, areas
        As for :func:`assign`; districts, neighbourhoods or zones.

    Returns
    -------
    GeoDataFrame
        EPSG:4326, indexed by ``area``: ``name`` where areas have one, those of :func:`figures`,
        ``types`` (how many business types its shops name; NaN where it has shops and none names
        one), ``top_category`` (the one with the most shops, None without), ``diversity``,
        ``area_m2`` and ``shops_per_km2``.
    """
    areas = convert_indexed_layer(areas, "areas")
    groups = _select_typed(mix(shops, areas)).reset_index("category").groupby(AREA)
    ground = density(shops, areas)
    name_columns = [column for column in ("name",) if column in areas]
    table = areas[[*name_columns, areas.geometry.name]].join(figures(shops, areas))
    type_counts = groups.size().reindex(areas.index).fillna(0).astype(float)
    return table.assign(
        types=convert_counts(type_counts.mask((type_counts == 0) & (table["shops"] > 0))),
        top_category=groups["category"]
        .first()
        .reindex(areas.index)
        .astype(object)
        .replace({np.nan: None}),
        diversity=diversity(shops, areas),
        area_m2=ground["area_m2"],
        shops_per_km2=ground["shops_per_km2"],
    ).rename_axis(AREA)


def _select_typed(counts: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a mix of areas that have a business type."""
    return counts[counts.index.get_level_values("category") != ""]


def density(
    shops: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    *,
    needed: int = RULE_SHOPS,
    on_m2: float = RULE_M2,
) -> pd.DataFrame:
    """Compute how dense the shops of each area are, and which areas fall under a threshold.

    Parameters
    ----------
    shops, areas
        As for :func:`assign`.
    needed, on_m2
        The number of shops required on a size of ground; by default those of the national rule.

    Returns
    -------
    DataFrame
        Indexed by ``area``: ``shops``, ``area_m2`` (geodesic), ``shops_per_km2``, ``needed`` (for
        this much ground, rounded up, and no less than for ``on_m2``), and ``under`` (fewer). Of an
        area without an outline the ground, and what follows from it, is NaN.

    Raises
    ------
    CrsError
        A layer has no CRS.

    Notes
    -----
    The Special Act on the Development of Traditional Markets and Shopping Districts, Article 2,
    2-2, leaves the density to its Enforcement Decree: 30 shops of small merchants within 2,000 m²
    since 12 August 2020, or what a municipality's ordinance sets in agreement with the ministry
    (press reports on the decree, August 2020). Seo-gu asked for 30 in commercial areas and 25
    elsewhere, and for 15 since its amendment of autumn 2024 (report on the bill, 10 September
    2024); give :data:`ORDINANCE_SHOPS` for that. Larger districts are held to the same density.

    Two things only the office knows: which shops are of small merchants (here all count), and which
    roads, parks and car parks its committee left out of the ground (here none), so a district that
    is ``under`` here may well satisfy the rule.
    """
    needed = arguments.read_count(needed, "needed")
    on_m2 = arguments.read_number(on_m2, "on_m2")
    areas = convert_indexed_layer(areas, "areas")
    counts = figures(shops, areas)["shops"]
    ground = pd.Series(geodesy.area_m2(areas.geometry.to_numpy()), areas.index)
    ground = ground.mask((areas.geometry.isna() | areas.geometry.is_empty).to_numpy())
    # Larger districts need the same density, rounded up: 30 shops on 2,000 m² are 31 on 2,001 m².
    needed_shops = pd.Series(np.ceil(needed * ground / on_m2), areas.index).clip(lower=needed)
    is_under = (counts < needed_shops).astype("boolean").mask(ground.isna())
    return pd.DataFrame(
        {
            "shops": counts,
            "area_m2": ground,
            "shops_per_km2": counts / (ground / 1e6).where(ground > 0),
            "needed": convert_counts(needed_shops),
            "under": is_under if is_under.isna().any() else is_under.astype(bool),
        }
    ).rename_axis(AREA)


def near_border(
    shops: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, crs: CRS | str | None, within_m: float
) -> pd.Series:
    """Find the shops so near to the border of their area that a survey could move them.

    Parameters
    ----------
    shops, areas
        As for :func:`assign`.
    crs
        Projected CRS in metres in which to measure; None for one true to scale here.
    within_m
        A shop no farther than this from the border is near.

    Returns
    -------
    Series
        Indexed as the shops, true or false; false outside of all areas.

    Raises
    ------
    CrsError
        A layer has no CRS, or ``crs`` is none in metres.
    """
    shops, areas = convert_layer(shops, "shops"), convert_indexed_layer(areas, "areas")
    within_m = arguments.read_number(within_m, "within_m", zero=True)
    crs = choose_plane(crs, areas)
    area_ids = assign(shops, areas)
    is_inside = area_ids.notna().to_numpy()
    # Only the border of the area that contains the shop counts, so no index is needed.
    borders = shapely.boundary(project_shapes(areas, crs))
    positions = areas.index.get_indexer(pd.Index(area_ids[is_inside]))
    points = project_shapes(shops[is_inside], crs)
    is_near = np.zeros(len(shops), bool)
    is_near[is_inside] = shapely.distance(points, borders[positions]) <= within_m
    return pd.Series(is_near, shops.index)


def rate(members: pd.Series, shops: pd.Series) -> pd.Series:
    """Divide members by shops, NaN where there are no shops."""
    arguments.require_values(members, "members")
    arguments.require_values(shops, "shops")
    return members / shops.where(shops > 0)
