"""Trails that meet districts: the shops a walker passes, and pairs worth a joint event."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS

from mapserver.analysis.frames import (
    choose_plane,
    convert_indexed_layer,
    convert_layer,
    project_shapes,
)
from mapserver.analysis.shops import figures, payments
from mapserver.analysis.walks import STEPS_MIN, walks
from mapserver.geo import geodesy
from mapserver.model import arguments

if TYPE_CHECKING:
    from mapserver.analysis.network import Network

COUNTED = ["shops", "members", "membership_rate", "members_unknown"]
"""Columns of :func:`mapserver.analysis.shops.figures` that a pair repeats."""


def passed(
    trails: gpd.GeoDataFrame,
    shops: gpd.GeoDataFrame,
    crs: CRS | str | None = None,
    within_m: float = 50,
) -> pd.DataFrame:
    """List the shops that a walker passes.

    Parameters
    ----------
    trails, shops
        Lines and points in any CRS, indexed by id.
    crs
        Projected CRS in metres to measure in, as ``city.metric_crs``; by default one true to scale
        here.
    within_m
        A shop no farther than this from the trail is passed.

    Returns
    -------
    DataFrame
        ``trail``, ``shop``, ``distance_m`` (straight, in the plane) and ``onnuri`` (takes any
        certificate; ``pandas.NA`` where the shop does not say), by trail and then nearest first. A
        shop beside two trails has two rows.

    Raises
    ------
    CrsError
        A layer has no CRS, or ``crs`` is none in metres.
    """
    within_m = arguments.read_number(within_m, "within_m", zero=True)
    trails, shops = convert_indexed_layer(trails, "trails"), convert_layer(shops, "shops")
    crs = choose_plane(crs, trails, shops)
    # Each pair of a trail and a shop within the distance, in the plane, from an index of the shops.
    lines, points = project_shapes(trails, crs), project_shapes(shops, crs)
    trail, shop = shapely.STRtree(points).query(lines, "dwithin", distance=within_m)
    table = pd.DataFrame(
        {
            "trail": trails.index.to_numpy()[trail],
            "shop": shops.index.to_numpy()[shop],
            "distance_m": shapely.distance(lines[trail], points[shop]),
            "onnuri": payments(shops)["any"].array[shop],
        }
    )
    return table.sort_values(["trail", "distance_m", "shop"], ignore_index=True)


def pairs(  # noqa: PLR0913 -- one of them by name only
    trails: gpd.GeoDataFrame,
    districts: gpd.GeoDataFrame,
    shops: gpd.GeoDataFrame,
    crs: CRS | str | None = None,
    minutes: float = STEPS_MIN[-1],
    *,
    network: Network | None = None,
) -> pd.DataFrame:
    """Rank pairs of a trail and a district for a joint event.

    A pair scores by the shops that take Onnuri certificates for each minute of the walk between
    them (a walk counts as one minute at least): many shops, a short way.

    Parameters
    ----------
    trails, districts, shops
        Lines, polygons and points in any CRS, indexed by id.
    crs, minutes, network
        As for :func:`mapserver.analysis.walks.walks`.

    Returns
    -------
    DataFrame
        The best first: ``trail``, ``district``, ``distance_m``, ``walk_min``, their names
        (``trail_name``, ``district_name``; the id without one) and the trail's ``length_m``, the
        district's ``shops``, ``members``, ``membership_rate`` and ``members_unknown`` as of
        :func:`mapserver.analysis.shops.figures`, and ``members_per_min``. Where no shop says
        whether it takes certificates, members and score are NaN, and such pairs come last, the
        nearest first.

    Raises
    ------
    CrsError
        A layer has no CRS, or ``crs`` is none in metres.

    Notes
    -----
    The score is ours, a ranking to start talking from: it knows nothing of dates, crossings or
    what a district would offer.
    """
    trails = convert_indexed_layer(trails, "trails")
    districts = convert_indexed_layer(districts, "districts")
    table = walks(trails, districts, crs, minutes, network=network)
    counts = figures(shops, districts)
    length = pd.Series(geodesy.length_m(trails.geometry.to_numpy()), trails.index)
    table = table.drop(columns="bearing_deg").assign(
        trail_name=table["trail"].map(_label_rows(trails)),
        district_name=table["district"].map(_label_rows(districts)),
        length_m=table["trail"].map(length),
    )
    table = table.join(counts[COUNTED], on="district")
    # Score: members of the district for each minute of the walk. A district that contains the end
    # of the trail is 0 minutes away; one minute at least keeps its score finite.
    table["members_per_min"] = table["members"] / table["walk_min"].clip(lower=1)
    return table.sort_values(
        ["members_per_min", "distance_m", "trail", "district"],
        ascending=[False, True, True, True],
        ignore_index=True,
    )


def _label_rows(frame: gpd.GeoDataFrame) -> pd.Series:
    """Return the name of each row, its id where it has none, indexed by id."""
    ids: pd.Series = frame.index.to_series()
    if "name" not in frame:
        return ids
    names: pd.Series = frame["name"].astype(object).where(frame["name"].notna(), ids)
    return names
