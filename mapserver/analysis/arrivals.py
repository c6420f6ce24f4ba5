"""The way to a trail: stops, car parks and toilets near its ends and entrances.

What is asked of a layer of such points is what the public registers say, in their own columns;
``docs/getting_there.md`` lists them. What a register leaves empty stays empty here, too.
"""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS

from mapserver.analysis.frames import choose_plane, convert_indexed_layer
from mapserver.geo import geodesy
from mapserver.index import NearestIndex
from mapserver.model import arguments
from mapserver.settings import walking
from mapserver.text.cell_text import read_cell_text
from mapserver.text.yes_no import read_yes_or_no

NEAREST_PLACES = 3
"""So many of a kind are named for each end: on both sides of a street, and one more."""
ROUND_WALK_M = 20.0
"""Ends of a line as near as this are one place: the walk is a round."""
ACCESSIBLE_BAYS = ("has_accessible", "장애인전용주차구역보유여부")
"""Columns that say whether a car park has bays for disabled people."""
ACCESSIBLE_COUNT = "장애인용"
"""Columns of the register of toilets that count those for disabled people have this in common."""
DAY_CLASSES = {
    "weekday_hours": ("평일",),
    "saturday_hours": ("토요일",),
    "holiday_hours": ("공휴일", "일요일"),
}
"""Hours of a car park by class of day; local files write Sunday for the national "holiday"."""
OPENS, CLOSES = "운영시작시각", "운영종료시각"


def list_starts(
    trails: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame | None = None
) -> gpd.GeoDataFrame:
    """List the places where one comes to each trail: both ends of its line, and its entrances.

    Parameters
    ----------
    trails
        Lines in any CRS, indexed by id.
    facilities
        Points with ``trail`` and ``kind``; those of the kind ``entrance`` count.

    Returns
    -------
    GeoDataFrame
        EPSG:4326, columns ``trail`` and ``start``: ``start``, ``end`` or ``entrance``. A round
        walk has one end alone, and a trail without a line none.
    """
    lines = convert_indexed_layer(trails, "trails").to_crs(4326).geometry
    lines = lines[~(lines.isna() | lines.is_empty)]
    rows = []
    for id_, line in lines.items():
        points = shapely.get_coordinates(line)
        rows.append((id_, "start", shapely.Point(points[0])))
        # Geodesic metres between both ends of the line, by their degrees.
        ends = [[points[0, 0]], [points[0, 1]], [points[-1, 0]], [points[-1, 1]]]
        if geodesy.azimuth_and_distance(*ends)[1][0] > ROUND_WALK_M:
            rows.append((id_, "end", shapely.Point(points[-1])))
    if facilities is not None and {"trail", "kind"} <= set(facilities.columns):
        gates = facilities[
            (facilities["kind"] == "entrance") & facilities["trail"].isin(trails.index)
        ]
        gates = gates[~(gates.geometry.isna() | gates.geometry.is_empty)].to_crs(4326)
        rows += [
            (trail, "entrance", point)
            for trail, point in zip(gates["trail"], gates.geometry, strict=True)
        ]
    return gpd.GeoDataFrame(
        {"trail": [row[0] for row in rows], "start": [row[1] for row in rows]},
        geometry=[row[2] for row in rows],
        crs=4326,
    )


