"""Trails in numbers: length, ascent, sinuosity, surface; by area they add up to the whole."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from mapserver import along, geodesy
from mapserver.analysis.shops import assign

OUTSIDE = ""
"""Stands for the area of what lies in none."""


def by_trail(trails: gpd.GeoDataFrame) -> pd.DataFrame:
    """Describe each trail by numbers.

    Parameters
    ----------
    trails
        Lines in EPSG:4326, indexed by id, as ``city.trails``.

    Returns
    -------
    DataFrame
        Indexed as the trails: ``name`` and ``surface`` where they are there, ``length_m``
        (geodesic), ``ascent_m``, ``descent_m`` (NaN without heights), ``sinuosity`` (length over
        the straight distance between the ends; NaN for a loop) and ``loop``.
    """
    ways = [along.way(line) for line in trails.geometry]
    straight = np.array(
        [
            geodesy.distance_m(way.lon[0], way.lat[0], way.lon[-1], way.lat[-1])
            if len(way.lon)
            else np.nan
            for way in ways
        ],
        dtype=float,
    )
    loop = np.array([way.is_loop for way in ways], bool)
    length = geodesy.length_m(trails.geometry.to_numpy())
    with np.errstate(divide="ignore", invalid="ignore"):
        sinuosity = np.where(loop | (straight == 0), np.nan, length / straight)
    table = pd.DataFrame({"length_m": length}, index=trails.index)
    for column in ("ascent_m", "descent_m"):
        table[column] = trails.get(column, np.nan)
    named = [column for column in ("name", "surface") if column in trails]
    return pd.DataFrame(trails[named]).join(table.assign(sinuosity=sinuosity, loop=loop))


def split(trails: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Cut trails at the borders of areas, so that every metre belongs to one area or to none.

    Parameters
    ----------
    trails, areas
        Lines and polygons in EPSG:4326, indexed by id. Where polygons overlap, or share a border
        that a trail follows, the metres belong to the first by id.

    Returns
    -------
    GeoDataFrame
        A row for each trail and area: ``trail``, ``area`` (``""`` outside of all), ``length_m``
        and ``ascent_m`` (NaN without heights); of each trail they add up to its own.
    """
    rows = []
    by_id = areas.sort_index()
    tree = shapely.STRtree(by_id.geometry.to_numpy())
    for trail, line in trails.geometry.items():
        rest = line
        if line is None or line.is_empty:
            continue
        for at in sorted(tree.query(line, predicate="intersects")):
            area = by_id.geometry.iloc[at]
            inside = _lines(shapely.intersection(rest, area))
            if inside.is_empty:
                continue
            rows.append((trail, by_id.index[at], inside))
            rest = _lines(shapely.difference(rest, area))
        if not rest.is_empty:
            rows.append((trail, OUTSIDE, rest))
    pieces = gpd.GeoDataFrame(
        pd.DataFrame(rows, columns=["trail", "area", "geometry"]), crs=trails.crs
    )
    whole = geodesy.length_m(trails.geometry.to_numpy())
    length = _shared(pieces, geodesy.length_m(pieces.geometry.to_numpy()), trails.index, whole)
    ascent = np.full(len(pieces), np.nan)
    if "ascent_m" in trails:
        climbs = np.array([_climb(line) for line in pieces.geometry])
        ascent = _shared(pieces, climbs, trails.index, trails["ascent_m"].to_numpy(float))
    return pieces.assign(length_m=length, ascent_m=ascent)


def by_area(
    trails: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame | None = None
) -> pd.DataFrame:
    """Count the trails of each area.

    Parameters
    ----------
    trails, areas
        As for :func:`split`.
    facilities
        Points with ``kind``, to be counted where they lie.

    Returns
    -------
    DataFrame
        A row for each area, and one named ``""`` for what lies outside of all: ``trails`` (each
        counted once, where most of it lies), ``trails_through`` (any part of it lies there),
        ``length_m``, ``ascent_m``, and a column for each kind of facility. All but
        ``trails_through`` add up to the whole.
    """
    pieces = split(trails, areas)
    most = pieces.sort_values(["length_m", "area"], ascending=[False, True]).drop_duplicates(
        "trail"
    )
    table = pd.DataFrame(
        {
            "trails": most.groupby("area").size(),
            "trails_through": pieces.groupby("area")["trail"].nunique(),
            "length_m": pieces.groupby("area")["length_m"].sum(),
            "ascent_m": pieces.groupby("area")["ascent_m"].sum(),
        }
    )
    if facilities is not None and len(facilities):
        where = assign(facilities, areas).fillna(OUTSIDE)
        kinds = facilities["kind"].fillna("").replace("", "other")
        table = table.join(pd.crosstab(where, kinds), how="outer")
    table = table.reindex([*areas.index, OUTSIDE]).fillna(0.0)
    counts = [column for column in table if column not in {"length_m", "ascent_m"}]
    return table.astype(dict.fromkeys(counts, int)).rename_axis("area")


def by_surface(trails: gpd.GeoDataFrame, areas: gpd.GeoDataFrame | None = None) -> pd.DataFrame:
    """Add up the length of each surface, in all or area by area.

    Returns
    -------
    DataFrame
        ``length_m`` of each surface (rows: areas and ``""``, or one row ``all``); a trail without
        a surface counts as ``unknown``. The sum of all is the length of all trails.
    """
    surface = trails["surface"] if "surface" in trails else pd.Series(None, trails.index, dtype=str)
    surface = surface.fillna("unknown").replace("", "unknown")
    if areas is None:
        length = pd.Series(geodesy.length_m(trails.geometry.to_numpy()), trails.index)
        return length.groupby(surface).sum().to_frame("all").T
    pieces = split(trails, areas)
    table = pieces.pivot_table(
        "length_m", "area", pieces["trail"].map(surface), aggfunc="sum", fill_value=0.0
    )
    every: pd.DataFrame = table.reindex([*areas.index, OUTSIDE], fill_value=0.0)
    return every.rename_axis(columns=None)


def _lines(geometry: shapely.Geometry) -> shapely.Geometry:
    """Keep the lines of what an intersection gave; a touch at a point has no length."""
    parts = shapely.get_parts(geometry)
    return shapely.multilinestrings(parts[shapely.length(parts) > 0]) if len(parts) else geometry


def _climb(line: shapely.Geometry) -> float:
    """Add up what rises from vertex to vertex."""
    total = 0.0
    for part in shapely.get_parts(line):
        heights = shapely.get_coordinates(part, include_z=True)[:, 2]
        total += float(np.clip(np.diff(heights), 0, None).sum())
    return total


def _shared(
    pieces: gpd.GeoDataFrame, weight: np.ndarray, trails: pd.Index, whole: np.ndarray
) -> np.ndarray:
    """Share what is known of each trail among its pieces by weight; evenly where all weigh 0."""
    owner = trails.get_indexer(pd.Index(pieces["trail"]))
    sums = np.bincount(owner, weights=weight, minlength=len(trails))
    counts = np.bincount(owner, minlength=len(trails))
    even = (sums[owner] == 0) | ~np.isfinite(sums[owner])
    share = np.where(even, 1 / counts[owner], weight / np.where(even, 1, sums[owner]))
    return np.asarray(whole, float)[owner] * share
