"""Slopes of trails and places to sit down: what wheels and weak knees meet, as figures."""

from __future__ import annotations

from dataclasses import asdict

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from mapserver.analysis.frames import choose_plane, convert_indexed_layer, convert_layer
from mapserver.analysis.trail_line import locate_on_line, measure_line
from mapserver.geo.slopes import SLOPE_COLUMNS, measure_slopes

__all__ = ["measure_trails"]

BENCH = "bench"
"""The kind of facilities on which one rests."""


def measure_trails(
    trails: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame | None = None,
    *,
    crs: CRS | str | None = None,
) -> pd.DataFrame:
    """Measure how steep each trail is over 30 m, and how far one walks from bench to bench.

    Parameters
    ----------
    trails
        Lines in any CRS with heights in metres, indexed by id, as ``city.trails``; an unknown
        height is NaN.
    facilities
        Points in any CRS with ``trail`` and ``kind``, as ``city.facilities``; without them there
        are no columns about benches.
    crs
        Projected CRS in metres in which benches are put on their trail, as ``city.metric_crs``; by
        default one true to scale around the trails.

    Returns
    -------
    DataFrame
        Indexed as the trails: ``slope_1_18_share`` (up to 5.56 %), ``slope_1_12_share``
        (from there up to 8.33 %), ``slope_over_share`` and ``slope_unknown_share``, shares of
        the length that add up to 1 (the first three NaN where no slope is known);
        ``steepest_30m_percent``, up or down, and ``steepest_at_m``, where it begins, in metres
        walked from the start (NaN where unknown). With facilities ``benches``, and
        ``longest_without_bench_m`` along the trail, from its start and to its end, too; NaN without
        a bench that has a place: nobody says that there is none.

    Raises
    ------
    CrsError
        A layer has no CRS, or ``crs`` is none in metres.

    Notes
    -----
    The slope over the window of 30 m that begins at a is ``100 * abs(h(a + 30) - h(a)) / 30`` per
    cent, with heights h joined by straight lines; a place has the slope of the window around it.
    Limits are those of access paths (Enforcement Rule of the Act on Convenience of Persons with
    Disabilities, table 1: 1/18, and 1/12 where the terrain forces it);
    ``mapserver.settings.walking`` has them. ``docs/analysis.md`` says when a slope is unknown.

    Examples
    --------
    >>> import geopandas, shapely
    >>> ramp = shapely.LineString([(0, 0, 40), (0, 45, 42.5), (0, 90, 42.5)])
    >>> moved = shapely.transform(ramp, lambda at: at + (186_000, 282_000, 0), include_z=True)
    >>> trails = geopandas.GeoDataFrame(geometry=[moved], crs="EPSG:5186")
    >>> slopes = measure_trails(trails).iloc[0]
    >>> round(slopes["steepest_30m_percent"], 1), round(slopes["slope_1_18_share"], 1)
    (np.float64(5.6), np.float64(1.0))
    """
    trails = convert_indexed_layer(trails, "trails")
    lines = trails.geometry.to_numpy()
    rows = [asdict(measure_slopes(line)) for line in lines]
    table = pd.DataFrame(rows, trails.index, columns=list(SLOPE_COLUMNS), dtype=float)
    if facilities is None:
        return table
    facilities = convert_layer(facilities, "facilities")
    plane = choose_plane(crs, trails)
    is_bench = pd.Series(False, facilities.index)
    if {"kind", "trail"} <= set(facilities.columns):
        is_bench = facilities["kind"] == BENCH
    benches = facilities[is_bench.to_numpy()]
    points_by_trail: dict[object, list[shapely.Point]] = {}
    for trail, point in zip(benches.get("trail", []), benches.geometry, strict=True):
        points_by_trail.setdefault(trail, []).append(point)
    # In the order of the trails; of one that no bench names the list is empty.
    benches_of_trails = [points_by_trail.get(trail, []) for trail in trails.index]
    stretches_m = [
        find_longest_stretch(line, points, plane)
        for line, points in zip(lines, benches_of_trails, strict=True)
    ]
    counts = list(map(len, benches_of_trails))
    return table.assign(benches=counts, longest_without_bench_m=stretches_m)


def find_longest_stretch(
    line: shapely.Geometry | None, points: list[shapely.Point], crs: CRS
) -> float:
    """Find how far one walks at most without coming by a point.

    Parameters
    ----------
    line
        The trail in EPSG:4326.
    points
        In EPSG:4326; those without a place are passed over.
    crs
        Projected CRS in metres.

    Returns
    -------
    float
        Metres along the trail between two of them, from its start to the first or from the last to
        its end; NaN without a line or a point that has a place.
    """
    places = [point for point in points if point is not None and not point.is_empty]
    if line is None or line.is_empty or not places:
        return float("nan")
    # From the start to the first, from each to the next, and from the last to the end.
    # From the start to the first, from each to the next, and from the last to the end.
    distances_m = sorted(locate_on_line(line, point, crs).distance_m for point in places)
    return float(np.diff([0.0, *distances_m, measure_line(line).length_m]).max())