def find_arrivals(  # noqa: PLR0913 -- two layers, one more, and how to search
    trails: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame | None = None,
    crs: CRS | str | None = None,
    *,
    k: int = NEAREST_PLACES,
    reach_m: float = walking.ARRIVAL_REACH_M,
) -> pd.DataFrame:
    """Find the places nearest to where one comes to each trail: stops, car parks or toilets.

    Parameters
    ----------
    trails, places
        Lines and points in any CRS, indexed by id. Rows of places without a point are left out.
    facilities
        Points with ``trail`` and ``kind``, of which the entrances count beside the ends.
    crs
        Projected CRS in metres in which to search, as ``city.metric_crs``; by default one true to
        scale here.
    k
        How many places for each end or entrance.
    reach_m
        How far they may be, in metres in a straight line.

    Returns
    -------
    DataFrame
        A row for each end or entrance and place: ``trail``, ``start`` (``start``, ``end`` or
        ``entrance``), ``lon`` and ``lat`` of it in degrees, ``place`` (its id), ``distance_m``
        (geodesic) and ``walk_min`` at 4 km/h; by trail, nearest first. A trail without a row has
        no such place within reach.

    Raises
    ------
    CrsError
        A layer has no CRS, or ``crs`` is none in metres.
    """
    places = convert_indexed_layer(places, "places")
    reach_m = arguments.read_number(reach_m, "reach_m", zero=True)
    starts = list_starts(trails, facilities)
    # Registers keep rows without coordinates; they are counted elsewhere and near to nothing.
    placed = places[~(places.geometry.isna() | places.geometry.is_empty)]
    if starts.empty or placed.empty:
        columns = ["start", "lon", "lat", "place", "distance_m", "walk_min"]
        return pd.DataFrame({"trail": trails.index[:0]} | {c: [] for c in columns})
    plane = choose_plane(crs, starts, placed)
    lon, lat = starts.geometry.x.to_numpy(), starts.geometry.y.to_numpy()
    shapes = placed.to_crs(4326).geometry.to_numpy()
    nearest = NearestIndex.of(shapes, plane).query(
        lon, lat, k=min(k, len(placed)), max_distance_m=reach_m
    )
    pairs = pd.DataFrame(
        {
            "trail": starts["trail"].to_numpy()[nearest.point],
            "start": starts["start"].to_numpy()[nearest.point],
            "lon": lon[nearest.point],
            "lat": lat[nearest.point],
            "place": placed.index.to_numpy()[nearest.feature],
            "distance_m": nearest.distance_m,
        }
    )
    pairs["walk_min"] = pairs["distance_m"] / geodesy.WALKING_M_PER_MIN
    return pairs.sort_values(["trail", "distance_m", "place"], kind="stable", ignore_index=True)


def accessible_bays(parking: pd.DataFrame) -> pd.Series:
    """Read whether each car park has bays for disabled people: True, False, or None if unsaid."""
    column = next((name for name in ACCESSIBLE_BAYS if name in parking), None)
    cells = parking[column] if column else pd.Series(None, index=parking.index, dtype=object)
    return cells.map(_read_answer).astype(object)


def accessible_toilets(toilets: pd.DataFrame) -> pd.Series:
    """Read whether each toilet has a place for disabled people, from the counts of its register.

    Any count above 0 is a yes. A no needs a count: where all of them are empty nobody has counted,
    and the answer is None.
    """
    if "accessible" in toilets:
        return toilets["accessible"].map(_read_answer).astype(object)
    columns = [name for name in toilets.columns if ACCESSIBLE_COUNT in str(name)]
    # Counts are text in these files, "1" and "1.0" and " 2 "; what is none is as if it were empty.
    counts = toilets[columns].map(read_cell_text).apply(pd.to_numeric, errors="coerce")
    has_any, has_count = (counts > 0).any(axis=1), counts.notna().any(axis=1)
    # Where a register has no count of them at all, nobody has counted.
    answers: list[bool | None] = [
        bool(some) if counted else None for some, counted in zip(has_any, has_count, strict=True)
    ]
    return pd.Series(answers, index=toilets.index, dtype=object)


def opening_hours(parking: pd.DataFrame) -> pd.DataFrame:
    """Read the hours of car parks by class of day, as their register writes them.

    Returns
    -------
    DataFrame
        ``weekday_hours``, ``saturday_hours`` and ``holiday_hours`` as text (``09:00-18:00``);
        empty where either end is. 00:00-00:00 says that nobody has entered them, or that it is
        closed: the files do not tell which, so it is empty, too.
    """
    hours = pd.DataFrame("", index=parking.index, columns=list(DAY_CLASSES))
    for column, words in DAY_CLASSES.items():
        for word in words:
            if {word + OPENS, word + CLOSES} <= set(parking.columns):
                # A column in which nothing stands is one of numbers, and stays one without rows.
                opens, closes = (
                    parking[word + part].astype(object).map(read_cell_text)
                    for part in (OPENS, CLOSES)
                )
                is_known = (opens != "") & (closes != "") & (opens != closes)
                hours[column] = (opens + "-" + closes).where(is_known, "")
                break
    return hours


def _read_answer(cell: object) -> bool | None:
    try:
        return read_yes_or_no(read_cell_text(cell))
    except ValueError:
        return None
