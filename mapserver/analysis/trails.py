"""Figures of trails: length, ascent, sinuosity and surface, whose parts by area add up to all."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from mapserver.analysis import trail_line
from mapserver.analysis.frames import AREA, OUTSIDE, convert_indexed_layer, select_polygons
from mapserver.analysis.line_steps import LineSteps
from mapserver.analysis.shops import assign
from mapserver.geo import extent, geodesy
from mapserver.geo.geodesy import Floats
from mapserver.model import arguments

__all__ = ["OUTSIDE", "by_area", "by_surface", "by_trail", "split"]

THROUGH_M = 0.001
"""The least length of a trail in an area that it passes through; less comes from rounding."""
COUNTED = ("trails", "trails_through", "length_m", "ascent_m")


def by_trail(trails: gpd.GeoDataFrame) -> pd.DataFrame:
    """Describe each trail by numbers.

    Parameters
    ----------
    trails
        Lines in any CRS, indexed by id, as ``city.trails``; their ``ascent_m`` and ``descent_m``
        are those of the layer.

    Returns
    -------
    DataFrame
        Indexed as the trails: ``name`` and ``surface`` where trails have them, ``length_m``
        (geodesic; a gap between two segments is not walked), ``ascent_m``, ``descent_m`` (NaN
        without heights), ``sinuosity`` (length over the straight distance between the ends, Mueller
        1968; NaN for a loop and without a line; a gap counts only in the straight distance) and
        ``loop`` (the ends are within 20 m). Of a trail without a line all of these are unknown.

    Raises
    ------
    CrsError
        The trails have no CRS.

    Examples
    --------
    >>> import geopandas, shapely
    >>> corner = shapely.LineString([(0, 0), (0, 300), (400, 300)])
    >>> trails = geopandas.GeoDataFrame(geometry=[corner], crs="EPSG:5186")
    >>> trails.geometry = trails.translate(186_000, 282_000)
    >>> round(by_trail(trails)["sinuosity"].iloc[0], 3)  # 700 m for 500 m
    np.float64(1.4)
    """
    trails = convert_indexed_layer(trails, "trails")
    ways = [trail_line.measure_line(line) for line in trails.geometry]
    straight_m = np.array(
        [
            geodesy.distance_m(way.lon[0], way.lat[0], way.lon[-1], way.lat[-1])
            if len(way.lon)
            else np.nan
            for way in ways
        ],
        dtype=float,
    )
    is_line = np.array([len(way.lon) > 0 for way in ways], bool)
    is_loop = np.array([way.is_loop for way in ways], bool)
    length_m = np.where(is_line, geodesy.length_m(trails.geometry.to_numpy()), np.nan)
    # Sinuosity = length / straight distance between the ends (Mueller 1968). Ends of a loop are
    # next to each other by design, so the ratio would say nothing about its bends.
    with np.errstate(divide="ignore", invalid="ignore"):
        sinuosity = np.where(is_loop | (straight_m == 0), np.nan, length_m / straight_m)
    table = pd.DataFrame({"length_m": length_m}, index=trails.index)
    for column in ("ascent_m", "descent_m"):
        table[column] = trails.get(column, np.nan)
    name_columns = [column for column in ("name", "surface") if column in trails]
    table = table.assign(sinuosity=sinuosity, loop=is_loop)
    if not is_line.all():
        table["loop"] = table["loop"].astype("boolean").mask(~is_line)
    return pd.DataFrame(trails[name_columns]).join(table)


def split(trails: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Cut trails at the borders of areas, so that every metre belongs to one area or to none.

    Parameters
    ----------
    trails, areas
        Lines and polygons in any CRS, indexed by id. Where polygons overlap, or share a border
        that a trail follows, the metres belong to the first by id.

    Returns
    -------
    GeoDataFrame
        EPSG:4326, indexed by ``area`` (``""`` outside of all) and ``trail``, trail by trail:
        ``length_m`` (geodesic), ``ascent_m`` (NaN without heights) and the part of the line. Of
        each trail they add up to its own. A trail without a line has no row.

    Raises
    ------
    CrsError
        A layer has no CRS.

    Notes
    -----
    Each step from vertex to vertex is cut where it crosses a border (edges are straight in
    lon/lat), and its length is divided in proportion to the pieces. A way walked there and back
    counts twice, as it does in the trail's length. The trail's own ``ascent_m`` is divided in
    proportion to the rise of its line in each area. The rise of the line counts small waves of the
    heights, the trail's ascent does not; the proportion brings both to the same total.
    """
    trails, areas = convert_indexed_layer(trails, "trails"), convert_indexed_layer(areas, "areas")
    by_id = select_polygons(areas).sort_index()
    lines = trails.geometry.to_numpy()
    middle_lon, _ = extent.find_middle(shapely.get_coordinates(lines))
    # Across the antimeridian longitudes jump from 180 to -180. Both layers are counted on from
    # the middle of the trails, beyond 180, so that each step is a short straight line.
    is_over = bool((np.ptp(shapely.bounds(lines)[:, [0, 2]], axis=1) > 180).any())
    if is_over:
        lines = extent.unroll_geometries(lines, middle_lon)
        by_id = gpd.GeoSeries(extent.unroll_geometries(by_id.to_numpy(), middle_lon), by_id.index)
    steps = LineSteps.from_lines(lines)
    step, start, end, area = steps.cut_steps(by_id.to_numpy())
    share = steps.share_lengths(step, start, end)
    pieces = pd.DataFrame(
        {
            "trail": steps.trail[step],
            "area": area,
            "length_m": steps.length_m[step] * share,
            "climb": steps.climb_m[step] * share,
        }
    )
    pieces = pieces.groupby(["trail", "area"], as_index=False).sum()
    # Pieces outside of all areas (-1) come last.
    pieces = pieces.sort_values(["trail", "area"], key=lambda c: c.where(c >= 0, len(by_id)))
    ascent = np.full(len(pieces), np.nan)
    if "ascent_m" in trails:
        ascent = _share_ascent(pieces, trails["ascent_m"].to_numpy(float))
    names = np.append(by_id.index.to_numpy(dtype=object), OUTSIDE)
    return gpd.GeoDataFrame(
        {
            AREA: names[pieces["area"]],
            "trail": trails.index.to_numpy()[pieces["trail"]],
            "length_m": pieces["length_m"].to_numpy(),
            "ascent_m": ascent,
        },
        geometry=extent.roll_geometries(steps.join_lines(step, start, end, area, pieces)),
        crs=geodesy.LONLAT,
    ).set_index([AREA, "trail"])


def by_area(
    trails: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame | None = None
) -> pd.DataFrame:
    """Count the trails of each area.

    Parameters
    ----------
    trails, areas
        As for :func:`split`.
    facilities
        Points in any CRS with ``kind``, to be counted where they lie; on a border in the first
        area by id, without a place outside.

    Returns
    -------
    DataFrame
        Indexed by ``area``, with a row ``""`` for what lies outside of all: ``trails`` (each
        counted once, where most of it lies; without a line outside), ``trails_through`` (at least
        a millimetre of it lies there, not only a point), ``length_m``, ``ascent_m`` (NaN where one
        of the trails has no heights), and a
        column for each kind of facility (``facility_<kind>`` if it is named as one of ours,
        ``other`` without a kind). All but ``trails_through`` add up to the whole.

    Raises
    ------
    CrsError
        A layer has no CRS.

    Notes
    -----
    Zones that were dissolved from the neighbourhoods have the sums of their neighbourhoods. Zones
    from a file of their own have them only where both follow the same borders.
    """
    pieces = split(trails, areas).reset_index()
    # A trail counts where its largest piece lies; of two equal pieces in the first area by id.
    largest_pieces = pieces.sort_values(
        ["length_m", "area"], ascending=[False, True], kind="stable"
    )
    largest_pieces = largest_pieces.drop_duplicates("trail")
    groups = pieces.groupby(AREA)
    table = pd.DataFrame(
        {
            "trails": largest_pieces.groupby(AREA).size(),
            "trails_through": pieces[pieces["length_m"] >= THROUGH_M].groupby(AREA).size(),
            "length_m": groups["length_m"].sum(),
            # A sum of which a part is unknown is unknown.
            "ascent_m": groups["ascent_m"].agg(lambda parts: parts.sum(skipna=False)),
        }
    )
    table = table.reindex([*areas.index, OUTSIDE])
    # In an area without a trail nothing rises: 0, not unknown.
    is_empty = ~table.index.isin(pieces["area"])
    table["ascent_m"] = table["ascent_m"].mask(is_empty, 0.0)
    if facilities is not None:
        arguments.require_frame(facilities, "facilities")
    if facilities is not None and len(facilities):
        table = table.join(_count_facilities(facilities, areas))
    is_additive = table.columns != "ascent_m"
    table.loc[:, is_additive] = table.loc[:, is_additive].fillna(0.0)
    # A trail without a line has no piece; it counts outside, so that all trails are counted.
    lineless_count = len(trails) - len(largest_pieces)
    table["trails"] += np.where(table.index == OUTSIDE, lineless_count, 0)
    counts = [column for column in table if column not in {"length_m", "ascent_m"}]
    return table.astype(dict.fromkeys(counts, int)).rename_axis(AREA)


def by_surface(trails: gpd.GeoDataFrame, areas: gpd.GeoDataFrame | None = None) -> pd.DataFrame:
    """Add up the length of each surface, in all or area by area.

    Parameters
    ----------
    trails, areas
        As for :func:`split`; the trails' ``surface`` is one for the whole trail.

    Returns
    -------
    DataFrame
        ``length_m`` of each surface, indexed by ``area`` (areas and ``""``, or one row ``all``);
        a trail without a surface counts as ``unknown``. The sum of all is the length of all
        trails, in metres.

    Raises
    ------
    CrsError
        A layer has no CRS.
    """
    trails = convert_indexed_layer(trails, "trails")
    surfaces = (
        trails["surface"] if "surface" in trails else pd.Series(None, trails.index, dtype=str)
    )
    surfaces = surfaces.fillna("unknown").replace("", "unknown")
    if areas is None:
        length_m = pd.Series(geodesy.length_m(trails.geometry.to_numpy()), trails.index)
        return length_m.groupby(surfaces).sum().to_frame("all").T.rename_axis(AREA)
    pieces = split(trails, areas).reset_index()
    table = pieces.groupby(["area", pieces["trail"].map(surfaces)])["length_m"].sum().unstack()
    lengths: pd.DataFrame = table.reindex([*areas.index, OUTSIDE]).fillna(0.0)
    return lengths.rename_axis(AREA).rename_axis(columns=None)


def _count_facilities(facilities: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Count facilities by area and kind."""
    area_ids = assign(facilities, areas).fillna(OUTSIDE)
    kinds = facilities["kind"] if "kind" in facilities else pd.Series(None, facilities.index)
    kinds = kinds.astype(object).where(kinds.notna(), "").replace("", "other")
    table = pd.crosstab(area_ids, kinds)
    # A kind may be named like a column of trails.
    return table.rename(columns={kind: f"facility_{kind}" for kind in COUNTED})


def _share_ascent(pieces: pd.DataFrame, ascent_m: Floats) -> Floats:
    """Divide the ascent of each trail by the rise of its pieces, by their length if none rises."""
    groups = pieces.groupby("trail")
    trail_climb, trail_length_m = (
        groups["climb"].transform("sum"),
        groups["length_m"].transform("sum"),
    )
    shares = np.where(
        trail_climb > 0, pieces["climb"] / trail_climb, pieces["length_m"] / trail_length_m
    )
    ascents_m: Floats = ascent_m[pieces["trail"]] * shares
    return ascents_m
